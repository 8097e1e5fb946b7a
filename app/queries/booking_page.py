"""What the pages of a booking show beside it: parcels in it and for it, other departures, its document."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from app.models import Booking, BookingLeg, BookingLine, Call, Cutoff, Departure, Parcel, TransportDocument
from app.queries.paging import AnySelect, Keyset, Page, whole

BY_ID = Keyset(Parcel.id, Parcel.id, read=whole)
MOST_OFFERED = 200
"""Parcels of the pool that a form offers at once."""
MOST_DEPARTURES = 12
SELLABLE = ("planned", "open")
EARLIEST_TIMES = ("ECP", "EFC")
"""From when on something may be brought: they close nothing."""


@dataclass(frozen=True, slots=True)
class ParcelInside:
    """A parcel that fills a booking, or could."""

    id: int
    public_id: str
    reference: str
    tracking_number: str | None
    status: str
    goods_class: str
    weight_g: int
    volume_cm3: int
    line: int | None = None
    """Number of the booked line it fills."""


@dataclass(frozen=True, slots=True)
class LaterDeparture:
    """Another departure of the service of a leg, between the same two places."""

    public_id: str
    number: str
    departs_at: datetime
    arrives_at: datetime
    cutoff_at: datetime


def parcels_inside(
    session: Session, booking_id: int, *, cursor: str | None = None, limit: int = 50
) -> Page[ParcelInside]:
    """The parcels that fill a booking, in the order in which they came into the pool."""
    query = _parcels().join(BookingLine, BookingLine.id == Parcel.booking_line_id)
    query = query.add_columns(BookingLine.seq).where(BookingLine.booking_id == booking_id)
    rows = [ParcelInside(*row) for row in session.execute(BY_ID.slice(query, cursor, limit))]
    return BY_ID.page(rows, limit, lambda row: (row.id, row.id))


def parcels_waiting(session: Session, booking: Booking) -> list[ParcelInside]:
    """Parcels of the pool that could fill a booking: its exporter's, its lane, its goods; the first to be ready."""
    query = _parcels().where(
        Parcel.exporter_id == booking.exporter_id,
        Parcel.origin_id == booking.origin_id,
        Parcel.destination_id == booking.destination_id,
        Parcel.status == "pending",
        Parcel.booking_line_id.is_(None),
        Parcel.goods_class.in_({line.goods_class for line in booking.lines}),
    )
    found = session.execute(query.order_by(Parcel.ready_at, Parcel.id).limit(MOST_OFFERED))
    return [ParcelInside(*row) for row in found]


def _parcels() -> AnySelect:
    return select(
        Parcel.id, Parcel.public_id, Parcel.reference, Parcel.tracking_number, Parcel.status,
        Parcel.goods_class, Parcel.weight_g, Parcel.volume_cm3,
    )  # fmt: skip


def other_departures(session: Session, leg: BookingLeg, now: datetime) -> Sequence[LaterDeparture]:
    """Departures a leg could be rolled to: of its service, still sold, whose cut-off lies ahead; the next first."""
    board, alight = aliased(Call), aliased(Call)
    first = (
        select(func.min(Cutoff.at))
        .where(Cutoff.call_id == board.id, Cutoff.code.not_in(EARLIEST_TIMES))
        .scalar_subquery()
    )
    query: AnySelect = (
        select(Departure.public_id, Departure.number, board.departs_at, alight.arrives_at, first)
        .join(board, (board.departure_id == Departure.id) & (board.seq == leg.board_seq))
        .join(alight, (alight.departure_id == Departure.id) & (alight.seq == leg.alight_seq))
        .where(
            Departure.service_id == leg.service_id,
            Departure.id != leg.departure_id,
            Departure.status.in_(SELLABLE),
            board.location_id == leg.from_id,
            alight.location_id == leg.to_id,
            board.departs_at > now,
        )
        .order_by(board.departs_at)
        .limit(MOST_DEPARTURES)
    )
    found = [_later(*row) for row in session.execute(query)]
    return [one for one in found if one.cutoff_at > now]


def _later(
    public_id: str, number: str, leaves: datetime, arrives: datetime, cutoff: datetime | None
) -> LaterDeparture:
    return LaterDeparture(public_id, number, leaves, arrives, min(leaves, cutoff or leaves))


def document_in_force(session: Session, booking_id: int) -> str | None:
    """The number of the through transport document of a booking, as long as it is valid."""
    query = select(TransportDocument.number).where(
        TransportDocument.booking_id == booking_id,
        TransportDocument.leg_seq == 0,
        TransportDocument.void_at.is_(None),
    )
    return session.scalar(query)


def cutoffs_of(session: Session, booking_id: int) -> dict[int, list[tuple[str, datetime]]]:
    """Number of a leg → (DCSA code, instant) of every cut-off where the goods go aboard, the first first."""
    query = (
        select(BookingLeg.seq, Cutoff.code, Cutoff.at)
        .join(Call, (Call.departure_id == BookingLeg.departure_id) & (Call.seq == BookingLeg.board_seq))
        .join(Cutoff, Cutoff.call_id == Call.id)
        .where(BookingLeg.booking_id == booking_id)
        .order_by(Cutoff.at, Cutoff.code)
    )
    found: dict[int, list[tuple[str, datetime]]] = {}
    for seq, code, at in session.execute(query):
        found.setdefault(seq, []).append((code, at))
    return found


def tracking_numbers(session: Session, booking_id: int, most: int = 20) -> list[str]:
    """The numbers by which anybody can follow the parcels of a booking."""
    query = (
        select(Parcel.tracking_number)
        .join(BookingLine, BookingLine.id == Parcel.booking_line_id)
        .where(BookingLine.booking_id == booking_id, Parcel.tracking_number.is_not(None))
        .order_by(Parcel.id)
        .limit(most)
    )
    return [number for number in session.scalars(query) if number]
