"""Raise the bound with knapsacks step by step, along smoothed subgradients."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from routing.arrays import FloatArray, IntArray
from routing.bounds import Multipliers, spread, surrogate_weights, use_shares
from routing.limits import Budget
from routing.model import Model, uses_of
from routing.relaxation import Relaxation


@dataclass(frozen=True, eq=False, slots=True)
class _Knapsacks:
    """What lies in which knapsack and what it weighs, and every way of opening its units.

    Entry e is the `share` of a `pair` in a knapsack; `outside` [P] is the share of a pair in none. An item
    counts once in each knapsack: its entries there begin at ``group[g]``, in the knapsack of `resource[g]`,
    with the least of their weights. `sacks` are the resources that have a knapsack, with their free
    `room`. Way w opens ``ways[w]`` [t] and adds `adds[w]` to the room; those of sack j begin at ``begin[j]``.
    """

    pair: IntArray
    share: FloatArray
    outside: FloatArray
    group: IntArray
    resource: IntArray
    weight: FloatArray
    sacks: IntArray
    room: FloatArray
    ways: sparse.csr_array
    adds: FloatArray
    begin: IntArray


@dataclass(frozen=True, eq=False, slots=True)
class _Value:
    """The bound at some multipliers, and the direction in which each would raise it."""

    bound: float
    by_value: FloatArray
    by_price: FloatArray


def _knapsacks(model: Model, share: FloatArray, theta: FloatArray) -> _Knapsacks:
    problem = model.problem
    pair, use = uses_of(problem, model.option)
    pair, use = pair[share[use] > 0], use[share[use] > 0]
    key = problem.use_resource[use].astype(np.int64) * model.n + model.item[pair]
    order = np.argsort(key, kind="stable")
    pair, use, key = pair[order], use[order], key[order]
    take = problem.item_size[model.item[pair]] * problem.use_factor[use]
    weight = np.einsum("pd,pd->p", theta[problem.use_resource[use]], take)
    group = np.flatnonzero(np.diff(key, prepend=-1))
    least = np.minimum.reduceat(weight, group) if len(group) else weight
    outside = np.maximum(0.0, 1.0 - np.bincount(pair, share[use], minlength=model.pairs))
    room = (theta * np.where(theta > 0, problem.resource_free, 0.0)).sum(axis=1)
    step = (theta[problem.unit_resource] * problem.unit_size).sum(axis=1)
    sacks = np.unique(problem.use_resource[share > 0]).astype(np.int64)
    ways, begin = _ways(problem.unit_resource, problem.unit_max, sacks)
    adds = np.asarray(ways @ step, np.float64)
    resource = key[group] // max(model.n, 1)
    return _Knapsacks(
        pair, share[use], outside, group, resource, least, sacks, room[sacks], ways, adds, begin
    )


def _ways(
    unit_resource: np.ndarray, unit_max: IntArray, sacks: IntArray
) -> tuple[sparse.csr_array, IntArray]:
    """Every way to open the units of each sack, one below the other, and where each sack's ways begin."""
    order = np.argsort(unit_resource, kind="stable")
    borders = np.searchsorted(unit_resource[order], np.stack([sacks, sacks + 1]))
    nothing = np.zeros(0, np.int64)
    rows, columns, counts, begin = [nothing], [nothing], [nothing], [0]
    for first, last in borders.T:
        units = order[first:last]
        grid = np.indices(tuple(unit_max[units] + 1)).reshape(len(units), -1).T
        row, column = np.nonzero(grid)
        rows.append(row + begin[-1])
        columns.append(units[column])
        counts.append(grid[row, column])
        begin.append(begin[-1] + len(grid))
    places = (np.concatenate(rows), np.concatenate(columns))
    count = np.concatenate(counts).astype(float)
    shape = (begin[-1], len(unit_resource))
    return sparse.csr_array(sparse.coo_array((count, places), shape=shape)), np.array(begin)


