"""A place where parcels are received: what is expected today, what came, what differs, and what is being built."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.models import (
    Booking,
    BookingLeg,
    BookingLine,
    Departure,
    Location,
    Parcel,
    ParcelMeasure,
    ParcelReceipt,
    Party,
    Warehouse,
)
from app.queries.paging import AnySelect, Keyset, Page, instant
from app.queries.paper_facts import DEAD
from app.queries.places import Place, places
from app.usecases.loading.opening import begins_at

COMING = ("pending", "picked_up", "customs_released", "in_transit", "delivery_delayed")
BY_READY = Keyset(Parcel.ready_at, Parcel.id, read=instant)
LAST_RECEIVED = Keyset(ParcelReceipt.at, ParcelReceipt.id, read=instant, falling=True)
LAST_MEASURED = Keyset(ParcelMeasure.at, ParcelMeasure.id, read=instant, falling=True)


@dataclass(frozen=True, slots=True)
class HubCounts:
    """What a place has to do today, by the clock of the place."""

    expected: int
    received: int
    alerts: int


@dataclass(frozen=True, slots=True)
class HubParcel:
    """A parcel as a place sees it: with the departure it goes on with, if it is booked on one."""

    parcel: Parcel
    exporter: str
    origin: Place
    destination: Place
    booking: str | None
    departure_id: str | None
    departure_number: str | None
    cutoff_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """A parcel that was received."""

    receipt: ParcelReceipt
    row: HubParcel


@dataclass(frozen=True, slots=True)
class AlertRow:
    """A measure that differs from what was declared, by more than is allowed, and waits for a decision."""

    measure: ParcelMeasure
    row: HubParcel
    place: Place


def day_of(place: Location, now: datetime) -> tuple[datetime, datetime]:
    """When the day that it is at a place begins and ends."""
    zone = ZoneInfo(place.time_zone)
    today = now.astimezone(zone).date()
    ends = (datetime.combine(today + timedelta(days=more), time(), zone) for more in (0, 1))
    start, end = (one.astimezone(UTC) for one in ends)
    return start, end


def counts(session: Session, place: Location, now: datetime) -> HubCounts:
    """How many are expected, were received today, and wait for a decision."""
    start, end = day_of(place, now)
    here = ParcelReceipt.location_id == place.id
    received = select(func.count()).select_from(ParcelReceipt).where(
        here, ParcelReceipt.at >= start, ParcelReceipt.at < end
    )  # fmt: skip
    return HubCounts(
        session.scalar(select(func.count()).select_from(Parcel).where(*_expected(place, end))) or 0,
        session.scalar(received) or 0,
        session.scalar(select(func.count()).select_from(ParcelMeasure).where(_alert(), _at(place))) or 0,
    )


def expected(
    session: Session, place: Location, now: datetime, *, cursor: str | None = None, limit: int = 50
) -> Page[HubParcel]:
    """Booked parcels that should be here by the end of the day and were not received, by the time they are ready."""
    query = select(Parcel, Party.reference).join(Party, Party.id == Parcel.exporter_id)
    query = query.where(*_expected(place, day_of(place, now)[1]))
    found = session.execute(BY_READY.slice(query, cursor, limit)).all()
    rows = hub_parcels(session, found)
    return BY_READY.page(rows, limit, lambda row: (row.parcel.ready_at, row.parcel.id))


def received(
    session: Session, place: Location, *, cursor: str | None = None, limit: int = 50
) -> Page[ReceiptRow]:
    """What was received at a place, the last first."""
    query = (
        select(ParcelReceipt, Parcel, Party.reference)
        .join(Parcel, Parcel.id == ParcelReceipt.parcel_id)
        .join(Party, Party.id == Parcel.exporter_id)
        .where(ParcelReceipt.location_id == place.id)
    )
    found = session.execute(LAST_RECEIVED.slice(query, cursor, limit)).all()
    rows = hub_parcels(session, [row[1:] for row in found])
    receipts = [ReceiptRow(receipt, row) for (receipt, *_), row in zip(found, rows, strict=True)]
    return LAST_RECEIVED.page(receipts, limit, lambda row: (row.receipt.at, row.receipt.id))


def alerts(
    session: Session,
    place: Location | None = None,
    *,
    booking_id: int | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[AlertRow]:
    """Measures that differ and wait for a decision, of one place or one booking, the last first."""
    query = (
        select(ParcelMeasure, Parcel, Party.reference)
        .join(Parcel, Parcel.id == ParcelMeasure.parcel_id)
        .join(Party, Party.id == Parcel.exporter_id)
        .where(_alert())
    )
    if place is not None:
        query = query.where(_at(place))
    if booking_id is not None:
        lines = select(BookingLine.id).where(BookingLine.booking_id == booking_id)
        query = query.where(Parcel.booking_line_id.in_(lines))
    found = session.execute(LAST_MEASURED.slice(query, cursor, limit)).all()
    rows = hub_parcels(session, [row[1:] for row in found])
    known = places(session, [row[0].location_id for row in found])
    made = [
        AlertRow(measure, row, known[measure.location_id])
        for (measure, *_), row in zip(found, rows, strict=True)
    ]
    return LAST_MEASURED.page(made, limit, lambda row: (row.measure.at, row.measure.id))


def measures_of(session: Session, parcel_id: int) -> list[tuple[ParcelMeasure, Place]]:
    """Every measure of a parcel with where it was made, the last first."""
    query = (
        select(ParcelMeasure).where(ParcelMeasure.parcel_id == parcel_id).order_by(ParcelMeasure.id.desc())
    )
    found = session.scalars(query.limit(100)).all()
    known = places(session, [one.location_id for one in found])
    return [(one, known[one.location_id]) for one in found]


def hub_parcel(session: Session, parcel: Parcel) -> HubParcel:
    """One parcel as a place sees it."""
    owner = session.scalars(select(Party.reference).where(Party.id == parcel.exporter_id)).one()
    return hub_parcels(session, [(parcel, owner)])[0]


def hub_parcels(session: Session, found: Sequence[Any]) -> list[HubParcel]:
    """Rows of a parcel and its owner's reference, with the departures they go on with."""
    parcels = [parcel for parcel, _ in found]
    known = places(session, [end for one in parcels for end in (one.origin_id, one.destination_id)])
    onward = _onward(session, {one.booking_line_id for one in parcels if one.booking_line_id is not None})
    nothing = (None, None, None, None)
    return [
        HubParcel(
            parcel, owner, known[parcel.origin_id], known[parcel.destination_id],
            *onward.get(parcel.booking_line_id or 0, nothing),
        )
        for parcel, owner in found
    ]  # fmt: skip


