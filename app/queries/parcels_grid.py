"""What the grid of the pool shows beside a parcel: what it rides in the plan, and what people decided about its way."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.db import fetch
from app.models import (
    BulkEdit,
    BulkEditRow,
    ChannelRule,
    Departure,
    Parcel,
    PlanLeg,
    Service,
)
from app.queries.paging import Keyset, Page, instant

SALEABLE = ("planned", "open")
MOST_CHOICES = 300
Values = dict[str, Any]
RIDES = (
    select(
        PlanLeg.itinerary_id, PlanLeg.departs_at, PlanLeg.arrives_at, Departure.public_id, Departure.number,
        Service.code, Service.mode,
    )
    .join(Departure, Departure.id == PlanLeg.departure_id)
    .join(Service, Service.id == Departure.service_id)
    .where(PlanLeg.itinerary_id.in_(bindparam("itineraries", expanding=True)))
)  # fmt: skip
Served = aliased(Service)
"""That of the departure a rule names."""
RULES = (
    select(
        ChannelRule.parcel_id, ChannelRule.kind, ChannelRule.mode, ChannelRule.until, ChannelRule.created_by,
        func.coalesce(Service.code, Served.code).label("code"), Departure.number,
        Departure.public_id.label("departure"),
    )
    .outerjoin(Service, Service.id == ChannelRule.service_id)
    .outerjoin(Departure, Departure.id == ChannelRule.departure_id)
    .outerjoin(Served, Served.id == Departure.service_id)
    .where(
        ChannelRule.parcel_id.in_(bindparam("parcels", expanding=True)),
        or_(ChannelRule.until.is_(None), ChannelRule.until > bindparam("now", type_=ChannelRule.until.type)),
    )
    .order_by(ChannelRule.kind.desc(), ChannelRule.id)
)  # fmt: skip
EDITS = Keyset(BulkEdit.created_at, BulkEdit.id, read=instant, falling=True)


@dataclass(frozen=True, slots=True)
class Ride:
    """The longest dated leg of the way a plan has for a parcel."""

    public_id: str
    number: str
    service_code: str
    mode: str
    departs_at: datetime


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A pin or ban, in words people know."""

    kind: str
    by: str
    name: str
    departure: str | None
    """Public id, where it is one."""
    until: datetime | None
    created_by: str


def rides(session: Session, itineraries: Sequence[int | None]) -> dict[int, Ride]:
    """The main departure of each itinerary, by its id: the one that is under way for longest."""
    wanted = {one for one in itineraries if one is not None}
    if not wanted:
        return {}
    rows = sorted(
        fetch(session, RIDES, itineraries=list(wanted)), key=lambda row: row.arrives_at - row.departs_at
    )
    return {
        row.itinerary_id: Ride(row.public_id, row.number, row.code, row.mode, row.departs_at) for row in rows
    }


def rules(session: Session, parcels: Sequence[int], now: datetime) -> dict[int, list[RuleRow]]:
    """The pins and bans of parcels that hold, by parcel, pins first."""
    found: defaultdict[int, list[RuleRow]] = defaultdict(list)
    for rule in fetch(session, RULES, parcels=parcels, now=now) if parcels else ():
        by = "mode" if rule.mode else "departure" if rule.departure else "service"
        name = rule.mode or (f"{rule.code} {rule.number}" if rule.departure else rule.code)
        found[rule.parcel_id].append(
            RuleRow(rule.kind, by, name, rule.departure, rule.until, rule.created_by)
        )
    return found


def channel_choices(session: Session, now: datetime) -> tuple[list[tuple[str, str, str]], list[str]]:
    """Services as (code, English, Chinese name), and the next departures as `service number`."""
    services = session.execute(select(Service.code, Service.name_en, Service.name_zh).order_by(Service.code))
    query = (
        select(Service.code, Departure.number)
        .join(Departure, Departure.service_id == Service.id)
        .where(Departure.status.in_(SALEABLE), Departure.departs_at > now)
        .order_by(Departure.departs_at)
        .limit(MOST_CHOICES)
    )
    return [(code, en, zh) for code, en, zh in services], [
        f"{code} {number}" for code, number in session.execute(query)
    ]


def channel_names(
    session: Session, channels: Collection[tuple[str, int | str]]
) -> dict[tuple[str, int | str], str]:
    """The codes of services and the services and numbers of departures, by kind and row id."""
    ids = {kind: [value for by, value in channels if by == kind] for kind in ("service", "departure")}
    services = select(Service.id, Service.code).where(Service.id.in_(ids["service"]))
    departures = select(Departure.id, Service.code, Departure.number).join(
        Service, Service.id == Departure.service_id
    )
    found: dict[tuple[str, int | str], str] = {
        ("service", row[0]): row[1] for row in session.execute(services)
    }
    chosen = departures.where(Departure.id.in_(ids["departure"]))
    return found | {("departure", row[0]): f"{row[1]} {row[2]}" for row in session.execute(chosen)}


def edits(session: Session, cursor: str | None, limit: int = 50) -> Page[BulkEdit]:
    """Edits of many parcels, the newest first."""
    found = session.execute(EDITS.slice(select(BulkEdit, BulkEdit.id), cursor, limit)).all()
    page = EDITS.page(found, limit, lambda row: (row.BulkEdit.created_at, row.id))
    return Page([row.BulkEdit for row in page.items], page.next_cursor)


def edit_of(session: Session, public_id: str) -> BulkEdit | None:
    """One edit."""
    return session.scalar(select(BulkEdit).where(BulkEdit.public_id == public_id))


def edited_rows(session: Session, edit_id: int, limit: int) -> list[tuple[str, str, Values, Values]]:
    """The first parcels of an edit: public id, reference, what they were and became."""
    query = (
        select(Parcel.public_id, Parcel.reference, BulkEditRow.before, BulkEditRow.after)
        .join(Parcel, Parcel.id == BulkEditRow.parcel_id)
        .where(BulkEditRow.edit_id == edit_id)
        .order_by(BulkEditRow.id)
        .limit(limit)
    )
    return [(row[0], row[1], row[2], row[3]) for row in session.execute(query)]


def edits_of_parcel(
    session: Session, parcel_id: int, limit: int = 10
) -> list[tuple[BulkEdit, Values, Values]]:
    """The last edits that changed a parcel, the newest first: who, when, before and after."""
    query = (
        select(BulkEdit, BulkEditRow.before, BulkEditRow.after)
        .join(BulkEdit, BulkEdit.id == BulkEditRow.edit_id)
        .where(BulkEditRow.parcel_id == parcel_id)
        .order_by(BulkEdit.id.desc())
        .limit(limit)
    )
    return [(row[0], row[1], row[2]) for row in session.execute(query)]
