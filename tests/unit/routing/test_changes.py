from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing import changes, checks
from routing.changes import solve_with_few_changes
from routing.limits import Limits
from routing.problem import Problem, ProblemError
from routing.solve import solve
from tests.examples import examples
from tests.unit.routing.brute import best_cost
from tests.unit.routing.problems import make_problem, two_parcels_one_flight
from tests.unit.routing.random_problems import random_problem

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


def test_the_bound_is_that_of_any_number_of_changes() -> None:
    problem = booked_dear()
    plan = solve_with_few_changes(problem, QUICK, 1)  # type: ignore[arg-type]

    assert plan.lower_bound == pytest.approx(7.0)
    assert plan.status == "feasible"


def test_where_nothing_fits_it_says_so() -> None:
    problem = make_problem(sizes=[[5.0]], options=[[([1.0], [(0, [1.0])])]], free=[[1.0]], now=[0])

    assert not solve_with_few_changes(problem, QUICK, 0).legal


@pytest.mark.parametrize("most", [0, 4, 99])
def test_a_large_problem_keeps_the_limit_and_loses_little_by_it(
    most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = many_bookings()
    exact = solve_with_few_changes(problem, QUICK, most)
    assert exact.legal
    monkeypatch.setattr(changes, "EXACT_CHOICES", 0)
    plan = solve_with_few_changes(problem, QUICK, most)

    assert checks.verify(problem, plan).ok
    assert len(changes.changes_of(problem, plan.item_option)) <= most
    assert plan.objective <= exact.objective * 1.01


@settings(max_examples=examples(15), deadline=None)
@given(seed=st.integers(0, 100_000), most=st.integers(0, 3))
def test_no_bound_is_above_the_best_plan_with_few_changes(seed: int, most: int) -> None:
    problem = random_problem(seed, n=4, booked=1.0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(changes, "EXACT_CHOICES", 0)
        plan = solve_with_few_changes(problem, QUICK, most)
    if plan.legal:
        assert checks.verify(problem, plan).ok
        assert len(changes.changes_of(problem, plan.item_option)) <= most
        assert plan.lower_bound <= best_cost(problem) + 1e-6


def many_bookings() -> Problem:
    """Thirty parcels booked at random over five services, of which two are opened by units."""
    rng = np.random.default_rng(8)
    options = [[([float(rng.integers(5, 40))], [(r, [1.0])]) for r in range(5)] for _ in range(12)]
    units = [{"resource": r, "size": [15.0], "cost": 30.0, "max": 9} for r in (3, 4)]
    of_class = rng.integers(0, 12, 30)
    return make_problem(
        sizes=rng.integers(1, 6, (30, 1)).astype(float).tolist(),
        classes=of_class.tolist(),
        options=options,
        free=[[40.0], [40.0], [40.0], [0.0], [0.0]],
        drop=200.0,
        units=units,
        now=(of_class * 5 + rng.integers(0, 5, 30)).tolist(),
        change=rng.integers(0, 3, 30).astype(float).tolist(),
    )
