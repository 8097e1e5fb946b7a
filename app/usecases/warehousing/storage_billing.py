"""Charge a day: the storage of all that lay in a warehouse at its end, and the work that was done on it.

What is charged follows from the moves alone, so a night that runs late, or twice, charges what it would have charged.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Table, cast, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.errors import FieldError, Invalid
from app.models import Location, StockPosting, Warehouse, WarehouseCharge, WarehouseChargedDay
from app.queries.stock_days import Lying, lying_at
from app.usecases.importing.tables import table_of
from app.usecases.warehousing.fees import PriceBook, rows_on
from app.usecases.warehousing.lots import insert_missing
from app.usecases.warehousing.work_billing import work_between
from trade.errors import TradeError
from trade.warehouse_fees import Charge, storage_charge, work_charges
from warehouses.stock import NEVER

GRACE = timedelta(minutes=15)
"""So long after midnight everything that was posted on the day before is there to be read."""
DAY = timedelta(days=1)
CHUNK = 20_000
STORAGE = "storage"
Values = dict[str, Any]


def next_day(session: Session, warehouse_id: int, now: datetime) -> date | None:
    """The first day of a warehouse that is over and not charged yet; None where all are, or nothing ever happened."""
    zone = zone_of(session, warehouse_id)
    last = session.scalar(
        select(func.max(WarehouseChargedDay.day)).where(WarehouseChargedDay.warehouse_id == warehouse_id)
    )
    if last is None:
        first = session.scalar(
            select(func.min(StockPosting.at)).where(StockPosting.warehouse_id == warehouse_id)
        )
        if first is None:
            return None
        last = first.astimezone(zone).date() - DAY
    return last + DAY if last < last_over(zone, now) else None


def last_over(zone: ZoneInfo, now: datetime) -> date:
    """The last day that is over in a zone, and all of whose postings are there to be read."""
    return (now - GRACE).astimezone(zone).date() - DAY


def zone_of(session: Session, warehouse_id: int) -> ZoneInfo:
    """The time zone a warehouse's days are counted in."""
    name = session.scalars(
        select(Location.time_zone)
        .join(Warehouse, Warehouse.location_id == Location.id)
        .where(Warehouse.id == warehouse_id)
    ).one()
    return ZoneInfo(name)


def charge_day(session: Session, now: datetime, warehouse_id: int, day: date) -> int:
    """Charge one day of a warehouse that is over; returns how many charges were written, 0 where it was done before.

    Raises Invalid naming the fee where rows of its price list contradict each other.
    """
    marker = {"warehouse_id": warehouse_id, "day": day, "charges": 0, "charged_at": now}
    # Whoever comes second waits for the first, and then finds the day charged.
    new = insert_missing(session, WarehouseChargedDay, [marker]).returning(WarehouseChargedDay.day)
    if session.scalar(new) is None:
        return 0
    book = PriceBook(rows_on(session, warehouse_id, day), day)
    if not book:
        return 0
    zone = zone_of(session, warehouse_id)
    start, end = (datetime.combine(on, time(), zone).astimezone(now.tzinfo) for on in (day, day + DAY))
    try:
        rows = [
            *_storage(session, book, warehouse_id, day, end),
            *_work(session, book, warehouse_id, start, end),
        ]
    except TradeError as error:
        place = FieldError(
            error.field, error.code, error.detail, "correct the price list", f"$.{error.field}"
        )
        raise Invalid(error.detail, (place,)) from error
    written = _write(session, [{"warehouse_id": warehouse_id, "day": day} | row for row in rows])
    done = (WarehouseChargedDay.warehouse_id == warehouse_id) & (WarehouseChargedDay.day == day)
    session.execute(update(WarehouseChargedDay).where(done).values(charges=written))
    return written


def age_on(day: date, received_on: date) -> int:
    """Days since it was received; 0 for what is still counted as on its way."""
    return 0 if received_on == NEVER else max(0, (day - received_on).days)


def _storage(
    session: Session, book: PriceBook, warehouse_id: int, day: date, end: datetime
) -> Iterator[Values]:
    lots: list[Lying] = lying_at(session, warehouse_id, end)
    for lot in lots:
        price = book.of(lot.owner_id).get(STORAGE)
        if price is None:
            continue
        age = age_on(day, lot.received_on)
        charge = storage_charge(price, lot.volume_cm3 * lot.pieces, age)
        if charge is not None:
            yield _values(charge, lot.owner_id, "", lot.lot_id, age)


def _work(
    session: Session, book: PriceBook, warehouse_id: int, start: datetime, end: datetime
) -> Iterator[Values]:
    for posting, owner_id, work in work_between(session, warehouse_id, start, end):
        for charge in work_charges(book.of(owner_id), work):
            yield _values(charge, owner_id, posting, 0, None)


def _values(charge: Charge, owner_id: int, posting: str, lot_id: int, age_days: int | None) -> Values:
    return {
        "exporter_id": owner_id, "code": charge.code, "basis": charge.basis, "subject": posting, "lot_id": lot_id,
        "band_from": charge.band_from, "quantity": charge.quantity, "age_days": age_days,
        "price_micros": charge.price_micros, "currency": charge.currency, "minimum_minor": charge.minimum_minor,
    }  # fmt: skip


def _write(session: Session, rows: list[Values]) -> int:
    table, postgres = table_of(WarehouseCharge), session.get_bind().dialect.name == "postgresql"
    connection = session.connection()
    for at in range(0, len(rows), CHUNK):
        chunk = rows[at : at + CHUNK]
        if postgres:
            connection.execute(_as_arrays(table, chunk))
        else:
            connection.execute(sqlite.insert(table).on_conflict_do_nothing(), chunk)
    return len(rows)


def _as_arrays(table: Table, rows: list[Values]) -> Any:  # noqa: ANN401 (a statement)
    """One INSERT of many rows, an array a column: what would be a round trip a row is one for all."""
    columns = [table.c[name] for name in rows[0]]
    arrays = [
        func.unnest(cast([row[column.name] for row in rows], postgresql.ARRAY(column.type)))
        for column in columns
    ]
    return postgresql.insert(table).from_select(columns, select(*arrays)).on_conflict_do_nothing()
