"""One run of the optimizer: the order of its stages, the best plan and the best bound so far."""

from __future__ import annotations

import math

import numpy as np

from routing import certificates
from routing.arrays import IntArray
from routing.ascent import Ascent
from routing.bounds import Multipliers, plain_multipliers, primary_uses
from routing.digest import digest
from routing.exact import Search
from routing.exact import search as search_places
from routing.kernel import Neighbourhoods, search, solve_whole
from routing.limits import Budget
from routing.linear import Effort
from routing.model import LEAVE, compile_model
from routing.moves import close_units, shift
from routing.places import places_of
from routing.plan import Plan, gap_between
from routing.problem import Problem
from routing.relaxation import Relaxation, relax
from routing.repair import close_idle_units, repair
from routing.rounding import reassign, round_shares
from routing.slopes import scale_slopes
from routing.state import State, cost_of, empty_state, fits, penalties
from routing.trials import Trials

VERSION = "fourport-optimizer/1"
OPTIMAL_GAP = 1e-6
SAFETY = 1e-9
WHOLE_PAIRS = 40_000
OPENING_PAIRS = 12_000
EXACT_PAIRS = 6_000
RELAXED_PAIRS = 1_500_000
ROOT_PAIRS, NODE_PAIRS = 3_500, 100_000
"""Pairs that one iteration looks at in all nodes of an integer program together: larger ones get fewer nodes."""


