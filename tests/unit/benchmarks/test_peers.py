"""The general solvers among the peers: legal plans, honest bounds, and the right answer where it is easy."""

import numpy as np
import pytest

from benchmarks.generator import generate
from benchmarks.peers import SHUTTING, SOLVERS, peer
from benchmarks.peers.finishing import legal_plan, unopened
from benchmarks.peers.greedy import answer as greedy
from benchmarks.peers.mip import mip_of
from routing.checks import check, verify
from tests.unit.routing.brute import best_cost
from tests.unit.routing.problems import make_problem
from tests.unit.routing.random_problems import random_problem

ANYTIME_S = 20.0
PROVING = ("cp-sat", "scip", "highs")


def shared_flight():
    """Two parcels fill one flight of two units; alone, each would rather not pay for it."""
    ways = [[([1.0], [(0, [1.0])]), ([9.0], [])]] * 2
    return make_problem(
        sizes=[[2.0]] * 2,
        options=ways,
        free=[[0.0]],
        units=[{"resource": 0, "size": [4.0], "cost": 12.0, "max": 2}],
    )


@pytest.mark.parametrize("name", SOLVERS)
def test_a_solver_finds_that_two_parcels_pay_for_a_flight_together(name):
    plan = peer(name)(shared_flight(), ANYTIME_S, 1).plan
    assert plan.objective == pytest.approx(14.0)
    assert plan.units.tolist() == [1]


@pytest.mark.parametrize("name", [*SOLVERS, *SHUTTING])
@pytest.mark.parametrize("seed", range(6))
def test_its_plans_keep_every_rule_and_its_bounds_hold(name, seed):
    problem = random_problem(seed)
    plan = peer(name)(problem, ANYTIME_S, seed).plan
    best = best_cost(problem)
    codes = {violation.code for violation in verify(problem, plan).violations}
    assert codes <= ({"no_plan"} if not plan.legal else set())
    if plan.legal:
        assert plan.objective >= best - 1e-6
        assert not plan.lower_bound > best + 1e-6 * max(1.0, best)


@pytest.mark.parametrize("name", PROVING)
@pytest.mark.parametrize("seed", range(6))
def test_a_solver_of_items_reaches_the_optimum_of_a_small_problem(name, seed):
    problem = random_problem(seed)
    best = best_cost(problem)
    plan = peer(name)(problem, ANYTIME_S, seed).plan
    if np.isfinite(best):
        assert plan.objective == pytest.approx(best, rel=1e-6, abs=1e-6)


def test_the_program_takes_every_legal_plan_as_a_solution_of_the_same_cost():
    problem = generate("mixed", 200, 1)
    plan = greedy(problem, ANYTIME_S, 1).plan
    mip = mip_of(problem)
    values = mip.solution(plan.item_option, plan.units)
    sides = mip.matrix @ values
    assert (sides <= mip.high + 1e-6).all()
    assert (sides >= mip.low - 1e-6).all()
    assert 100 * mip.cost @ values == pytest.approx(plan.objective)
    choice, units = mip.plan(values)
    np.testing.assert_array_equal(choice, plan.item_option)
    np.testing.assert_array_equal(units, plan.units)


def test_a_way_needs_an_open_unit_even_if_it_is_used_for_a_small_part_only():
    mip = mip_of(shared_flight())
    assert mip.links == 2
    half = np.array([0.5, 0.0, 0.5, 0.0, 0.25])
    assert (mip.matrix @ half > mip.high + 1e-9).any()


def test_what_a_solver_overfills_is_mended_without_opening_what_it_left_shut():
    problem = generate("B", 300, 1)
    plan = greedy(problem, ANYTIME_S, 1).plan
    fewer = np.where(np.arange(problem.t) % 2, plan.units, 0)
    mended = legal_plan(problem, plan.item_option, fewer, "mended", 1)
    assert not check(problem, mended)
    assert not mended.units[unopened(problem, fewer)[problem.unit_resource]].any()


def test_a_peer_that_nobody_knows_is_refused():
    with pytest.raises(KeyError):
        peer("nobody")
