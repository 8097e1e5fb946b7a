"""The whole problem as a mixed-integer program in arrays: item by option, units, strong linking between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from benchmarks.peers.ways import (
    Floats,
    Ints,
    Mask,
    Ways,
    all_pairs,
    costs_of,
    leaving_costs,
    ranges,
    ways_of,
)
from routing.problem import Problem

LARGEST = 1000.0
"""What the largest coefficient of a capacity becomes, so that a solver's tolerance is finer than the checker's."""
CENTS = 100.0


@dataclass(frozen=True, slots=True, eq=False)
class Mip:
    """Minimise `cost` x with `low` <= `matrix` x <= `high` and 0 <= x <= `upper`, `whole` where x is an integer.

    Variables are the ways (`item`, `option`), then items that may be left (`left`), then units. Money is divided
    by `CENTS`. Rows are items, capacities, links; capacities were multiplied with `scale` [rows].
    """

    problem: Problem
    item: Ints
    option: Ints
    left: Ints
    cost: Floats
    upper: Floats
    whole: Mask
    matrix: sparse.csr_array
    low: Floats
    high: Floats
    scale: Floats

    @property
    def links(self) -> int:
        """The number of rows that link ways to units; they stand last."""
        return self.matrix.shape[0] - self.problem.n - len(finite_capacities(self.problem))

    def solution(self, choice: Ints, units: Ints) -> Floats:
        """The values of all variables in a plan."""
        ways = (choice[self.item] == self.option).astype(np.float64)
        return np.concatenate([ways, choice[self.left] < 0, units])

    def plan(self, values: Floats) -> tuple[Ints, Ints]:
        """Option of each item and units opened, of a solution that is whole or nearly so."""
        ways, left = values[: len(self.item)], values[len(self.item) : len(self.item) + len(self.left)]
        choice = np.full(self.problem.n, -1, np.int64)
        share = np.zeros(self.problem.n)
        share[self.left] = left
        order = np.argsort(ways, kind="stable")  # the largest share is written last
        better = order[ways[order] > share[self.item[order]]]
        choice[self.item[better]] = self.option[better]
        return choice, np.round(values[len(self.item) + len(self.left) :]).astype(np.int64)


def mip_of(problem: Problem) -> Mip:
    """Build the program; ways that cost more than leaving the item are left out."""
    item, option, cost = worthwhile(problem)
    leave = leaving_costs(problem)
    left = np.flatnonzero(np.isfinite(leave))
    ways = ways_of(problem, item, option)
    columns = len(item) + len(left) + problem.t
    capacity, room, scale = _capacities(problem, ways, columns)
    links = _links(problem, ways, columns)
    rows = np.concatenate([item, left])
    assigned = sparse.csr_array((np.ones(len(rows)), (rows, np.arange(len(rows)))), (problem.n, columns))
    matrix = sparse.csr_array(sparse.vstack([assigned, capacity, links], format="csr"))
    one, nothing = np.ones(problem.n), np.full(len(room), -np.inf)
    return Mip(
        problem=problem,
        item=item,
        option=option,
        left=left,
        cost=np.concatenate([cost, leave[left], problem.unit_cost]) / CENTS,
        upper=np.concatenate([np.ones(len(rows)), problem.unit_max.astype(np.float64)]),
        whole=np.concatenate([np.ones(len(item), bool), np.zeros(len(left), bool), np.ones(problem.t, bool)]),
        matrix=matrix,
        low=np.concatenate([one, nothing, np.full(links.shape[0], -np.inf)]),
        high=np.concatenate([one, room, np.zeros(links.shape[0])]),
        scale=np.concatenate([one, scale, np.ones(links.shape[0])]),
    )


def worthwhile(problem: Problem) -> tuple[Ints, Ints, Floats]:
    """Item, option and cost of all ways that cost less than leaving the item."""
    leave = leaving_costs(problem)
    found = []
    for item, option in all_pairs(problem, np.arange(problem.n)):
        cost = costs_of(problem, item, option)
        keep = cost < leave[item]
        found.append((item[keep], option[keep], cost[keep]))
    if not found:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
    item, option, cost = (np.concatenate(column) for column in zip(*found, strict=True))
    return item, option, cost


def finite_capacities(problem: Problem) -> Ints:
    """Resources and dimensions with a limit, as indices into the flattened [r, d]."""
    return np.flatnonzero(np.isfinite(problem.resource_free.ravel()))


def _capacities(problem: Problem, ways: Ways, columns: int) -> tuple[sparse.csr_array, Floats, Floats]:
    """Rows of all finite capacities, their right sides and scales: taken less opened is at most what is free."""
    d, first = problem.d, columns - problem.t
    units = first + np.arange(problem.t)
    child = np.flatnonzero(problem.unit_parent >= 0)
    entries = [
        (ways.use_resource, ways.use_way, ways.use_take),
        (problem.unit_resource, units, -problem.unit_size),
        (problem.unit_parent[child], units[child], problem.unit_takes[child]),
    ]
    row = np.concatenate([(resource[:, None] * d + np.arange(d)).ravel() for resource, _, _ in entries])
    column = np.concatenate([np.repeat(which, d) for _, which, _ in entries])
    value = np.concatenate([amount.ravel() for _, _, amount in entries])
    some = value != 0
    shape = (problem.r * d, columns)
    whole = sparse.csr_array((value[some], (row[some], column[some])), shape)[finite_capacities(problem)]
    largest = abs(whole).max(axis=1).toarray().ravel()
    scale = np.divide(LARGEST, largest, out=np.ones(len(largest)), where=largest > 0)
    room = problem.resource_free.ravel()[finite_capacities(problem)] * scale
    return sparse.csr_array(sparse.diags_array(scale) @ whole), room, scale


def _links(problem: Problem, ways: Ways, columns: int) -> sparse.csr_array:
    """A way needs an open unit where nothing of a resource is free: way <= sum of its units."""
    types = np.bincount(problem.unit_resource, minlength=problem.r)
    shut = (problem.resource_free == 0) & (types > 0)[:, None]
    use = np.flatnonzero((shut[ways.use_resource] & (ways.use_take > 0)).any(axis=1))
    order = np.argsort(problem.unit_resource, kind="stable")
    pointer = np.concatenate([[0], np.cumsum(types)])
    resource = ways.use_resource[use]
    count = types[resource]
    unit = order[ranges(pointer[resource], count)]
    row = np.concatenate([np.arange(len(use)), np.repeat(np.arange(len(use)), count)])
    column = np.concatenate([ways.use_way[use], columns - problem.t + unit])
    value = np.concatenate([np.ones(len(use)), np.full(len(unit), -1.0)])
    return sparse.csr_array((value, (row, column)), (len(use), columns))
