"""Make a wish legal: evict what overloads at the least regret, then place what is left, opening units."""

from __future__ import annotations

import numpy as np

from routing.arrays import FloatArray, IntArray
from routing.model import LEAVE, BoolArray, Model
from routing.state import State, cheapest_units, load_of, room_left

ROUNDS = 400


def repair(model: Model, wish: State, leave: FloatArray) -> State:
    """Return a state within every capacity, near `wish`; items that fit nowhere are left out.

    `leave` [n], the cost of leaving an item out, must be finite.
    """
    units = np.minimum(wish.units, model.unit_max)
    state = _trim_units(model, State(wish.choice, units))
    state = evict(model, state, leave)
    return place(model, state, leave)


def _trim_units(model: Model, state: State) -> State:
    """Close units until no parent is overloaded by units alone."""
    if (model.problem.unit_parent < 0).all():
        return state
    units = state.units.copy()
    takes = model.unit_rows.maximum(0)
    adds = -model.unit_rows.minimum(0)
    for _ in range(int(units.sum()) + 1):
        over = takes @ units > model.room + adds @ units + 1e-9
        if not over.any():
            break
        guilty = np.flatnonzero((takes[over].sum(axis=0) > 0) & (units > 0))
        units[guilty[np.argmax(model.problem.unit_cost[guilty])]] -= 1
    return State(state.choice, units)


def evict(model: Model, state: State, leave: FloatArray) -> State:
    """Leave out, row by overloaded row, the items that lose least by it for the room they give back."""
    choice = state.choice.copy()
    taken = np.flatnonzero(choice >= 0)
    regret = _second_best(model, leave)[taken] - model.cost[choice[taken]]
    room = model.room - model.unit_rows @ state.units
    slack = 1e-9 * np.maximum(1.0, np.abs(room))
    load = load_of(model, choice)
    columns = model.takes[choice[taken]].tocsc()
    for row in np.argsort(room - load):
        if load[row] <= room[row] + slack[row]:
            continue
        inside = slice(columns.indptr[row], columns.indptr[row + 1])
        who, amount = columns.indices[inside], columns.data[inside]
        still = choice[taken[who]] >= 0
        who, amount = who[still], amount[still]
        order = np.argsort(regret[who] / amount, kind="stable")
        freed = np.cumsum(amount[order])
        needed = np.searchsorted(freed, load[row] - room[row] - slack[row], side="left") + 1
        out = taken[who[order[:needed]]]
        load -= load_of(model, choice[out])
        choice[out] = LEAVE
    return State(choice, state.units)


def _second_best(model: Model, leave: FloatArray) -> FloatArray:
    """Cost of the second cheapest way out of each item, [n]; leaving it out counts as one."""
    best = leave.copy()
    np.minimum.at(best, model.item, model.cost)
    second = leave.copy()
    worse = model.cost > best[model.item]
    np.minimum.at(second, model.item[worse], model.cost[worse])
    return second


def place(model: Model, state: State, leave: FloatArray, *, limit: int = ROUNDS) -> State:
    """Assign left-out items round by round: open units that pay for themselves, then take what fits.

    A unit pays if the items that would use it save more than it costs against the best they have now.
    """
    for _ in range(limit):
        waiting = np.flatnonzero(state.choice < 0)
        pairs = pairs_of(model, waiting)
        if not len(pairs):
            return state
        room = room_left(model, state)
        fit = fitting(model, pairs, room)
        now = leave.copy()
        np.minimum.at(now, model.item[pairs[fit]], model.cost[pairs[fit]])
        opened = _open_what_pays(model, state, pairs[~fit], now, room)
        if opened is not None:
            state = opened
            continue
        useful = fit & (model.cost[pairs] < leave[model.item[pairs]])
        if not useful.any():
            return state
        best, loss = _best_pairs(model, pairs[useful], model.cost[pairs[useful]], leave)
        state = _accept(model, state, best, loss, room)
    return state


def pairs_of(model: Model, items: IntArray) -> IntArray:
    """All pairs of some items, in the order of the items."""
    start, count = model.first[items], np.diff(model.first)[items]
    offset = np.repeat(np.cumsum(count) - count - start, count)
    return np.arange(int(count.sum())) - offset


