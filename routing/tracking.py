"""Where goods are and when they arrive, from events that came in any order, late, and more than once.

Nothing here depends on when an event came. What happened is put in the order in which it happened; of two reports
of the same thing the one that was written later holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

ESTIMATED, ACTUAL = "EST", "ACT"
ARRIVES, DEPARTS = "ARRI", "DEPA"
LATE = timedelta(hours=3)
"""A delay is worth telling once it has grown by this much."""
NONE = timedelta()

PROGRESS = (
    "unknown", "pending", "picked_up", "on_hold", "customs_hold", "customs_released", "in_transit",
    "delivery_delayed", "arrived_warehouse", "ready_for_pickup", "out_for_delivery", "delivery_failed",
    "return_to_sender", "delivered", "cancelled",
)  # fmt: skip
"""How far a parcel has come: a group is where the one furthest behind is; of two at one instant the later holds."""
RELEASED = "RELS"
STATUS_OF_CODE: Mapping[str, str] = {
    "PICK": "picked_up", "STUF": "picked_up", "GTIN": "picked_up",
    "LOAD": "in_transit", "DISC": "in_transit", "GTOT": "in_transit", DEPARTS: "in_transit",
    ARRIVES: "in_transit",
    "CUSS": "customs_hold", "CUSI": "customs_hold", "CUSR": "customs_released", "HOLD": "on_hold",
}  # fmt: skip
"""DCSA event code of a parcel → its status; RELS gives back the status from before the hold."""
REPORTED = frozenset(PROGRESS) - {"unknown", "pending", "cancelled"}
"""Statuses that are themselves reported; a parcel is cancelled by its owner, not by an event."""
CODES = frozenset(STATUS_OF_CODE) | REPORTED | {RELEASED}
"""Every code that says something of a parcel."""
_NOT_YET_MOVING = frozenset({"pending", "picked_up"})
_MOVED_BY_RIDES = frozenset({"pending", "picked_up", "customs_released", "in_transit", "delivery_delayed"})
"""A vessel that leaves takes nothing along that is held, and takes nothing back that is delivered."""


@dataclass(frozen=True, slots=True)
class Event:
    """What is expected of, or happened to, a departure at one of its calls, or a parcel.

    `key` is the event's own: two with the same key are one. `departure`, `call` and `place` are the caller's
    numbers; an event of a parcel has no departure.
    """

    key: str
    classifier: str
    code: str
    happens_at: datetime
    reported_at: datetime
    departure: int | None = None
    call: int | None = None
    place: int | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """One arrival or one departure: as planned, as expected by the last word on it, and as it was."""

    planned: datetime
    estimated: datetime | None = None
    actual: datetime | None = None

    @property
    def expected(self) -> datetime:
        """The best that is known."""
        return self.actual or self.estimated or self.planned

    @property
    def late(self) -> timedelta:
        """How much later than planned; negative if earlier."""
        return self.expected - self.planned


@dataclass(frozen=True, slots=True)
class Stop:
    """One call of a departure by its timetable; the ends lack one of the two instants."""

    call: int
    arrives_at: datetime | None
    departs_at: datetime | None


@dataclass(frozen=True, slots=True)
class Leg:
    """One leg of a booking as it was booked: on a departure between two calls, or on demand without one."""

    departs_at: datetime
    arrives_at: datetime
    from_place: int
    to_place: int
    departure: int | None = None
    board: int = 0
    alight: int = 0

    def covers(self, event: Event) -> bool:
        """Whether goods on this leg are aboard when its departure arrives at a call, or leaves it."""
        if event.call is None:
            return False
        if event.code == DEPARTS:
            return self.board <= event.call < self.alight
        return event.code == ARRIVES and self.board < event.call <= self.alight


@dataclass(frozen=True, slots=True)
class LegTimes:
    """When a leg is left and ended; `missed` if it leaves before the leg before it is expected to arrive."""

    departs: Moment
    arrives: Moment
    missed: bool = False


Run = Mapping[tuple[int, str], Moment]
"""A departure's moments by call and code."""


def follow(stops: Sequence[Stop], events: Iterable[Event]) -> dict[tuple[int, str], Moment]:
    """The moments of one departure, stop by stop.

    A stop nobody has spoken of is expected as late as the one before it; an estimate that lies before what is
    known of an earlier stop is out of date and counts for nothing.
    """
    words = _last_words(event for event in events if event.call is not None)
    found: dict[tuple[int, str], Moment] = {}
    before: Moment | None = None
    for code, call, planned in _in_order(stops):
        moment = _heard(planned, words, (call, code))
        if moment.actual is None and before is not None:
            stale = moment.estimated is not None and moment.estimated < before.expected
            moment = _delayed(replace(moment, estimated=None) if stale else moment, before.late)
        found[call, code] = before = moment
    return found


def departure_status(stops: Sequence[Stop], events: Iterable[Event]) -> str | None:
    """`arrived` once the last call was reached, `departed` after anything happened; None: nothing yet."""
    happened = {(event.call, event.code) for event in events if event.classifier == ACTUAL}
    if (stops[-1].call, ARRIVES) in happened:
        return "arrived"
    return "departed" if happened else None


def newly_late(before: Run, after: Run) -> list[tuple[int, str]]:
    """The moments that have become later by another step of `LATE`, in order of travel."""
    return [key for key, moment in after.items() if key in before and _steps(moment) > _steps(before[key])]


