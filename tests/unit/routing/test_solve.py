from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing import checks
from routing.limits import Limits, Progress
from routing.problem import Problem
from routing.solve import solve
from tests.examples import examples
from tests.unit.routing.brute import best_cost
from tests.unit.routing.problems import make_problem, two_parcels_one_flight
from tests.unit.routing.random_problems import random_problem

REPEATABLE = Limits(time_limit_s=None, iterations=3)


def close_to(value: float) -> object:
    return pytest.approx(value, rel=1e-6, abs=1e-6)


@settings(max_examples=examples(60), deadline=None)
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 5), must=st.sampled_from([0.0, 0.5, 1.0]))
def test_tiny_problems_are_solved_to_their_true_optimum(seed: int, n: int, must: float) -> None:
    problem = random_problem(seed, n=n, must=must)
    truth = best_cost(problem)
    plan = solve(problem, REPEATABLE)

    if math.isinf(truth):
        assert plan.status == "infeasible"
        return
    assert plan.status == "optimal"
    assert plan.objective == close_to(truth)
    assert plan.lower_bound <= truth + 1e-9 * max(1.0, truth)
    recomputed = checks.recompute_bound(problem, plan)
    assert recomputed is None or recomputed <= truth + 1e-9 * max(1.0, truth)


@settings(max_examples=examples(8), deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_larger_problems_give_plans_that_the_checker_accepts(seed: int) -> None:
    problem = random_problem(seed, n=60, options=6, resources=8, types=6, must=0.2)
    plan = solve(problem, REPEATABLE)

    if plan.legal:
        assert checks.verify(problem, plan).violations == ()
        assert plan.lower_bound <= plan.objective


def test_two_parcels_share_the_charter_only_if_that_is_cheaper() -> None:
    plan = solve(two_parcels_one_flight(), REPEATABLE)

    # One of them in bought space and one alone in a charter is 5 + 3 + 10; both in the charter 3 + 3 + 10.
    assert plan.objective == close_to(16.0)
    assert plan.item_option.tolist() == [1, 1]
    assert plan.units.tolist() == [1]


def test_the_same_iterations_and_seed_give_the_same_plan() -> None:
    problem = random_problem(7, n=80, options=6, resources=9, types=7, must=0.0)
    first, second = (solve(problem, REPEATABLE, seed=3) for _ in range(2))

    assert first.item_option.tolist() == second.item_option.tolist()
    assert (first.objective, first.lower_bound) == (second.objective, second.lower_bound)


def test_with_iterations_set_no_stage_obeys_the_clock() -> None:
    leaping = itertools.count(0, 10_000)
    problem = random_problem(7, n=40, options=5, resources=6, types=5, must=0.0)
    calm = solve(problem, REPEATABLE)
    hurried = solve(problem, REPEATABLE, clock=lambda: float(next(leaping)))

    assert hurried.item_option.tolist() == calm.item_option.tolist()


def test_an_item_bigger_than_every_resource_is_named_as_unplaced() -> None:
    options = [[([1.0], [(0, [1.0])])]]
    problem = make_problem(sizes=[[5.0], [50.0]], classes=[0, 0], options=options, free=[[10.0]])
    plan = solve(problem, REPEATABLE)

    assert plan.status == "infeasible"
    assert plan.unplaced.tolist() == [1]
    assert math.isnan(plan.objective)


def test_too_many_items_for_the_room_is_proved_infeasible() -> None:
    options = [[([1.0], [(0, [1.0])])]]
    problem = make_problem(sizes=[[6.0]] * 3, classes=[0] * 3, options=options, free=[[12.0]])

    assert solve(problem, REPEATABLE).status == "infeasible"


def test_nothing_to_assign_is_solved_at_no_cost() -> None:
    plan = solve(make_problem(sizes=[], options=[], free=[]), REPEATABLE)

    assert (plan.status, plan.objective, plan.lower_bound) == ("optimal", 0.0, pytest.approx(0.0, abs=1e-8))


def test_without_resources_each_item_takes_its_cheapest_option() -> None:
    options = [[([4.0], []), ([3.0], [])]]
    plan = solve(make_problem(sizes=[[1.0]], options=options, free=[], drop=9.0), REPEATABLE)

    assert (plan.status, plan.objective) == ("optimal", close_to(3.0))


def test_an_item_is_dropped_where_that_is_cheaper_than_its_options() -> None:
    options = [[([4.0], [])]]
    plan = solve(make_problem(sizes=[[1.0]], options=options, free=[], drop=2.0), REPEATABLE)

    assert plan.item_option.tolist() == [-1]
    assert plan.objective == close_to(2.0)


def test_a_locked_item_stays_and_a_booked_one_moves_only_for_more_than_its_change_cost() -> None:
    options = [[([9.0], []), ([1.0], [])]]
    problem = make_problem(
        sizes=[[1.0]] * 3,
        classes=[0, 0, 0],
        options=options,
        free=[],
        now=[0, 0, 0],
        change=[math.inf, 10.0, 7.0],
    )

    assert solve(problem, REPEATABLE).item_option.tolist() == [0, 0, 1]


def test_units_of_a_child_take_room_of_their_parent() -> None:
    container = {"resource": 0, "size": [10.0], "cost": 5.0, "max": 9, "parent": 1, "takes": [2.0]}
    problem = make_problem(
        sizes=[[10.0]] * 4,
        classes=[0] * 4,
        options=[[([0.0], [(0, [1.0])])]],
        free=[[0.0], [6.0]],
        drop=50.0,
        units=[container],
    )
    plan = solve(problem, REPEATABLE)

    assert plan.units.tolist() == [3]
    assert plan.objective == close_to(3 * 5.0 + 50.0)


def test_the_cheaper_of_two_unit_types_is_opened_for_what_it_carries() -> None:
    units = [
        {"resource": 0, "size": [20.0], "cost": 15.0, "max": 1},
        {"resource": 0, "size": [8.0], "cost": 9.0, "max": 5},
    ]
    problem = make_problem(
        sizes=[[8.0]] * 3, classes=[0] * 3, options=[[([0.0], [(0, [1.0])])]], free=[[0.0]], units=units
    )
    plan = solve(problem, REPEATABLE)

    assert plan.units.tolist() == [1, 1]


def loose_problem() -> Problem:
    return random_problem(11, n=60, options=6, resources=8, types=6, must=0.0, booked=0.0)


def transport(seed: int, orders: int, warehouses: int, *, drop: float, rates: bool) -> Problem:
    rng = np.random.default_rng(seed)
    options = [
        [([float(rng.integers(1, 99)) * rates], [(int(w), [1.0])]) for w in rng.permutation(warehouses)[:3]]
        for _ in range(orders)
    ]
    free = [[float(orders // (2 * warehouses))]] * warehouses
    return make_problem(sizes=[[1.0]] * orders, options=options, free=free, drop=drop)


@pytest.mark.parametrize(("drop", "rates"), [(1.0, False), (500.0, True)])
def test_orders_of_one_place_each_are_proved_optimal_by_certificate(drop: float, rates: bool) -> None:
    plan = solve(transport(1, 400, 7, drop=drop, rates=rates), REPEATABLE)

    assert (plan.status, plan.bound_source) == ("optimal", "certificate")


def test_a_previous_plan_is_never_made_worse() -> None:
    problem = loose_problem()
    before = solve(problem, Limits(time_limit_s=None, iterations=5), seed=2)
    after = solve(problem, Limits(time_limit_s=None, iterations=1), seed=9, previous=before)

    assert after.objective <= before.objective * (1 + 1e-9)


def test_progress_tells_of_better_plans_and_bounds_and_never_of_worse_ones() -> None:
    heard: list[Progress] = []
    solve(
        loose_problem(),
        REPEATABLE,
        on_progress=heard.append,
    )
    incumbents = [progress.incumbent for progress in heard if progress.incumbent is not None]
    bounds = [progress.bound for progress in heard if progress.bound is not None]

    assert incumbents == sorted(incumbents, reverse=True)
    assert bounds == sorted(bounds)
    assert {progress.phase for progress in heard} >= {"slopes", "relaxation", "done"}


def test_a_stopped_search_still_returns_a_legal_plan() -> None:
    problem = loose_problem()
    plan = solve(problem, Limits(), should_stop=lambda: True)

    assert plan.legal
    assert checks.verify(problem, plan).ok
