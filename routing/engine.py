"""One run on a problem of any size: prices and knapsacks for the bound, compiled moves for the plan."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass, replace

import numpy as np

from routing import certificates, moving, opening, swapping
from routing.arrays import FloatArray, IntArray
from routing.blocks import Block, BlockRunner
from routing.climbing import Climb
from routing.clusters import Clusters, parts_of
from routing.compact import Compact, compile_compact
from routing.digest import digest
from routing.ground import Ground, Standing, cost_of, lay_ground, overloaded, stand
from routing.limits import Budget, Limits
from routing.parts import Part
from routing.plan import Plan, gap_between
from routing.prices import raise_prices
from routing.pricing import LEAVE, Chooser
from routing.problem import Problem
from routing.run import OPTIMAL_GAP, SAFETY, VERSION
from routing.sacks import Sacks
from routing.sloping import Sloping, make_legal, slopes_of

SMALL_BLOCK = 500
RIVALS = 24
"""Unit types around a closed one that a rebuilding may open."""


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """A plan on the ground: option by position [n], units [t], and what it costs with penalties."""

    choice: IntArray
    units: IntArray
    cost: float


class Engine:
    """Holds what the stages share; every stage may only improve the incumbent or the bound."""

    def __init__(
        self, problem: Problem, budget: Budget, seed: int, run_blocks: BlockRunner | None = None
    ) -> None:
        self.problem, self.budget, self.seed, self.run_blocks = problem, budget, seed, run_blocks
        budget.enter("read")
        self.rng = np.random.default_rng(seed)
        self.compact: Compact = compile_compact(problem)
        self.chooser = Chooser(self.compact, budget.limits.threads)
        self.must = np.isinf(self.compact.leave)
        self.leave = penalties(self.compact)
        self.ground: Ground = lay_ground(self.compact, self.leave)
        self.best: Kept | None = None
        self.impossible = self._has_stuck()
        self.bound, self.certificate = -math.inf, None
        self.price = np.zeros((problem.r, problem.d))

    def plan(self, previous: Plan | None) -> Plan:
        """Go through the stages as far as the budget goes and return what was found."""
        self._first_plan(previous)
        if not self._finished():
            if self.problem.t:
                self._with_units()
            else:
                self._without_units()
        self.budget.enter("done")
        return self._answer()

    # what all stages share

    @property
    def legal(self) -> bool:
        """Whether the incumbent assigns every item that must be."""
        return self.best is not None and not (self.must & (self.best.choice < 0)).any()

    def _finished(self) -> bool:
        return self.impossible or self.budget.stopped() or self.budget.enough()

    def _offer(self, standing: Standing) -> None:
        """Keep a standing plan that is within its limits and costs no more than the best."""
        cost = cost_of(self.ground, standing)
        if overloaded(standing) or (self.best is not None and cost >= self.best.cost):
            return
        self.best = Kept(standing.choice.copy(), standing.units.copy(), cost)
        if self.legal:
            self.budget.found(incumbent=cost)

    def _again(self) -> Standing:
        assert self.best is not None  # noqa: S101 - the first stage always leaves one
        return stand(self.ground, self.best.choice, self.best.units)

    def _has_stuck(self) -> bool:
        """Whether an item that must go has no option that could hold it."""
        free = np.zeros(self.compact.n)
        look = self.chooser.look(np.zeros((self.problem.r, self.problem.d)), free + np.inf)
        return bool((self.must & (look.choice == LEAVE)).any())

    def _steps(self, per_iteration: int, otherwise: int) -> int:
        iterations = self.budget.limits.iterations
        return otherwise if iterations is None else per_iteration * iterations

    def _until(self, share: float) -> float:
        return self.budget.elapsed_s() + share * self.budget.left_s()

    def _before(self, until_s: float) -> bool:
        if self._finished():
            return False
        return self.budget.reproducible or self.budget.elapsed_s() < until_s

    # the first plan

    def _first_plan(self, previous: Plan | None) -> None:
        self.budget.enter("slopes")
        if previous is not None and len(previous.item_option) == self.compact.n:
            units = previous.units if len(previous.units) == self.problem.t else np.zeros(self.problem.t)
            wish = previous.item_option[self.compact.order]
            self._offer(make_legal(self.ground, wish, np.minimum(units, self.problem.unit_max).astype(int)))
        if self.problem.t:
            self._slope(1)
        else:
            priced = raise_prices(
                self.chooser, self.leave, self.problem.resource_free, self.price, looks=8, go_on=lambda _: True
            )
            self.price = priced.price
            standing = make_legal(self.ground, priced.look.choice, np.zeros(0, np.int64))
            self._offer(standing)
            moving.shift(self.ground, standing, 0, self.compact.n)
            self._offer(standing)

    def _slope(self, looks: int, until_s: float = math.inf) -> None:
        sloping = Sloping(self.chooser, self.leave)
        for number in range(looks):
            look = sloping.look()
            standing = make_legal(self.ground, look.choice, np.zeros(self.problem.t, np.int64))
            opening.close_each(self.ground, standing, self._emptiest(standing))
            self._offer(standing)
            if number + 1 < looks and not self._before(until_s):
                return
            sloping.learn(look.load if number % 2 else standing.load, standing.units, self.rng)

    def _emptiest(self, standing: Standing) -> IntArray:
        """Unit types that are open, those on the emptiest resources first."""
        part = standing.load / np.maximum(np.where(np.isinf(standing.limit), np.inf, standing.limit), 1e-9)
        order = np.argsort(part.max(axis=1)[self.problem.unit_resource], kind="stable")
        return np.asarray(order[standing.units[order] > 0])

    # capacity that is bought

    def _without_units(self) -> None:
        self.budget.enter("bound")
        until_s = self._until(0.5)
        free = self.problem.resource_free

        def go_on(bound: float) -> bool:
            self._note_bound(bound)
            return self._before(until_s)

        looks = self._steps(30, 1000)
        priced = raise_prices(self.chooser, self.compact.leave, free, self.price, looks=looks, go_on=go_on)
        self.price = priced.price
        self._note_bound(priced.bound)
        self.budget.enter("assignment")
        for number in range(self._steps(2, 1000)):
            if self._finished():
                return
            self._assign(priced.price if number == 0 else self._shaken(priced.price))

    def _shaken(self, price: FloatArray) -> FloatArray:
        return np.asarray(price * self.rng.uniform(0.97, 1.03, price.shape))

    def _assign(self, price: FloatArray) -> None:
        """Let items choose at prices, put right what overloads, then shift and push out as long as it pays."""
        units = np.zeros(self.problem.t, np.int64) if self.best is None else self.best.units
        look = self.chooser.look(price, self.leave)
        standing = make_legal(self.ground, look.choice, units)
        self._polish(standing)

    def _polish(self, standing: Standing, most: int = 8) -> None:
        step = max(1, self.compact.n // 64)
        for _ in range(most):
            saved = 0.0
            for move in (moving.shift, swapping.eject):
                for begin in range(0, self.compact.n, step):
                    saved += move(self.ground, standing, begin, min(begin + step, self.compact.n))
                    if self.budget.stopped():
                        self._offer(standing)
                        return
            self._offer(standing)
            if saved <= 2e-6 * abs(cost_of(self.ground, standing)):
                return

    def _note_bound(self, bound: float) -> None:
        if math.isfinite(bound):
            safe = bound - SAFETY * max(1.0, abs(bound))
            if self.budget.bound is None or safe > self.budget.bound + 1e-6 * abs(safe):
                self.budget.found(bound=safe)

    # capacity that is opened

    def _with_units(self) -> None:
        sacks = Sacks.of(self.chooser)
        sloping = Sloping(self.chooser, self.leave)
        climb = Climb(sacks, self.leave, sloping.look().value, self.price)
        if self.budget.reproducible or self.budget.limits.threads == 1:
            self._raise(climb, self._until(0.35))
            self._improve(math.inf)
        else:
            worker = threading.Thread(target=self._raise, args=(climb, math.inf), daemon=True)
            worker.start()
            self._improve(math.inf)
            worker.join()
        self.climb = climb

    def _raise(self, climb: Climb, until_s: float) -> None:
        def go_on(bound: float) -> bool:
            self._note_bound(bound)
            return self._before(until_s)

        def target() -> float:
            return self.best.cost if self.best is not None else 2.0 * abs(climb.bound)

        climb.climb(self._steps(60, 100_000), target, go_on)

    def _improve(self, until_s: float) -> None:
        self.budget.enter("slopes")
        self._slope(self._steps(2, 12), self._until(0.08))
        self.budget.enter("openings")
        standing = self._again()
        for _ in range(self._steps(2, 20)):
            before = cost_of(self.ground, standing)
            self._sweep(standing)
            after = cost_of(self.ground, standing)
            if after > before * (1 - 1e-4) or not self._before(until_s):
                break
        self._price_again()
        self.budget.enter("rebuilding")
        alone = self.run_blocks is None
        self._rebuild(until_s if alone else self._until(0.3))
        if not alone:
            self.budget.enter("blocks")
            self._by_blocks(until_s)

    def _by_blocks(self, until_s: float) -> None:
        """Search blocks of the plan side by side and join what they gain; each round draws other blocks."""
        clusters = Clusters.of(self.compact)
        number = 0
        while self._before(until_s) and number < self._steps(2, 1 << 30):
            assert self.best is not None and self.run_blocks is not None  # noqa: S101 - see above
            number += 1
            before = self.best.cost
            most = self._block_size(number)
            standing = self._again()
            load = self.chooser.load_of(standing.choice)
            parts = list(parts_of(clusters, self.best.choice, self.best.units, load, most, self.rng))
            blocks = [self._block(index, part, len(parts), number) for index, part in enumerate(parts)]
            found = dict(self.run_blocks(blocks, self.budget.stopped))
            self._join([(parts[index], found[index]) for index in sorted(found)])
            if number % 3 == 0 or self.best.cost >= before:
                self._price_again()

    def _block_size(self, number: int) -> int:
        """Blocks small enough to be proved, and now and then much larger ones."""
        small = int(SMALL_BLOCK * self.rng.uniform(0.6, 1.6))
        return small if self.compact.n < 40 * SMALL_BLOCK else max(small, self.compact.n // 8)

    def _block(self, index: int, part: Part, count: int, number: int) -> Block:
        limits = self.budget.limits
        if self.budget.reproducible:
            limits = replace(limits, threads=1, iterations=limits.iterations)
        else:
            share = self.budget.left_s() * limits.threads / max(count, 1)
            limits = Limits(time_limit_s=float(np.clip(0.5 * share, 1.0, 15.0)), gap=1e-4)
        return Block(index, part.problem, part.start, limits, self.seed + 1000 * number + index)

    def _join(self, answers: list[tuple[Part, Plan]]) -> None:
        """Put the answers of blocks together; if that is no better, take them one by one."""
        assert self.best is not None  # noqa: S101 - the first stage always leaves one
        start = self.best
        choice = start.choice.copy()
        position = np.empty(self.compact.n, np.int64)
        position[self.compact.order] = np.arange(self.compact.n)
        for part, answer in answers:
            taken = answer.item_option >= 0
            option = np.where(taken, part.options[answer.item_option], LEAVE)
            choice[position[part.items]] = option
        standing = make_legal(self.ground, choice, np.zeros(self.problem.t, np.int64))
        moving.shift(self.ground, standing, 0, self.compact.n)
        self._offer(standing)

    def _sweep(self, standing: Standing) -> None:
        """Try to open and to close each unit type once, in slices so that a stop is heard."""
        relief = slopes_of(self.chooser, standing.load, standing.units) * self.rng.uniform(0.3, 1.0)
        order = self.rng.permutation(self.problem.t)
        for part in np.array_split(order, max(1, self.problem.t // 32)):
            opening.open_each(self.ground, standing, part, relief)
            if self.budget.stopped():
                break
        moving.shift(self.ground, standing, 0, self.compact.n)
        opening.close_each(self.ground, standing, self.rng.permutation(np.flatnonzero(standing.units)))
        opening.open_for_load(self.ground, standing)
        self._offer(standing)

    def _price_again(self) -> None:
        """Assign anew with the units that are open, at prices that suit their room."""
        assert self.best is not None  # noqa: S101 - the first stage always leaves one
        units = self.best.units
        standing = self._again()
        start = slopes_of(self.chooser, standing.load, units) * 0.1
        priced = raise_prices(
            self.chooser, self.leave, np.where(np.isinf(standing.limit), np.inf, standing.limit), start,
            looks=40, go_on=lambda _: not self.budget.stopped(),
        )  # fmt: skip
        standing = make_legal(self.ground, priced.look.choice, units)
        self._polish(standing, 3)

    def _rebuild(self, until_s: float) -> None:
        """Close a unit, let its rivals open and close, and keep it if that pays; again until time is up."""
        standing = self._again()
        rivals = Rivals(self.compact)
        since, number, gained = cost_of(self.ground, standing), 0, 0.0
        while self._before(until_s) and number < self._steps(60, 1 << 40):
            number += 1
            open_now = np.flatnonzero(standing.units)
            if not len(open_now):
                return
            shut = self.rng.choice(open_now, min(len(open_now), 1 + int(self.rng.integers(0, 2))), replace=False)
            tried = rivals.of(int(self.problem.unit_resource[shut[0]]), self.rng)
            relief = slopes_of(self.chooser, standing.load, standing.units) * self.rng.uniform(0.2, 1.0)
            gained += opening.rebuild(self.ground, standing, shut, tried, relief)
            if number % 50 == 0 and gained > 1e-7 * abs(since):
                self._offer(standing)
                gained = 0.0
        self._offer(standing)
        self._polish(standing, 3)

    # the answer

    def _certify(self) -> None:
        if self.problem.t and hasattr(self, "climb"):
            value, price, theta = self.climb.best
            by_item = np.empty(self.compact.n)
            by_item[self.compact.order] = value
            found = certificates.Certificate(price, by_item, self.climb.sacks.primary, theta)
        else:
            found = certificates.Certificate(self.price, None, None, None)
        bound = certificates.lagrangian(self.problem, found)
        if math.isfinite(bound):
            self.bound, self.certificate = bound - SAFETY * max(1.0, abs(bound)), found

    def _answer(self) -> Plan:
        if not self.impossible:
            self._certify()
        legal = self.legal and not self.impossible
        choice = np.full(self.compact.n, LEAVE) if self.best is None else self.best.choice
        item_option = np.empty(self.compact.n, np.int64)
        item_option[self.compact.order] = choice
        objective = self.best.cost if legal and self.best is not None else math.nan
        bound = min(self.bound, objective) if legal and math.isfinite(self.bound) else math.nan
        optimal = legal and gap_between(objective, bound) <= OPTIMAL_GAP
        failure = "infeasible" if self.impossible else "unknown"
        shown = self.certificate if legal else None
        must = np.isinf(self.problem.item_drop_cost)
        return Plan(
            status="optimal" if optimal else "feasible" if legal else failure,
            item_option=item_option,
            units=np.zeros(self.problem.t, np.int64) if self.best is None else self.best.units,
            objective=objective,
            unplaced=np.flatnonzero(must & (item_option < 0)),
            lower_bound=bound,
            bound_source="none" if shown is None else "certificate",
            problem_sha256=digest(self.problem),
            seed=self.seed,
            threads=self.budget.limits.threads,
            version=VERSION,
            seconds=self.budget.seconds,
            certificate_price=None if shown is None else shown.price,
            certificate_item_value=None if shown is None else shown.value,
            certificate_primary_use=None if shown is None else shown.primary_use,
            certificate_theta=None if shown is None else shown.theta,
        )


class Rivals:
    """Which unit types compete with those of a resource: the items that could use one could use the other."""

    def __init__(self, compact: Compact) -> None:
        self.compact, self.problem = compact, compact.problem
        self.types = np.bincount(self.problem.unit_resource, minlength=self.problem.r) > 0
        self.option_class = np.repeat(np.arange(self.problem.k), np.diff(self.problem.class_ptr))

    def of(self, resource: int, rng: np.random.Generator) -> IntArray:
        """Up to `RIVALS` unit types around a resource, its own among them, in random order by how much they share."""
        compact, problem = self.compact, self.problem
        places = compact.by_resource[compact.resource_ptr[resource] : compact.resource_ptr[resource + 1]]
        classes = np.unique(self.option_class[compact.use_option[places]])
        if len(classes) > 200:
            classes = rng.choice(classes, 200, replace=False)
        first, last = problem.class_ptr[classes], problem.class_ptr[classes + 1]
        uses = np.concatenate(
            [
                np.arange(problem.option_ptr[a], problem.option_ptr[b])
                for a, b in zip(first, last, strict=True)
            ]
        )
        count = np.bincount(problem.use_resource[uses], minlength=problem.r) * self.types
        merit = count * rng.uniform(0.2, 1.0, problem.r)
        merit[resource] = np.inf
        chosen = np.argsort(-merit)[:RIVALS]
        near = np.flatnonzero(np.isin(problem.unit_resource, chosen[merit[chosen] > 0]))
        return rng.permutation(near)


def penalties(compact: Compact) -> FloatArray:
    """Finite costs of leaving items out [n by position]: above any detour for an item that must go."""
    must = np.isinf(compact.leave)
    if not must.any():
        return compact.leave
    finite = compact.cost[np.isfinite(compact.cost)]
    known = compact.leave[~must].max(initial=0.0)
    dearest = finite.max(initial=0.0) + compact.problem.unit_cost.max(initial=0.0)
    return np.where(must, 10.0 * (dearest + known + 1.0), compact.leave)
