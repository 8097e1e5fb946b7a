"""A problem written out pair by pair (item, option), without what can never be part of a good plan."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import sparse

from routing.arrays import FloatArray, IntArray
from routing.problem import Problem

TOLERANCE = 1e-9
LEAVE = -1

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False, slots=True)
class Model:
    """Pairs of item and option with their cost, and the capacity rows that may bind.

    Of P pairs: `item`, `option` [P], `cost` [P] with change cost; the pairs of item i are
    ``first[i] .. first[i+1]-1``. `leave` [n] is what leaving an item out costs, inf where it must be
    assigned. A row is one finite dimension of one resource: `takes` [P, m] is what a pair takes of each
    of m rows, `unit_rows` [m, t] what a unit takes less what it adds, `room` [m] the free capacity.
    `unit_max` [t] is tightened by the room of parents. Pairs that fit nowhere or cost no less than
    leaving the item out are left out, so a plan of the model is a plan of the problem, and the best one.
    """

    problem: Problem
    item: IntArray
    option: IntArray
    cost: FloatArray
    first: IntArray
    leave: FloatArray
    row_resource: IntArray
    row_dimension: IntArray
    room: FloatArray
    takes: sparse.csr_array
    unit_rows: sparse.csr_array
    unit_max: IntArray

    @property
    def n(self) -> int:
        """Items."""
        return len(self.leave)

    @property
    def pairs(self) -> int:
        """Pairs of item and option that are left."""
        return len(self.item)

    @property
    def rows(self) -> int:
        """Capacity rows."""
        return len(self.room)

    @property
    def t(self) -> int:
        """Unit types."""
        return len(self.unit_max)

    @property
    def must(self) -> BoolArray:
        """Items that cannot be left out, [n]."""
        return np.isinf(self.leave)

    def with_unit_max(self, unit_max: IntArray) -> Model:
        """Return the same model with other limits of openings [t]."""
        return replace(self, unit_max=unit_max)


def compile_model(problem: Problem) -> Model:
    """Write a problem out as a model."""
    unit_max, most = _most_capacity(problem)
    item, option = _all_pairs(problem)
    cost = np.asarray(np.einsum("pf,pf->p", problem.item_features[item], problem.option_rates[option]))
    leave = problem.item_drop_cost.copy()
    if problem.item_option_now is not None and problem.item_change_cost is not None:
        now = problem.item_option_now
        leave = leave + np.where(now >= 0, problem.item_change_cost, 0.0)
        moved = (now[item] >= 0) & (now[item] != option)
        cost = cost + np.where(moved, problem.item_change_cost[item], 0.0)
    pair, use = uses_of(problem, option)
    take = problem.item_size[item[pair]] * problem.use_factor[use]
    limit = most[problem.use_resource[use]]
    fits = np.ones(len(item), bool)
    fits[pair[(take > limit + TOLERANCE * np.maximum(1.0, limit)).any(axis=1)]] = False
    keep = fits & np.isfinite(cost) & (cost < leave[item])
    number = np.cumsum(keep) - 1
    inside = keep[pair]
    pair, use, take = number[pair[inside]], use[inside], take[inside]
    item, option, cost = item[keep], option[keep], cost[keep]
    rows = _rows_that_may_bind(problem, item, pair, use, take)
    first = np.searchsorted(item, np.arange(problem.n + 1))
    return Model(
        problem=problem,
        item=item,
        option=option,
        cost=cost,
        first=first,
        leave=leave,
        row_resource=rows[0],
        row_dimension=rows[1],
        room=problem.resource_free[rows],
        takes=_takes(problem, rows, (pair, use, take), len(item)),
        unit_rows=_unit_rows(problem, rows),
        unit_max=unit_max,
    )


def _all_pairs(problem: Problem) -> tuple[IntArray, IntArray]:
    start = problem.class_ptr[problem.item_class]
    count = problem.class_ptr[problem.item_class + 1] - start
    item = np.repeat(np.arange(problem.n), count)
    option = np.arange(len(item)) - np.repeat(np.cumsum(count) - count - start, count)
    return item, option


def uses_of(problem: Problem, option: IntArray) -> tuple[IntArray, IntArray]:
    """Return (pair, use) for every use of every pair."""
    start = problem.option_ptr[option]
    count = problem.option_ptr[option + 1] - start
    pair = np.repeat(np.arange(len(option)), count)
    use = np.arange(len(pair)) - np.repeat(np.cumsum(count) - count - start, count)
    return pair, use


def _most_capacity(problem: Problem) -> tuple[IntArray, FloatArray]:
    """Return how many units can really be opened [t] and each resource's greatest capacity [r, d]."""
    unit_max = problem.unit_max.copy()
    child = np.flatnonzero(problem.unit_parent >= 0)
    while True:
        most = problem.resource_free.copy()
        np.add.at(most, problem.unit_resource, problem.unit_size * unit_max[:, None])
        limit = most[problem.unit_parent[child]]
        takes = problem.unit_takes[child]
        held = np.full(takes.shape, np.inf)
        np.divide(limit + TOLERANCE * np.maximum(1.0, limit), takes, out=held, where=takes > 0)
        whole = np.floor(np.minimum(held.min(axis=1, initial=np.inf), unit_max[child])).astype(np.int64)
        if (whole == unit_max[child]).all():
            return unit_max, most
        unit_max[child] = whole


