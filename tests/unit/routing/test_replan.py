from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing import checks
from routing.disruption import Added, Changed, Disrupted, Disruption, disrupt
from routing.inherited import inherited_bound
from routing.limits import Limits
from routing.plan import Plan
from routing.problem import Problem
from routing.replan import replan, trade_off
from routing.solve import solve
from tests.examples import examples
from tests.unit.routing.brute import best_cost
from tests.unit.routing.problems import make_problem
from tests.unit.routing.random_problems import random_problem

QUICK = Limits(time_limit_s=None, iterations=1)


def three_flights() -> Problem:
    """Six parcels of 1: flight 0 has 2 places at 1 each, flight 1 three at 2, a charter (7, 10 places) costs 3.

    Parcels 4 and 5 can also take flight 1 at 2 or wait at 2.5; the others cannot wait.
    """
    rates = ([([1.0], [(0, [1.0])]), ([2.0], [(1, [1.0])]), ([3.0], [(2, [1.0])])],)
    patient = [([2.0], [(1, [1.0])]), ([2.5], [])]
    charter = {"resource": 2, "size": [10.0], "cost": 7.0}
    return make_problem(
        sizes=[[1.0]] * 6,
        classes=[0, 0, 1, 1, 1, 1],
        options=[rates[0], patient],
        free=[[2.0], [3.0], [0.0]],
        units=[charter],
    )


def planned(problem: Problem, options: list[int], units: list[int]) -> tuple[np.ndarray, np.ndarray]:
    return np.array(options, np.int64), np.array(units, np.int64)


def cancelled(price: float = 0.0, pinned: tuple[int, ...] = ()) -> Disrupted:
    """Flight 0 with parcels 0 and 1 is cancelled; flight 1 is full with parcels 2, 3 and 4."""
    problem = three_flights()
    option, units = planned(problem, [0, 0, 3, 3, 3, 4], [0])
    disruption = Disruption(cancelled=np.array([0]), change_price=price, pinned=np.array(pinned, np.int64))
    return disrupt(problem, option, units, disruption)


def test_the_affected_move_and_nobody_else() -> None:
    left = cancelled()
    found = replan(left, QUICK, tier=0)

    # Flight 1 is full, so the two charter at 7 + 2 x 3; three stay at 2, one waits at 2.5.
    assert found.plan.objective == pytest.approx(13 + 6 + 2.5)
    assert found.changed.tolist() == [0, 1]
    assert checks.verify(left.problem, found.plan).ok


def test_the_block_around_them_makes_room_where_that_pays() -> None:
    found = replan(cancelled(price=1.0), QUICK, tier=1)

    # Two of flight 1 wait at 2.5 + 1 each, and the affected take their places.
    assert found.plan.objective == pytest.approx(2 * 2 + 2 + 2 * 3.5 + 2.5)
    assert len(found.changed) == 4
    assert len(found.affected) == 2


def test_nobody_makes_room_who_is_pinned_or_too_dear_to_move() -> None:
    pinned = replan(cancelled(pinned=(2, 3, 4)), QUICK, tier=2)
    dear = replan(cancelled(price=9.0), QUICK, tier=2)

    assert pinned.changed.tolist() == dear.changed.tolist() == [0, 1]


def test_more_changes_than_allowed_are_not_made() -> None:
    found = replan(cancelled(), QUICK, tier=2, most_changes=1)

    assert len(np.setdiff1d(found.changed, found.affected)) <= 1
    assert found.plan.legal


def test_without_room_for_the_affected_it_says_so_until_the_block_is_opened() -> None:
    problem = make_problem(
        sizes=[[1.0]] * 2,
        classes=[0, 1],
        options=[[([1.0], [(0, [1.0])]), ([1.0], [(1, [1.0])])], [([1.0], [(1, [1.0])]), ([2.0], [])]],
        free=[[1.0], [1.0]],
    )
    left = disrupt(problem, *planned(problem, [0, 2], []), Disruption(cancelled=np.array([0])))

    assert replan(left, QUICK, tier=0).plan.unplaced.tolist() == [0]
    assert replan(left, QUICK, tier=1).plan.objective == pytest.approx(3.0)


