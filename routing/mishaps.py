"""What happens to departures, told in terms of the problem that was planned: which options go, and what changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from routing.arrays import FloatArray, IntArray
from routing.catalogue import Catalogue
from routing.disruption import Changed, Disrupted, Disruption
from routing.itineraries import FOREVER
from routing.problem import Problem

BoolArray = npt.NDArray[np.bool_]
DAY_MIN = 1440.0
DAYS, LATE_DAYS = 0, 1
"""Columns of `option_rates` that hold the days under way and the days late."""


@dataclass(frozen=True, slots=True)
class Mishap:
    """What happens to one departure, by the caller's number of it.

    `cancelled`; or all its calls are `delay_min` minutes later; or it carries only `capacity_share` (0 to 1)
    of the free room and of the units that the plan reckoned with.
    """

    departure: int
    cancelled: bool = False
    delay_min: int = 0
    capacity_share: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Deadlines:
    """Per item [n]: the minute by which it is due, `FOREVER` if none, and whether late is as bad as never."""

    due_min: IntArray
    hard: BoolArray


def tell(
    problem: Problem, catalogue: Catalogue, mishaps: Sequence[Mishap], deadlines: Deadlines
) -> tuple[Disruption, Catalogue]:
    """Return the disruption that mishaps are to a problem, and the catalogue with the times as they are now.

    A delay breaks connections whose next departure leaves before the goods are there; options that still
    hold arrive later, which costs days and perhaps days late. The window of a warehouse in which goods
    come in is not moved.
    """
    cancelled = {one.departure for one in mishaps if one.cancelled}
    missed = _through(catalogue, cancelled)
    later = _later(catalogue, {one.departure: one.delay_min for one in mishaps if one.delay_min})
    delayed = _Delayed.of(problem, catalogue, later, deadlines)
    missed[delayed.missed] = True
    rates = problem.option_rates[delayed.options].copy()
    if rates.shape[1] > LATE_DAYS:
        rates[:, DAYS] += delayed.added_days
        rates[:, LATE_DAYS] = delayed.late_days
    arrives, on_time = catalogue.option_arrives.copy(), catalogue.option_on_time.copy()
    arrives[delayed.options] = delayed.arrives
    on_time[delayed.options] = delayed.late_days <= 0
    told = replace(later, option_arrives=arrives, option_on_time=on_time)
    free, most = _cuts(problem, catalogue, {one.departure: one.capacity_share for one in mishaps})
    disruption = Disruption(
        cancelled=np.flatnonzero(np.isin(catalogue.resource_departure, list(cancelled))),
        missed=np.flatnonzero(missed),
        rates=Changed(delayed.options, rates),
        free=free,
        unit_max=most,
    )
    return disruption, told


def catalogue_of(left: Disrupted, catalogue: Catalogue) -> Catalogue:
    """Return what the numbers of the disrupted problem mean; classes that lost their last option have a reason."""
    options = {
        name: getattr(catalogue, name)[left.option_from]
        for name in (
            "option_itinerary", "option_disposition", "option_destination", "option_ready", "option_arrives",
            "option_on_time", "option_co2e_g_per_kg",
        )
    }  # fmt: skip
    lost = (np.diff(left.problem.class_ptr) == 0) & (np.diff(left.planned.class_ptr) > 0)
    fresh = np.flatnonzero(lost)
    fact = "the departures it could take are no longer there"
    return replace(
        catalogue,
        **options,
        item_ref=catalogue.item_ref[left.item_from],
        none_class=np.concatenate([catalogue.none_class, fresh]),
        none_code=np.concatenate([catalogue.none_code, np.full(len(fresh), "NO_ROUTE")]),
        none_fact=np.concatenate([catalogue.none_fact, np.full(len(fresh), fact)]),
    )


def options_on(catalogue: Catalogue, legs: BoolArray) -> BoolArray:
    """Mark the options that travel on one of the marked legs [l], [o]."""
    before = np.concatenate([[0], np.cumsum(legs[catalogue.itinerary_legs])])
    itinerary = np.diff(before[catalogue.itinerary_ptr]) > 0
    known = catalogue.option_itinerary >= 0
    marked = np.zeros(len(known), bool)
    marked[known] = itinerary[catalogue.option_itinerary[known]]
    return marked


def _through(catalogue: Catalogue, departures: set[int]) -> BoolArray:
    """Mark the options that travel on one of some departures, [o]."""
    return options_on(catalogue, catalogue.leg_dated & np.isin(catalogue.leg_ref, list(departures)))


def _later(catalogue: Catalogue, delays: dict[int, int]) -> Catalogue:
    """Return the catalogue with the legs of delayed departures at their new times."""
    departs, arrives = catalogue.leg_departs.copy(), catalogue.leg_arrives.copy()
    for departure, minutes in delays.items():
        rows = catalogue.leg_dated & (catalogue.leg_ref == departure)
        departs[rows] += minutes
        arrives[rows] += minutes
    return replace(catalogue, leg_departs=departs, leg_arrives=arrives)


@dataclass(frozen=True, slots=True, eq=False)
class _Delayed:
    """Options that still hold but arrive at another time, and those that a delay breaks."""

    missed: IntArray
    options: IntArray
    arrives: IntArray
    added_days: FloatArray
    late_days: FloatArray

    @classmethod
    def of(cls, problem: Problem, old: Catalogue, new: Catalogue, deadlines: Deadlines) -> _Delayed:
        """Go through the options on legs whose times changed."""
        moved = set(old.leg_ref[old.leg_departs != new.leg_departs].tolist())
        through = np.flatnonzero(_through(old, moved))
        broken = np.array([not _connects(new, option) for option in through.tolist()], bool)
        shift = np.array([_shift(old, new, option) for option in through.tolist()], np.int64)
        due, hard = _due_of_classes(problem, deadlines)
        owner = np.searchsorted(problem.class_ptr, through, side="right") - 1
        arrives = old.option_arrives[through] + shift
        late = np.maximum(arrives - due[owner], 0) / DAY_MIN
        broken |= hard[owner] & (late > 0)
        stays = ~broken & (shift != 0)
        return cls(through[broken], through[stays], arrives[stays], shift[stays] / DAY_MIN, late[stays])


def _connects(catalogue: Catalogue, option: int) -> bool:
    """Whether each departure of an option leaves after the goods are there and transferred."""
    at: int | None = None
    for leg in catalogue.legs(option):
        wait = int(catalogue.location_transfer_min[leg.origin])
        if at is not None and leg.dated and leg.departs_min < at + wait:
            return False
        at = leg.arrives_min
    return True


def _shift(old: Catalogue, new: Catalogue, option: int) -> int:
    """How many minutes later the last leg of an option ends."""
    return new.legs(option)[-1].arrives_min - old.legs(option)[-1].arrives_min


def _due_of_classes(problem: Problem, deadlines: Deadlines) -> tuple[IntArray, BoolArray]:
    """Return the earliest due minute of each class, and whether it has an item that must not be late, [k]."""
    due, hard = np.full(problem.k, FOREVER, np.int64), np.zeros(problem.k, bool)
    np.minimum.at(due, problem.item_class, deadlines.due_min)
    np.logical_or.at(hard, problem.item_class, deadlines.hard)
    return due, hard


def _cuts(problem: Problem, catalogue: Catalogue, shares: dict[int, float]) -> tuple[Changed, Changed]:
    """Return the free room and the numbers of units that are left on departures of which a share is left."""
    share = np.ones(problem.r)
    for departure, left in shares.items():
        share[catalogue.resource_departure == departure] = left
    rows = np.flatnonzero(share < 1)
    types = np.flatnonzero(share[problem.unit_resource] < 1)
    free = problem.resource_free[rows]
    free = np.where(np.isinf(free), np.inf, np.where(np.isinf(free), 0.0, free) * share[rows, None])
    most = np.floor(problem.unit_max[types] * share[problem.unit_resource[types]] + 1e-9)
    return Changed(rows, free), Changed(types, most.astype(np.int64))
