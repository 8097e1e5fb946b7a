"""Parcels that a plan made anew takes out of the bookings of the plan before it."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import Conflict
from app.models import Booking, Parcel, Plan
from app.usecases.booking import happened, lock_booking
from app.usecases.booking_amend import reprice
from app.usecases.booking_changes import retake
from app.usecases.committing_facts import Item
from app.usecases.papers import replace_documents, void_documents
from app.usecases.space_release import release


def leave_bookings(session: Session, actor: Actor, now: datetime, plan: Plan, items: Sequence[Item]) -> None:
    """Take parcels out of what they fill: a booking that becomes empty is cancelled without a fee, others shrink.

    The caller fills another booking with them in the same transaction. Raises Conflict where a booking has left.
    """
    theirs: dict[int, list[Item]] = {}
    for item in items:
        if item.booking_id is not None:
            theirs.setdefault(item.booking_id, []).append(item)
    rows = [{"id": one.row.id, "booking_line_id": None, "consignment_id": None} for one in items]
    session.execute(update(Parcel), rows)
    for number, some in sorted(theirs.items()):
        public_id = session.scalars(select(Booking.public_id).where(Booking.id == number)).one()
        booking = lock_booking(session, actor, public_id)
        rides = [leg for leg in booking.legs if leg.departure_id is not None]
        if rides and rides[0].departs_at <= now:
            raise Conflict(f"booking {public_id} left at {rides[0].departs_at:%Y-%m-%d %H:%M} UTC")
        _shrink(session, actor, now, plan, booking, Counter(one.row.booking_line_id for one in some))


def _shrink(
    session: Session, actor: Actor, now: datetime, plan: Plan, booking: Booking, gone: Counter[int]
) -> None:
    detail = {
        "plan": plan.public_id,
        "parcels_moved": gone.total(),
        "total_before_minor": booking.total_minor,
    }
    for line in booking.lines:
        line.filled -= gone[line.id]
    if all(line.count == gone[line.id] for line in booking.lines):
        release(session, now, booking_id=booking.id)
        void_documents(session, booking, now)
        booking.charges, booking.total_minor = [], 0
        happened(
            session, actor, now, booking, "cancelled", {"reason": "planned anew", **detail},
            tell="booking.cancelled",
        )  # fmt: skip
        return
    for line in list(booking.lines):
        if line.count == gone[line.id]:
            booking.lines.remove(line)
        else:
            line.count -= gone[line.id]
    booking.charges = reprice(session, booking)
    booking.total_minor = sum(line["amount_minor"] for line in booking.charges)
    retake(session, booking, now)
    replace_documents(session, booking, now)
    happened(session, actor, now, booking, "amended", detail, tell="booking.amended")
