"""Why an item is not assigned, in one of eleven codes with a short fact.

Without options: the filters are run again with one of them relaxed at a time (goods, cut-off, deadline).
With options but unassigned: either nothing it could take has room, or room exists and costs more than
leaving the item.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from routing.arrays import FloatArray, IntArray
from routing.catalogue import Catalogue
from routing.classes import Classes
from routing.itineraries import Itineraries
from routing.plan import Plan
from routing.problem import Problem
from routing.selecting import accepted, own
from routing.timetable import Timetable

REASON_CODES = (
    "CUTOFF_MISSED", "WEIGHT_FULL", "VOLUME_FULL", "TEU_FULL", "DG_NOT_ALLOWED", "LATE", "CUSTOMS_MODE",
    "CREDIT_HOLD", "NO_ROUTE", "COSTLIER", "CHANNEL_RULE",
)  # fmt: skip
_SLACK = 1e-9
HOUR_MIN = 60.0


@dataclass(frozen=True, slots=True)
class Reason:
    """A code of `REASON_CODES` and a short fact for people."""

    code: str
    fact: str = ""


def why_no_option(
    found: Itineraries, timetable: Timetable, classes: Classes, which: IntArray
) -> list[Reason]:
    """Return, for classes between two places that have no option, the one filter that takes it away.

    Where several filters would have to be relaxed together, the first of goods, cut-off, deadline counts.
    """
    open_to, goods, cutoff, in_time, done = _filters(found, classes, which)
    ready, due = classes.ready_min[which][:, None], classes.due_min[which][:, None]
    some = _some_route(open_to, goods, cutoff, in_time)
    reasons = []
    for row, code in enumerate(some):
        name = timetable.network.goods[int(classes.goods[which[row]])]
        if code == "NO_ROUTE":
            reasons.append(Reason(code, "no itinerary joins the two places"))
        elif code == "DG_NOT_ALLOWED":
            reasons.append(Reason(code, f"no itinerary in time carries goods of class {name}"))
        elif code == "CUTOFF_MISSED":
            fits = goods[row] & in_time[row] if (goods[row] & in_time[row]).any() else goods[row]
            reasons.append(_missed(found, timetable, fits, int(ready[row, 0])))
        else:
            reasons.append(_late(found, timetable, goods[row] & cutoff[row], done[row], int(due[row, 0])))
    return reasons


def has_way(found: Itineraries, classes: Classes, which: IntArray) -> npt.NDArray[np.bool_]:
    """Return for which classes some itinerary passes every filter, bool [c]."""
    _, goods, cutoff, in_time, _ = _filters(found, classes, which)
    return np.asarray((goods & cutoff & in_time).any(axis=1))


def _filters(
    found: Itineraries, classes: Classes, which: IntArray
) -> tuple[
    npt.NDArray[np.bool_], npt.NDArray[np.bool_], npt.NDArray[np.bool_], npt.NDArray[np.bool_], IntArray
]:
    """Return what is open, carries the goods, is reached and is in time, bool [c, m], and when it is done."""
    open_to = own(found, classes, which)
    ready, due = classes.ready_min[which][:, None], classes.due_min[which][:, None]
    done = np.where(found.on_demand, ready, 0) + found.arrives
    in_time = open_to & (~classes.hard[which][:, None] | (done <= due))
    reached = open_to & (found.ready_by >= ready)
    return open_to, open_to & accepted(found, classes, which), reached, in_time, done


def _some_route(
    open_to: npt.NDArray[np.bool_],
    goods: npt.NDArray[np.bool_],
    cutoff: npt.NDArray[np.bool_],
    in_time: npt.NDArray[np.bool_],
) -> list[str]:
    """Return one code per row, from what each filter lets through, bool [c, m]."""

    def some(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        return np.asarray(mask.any(axis=1))

    rules = [
        ("NO_ROUTE", ~some(open_to)),
        ("LATE", some(goods & cutoff & in_time)),  # there in time, but what is done there takes too long
        ("DG_NOT_ALLOWED", some(cutoff & in_time)),
        ("CUTOFF_MISSED", some(goods & in_time)),
        ("LATE", some(goods & cutoff)),
        ("DG_NOT_ALLOWED", ~some(goods)),
    ]
    codes = np.select([mask for _, mask in rules], [code for code, _ in rules], default="CUTOFF_MISSED")
    return [str(code) for code in codes]


def _missed(found: Itineraries, timetable: Timetable, fits: npt.NDArray[np.bool_], ready: int) -> Reason:
    rows = np.flatnonzero(fits)
    last = int(rows[np.argmax(found.ready_by[rows])])
    hours = (ready - int(found.ready_by[last])) / HOUR_MIN
    return Reason("CUTOFF_MISSED", f"ready {hours:.1f} h too late for {_first_ride(found, timetable, last)}")


def _late(
    found: Itineraries, timetable: Timetable, fits: npt.NDArray[np.bool_], done: IntArray, due: int
) -> Reason:
    rows = np.flatnonzero(fits)
    first = int(rows[np.argmin(done[rows])])
    hours = (int(done[first]) - due) / HOUR_MIN
    return Reason(
        "LATE", f"arrives {hours:.1f} h after its deadline by {_first_ride(found, timetable, first)}"
    )


def _first_ride(found: Itineraries, timetable: Timetable, row: int) -> str:
    legs = timetable.legs
    path = found.legs[row]
    for leg in path[path >= 0].tolist():
        if leg < legs.first_link:
            return f"departure {legs.ref[leg]}"
    return f"service {legs.ref[path[0]]}"


@dataclass(frozen=True, slots=True, eq=False)
class Reasons:
    """Why items [q] have no option in a plan: `item` positions, rising, with a code and a fact each."""

    item: IntArray
    reasons: Sequence[Reason]


def why_unassigned(problem: Problem, plan: Plan, catalogue: Catalogue) -> Reasons:
    """Return the reason of every item that the plan leaves unassigned."""
    items = np.flatnonzero(plan.item_option < 0).astype(np.int64)
    room = _Room(problem, plan)
    stored = dict(
        zip(
            catalogue.none_class.tolist(),
            zip(catalogue.none_code, catalogue.none_fact, strict=True),
            strict=True,
        )
    )
    found = []
    for item in items.tolist():
        index = int(problem.item_class[item])
        if problem.class_ptr[index] == problem.class_ptr[index + 1]:
            code, fact = stored.get(index, ("NO_ROUTE", ""))
            found.append(Reason(str(code), str(fact)))
        else:
            found.append(_why_left(problem, catalogue, room, item))
    return Reasons(items, found)


class _Room:
    """What the plan leaves free, and what opening more units could add."""

    def __init__(self, problem: Problem, plan: Plan) -> None:
        self.problem = problem
        taken = np.zeros_like(problem.resource_free)
        item = np.flatnonzero(plan.item_option >= 0)
        option = plan.item_option[item]
        count = problem.option_ptr[option + 1] - problem.option_ptr[option]
        begin = np.repeat(problem.option_ptr[option] - np.concatenate([[0], np.cumsum(count)[:-1]]), count)
        use = begin + np.arange(len(begin))
        takes = problem.item_size[np.repeat(item, count)] * problem.use_factor[use]
        np.add.at(taken, problem.use_resource[use], takes)
        units = plan.units[:, None]
        child = problem.unit_parent >= 0
        np.add.at(taken, problem.unit_parent[child], (problem.unit_takes * units)[child])
        size = np.zeros_like(taken)
        np.add.at(size, problem.unit_resource, problem.unit_size * units)
        self.free: FloatArray = problem.resource_free + size - taken
        capacity = np.where(np.isfinite(problem.resource_free), problem.resource_free, 0.0) + size
        self.slack: FloatArray = _SLACK * np.maximum(1.0, capacity)
        self.can_open = self._can_open(plan.units)
        self.units_of: dict[int, list[int]] = {}
        for unit, resource in enumerate(problem.unit_resource.tolist()):
            self.units_of.setdefault(resource, []).append(unit)

    def _can_open(self, units: IntArray) -> npt.NDArray[np.bool_]:
        """Return the unit types of which one more can be opened."""
        problem = self.problem
        more = units < problem.unit_max
        child = problem.unit_parent >= 0
        parent = problem.unit_parent[child]
        fits = problem.unit_takes[child] <= self.free[parent] + self.slack[parent]
        more[child] &= fits.all(axis=1)
        return more

    def blocking(self, item: int, option: int) -> tuple[int, int, FloatArray] | None:
        """Return the first resource and dimension where the item does not fit, even with one more unit."""
        problem = self.problem
        for use in range(int(problem.option_ptr[option]), int(problem.option_ptr[option + 1])):
            resource = int(problem.use_resource[use])
            takes = problem.item_size[item] * problem.use_factor[use]
            free = self.free[resource] + self.slack[resource]
            units = [unit for unit in self.units_of.get(resource, []) if self.can_open[unit]]
            rooms = [free, *(free + problem.unit_size[unit] for unit in units)]
            if not any((takes <= room).all() for room in rooms):
                lacks = np.where(np.isfinite(free), takes - rooms[-1], -np.inf)
                return resource, int(np.argmax(lacks / np.maximum(takes, 1e-12))), free
        return None

    def full_units(self, resource: int) -> bool:
        """Say whether units of the resource exist of which no more can be opened for want of slots."""
        units = self.units_of.get(resource, [])
        return bool(units) and not any(self.can_open[unit] for unit in units)


def _why_left(problem: Problem, catalogue: Catalogue, room: _Room, item: int) -> Reason:
    index = int(problem.item_class[item])
    options = np.arange(problem.class_ptr[index], problem.class_ptr[index + 1])
    costs = problem.option_rates[options] @ problem.item_features[item]
    first: Reason | None = None
    for position in np.argsort(costs, kind="stable").tolist():
        block = room.blocking(item, int(options[position]))
        if block is None:
            return _costlier(problem, catalogue, item, int(options[position]), float(costs[position]))
        first = first or _full(catalogue, room, *block[:2])
    return first or Reason("NO_ROUTE", "")


def _costlier(problem: Problem, catalogue: Catalogue, item: int, option: int, cost: float) -> Reason:
    more = (cost - float(problem.item_drop_cost[item])) / 100
    what = catalogue.option_label(option)
    if more > 0:
        return Reason("COSTLIER", f"{more:.2f} {problem.currency} more than leaving it: {what}")
    resources = problem.use_resource[problem.option_ptr[option] : problem.option_ptr[option + 1]]
    opened = [
        catalogue.unit_label[unit] for unit in np.flatnonzero(np.isin(problem.unit_resource, resources))
    ]
    if not opened:
        return Reason("COSTLIER", f"room is left, others need it more: {what}")
    return Reason("COSTLIER", f"does not pay for opening {opened[0]}: {what}")


def _full(catalogue: Catalogue, room: _Room, resource: int, dimension: int) -> Reason:
    name = catalogue.resource_name(resource)
    if room.full_units(resource) or catalogue.resource_kind[resource] == "throughput":
        return Reason("TEU_FULL", f"no unit or slot is left: {name}")
    code = ("WEIGHT_FULL", "VOLUME_FULL")[dimension] if dimension < 2 else "TEU_FULL"
    return Reason(code, f"{catalogue.dimensions[dimension]} are full: {name}")