class Run:
    """Holds what the stages share; every stage may only improve the incumbent or the bound."""

    def __init__(self, problem: Problem, budget: Budget, seed: int) -> None:
        self.problem = problem
        self.budget = budget
        self.seed = seed
        self.rng = np.random.default_rng(seed)
        self.model = compile_model(problem)
        self.leave = penalties(self.model)
        self.best = empty_state(self.model)
        self.best_cost = cost_of(self.model, self.best, self.leave)
        self.missing = int(self.model.must.sum())
        self.impossible = bool((self.model.must & (np.diff(self.model.first) == 0)).any())
        self.bound = -math.inf
        self.source = "none"
        self.certificate: certificates.Certificate | None = None
        self.certified = -math.inf

    def plan(self, previous: Plan | None) -> Plan:
        """Go through the stages as far as the budget goes and return what was found."""
        self._first_plans(previous)
        relaxation = self._relax()
        placed = not self._finished() and relaxation is not None and self._places(relaxation)
        if not self._finished() and not placed:
            self._whole(relaxation)
        if not self._finished() and relaxation is not None:
            self._raise_bound(relaxation)
        if not self._finished():
            self._neighbourhoods(relaxation)
        self.budget.enter("done")
        return self._answer()

    @property
    def legal(self) -> bool:
        """Whether the incumbent assigns every item that must be."""
        return self.missing == 0

    def _finished(self) -> bool:
        return self.impossible or self.budget.stopped() or self.budget.enough()

    def _offer(self, state: State) -> None:
        """Take a state that leaves fewer musts out than the incumbent, or as many at no more cost."""
        cost = cost_of(self.model, state, self.leave)
        missing = int((self.model.must & (state.choice < 0)).sum())
        if (missing, cost) <= (self.missing, self.best_cost) and fits(self.model, state):
            self.best, self.best_cost, self.missing = state, cost, missing
            if self.legal:
                self.budget.found(incumbent=cost)

    def _first_plans(self, previous: Plan | None) -> None:
        self.budget.enter("slopes")
        if previous is not None and len(previous.item_option) == self.model.n:
            wish = State(self._choice_of(previous.item_option), self._units_of(previous.units))
            self._offer(close_idle_units(self.model, repair(self.model, wish, self.leave)))
        looks = 60 if self.model.t else 3
        until_s = self._share_s(0.06)
        state = scale_slopes(self.model, self.leave, self.budget, self.rng, looks=looks, until_s=until_s)
        self._offer(shift(self.model, state, self.leave))

    def _share_s(self, share: float) -> float:
        """The moment at which a stage that may use a share of the time left must end."""
        return self.budget.elapsed_s() + share * self.budget.left_s()

    def _choice_of(self, item_option: IntArray) -> IntArray:
        wanted = item_option[self.model.item] == self.model.option
        choice = np.full(self.model.n, LEAVE)
        choice[self.model.item[wanted]] = np.flatnonzero(wanted)
        return choice

    def _units_of(self, units: IntArray) -> IntArray:
        known = units if len(units) == self.model.t else np.zeros(self.model.t, np.int64)
        return np.clip(known, 0, self.model.unit_max)

    def _effort(self, share: float, *, gap: float = 0.0, nodes: int | None = None) -> Effort:
        if self.budget.reproducible:
            return Effort(gap=gap, seed=self.seed, nodes=nodes)
        return Effort(gap=gap, seed=self.seed, time_limit_s=max(share * self.budget.left_s(), 0.05))

    def _relax(self) -> Relaxation | None:
        self.budget.enter("relaxation")
        self._take_bound(plain_multipliers(self.model, np.zeros(self.model.rows)))
        if self._finished() or self.model.pairs > RELAXED_PAIRS:
            return None
        rough = self.model.t > 0 and self.model.pairs > EXACT_PAIRS
        found = relax(self.model, self._effort(0.35), links=self.model.t > 0, rough=rough)
        if isinstance(found, str):
            self.impossible |= found == "infeasible"
            return None
        if math.isfinite(found.bound):
            self._solver_bound(found.bound)
        self._take_bound(plain_multipliers(self.model, found.price))
        if self.problem.t and self.problem.u:
            self._take_bound(Ascent(self.model, found).multipliers())
        self._offer(shift(self.model, round_shares(self.model, found.share, self.leave), self.leave))
        for least in (0.15, 0.3, 0.5, 0.7) if self.model.t else ():
            units = np.clip(np.floor(found.units + 1.0 - least), 0, self.model.unit_max).astype(np.int64)
            self._offer(self._around(State(np.full(self.model.n, LEAVE), units)))
        if self.model.t and not self.budget.enough():
            looks = {"looks": 10, "price": found.price, "until_s": self._share_s(0.05)}
            self._offer(scale_slopes(self.model, self.leave, self.budget, self.rng, **looks))  # type: ignore[arg-type]
        return found

    def _around(self, wish: State) -> State:
        """A legal state near a wish, with what quick moves gain."""
        state = close_idle_units(self.model, repair(self.model, wish, self.leave))
        return shift(self.model, state, self.leave)

    def _solver_bound(self, bound: float) -> None:
        safe = bound - SAFETY * max(1.0, abs(bound))
        if safe > self.bound + SAFETY * max(1.0, abs(safe)):
            self.bound, self.source = safe, "solver"
            self.budget.found(bound=safe)

    def _take_bound(self, multipliers: Multipliers) -> None:
        """Believe only what the verifier makes of the multipliers."""
        certificate = self._certificate(multipliers)
        value = certificates.lagrangian(self.problem, certificate)
        if not math.isfinite(value) or value <= self.certified:
            return
        self.certified, self.certificate = value, certificate
        safe = value - SAFETY * max(1.0, abs(value))
        if safe >= self.bound - OPTIMAL_GAP * 0.1 * max(1.0, abs(safe)):
            # Readers that know the four first keys of a certificate only must not trust a fifth unseen.
            self.bound, self.source = safe, "certificate" if certificate.use_share is None else "solver"
            self.budget.found(bound=safe)

    def _certificate(self, found: Multipliers) -> certificates.Certificate:
        if found.share is None:
            return certificates.Certificate(found.price, found.value, None, None)
        primary = primary_uses(self.model, found.share)
        share = found.share if primary is None else None
        return certificates.Certificate(found.price, found.value, primary, found.theta, share)

    def _places(self, relaxation: Relaxation) -> bool:
        """Branch and bound place by place; False where the problem is too large or not made of places."""
        places = places_of(self.model)
        if places is None:
            return False
        self.budget.enter("places")
        trials = Trials.of(self.model, places, self._offer, relaxation.price, self.seed)
        search = Search(
            model=self.model,
            places=places,
            trials=trials,
            incumbent=lambda: (self.best, self.best_cost, self.legal),
            value=np.minimum(relaxation.value, self.model.leave),
            bound=max(self.bound, 0.0),
            gap=OPTIMAL_GAP / 2,
        )
        nodes = 50 * self.budget.limits.iterations if self.budget.limits.iterations else None
        search_places(search, self.budget, nodes=nodes, until_s=self._share_s(1.0), seed=self.seed)
        self.impossible |= search.done and not self.legal
        self._solver_bound(min(search.bound, self.best_cost))
        return True

    def _whole(self, relaxation: Relaxation | None) -> None:
        """Solve exactly, without the pairs that no better plan than the incumbent can hold."""
        pairs = np.arange(self.model.pairs)
        if self.legal and relaxation is not None and math.isfinite(relaxation.bound):
            slack = (self.best_cost - relaxation.bound) * (1 + OPTIMAL_GAP) + OPTIMAL_GAP
            taken = self.best.choice[self.best.choice >= 0]
            pairs = np.union1d(np.flatnonzero(relaxation.reduced <= slack), taken)
        if len(pairs) > (OPENING_PAIRS if self.model.t else WHOLE_PAIRS):
            return
        iterations = self.budget.limits.iterations or 0
        share = 0.6 if len(pairs) <= EXACT_PAIRS else 0.25
        if self.budget.reproducible and len(pairs) > ROOT_PAIRS * iterations:
            return  # the first node alone would take longer than all that an iteration should
        nodes = int(np.clip(NODE_PAIRS // max(len(pairs), 1), 1, 100)) * iterations
        self.budget.enter("whole")
        effort = self._effort(share, gap=self.budget.limits.gap / 2, nodes=nodes)
        answer, state = solve_whole(self.model, effort, start=self.best if self.legal else None, pairs=pairs)
        if answer.status == "infeasible":
            self.impossible = not self.legal
            return
        if state is not None:
            self._offer(state)
            self._offer(close_idle_units(self.model, repair(self.model, state, self.leave)))
        if math.isfinite(answer.bound):
            self._solver_bound(min(answer.bound, self.best_cost))

    def _raise_bound(self, relaxation: Relaxation) -> None:
        if not (self.problem.t and self.problem.u):
            return
        self.budget.enter("bound")
        ascent = Ascent(self.model, relaxation)
        iterations = 150 if not self.budget.reproducible else 20 * (self.budget.limits.iterations or 1)
        target = self.best_cost if self.legal else 1.5 * max(self.bound, 1.0)
        ascent.climb(self.budget, iterations=iterations, target=target, until_s=self._share_s(0.12))
        self._take_bound(ascent.best)

    def _neighbourhoods(self, relaxation: Relaxation | None) -> None:
        self.budget.enter("neighbourhoods")
        if self.model.t:
            closing = close_units(
                self.model, self.best, self.leave, self.budget, tries=100, until_s=self._share_s(0.15)
            )
            self._offer(closing)
            again = reassign(self.model, self.best, self.leave, self._effort(0.2))
            if again is not None:
                self._offer(shift(self.model, again, self.leave))
        size = int(np.clip(self.model.pairs // 4, 200, 4000))
        price = self.model.cost if relaxation is None else relaxation.reduced
        draws = Neighbourhoods.of(self.model, self.leave, self.rng, size=size)
        steps = search(self.model, self.best, self.leave, self.budget, draws, price)
        left = self.budget.limits.iterations or math.inf
        while left > 0 and not self._finished():
            state = next(steps, None)
            if state is None:
                return
            self._offer(state)
            left -= 1

    def _answer(self) -> Plan:
        legal = self.legal and not self.impossible
        objective = cost_of(self.model, self.best) if legal else math.nan
        bound = min(self.bound, objective) if legal else math.nan
        optimal = legal and gap_between(objective, bound) <= OPTIMAL_GAP
        failure = "infeasible" if self.impossible else "unknown"
        taken = self.best.choice >= 0
        item_option = np.full(self.model.n, LEAVE)
        item_option[taken] = self.model.option[self.best.choice[taken]]
        shown = self.certificate if legal else None
        return Plan(
            status="optimal" if optimal else "feasible" if legal else failure,
            item_option=item_option,
            units=self.best.units,
            objective=objective,
            unplaced=np.flatnonzero(self.model.must & ~taken),
            lower_bound=bound,
            bound_source=self.source if legal else "none",
            problem_sha256=digest(self.problem),
            seed=self.seed,
            threads=self.budget.limits.threads,
            version=VERSION,
            seconds=self.budget.seconds,
            certificate_price=None if shown is None else shown.price,
            certificate_item_value=None if shown is None else shown.value,
            certificate_primary_use=None if shown is None else shown.primary_use,
            certificate_theta=None if shown is None else shown.theta,
            certificate_use_share=None if shown is None else shown.use_share,
        )
