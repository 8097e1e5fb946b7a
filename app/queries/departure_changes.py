"""What a change of a departure is about: the bookings on it, and the departures that could take them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.models import Booking, BookingLeg, BookingLine, CapacityPool, Departure, Party, Segment
from app.queries.departures import UPCOMING
from trade.bookings import FINAL

MOST_SISTERS = 20


@dataclass(frozen=True, slots=True)
class ConcernedBooking:
    """A live booking on a departure."""

    public_id: str
    reference: str | None
    exporter: str
    weight_g: int


@dataclass(frozen=True, slots=True)
class SisterDeparture:
    """Another departure of the same service; `free_g` is None where no weight is kept."""

    public_id: str
    number: str
    departs_at: datetime
    free_g: int | None


def concerned_bookings(session: Session, public_id: str) -> list[ConcernedBooking]:
    """The live bookings on a departure, the oldest first, and what they weigh."""
    weight = (
        select(func.sum(BookingLine.count * BookingLine.weight_g))
        .where(BookingLine.booking_id == Booking.id)
        .scalar_subquery()
    )
    query = (
        select(Booking.public_id, Booking.reference, Party.name, weight)
        .join(Party, Party.id == Booking.exporter_id)
        .where(Booking.id.in_(_aboard(public_id)), Booking.status.not_in(FINAL))
        .order_by(Booking.id)
    )
    return [ConcernedBooking(*row) for row in session.execute(query)]


def sister_departures(session: Session, public_id: str, now: datetime) -> Sequence[SisterDeparture]:
    """The next departures of the same service that are still sold."""
    service = select(Departure.service_id).where(Departure.public_id == public_id).scalar_subquery()
    free = (
        select(func.min(CapacityPool.capacity - CapacityPool.held - CapacityPool.booked))
        .join(Segment, Segment.id == CapacityPool.segment_id)
        .where(
            Segment.departure_id == Departure.id,
            CapacityPool.dimension == "g",
            CapacityPool.exporter_id.is_(None),
        )
        .scalar_subquery()
    )
    query = (
        select(Departure.public_id, Departure.number, Departure.departs_at, free)
        .where(
            Departure.service_id == service,
            Departure.public_id != public_id,
            Departure.status.in_(UPCOMING),
            Departure.departs_at > now,
        )
        .order_by(Departure.departs_at)
        .limit(MOST_SISTERS)
    )
    return [SisterDeparture(*row) for row in session.execute(query)]


def _aboard(public_id: str) -> Select[int]:
    return (
        select(BookingLeg.booking_id)
        .join(Departure, Departure.id == BookingLeg.departure_id)
        .where(Departure.public_id == public_id)
    )
