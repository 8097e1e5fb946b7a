from __future__ import annotations

import dataclasses
import itertools
import math

import numpy as np
import pytest

from routing import checks
from routing.changes import solve_with_few_changes
from routing.limits import Limits
from routing.problem import ProblemError
from routing.solve import solve
from tests.unit.routing.problems import make_problem, two_parcels_one_flight

QUICK = Limits(time_limit_s=None, iterations=1)


def booked_dear() -> object:
    options = [[([9.0], [(0, [1.0])]), ([1.0], [])]]
    return make_problem(
        sizes=[[1.0]] * 4,
        classes=[0] * 4,
        options=options,
        free=[[10.0]],
        drop=[5.0, math.inf, 3.0, 2.0],
        features=[[1.0], [2.0], [3.0], [1.0]],
        now=[0, 0, 0, -1],
        change=[0.0, 0.0, 0.0, 0.0],
    )


@pytest.mark.parametrize(("most", "cost"), [(0, 55), (1, 31), (2, 15), (9, 7)])
def test_the_dearest_bookings_change_first(most: int, cost: float) -> None:
    # Costs when booked are 9, 18 and 27, when moved 1, 2 and 3; the fourth item is free to choose.
    problem = booked_dear()
    plan = solve_with_few_changes(problem, QUICK, most)  # type: ignore[arg-type]

    assert plan.objective == pytest.approx(cost)
    assert checks.verify(problem, plan).ok  # type: ignore[arg-type]


def test_it_may_start_from_a_plan() -> None:
    problem = booked_dear()
    start = solve(problem, QUICK)  # type: ignore[arg-type]
    plan = solve_with_few_changes(problem, QUICK, 1, previous=start)  # type: ignore[arg-type]

    assert plan.objective == pytest.approx(31.0)


def test_without_bookings_or_with_a_negative_number_it_refuses() -> None:
    with pytest.raises(ProblemError, match="count changes"):
        solve_with_few_changes(two_parcels_one_flight(), QUICK, 1)
    with pytest.raises(ProblemError, match="negative"):
        solve_with_few_changes(booked_dear(), QUICK, -1)  # type: ignore[arg-type]


def test_no_cheaper_choice_with_as_few_changes_exists() -> None:
    rng = np.random.default_rng(3)
    options = [[([float(rng.integers(1, 20))], [(r, [1.0])]) for r in range(3)] for _ in range(4)]
    problem = make_problem(
        sizes=[[1.0]] * 4, options=options, free=[[2.0]] * 3, now=[0, 4, 8, 9], change=[1.0, 0.0, 2.0, 0.0]
    )
    plan = solve_with_few_changes(problem, QUICK, 2)
    best = math.inf
    for chosen in itertools.product(*(range(3 * i, 3 * i + 3) for i in range(4))):
        taken = np.array(chosen)
        moved = int((taken != problem.item_option_now).sum())
        if moved <= 2 and np.bincount(taken % 3, minlength=3).max() <= 2:
            best = min(best, checks.cost_of(problem, taken, np.zeros(0, np.int64)))

    assert plan.objective == pytest.approx(best)
    assert dataclasses.asdict(plan)["status"] == "feasible"
