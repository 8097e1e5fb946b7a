"""The two bundles of arrays that compiled moves read and write: what never changes, and the plan as it stands."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from routing.arrays import FloatArray, Int32Array, IntArray
from routing.compact import TOLERANCE, Compact
from routing.pricing import LEAVE


class Ground(NamedTuple):
    """What never changes: the arrays of `Compact` and `Problem`, `leave` [n] finite, unit types by resource.

    Resource x has the unit types ``unit_of[unit_ptr[x] : unit_ptr[x+1]]``; `free` [r, d]. An item takes part in
    at most `width` [1] uses at once.
    """

    cell: IntArray
    class_of: IntArray
    class_ptr: IntArray
    item_ptr: IntArray
    cost: FloatArray
    size: FloatArray
    leave: FloatArray
    option_ptr: IntArray
    use_resource: Int32Array
    use_factor: FloatArray
    use_option: IntArray
    by_resource: IntArray
    resource_ptr: IntArray
    option_class: IntArray
    free: FloatArray
    unit_of: IntArray
    unit_ptr: IntArray
    unit_resource: Int32Array
    unit_size: FloatArray
    unit_cost: FloatArray
    unit_max: IntArray
    unit_parent: Int32Array
    unit_takes: FloatArray
    width: IntArray


class Standing(NamedTuple):
    """The plan as it stands: `choice` [n] by position, `units` [t], `load` and `limit` [r, d].

    `limit` is the capacity with its tolerance. Who is on a resource hangs on a chain: `head` [r] and `after`,
    `before` [n * width] hold places ``position * width + nth use``, -1 ends. The log of moves since the last
    mark is ``log[0 : logged[0]]``: (position, option before), or (~unit, units before).
    """

    choice: IntArray
    units: IntArray
    load: FloatArray
    limit: FloatArray
    head: IntArray
    after: IntArray
    before: IntArray
    log: IntArray
    logged: IntArray


def lay_ground(compact: Compact, leave: FloatArray) -> Ground:
    """Gather what compiled moves need; `leave` [n] by position must be finite."""
    problem = compact.problem
    unit_of = np.argsort(problem.unit_resource, kind="stable").astype(np.int64)
    unit_ptr = np.searchsorted(problem.unit_resource[unit_of], np.arange(problem.r + 1)).astype(np.int64)
    width = max(1, int(np.diff(problem.option_ptr).max(initial=0)))
    option_class = np.repeat(np.arange(problem.k), np.diff(problem.class_ptr))
    return Ground(
        compact.cell, compact.class_of, problem.class_ptr, compact.item_ptr, compact.cost, compact.size,
        leave, problem.option_ptr, problem.use_resource, problem.use_factor, compact.use_option,
        compact.by_resource, compact.resource_ptr, option_class, problem.resource_free, unit_of, unit_ptr,
        problem.unit_resource, problem.unit_size, problem.unit_cost, problem.unit_max, problem.unit_parent,
        problem.unit_takes, np.array([width]),
    )  # fmt: skip


def stand(ground: Ground, choice: IntArray, units: IntArray) -> Standing:
    """A plan [n by position], [t] on its ground; it may overload."""
    from routing.moving import link  # the compiled file knows this one

    n, width = len(choice), int(ground.width[0])
    resources, dims = ground.free.shape
    standing = Standing(
        choice=choice.astype(np.int64),
        units=units.astype(np.int64),
        load=np.zeros((resources, dims)),
        limit=np.zeros((resources, dims)),
        head=np.full(resources, -1),
        after=np.full(n * width, -1),
        before=np.full(n * width, -1),
        log=np.zeros(((4 + dims) * n + 4 * len(units) + 4096, 2), np.int64),
        logged=np.zeros(1, np.int64),
    )
    link(ground, standing)
    return standing


def cost_of(ground: Ground, standing: Standing) -> float:
    """What the plan costs, with `leave` for those left out."""
    taken = np.flatnonzero(standing.choice != LEAVE)
    cells = ground.cell[taken] + standing.choice[taken] - ground.class_ptr[ground.class_of[taken]]
    items = ground.cost[cells].sum() + ground.leave[standing.choice == LEAVE].sum()
    return float(items + ground.unit_cost @ standing.units)


def overloaded(standing: Standing) -> bool:
    """Whether any capacity is exceeded."""
    return bool((standing.load > standing.limit).any())


__all__ = ["TOLERANCE", "Ground", "Standing", "cost_of", "lay_ground", "overloaded", "stand"]
