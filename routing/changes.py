"""Plan again while changing at most a given number of bookings.

A small problem is solved with the limit as one more resource, exactly. In a large one changes get a price that
rises until few enough are worth it; which of the changes that then remain are made is decided exactly again.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from routing import checks
from routing.arrays import FloatArray, IntArray
from routing.digest import digest
from routing.limited import in_limited_terms, limit_changes
from routing.limits import Limits, Progress
from routing.overload import Room, relieve
from routing.parts import fewest_units, part_of, room_left
from routing.plan import Plan, gap_between
from routing.problem import Problem, ProblemError
from routing.solve import solve
from routing.tally import item_costs

EXACT_CHOICES = 20_000
"""Choices of booked items up to which the limit is one more resource of the whole problem."""
PRICES = 4
"""Prices of a change that are tried in a large problem."""
OPTIMAL_GAP = 1e-6


def solve_with_few_changes(
    problem: Problem,
    limits: Limits,
    most: int,
    *,
    seed: int = 1,
    previous: Plan | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Plan:
    """Solve a problem so that at most `most` items of `item_option_now` end elsewhere or unassigned.

    No plan with few changes is cheaper than the best one with many: the bound of the plan is that of the
    problem without the limit, and `optimal` means that the limit costs nothing. `previous` is a plan to
    start from.
    """
    if problem.item_option_now is None:
        raise ProblemError("missing_key", "item_option_now", "is needed to count changes")
    if most < 0:
        raise ProblemError("wrong_limit", "max_changes", "must not be negative")
    if previous is not None and len(previous.item_option) != problem.n:
        raise ProblemError("wrong_shape", "start", "is not a plan for this problem")
    search = _Search(problem, limits, most, seed, on_progress, should_stop)
    return search.plan(previous)


def limits_share(limits: Limits, share: float) -> Limits:
    """Return a share of the time; a budget of iterations stays, as no stage may know what others used."""
    if limits.time_limit_s is None:
        return limits
    return replace(limits, time_limit_s=max(limits.time_limit_s * share, 0.05))


def changes_of(problem: Problem, item_option: IntArray) -> IntArray:
    """Return the booked items that are elsewhere or left out, rising."""
    now = problem.item_option_now
    if now is None:
        return np.zeros(0, np.int64)
    return np.flatnonzero((now >= 0) & (item_option != now))


class _Search:
    """What the steps share: the problem, the limits, and the best plan with few enough changes so far."""

    def __init__(
        self,
        problem: Problem,
        limits: Limits,
        most: int,
        seed: int,
        on_progress: Callable[[Progress], None] | None,
        should_stop: Callable[[], bool] | None,
    ) -> None:
        self.problem, self.limits, self.most, self.seed = problem, limits, most, seed
        self.on_progress, self.should_stop = on_progress, should_stop
        self.sha256 = digest(problem)
        self.begun = time.perf_counter()
        self.best: Plan | None = None

    def plan(self, previous: Plan | None) -> Plan:
        """Find the best plan with few changes; see `solve_with_few_changes`."""
        free = self._solve(self.problem, 0.35, previous)
        for start in (free, previous):
            self._offer(start)
        if not free.legal or len(changes_of(self.problem, free.item_option)) <= self.most:
            return free if self.best is None or free.legal else self.best
        if self._choices() <= EXACT_CHOICES:
            self._exactly(previous)
        else:
            for wish in self._wishes(free):
                self._offer(wish)
                if self._stopped() and self.best is not None:
                    break
                self._among(wish)
        return self._answer(free)

    def _solve(self, problem: Problem, share: float, previous: Plan | None) -> Plan:
        part = limits_share(self.limits, share)
        if part.time_limit_s is not None:
            part = replace(part, time_limit_s=max(min(part.time_limit_s, self._left_s()), 0.05))
        return solve(
            problem,
            part,
            seed=self.seed,
            previous=previous,
            on_progress=self.on_progress,
            should_stop=self.should_stop,
        )

    def _stopped(self) -> bool:
        return (self.should_stop is not None and self.should_stop()) or self._left_s() <= 0

    def _left_s(self) -> float:
        """Seconds left; without a limit of time nobody looks at the clock."""
        if self.limits.time_limit_s is None:
            return math.inf
        return self.limits.time_limit_s - (time.perf_counter() - self.begun)

    def _choices(self) -> int:
        """How many choices the booked items have together."""
        assert self.problem.item_option_now is not None  # noqa: S101 - looked at before
        booked = self.problem.item_class[self.problem.item_option_now >= 0]
        return int(np.diff(self.problem.class_ptr)[booked].sum())

    def _offer(self, plan: Plan | None) -> None:
        """Take a plan with few enough changes if it is legal here and cheaper than what there is."""
        if plan is None or not plan.legal or len(changes_of(self.problem, plan.item_option)) > self.most:
            return
        cost = checks.cost_of(self.problem, plan.item_option, plan.units)
        tried = self._unproved(plan, plan.item_option, plan.units, cost)
        if self.best is not None and cost >= self.best.objective:
            return
        if not checks.check(self.problem, tried):
            self.best = tried

    def _exactly(self, previous: Plan | None) -> None:
        limited, origin = limit_changes(self.problem, self.most)
        start = self.best or previous
        if start is not None:
            start = replace(start, item_option=in_limited_terms(limited, origin, start.item_option))
        found = self._solve(limited, 0.65, start)
        if found.legal:
            option = np.where(found.item_option >= 0, origin[found.item_option], -1)
            self._offer(replace(found, item_option=option))

    def _wishes(self, free: Plan) -> Iterator[Plan]:
        """Yield plans at rising and falling prices of a change, beginning with the bookings themselves.

        The first price lets as many changes be worth it as there may be, going by what each change of the
        free plan saves on its own; then the price is halved or doubled, or lies between two tried ones.
        """
        standing = self._standing()
        self._offer(standing)
        yield free
        low, high, start = 0.0, math.inf, free
        price = self._first_price(free)
        for _ in range(PRICES):
            if self._stopped() or price <= 0:
                return
            wish = self._priced(price, start)
            if not wish.legal:
                return
            yield wish
            many = len(changes_of(self.problem, wish.item_option))
            if many == self.most:
                return
            low, high = (price, high) if many > self.most else (low, price)
            start = wish if many > self.most else start
            price = 2.0 * low if math.isinf(high) else (low + high) / 2.0

    def _first_price(self, free: Plan) -> float:
        changed = changes_of(self.problem, free.item_option)
        assert self.problem.item_option_now is not None  # noqa: S101 - looked at before
        before = item_costs(self.problem, self.problem.item_option_now, changed)
        saved = np.sort(before - item_costs(self.problem, free.item_option, changed))[::-1]
        worth = float(saved[min(self.most, len(saved) - 1)])
        return worth if worth > 0 else float(np.abs(saved).mean())

    def _priced(self, price: float, start: Plan) -> Plan:
        """Solve with a price on every change, from a plan or the best one."""
        known = self.problem.item_change_cost
        cost: FloatArray = np.full(self.problem.n, price) if known is None else known + price
        wish = self._solve(replace(self.problem, item_change_cost=cost), 0.08, self.best or start)
        return replace(wish, problem_sha256="")

    def _standing(self) -> Plan | None:
        """Return the bookings as they stand, who has none placed as well as may be; None where that fails."""
        problem, now = self.problem, self.problem.item_option_now
        assert now is not None  # noqa: S101 - looked at before
        change = np.zeros(problem.n) if problem.item_change_cost is None else problem.item_change_cost
        room = Room(problem.resource_free, problem.unit_size, problem.unit_max)
        option, units, load = relieve(problem, now, room, np.isinf(change), np.ones(problem.o, bool))
        units = fewest_units(problem, units, np.arange(problem.t), room_left(problem, load, units))
        part = part_of(problem, option, units, np.flatnonzero(option < 0), load=load)
        placed = self._solve(part.problem, 0.1, part.start)
        if not placed.legal:
            return None
        option, units = part.merge(placed.item_option, placed.units)
        return self._unproved(placed, option, units)

    def _among(self, wish: Plan) -> None:
        """Decide which of a plan's changes to make, everybody else staying as the plan has them."""
        changed = changes_of(self.problem, wish.item_option)
        if len(changed) <= self.most:
            return
        keep = np.zeros(self.problem.o, bool)
        assert self.problem.item_option_now is not None  # noqa: S101 - looked at before
        keep[self.problem.item_option_now[changed]] = True
        keep[wish.item_option[changed][wish.item_option[changed] >= 0]] = True
        part = part_of(self.problem, wish.item_option, wish.units, changed, options_kept=keep)
        limited, origin = limit_changes(part.problem, self.most, part.start_option)
        standing = part.problem.item_option_now
        assert standing is not None  # noqa: S101 - the part keeps what the whole has
        start = replace(part.start, item_option=in_limited_terms(limited, origin, standing))
        found = self._solve(limited, 0.06, start)
        if found.legal:
            option = np.where(found.item_option >= 0, origin[found.item_option], -1)
            option, units = part.merge(option, found.units)
            self._offer(self._unproved(found, option, units))

    def _answer(self, free: Plan) -> Plan:
        """Give the best plan what the problem without the limit proves; without one, say so."""
        if self.best is None:
            return self._unproved(replace(free, status="unknown"), free.item_option, free.units)
        proved = replace(
            self.best,
            lower_bound=free.lower_bound,
            bound_source=free.bound_source,
            certificate_price=free.certificate_price,
            certificate_item_value=free.certificate_item_value,
            certificate_primary_use=free.certificate_primary_use,
            certificate_theta=free.certificate_theta,
            certificate_use_share=free.certificate_use_share,
        )
        best = gap_between(proved.objective, proved.lower_bound) <= OPTIMAL_GAP
        return replace(proved, status="optimal" if best else "feasible")

    def _unproved(self, plan: Plan, option: IntArray, units: IntArray, cost: float = math.nan) -> Plan:
        """Return a plan with other arrays and without what is proven of it."""
        return replace(
            plan,
            status="feasible" if plan.legal else plan.status,
            item_option=option,
            units=units,
            objective=cost,
            unplaced=np.flatnonzero((option < 0) & np.isinf(self.problem.item_drop_cost)),
            lower_bound=math.nan,
            bound_source="none",
            problem_sha256=self.sha256,
            certificate_price=None,
            certificate_item_value=None,
            certificate_primary_use=None,
            certificate_theta=None,
            certificate_use_share=None,
        )
