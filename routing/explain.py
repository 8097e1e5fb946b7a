"""Why an item goes the way it goes: what its option costs, what the next ones would, and what stands in the way."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from routing.arrays import FloatArray, IntArray
from routing.judging import judge, next_best, tables
from routing.plan import Plan
from routing.problem import Problem, ProblemError
from routing.relaxing import Block, Relaxation, blocks_of, relaxations
from routing.way_tables import Ways

__all__ = ["Block", "Explainer", "Explanation", "Limit", "Relaxation", "Way", "explain"]


@dataclass(frozen=True, slots=True)
class Limit:
    """The dimension of a resource that a way fills most; `fill` is its share in use with the item on it."""

    resource: int
    dimension: int
    fill: float


@dataclass(frozen=True, slots=True)
class Way:
    """One option of an item, or leaving it out (option -1), judged with the rest of the plan unchanged.

    Costs in minor units: `cost` is the sum of `by_feature` and `change_cost` (or the drop cost).
    `opening_cost` is what new units would cost, or those that the item alone keeps open on the way taken;
    `price_cost` is the room's worth at the certificate's prices where none is opened. `extra_cost` is cost
    with openings above that of the way taken; `priced_extra_cost` the same with the room's worth on both
    sides, so also for a way that lacks room: what it would cost if the room were bought at those prices.
    `binding` is the limit it comes nearest to; `blocked` says why it cannot be taken at all.
    """

    option: int
    cost: float
    by_feature: tuple[float, ...]
    change_cost: float
    opening_cost: float
    price_cost: float
    extra_cost: float
    priced_extra_cost: float
    binding: Limit | None
    blocked: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """The way an item takes, the next best ones, and the smallest single relaxation that would help.

    `alternatives` holds ways that can be taken first, by extra cost, then blocked ones by what they would
    cost at the prices. `relaxation` is the one change, least relative to what there is, that would open a
    cheaper way than the one taken; for an item that is left out because every way costs more, the money.
    """

    item: int
    taken: Way
    alternatives: tuple[Way, ...]
    relaxation: Relaxation | None


class Explainer:
    """A problem with one of its plans, prepared once: then one item of a million is explained in milliseconds.

    Nothing in it changes, so any number of threads may ask. `ProblemError` for a plan of another problem.
    """

    def __init__(self, problem: Problem, plan: Plan) -> None:
        _check(problem, plan)
        self.problem = problem
        self.plan = plan
        self.tables = tables(problem, plan)

    def explain(self, item: int, *, alternatives: int = 3) -> Explanation:
        """Explain one item; ProblemError where there is no such item."""
        if not 0 <= item < self.problem.n:
            raise ProblemError("out_of_range", "item", f"{item} is none of 0..{self.problem.n - 1}")
        judged = judge(self.tables, item)
        desk = _Desk(self, item, judged)
        taken = desk.taken()
        others = desk.others(taken)
        ranked = sorted(others, key=lambda one: one.rank)
        shown = tuple(desk.way(one) for one in ranked[:alternatives])
        return Explanation(item, taken, shown, self._relaxation(desk, taken, ranked))

    def relaxations(self, items: Iterable[int]) -> list[Relaxation | None]:
        """Return, for each item, the smallest single relaxation that would open a cheaper way than its own."""
        return [self.explain(item, alternatives=0).relaxation for item in items]

    def next_best(self, items: IntArray | None = None) -> tuple[IntArray, FloatArray]:
        """Return the best option each item does not take (-1: left out, -2: none is possible), and its extra cost.

        `items` int64 [m], all of them by default; both answers [m].
        """
        chosen = np.arange(self.problem.n) if items is None else np.asarray(items, np.int64)
        if chosen.size and not (chosen.min() >= 0 and chosen.max() < self.problem.n):
            raise ProblemError("out_of_range", "item", f"must all be within 0..{self.problem.n - 1}")
        return next_best(self.tables, chosen)

    def _relaxation(self, desk: _Desk, taken: Way, ranked: list[_Judged]) -> Relaxation | None:
        total = taken.cost + taken.opening_cost
        found = relaxations(self.tables, desk.item, desk.judged, total)
        best = min(found, key=lambda one: one.rank, default=None)
        if best is not None or taken.option >= 0:
            return best
        open_ways = [one for one in ranked if one.possible and math.isfinite(one.extra_cost)]
        if not open_ways:
            return None
        least = open_ways[0]
        return Relaxation(
            "money", least.option, None, None, None, least.extra_cost, total, least.extra_cost, 0.0
        )


def explain(problem: Problem, plan: Plan, item: int, *, alternatives: int = 3) -> Explanation:
    """Explain one item of a plan; ProblemError where there is no such item or the plan is of another shape."""
    return Explainer(problem, plan).explain(item, alternatives=alternatives)


def _check(problem: Problem, plan: Plan) -> None:
    """Refuse a plan whose arrays do not fit the problem: the loops trust them."""
    if len(plan.item_option) != problem.n or len(plan.units) != problem.t:
        raise ProblemError("wrong_shape", "plan", "is not a plan for this problem")
    price = plan.certificate_price
    if price is not None and price.shape != (problem.r, problem.d):
        raise ProblemError("wrong_shape", "plan", "has a certificate for another problem")
    first, last = problem.class_ptr[problem.item_class], problem.class_ptr[problem.item_class + 1]
    option = plan.item_option
    wrong = np.flatnonzero((option != -1) & ((option < first) | (option >= last)))
    if wrong.size:
        item = int(wrong[0])
        message = f"option {int(option[item])} is none of item {item}'s class"
        raise ProblemError("out_of_range", "plan", message)


@dataclass(frozen=True, slots=True)
class _Judged:
    """A way not taken, before it is dressed for people."""

    option: int
    cost: float
    opening_cost: float
    price_cost: float
    extra_cost: float
    priced_extra_cost: float

    @property
    def possible(self) -> bool:
        return math.isfinite(self.opening_cost)

    @property
    def rank(self) -> tuple[bool, float, int]:
        """Possible ones first, by what they cost more."""
        return (not self.possible, self.extra_cost if self.possible else self.priced_extra_cost, self.option)


class _Desk:
    """Turns the judged ways of one item into what is shown."""

    def __init__(self, explainer: Explainer, item: int, judged: Ways) -> None:
        self.problem, self.tables, self.item, self.judged = explainer.problem, explainer.tables, item, judged
        goods = self.tables.goods
        kind = goods.item_class[item]
        self.first, self.last = int(goods.class_ptr[kind]), int(goods.class_ptr[kind + 1])
        self.first_use = int(goods.option_ptr[self.first])
        self.now = int(goods.taken[item])

    def taken(self) -> Way:
        """The way the plan chose."""
        option, goods = self.now, self.tables.goods
        if option < 0:
            cost = float(goods.left[self.item])
            return Way(-1, cost, (), self._change(-1), 0.0, 0.0, 0.0, 0.0, None, ())
        rows = self._rows(option)
        saved = self.judged.saved[: rows.stop - rows.start]
        price = float(self.judged.worth[rows][saved == 0].sum())
        cost = float(self.judged.cost[option - self.first])
        return Way(
            option=option,
            cost=cost,
            by_feature=self._by_feature(option),
            change_cost=self._change(option),
            opening_cost=float(saved.sum()),
            price_cost=price,
            extra_cost=0.0,
            priced_extra_cost=0.0,
            binding=self._binding(option),
            blocked=(),
        )

    def others(self, taken: Way) -> list[_Judged]:
        """Every way that is not taken and not forbidden."""
        total = taken.cost + taken.opening_cost
        found = [self._judged(option, taken) for option in range(self.first, self.last) if option != self.now]
        left = float(self.tables.goods.left[self.item])
        if self.now >= 0:
            extra = left - total
            found.append(_Judged(-1, left, 0.0, 0.0, extra, extra - taken.price_cost))
        return [one for one in found if math.isfinite(one.cost)]

    def _judged(self, option: int, taken: Way) -> _Judged:
        rows = self._rows(option)
        opening, worth = self.judged.opening[rows], self.judged.worth[rows]
        opened = np.isfinite(opening) & (opening > 0)
        cost = float(self.judged.cost[option - self.first])
        price = float(worth[~opened].sum())
        extra = cost + float(opening[np.isfinite(opening)].sum()) - (taken.cost + taken.opening_cost)
        return _Judged(option, cost, float(opening.sum()), price, extra, extra + price - taken.price_cost)

    def way(self, one: _Judged) -> Way:
        """A way with the parts of its cost, its nearest limit and what blocks it."""
        out = one.option < 0
        return Way(
            option=one.option,
            cost=one.cost,
            by_feature=() if out else self._by_feature(one.option),
            change_cost=self._change(one.option),
            opening_cost=0.0 if out else self._opened(one.option),
            price_cost=one.price_cost,
            extra_cost=one.extra_cost,
            priced_extra_cost=one.priced_extra_cost,
            binding=None if out else self._binding(one.option),
            blocked=() if one.possible else blocks_of(self.tables, one.option, self.first_use, self.judged),
        )

    def _rows(self, option: int) -> slice:
        pointer = self.tables.goods.option_ptr
        return slice(int(pointer[option]) - self.first_use, int(pointer[option + 1]) - self.first_use)

    def _opened(self, option: int) -> float:
        opening = self.judged.opening[self._rows(option)]
        return float(opening[np.isfinite(opening)].sum())

    def _by_feature(self, option: int) -> tuple[float, ...]:
        goods = self.tables.goods
        return tuple((goods.item_features[self.item] * goods.option_rates[option]).tolist())

    def _change(self, option: int) -> float:
        goods = self.tables.goods
        return 0.0 if goods.now[self.item] == option else float(goods.change[self.item])

    def _binding(self, option: int) -> Limit | None:
        """The limit that is nearest with the item on it; None where nothing it takes is limited."""
        goods, space = self.tables
        uses = slice(int(goods.option_ptr[option]), int(goods.option_ptr[option + 1]))
        resource = goods.use_resource[uses]
        take = goods.item_size[self.item] * goods.use_factor[uses]
        left = space.room[resource] - (take - self._own(resource))
        limited = np.isfinite(space.limit[resource]) & (take > 0)
        if not limited.any():
            return None
        held = np.maximum(np.where(limited, space.limit[resource], 1.0), 1e-12)
        fill = np.where(limited, 1.0 - np.where(limited, left, 0.0) / held, -np.inf)
        use, dimension = np.unravel_index(int(np.argmax(fill)), fill.shape)
        return Limit(int(resource[use]), int(dimension), float(np.clip(fill[use, dimension], 0.0, 1.0)))

    def _own(self, resource: np.ndarray) -> FloatArray:
        """What the item takes of these resources now [uses, d]."""
        goods = self.tables.goods
        own = np.zeros((len(resource), goods.item_size.shape[1]))
        if self.now < 0:
            return own
        for use in range(int(goods.option_ptr[self.now]), int(goods.option_ptr[self.now + 1])):
            take = goods.item_size[self.item] * goods.use_factor[use]
            own[resource == goods.use_resource[use]] += take
        return own
