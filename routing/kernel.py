"""Neighbourhoods solved as mixed integer programs: free a few resources and their items, fix the rest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from routing.arrays import FloatArray, IntArray
from routing.limits import Budget
from routing.linear import Effort, Solution, solve_integer
from routing.model import BoolArray, Model
from routing.moves import shift
from routing.programs import Block, make_block
from routing.relaxation import fixed_cost
from routing.repair import close_idle_units, repair
from routing.state import State, cost_of, fits, load_of

# A part with whole openings only may hold so many times the pairs of one with whole items.
SPLIT_PARTS = 5
LARGEST_PART = 20_000


def solve_whole(
    model: Model, effort: Effort, *, start: State | None = None, pairs: IntArray | None = None
) -> tuple[Solution, State | None]:
    """Solve the whole problem, or what `pairs` allow; the solution's bound counts every cost of the problem.

    With pairs left out the bound holds for plans of those pairs only.
    """
    block = make_block(model, model.leave, pairs=pairs)
    lost = fixed_cost(model) - block.program.offset
    hint = None if start is None else block.columns(start, model)
    answer = solve_integer(block.program, effort, start=hint)
    state = None
    if answer.x is not None:
        base = State(np.full(model.n, -1), np.zeros(model.t, np.int64))
        state = block.state(model, base, answer.x)
    return Solution(answer.status, answer.x, answer.bound + lost), state


@dataclass(eq=False, slots=True)
class Neighbourhoods:
    """Draws parts of the problem that are worth solving again, around one resource at a time."""

    model: Model
    leave: FloatArray
    rng: np.random.Generator
    size: int
    uses: sparse.csr_array
    tried: FloatArray

    @classmethod
    def of(cls, model: Model, leave: FloatArray, rng: np.random.Generator, *, size: int) -> Neighbourhoods:
        """Prepare to draw parts of about `size` pairs."""
        ones = (np.ones(model.rows), (np.arange(model.rows), model.row_resource))
        of_resource = sparse.csr_array(sparse.coo_array(ones, shape=(model.rows, model.problem.r)))
        uses = sparse.csr_array(model.takes @ of_resource)
        uses.data = np.ones(len(uses.data))
        return cls(model, leave, rng, size, uses, np.zeros(model.problem.r))

    def draw(self, state: State, price: FloatArray, *, size: int) -> IntArray | None:
        """Return the items of one part: around a resource, its items and those that compete with them.

        `price` [P] ranks the pairs of an item, `size` is how many pairs the part may have.
        """
        crowd = np.asarray(self.uses[state.choice[state.choice >= 0]].sum(axis=0), np.float64).ravel()
        weight = np.where(crowd > 0, 1.0 / (1.0 + self.tried) ** 2, 0.0)
        if not weight.any():
            waiting = np.flatnonzero(state.choice < 0)
            return self.rng.permutation(waiting)[: self._most(waiting, size)] if len(waiting) else None
        seed = int(self.rng.choice(len(weight), p=weight / weight.sum()))
        self.tried[seed] += 1
        return self._grow(state, seed, crowd, price, size)

    def _most(self, items: IntArray, size: int) -> int:
        count = np.diff(self.model.first)[items]
        return int(np.searchsorted(np.cumsum(count), size)) + 1

    def _grow(self, state: State, seed: int, crowd: FloatArray, price: FloatArray, size: int) -> IntArray:
        """Add resources that the part's items could use instead, most shared first, up to the size."""
        model = self.model
        chosen = np.zeros(model.n, bool)
        taken = state.choice >= 0
        holder = sparse.csr_array(self.uses[np.where(taken, state.choice, 0)])
        count = np.diff(model.first)
        frontier, total = [seed], 0
        seen = {seed}
        members = holder.tocsc()
        held = members.indices.astype(np.int64)
        while frontier and total < size:
            resource = frontier.pop(0)
            inside = held[members.indptr[resource] : members.indptr[resource + 1]]
            inside = inside[taken[inside] & ~chosen[inside]]
            inside = self.rng.permutation(inside)
            room = int(np.searchsorted(np.cumsum(count[inside]), size - total)) + 1
            chosen[inside[:room]] = True
            total += int(count[inside[:room]].sum())
            frontier.extend(self._rivals(inside[:room], price, seen, crowd))
        waiting = np.flatnonzero(~taken & (count > 0))
        near = waiting[: max(1, size // 20)] if len(waiting) else waiting
        chosen[near] = True
        return np.flatnonzero(chosen)

    def _rivals(self, items: IntArray, price: FloatArray, seen: set[int], crowd: FloatArray) -> list[int]:
        """Resources that the items would use in their good other pairs, in random order by merit."""
        model = self.model
        if not len(items):
            return []
        start, count = model.first[items], np.diff(model.first)[items]
        pairs = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count - start, count)
        priced = price[pairs]
        best = np.minimum.reduceat(priced, (np.cumsum(count) - count)[count > 0])
        margin = np.repeat(best, count[count > 0])
        merit = np.exp(-3.0 * (priced - margin) / np.maximum(margin.mean(), 1e-9))
        score = np.asarray(merit @ self.uses[pairs]).ravel()
        score = score / np.sqrt(1.0 + crowd) * self.rng.uniform(0.5, 1.5, len(score))
        order = np.argsort(-score)[:4]
        found = [int(resource) for resource in order if score[resource] > 0 and int(resource) not in seen]
        seen.update(found)
        return found


def improve(
    model: Model,
    state: State,
    leave: FloatArray,
    items: IntArray,
    price: FloatArray,
    effort: Effort,
    *,
    keep: int = 12,
    split: bool = False,
) -> tuple[State, bool]:
    """Solve the part made of `items` again, all else fixed; never return anything dearer than `state`.

    `keep` is how many pairs of each item may be used, the best at the present prices. With `split` only
    openings are whole numbers: a larger part can be solved, and the few items it splits are placed
    afterwards. Also returns whether the part was solved to the end.
    """
    block = part_of(model, state, leave, items, price, keep=keep)
    program = block.program
    if split:
        whole = program.whole.copy()
        whole[: len(block.pairs)] = False
        program = replace(program, whole=whole)
    answer = solve_integer(program, effort, start=block.columns(state, model))
    solved = answer.status == "solved"
    if answer.x is None:
        return state, solved
    found = block.state(model, state, answer.x)
    if split:
        found = shift(model, repair(model, found, leave), leave)
    found = close_idle_units(model, found)
    if not fits(model, found):
        return state, solved
    better = cost_of(model, found, leave) < cost_of(model, state, leave) * (1 - 1e-12) - 1e-12
    return (found if better else state), solved


def part_of(
    model: Model, state: State, leave: FloatArray, items: IntArray, price: FloatArray, *, keep: int = 12
) -> Block:
    """The program of some items: their pairs that are good at the present prices, and the units these touch."""
    pairs = _good_pairs(model, state, items, price, keep)
    touched = np.asarray(model.takes[pairs].sum(axis=0)).ravel() > 0
    units = _units_touching(model, touched)
    fixed = state.choice.copy()
    fixed[items] = -1
    others = state.units.copy()
    others[units] = 0
    room = model.room - load_of(model, fixed) - np.asarray(model.unit_rows @ others)
    kept = np.where(model.must & (state.choice >= 0), np.inf, leave)
    return make_block(model, kept, pairs=pairs, units=units, room=room)


def _good_pairs(model: Model, state: State, items: IntArray, price: FloatArray, keep: int) -> IntArray:
    start, count = model.first[items], np.diff(model.first)[items]
    pairs = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count - start, count)
    order = np.lexsort((price[pairs], model.item[pairs]))
    rank = np.arange(len(pairs)) - np.repeat(np.cumsum(count) - count, count)
    best = pairs[order[rank < keep]]
    now = state.choice[items]
    return np.union1d(best, now[now >= 0])


