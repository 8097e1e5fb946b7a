"""Whom moved cut-offs of a departure touch: bookings, offers that hold space, parcels of the last plan."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.models import (
    Booking,
    BookingLeg,
    BookingLine,
    CapacityPool,
    Departure,
    Location,
    Offer,
    Parcel,
    Plan,
    PlanItem,
    PlanItinerary,
    PlanLeg,
    Quote,
    Segment,
    SpaceAllocation,
)
from app.queries.plans import latest_plan
from app.usecases.committing_facts import Way, dangerous_goods, read_ways
from routing.committing import Stale, WayLeg, travel
from routing.cutoffs import Cutoffs, closes_at
from trade.bookings import FINAL


@dataclass(frozen=True, slots=True)
class MovedCall:
    """A call of a departure whose cut-offs differ from before: code → instant."""

    seq: int
    departs_at: datetime
    before: Cutoffs
    after: Cutoffs

    def closes(self, *, dangerous: bool, papers: bool = True) -> tuple[datetime, datetime]:
        """When it closed before and closes now, to these goods."""
        was, becomes = (
            closes_at(one, self.departs_at, dangerous=dangerous, papers=papers)
            for one in (self.before, self.after)
        )
        return was, becomes


@dataclass(frozen=True, slots=True)
class TouchedBooking:
    """A live booking with another cut-off: of its goods, from `was` to `closes_at`, else of its papers.

    `cutoff_at` is what its leg keeps, the first of both; `there_at` is when its goods can be there, if known.
    """

    public_id: str
    reference: str | None
    exporter: str
    leg_seq: int
    board_seq: int
    was: datetime
    closes_at: datetime
    cutoff_at: datetime
    there_at: datetime | None
    missed: bool
    """Whether its goods could be there in time before, and cannot now; practice has no goods."""


@dataclass(frozen=True, slots=True)
class Touched:
    """All that moved cut-offs touch. `holds` are offers with held space that cannot be booked any more."""

    bookings: tuple[TouchedBooking, ...] = ()
    holds: int = 0
    parcels: int = 0
    """Of the last plan, which would miss their cut-off and did not before."""

    @property
    def missed(self) -> list[TouchedBooking]:
        """The bookings whose goods would come too late."""
        return [one for one in self.bookings if one.missed]


def find_touched(
    session: Session, departure: Departure, moved: Sequence[MovedCall], now: datetime
) -> Touched:
    """Whom these moved cut-offs of a departure touch; nothing is changed."""
    calls = {one.seq: one for one in moved}
    return Touched(
        tuple(touched_bookings(session, departure, calls, now)),
        _holds(session, departure, calls),
        _parcels(session, departure, calls, now),
    )


def touched_bookings(
    session: Session, departure: Departure, calls: Mapping[int, MovedCall], now: datetime
) -> Iterator[TouchedBooking]:
    """The live bookings that board at one of these calls and have another cut-off now, the oldest first."""
    aboard = select(BookingLeg.booking_id).where(
        BookingLeg.departure_id == departure.id, BookingLeg.board_seq.in_(calls)
    )
    query = (
        select(Booking)
        .where(Booking.id.in_(aboard), Booking.status.not_in(FINAL))
        .options(selectinload(Booking.legs), selectinload(Booking.lines), joinedload(Booking.exporter))
        .order_by(Booking.id)
    )
    found = session.scalars(query).all()
    ready = _ready(session, [one.id for one in found])
    wait = _transfers(session, found)
    dangerous = dangerous_goods(now)
    for booking in found:
        risky = any(line.goods_class in dangerous for line in booking.lines)
        for place, leg in enumerate(booking.legs):
            if leg.departure_id != departure.id or leg.board_seq is None or leg.board_seq not in calls:
                continue
            there_at = ready.get(booking.id)
            if place:
                there_at = booking.legs[place - 1].arrives_at + wait[leg.from_id]
            call = calls[leg.board_seq]
            goods, papers = call.closes(dangerous=risky, papers=False), call.closes(dangerous=risky)
            shown = goods if goods[0] != goods[1] else papers
            if shown[0] != shown[1]:
                ids = (booking.public_id, booking.reference, booking.exporter.name)
                missed = not booking.test_mode and there_at is not None and goods[1] < there_at <= goods[0]
                yield TouchedBooking(*ids, leg.seq, leg.board_seq, *shown, papers[1], there_at, missed)


def _ready(session: Session, bookings: Sequence[int]) -> dict[int, datetime]:
    """From when the goods of bookings can set out: their parcels, or what the quote said."""
    quotes = select(Booking.id, Quote.asked).join(Quote, Quote.id == Booking.quote_id)
    found = {
        booking: datetime.fromisoformat(asked["ready_at"])
        for booking, asked in session.execute(quotes.where(Booking.id.in_(bookings)))
        if asked.get("ready_at")
    }
    parcels = (
        select(BookingLine.booking_id, func.max(Parcel.ready_at))
        .join(BookingLine, BookingLine.id == Parcel.booking_line_id)
        .where(BookingLine.booking_id.in_(bookings))
        .group_by(BookingLine.booking_id)
    )
    return found | dict(session.execute(parcels).all())


def _transfers(session: Session, bookings: Sequence[Booking]) -> dict[int, timedelta]:
    places = {leg.from_id for booking in bookings for leg in booking.legs}
    query = select(Location.id, Location.min_transfer_min).where(Location.id.in_(places))
    return {place: timedelta(minutes=wait) for place, wait in session.execute(query)}


def _holds(session: Session, departure: Departure, calls: Mapping[int, MovedCall]) -> int:
    held = (
        select(SpaceAllocation.offer_id)
        .join(CapacityPool, CapacityPool.id == SpaceAllocation.pool_id)
        .join(Segment, Segment.id == CapacityPool.segment_id)
        .where(Segment.departure_id == departure.id, SpaceAllocation.state == "held")
    )
    offers = session.scalars(select(Offer.legs).where(Offer.id.in_(held)))
    return sum(
        any(
            leg["departure_id"] == departure.id
            and (call := calls.get(leg["board_seq"])) is not None
            and call.closes(dangerous=False)[1] < call.closes(dangerous=False)[0]
            for leg in legs
        )
        for legs in offers
    )


def _parcels(session: Session, departure: Departure, calls: Mapping[int, MovedCall], now: datetime) -> int:
    plan = latest_plan(session)
    if plan is None or plan.state != "draft":
        return 0
    ways = read_ways(session, plan.id, _riding(session, plan, departure, calls))
    moved = {number: _as_moved(way, departure, calls) for number, way in ways.items()}
    query = select(PlanItem.itinerary_id, Parcel.ready_at, Parcel.goods_class).join(Parcel)
    dangerous = dangerous_goods(now)
    count = 0
    for itinerary, ready_at, goods in session.execute(query.where(PlanItem.itinerary_id.in_(ways))):
        ready, risky = max(ready_at, now), goods in dangerous
        count += itinerary is not None and (
            _misses(moved[itinerary], ready, dangerous=risky)
            and not _misses(ways[itinerary].legs, ready, dangerous=risky)
        )
    return count


def _riding(session: Session, plan: Plan, departure: Departure, calls: Collection[int]) -> Collection[int]:
    query = (
        select(PlanLeg.itinerary_id)
        .join(PlanItinerary, PlanItinerary.id == PlanLeg.itinerary_id)
        .where(PlanItinerary.plan_id == plan.id, PlanLeg.departure_id == departure.id)
        .where(PlanLeg.board_seq.in_(calls))
    )
    return session.scalars(query.distinct()).all()


def _as_moved(way: Way, departure: Departure, calls: Mapping[int, MovedCall]) -> list[WayLeg]:
    legs = []
    for row, leg in zip(way.rows, way.legs, strict=True):
        call = calls.get(row.board_seq) if row.departure_id == departure.id else None
        if call is not None and leg.ride is not None:
            late, early = (call.closes(dangerous=risky, papers=False)[1] for risky in (False, True))
            leg = replace(leg, ride=replace(leg.ride, closes_at=late, closes_early_at=early))
        legs.append(leg)
    return legs


def _misses(legs: Sequence[WayLeg], ready_at: datetime, *, dangerous: bool) -> bool:
    return isinstance(travel(legs, ready_at, dangerous=dangerous), Stale)
