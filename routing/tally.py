"""What a plan's items take of the resources, and what each of them costs."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from routing.arrays import FloatArray, IntArray
from routing.compiled import compiled
from routing.problem import Problem


def loads(problem: Problem, item_option: IntArray, items: IntArray | None = None) -> FloatArray:
    """Return what all items, or some, take of each resource on their options, [r, d]."""
    chosen = np.arange(problem.n) if items is None else np.asarray(items, np.int64)
    taken = np.zeros((problem.r, problem.d))
    _add_takes(
        taken,
        chosen,
        item_option,
        problem.item_size,
        problem.option_ptr,
        problem.use_resource,
        problem.use_factor,
    )
    return taken


def item_costs(problem: Problem, item_option: IntArray, items: IntArray | None = None) -> FloatArray:
    """Return what each item, or each of some, costs on its option or left out, with changes, minor units."""
    chosen = slice(None) if items is None else items
    option, cost = item_option[chosen], problem.item_drop_cost[chosen].copy()
    taken = np.flatnonzero(option >= 0)
    features = problem.item_features[chosen]
    cost[taken] = np.einsum("if,if->i", features[taken], problem.option_rates[option[taken]])
    if problem.item_option_now is not None and problem.item_change_cost is not None:
        now = problem.item_option_now[chosen]
        cost += np.where((now >= 0) & (now != option), problem.item_change_cost[chosen], 0.0)
    return cost


@compiled
def _add_takes(
    taken: FloatArray,
    items: IntArray,
    item_option: IntArray,
    item_size: FloatArray,
    option_ptr: IntArray,
    use_resource: npt.NDArray[np.int32],
    use_factor: FloatArray,
) -> None:
    for item in items:
        option = item_option[item]
        if option >= 0:
            for use in range(option_ptr[option], option_ptr[option + 1]):
                for dim in range(taken.shape[1]):
                    taken[use_resource[use], dim] += item_size[item, dim] * use_factor[use, dim]