def test_who_is_new_is_placed_and_counts_as_no_change() -> None:
    problem = three_flights()
    option, units = planned(problem, [0, 0, 3, 3, 3, 4], [0])
    added = Added(np.array([1]), np.ones((1, 1)), np.ones((1, 1)), np.array([math.inf]))
    left = disrupt(problem, option, units, Disruption(added=added))
    found = replan(left, QUICK, tier=0)

    assert found.plan.item_option.tolist() == [0, 0, 3, 3, 3, 4, 4]
    assert found.changed.tolist() == []


def test_more_changes_never_cost_more() -> None:
    curve = trade_off(cancelled(), QUICK)
    costs = [found.plan.objective for _, found in curve]

    assert [most for most, _ in curve] == [0, 1, 1, None]
    assert costs == sorted(costs, reverse=True)
    assert costs[-1] == pytest.approx(4 + 2 + 2 * 2.5 + 2.5)


@settings(max_examples=examples(25), deadline=None)
@given(seed=st.integers(0, 100_000))
def test_what_the_old_certificate_still_proves_is_never_too_much(seed: int) -> None:
    problem = random_problem(seed, n=4)
    before = solve(problem, QUICK)
    if not before.legal:
        return
    left = _disrupted(problem, before, seed)
    best = best_cost(left.problem)
    for quick in (False, True):
        proof = inherited_bound(left, before, quick=quick)
        assert proof is not None or before.certificate_price is None or math.isinf(best)
        if proof is not None:
            assert proof.lower_bound <= best + 1e-6
            certified = checks.recompute_bound(left.problem, proof)
            assert proof.bound_source != "certificate" or proof.lower_bound <= (certified or 0.0)


@settings(max_examples=examples(20), deadline=None)
@given(seed=st.integers(0, 100_000), tier=st.sampled_from([0, 1, 2]))
def test_every_tier_gives_legal_plans_that_keep_what_is_locked(seed: int, tier: int) -> None:
    problem = random_problem(seed, n=12, options=4, resources=4, types=3, must=0.1)
    before = solve(problem, QUICK)
    if not before.legal:
        return
    left = _disrupted(problem, before, seed)
    found = replan(left, QUICK, tier=tier, before=before)
    if found.plan.legal:
        assert checks.verify(left.problem, found.plan).ok
    if tier == 0:
        others = np.setdiff1d(np.arange(left.problem.n), left.affected)
        assert (found.plan.item_option[others] == left.kept_option[others]).all()


def _disrupted(problem: Problem, before: Plan, seed: int) -> Disrupted:
    rng = np.random.default_rng(seed)
    rows = rng.permutation(problem.r)[:1]
    disruption = Disruption(
        cancelled=rng.permutation(problem.r)[: rng.integers(0, 2)],
        missed=rng.permutation(problem.o)[: problem.o // 4],
        free=Changed(rows, np.floor(problem.resource_free[rows] / 2)),
        withdrawn=rng.permutation(problem.n)[: rng.integers(0, 2)],
        pinned=rng.permutation(problem.n)[:1],
        change_price=2.0,
    )
    return disrupt(problem, before.item_option, before.units, disruption)


def test_the_bound_of_the_old_plan_is_carried_over() -> None:
    problem = three_flights()
    before = solve(problem, QUICK)
    disruption = Disruption(cancelled=np.array([0]))
    left = disrupt(problem, before.item_option, before.units, disruption)
    found = replan(left, QUICK, tier=0, before=before)

    assert before.certificate_price is not None
    assert 0 < found.plan.lower_bound <= found.plan.objective
    assert dataclasses.replace(found.plan).gap < 1.0