def onward_departures(session: Session, place: Location) -> list[str]:
    """Public ids of the departures ahead that parcels of a place go on with, those with most parcels first."""
    query = (
        select(Departure.public_id)
        .join(BookingLeg, BookingLeg.departure_id == Departure.id)
        .join(BookingLine, BookingLine.booking_id == BookingLeg.booking_id)
        .join(Parcel, Parcel.booking_line_id == BookingLine.id)
        .where(Departure.status.in_(("planned", "open", "closed")), begins_at(place.id))
        .group_by(Departure.id, Departure.public_id)
        .order_by(func.count().desc(), Departure.id)
    )
    return list(session.scalars(query.limit(20)))


def all_hubs(session: Session, mine: ColumnElement[bool]) -> list[tuple[Warehouse, Place]]:
    """The places somebody may work at, those in China first."""
    query = (
        select(Warehouse, Location.id)
        .join(Location, Location.id == Warehouse.location_id)
        .where(mine)
        .order_by(Location.country != "CN", Location.code)
    )
    rows = session.execute(query).all()
    known = places(session, [place for _, place in rows])
    return [(warehouse, known[place]) for warehouse, place in rows]


def _expected(place: Location, until: datetime) -> tuple[ColumnElement[bool], ...]:
    received_here = exists().where(
        ParcelReceipt.parcel_id == Parcel.id, ParcelReceipt.location_id == place.id
    )
    arriving = aliased(BookingLeg)
    arrives = (
        exists()
        .where(
            BookingLine.id == Parcel.booking_line_id,
            arriving.booking_id == BookingLine.booking_id,
            arriving.to_id == place.id,
            arriving.arrives_at < until,
        )
        .correlate(Parcel)
    )
    begins = and_(Parcel.origin_id == place.id, Parcel.ready_at < until, Parcel.status == "pending")
    ends = and_(Parcel.destination_id == place.id, arrives, Parcel.status.in_(COMING))
    return (
        Parcel.booking_line_id.is_not(None),
        or_(begins, ends),
        ~received_here,
        Parcel.booking_line_id.in_(_live_lines()),
    )


def _live_lines() -> AnySelect:
    return (
        select(BookingLine.id)
        .join(Booking, Booking.id == BookingLine.booking_id)
        .where(Booking.status.not_in(DEAD), ~Booking.test_mode)
    )


def _alert() -> ColumnElement[bool]:
    return and_(ParcelMeasure.latest, ParcelMeasure.varies, ParcelMeasure.decision.is_(None))


def _at(place: Location) -> ColumnElement[bool]:
    return ParcelMeasure.location_id == place.id


def _onward(
    session: Session, lines: set[int]
) -> dict[int, tuple[str, str | None, str | None, datetime | None]]:
    """By booked line: the booking, and the first of its departures that has not left."""
    query = (
        select(
            BookingLine.id, Booking.public_id, Departure.public_id, Departure.number, Departure.status,
            BookingLeg.cutoff_at,
        )
        .join(Booking, Booking.id == BookingLine.booking_id)
        .outerjoin(BookingLeg, BookingLeg.booking_id == Booking.id)
        .outerjoin(Departure, Departure.id == BookingLeg.departure_id)
        .where(BookingLine.id.in_(lines))
        .order_by(BookingLine.id, BookingLeg.seq)
    )  # fmt: skip
    found: dict[int, tuple[str, str | None, str | None, datetime | None]] = {}
    for line, booking, departure, number, status, cutoff_at in session.execute(query):
        ahead = departure is not None and status in ("planned", "open", "closed")
        before = found.get(line)
        if before is None or (before[1] is None and ahead):
            onward = (departure, number, cutoff_at) if ahead else (None, None, None)
            found[line] = (booking, *onward)
    return found
