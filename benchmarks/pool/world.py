"""A pool of any size, written by the database itself from numbers: three of four parcels wait, ten clients own them."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.ids import new_id
from app.models import Location, Party

NOW = datetime(2026, 11, 26, 1, 30, tzinfo=UTC)
CLIENTS, PLACES = 10, 8
NUMBERS = {
    "sqlite": """WITH RECURSIVE series(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < :parcels)""",
    "postgresql": """WITH series AS (SELECT generate_series(1, CAST(:parcels AS bigint)) AS n)""",
}
INSTANT = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%S.000000', :base + {minutes} * 60, 'unixepoch')",
    "postgresql": "to_timestamp(:base + {minutes} * 60)",
}
"""The instant so many minutes after the base, as each database keeps it."""


def furnish(session: Session, parcels: int) -> None:
    """Write clients, places and the parcels; statistics are as the database would take them itself."""
    owners = [
        Party(public_id=new_id("exp"), reference=f"EXP{nth:02}", name=f"Client {nth}", country="CN", roles=["exporter"],
              created_at=NOW)
        for nth in range(CLIENTS)
    ]  # fmt: skip
    ends = [
        Location(public_id=new_id("loc"), code=f"CNX{nth:02}", kind="port", name_en=f"Place {nth}", name_zh=f"{nth}",
                 country="CN", unlocode=f"CNX{nth:02}", time_zone="Asia/Shanghai", latitude=36.0, longitude=120.0,
                 source="example")
        for nth in range(PLACES)
    ]  # fmt: skip
    session.add_all([*owners, *ends])
    session.flush()
    kind = session.connection().dialect.name
    if kind == "postgresql":
        session.execute(text("SET LOCAL statement_timeout = 0"))
    ready = INSTANT[kind].format(minutes="(n * 7919 % 80000)")
    due = INSTANT[kind].format(minutes="(90000 + n * 104729 % 40000)")
    session.execute(
        text(
            f"""INSERT INTO parcel (public_id, exporter_id, reference, direction, origin_id, destination_id, weight_g,
                volume_cm3, goods_class, value_minor, currency, ready_at, deliver_by, hard_deadline, status, created_at)
            {NUMBERS[kind]}
            SELECT 'pcl_' || n, :owner + n % {CLIENTS}, 'ORDER-' || n,
                CASE WHEN n % 10 = 0 THEN 'return' ELSE 'export' END, :place + n % 4, :place + 4 + n % 4,
                100 + n * 31 % 30000, 500 + n % 90000, 'general', 4900, 'CNY', {ready},
                CASE WHEN n % 5 = 0 THEN NULL ELSE {due} END, false,
                CASE WHEN n % 4 = 0 THEN 'delivered' ELSE 'pending' END, {ready}
            FROM series"""
        ),
        {"parcels": parcels, "owner": owners[0].id, "place": ends[0].id, "base": int(NOW.timestamp())},
    )
    session.execute(text("ANALYZE"))