def leg_times(legs: Sequence[Leg], runs: Mapping[int, Run], events: Iterable[Event] = ()) -> list[LegTimes]:
    """The times of each leg: of rides by the `runs` of their departures, on demand by the parcel's own `events`.

    A leg on demand begins when the goods are there, so it is late as the leg before it is. The timetable of a
    departure that has moved since it was booked counts as an estimate.
    """
    told = list(events)
    found: list[LegTimes] = []
    for number, leg in enumerate(legs, start=1):
        before = found[-1].arrives if found else None
        if leg.departure is not None:
            run = runs.get(leg.departure, {})
            departs = _booked(leg.departs_at, run.get((leg.board, DEPARTS)))
            arrives = _booked(leg.arrives_at, run.get((leg.alight, ARRIVES)))
            missed = before is not None and before.expected > departs.expected
            found.append(LegTimes(departs, arrives, missed))
        else:
            words = _last_words(_of_leg(leg, told, last=number == len(legs)))
            departs = _heard(leg.departs_at, words, (leg.from_place, DEPARTS))
            departs = _delayed(departs, before.late if before else NONE)
            arrives = _delayed(_heard(leg.arrives_at, words, (leg.to_place, ARRIVES)), departs.late)
            found.append(LegTimes(departs, arrives))
    return found


def parcel_status(
    events: Iterable[Event],
    legs: Sequence[Leg] = (),
    *,
    destination: int | None = None,
    at_destination: str = "in_transit",
) -> str:
    """A parcel's status from its own events and those of the departures it rides on.

    `at_destination` is what arriving at the place `destination` makes of it: `arrived_warehouse` at a warehouse.
    """
    signs = {event.key: sign for event in events if (sign := _sign(event, legs, destination, at_destination))}
    status = free = "pending"
    for sign in sorted(signs.values()):
        status = sign.after(status, free)
        free = free if status == "on_hold" else status
    return status


def together(statuses: Iterable[str]) -> str:
    """The status of a group: that of the parcel furthest behind; cancelled ones count only if all are."""
    return min(statuses, key=PROGRESS.index, default="pending")


@dataclass(frozen=True, slots=True, order=True)
class _Sign:
    """What an event says of a parcel, in the order in which signs are read."""

    happens_at: datetime
    rank: int
    reported_at: datetime
    key: str
    status: str
    ride: bool

    def after(self, status: str, free: str) -> str:
        """The status that follows; `free` is the one from before a hold."""
        if self.status == RELEASED:
            return free if status == "on_hold" else status
        held_back = self.status == "picked_up" and status not in _NOT_YET_MOVING
        left_alone = self.ride and status not in _MOVED_BY_RIDES
        return status if held_back or left_alone else self.status


def _sign(event: Event, legs: Sequence[Leg], destination: int | None, at_destination: str) -> _Sign | None:
    if event.classifier != ACTUAL:
        return None
    ride = event.departure is not None
    if ride:
        status = _carried(event, legs, destination, at_destination)
    elif event.code == ARRIVES and event.place is not None and event.place == destination:
        status = at_destination
    else:
        status = event.code if event.code in REPORTED | {RELEASED} else STATUS_OF_CODE.get(event.code)
    if status is None:
        return None
    rank = -1 if status == RELEASED else PROGRESS.index(status)
    return _Sign(event.happens_at, rank, event.reported_at, event.key, status, ride)


def _carried(event: Event, legs: Sequence[Leg], destination: int | None, at_destination: str) -> str | None:
    """What a departure's event means for a parcel with these legs; None if it is not aboard then."""
    for leg in legs:
        if leg.departure != event.departure or not leg.covers(event):
            continue
        there = event.code == ARRIVES and event.call == leg.alight and leg.to_place == destination
        return at_destination if there else "in_transit"
    return None


def _of_leg(leg: Leg, events: Iterable[Event], *, last: bool) -> Iterator[Event]:
    """A parcel's events as arrivals and departures of a leg; its delivery ends the last one."""
    for event in events:
        if event.departure is not None:
            continue
        if last and event.code == "delivered":
            yield replace(event, code=ARRIVES, place=leg.to_place)
        elif event.place is not None:
            yield event


def _in_order(stops: Sequence[Stop]) -> Iterator[tuple[str, int, datetime]]:
    for stop in stops:
        for code, planned in ((ARRIVES, stop.arrives_at), (DEPARTS, stop.departs_at)):
            if planned is not None:
                yield code, stop.call, planned


def _last_words(events: Iterable[Event]) -> dict[tuple[int, str, str], datetime]:
    """By call (or place), code and classifier: the instant in the report that was written last."""
    last: dict[tuple[int, str, str], Event] = {}
    for event in events:
        where = event.place if event.call is None else event.call
        if where is not None:
            key = (where, event.code, event.classifier)
            last[key] = max(last.get(key, event), event, key=lambda one: (one.reported_at, one.key))
    return {key: event.happens_at for key, event in last.items()}


def _heard(
    planned: datetime, words: Mapping[tuple[int, str, str], datetime], where: tuple[int, str]
) -> Moment:
    return Moment(planned, words.get((*where, ESTIMATED)), words.get((*where, ACTUAL)))


def _delayed(moment: Moment, late: timedelta) -> Moment:
    """The moment, put off by what came before it if nobody has spoken of it."""
    if late <= NONE or moment.estimated or moment.actual:
        return moment
    return replace(moment, estimated=moment.planned + late)


def _booked(planned: datetime, now: Moment | None) -> Moment:
    """A moment of a departure measured by what was booked."""
    if now is None:
        return Moment(planned)
    moved = now.planned if now.planned != planned else None
    return Moment(planned, now.estimated or moved, now.actual)


def _steps(moment: Moment) -> int:
    return max(moment.late, NONE) // LATE
