"""Ways of items as flat arrays: what going by an option costs an item, and what it takes of each resource."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from routing.problem import Problem

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
CHUNK = 1_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Ways:
    """Pairs of item and option, and their uses; uses of a way are neighbours, in the order of the ways.

    `use_take` is [uses, d].
    """

    item: Ints
    option: Ints
    use_way: Ints
    use_resource: Ints
    use_take: Floats

    def __len__(self) -> int:
        return len(self.item)


def ways_of(problem: Problem, item: Ints, option: Ints) -> Ways:
    """The ways of pairs of item and option."""
    count = np.diff(problem.option_ptr)[option]
    use = ranges(problem.option_ptr[option], count)
    way = np.repeat(np.arange(len(item)), count)
    take = problem.item_size[item[way]] * problem.use_factor[use]
    return Ways(item, option, way, problem.use_resource[use].astype(np.int64), take)


def all_pairs(problem: Problem, items: Ints, chunk: int = CHUNK) -> Iterator[tuple[Ints, Ints]]:
    """Pairs of items with each of their options, item by item, about `chunk` of them at a time."""
    count = np.diff(problem.class_ptr)[problem.item_class[items]]
    part = np.cumsum(count) // chunk
    for some in np.split(np.arange(len(items)), np.flatnonzero(np.diff(part)) + 1):
        if len(some):
            first = problem.class_ptr[problem.item_class[items[some]]]
            yield np.repeat(items[some], count[some]), ranges(first, count[some])


def costs_of(problem: Problem, item: Ints, option: Ints) -> Floats:
    """What pairs of item and option cost, with what is paid for a change [pairs]."""
    cost = np.einsum("if,if->i", problem.item_features[item], problem.option_rates[option])
    if problem.item_option_now is not None:
        cost += np.where(problem.item_option_now[item] != option, change_costs(problem)[item], 0.0)
    return cost


def leaving_costs(problem: Problem) -> Floats:
    """What it costs to leave each item where it is [n]."""
    return problem.item_drop_cost + change_costs(problem)


def change_costs(problem: Problem) -> Floats:
    """What each item pays if it does not stay on its booking [n]."""
    if problem.item_option_now is None or problem.item_change_cost is None:
        return np.zeros(problem.n)
    return np.where(problem.item_option_now >= 0, problem.item_change_cost, 0.0)


def ranges(first: Ints, count: Ints) -> Ints:
    """Concatenate ``first[i] .. first[i] + count[i] - 1``."""
    ends = np.cumsum(count)
    return np.arange(int(count.sum())) + np.repeat(first - (ends - count), count)