def fitting(model: Model, pairs: IntArray, room: FloatArray) -> BoolArray:
    """Which pairs fit into the room left [m], each by itself."""
    takes = model.takes[pairs]
    over = takes.data > room[takes.indices] + 1e-9 * np.maximum(1.0, np.abs(room[takes.indices]))
    owner = np.repeat(np.arange(len(pairs)), np.diff(takes.indptr))
    return np.asarray(np.bincount(owner, over, minlength=len(pairs)) == 0)


def opening_costs(model: Model, state: State, pairs: IntArray, room: FloatArray, share: float) -> FloatArray:
    """What each pair would pay for the new units it needs; inf where they cannot be opened, [pairs]."""
    takes = model.takes[pairs].tocoo()
    pair, row = takes.coords
    short = takes.data > np.maximum(room[row], 0.0) + 1e-9 * np.maximum(1.0, np.abs(room[row]))
    pair, row, need = pair[short], row[short], takes.data[short]
    if not model.t:
        return np.where(np.bincount(pair, minlength=len(pairs)) > 0, np.inf, 0.0)
    unit = _openable(model, state, room)[model.row_resource[row]]
    size = model.problem.unit_size[unit, model.row_dimension[row]]
    possible = (unit >= 0) & (size > 0)
    part = np.divide(need, size, out=np.ones(len(pair)), where=possible)
    whole = np.maximum(np.ceil(part - 1e-9), 1.0)
    possible &= whole <= (model.unit_max - state.units)[unit]
    paid = np.where(part > 1.0, whole, np.maximum(part * share, 1e-6))
    cost = np.where(possible, model.problem.unit_cost[unit] * paid, np.inf)
    key = pair.astype(np.int64) * model.problem.r + model.row_resource[row]
    known, group = np.unique(key, return_inverse=True)
    dearest = np.zeros(len(known))
    np.maximum.at(dearest, group, cost)
    total = np.zeros(len(pairs))
    np.add.at(total, known // max(model.problem.r, 1), dearest)
    return total


def _openable(model: Model, state: State, room: FloatArray) -> IntArray:
    """For each resource the unit type that still can be opened and adds room at the least cost, or -1."""
    takes = model.unit_rows.maximum(0).tocoo()
    row, unit = takes.coords
    blocked = state.units >= model.unit_max
    blocked[unit[takes.data > room[row] + 1e-9 * np.maximum(1.0, np.abs(room[row]))]] = True
    problem = model.problem
    size = problem.unit_size / np.maximum(problem.unit_size.max(axis=0, initial=0.0), 1e-12)
    merit = -problem.unit_cost / np.maximum(size.sum(axis=1), 1e-12)
    order = np.argsort(np.where(blocked, -np.inf, merit), kind="stable")
    order = order[~blocked[order]]
    chosen = np.full(problem.r, -1)
    chosen[problem.unit_resource[order]] = order
    return chosen


def _best_pairs(
    model: Model, pairs: IntArray, total: FloatArray, leave: FloatArray
) -> tuple[IntArray, FloatArray]:
    """Each item's cheapest pair, and what the item would lose with its next one, dearest loss first."""
    item = model.item[pairs]
    order = np.lexsort((total, item))
    head = np.flatnonzero(np.diff(item[order], prepend=-1))
    nxt = np.minimum(head + 1, len(order) - 1)
    same = item[order][nxt] == item[order][head]
    second = np.where(same & (nxt > head), total[order][nxt], leave[item[order][head]])
    loss = second - total[order][head]
    rank = np.argsort(-loss, kind="stable")
    return pairs[order[head]][rank], loss[rank]


def _accept(model: Model, state: State, best: IntArray, gain: FloatArray, room: FloatArray) -> State:
    """Take pairs in order as long as every row still holds what was taken before them."""
    order = np.argsort(-gain, kind="stable")
    best = best[order]
    accepted = within(model, best, room)
    choice = state.choice.copy()
    choice[model.item[best[accepted]]] = best[accepted]
    return State(choice, state.units)


def within(model: Model, pairs: IntArray, room: FloatArray) -> BoolArray:
    """Which pairs, taken in order, fit into `room` [m] together (pairs refused give their room back)."""
    takes = model.takes[pairs].tocsc()
    takes.sort_indices()
    row = np.repeat(np.arange(model.rows), np.diff(takes.indptr))
    limit = room[row] + 1e-9 * np.maximum(1.0, np.abs(room[row]))
    refused = np.zeros(len(pairs), bool)
    for _ in range(3):
        amount = np.where(refused[takes.indices], 0.0, takes.data)
        total = np.cumsum(amount)
        before = np.concatenate([[0.0], total])[takes.indptr[:-1]]
        over = (total - before[row] > limit) & (amount > 0)
        if not over.any():
            break
        first = np.full(model.rows, len(pairs))
        np.minimum.at(first, row[over], takes.indices[over])
        late = over & (takes.indices >= first[row])
        refused[takes.indices[late]] = True
    amount = np.where(refused[takes.indices], 0.0, takes.data)
    total = np.cumsum(amount)
    before = np.concatenate([[0.0], total])[takes.indptr[:-1]]
    over = (total - before[row] > limit) & (amount > 0)
    refused[takes.indices[over]] = True
    return ~refused


def _open_what_pays(
    model: Model, state: State, pairs: IntArray, now: FloatArray, room: FloatArray
) -> State | None:
    """Open the units whose users would save more than they cost; `now` [n] is what each item has today."""
    if not model.t or not len(pairs):
        return None
    total = model.cost[pairs] + opening_costs(model, state, pairs, room, 1.0)
    better = model.cost[pairs] < now[model.item[pairs]]
    better &= np.isfinite(total)
    if not better.any():
        return None
    best, _ = _best_pairs(model, pairs[better], total[better], now)
    saving = now[model.item[best]] - model.cost[best]
    wanted = _wanted_units(model, state, best, room)
    if wanted is None:
        return None
    pair, unit, part = wanted
    order = np.lexsort((-saving[pair] / part, unit))
    pair, unit, part = pair[order], unit[order], part[order]
    filled = np.cumsum(part)
    begin = np.searchsorted(unit, unit)
    filled = filled - np.concatenate([[0.0], filled])[begin]
    most = np.zeros(model.t)
    np.maximum.at(most, unit, filled)
    single = np.zeros(model.t)
    np.maximum.at(single, unit, np.ceil(part - 1e-9))
    count = np.maximum(np.floor(most), single)
    inside = filled <= count[unit] + 1e-9
    gain = np.bincount(unit[inside], saving[pair[inside]], minlength=model.t)
    profit = gain - count * model.problem.unit_cost
    return _open(model, state, np.where((count > 0) & (gain > 0), profit, -1.0), count, room)


def _wanted_units(
    model: Model, state: State, best: IntArray, room: FloatArray
) -> tuple[IntArray, IntArray, FloatArray] | None:
    """Of the chosen pairs: (pair, unit type it lacks, part of such a unit that it fills)."""
    takes = model.takes[best].tocoo()
    pair, row = takes.coords
    short = takes.data > np.maximum(room[row], 0.0) + 1e-9 * np.maximum(1.0, np.abs(room[row]))
    unit = _openable(model, state, room)[model.row_resource[row]]
    size = np.where(unit >= 0, model.problem.unit_size[unit, model.row_dimension[row]], 0.0)
    good = short & (unit >= 0) & (size > 0)
    if not good.any():
        return None
    pair, unit, part = pair[good], unit[good], takes.data[good] / size[good]
    known, group = np.unique(pair.astype(np.int64) * model.t + unit, return_inverse=True)
    fullest = np.zeros(len(known))
    np.maximum.at(fullest, group, part)
    return known // model.t, known % model.t, fullest


def _open(
    model: Model, state: State, profit: FloatArray, count: FloatArray, room: FloatArray
) -> State | None:
    """Open units by falling profit as long as it is not negative and their parents have room."""
    units, left = state.units.copy(), room.copy()
    takes = model.unit_rows.maximum(0).tocsc()
    order = np.argsort(-profit, kind="stable")
    for unit in order[profit[order] >= 0]:
        number = min(int(count[unit]), int(model.unit_max[unit] - units[unit]))
        held = slice(takes.indptr[unit], takes.indptr[unit + 1])
        rows, each = takes.indices[held], takes.data[held]
        if len(rows):
            number = min(number, int(np.floor((left[rows] + 1e-9) / each).min()))
        if number > 0:
            units[unit] += number
            left[rows] -= each * number
    return None if (units == state.units).all() else State(state.choice, units)


def close_idle_units(model: Model, state: State) -> State:
    """Open no more than what is assigned needs."""
    units = cheapest_units(model, load_of(model, state.choice))
    if units is None or model.problem.unit_cost @ units > model.problem.unit_cost @ state.units:
        return state
    return State(state.choice, units)
