"""Every way of every item as flat arrays: what it costs and what it takes of each resource."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from routing.problem import Problem

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
CHUNK = 1_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Ways:
    """Pairs of item and option, and their uses; uses of a way are neighbours, in the order of the ways.

    `cost` in minor units, `price` what the ways of an item are compared by; `use_take` is [uses, d];
    `leave` [n] is what it costs to leave an item where it is.
    """

    item: Ints
    option: Ints
    cost: Floats
    price: Floats
    leave: Floats
    use_way: Ints
    use_resource: Ints
    use_take: Floats

    def __len__(self) -> int:
        return len(self.item)

    def kept(self, keep: npt.NDArray[np.bool_]) -> Ways:
        """Only the ways marked."""
        return self if keep.all() else self.picked(np.flatnonzero(keep))

    def picked(self, which: Ints) -> Ways:
        """Some ways in a new order, with their uses."""
        count = np.bincount(self.use_way, minlength=len(self))
        first = np.cumsum(count) - count
        uses = ranges(first[which], count[which])
        return replace(
            self,
            item=self.item[which],
            option=self.option[which],
            cost=self.cost[which],
            price=self.price[which],
            use_way=np.repeat(np.arange(len(which)), count[which]),
            use_resource=self.use_resource[uses],
            use_take=self.use_take[uses],
        )

    def sorted_by(self, price: Floats) -> Ways:
        """The ways of each item, cheapest by a price first."""
        return replace(self, price=price).picked(np.lexsort((price, self.item)))


def ranges(first: Ints, count: Ints) -> Ints:
    """Concatenate ``first[i] .. first[i] + count[i] - 1``."""
    ends = np.cumsum(count)
    return np.arange(int(count.sum())) + np.repeat(first - (ends - count), count)


def ways_of(problem: Problem) -> Ways:
    """All ways of all items; costs and what is paid for a change are added up."""
    count = np.diff(problem.class_ptr)[problem.item_class]
    item = np.repeat(np.arange(problem.n), count)
    option = ranges(problem.class_ptr[problem.item_class], count)
    change = _change_costs(problem)
    cost = np.empty(len(item))
    for begin in range(0, len(item), CHUNK):
        some = slice(begin, begin + CHUNK)
        rates = problem.option_rates[option[some]]
        cost[some] = np.einsum("if,if->i", problem.item_features[item[some]], rates)
    if problem.item_option_now is not None:
        cost += np.where(problem.item_option_now[item] != option, change[item], 0.0)
    uses = np.diff(problem.option_ptr)[option]
    use = ranges(problem.option_ptr[option], uses)
    way = np.repeat(np.arange(len(item)), uses)
    return Ways(
        item=item,
        option=option,
        cost=cost,
        price=cost,
        leave=problem.item_drop_cost + change,
        use_way=way,
        use_resource=problem.use_resource[use].astype(np.int64),
        use_take=problem.item_size[item[way]] * problem.use_factor[use],
    )


def _change_costs(problem: Problem) -> Floats:
    """What each item pays if it does not stay on its booking [n]."""
    if problem.item_option_now is None or problem.item_change_cost is None:
        return np.zeros(problem.n)
    return np.where(problem.item_option_now >= 0, problem.item_change_cost, 0.0)
