"""The proven lower bound: the Lagrangian of the problem at the level of single items, and its multipliers."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from routing.arrays import FloatArray, IntArray
from routing.limits import Budget
from routing.model import Model
from routing.relaxation import Relaxation


@dataclass(frozen=True, eq=False, slots=True)
class Multipliers:
    """A certificate in the making, in the shapes of the plan format: price and theta [r, d], value [n].

    Without `value` there are no knapsacks: an item's value is its cheapest priced choice.
    """

    price: FloatArray
    value: FloatArray | None = None
    primary_use: IntArray | None = None
    theta: FloatArray | None = None


@dataclass(frozen=True, eq=False, slots=True)
class _Knapsacks:
    """Which pairs lie in which knapsack, what they weigh there, and what a unit adds to its room."""

    resource: IntArray
    weight: FloatArray
    unit: IntArray
    room: FloatArray
    step: FloatArray


@dataclass(frozen=True, eq=False, slots=True)
class _Value:
    """The bound at some multipliers, and the direction in which each would raise it."""

    bound: float
    by_value: FloatArray
    by_price: FloatArray


def plain_multipliers(model: Model, price: FloatArray) -> Multipliers:
    """Prices of rows [m] alone: enough where capacity is bought and nothing is opened."""
    return Multipliers(_spread(model, price))


def _spread(model: Model, per_row: FloatArray) -> FloatArray:
    spread = np.zeros((model.problem.r, model.problem.d))
    spread[model.row_resource, model.row_dimension] = per_row
    return spread


def primary_uses(model: Model) -> IntArray:
    """For each option the use whose opening matters most, among resources with exactly one unit type."""
    problem = model.problem
    types = np.bincount(problem.unit_resource, minlength=problem.r)
    worth = np.zeros(problem.r)
    largest = np.where(np.isinf(problem.resource_free[problem.unit_resource]), 0.0, problem.unit_size)
    typical = np.maximum(problem.item_size.mean(axis=0), 1e-12) if problem.n else np.ones(problem.d)
    scale = np.maximum((largest / typical).max(axis=1, initial=0.0), 1e-12)
    np.maximum.at(worth, problem.unit_resource, problem.unit_cost / scale + 1e-12)
    worth[types != 1] = 0.0
    option = np.repeat(np.arange(problem.o), np.diff(problem.option_ptr))
    order = np.lexsort((worth[problem.use_resource], option))
    last = np.searchsorted(option[order], np.arange(problem.o), side="right") - 1
    primary = np.full(problem.o, -1)
    some = np.diff(problem.option_ptr) > 0
    best = order[last[some]]
    primary[some] = np.where(worth[problem.use_resource[best]] > 0, best, -1)
    return primary


def surrogate_weights(model: Model, price: FloatArray) -> FloatArray:
    """Theta [r, d]: the row prices [m] where a resource has some, else one over what a unit adds."""
    priced = _spread(model, price)
    size = np.zeros((model.problem.r, model.problem.d))
    np.maximum.at(size, model.problem.unit_resource, model.problem.unit_size)
    row = _spread(model, np.ones(model.rows)) > 0
    even = np.where(row & (size > 0), 1.0 / np.where(size > 0, size, 1.0), 0.0)
    has = priced.any(axis=1, keepdims=True)
    return np.where(has, priced, even)


class Ascent:
    """Raises the bound with knapsacks step by step along smoothed subgradients."""

    def __init__(self, model: Model, start: Relaxation) -> None:
        self.model = model
        self.primary_use = primary_uses(model)
        self.theta = surrogate_weights(model, start.price)
        self.sacks = self._knapsacks()
        inside = np.zeros(model.problem.r, bool)
        inside[self.sacks.resource[self.sacks.resource >= 0]] = True
        self.inside = inside
        self.value = np.minimum(start.value, model.leave)
        self.price = np.where(inside[model.row_resource], 0.0, start.price)
        self.best = Multipliers(np.zeros((model.problem.r, model.problem.d)))
        self.best_bound = 0.0

    def _knapsacks(self) -> _Knapsacks:
        model, problem = self.model, self.model.problem
        use = self.primary_use[model.option]
        resource = np.where(use >= 0, problem.use_resource[use], -1)
        take = model.problem.item_size[model.item] * problem.use_factor[use]
        weight = np.where(use >= 0, np.einsum("pd,pd->p", self.theta[resource], take), 0.0)
        unit = np.full(problem.r, -1)
        unit[problem.unit_resource] = np.arange(problem.t)
        free = np.where(self.theta > 0, problem.resource_free, 0.0)
        room = (self.theta * free).sum(axis=1)
        step = np.where(unit >= 0, (self.theta * problem.unit_size[unit]).sum(axis=1), 0.0)
        return _Knapsacks(resource, weight, unit, room, step)

    def multipliers(self) -> Multipliers:
        """The multipliers as they stand."""
        return Multipliers(_spread(self.model, self.price), self.value.copy(), self.primary_use, self.theta)

    def evaluate(self) -> _Value:
        """Return the bound of the model's pairs at the current multipliers with its subgradients."""
        model, problem = self.model, self.model.problem
        reduced = model.cost + model.takes @ self.price - self.value[model.item]
        taken = np.where((self.sacks.resource < 0) & (reduced < 0), 1.0, 0.0)
        left = model.leave < self.value
        bound = float(np.where(left, model.leave, self.value).sum())
        bound += float(reduced[taken > 0].sum() - self.price @ model.room)
        unit_cost = problem.unit_cost + self.price @ model.unit_rows
        alone = ~self.inside[problem.unit_resource]
        opened = np.where(alone & (unit_cost < 0), problem.unit_max, 0).astype(float)
        bound += float((opened * unit_cost)[alone].sum())
        worth = np.flatnonzero((self.sacks.resource >= 0) & (reduced < 0))
        bound += self._fill(worth, -reduced[worth], unit_cost, taken, opened)
        by_value = np.asarray(1.0 - left - np.bincount(model.item, taken, minlength=model.n), np.float64)
        excess = taken @ model.takes - model.room + model.unit_rows @ opened
        by_price = np.asarray(excess, np.float64)
        return _Value(bound, by_value, by_price)

    def _fill(
        self, pair: IntArray, worth: FloatArray, unit_cost: FloatArray, taken: FloatArray, opened: FloatArray
    ) -> float:
        """Fill every knapsack at its best number of units; note what was taken and opened; return the cost."""
        sacks, problem = self.sacks, self.model.problem
        weight = np.maximum(sacks.weight[pair], 1e-300)
        density = worth / weight
        order = np.lexsort((-density, sacks.resource[pair]))
        pair, worth, weight, density = pair[order], worth[order], weight[order], density[order]
        resource = sacks.resource[pair]
        mine = np.flatnonzero(self.inside)
        begin = np.searchsorted(resource, mine)
        end = np.searchsorted(resource, mine, side="right")
        weights = np.concatenate([[0.0], np.cumsum(weight)])
        worths = np.concatenate([[0.0], np.cumsum(worth)])
        unit = sacks.unit[mine]
        cost, step, room = unit_cost[unit], sacks.step[mine], sacks.room[mine]
        dear = density * sacks.step[resource] > unit_cost[sacks.unit[resource]]
        many = np.concatenate([[0], np.cumsum(dear)])
        wanted = weights[begin + many[end] - many[begin]] - weights[begin]
        exact = np.divide(wanted - room, step, out=np.zeros(len(mine)), where=step > 0)
        limit = problem.unit_max[unit].astype(float)
        exact = np.where((step <= 0) & (cost < 0), limit, exact)
        best = np.full(len(mine), np.inf)
        units = np.zeros(len(mine))
        for whole in (np.floor(exact), np.ceil(exact)):
            y = np.clip(whole, 0.0, limit)
            filled = np.minimum(weights[begin] + room + step * y, weights[end])
            total = cost * y - np.interp(filled, weights, worths) + worths[begin]
            units, best = np.where(total < best, y, units), np.minimum(total, best)
        opened[unit] = units
        place = np.searchsorted(mine, resource)
        before = weights[:-1] - weights[begin][place]
        taken[pair] = np.clip((room[place] + step[place] * units[place] - before) / weight, 0.0, 1.0)
        return float(best.sum())

    def climb(self, budget: Budget, *, iterations: int, target: float, until_s: float = np.inf) -> None:
        """Take up to `iterations` steps towards `target`, the cost of the best plan known."""
        step, stale = 0.2, 0
        smooth_value, smooth_price = np.zeros(self.model.n), np.zeros(self.model.rows)
        anchor = self.value, self.price
        for _ in range(iterations):
            if budget.stopped() or (not budget.reproducible and budget.elapsed_s() > until_s):
                return
            found = self.evaluate()
            if found.bound > self.best_bound + 1e-5 * abs(self.best_bound):
                stale = 0
            else:
                stale += 1
            if found.bound > self.best_bound:
                self.best_bound, self.best, anchor = found.bound, self.multipliers(), (self.value, self.price)
            if stale >= 20:
                step, stale = step / 2, 0
                self.value, self.price = anchor
                smooth_value, smooth_price = np.zeros(self.model.n), np.zeros(self.model.rows)
                if step < 1e-3:
                    return
                continue
            smooth_value = 0.7 * smooth_value + 0.3 * found.by_value
            smooth_price = 0.7 * smooth_price + 0.3 * found.by_price
            self._move(step, max(target - found.bound, 1e-9 * abs(target)), smooth_value, smooth_price)

    def _move(self, step: float, distance: float, by_value: FloatArray, by_price: FloatArray) -> None:
        """One step, each multiplier scaled by its own size so that dear and cheap items move alike."""
        scale_value = np.maximum(self.value, 1e-6 + 0.1 * float(np.abs(self.value).mean()))
        typical = np.maximum(self.model.room, 1.0) + abs(self.model.unit_rows).max(axis=1).toarray().ravel()
        scale_price = np.maximum(self.price, 0.05 * float(scale_value.mean()) / typical)
        frozen = self.inside[self.model.row_resource]
        by_price = np.where(frozen | ((self.price <= 0) & (by_price < 0)), 0.0, by_price)
        norm = float(by_value**2 @ scale_value + by_price**2 @ scale_price)
        if norm <= 0:
            return
        length = step * distance / norm
        self.value = np.minimum(self.value + length * by_value * scale_value, self.model.leave)
        self.price = np.maximum(self.price + length * by_price * scale_price, 0.0)


def without_knapsacks(multipliers: Multipliers) -> Multipliers:
    """The same prices alone."""
    return replace(multipliers, value=None, primary_use=None, theta=None)
