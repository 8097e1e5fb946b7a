"""The search for problems of any size, held to brute force on tiny ones and to itself on larger ones."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.generator import generate
from routing import checks, searching
from routing.blocks import run_here
from routing.engine import Engine
from routing.limits import Budget, Limits
from routing.plan import Plan
from routing.problem import Problem
from routing.solve import solve
from tests.examples import examples
from tests.unit.routing.brute import best_cost
from tests.unit.routing.problems import make_problem
from tests.unit.routing.random_problems import random_problem

TWO = Limits(time_limit_s=None, iterations=2)


def engine_plan(problem: Problem, seed: int = 1, limits: Limits = TWO) -> Plan:
    return Engine(problem, Budget(limits), seed).plan(None)


@settings(max_examples=examples(120), deadline=None)
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 6), must=st.sampled_from([0.0, 0.5, 1.0]))
def test_no_plan_is_illegal_and_no_bound_above_the_optimum(seed: int, n: int, must: float) -> None:
    problem = random_problem(seed, n=n, must=must)
    truth = best_cost(problem)
    plan = engine_plan(problem)
    near = 1e-6 * max(1.0, truth)

    if plan.legal:
        assert checks.verify(problem, plan).violations == ()
        assert plan.lower_bound <= truth + near
        assert plan.objective >= truth - near
    if plan.status == "infeasible":
        assert math.isinf(truth)
    if plan.status == "optimal":
        assert plan.objective == pytest.approx(truth, rel=1e-6, abs=1e-6)


def test_bought_space_goes_to_those_who_would_lose_most() -> None:
    # Room for one of two parcels: the dear one takes it, the other pays 5 more; 1 + 7 = 8 is best and provable.
    options = [[([1.0], [(0, [1.0])]), ([9.0], [])], [([2.0], [(0, [1.0])]), ([7.0], [])]]
    problem = make_problem(sizes=[[1.0], [1.0]], classes=[0, 1], options=options, free=[[1.0]])
    plan = engine_plan(problem)

    assert plan.item_option.tolist() == [0, 3]
    assert plan.objective == pytest.approx(8.0)
    assert plan.lower_bound == pytest.approx(8.0, rel=1e-2)


def test_a_charter_is_opened_once_its_parcels_save_more_than_it_costs() -> None:
    def problem(parcels: int) -> Problem:
        unit = {"resource": 0, "size": [10.0], "cost": 30.0, "max": 1}
        options = [[([1.0], [(0, [1.0])]), ([8.0], [])]]
        return make_problem(
            sizes=[[1.0]] * parcels, classes=[0] * parcels, options=options, free=[[0.0]], units=[unit]
        )

    assert engine_plan(problem(4)).units.tolist() == [0]  # they would save 28 of the 30
    assert engine_plan(problem(5)).units.tolist() == [1]  # 35


@pytest.mark.parametrize("regime", ["A", "B", "mixed"])
def test_realistic_problems_give_checked_plans_near_their_bound(regime: str) -> None:
    problem = generate(regime, 300, 3)
    plan = engine_plan(problem)

    assert checks.verify(problem, plan).violations == ()
    assert plan.gap < {"A": 0.06, "B": 0.3, "mixed": 0.5}[regime]
    assert plan.bound_source == "certificate"


def test_iterations_give_the_same_arrays_whatever_the_number_of_threads() -> None:
    problem = generate("B", 300, 5)
    first = engine_plan(problem, limits=Limits(time_limit_s=None, iterations=1, threads=1))
    second = engine_plan(problem, limits=Limits(time_limit_s=None, iterations=1, threads=2))

    for key, array in first.columns().items():
        assert np.array_equal(array, second.columns()[key]), key
    assert (first.status, first.objective, first.lower_bound) == (
        second.status,
        second.objective,
        second.lower_bound,
    )


def test_blocks_never_make_a_plan_worse() -> None:
    problem = generate("B", 120, 7)
    one = Limits(time_limit_s=None, iterations=1)
    alone = engine_plan(problem, limits=one)
    with_blocks = Engine(problem, Budget(one), 1, run_here).plan(alone)

    assert with_blocks.objective <= alone.objective * (1 + 1e-9)
    assert checks.verify(problem, with_blocks).ok


def test_a_plan_to_start_from_is_never_made_worse() -> None:
    problem = generate("A", 300, 2)
    before = engine_plan(problem)
    after = Engine(problem, Budget(TWO), 9).plan(before)

    assert after.objective <= before.objective * (1 + 1e-9)


def test_a_pair_more_than_is_small_takes_this_way(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = generate("A", 60, 1)
    pairs = int(np.diff(problem.class_ptr)[problem.item_class].sum())
    quick = Limits(time_limit_s=None, iterations=1)

    monkeypatch.setattr(searching, "SMALL_PAIRS", pairs)
    assert "assignment" not in solve(problem, quick).seconds
    monkeypatch.setattr(searching, "SMALL_PAIRS", pairs - 1)
    assert "assignment" in solve(problem, quick).seconds


@pytest.mark.full
def test_large_problems_take_this_way_and_small_ones_the_exact_one() -> None:
    small, large = generate("A", 60, 1), generate("A", 2_000, 1)
    quick = Limits(time_limit_s=None, iterations=1)

    assert "assignment" in solve(large, quick).seconds
    assert "assignment" not in solve(small, quick).seconds
