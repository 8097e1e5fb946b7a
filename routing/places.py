"""Problems in which every option takes room in one place at most, each place with its few ways to be opened."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from routing.arrays import FloatArray, IntArray
from routing.model import Model

# A place that can be opened in more ways is not enumerated.
MOST_WAYS = 64
# Weights are whole numbers; where sizes are not, a place is divided into so many parts.
MOST_PARTS = 4000
MOST_CELLS = 5_000_000


@dataclass(frozen=True, eq=False, slots=True)
class Places:
    """A model seen place by place: pairs that take room, sorted by place, and the ways to open each place.

    Entry e is `pair[e]` of `item[e]` at `cost[e]`; it takes `take[e]`, or whole parts `weight[e]` rounded
    down. Entries of place j are ``begin[j] .. begin[j+1]-1``. Way w gives a place the capacity `capacity[w]`,
    `parts[w]` rounded down, for `price[w]`; ways of place j are ``way[j] .. way[j+1]-1``, room and
    price rising. `outside` [n] is an item's cheapest pair without a place, or being left out, `outside_pair` -1.
    All ways together must give the room of `demand`, counted in `room` [ways].
    `units` [ways, t] says what a way opens. Whole parts relax: what fits by size fits by parts.
    """

    pair: IntArray
    item: IntArray
    cost: FloatArray
    take: FloatArray
    weight: IntArray
    begin: IntArray
    capacity: FloatArray
    parts: IntArray
    price: FloatArray
    way: IntArray
    outside: FloatArray
    outside_pair: IntArray
    units: IntArray
    room: IntArray
    demand: int

    @property
    def places(self) -> int:
        """Number of places."""
        return len(self.begin) - 1


def places_of(model: Model) -> Places | None:
    """See a model place by place; None where an option takes room twice or a unit has a parent or two rows."""
    count = np.diff(model.takes.indptr)
    opens = model.unit_rows.tocsc()
    if (count > 1).any() or (np.diff(opens.indptr) > 1).any() or (opens.data > 0).any():
        return None
    ways = _ways(model)
    if ways is None:
        return None
    way, units = ways
    inside = np.flatnonzero(count == 1)
    row = model.takes.indices[model.takes.indptr[inside]].astype(np.int64)
    order = np.argsort(row, kind="stable")
    pair, row = inside[order], row[order]
    take = model.takes.data[model.takes.indptr[pair]]
    of_way = np.repeat(np.arange(model.rows), np.diff(way))
    adds = np.asarray((model.unit_rows @ units.T), np.float64)[of_way, np.arange(len(of_way))]
    capacity = model.room[of_way] - adds
    scale = _scales(take, row, capacity[way[1:] - 1])
    room, demand = _demand(model, pair, take, capacity)
    outside, outside_pair = _outside(model, np.flatnonzero(count == 0))
    found = Places(
        pair=pair,
        item=model.item[pair],
        cost=model.cost[pair],
        take=take,
        weight=np.floor(take * scale[row]).astype(np.int64),
        begin=np.searchsorted(row, np.arange(model.rows + 1)).astype(np.int64),
        capacity=capacity,
        parts=_most_parts(capacity, scale[of_way]),
        price=np.asarray(units @ model.problem.unit_cost, np.float64),
        way=way,
        outside=outside,
        outside_pair=outside_pair,
        units=units,
        room=room,
        demand=demand,
    )
    cells = (np.diff(found.begin) * found.parts[way[1:] - 1]).sum()
    return found if cells <= MOST_CELLS else None


def _ways(model: Model) -> tuple[IntArray, IntArray] | None:
    """Where each row's ways begin [m+1] and what each opens [ways, t], without ways that are never better."""
    opens = model.unit_rows.tocsr()
    found, begin = [], [0]
    for row in range(model.rows):
        inside = slice(opens.indptr[row], opens.indptr[row + 1])
        units, sizes = opens.indices[inside].astype(np.int64), -opens.data[inside]
        if math.prod(int(most) + 1 for most in model.unit_max[units]) > MOST_WAYS:
            return None
        counts = list(np.ndindex(*(model.unit_max[units] + 1)))
        grid = np.array(counts, np.int64).reshape(len(counts), len(units))
        price, adds = grid @ model.problem.unit_cost[units], grid @ sizes
        order = np.lexsort((price, -adds))
        cheaper = np.minimum.accumulate(np.concatenate([[math.inf], price[order]]))[:-1] > price[order]
        kept = order[cheaper][::-1]
        opened = np.zeros((len(kept), model.t), np.int64)
        opened[:, units] = grid[kept]
        found.append(opened)
        begin.append(begin[-1] + len(kept))
    empty = np.zeros((0, model.t), np.int64)
    return np.array(begin, np.int64), np.concatenate([empty, *found])


def _scales(take: FloatArray, row: IntArray, most: FloatArray) -> FloatArray:
    """Parts by unit of size for each row [m]: 1 where all sizes are whole and few, else a fixed number of parts."""
    whole = np.ones(len(most), bool)
    whole[row[take != np.floor(take)]] = False
    fine = whole & (most <= MOST_PARTS)
    return np.where(fine, 1.0, MOST_PARTS / np.maximum(most, 1e-9))


def _most_parts(capacity: FloatArray, scale: FloatArray) -> IntArray:
    """Whole parts that fit at most, with the tolerance that a legal plan may use."""
    most = capacity + 1e-9 * np.maximum(1.0, capacity)
    return np.floor(most * scale * (1 + 1e-12) + 1e-9).astype(np.int64)


def _outside(model: Model, pairs: IntArray) -> tuple[FloatArray, IntArray]:
    order = pairs[np.argsort(model.cost[pairs], kind="stable")][::-1]
    outside, chosen = model.leave.copy(), np.full(model.n, -1)
    outside[model.item[order]] = model.cost[order]
    chosen[model.item[order]] = order
    return outside, chosen


def _demand(model: Model, pair: IntArray, take: FloatArray, capacity: FloatArray) -> tuple[IntArray, int]:
    """Room of each way rounded up, and the room that the items must have at least wherever they go."""
    least = np.full(model.n, np.inf)
    np.minimum.at(least, model.item[pair], take)
    free = ~model.must
    free[model.item[np.diff(model.takes.indptr) == 0]] = True
    total = float(least[~free & np.isfinite(least)].sum())
    whole = bool(
        (capacity == np.floor(capacity)).all() and total == math.floor(total) and total <= MOST_PARTS
    )
    scale = 1.0 if whole else MOST_PARTS / max(total, 1e-9)
    room = np.ceil((capacity + 1e-9 * np.maximum(1.0, capacity)) * scale - 1e-6 * whole).astype(np.int64)
    return np.minimum(room, MOST_PARTS + 1), math.floor(total * scale * (1 - 1e-12) + 1e-9 * whole)
