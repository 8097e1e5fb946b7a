"""A part of a problem: some items choose anew while everything else stays as a plan has it.

Units carry the goods of many items, so the room left to a part is not simply what is free: the fewest opened
units that carry everybody else are counted as fixed, and their spare room is free to the part. The costs of
the part's answers then differ from the whole's by one constant, and all capacities stay at least 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from routing.arrays import FloatArray, IntArray
from routing.plan import Plan
from routing.problem import Problem
from routing.tally import item_costs, loads

BoolArray = npt.NDArray[np.bool_]

ROUNDING = 1e-10
"""Sums of sizes may miss a capacity by this, relative to it: a tenth of what the verifier lets pass."""


@dataclass(frozen=True, eq=False)
class Part:
    """A problem of its own, and where its items, options, resources and unit types stand in the whole.

    `items` [n'], `options` [o'], `resources` [r'] and `types` [t'] hold rising indices of the whole;
    `fixed_units` [t] are the units of the whole that stay open whatever the part answers. `start_option`
    [n'] and `start_units` [t'] are the plan in the part's own indices, -1 where its option is not kept.
    """

    whole: Problem
    plan_option: IntArray
    plan_units: IntArray
    items: IntArray
    options: IntArray
    resources: IntArray
    types: IntArray
    fixed_units: IntArray
    problem: Problem
    start_option: IntArray
    start_units: IntArray

    @cached_property
    def fixed_cost(self) -> float:
        """What the whole costs beyond the part, in minor units: one pass over all items, the first time."""
        others = np.ones(self.whole.n, bool)
        others[self.items] = False
        costs = item_costs(self.whole, self.plan_option)
        sunk = _sunk_changes(self.whole, self.items, self.options)
        return float(costs[others].sum()) + float(self.whole.unit_cost @ self.fixed_units) + sunk

    @property
    def start(self) -> Plan:
        """The plan as it concerns the part, to hand to `solve(previous=...)`; it claims nothing."""
        none = np.zeros(0, np.int64)
        return Plan(
            "unknown",
            self.start_option,
            self.start_units,
            math.nan,
            none,
            math.nan,
            "none",
            problem_sha256="",
        )

    def merge(self, item_option: IntArray, units: IntArray) -> tuple[IntArray, IntArray]:
        """Return option per item [n] and units [t] of the whole for an answer of the part."""
        option, opened = self.plan_option.copy(), self.fixed_units.copy()
        option[self.items] = -1
        taken = item_option >= 0
        option[self.items[taken]] = self.options[item_option[taken]]
        opened[self.types] += units
        return option, opened


def part_of(
    problem: Problem,
    plan_option: IntArray,
    plan_units: IntArray,
    items: IntArray,
    *,
    options_kept: BoolArray | None = None,
    load: FloatArray | None = None,
) -> Part:
    """Return the part of a problem in which `items` choose anew and all others keep the plan's options.

    `options_kept` [o] leaves out options; one on which an item is locked stays in any case. `load` [r, d]
    is `loads(problem, plan_option)` if the caller has it: then nothing is read of the other items. The
    others must fit as they are in the plan; its items may be anywhere, also on options that are left out.
    """
    items = np.unique(np.asarray(items, np.int64))
    classes, item_class = np.unique(problem.item_class[items].astype(np.int64), return_inverse=True)
    options, class_ptr = _options(problem, items, classes, options_kept)
    uses, _ = ranges(problem.option_ptr[options], problem.option_ptr[options + 1])
    touched = _touched(problem, uses, items, plan_option)
    types = np.flatnonzero(touched[problem.unit_resource])
    others = (loads(problem, plan_option) if load is None else load) - loads(problem, plan_option, items)
    spare = room_left(problem, others, plan_units)
    fixed = fewest_units(problem, plan_units, types, spare)
    resources = np.flatnonzero(touched)
    cut = _Cut(items, item_class.astype(np.int32), class_ptr, options, resources, types)
    return Part(
        whole=problem,
        plan_option=plan_option,
        plan_units=plan_units,
        items=items,
        options=options,
        resources=resources,
        types=types,
        fixed_units=fixed,
        problem=_problem(problem, cut, np.maximum(spare[resources], 0.0), fixed[types]),
        start_option=_numbers_of(options, plan_option[items]),
        start_units=plan_units[types] - fixed[types],
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Cut:
    """What of the whole is in a part, by rising index; `item_class` and `class_ptr` count as the part does."""

    items: IntArray
    item_class: npt.NDArray[np.int32]
    class_ptr: IntArray
    options: IntArray
    resources: IntArray
    types: IntArray


def _problem(problem: Problem, cut: _Cut, free: FloatArray, fixed: IntArray) -> Problem:
    """Return the problem of a part with free room [r', d], after `fixed` [t'] units were taken away."""
    items, options, types = cut.items, cut.options, cut.types
    uses, option_ptr = ranges(problem.option_ptr[options], problem.option_ptr[options + 1])
    number = np.full(problem.r + 1, -1, np.int32)  # the last entry is the parent of units that have none
    number[cut.resources] = np.arange(len(cut.resources))
    now, change = _bookings(problem, items, options)
    return Problem(
        currency=problem.currency,
        item_class=cut.item_class,
        item_size=problem.item_size[items],
        item_features=problem.item_features[items],
        item_drop_cost=problem.item_drop_cost[items],
        class_ptr=cut.class_ptr,
        option_rates=problem.option_rates[options],
        option_ptr=option_ptr,
        use_resource=number[problem.use_resource[uses]],
        use_factor=problem.use_factor[uses],
        resource_free=free,
        unit_resource=number[problem.unit_resource[types]],
        unit_size=problem.unit_size[types],
        unit_cost=problem.unit_cost[types],
        unit_max=np.maximum(problem.unit_max[types] - fixed, 0),
        unit_parent=number[problem.unit_parent[types]],
        unit_takes=problem.unit_takes[types],
        item_option_now=now,
        item_change_cost=change,
    )


def ranges(first: IntArray, last: IntArray) -> tuple[IntArray, IntArray]:
    """Return all whole numbers of the ranges one after the other, and the pointer of the ranges into them."""
    pointer = np.concatenate([[0], np.cumsum(last - first)]).astype(np.int64)
    return np.arange(pointer[-1]) + np.repeat(first - pointer[:-1], last - first), pointer


def _numbers_of(known: IntArray, values: IntArray) -> IntArray:
    """Return where each value stands in the rising array `known`, -1 where it does not."""
    if not len(known):
        return np.full(len(values), -1, np.int64)
    place = np.minimum(np.searchsorted(known, values), len(known) - 1)
    return np.where(known[place] == values, place, -1)


def _options(
    problem: Problem, items: IntArray, classes: IntArray, kept: BoolArray | None
) -> tuple[IntArray, IntArray]:
    options, pointer = ranges(problem.class_ptr[classes], problem.class_ptr[classes + 1])
    if kept is None:
        return options, pointer
    stays = kept[options]
    if problem.item_option_now is not None and problem.item_change_cost is not None:
        now = problem.item_option_now[items[np.isinf(problem.item_change_cost[items])]]
        stays[_numbers_of(options, now[now >= 0])] = True
    before = np.concatenate([[0], np.cumsum(stays)])
    return options[stays], before[pointer]


def _bookings(
    problem: Problem, items: IntArray, options: IntArray
) -> tuple[IntArray | None, FloatArray | None]:
    """Return the bookings and change costs of the items; a booking that cannot be kept is none any more."""
    now = None if problem.item_option_now is None else _numbers_of(options, problem.item_option_now[items])
    return now, None if problem.item_change_cost is None else problem.item_change_cost[items]


def _sunk_changes(problem: Problem, items: IntArray, options: IntArray) -> float:
    """Return the change costs of bookings that no answer of the part can keep."""
    if problem.item_option_now is None or problem.item_change_cost is None:
        return 0.0
    now = problem.item_option_now[items]
    return float(problem.item_change_cost[items][(now >= 0) & (_numbers_of(options, now) < 0)].sum())


def _touched(problem: Problem, uses: IntArray, items: IntArray, plan_option: IntArray) -> BoolArray:
    """Mark the resources that the part's answers can load or relieve, and the parents of their units, [r]."""
    touched = np.zeros(problem.r, bool)
    touched[problem.use_resource[uses]] = True
    left = np.unique(plan_option[items])
    left = left[left >= 0]
    touched[problem.use_resource[ranges(problem.option_ptr[left], problem.option_ptr[left + 1])[0]]] = True
    child = problem.unit_parent >= 0
    while True:
        above = problem.unit_parent[child & touched[problem.unit_resource]]
        if touched[above].all():
            return touched
        touched[above] = True


