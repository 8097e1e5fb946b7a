"""The assignment problem, or a part of it, as a mixed integer program."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from routing.arrays import FloatArray, IntArray
from routing.linear import Program
from routing.model import Model
from routing.state import State


@dataclass(frozen=True, eq=False, slots=True)
class Block:
    """A program over some pairs and units: columns are `pairs`, then `units`; rows are `items`, `rows`, links.

    The cost of a program counts every item of the block as left out and takes back what assigning it
    saves, so it is the real cost of the block; items that must be assigned count from 0. `links` holds
    the resource of each linking row.
    """

    program: Program
    pairs: IntArray
    units: IntArray
    items: IntArray
    rows: IntArray
    links: IntArray

    def state(self, model: Model, base: State, x: FloatArray) -> State:
        """Return `base` with this block's items and units as a solution says (nearest whole numbers)."""
        choice, units = base.choice.copy(), base.units.copy()
        choice[self.items] = -1
        taken = self.pairs[x[: len(self.pairs)] > 0.5]
        choice[model.item[taken]] = taken
        units[self.units] = np.rint(x[len(self.pairs) :]).astype(np.int64)
        return State(choice, units)

    def columns(self, state: State, model: Model) -> FloatArray:
        """Return the values of the columns in a state."""
        chosen = state.choice[model.item[self.pairs]] == self.pairs
        return np.concatenate([chosen, state.units[self.units]]).astype(float)


def make_block(
    model: Model,
    leave: FloatArray,
    *,
    pairs: IntArray | None = None,
    units: IntArray | None = None,
    room: FloatArray | None = None,
    links: bool = True,
) -> Block:
    """Build the program that assigns the items of `pairs` and opens `units` within `room` [m].

    `leave` [n] is the cost of leaving an item out, inf = never. `links` adds x <= units opened for items
    too big for the free room: dear in rows, but it is what makes openings whole.
    """
    pairs = np.arange(model.pairs) if pairs is None else pairs
    units = np.arange(model.t) if units is None else units
    room = model.room if room is None else room
    items, item_row = np.unique(model.item[pairs], return_inverse=True)
    takes = sparse.csr_array(model.takes[pairs])
    opens = sparse.csr_array(model.unit_rows[:, units])
    rows = np.flatnonzero(takes.sum(axis=0) + abs(opens).sum(axis=1))
    parts = [
        _item_rows(item_row, len(items), len(pairs), len(units)),
        sparse.hstack([takes[:, rows].T, opens[rows]], format="csr"),
    ]
    lows = [np.where(np.isinf(leave[items]), 1.0, -math.inf), np.full(len(rows), -math.inf)]
    highs = [np.ones(len(items)), room[rows]]
    linked = np.zeros(0, np.int64)
    if links and len(units):
        link_rows, linked = _links(model, pairs, units, takes, room)
        parts.append(link_rows)
        lows.append(np.full(parts[-1].shape[0], -math.inf))
        highs.append(np.zeros(parts[-1].shape[0]))
    saved = np.where(np.isinf(leave), 0.0, leave)
    program = Program(
        cost=np.concatenate([model.cost[pairs] - saved[model.item[pairs]], model.problem.unit_cost[units]]),
        low=np.zeros(len(pairs) + len(units)),
        high=np.concatenate([np.ones(len(pairs)), model.unit_max[units]]).astype(float),
        matrix=sparse.csr_array(sparse.vstack(parts, format="csr")),
        row_low=np.concatenate(lows),
        row_high=np.concatenate(highs),
        whole=np.ones(len(pairs) + len(units), bool),
        offset=float(saved[items].sum()),
    )
    return Block(program, pairs, units, items, rows, linked)


def _item_rows(item_row: IntArray, items: int, pairs: int, units: int) -> sparse.csr_array:
    ones = np.ones(pairs)
    shape = (items, pairs + units)
    return sparse.csr_array(sparse.coo_array((ones, (item_row, np.arange(pairs))), shape=shape))


def _links(
    model: Model, pairs: IntArray, units: IntArray, takes: sparse.csr_array, room: FloatArray
) -> tuple[sparse.csr_array, IntArray]:
    """Rows ``sum of an item's pairs on a resource - sum of the resource's units <= 0``, and each one's resource."""
    entries = takes.tocoo()
    pair, row = entries.coords
    too_big = entries.data > room[row] + 1e-9 * np.maximum(1.0, np.abs(room[row]))
    pair, resource = pair[too_big], model.row_resource[row[too_big]]
    key = np.unique(pair.astype(np.int64) * model.problem.r + resource)
    pair, resource = key // max(model.problem.r, 1), key % max(model.problem.r, 1)
    group_key = resource * model.n + model.item[pairs[pair]]
    groups, group = np.unique(group_key, return_inverse=True)
    owner = groups // max(model.n, 1)
    shape = (len(groups), len(pairs))
    left = sparse.csr_array(sparse.coo_array((np.ones(len(pair)), (group, pair)), shape=shape))
    of_resource = sparse.coo_array(
        (np.ones(len(units)), (model.problem.unit_resource[units], np.arange(len(units)))),
        shape=(model.problem.r, len(units)),
    )
    right = sparse.csr_array(of_resource)[owner]
    return sparse.csr_array(sparse.hstack([left, -right], format="csr")), owner
