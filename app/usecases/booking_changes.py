"""Cancel a booking, or roll it to other departures of the same services."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.actor import Actor
from app.errors import Conflict, CutoffPassed, FieldError, Invalid
from app.models import (
    Booking,
    BookingLeg,
    Call,
    CapacityPool,
    Departure,
    Location,
    Parcel,
    Segment,
    SpaceAllocation,
)
from app.usecases import space
from app.usecases.booking import SELLABLE, happened, lock_booking
from app.usecases.papers import replace_documents, void_documents
from app.usecases.space_release import release
from app.usecases.space_rooms import Ride, lock_departures
from routing.taking import Lot
from trade.cancellation import cancellation_fee, cancellation_terms
from trade.money import MICROS, minor_per_major

EARLIEST_TIMES = ("ECP", "EFC")
"""From when on something may be brought: they close nothing."""


def cancel_booking(session: Session, actor: Actor, now: datetime, booking_id: str, reason: str) -> Booking:
    """Cancel a booking and give its space back; after the first cut-off its charge becomes the fee.

    Parcels that filled it go back to the order pool. Raises NotFound, Conflict (it has left, or is over).
    """
    booking = lock_booking(session, actor, booking_id)
    rides = [leg for leg in booking.legs if leg.departure_id is not None]
    if rides and rides[0].departs_at <= now:
        raise Conflict(f"the first departure left at {rides[0].departs_at:%Y-%m-%d %H:%M} UTC")
    fee = fee_now(booking, now)
    release(session, now, booking_id=booking.id)
    _empty(session, booking)
    void_documents(session, booking, now)
    before = booking.total_minor
    booking.charges = [_fee_line(fee, booking.currency)] if fee else []
    booking.total_minor = fee
    detail = {
        "reason": reason,
        "fee_minor": fee,
        "charged_before_minor": before,
        "currency": booking.currency,
    }
    happened(session, actor, now, booking, "cancelled", detail, tell="booking.cancelled")
    return booking


def fee_now(booking: Booking, now: datetime) -> int:
    """Return what cancelling a booking at this moment costs, in minor units of its currency."""
    cutoffs = [leg.cutoff_at for leg in booking.legs if leg.departure_id is not None and leg.cutoff_at]
    cutoff = min(cutoffs, default=booking.legs[0].departs_at)
    return cancellation_fee(booking.total_minor, cutoff, now, cancellation_terms(now.date()))


def _fee_line(fee_minor: int, currency: str) -> dict[str, Any]:
    return {
        "leg_seq": 0, "code": "cancellation", "basis": "flat", "quantity": 1,
        "unit_price_micros": fee_minor * MICROS // minor_per_major(currency),
        "priced_minor": fee_minor, "priced_currency": currency, "amount_minor": fee_minor,
    }  # fmt: skip


def _empty(session: Session, booking: Booking) -> None:
    lines = {line.id for line in booking.lines}
    for parcel in session.scalars(select(Parcel).where(Parcel.booking_line_id.in_(lines))):
        parcel.booking_line_id = parcel.consignment_id = None
    for line in booking.lines:
        line.filled = 0


@dataclass(frozen=True, slots=True)
class Onward:
    """Where a leg goes instead: its number, and the departure (public id) of the same service."""

    leg_seq: int
    departure_id: str


def roll_booking(
    session: Session, actor: Actor, now: datetime, booking_id: str, onward: Sequence[Onward], reason: str
) -> Booking:
    """Move legs of a booking to other departures of their services; the price stays as it was.

    Space on the new departures is taken before that on the old ones is gone for good: it all happens, or nothing.
    Raises NotFound, Conflict, CutoffPassed, CapacityGone, and Invalid where a leg, a departure or a connection
    does not fit.
    """
    booking = lock_booking(session, actor, booking_id)
    legs = {leg.seq: leg for leg in booking.legs}
    before = {leg.seq: leg.departs_at.isoformat() for leg in booking.legs}
    for position, one in enumerate(onward):
        leg = legs.get(one.leg_seq)
        if leg is None or leg.departure_id is None:
            raise _wrong(
                position, "leg", "no_such_leg", f"the booking has no leg {one.leg_seq} on a departure"
            )
        _check_not_left(leg, now)
        _put_on(leg, _departure(session, one, position), position, now)
    _check_connections(session, booking.legs)
    retake(session, booking, now)
    replace_documents(session, booking, now)
    changes = [
        {"leg": one.leg_seq, "departure": one.departure_id, "departed_before": before[one.leg_seq]}
        for one in onward
    ]
    happened(
        session, actor, now, booking, "rolled", {"legs": changes, "reason": reason}, tell="booking.rolled"
    )
    return booking


def retake(session: Session, booking: Booking, now: datetime) -> None:
    """Give back what the booking has and take what its lines and legs need now; CapacityGone if that fails."""
    if booking.test_mode:
        return
    session.flush()
    rides = rides_of_booking(booking)
    held = select(Segment.departure_id).join(CapacityPool).join(SpaceAllocation)
    mine = set(session.scalars(held.where(SpaceAllocation.booking_id == booking.id)))
    # What is given back and what is taken are locked together, in the one order everybody keeps.
    lock_departures(session, mine | {ride.departure_id for ride in rides})
    release(session, now, booking_id=booking.id)
    space.book(
        session,
        rides,
        [Lot(line.count, line.weight_g, line.volume_cm3) for line in booking.lines],
        booking.exporter_id,
        now,
        booking_id=booking.id,
        opened_by=booking.public_id,
    )


def rides_of_booking(booking: Booking) -> list[Ride]:
    """Return the rides among the legs of a booking."""
    return [
        Ride(leg.seq, leg.departure_id, leg.board_seq or 0, leg.alight_seq or 0, leg.may_open)
        for leg in booking.legs
        if leg.departure_id is not None
    ]


def _departure(session: Session, one: Onward, position: int) -> Departure:
    query = select(Departure).where(Departure.public_id == one.departure_id)
    departure = session.scalar(query.options(selectinload(Departure.calls).selectinload(Call.cutoffs)))
    if departure is None:
        raise _wrong(position, "departure_id", "unknown_departure", "there is no such departure")
    return departure


def _put_on(leg: BookingLeg, departure: Departure, position: int, now: datetime) -> None:
    if departure.service_id != leg.service_id:
        raise _wrong(position, "departure_id", "other_service", "it belongs to another service than the leg")
    if departure.status not in SELLABLE:
        raise Conflict(f"departure {departure.number} is {departure.status}")
    calls = {call.seq: call for call in departure.calls}
    board, alight = calls.get(leg.board_seq or 0), calls.get(leg.alight_seq or 0)
    same = board and alight and (board.location_id, alight.location_id) == (leg.from_id, leg.to_id)
    if not (board and alight and same and board.departs_at and alight.arrives_at):
        raise _wrong(
            position, "departure_id", "other_calls", "it does not call where the goods get on and off"
        )
    closing = [one.at for one in board.cutoffs if one.code not in EARLIEST_TIMES]
    leg.cutoff_at = min([board.departs_at, *closing])
    if leg.cutoff_at <= now:
        raise CutoffPassed(
            f"the cut-off of departure {departure.number} passed at {leg.cutoff_at.isoformat()}"
        )
    leg.departure_id, leg.departs_at, leg.arrives_at = departure.id, board.departs_at, alight.arrives_at


def _check_not_left(leg: BookingLeg, now: datetime) -> None:
    if leg.departs_at <= now:
        raise Conflict(f"leg {leg.seq} left at {leg.departs_at:%Y-%m-%d %H:%M} UTC")


def _check_connections(session: Session, legs: Sequence[BookingLeg]) -> None:
    """Every dated leg is reached by its cut-off; legs on demand move along with what comes before them."""
    places = [leg.from_id for leg in legs]
    query = select(Location.id, Location.min_transfer_min).where(Location.id.in_(places))
    transfer_min: Mapping[int, int] = dict(session.execute(query).all())
    for before, leg in pairwise(legs):
        ready = before.arrives_at + timedelta(minutes=transfer_min[leg.from_id])
        if leg.departure_id is None:
            leg.departs_at, leg.arrives_at = ready, ready + (leg.arrives_at - leg.departs_at)
        elif leg.cutoff_at is not None and ready > leg.cutoff_at:
            raise _missed(before, leg, ready)


def _missed(before: BookingLeg, leg: BookingLeg, ready: datetime) -> Invalid:
    closes = f"leg {leg.seq} closes at {leg.cutoff_at:%Y-%m-%d %H:%M} UTC"
    message = f"{closes}, the goods are there at {ready:%Y-%m-%d %H:%M} UTC"
    place = FieldError("legs", "misses_connection", message, "roll the later leg as well", "$.legs")
    return Invalid(f"leg {before.seq} arrives too late for leg {leg.seq}", (place,))


def _wrong(position: int, member: str, code: str, message: str) -> Invalid:
    place = FieldError(f"legs.{position}.{member}", code, message, "", f"$.legs[{position}].{member}")
    return Invalid(message, (place,))