def _rows_that_may_bind(
    problem: Problem, item: IntArray, pair: IntArray, use: IntArray, take: FloatArray
) -> tuple[IntArray, IntArray]:
    """Rows whose free room could be exceeded if every item took its worst option, as (resource, dim)."""
    demand = np.zeros((problem.r, problem.d))
    resource = problem.use_resource[use].astype(np.int64)
    key = resource * max(problem.n, 1) + item[pair]
    known, group = np.unique(key, return_inverse=True)
    worst = np.zeros((len(known), problem.d))
    np.maximum.at(worst, group, take)
    np.add.at(demand, known // max(problem.n, 1), worst)
    child = problem.unit_parent >= 0
    np.add.at(demand, problem.unit_parent[child], (problem.unit_takes * problem.unit_max[:, None])[child])
    resource, dimension = np.nonzero(demand > problem.resource_free)
    return resource.astype(np.int64), dimension.astype(np.int64)


def _row_numbers(problem: Problem, rows: tuple[IntArray, IntArray]) -> IntArray:
    number = np.full((problem.r, problem.d), -1)
    number[rows] = np.arange(len(rows[0]))
    return number


def _takes(
    problem: Problem,
    rows: tuple[IntArray, IntArray],
    uses: tuple[IntArray, IntArray, FloatArray],
    pairs: int,
) -> sparse.csr_array:
    pair, use, take = uses
    row = _row_numbers(problem, rows)[problem.use_resource[use]]
    there = (row >= 0) & (take > 0)
    where = np.broadcast_to(pair[:, None], row.shape)[there]
    matrix = sparse.coo_array((take[there], (where, row[there])), shape=(pairs, len(rows[0])))
    return sparse.csr_array(matrix)


def _unit_rows(problem: Problem, rows: tuple[IntArray, IntArray]) -> sparse.csr_array:
    number = _row_numbers(problem, rows)
    unit = np.broadcast_to(np.arange(problem.t)[:, None], (problem.t, problem.d))
    adds = number[problem.unit_resource]
    child = problem.unit_parent >= 0
    held = number[problem.unit_parent[child]]
    there, inside = (adds >= 0) & (problem.unit_size > 0), held >= 0
    values = np.concatenate([-problem.unit_size[there], problem.unit_takes[child][inside]])
    row = np.concatenate([adds[there], held[inside]])
    column = np.concatenate([unit[there], unit[child][inside]])
    matrix = sparse.csr_array(sparse.coo_array((values, (row, column)), shape=(len(rows[0]), problem.t)))
    matrix.eliminate_zeros()
    return matrix
