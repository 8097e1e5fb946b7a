"""What committing a plan is decided by: its ways as the timetable is now, and its parcels as they are now."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.models import (
    BookingLeg,
    BookingLine,
    Call,
    Cutoff,
    Departure,
    Location,
    Parcel,
    Plan,
    PlanBooking,
    PlanItem,
    PlanItinerary,
    PlanLeg,
    Replan,
    ReturnItem,
    Scenario,
    Service,
)
from app.usecases.network_facts import DANGEROUS_CUTOFFS, EARLIEST_TIMES, PAPER_CUTOFFS
from routing.committing import PlannedParcel, RideNow, WayLeg
from trade.goods import goods_classes

BATCH = 500
"""Ids asked for in one query: SQLite takes a limited number of parameters."""
Ridden = tuple[tuple[int | None, int | None, int | None], ...]
"""Departure, and the calls where it is boarded and left, of each ride in order."""
NOT_FOR_GOODS = EARLIEST_TIMES | PAPER_CUTOFFS | DANGEROUS_CUTOFFS


@dataclass(frozen=True, slots=True)
class Way:
    """An itinerary of a plan: its rows of `PlanLeg` with the mode of each, and its legs as they are now."""

    id: int
    disposition: str | None
    rows: tuple[Any, ...]
    legs: tuple[WayLeg, ...]

    @property
    def departures(self) -> list[int]:
        """What it rides, in order."""
        return [row.departure_id for row in self.rows if row.departure_id is not None]

    @property
    def ridden(self) -> Ridden:
        """What it rides and between which calls."""
        return tuple(
            (row.departure_id, row.board_seq, row.alight_seq)
            for row in self.rows
            if row.departure_id is not None
        )


def read_ways(session: Session, plan_id: int, only: Collection[int] | None = None) -> dict[int, Way]:
    """Return the itineraries of a plan, or some of them, by id."""
    heads: dict[int, str | None] = {}
    legs: dict[int, list[Any]] = defaultdict(list)
    for some in _batches(only):
        theirs: tuple[ColumnElement[bool], ...] = (PlanItinerary.plan_id == plan_id,)
        if some is not None:
            theirs += (PlanItinerary.id.in_(some),)
        found = session.execute(select(PlanItinerary.id, PlanItinerary.disposition).where(*theirs))
        heads |= {row.id: row.disposition for row in found}
        query = (
            select(
                PlanLeg.itinerary_id, PlanLeg.seq, PlanLeg.service_id, PlanLeg.departure_id, PlanLeg.board_seq,
                PlanLeg.alight_seq, PlanLeg.from_location_id, PlanLeg.to_location_id, PlanLeg.departs_at,
                PlanLeg.arrives_at, Service.mode, Location.min_transfer_min,
            )
            .join(PlanItinerary, PlanItinerary.id == PlanLeg.itinerary_id)
            .join(Service, Service.id == PlanLeg.service_id)
            .join(Location, Location.id == PlanLeg.from_location_id)
            .where(*theirs)
            .order_by(PlanLeg.itinerary_id, PlanLeg.seq)
        )  # fmt: skip
        for row in session.execute(query):
            legs[row.itinerary_id].append(row)
    now_there = _Timetable(session, {leg.departure_id for rows in legs.values() for leg in rows} - {None})
    return {
        number: Way(
            number,
            disposition,
            tuple(legs[number]),
            tuple(
                WayLeg(
                    leg.departs_at, leg.arrives_at, leg.departure_id is not None, now_there.ride(leg),
                    timedelta(minutes=leg.min_transfer_min),
                )
                for leg in legs[number]
            ),
        )
        for number, disposition in heads.items()
    }  # fmt: skip


def departures_ridden(session: Session, itineraries: Collection[int]) -> set[int]:
    """Return what some itineraries ride, without how it is now."""
    found: set[int] = set()
    for some in _batches(itineraries):
        query = select(PlanLeg.departure_id).where(PlanLeg.itinerary_id.in_(some or ())).distinct()
        found.update(one for one in session.scalars(query) if one is not None)
    return found


class _Timetable:
    """Some departures with their calls and cut-offs, as they are now."""

    def __init__(self, session: Session, departures: Collection[int]) -> None:
        self._departures: dict[int, Any] = {}
        self._calls: dict[tuple[int, int], Any] = {}
        self._cutoffs: dict[int, list[Any]] = defaultdict(list)
        for some in _batches(departures):
            of_them = Call.departure_id.in_(some or ())
            columns = (Departure.id, Departure.number, Departure.status, Departure.service_id)
            for one in session.execute(select(*columns).where(Departure.id.in_(some or ()))):
                self._departures[one.id] = one
            calls = select(
                Call.id, Call.departure_id, Call.seq, Call.location_id, Call.arrives_at, Call.departs_at
            )
            for call in session.execute(calls.where(of_them)):
                self._calls[call.departure_id, call.seq] = call
            cutoffs = select(Cutoff.call_id, Cutoff.code, Cutoff.at).join(Call, Call.id == Cutoff.call_id)
            for cutoff in session.execute(cutoffs.where(of_them)):
                self._cutoffs[cutoff.call_id].append(cutoff)

    def ride(self, leg: Any) -> RideNow | None:  # noqa: ANN401 (a row of columns)
        """Return the ride of a leg; None where it is not dated, or nothing of it is there any more."""
        departure = self._departures.get(leg.departure_id)
        board, alight = (self._calls.get((leg.departure_id, seq)) for seq in (leg.board_seq, leg.alight_seq))
        if departure is None or board is None or alight is None or departure.service_id != leg.service_id:
            return None
        arrives = alight.arrives_at or alight.departs_at
        ends = (board.location_id, alight.location_id)
        if board.departs_at is None or arrives is None or ends != (leg.from_location_id, leg.to_location_id):
            return None
        closing = {row.code: row.at for row in self._cutoffs[board.id] if row.code not in EARLIEST_TIMES}
        closes = min([board.departs_at, *(at for code, at in closing.items() if code not in NOT_FOR_GOODS)])
        early = min([closes, *(at for code, at in closing.items() if code in DANGEROUS_CUTOFFS)])
        papers = [at for code, at in closing.items() if code in PAPER_CUTOFFS]
        return RideNow(
            departure.number,
            departure.status,
            board.departs_at,
            arrives,
            closes,
            early,
            min([closes, *papers]),
        )


@dataclass(frozen=True, slots=True)
class Item:
    """What a plan does with one parcel: the row of `ITEMS`, and the booking it fills already."""

    row: Any
    booking_id: int | None
    earlier: bool
    """That booking was made by a plan which this one was made anew from: the parcel may move."""

    def as_planned(self, way: Way, dangerous: Collection[str]) -> PlannedParcel:
        """Return it as `routing.committing` sees it."""
        row = self.row
        starts = not way.rows or row.origin_id == way.rows[0].from_location_id
        ends = not way.rows or row.destination_id == way.rows[-1].to_location_id
        return PlannedParcel(
            status=row.status,
            booked=row.booking_line_id is not None and not self.earlier,
            in_lane=starts and (ends or row.item_id is not None),
            ready_at=row.ready_at,
            deliver_by=row.deliver_by,
            hard_deadline=row.hard_deadline,
            dangerous=row.goods_class in dangerous,
        )


ITEMS = (
    select(
        Parcel.id, Parcel.public_id, Parcel.exporter_id, PlanItem.itinerary_id, PlanItem.cost_minor, Parcel.status,
        Parcel.booking_line_id, Parcel.origin_id, Parcel.destination_id, Parcel.ready_at, Parcel.deliver_by,
        Parcel.hard_deadline, Parcel.goods_class, Parcel.weight_g, Parcel.length_mm, Parcel.width_mm,
        Parcel.height_mm, Parcel.volume_cm3, Parcel.value_minor, Parcel.currency, Parcel.customs_mode,
        Parcel.tracking_number, ReturnItem.id.label("item_id"), ReturnItem.return_id, BookingLine.booking_id,
    )
    .join(Parcel, Parcel.id == PlanItem.parcel_id)
    .outerjoin(ReturnItem, ReturnItem.parcel_id == Parcel.id)
    .outerjoin(BookingLine, BookingLine.id == Parcel.booking_line_id)
    .order_by(PlanItem.itinerary_id, Parcel.exporter_id, Parcel.hard_deadline.desc(), Parcel.id)
)  # fmt: skip
"""Those that must not be late come first: where there is not room for all, they are the last to be left."""


def read_items(
    session: Session, plan_id: int, earlier: Collection[int], only: Collection[int] | None = None
) -> Iterator[Item]:
    """Yield what a plan does with each parcel that it has a way for; `earlier`: bookings whose parcels may move."""
    for some in _batches(only):
        which = PlanItem.itinerary_id.is_not(None) if some is None else PlanItem.itinerary_id.in_(some)
        for row in session.execute(ITEMS.where(PlanItem.plan_id == plan_id, which)):
            yield Item(row, row.booking_id, row.booking_id in earlier)


def earlier_bookings(session: Session, plan: Plan) -> dict[int, Ridden]:
    """The bookings made by the plans this one was made anew from or is a what-if of, and what each rides now."""
    plans, run_id = [], plan.run_id
    while (before := _before(session, run_id)) is not None:
        plans.append(before)
        run_id = session.scalars(select(Plan.run_id).where(Plan.id == before)).one()
    if not plans:
        return {}
    found: dict[int, list[tuple[int | None, int | None, int | None]]] = {
        number: []
        for number in session.scalars(select(PlanBooking.booking_id).where(PlanBooking.plan_id.in_(plans)))
    }
    for some in _batches(found):
        query = (
            select(
                BookingLeg.booking_id, BookingLeg.departure_id, BookingLeg.board_seq, BookingLeg.alight_seq
            )
            .where(BookingLeg.booking_id.in_(some or ()), BookingLeg.departure_id.is_not(None))
            .order_by(BookingLeg.booking_id, BookingLeg.seq)
        )
        for booking, *ride in session.execute(query):
            found[booking].append((ride[0], ride[1], ride[2]))
    return {booking: tuple(rides) for booking, rides in found.items()}


def _before(session: Session, run_id: int) -> int | None:
    """The plan that the run planned anew, or asked its what-if of."""
    for model in (Replan, Scenario):
        found = session.scalar(select(model.plan_id).where(model.run_id == run_id))
        if found is not None:
            return int(found)
    return None


def dangerous_goods(now: datetime) -> frozenset[str]:
    """The goods classes with a UN number, which close early."""
    return frozenset(code for code, goods in goods_classes(now.date()).items() if goods.un_number)


def grouped(items: Iterable[Item]) -> dict[tuple[int, int], list[Item]]:
    """Items by itinerary and exporter: each group is one booking."""
    found: dict[tuple[int, int], list[Item]] = defaultdict(list)
    for item in items:
        found[item.row.itinerary_id, item.row.exporter_id].append(item)
    return found


def _batches(ids: Collection[int] | None) -> Iterator[Sequence[int] | None]:
    """Yield ids in lots of `BATCH`; None, for all of them, once."""
    if ids is None:
        yield None
        return
    wanted = sorted(ids)
    for begin in range(0, len(wanted), BATCH):
        yield wanted[begin : begin + BATCH]
