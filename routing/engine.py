"""One run on a problem of any size: what its stages share, their order, and the answer."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from routing import certificates, moving, opening
from routing.arrays import FloatArray, IntArray
from routing.assigning import assign_bought
from routing.blocks import BlockRunner
from routing.compact import Compact, compile_compact, penalties
from routing.digest import digest
from routing.ground import Ground, Standing, cost_of, lay_ground, overloaded, stand
from routing.limits import Budget
from routing.openings import open_units
from routing.plan import Plan, gap_between
from routing.prices import raise_prices
from routing.pricing import LEAVE, Chooser
from routing.problem import Problem
from routing.run import OPTIMAL_GAP, SAFETY, VERSION
from routing.sloping import Sloping, make_legal

PROOF_S = 7e-7
"""Seconds for each pair that proof and check take at the end, with some to spare (measured 2026-11-26)."""


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """A plan on the ground: option by position [n], units [t], and what it costs with penalties."""

    choice: IntArray
    units: IntArray
    cost: float


class Engine:
    """Holds what the stages share; every stage may only improve the incumbent or the bound."""

    def __init__(
        self,
        problem: Problem,
        budget: Budget,
        seed: int,
        run_blocks: BlockRunner | None = None,
        *,
        prove: bool = True,
    ) -> None:
        self.problem, self.budget, self.seed = problem, budget, seed
        self.run_blocks, self.prove = run_blocks, prove
        budget.enter("read")
        self.rng = np.random.default_rng(seed)
        self.compact: Compact = compile_compact(problem)
        budget.reserve_s = min(PROOF_S * self.compact.pairs, 0.2 * min(budget.left_s(), 1e6))
        self.chooser = Chooser(self.compact, budget.limits.threads)
        self.must = np.isinf(self.compact.leave)
        self.leave = penalties(self.compact)
        self.ground: Ground = lay_ground(self.compact, self.leave)
        self.best: Kept | None = None
        self.impossible = self._has_stuck()
        self.multipliers: tuple[FloatArray, FloatArray | None, IntArray | None, FloatArray | None]
        self.multipliers = (np.zeros((problem.r, problem.d)), None, None, None)
        """Prices [r, d] and, with knapsacks, values [n by position], primary uses [o] and theta [r, d]."""

    def plan(self, previous: Plan | None) -> Plan:
        """Go through the stages as far as the budget goes and return what was found."""
        self._first_plan(previous)
        if not self.finished():
            (open_units if self.problem.t else assign_bought)(self)
        self.budget.enter("done")
        return self._answer()

    @property
    def legal(self) -> bool:
        """Whether the incumbent assigns every item that must be."""
        return self.best is not None and not (self.must & (self.best.choice < 0)).any()

    @property
    def held(self) -> Kept:
        """The incumbent; the first stage always leaves one."""
        if self.best is None:
            raise RuntimeError("no stage has left a plan")
        return self.best

    def finished(self) -> bool:
        """Whether to stop: no plan exists, the budget is used up, or the gap is small enough."""
        return self.impossible or self.budget.stopped() or self.budget.enough()

    def offer(self, standing: Standing) -> None:
        """Keep a standing plan that is within its limits and costs less than the incumbent."""
        cost = cost_of(self.ground, standing)
        if overloaded(standing) or (self.best is not None and cost >= self.best.cost):
            return
        self.best = Kept(standing.choice.copy(), standing.units.copy(), cost)
        if self.legal:
            self.budget.found(incumbent=cost)

    def again(self) -> Standing:
        """The incumbent, standing."""
        return stand(self.ground, self.held.choice, self.held.units)

    def note_bound(self, bound: float) -> None:
        """Tell of a better bound; what the plan states is recomputed at the end."""
        if math.isfinite(bound):
            safe = bound - SAFETY * max(1.0, abs(bound))
            if self.budget.bound is None or safe > self.budget.bound + 1e-6 * abs(safe):
                self.budget.found(bound=safe)

    def steps(self, per_iteration: int, otherwise: int) -> int:
        """How many steps a stage may take: by iterations where these count, else many."""
        iterations = self.budget.limits.iterations
        return otherwise if iterations is None else per_iteration * iterations

    def until(self, share: float) -> float:
        """The moment at which a stage that may use a share of the time left must end."""
        return self.budget.elapsed_s() + share * self.budget.left_s()

    def before(self, until_s: float) -> bool:
        """Whether a stage may go on; only the budget of iterations counts where there is one."""
        if self.finished():
            return False
        return self.budget.reproducible or self.budget.elapsed_s() < until_s

    def _has_stuck(self) -> bool:
        """Whether an item that must go has no option that could hold it."""
        nothing = np.zeros((self.problem.r, self.problem.d))
        look = self.chooser.look(nothing, np.full(self.compact.n, np.inf))
        return bool((self.must & (look.choice == LEAVE)).any())

    def _first_plan(self, previous: Plan | None) -> None:
        self.budget.enter("slopes")
        if previous is not None and len(previous.item_option) == self.compact.n:
            known = previous.units if len(previous.units) == self.problem.t else np.zeros(self.problem.t)
            units = np.clip(known, 0, self.problem.unit_max).astype(np.int64)
            self.offer(make_legal(self.ground, previous.item_option[self.compact.order], units))
        if self.problem.t:
            self.slope(1)
            return
        priced = raise_prices(
            self.chooser, self.leave, self.problem.resource_free, self.multipliers[0],
            looks=8, go_on=lambda _: True,
        )  # fmt: skip
        standing = make_legal(self.ground, priced.look.choice, np.zeros(0, np.int64))
        self.offer(standing)
        moving.shift(self.ground, standing, 0, self.compact.n)
        self.offer(standing)

    def slope(self, looks: int, until_s: float = math.inf) -> None:
        """Look at slopes, make each look legal, close what does not pay, and learn from it."""
        sloping = Sloping(self.chooser, self.leave)
        for number in range(looks):
            look = sloping.look()
            standing = make_legal(self.ground, look.choice, np.zeros(self.problem.t, np.int64))
            self.offer(standing)
            part = (standing.load / np.maximum(standing.limit, 1e-9)).max(axis=1)
            order = np.argsort(part[self.problem.unit_resource], kind="stable")
            opening.close_each(self.ground, standing, order[standing.units[order] > 0])
            self.offer(standing)
            if number + 1 < looks and not self.before(until_s):
                return
            sloping.learn(look.load if number % 2 else standing.load, standing.units, self.rng)

    def _certified(self) -> tuple[float, certificates.Certificate | None]:
        """The bound that the verifier's own formula makes of the multipliers, with a hair of safety."""
        price, value, primary, theta = self.multipliers
        by_item = None
        if value is not None:
            by_item = np.empty(self.compact.n)
            by_item[self.compact.order] = value
        found = certificates.Certificate(price, by_item, primary, theta)
        bound = certificates.lagrangian(self.problem, found)
        if not math.isfinite(bound):
            return math.nan, None
        return bound - SAFETY * max(1.0, abs(bound)), found

    def _answer(self) -> Plan:
        legal = self.legal and not self.impossible
        bound, shown = self._certified() if legal else (math.nan, None)
        item_option = np.full(self.compact.n, LEAVE)
        if self.best is not None:
            item_option[self.compact.order] = self.best.choice
        objective = self.held.cost if legal else math.nan
        bound = min(bound, objective) if shown is not None else math.nan
        optimal = legal and gap_between(objective, bound) <= OPTIMAL_GAP
        failure = "infeasible" if self.impossible else "unknown"
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
