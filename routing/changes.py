"""Plan again while changing at most a given number of bookings."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from routing import checks
from routing.arrays import FloatArray, IntArray
from routing.digest import digest
from routing.limits import Limits, Progress
from routing.plan import Plan
from routing.problem import Problem, ProblemError
from routing.solve import solve


def solve_with_few_changes(
    problem: Problem,
    limits: Limits,
    most: int,
    *,
    seed: int = 1,
    previous: Plan | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> Plan:
    """Solve a problem so that at most `most` items of `item_option_now` end elsewhere or unassigned.

    The limit is one more resource that every change takes one of. What is proven of the limited
    problem says nothing about the problem in the file, so the plan carries no bound and is `feasible`.
    """
    if problem.item_option_now is None:
        raise ProblemError("missing_key", "item_option_now", "is needed to count changes")
    if most < 0:
        raise ProblemError("wrong_limit", "max_changes", "must not be negative")
    limited, origin = limit_changes(problem, most)
    start = None if previous is None else _translate(problem, limited, origin, previous)
    found = solve(limited, limits, seed=seed, previous=start, on_progress=on_progress)
    option = np.where(found.item_option >= 0, origin[found.item_option], -1)
    cost = checks.cost_of(problem, option, found.units) if found.legal else math.nan
    status = "feasible" if found.status == "optimal" else found.status
    return replace(
        found,
        status=status,
        item_option=option,
        objective=cost,
        lower_bound=math.nan,
        bound_source="none",
        problem_sha256=digest(problem),
        certificate_price=None,
        certificate_item_value=None,
        certificate_primary_use=None,
        certificate_theta=None,
        certificate_use_share=None,
    )


def limit_changes(problem: Problem, most: int) -> tuple[Problem, IntArray]:
    """Return the problem with a resource of changes, and for each of its options the one it stands for.

    Every booked item gets a class of its own, whose options but the booked one take one change; leaving
    it out becomes an option (-1 in the answer) that does so too, at the cost of dropping it.
    """
    now = problem.item_option_now
    assert now is not None  # noqa: S101 - the caller has looked
    booked = np.flatnonzero(now >= 0)
    counted = _Counted(problem, booked)
    uses, factors, pointer = counted.uses()
    free = np.vstack([problem.resource_free, np.full((1, problem.d), np.inf)])
    free = np.hstack([free, np.full((problem.r + 1, 1), np.inf)])
    free[-1, -1] = float(most)
    drop = problem.item_drop_cost.copy()
    drop[booked] = np.inf
    leaving = np.where(np.isinf(problem.item_drop_cost), 0.0, problem.item_drop_cost)
    one = np.zeros((problem.t, 1))
    limited = replace(
        problem,
        item_class=counted.item_class(),
        item_size=np.hstack([problem.item_size, np.ones((problem.n, 1))]),
        item_features=np.hstack([problem.item_features, leaving[:, None]]),
        item_drop_cost=drop,
        class_ptr=counted.class_ptr,
        option_rates=counted.rates(),
        option_ptr=pointer,
        use_resource=uses,
        use_factor=factors,
        resource_free=free,
        unit_size=np.hstack([problem.unit_size, one]),
        unit_takes=np.hstack([problem.unit_takes, one]),
        item_option_now=counted.now(),
    )
    return limited, counted.origin


class _Counted:
    """The options of the limited problem: those of the old classes, then those of each booked item."""

    def __init__(self, problem: Problem, booked: IntArray) -> None:
        self.problem, self.booked = problem, booked
        self.start = problem.class_ptr[problem.item_class[booked]]
        self.count = problem.class_ptr[problem.item_class[booked] + 1] - self.start
        self.leave = np.isfinite(problem.item_drop_cost[booked]).astype(np.int64)
        total = self.count + self.leave
        self.owner = np.repeat(np.arange(len(booked)), total)
        step = np.arange(len(self.owner)) - np.repeat(np.cumsum(total) - total, total)
        own = np.where(step < self.count[self.owner], self.start[self.owner] + step, -1)
        self.origin = np.concatenate([np.arange(problem.o), own])
        self.class_ptr = np.concatenate([problem.class_ptr, problem.o + np.cumsum(total)])
        assert problem.item_option_now is not None  # noqa: S101 - the caller has looked
        self.booked_option = problem.item_option_now[booked]
        self.changes = np.concatenate([np.zeros(problem.o, bool), own != self.booked_option[self.owner]])

    def item_class(self) -> npt.NDArray[np.int32]:
        """Class of each item."""
        of_item = self.problem.item_class.copy()
        of_item[self.booked] = self.problem.k + np.arange(len(self.booked), dtype=np.int32)
        return of_item

    def now(self) -> IntArray:
        """The booked option of each item, -1 none."""
        now = np.full(self.problem.n, -1)
        own = np.flatnonzero(~self.changes[self.problem.o :])
        now[self.booked[self.owner[own]]] = self.problem.o + own
        return now

    def rates(self) -> FloatArray:
        """Rates of each option; leaving an item out is paid by the feature that holds its drop cost."""
        left = self.origin < 0
        rates = np.where(left[:, None], 0.0, self.problem.option_rates[self.origin])
        return np.hstack([rates, left[:, None].astype(float)])

    def uses(self) -> tuple[npt.NDArray[np.int32], FloatArray, IntArray]:
        """Resource and factors of each use, and the pointer of the options into them."""
        problem = self.problem
        first = np.where(self.origin >= 0, problem.option_ptr[self.origin], 0)
        count = np.where(self.origin >= 0, np.diff(problem.option_ptr)[self.origin], 0)
        option = np.repeat(np.arange(len(self.origin)), count)
        use = np.arange(len(option)) - np.repeat(np.cumsum(count) - count - first, count)
        changing = np.flatnonzero(self.changes)
        owner = np.concatenate([option, changing])
        change = np.full(len(changing), problem.r, np.int32)
        resource = np.concatenate([problem.use_resource[use], change])
        last = np.concatenate([np.zeros(len(use)), np.ones(len(changing))])
        factor = np.vstack([problem.use_factor[use], np.zeros((len(changing), problem.d))])
        order = np.argsort(owner, kind="stable")
        pointer = np.searchsorted(owner[order], np.arange(len(self.origin) + 1))
        return resource[order], np.hstack([factor, last[:, None]])[order], pointer


def _translate(problem: Problem, limited: Problem, origin: IntArray, previous: Plan) -> Plan:
    """Express a plan of the problem in the options of the limited one."""
    if len(previous.item_option) != problem.n:
        raise ProblemError("wrong_shape", "start", "is not a plan for this problem")
    first, last = limited.class_ptr[limited.item_class], limited.class_ptr[limited.item_class + 1]
    option = np.full(problem.n, -1)
    for item in range(problem.n):
        hit = np.flatnonzero(origin[first[item] : last[item]] == previous.item_option[item])
        option[item] = first[item] + hit[0] if len(hit) else -1
    return replace(previous, item_option=option)