class Ascent:
    """Raises the bound with knapsacks step by step along smoothed subgradients."""

    def __init__(self, model: Model, start: Relaxation) -> None:
        self.model = model
        self.share = use_shares(model, start)
        self.theta = surrogate_weights(model, start.price)
        self.sacks = _knapsacks(model, self.share, self.theta)
        inside = np.zeros(model.problem.r, bool)
        inside[self.sacks.sacks] = True
        self.inside = inside
        self.value = np.minimum(start.value, model.leave)
        self.price = np.where(inside[model.row_resource], 0.0, start.price)
        self.best = Multipliers(np.zeros((model.problem.r, model.problem.d)))
        self.best_bound = 0.0

    def multipliers(self) -> Multipliers:
        """The multipliers as they stand."""
        return Multipliers(spread(self.model, self.price), self.value.copy(), self.share, self.theta)

    def evaluate(self) -> _Value:
        """Return the bound of the model's pairs at the current multipliers with its subgradients."""
        model, problem = self.model, self.model.problem
        reduced = model.cost + model.takes @ self.price - self.value[model.item]
        taken = np.where(reduced < 0, self.sacks.outside, 0.0)
        left = model.leave < self.value
        bound = float(np.where(left, model.leave, self.value).sum())
        bound += float(reduced @ taken - self.price @ model.room)
        unit_cost = problem.unit_cost + self.price @ model.unit_rows
        alone = ~self.inside[problem.unit_resource]
        opened: FloatArray = np.where(alone & (unit_cost < 0), problem.unit_max, 0).astype(float)
        bound += float((opened * unit_cost)[alone].sum())
        bound += self._fill(-reduced, unit_cost, taken, opened)
        by_value = np.asarray(1.0 - left - np.bincount(model.item, taken, minlength=model.n), np.float64)
        excess = taken @ model.takes - model.room + model.unit_rows @ opened
        by_price = np.asarray(excess, np.float64)
        return _Value(bound, by_value, by_price)

    def _fill(self, saved: FloatArray, unit_cost: FloatArray, taken: FloatArray, opened: FloatArray) -> float:
        """Fill every knapsack, opened the best way; note what was taken and opened; return the cost."""
        sacks = self.sacks
        if not len(sacks.group):
            return 0.0
        gains = np.maximum(saved[sacks.pair], 0.0) * sacks.share
        most = np.maximum.reduceat(gains, sacks.group)
        entry = np.flatnonzero(most > 0)
        worth, weight = most[entry], np.maximum(sacks.weight[entry], 1e-300)
        order = np.lexsort((-worth / weight, sacks.resource[entry]))
        entry, worth, weight = entry[order], worth[order], weight[order]
        resource = sacks.resource[entry]
        first = np.searchsorted(resource, sacks.sacks)
        last = np.searchsorted(resource, sacks.sacks, side="right")
        weights = np.concatenate([[0.0], np.cumsum(weight)])
        worths = np.concatenate([[0.0], np.cumsum(worth)])
        of_way = np.repeat(np.arange(len(sacks.sacks)), np.diff(sacks.begin))
        room = sacks.room[of_way] + sacks.adds
        filled = np.minimum(weights[first][of_way] + room, weights[last][of_way])
        gained = np.interp(filled, weights, worths) - worths[first][of_way]
        total = np.asarray(sacks.ways @ unit_cost) - gained
        order = np.lexsort((total, of_way))
        best = order[sacks.begin[:-1]]
        opened += np.asarray(sacks.ways[best].sum(axis=0)).ravel()
        place = np.searchsorted(sacks.sacks, resource)
        before = weights[:-1] - weights[first][place]
        part = np.clip((room[best][place] - before) / weight, 0.0, 1.0)
        best_entry = np.where(
            gains >= np.repeat(most, np.diff(sacks.group, append=len(gains))),
            np.arange(len(gains)),
            len(gains),
        )
        winner = np.minimum.reduceat(best_entry, sacks.group)[entry]
        np.add.at(taken, sacks.pair[winner], part * sacks.share[winner])
        return float(total[best].sum())

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
