"""Iterated slope scaling: price openings by how well the last plan filled them, and look again."""

from __future__ import annotations

import numpy as np

from routing.arrays import FloatArray, IntArray
from routing.limits import Budget
from routing.model import LEAVE, Model
from routing.repair import close_idle_units, repair
from routing.state import State, cost_of, empty_state, load_of


def cheapest_choice(model: Model, priced: FloatArray, leave: FloatArray) -> IntArray:
    """Each item's cheapest pair at a priced cost [P], or to be left out where that is cheaper, [n]."""
    choice = np.full(model.n, LEAVE)
    if not model.pairs:
        return choice
    some = np.flatnonzero(np.diff(model.first))
    least = np.minimum.reduceat(priced, model.first[some])
    best = np.full(model.n, np.inf)
    best[some] = least
    hit = np.flatnonzero(priced <= best[model.item])
    choice[model.item[hit[::-1]]] = hit[::-1]
    choice[best >= leave] = LEAVE
    return choice


class Slopes:
    """Prices of rows [m] that stand for the cost of opening units, kept from one look to the next."""

    def __init__(self, model: Model, leave: FloatArray, price: FloatArray | None = None) -> None:
        self.model = model
        self.leave = leave
        self.size, self.unit_cost, self.most = self._typical_units()
        full = np.divide(self.unit_cost, self.size, out=np.zeros(model.rows), where=self.size > 0)
        self.price = (full * self._share_of_row() if price is None else price).copy()

    def _typical_units(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """For each row: what the cheapest unit adds, what that unit costs, and the most room there can be."""
        model, problem = self.model, self.model.problem
        size, cost = np.zeros(model.rows), np.zeros(model.rows)
        adds = (-model.unit_rows.minimum(0)).tocoo()
        row, unit = adds.coords
        order = np.argsort(-problem.unit_cost[unit] / adds.data, kind="stable")
        size[row[order]], cost[row[order]] = adds.data[order], problem.unit_cost[unit[order]]
        most = model.room.copy()
        np.add.at(most, row, adds.data * model.unit_max[unit])
        return size, cost, most

    def _share_of_row(self) -> FloatArray:
        rows = np.bincount(self.model.row_resource, minlength=self.model.problem.r)
        return np.asarray(1.0 / np.maximum(rows[self.model.row_resource], 1))

    def look(self) -> State:
        """Assign every item at the present prices and open what carries them."""
        priced = self.model.cost + self.model.takes @ self.price
        choice = cheapest_choice(self.model, priced, self.leave)
        return State(choice, self._units(load_of(self.model, choice)))

    def _units(self, load: FloatArray) -> IntArray:
        model = self.model
        missing = np.maximum(load - model.room, 0.0)
        need = np.zeros(model.problem.r)
        part = np.divide(missing, self.size, out=np.zeros(model.rows), where=self.size > 0)
        np.maximum.at(need, model.row_resource, np.ceil(part - 1e-9))
        units = np.zeros(model.t, np.int64)
        resource = model.problem.unit_resource
        order = np.argsort(model.problem.unit_cost / np.maximum(model.problem.unit_size.sum(axis=1), 1e-12))
        for unit in order[need[resource[order]] > 0]:
            count = min(int(need[resource[unit]]), int(model.unit_max[unit]))
            units[unit] = count
            need[resource[unit]] -= count
        return units

    def learn(self, state: State, rng: np.random.Generator, *, congestion: float) -> None:
        """Spread what was opened over what was loaded, on the fullest dimension; raise overloaded rows."""
        model = self.model
        load = load_of(model, state.choice)
        part = np.divide(load - model.room, self.size, out=np.zeros(model.rows), where=self.size > 0)
        fullest = np.full(model.problem.r, 0.0)
        np.maximum.at(fullest, model.row_resource, part)
        dominant = (part >= fullest[model.row_resource] - 1e-12) & (part > 0)
        opened = np.ceil(part - 1e-9) * self.unit_cost
        slope = np.divide(opened, load, out=np.zeros(model.rows), where=load > 0)
        used = fullest[model.row_resource] > 0
        target = np.where(dominant, slope, np.where(used, 0.0, self.price))
        noise = rng.uniform(0.9, 1.1, model.rows)
        self.price = 0.5 * self.price + 0.5 * target * noise
        over = load > self.most
        excess = np.divide(load - self.most, np.maximum(self.most, 1.0))
        self.price = np.where(
            over, self.price * (1 + congestion) + congestion * self._unit_price(), self.price
        )
        self.price += np.where(over, 0.0, 0.0 * excess)

    def _unit_price(self) -> FloatArray:
        mean = self.model.cost.mean() if self.model.pairs else 0.0
        return np.asarray(mean / np.maximum(self.most, 1.0))


def scale_slopes(
    model: Model,
    leave: FloatArray,
    budget: Budget,
    rng: np.random.Generator,
    *,
    looks: int,
    price: FloatArray | None = None,
    until_s: float = np.inf,
) -> State:
    """Return the best legal plan of several looks, each repaired; cost within `leave` [n], finite."""
    slopes = Slopes(model, leave, price)
    best = empty_state(model)
    best_cost = cost_of(model, best, leave)
    for number in range(looks):
        wish = slopes.look()
        state = close_idle_units(model, repair(model, wish, leave))
        cost = cost_of(model, state, leave)
        if cost < best_cost:
            best, best_cost = state, cost
        if budget.stopped() or (not budget.reproducible and budget.elapsed_s() > until_s):
            break
        slopes.learn(wish if number % 2 else state, rng, congestion=0.3)
    return best
