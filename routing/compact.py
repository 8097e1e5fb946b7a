"""A problem as the large search sees it: items in order of their class, and one cost for every item and option.

Nothing here is written out pair by pair but the costs: item, option and take of a pair follow from its place.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from routing.arrays import FloatArray, Int32Array, IntArray
from routing.compiled import compiled
from routing.problem import Problem

TOLERANCE = 1e-9


@dataclass(frozen=True, eq=False, slots=True)
class Compact:
    """Items by class, their costs, and which options use which resource.

    `order` [n] is the item at each position; all else about items is by position. Class c holds positions
    ``item_ptr[c] .. item_ptr[c+1]-1`` and options ``class_ptr[c] .. class_ptr[c+1]-1``; what position i pays
    for its j-th option stands at ``cost[cell[i] + j]``: inf where the option cannot hold the item alone, or
    the item is locked elsewhere. `leave` [n] is what leaving an item out costs, with its change cost.
    `by_resource` lists the uses of each resource: resource x has ``by_resource[resource_ptr[x] : ...]``, and
    `use_option` [u] is the option of a use. `room` [r, d] is the free capacity, `limited` [r] says whether
    any of it is finite.
    """

    problem: Problem
    order: IntArray
    class_of: IntArray
    item_ptr: IntArray
    size: FloatArray
    cell: IntArray
    cost: FloatArray
    leave: FloatArray
    use_option: IntArray
    by_resource: IntArray
    resource_ptr: IntArray
    most_room: FloatArray

    @property
    def n(self) -> int:
        """Items."""
        return len(self.order)

    @property
    def pairs(self) -> int:
        """Pairs of item and option."""
        return len(self.cost)


def compile_compact(problem: Problem) -> Compact:
    """Bring a problem into the order of its classes and work out every cost."""
    order = np.argsort(problem.item_class, kind="stable")
    class_of = problem.item_class[order].astype(np.int64)
    item_ptr = np.searchsorted(class_of, np.arange(problem.k + 1)).astype(np.int64)
    many = np.diff(problem.class_ptr)[class_of]
    cell = np.concatenate([[0], np.cumsum(many)])[:-1].astype(np.int64)
    size = np.ascontiguousarray(problem.item_size[order])
    use_option = np.repeat(np.arange(problem.o), np.diff(problem.option_ptr))
    by_resource = np.argsort(problem.use_resource, kind="stable")
    resource_ptr = np.searchsorted(problem.use_resource[by_resource], np.arange(problem.r + 1))
    most = most_room(problem)
    cost = np.empty(int(many.sum()))
    _costs(
        cost, cell, class_of, problem.class_ptr, np.ascontiguousarray(problem.item_features[order]),
        problem.option_rates, size, problem.option_ptr, problem.use_resource, problem.use_factor,
        most + TOLERANCE * np.maximum(1.0, np.where(np.isinf(most), 1.0, most)),
    )  # fmt: skip
    leave = problem.item_drop_cost[order].copy()
    if problem.item_option_now is not None and problem.item_change_cost is not None:
        now, change = problem.item_option_now[order], problem.item_change_cost[order]
        leave += np.where(now >= 0, change, 0.0)
        _changes(cost, cell, class_of, problem.class_ptr, now, change)
    return Compact(
        problem, order, class_of, item_ptr, size, cell, cost, leave, use_option, by_resource,
        resource_ptr.astype(np.int64), most,
    )  # fmt: skip


def most_room(problem: Problem) -> FloatArray:
    """Capacity [r, d] with every unit open, as if no parent were full."""
    most = problem.resource_free.copy()
    np.add.at(most, problem.unit_resource, problem.unit_size * problem.unit_max[:, None])
    return most


def penalties(compact: Compact) -> FloatArray:
    """Finite costs of leaving items out [n by position]: above any detour for an item that must go."""
    must = np.isinf(compact.leave)
    if not must.any():
        return compact.leave
    finite = compact.cost[np.isfinite(compact.cost)]
    known = compact.leave[~must].max(initial=0.0)
    dearest = finite.max(initial=0.0) + compact.problem.unit_cost.max(initial=0.0)
    return np.where(must, 10.0 * (dearest + known + 1.0), compact.leave)


@compiled
def _costs(
    cost: FloatArray,
    cell: IntArray,
    class_of: IntArray,
    class_ptr: IntArray,
    features: FloatArray,
    rates: FloatArray,
    size: FloatArray,
    option_ptr: IntArray,
    use_resource: Int32Array,
    use_factor: FloatArray,
    most: FloatArray,
) -> None:
    for i in range(len(cell)):
        first, last = class_ptr[class_of[i]], class_ptr[class_of[i] + 1]
        for option in range(first, last):
            total = 0.0
            for f in range(features.shape[1]):
                total += features[i, f] * rates[option, f]
            for use in range(option_ptr[option], option_ptr[option + 1]):
                for dim in range(size.shape[1]):
                    if size[i, dim] * use_factor[use, dim] > most[use_resource[use], dim]:
                        total = np.inf
            cost[cell[i] + option - first] = total


@compiled
def _changes(
    cost: FloatArray,
    cell: IntArray,
    class_of: IntArray,
    class_ptr: IntArray,
    now: IntArray,
    change: FloatArray,
) -> None:
    for i in range(len(cell)):
        if now[i] >= 0 and change[i] > 0:
            first, last = class_ptr[class_of[i]], class_ptr[class_of[i] + 1]
            for option in range(first, last):
                if option != now[i]:
                    cost[cell[i] + option - first] += change[i]