def room_left(problem: Problem, load: FloatArray, units: IntArray) -> FloatArray:
    """Return the room that items' takes `load` [r, d] and the opened units leave in each resource, [r, d]."""
    spare = problem.resource_free - load
    np.add.at(spare, problem.unit_resource, problem.unit_size * units[:, None])
    child = problem.unit_parent >= 0
    np.subtract.at(spare, problem.unit_parent[child], problem.unit_takes[child] * units[child, None])
    return spare


def fewest_units(problem: Problem, units: IntArray, types: IntArray, spare: FloatArray) -> IntArray:
    """Return the units [t] after closing of some types what is not needed; `spare` [r, d] is changed with it.

    Units are given back from the resources without children upwards, as each relieves its parent, and on
    one resource the dearest type first.
    """
    fixed = units.copy()
    level = levels(problem)[problem.unit_resource[types]]
    order = np.lexsort((-problem.unit_cost[types], problem.unit_resource[types], level))
    resource = problem.unit_resource[types[order]]
    begins = np.flatnonzero(np.diff(resource, prepend=-1))
    rank = np.arange(len(order)) - np.repeat(begins, np.diff(begins, append=len(order)))
    turn = level[order] * (rank.max(initial=0) + 1) + rank
    for now in np.unique(turn):
        _give_back(problem, types[order[turn == now]], fixed, spare)
    return fixed


def _give_back(problem: Problem, types: IntArray, fixed: IntArray, spare: FloatArray) -> None:
    """Close as many units of types on different resources as can be done without, in place."""
    resource, size = problem.unit_resource[types], problem.unit_size[types]
    room = spare[resource] + ROUNDING * np.maximum(1.0, size * fixed[types, None])
    with np.errstate(divide="ignore", invalid="ignore"):
        most = np.where(size > 0, np.floor(room / size), np.inf).min(axis=1)
    closed = np.minimum(np.maximum(most, 0.0), fixed[types]).astype(np.int64)
    fixed[types] -= closed
    spare[resource] -= size * closed[:, None]
    child = problem.unit_parent[types] >= 0
    back = problem.unit_takes[types[child]] * closed[child, None]
    np.add.at(spare, problem.unit_parent[types[child]], back)


def levels(problem: Problem) -> IntArray:
    """Return for each resource the length of the longest chain of units below it, [r]."""
    child = problem.unit_parent >= 0
    below, above = problem.unit_resource[child], problem.unit_parent[child]
    level = np.zeros(problem.r, np.int64)
    while True:
        wanted = level.copy()
        np.maximum.at(wanted, above, level[below] + 1)
        if np.array_equal(wanted, level):
            return level
        level = wanted
