"""The Lagrangian bound with one knapsack for each resource that is opened, evaluated for all items at once.

Every option lies in the knapsack of at most one of its uses; its other uses are paid at prices. What the
verifier computes is the same formula (`routing.certificates`); here it is only quick, and tells how to go on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from routing.arrays import FloatArray, Int32Array, IntArray
from routing.compact import Compact
from routing.compiled import compiled
from routing.pricing import CHUNKS, Chooser


@dataclass(frozen=True, eq=False, slots=True)
class Filled:
    """The bound at some multipliers and what attains it.

    `taken` [n] is how often each position is chosen or left out, `load` [r, d] what is chosen takes, `units` [t]
    what is opened.
    """

    bound: float
    taken: FloatArray
    load: FloatArray
    units: FloatArray


@dataclass(slots=True, eq=False)
class Sacks:
    """Knapsacks over the single unit type of resources; `primary` [o] is the use an option lies in, -1 none."""

    chooser: Chooser
    primary: IntArray
    inside: np.ndarray
    unit_at: IntArray

    @classmethod
    def of(cls, chooser: Chooser) -> Sacks:
        """Put each option into the knapsack of its dearest opening."""
        problem = chooser.compact.problem
        worth = opening_worth(chooser.compact)
        of_use = worth[problem.use_resource] * (problem.use_factor.max(axis=1, initial=0.0) > 0)
        primary = np.full(problem.o, -1)
        order = np.argsort(of_use, kind="stable")
        order = order[of_use[order] > 0]
        primary[chooser.compact.use_option[order]] = order
        inside = np.zeros(problem.r, bool)
        inside[problem.use_resource[primary[primary >= 0]]] = True
        unit_at = np.full(problem.r, -1)
        unit_at[problem.unit_resource] = np.arange(problem.t)
        return cls(chooser, primary, inside, np.where(inside, unit_at, -1))

    def fill(self, value: FloatArray, price: FloatArray, theta: FloatArray, leave: FloatArray) -> Filled:
        """Evaluate the bound at values [n by position], prices and theta [r, d]; `leave` [n] finite or inf."""
        compact, problem = self.chooser.compact, self.chooser.compact.problem
        rate = _outside_prices(
            problem.option_ptr, problem.use_resource, problem.use_factor, price, self.primary
        )
        taken, load = np.zeros(compact.n), np.zeros((CHUNKS, problem.r, problem.d))
        parts: list[tuple[Any, ...]] = [()] * CHUNKS
        sums = np.zeros(CHUNKS)

        def part(number: int) -> None:
            first, last = self.chooser.bounds[number], self.chooser.bounds[number + 1]
            sums[number], *found = _entries(
                first, last, compact.cell, compact.class_of, problem.class_ptr, compact.cost, compact.size,
                rate, value, leave, self.primary, problem.option_ptr, problem.use_resource,
                problem.use_factor, theta, taken, load[number],
            )  # fmt: skip
            parts[number] = tuple(found)

        self.chooser.run(part)
        resource, item, use, worth, weight = (np.concatenate(column) for column in zip(*parts, strict=True))
        units = np.zeros(problem.t)
        reduced = problem.unit_cost - np.einsum("td,td->t", price[problem.unit_resource], problem.unit_size)
        child = problem.unit_parent >= 0
        reduced[child] += np.einsum("td,td->t", price[problem.unit_parent[child]], problem.unit_takes[child])
        order = np.argsort(resource, kind="stable")
        borders = np.searchsorted(resource[order], np.arange(problem.r + 1))
        filled = load.sum(axis=0)
        bound = float(sums.sum()) - float((price * np.where(price > 0, problem.resource_free, 0.0)).sum())
        bound += _fill_all(
            self.unit_at, order, borders, item, use, worth, weight, theta, problem.resource_free,
            problem.unit_size, problem.unit_max, reduced, compact.size, problem.option_ptr,
            problem.use_resource, problem.use_factor, compact.use_option, taken, filled, units,
        )  # fmt: skip
        alone = ~self.inside[problem.unit_resource]
        units[alone] = np.where(reduced[alone] < 0, problem.unit_max[alone], 0.0)
        bound += float((units * reduced)[alone].sum())
        return Filled(bound, taken, filled, units)


def opening_worth(compact: Compact) -> FloatArray:
    """What opening a resource costs a typical item; 0 where it has not exactly one unit type, [r]."""
    problem = compact.problem
    worth = np.zeros(problem.r)
    typical = np.maximum(problem.item_size.mean(axis=0), 1e-12) if problem.n else np.ones(problem.d)
    limited = np.isfinite(problem.resource_free[problem.unit_resource])
    scale = np.where(limited, problem.unit_size / typical, 0.0).max(axis=1, initial=0.0)
    np.maximum.at(worth, problem.unit_resource, problem.unit_cost / np.maximum(scale, 1e-12) + 1e-12)
    types = np.bincount(problem.unit_resource, minlength=problem.r)
    return np.where(types == 1, worth, 0.0)


@compiled
def _outside_prices(
    option_ptr: IntArray,
    use_resource: Int32Array,
    use_factor: FloatArray,
    price: FloatArray,
    primary: IntArray,
) -> FloatArray:
    rate = np.zeros((len(primary), price.shape[1]))
    for option in range(len(primary)):
        for use in range(option_ptr[option], option_ptr[option + 1]):
            for dim in range(price.shape[1]):
                rate[option, dim] += use_factor[use, dim] * price[use_resource[use], dim]
    return rate


@compiled
def _entries(
    begin: int,
    end: int,
    cell: IntArray,
    class_of: IntArray,
    class_ptr: IntArray,
    cost: FloatArray,
    size: FloatArray,
    rate: FloatArray,
    value: FloatArray,
    leave: FloatArray,
    primary: IntArray,
    option_ptr: IntArray,
    use_resource: Int32Array,
    use_factor: FloatArray,
    theta: FloatArray,
    taken: FloatArray,
    load: FloatArray,
) -> tuple[float, IntArray, IntArray, IntArray, FloatArray, FloatArray]:
    """Sum what is chosen outside of knapsacks; return that and the entries of the knapsacks."""
    dims, total, count = size.shape[1], 0.0, 0
    room = 4 * (end - begin) + 64
    resource, item = np.empty(room, np.int64), np.empty(room, np.int64)
    used, worth, weight = np.empty(room, np.int64), np.empty(room), np.empty(room)
    for i in range(begin, end):
        first, last = class_ptr[class_of[i]], class_ptr[class_of[i] + 1]
        total += value[i]
        if leave[i] < value[i]:
            total += leave[i] - value[i]
            taken[i] += 1.0
        for option in range(first, last):
            reduced = cost[cell[i] + option - first] - value[i]
            for dim in range(dims):
                reduced += size[i, dim] * rate[option, dim]
            if reduced >= 0.0:
                continue
            use = primary[option]
            if use < 0:
                total += reduced
                taken[i] += 1.0
                for other in range(option_ptr[option], option_ptr[option + 1]):
                    for dim in range(dims):
                        load[use_resource[other], dim] += size[i, dim] * use_factor[other, dim]
                continue
            if count == room:
                room *= 2
                resource, item, used = _grown(resource, room), _grown(item, room), _grown(used, room)
                worth, weight = _grown(worth, room), _grown(weight, room)
            heavy = 0.0
            for dim in range(dims):
                heavy += theta[use_resource[use], dim] * size[i, dim] * use_factor[use, dim]
            resource[count], item[count], used[count] = use_resource[use], i, use
            worth[count], weight[count] = -reduced, heavy
            count += 1
    return total, resource[:count], item[:count], used[:count], worth[:count], weight[:count]


@compiled
def _grown(old: np.ndarray, size: int) -> np.ndarray:
    new = np.empty(size, old.dtype)
    new[: len(old)] = old
    return new


@compiled
def _fill_all(
    unit_at: IntArray,
    order: IntArray,
    borders: IntArray,
    item: IntArray,
    use: IntArray,
    worth: FloatArray,
    weight: FloatArray,
    theta: FloatArray,
    free: FloatArray,
    unit_size: FloatArray,
    unit_max: IntArray,
    reduced: FloatArray,
    size: FloatArray,
    option_ptr: IntArray,
    use_resource: Int32Array,
    use_factor: FloatArray,
    use_option: IntArray,
    taken: FloatArray,
    load: FloatArray,
    units: FloatArray,
) -> float:
    """Fill each knapsack with its best number of units; note what is taken; return what that costs."""
    total = 0.0
    for x in range(len(unit_at)):
        unit = unit_at[x]
        if unit < 0:
            continue
        mine = order[borders[x] : borders[x + 1]]
        room, step = 0.0, 0.0
        for dim in range(free.shape[1]):
            if theta[x, dim] > 0.0:
                room += theta[x, dim] * free[x, dim]
                step += theta[x, dim] * unit_size[unit, dim]
        density = np.empty(len(mine))
        for place in range(len(mine)):
            density[place] = -worth[mine[place]] / max(weight[mine[place]], 1e-300)
        mine = mine[np.argsort(density)]
        number, cost = _best_number(mine, worth, weight, room, step, reduced[unit], unit_max[unit])
        units[unit] = number
        total += cost
        left = room + step * number
        for entry in mine:
            part = 1.0 if weight[entry] <= left else left / max(weight[entry], 1e-300)
            left -= part * weight[entry]
            taken[item[entry]] += part
            option = use_option[use[entry]]
            for other in range(option_ptr[option], option_ptr[option + 1]):
                for dim in range(free.shape[1]):
                    load[use_resource[other], dim] += part * size[item[entry], dim] * use_factor[other, dim]
            if part < 1.0:
                break
    return total


@compiled
def _best_number(
    mine: IntArray, worth: FloatArray, weight: FloatArray, room: float, step: float, cost: float, most: int
) -> tuple[int, float]:
    """How many units cost least, less what they hold; the total is convex in the number."""
    place, inside, gained = 0, 0.0, 0.0
    best, chosen = np.inf, 0
    for number in range(most + 1):
        full = room + step * number
        while place < len(mine) and inside + weight[mine[place]] <= full:
            inside += weight[mine[place]]
            gained += worth[mine[place]]
            place += 1
        part = 0.0
        if place < len(mine):
            part = (full - inside) / weight[mine[place]] * worth[mine[place]]
        total = cost * number - gained - part
        if total < best:
            best, chosen = total, number
        elif number > 0:
            break
    return chosen, best
