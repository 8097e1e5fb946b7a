"""Bookings that no longer fit where a plan has them: which of them go, so that few do and little is lost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from routing.arrays import FloatArray, IntArray
from routing.parts import levels
from routing.problem import Problem
from routing.tally import item_costs, loads

TOLERANCE = 1e-9
NOWHERE = 1e15
"""What an item is taken to lose that has no other way: it goes after all that have one."""
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Room:
    """The capacities there are now: `free` [r, d], `unit_size` [t, d], and the `units` [t] still opened."""

    free: FloatArray
    unit_size: FloatArray
    units: IntArray


def relieve(
    problem: Problem, item_option: IntArray, room: Room, locked: BoolArray, kept: BoolArray
) -> tuple[IntArray, IntArray, FloatArray]:
    """Take items [n] off their options and close units [t] until everything fits into the room there is.

    `locked` [n] items go last; `kept` [o] says which options can still be had. Parents are relieved
    before their children: first of units, the emptiest first, then of items. Returns options and units
    that fit, and what the items then take of each resource [r, d].
    """
    option, units = item_option.copy(), room.units.copy()
    load = loads(problem, option)
    level = levels(problem)
    while True:
        over = _excess(problem, load, room, units)
        crowded = np.flatnonzero((over > 0).any(axis=1))
        if not len(crowded):
            return option, units, load
        here = int(crowded[np.argmax(level[crowded])])
        if not _close_units(problem, load, over[here], here, units):
            riders = _riders(problem, option, here)
            out = _victims(problem, option, over[here], riders, locked, kept)
            load -= loads(problem, option, out)
            option[out] = -1
            # Sums that were taken from sums leave crumbs; without riders nothing may be left of them.
            load[here] = loads(problem, option, riders.items)[here]


def _excess(problem: Problem, load: FloatArray, room: Room, units: IntArray) -> FloatArray:
    """Return by how much each capacity is exceeded, 0 where it is not, [r, d]."""
    capacity = room.free.copy()
    np.add.at(capacity, problem.unit_resource, room.unit_size * units[:, None])
    taken = load.copy()
    child = problem.unit_parent >= 0
    np.add.at(taken, problem.unit_parent[child], problem.unit_takes[child] * units[child, None])
    slack = TOLERANCE * np.maximum(1.0, np.where(np.isinf(capacity), 1.0, capacity))
    return np.where(taken > capacity + slack, taken - capacity, 0.0)


def _close_units(problem: Problem, load: FloatArray, over: FloatArray, parent: int, units: IntArray) -> bool:
    """Close units, in place, that take from a parent what it lacks. Returns whether there were any."""
    relieving = (problem.unit_takes[:, over > 0] > 0).any(axis=1)
    types = np.flatnonzero((problem.unit_parent == parent) & relieving & (units > 0))
    if not len(types):
        return False
    size = problem.unit_size[types]
    filled = load[problem.unit_resource[types]] / np.where(size > 0, size, np.inf)
    missing = over.copy()
    for unit in types[np.argsort(filled.max(axis=1) / units[types], kind="stable")]:
        takes = problem.unit_takes[unit]
        needed = np.ceil(missing[(missing > 0) & (takes > 0)] / takes[(missing > 0) & (takes > 0)])
        closed = int(min(needed.max(initial=0), units[unit]))
        units[unit] -= closed
        missing -= takes * closed
    return True


@dataclass(frozen=True, slots=True, eq=False)
class _Riders:
    """The items on a resource with what they take of it [., d], and its use by each option or -1 [o]."""

    items: IntArray
    take: FloatArray
    use_of: IntArray


def _riders(problem: Problem, option: IntArray, resource: int) -> _Riders:
    use = np.flatnonzero(problem.use_resource == resource)
    use_of = np.full(problem.o, -1, np.int64)
    use_of[np.searchsorted(problem.option_ptr, use, side="right") - 1] = use
    taken = np.flatnonzero(option >= 0)
    items = taken[use_of[option[taken]] >= 0]
    return _Riders(items, problem.item_size[items] * problem.use_factor[use_of[option[items]]], use_of)


def _victims(
    problem: Problem,
    option: IntArray,
    over: FloatArray,
    riders: _Riders,
    locked: BoolArray,
    kept: BoolArray,
) -> IntArray:
    """Return riders that relieve their resource of what is over, [d], and lose little each."""
    limited = over > 0
    share = riders.take[:, limited] / over[limited]
    helps = share.sum(axis=1) > 0
    items, take, share = riders.items[helps], riders.take[helps], share[helps]
    loss = _regret(problem, option, items, riders.use_of, kept)
    relief = np.minimum(share, 1.0).sum(axis=1)
    order = np.lexsort((share.sum(axis=1), loss / relief, locked[items]))
    reached = np.cumsum(take[order], axis=0)[:, limited] >= over[limited] * (1 - TOLERANCE)
    enough = reached.all(axis=1)
    last = int(np.argmax(enough)) + 1 if enough.any() else len(order)
    return np.asarray(items[_needed(take, order[:last], over)])


def _needed(take: FloatArray, order: IntArray, over: FloatArray) -> IntArray:
    """Leave out of the ordered ones, from the last to the first, who is not needed to relieve what is over."""
    surplus = take[order].sum(axis=0) - over
    stays = np.ones(len(order), bool)
    limited = over > 0
    for place in range(len(order) - 1, -1, -1):
        mine = take[order[place]]
        if (mine[limited] <= surplus[limited]).all():
            stays[place] = False
            surplus -= mine
    return np.asarray(order[stays])


def _regret(
    problem: Problem, option: IntArray, items: IntArray, use_of: IntArray, kept: BoolArray
) -> FloatArray:
    """Return what each rider loses by taking its cheapest way that avoids the resource, minor units."""
    now = item_costs(problem, option, items)
    best = problem.item_drop_cost[items].copy()
    of_class = problem.item_class[items]
    first, last = problem.class_ptr[of_class], problem.class_ptr[of_class + 1]
    for step in range(int((last - first).max(initial=0))):
        there = np.flatnonzero(first + step < last)
        there = there[kept[first[there] + step] & (use_of[first[there] + step] < 0)]
        rates = problem.option_rates[first[there] + step]
        cost = np.einsum("if,if->i", problem.item_features[items[there]], rates)
        best[there] = np.minimum(best[there], cost)
    return np.asarray(np.maximum(np.where(np.isfinite(best), best, NOWHERE) - now, 0.0))