def _units_touching(model: Model, rows: BoolArray) -> IntArray:
    """Units that add to a touched row, and the units that add to the parents of those."""
    adds = model.unit_rows.minimum(0)
    takes = model.unit_rows.maximum(0)
    units = np.zeros(model.t, bool)
    while True:
        found = np.asarray(abs(adds[rows]).sum(axis=0) > 0).ravel()
        if (found == units).all():
            return np.flatnonzero(units)
        units = found
        rows = rows | (np.asarray(takes[:, np.flatnonzero(units)].sum(axis=1)).ravel() > 0)


def search(
    model: Model,
    state: State,
    leave: FloatArray,
    budget: Budget,
    draws: Neighbourhoods,
    price: FloatArray,
) -> Iterator[State]:
    """Yield ever better states, one neighbourhood after the other; the caller decides when to stop.

    Parts grow as long as they are solved to the end and shrink where they are not.
    """
    number = 0
    size = {False: float(draws.size), True: float(SPLIT_PARTS * draws.size)}
    while True:
        number += 1
        split = model.t > 0 and number % 3 == 1
        items = draws.draw(state, price, size=int(size[split]))
        if items is None or not len(items):
            return
        effort = Effort(gap=1e-3 if split else 1e-5, seed=number, nodes=200)
        if not budget.reproducible:
            limit_s = min(12.0 if split else 4.0, budget.left_s())
            effort = replace(effort, nodes=None, time_limit_s=limit_s)
        keep = int(draws.rng.choice((4, 6, 9) if split else (8, 16)))
        state, solved = improve(model, state, leave, items, price, effort, keep=keep, split=split)
        size[split] = np.clip(size[split] * (1.25 if solved else 0.7), 200, LARGEST_PART)
        yield state
