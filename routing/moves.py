"""Quick improvements without a solver: shift items into free room, close units that are not worth it."""

from __future__ import annotations

import numpy as np

from routing.arrays import FloatArray, IntArray
from routing.limits import Budget
from routing.model import Model
from routing.repair import close_idle_units, evict, fitting, place, within
from routing.state import State, cost_of, room_left


def shift(model: Model, state: State, leave: FloatArray, *, rounds: int = 20) -> State:
    """Move items, many at once, to cheaper pairs that fit into the room left, until none gains."""
    for _ in range(rounds):
        now = leave.copy()
        taken = state.choice >= 0
        now[taken] = model.cost[state.choice[taken]]
        better = np.flatnonzero(model.cost < now[model.item] - 1e-9 * np.maximum(1.0, now[model.item]))
        room = room_left(model, state)
        better = better[fitting(model, better, room)]
        if not len(better):
            break
        gain = (now[model.item] - model.cost)[better]
        order = np.lexsort((-gain, model.item[better]))
        head = order[np.diff(model.item[better][order], prepend=-1) != 0]
        head = head[np.argsort(-gain[head], kind="stable")]
        pairs = better[head]
        accepted = pairs[within(model, pairs, room)]
        choice = state.choice.copy()
        choice[model.item[accepted]] = accepted
        state = State(choice, state.units)
    return close_idle_units(model, state)


def close_units(
    model: Model, state: State, leave: FloatArray, budget: Budget, *, tries: int, until_s: float = np.inf
) -> State:
    """Try to close one unit after the other and place its items elsewhere, most promising first."""
    for unit in _promising(model, state, leave)[:tries]:
        if budget.stopped() or (not budget.reproducible and budget.elapsed_s() > until_s):
            break
        if state.units[unit] == 0:
            continue
        tried = _without(model, state, leave, int(unit))
        if cost_of(model, tried, leave) < cost_of(model, state, leave) * (1 - 1e-12):
            state = tried
    return state


def _promising(model: Model, state: State, leave: FloatArray) -> IntArray:
    """Open unit types by what closing one would save if its items found their second choice open."""
    problem = model.problem
    taken = np.flatnonzero(state.choice >= 0)
    pair = state.choice[taken]
    opened = model.room - np.asarray(model.unit_rows @ state.units) > 0
    blocked = ~fitting(model, np.arange(model.pairs), np.where(opened, np.inf, model.room))
    alternative = model.cost + np.where(blocked, np.inf, 0.0)
    alternative[pair] = np.inf
    second = leave.copy()
    np.minimum.at(second, model.item, alternative)
    loss = np.zeros(problem.r)
    entries = model.takes[pair].tocoo()
    who, row = entries.coords
    key = np.unique(who.astype(np.int64) * problem.r + model.row_resource[row])
    np.add.at(loss, key % problem.r, (second[taken] - model.cost[pair])[key // problem.r])
    share = loss[problem.unit_resource] / np.maximum(state.units, 1)
    saving = problem.unit_cost - share
    order = np.argsort(-saving, kind="stable")
    return order[(state.units[order] > 0) & (problem.unit_cost[order] > 0)]


def _without(model: Model, state: State, leave: FloatArray, unit: int) -> State:
    """Close one unit for good, leave out what it held and place that elsewhere."""
    units = state.units.copy()
    units[unit] -= 1
    limit = model.unit_max.copy()
    limit[unit] = units[unit]
    capped = model.with_unit_max(limit)
    evicted = evict(capped, State(state.choice, units), leave)
    placed = place(capped, evicted, leave)
    return close_idle_units(model, shift(model, placed, leave, rounds=2))
