"""What a plan still holds when it is turned into bookings: chains of departures, and what went stale since.

Itineraries that ride the same departures in the same order are one chain; a chain is committed whole or not at all.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

STALE_CODES = (
    "parcel_cancelled", "parcel_under_way", "booked_already", "lane_changed", "cutoff_missed", "would_be_late",
    "departure_cancelled", "departure_closed", "departure_changed", "cutoff_passed", "no_room", "credit_hold",
    "credit_limit_exceeded", "no_price", "decided_otherwise", "disposition_refused", "awaits_approval",
    "no_return", "refused",
)  # fmt: skip
"""Why a parcel of a plan is not booked: what became of it, of its way, of its room, of its exporter, of its return."""
SELLABLE = ("planned", "open")
WAITS = "pending"
NO_CHAIN_TOGETHER = 100
"""Itineraries without departures that are committed together: they contend for nothing."""
NO_TIME = timedelta(0)


@dataclass(frozen=True, slots=True)
class Stale:
    """Why something cannot be booked as it was planned."""

    code: str
    fact: str = ""


@dataclass(frozen=True, slots=True)
class RideNow:
    """A departure as the timetable has it now, between the two calls of a leg.

    `closes_at` is when goods must be there, `closes_early_at` dangerous ones; `book_until` is the first cut-off that
    binds a booking, papers among them.
    """

    number: str
    status: str
    departs_at: datetime
    arrives_at: datetime
    closes_at: datetime
    closes_early_at: datetime
    book_until: datetime


@dataclass(frozen=True, slots=True)
class WayLeg:
    """One leg as it was planned; `wait` is the time a change takes where it begins.

    A dated leg has its `ride`, None where the departure does not call there any more.
    """

    departs_at: datetime
    arrives_at: datetime
    dated: bool
    ride: RideNow | None = None
    wait: timedelta = NO_TIME


@dataclass(frozen=True, slots=True)
class PlannedParcel:
    """What of a parcel decides whether it can go as planned. `in_lane`: it begins and ends where its way does."""

    status: str
    booked: bool
    in_lane: bool
    ready_at: datetime
    deliver_by: datetime | None = None
    hard_deadline: bool = False
    dangerous: bool = False


@dataclass(frozen=True, slots=True)
class Chain:
    """The departures of a chain in order, and the itineraries that ride just these."""

    departures: tuple[int, ...]
    itineraries: tuple[int, ...]


def chains(ways: Mapping[int, Sequence[int]]) -> list[Chain]:
    """Group itineraries (id → departures in order) by what they ride; those that ride nothing come last, in lots."""
    found: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for itinerary, departures in sorted(ways.items()):
        found[tuple(departures)].append(itinerary)
    undated = found.pop((), [])
    lots = (undated[at : at + NO_CHAIN_TOGETHER] for at in range(0, len(undated), NO_CHAIN_TOGETHER))
    dated = [Chain(departures, tuple(some)) for departures, some in sorted(found.items())]
    return dated + [Chain((), tuple(lot)) for lot in lots]


def way_stale(legs: Iterable[WayLeg], now: datetime) -> Stale | None:
    """Return what went stale about a way, whoever travels it; None where it can still be booked."""
    for leg in legs:
        if not leg.dated:
            continue
        ride = leg.ride
        if ride is None:
            return Stale("departure_changed")
        if ride.status == "cancelled":
            return Stale("departure_cancelled", ride.number)
        if ride.status not in SELLABLE:
            return Stale("departure_closed", f"{ride.number}: {ride.status}")
        if ride.book_until <= now:
            return Stale("cutoff_passed", f"{ride.number}: {_at(ride.book_until)}")
    return None


def parcel_stale(parcel: PlannedParcel, legs: Sequence[WayLeg], now: datetime) -> Stale | None:
    """Return what went stale about a parcel on a way that is not stale itself; None where it can be booked."""
    if parcel.status == "cancelled":
        return Stale("parcel_cancelled")
    if parcel.status != WAITS:
        return Stale("parcel_under_way", parcel.status)
    if parcel.booked:
        return Stale("booked_already")
    if not parcel.in_lane:
        return Stale("lane_changed")
    times = travel(legs, max(parcel.ready_at, now), dangerous=parcel.dangerous)
    if isinstance(times, Stale):
        return times
    due = parcel.deliver_by
    if times and due is not None and parcel.hard_deadline and times[-1][1] > due:
        return Stale("would_be_late", _at(times[-1][1]))
    return None


def travel(
    legs: Sequence[WayLeg], ready_at: datetime, *, dangerous: bool = False
) -> list[tuple[datetime, datetime]] | Stale:
    """Return when each leg departs and arrives as the timetable is now; `cutoff_missed` where it does not connect."""
    at, times = ready_at, []
    for nth, leg in enumerate(legs):
        leaves = at + (leg.wait if nth else NO_TIME)
        if leg.ride is None:
            departs, arrives = leaves, leaves + (leg.arrives_at - leg.departs_at)
        else:
            ride = leg.ride
            closes = ride.closes_early_at if dangerous else ride.closes_at
            if at > closes or leaves > ride.departs_at:
                return Stale("cutoff_missed", f"{ride.number}: {_at(closes)}")
            departs, arrives = ride.departs_at, ride.arrives_at
        times.append((departs, arrives))
        at = arrives
    return times


def alike(sizes: Iterable[Hashable]) -> list[tuple[Hashable, list[int]]]:
    """Group positions by what stands there, in an order that does not depend on theirs: the lines of a booking."""
    ordered = sorted(enumerate(sizes), key=lambda one: (repr(one[1]), one[0]))
    return [
        (size, [position for position, _ in same]) for size, same in groupby(ordered, key=lambda one: one[1])
    ]


def _at(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
