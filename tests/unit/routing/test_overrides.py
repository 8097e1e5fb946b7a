"""One parcel put elsewhere by hand: what it costs, what is opened and closed for it, and when it may not be."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.checks import check, cost_of
from routing.digest import digest
from routing.explain import Explainer
from routing.limits import Limits
from routing.overrides import IllegalOverrideError, Override, applied, options_riding, override
from routing.plan import Plan
from routing.problem import Problem, ProblemError
from routing.relaxing import Block
from routing.solve import solve
from tests.examples import examples
from tests.unit.routing.problems import make_problem, two_parcels_one_flight
from tests.unit.routing.random_problems import random_problem

QUICK = Limits(time_limit_s=None, iterations=1)


def plan_of(problem: Problem, item_option: list[int], units: list[int]) -> Plan:
    option, opened = np.array(item_option, np.int64), np.array(units, np.int64)
    return Plan(
        status="feasible", item_option=option, units=opened, objective=cost_of(problem, option, opened),
        unplaced=np.zeros(0, np.int64), lower_bound=math.nan, bound_source="none", problem_sha256=digest(problem),
    )  # fmt: skip


def judged(problem: Problem, plan: Plan, item: int, option: int, **more: dict[int, int]) -> Override:
    return override(Explainer(problem, plan).tables, item, option, **more)


def test_the_last_parcel_on_a_charter_closes_it_when_it_leaves() -> None:
    problem = two_parcels_one_flight()
    found = judged(problem, plan_of(problem, [-1, 1], [1]), 1, 0)

    assert (found.before, found.option, dict(found.units), found.extra_cost) == (
        1,
        0,
        {0: -1},
        5.0 - 3.0 - 10.0,
    )
    assert found.legal


def test_what_does_not_fit_says_what_is_missing() -> None:
    problem = two_parcels_one_flight()
    found = judged(problem, plan_of(problem, [0, 1], [1]), 1, 0)

    assert found.blocked == (Block(0, 0, 200.0, 1000.0),)
    assert not found.legal


def test_a_charter_is_opened_for_a_parcel_and_its_price_shown() -> None:
    problem = two_parcels_one_flight()
    found = judged(problem, plan_of(problem, [0, -1], [0]), 1, 1)

    assert (dict(found.units), found.extra_cost) == ({0: 1}, 3.0 + 10.0 - 100.0)


def test_leaving_a_parcel_costs_what_leaving_costs_and_one_that_must_go_cannot_be_left() -> None:
    problem = two_parcels_one_flight()
    assert judged(problem, plan_of(problem, [0, 1], [1]), 0, -1).extra_cost == 95.0

    must = make_problem(sizes=[[1.0]], options=[[([2.0], [])]], free=[[0.0]])
    assert not judged(must, plan_of(must, [0], []), 0, -1).legal


def test_a_container_takes_its_slot_on_the_ship_and_without_a_slot_it_cannot_be_opened() -> None:
    box = {"resource": 0, "size": [10.0], "cost": 5.0, "max": 9, "parent": 1, "takes": [2.0]}
    slots = {"resource": 1, "size": [2.0], "cost": 7.0, "max": 1}
    problem = make_problem(
        sizes=[[10.0], [10.0]], classes=[0, 0], options=[[([0.0], [(0, [1.0])])]], free=[[0.0], [0.0]], drop=50.0,
        units=[box, slots],
    )  # fmt: skip
    first = judged(problem, plan_of(problem, [-1, -1], [0, 0]), 0, 0)
    assert (dict(first.units), first.extra_cost) == ({0: 1, 1: 1}, 5.0 + 7.0 - 50.0)
    assert not judged(problem, plan_of(problem, [0, -1], [1, 1]), 1, 0).legal


def test_a_foreign_option_is_refused() -> None:
    problem = two_parcels_one_flight()
    with pytest.raises(ProblemError):
        judged(problem, plan_of(problem, [0, 1], [1]), 0, 7)


def test_the_changed_plan_keeps_its_bound_and_is_no_longer_called_optimal() -> None:
    problem = two_parcels_one_flight()
    plan = solve(problem, QUICK)
    made = applied(problem, plan, judged(problem, plan, 0, -1))

    assert plan.status == "optimal"
    assert (made.status, made.lower_bound) == ("feasible", plan.lower_bound)
    assert made.objective == pytest.approx(plan.objective + 97.0)
    assert not check(problem, made)


def test_what_is_illegal_is_never_applied() -> None:
    problem = two_parcels_one_flight()
    plan = plan_of(problem, [0, 1], [1])
    with pytest.raises(IllegalOverrideError, match="over_capacity"):
        applied(problem, plan, judged(problem, plan, 1, 0))


def test_the_options_that_ride_a_departure_are_found_by_its_resources() -> None:
    problem = two_parcels_one_flight()
    assert options_riding(problem.option_ptr, problem.use_resource, [0, 1], np.array([1])) == [1]


@settings(max_examples=examples(25), deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_a_legal_override_passes_every_check_costs_what_it_says_and_can_be_taken_back(seed: int) -> None:
    problem = random_problem(seed, n=6, must=0.0)
    plan = solve(problem, QUICK)
    if not plan.legal:
        return
    found = Explainer(problem, plan).tables
    for item in range(problem.n):
        kind = problem.item_class[item]
        for option in (-1, *range(int(problem.class_ptr[kind]), int(problem.class_ptr[kind + 1]))):
            change = override(found, item, option)
            if not change.legal:
                continue
            made = applied(problem, plan, change)
            assert made.objective == pytest.approx(plan.objective + change.extra_cost, abs=1e-6)
            back = override(
                Explainer(problem, made).tables, item, change.before,
                units={unit: -count for unit, count in change.units.items()},
            )  # fmt: skip
            assert back.legal
            again = applied(problem, made, back)
            assert again.item_option.tolist() == plan.item_option.tolist()
            assert again.units.tolist() == plan.units.tolist()


@settings(max_examples=examples(25), deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_it_costs_what_the_explanation_said_it_would(seed: int) -> None:
    problem = random_problem(seed, n=5, must=0.0)
    plan = solve(problem, QUICK)
    if not plan.legal or (problem.unit_parent >= 0).any():  # siblings may want one parent's last room
        return
    explainer = Explainer(problem, plan)
    for item in range(problem.n):
        for way in explainer.explain(item, alternatives=99).alternatives:
            change = override(explainer.tables, item, way.option)
            assert change.legal == (not way.blocked)
            if change.legal:
                assert change.extra_cost == pytest.approx(way.extra_cost, abs=1e-6)
