"""What must hold of space and bookings at every moment, each as one query that finds its violations."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from app.models import (
    Booking,
    BookingEvent,
    BookingLeg,
    BookingLine,
    CapacityPool,
    DepartureUnit,
    HandlingUnit,
    Parcel,
    SpaceAllocation,
)
from trade.bookings import Status, derive
from trade.errors import TradeError

Rows = Iterator[tuple[str, str]]


def pools_are_the_sum_of_their_allocations(session: Session, now: datetime) -> Rows:
    """What a pool says is held and booked is what allocations hold and book of it."""
    del now
    pool, one = CapacityPool, SpaceAllocation
    held = func.coalesce(func.sum(case((one.state == "held", one.quantity), else_=0)), 0)
    booked = func.coalesce(func.sum(case((one.state == "booked", one.quantity), else_=0)), 0)
    query = (
        select(pool.id, pool.held, held, pool.booked, booked)
        .outerjoin(one, and_(one.pool_id == pool.id, one.state != "released"))
        .group_by(pool.id, pool.held, pool.booked)
        .having((held != pool.held) | (booked != pool.booked))
    )
    for pool_id, says_held, is_held, says_booked, is_booked in session.execute(query):
        yield (
            f"pool {pool_id}",
            f"says {says_held} held and {says_booked} booked, allocations {is_held} and {is_booked}",
        )


def units_are_the_sum_of_their_allocations(session: Session, now: datetime) -> Rows:
    """What an open unit says is in it is what allocations have put there."""
    del now
    unit, one = HandlingUnit, SpaceAllocation
    columns = [(unit.held_g, "held", "g"), (unit.booked_g, "booked", "g"), (unit.held_cm3, "held", "cm3"),
               (unit.booked_cm3, "booked", "cm3")]  # fmt: skip
    sums = [
        func.coalesce(
            func.sum(case(((one.state == state) & (one.dimension == name), one.quantity), else_=0)), 0
        )
        for _, state, name in columns
    ]
    wrong = [column != total for (column, _, _), total in zip(columns, sums, strict=True)]
    query = (
        select(unit.public_id)
        .outerjoin(one, and_(one.unit_id == unit.id, one.state != "released"))
        .group_by(unit.id)
        .having(wrong[0] | wrong[1] | wrong[2] | wrong[3])
    )
    for reference in session.scalars(query):
        yield reference, "what it says is in it is not what allocations put there"


def opened_units_are_counted(session: Session, now: datetime) -> Rows:
    """As many units of a type count as opened on a departure as are open there outside of blocks."""
    del now
    kind, unit = DepartureUnit, HandlingUnit
    there = and_(
        unit.departure_id == kind.departure_id,
        unit.unit_type_id == kind.unit_type_id,
        unit.closed_at.is_(None),
        unit.exporter_id.is_(None),
    )
    query = (
        select(kind.id, kind.opened, func.count(unit.id))
        .outerjoin(unit, there)
        .group_by(kind.id, kind.opened)
        .having(func.count(unit.id) != kind.opened)
    )
    for row_id, opened, found in session.execute(query):
        yield f"unit {row_id}", f"{opened} count as opened, {found} are"


def bookings_have_their_space(session: Session, now: datetime) -> Rows:
    """A live booking has space on every leg that is dated, and one that was cancelled has none."""
    del now
    leg, one = BookingLeg, SpaceAllocation
    mine = and_(one.booking_id == leg.booking_id, one.leg_seq == leg.seq, one.state == "booked")
    query = (
        select(Booking.public_id, Booking.status, leg.seq, func.count(one.id))
        .join(leg, leg.booking_id == Booking.id)
        .outerjoin(one, mine)
        .where(leg.departure_id.is_not(None), Booking.test_mode.is_(False))
        .group_by(Booking.id, Booking.public_id, Booking.status, leg.seq)
    )
    for reference, status, seq, count in session.execute(query):
        if status == "CONFIRMED" and not count:
            yield reference, f"has no space on leg {seq}"
        if status in ("CANCELLED", "DECLINED", "REJECTED") and count:
            yield reference, f"is {status} and has space on leg {seq}"


def lines_count_what_fills_them(session: Session, now: datetime) -> Rows:
    """As many packages count as filled in a line as parcels fill it."""
    del now
    line = BookingLine
    query = (
        select(line.id, line.filled, func.count(Parcel.id))
        .outerjoin(Parcel, Parcel.booking_line_id == line.id)
        .group_by(line.id, line.filled)
        .having(func.count(Parcel.id) != line.filled)
    )
    for line_id, filled, found in session.execute(query):
        yield f"booking line {line_id}", f"{filled} count as filled, {found} parcels fill it"


def statuses_follow_from_events(session: Session, now: datetime) -> Rows:
    """A booking is where its events have brought it, and costs what its charges add up to."""
    del now
    kinds: dict[int, list[str]] = defaultdict(list)
    events = select(BookingEvent.booking_id, BookingEvent.kind).order_by(
        BookingEvent.booking_id, BookingEvent.seq
    )
    for booking_id, kind in session.execute(events):
        kinds[booking_id].append(kind)
    for booking in session.scalars(select(Booking)):
        says = Status(booking.status, booking.amendment_status, booking.cancellation_status)
        try:
            derived = derive(kinds[booking.id])
        except TradeError as error:
            yield booking.public_id, error.detail
            continue
        if derived != says:
            yield booking.public_id, f"says {says.booking}, its events {derived.booking}"
        total = sum(line["amount_minor"] for line in booking.charges)
        if total != booking.total_minor:
            yield booking.public_id, f"costs {booking.total_minor}, its charges add up to {total}"


INVARIANTS: tuple[Callable[[Session, datetime], Rows], ...] = (
    pools_are_the_sum_of_their_allocations,
    units_are_the_sum_of_their_allocations,
    opened_units_are_counted,
    bookings_have_their_space,
    lines_count_what_fills_them,
    statuses_follow_from_events,
)
