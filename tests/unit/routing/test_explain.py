from __future__ import annotations

import dataclasses
import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.explain import Block, Explainer, Limit, explain
from routing.limits import Limits
from routing.plan import Plan
from routing.problem import Problem, ProblemError
from routing.solve import solve
from tests.examples import examples
from tests.unit.routing.problems import make_problem, two_parcels_one_flight
from tests.unit.routing.random_problems import random_problem

QUICK = Limits(time_limit_s=None, iterations=1)


def planned(problem: Problem, item_option: list[int], units: list[int], **more: Any) -> Plan:
    """A plan of one's own; its cost plays no part in an explanation."""
    return Plan(
        status="feasible",
        item_option=item_option,  # type: ignore[arg-type]
        units=units,  # type: ignore[arg-type]
        objective=0.0,
        unplaced=[],  # type: ignore[arg-type]
        lower_bound=math.nan,
        bound_source="none",
        problem_sha256="",
        **more,
    )


def test_the_way_taken_comes_with_its_cost_and_the_next_best_with_its_extra_cost() -> None:
    problem = two_parcels_one_flight()
    explanation = explain(problem, solve(problem, QUICK), 0)

    assert (explanation.taken.option, explanation.taken.by_feature) == (1, (3.0,))
    assert [(way.option, way.extra_cost) for way in explanation.alternatives] == [(0, 2.0), (-1, 97.0)]
    assert explanation.alternatives[0].binding == Limit(0, 0, 0.6)
    assert explanation.taken.binding == Limit(1, 0, 0.6)


def test_an_alternative_that_needs_a_new_unit_says_what_that_costs() -> None:
    problem = two_parcels_one_flight()
    charter = next(
        way for way in explain(problem, planned(problem, [0, -1], [0]), 0).alternatives if way.option == 1
    )

    assert (charter.opening_cost, charter.extra_cost, charter.blocked) == (10.0, 8.0, ())


def test_who_alone_keeps_a_unit_open_pays_for_it() -> None:
    problem = two_parcels_one_flight()
    explanation = explain(problem, planned(problem, [1, 0], [1]), 0)

    assert (explanation.taken.cost, explanation.taken.opening_cost) == (3.0, 10.0)
    assert [(way.option, way.extra_cost) for way in explanation.alternatives] == [(-1, 87.0), (0, -8.0)]
    assert explanation.alternatives[1].blocked == (Block(0, 0, 200.0, 1000.0),)


def test_at_the_certificates_prices_a_full_way_has_a_price_too() -> None:
    problem = two_parcels_one_flight()
    plan = planned(problem, [0, 1], [1], certificate_price=[[0.5], [0.0]])
    there, kept_out = explain(problem, plan, 0), explain(problem, plan, 1)

    assert there.taken.price_cost == 300.0
    assert kept_out.alternatives[-1].blocked
    assert kept_out.alternatives[-1].priced_extra_cost == 5.0 + 300.0 - (3.0 + 10.0)


def test_an_item_left_out_is_told_what_blocks_each_option_and_the_smallest_relaxation() -> None:
    options = [[([1.0], [(0, [1.0, 0.0])]), ([1.0], [(1, [1.0, 1.0])])]]
    problem = make_problem(sizes=[[8.0, 5.0]], options=options, free=[[7.0, 1.0], [4.0, 1.0]])
    explanation = explain(problem, solve(problem, QUICK), 0)

    assert math.isinf(explanation.taken.cost)
    missing = {
        way.option: [(b.resource, b.dimension, b.missing) for b in way.blocked]
        for way in explanation.alternatives
    }
    assert missing == {0: [(0, 0, 1.0)], 1: [(1, 0, 4.0), (1, 1, 4.0)]}
    found = explanation.relaxation
    assert found is not None
    assert (found.kind, found.option, found.resource, found.dimension) == ("room", 0, 0, 0)
    assert (found.missing, found.capacity) == (1.0, 7.0)


def container(**more: Any) -> Problem:
    """One parcel that needs a container for 5, on a departure with room for it or not; left out it costs 50."""
    unit = {"resource": 0, "size": [10.0], "cost": 5.0, "max": 9, "parent": 1, "takes": [2.0]} | more
    return make_problem(
        sizes=[[10.0]], options=[[([0.0], [(0, [1.0])])]], free=[[0.0], [1.0]], drop=50.0, units=[unit]
    )


def test_room_of_a_parent_blocks_the_opening_of_its_child_and_is_what_would_help() -> None:
    problem = container()
    explanation = explain(problem, solve(problem, QUICK), 0)

    assert explanation.taken.option == -1
    assert explanation.alternatives[0].blocked == (Block(1, 0, 1.0, 1.0),)
    found = explanation.relaxation
    assert found is not None
    assert (found.kind, found.resource, found.missing, found.cost, found.extra_cost) == (
        "room", 1, 1.0, 5.0, -45.0,
    )  # fmt: skip


def test_one_unit_more_is_a_relaxation_and_costs_what_the_unit_costs() -> None:
    problem = container(max=0, parent=-1)
    found = explain(problem, solve(problem, QUICK), 0).relaxation

    assert found is not None
    assert (found.kind, found.unit, found.missing, found.cost, found.extra_cost) == (
        "unit", 0, 1.0, 5.0, -45.0,
    )  # fmt: skip


def test_an_item_left_out_because_every_way_costs_more_is_told_how_much() -> None:
    problem = container(cost=80.0, parent=-1)
    found = explain(problem, solve(problem, QUICK), 0).relaxation

    assert found is not None
    assert (found.kind, found.option, found.missing, found.cost) == ("money", 0, 30.0, 30.0)


def test_room_in_units_costs_its_part_of_a_unit() -> None:
    unit = {"resource": 0, "size": [10.0], "cost": 20.0, "max": 1}
    options = [[([0.0], [(0, [1.0])])]]
    problem = make_problem(
        sizes=[[6.0]] * 2, classes=[0, 0], options=options, free=[[0.0]], drop=15.0, units=[unit]
    )
    found = explain(problem, planned(problem, [0, -1], [1]), 1).relaxation

    assert found is not None
    assert (found.kind, found.missing, found.cost, found.extra_cost) == ("room", 2.0, 4.0, -15.0)


def test_a_relaxation_pays_for_room_at_the_certificates_prices() -> None:
    options = [[([1.0], [(0, [1.0])])]]
    problem = make_problem(sizes=[[8.0]], options=options, free=[[7.0]], drop=30.0)
    plan = planned(problem, [-1], [], certificate_price=[[2.0]])
    found = explain(problem, plan, 0).relaxation

    assert found is not None
    assert (found.missing, found.cost, found.extra_cost) == (1.0, 2.0, -29.0)


def test_a_change_of_booking_is_part_of_the_extra_cost_and_a_locked_item_has_no_alternative() -> None:
    options = [[([2.0], []), ([1.0], [])]]
    problem = make_problem(
        sizes=[[1.0]] * 2, classes=[0, 0], options=options, free=[], now=[0, 0], change=[5.0, math.inf]
    )
    plan = solve(problem, QUICK)

    assert [(way.option, way.extra_cost) for way in explain(problem, plan, 0).alternatives] == [(1, 4.0)]
    assert explain(problem, plan, 1).alternatives == ()


def test_an_item_or_a_plan_of_another_problem_is_refused() -> None:
    problem = two_parcels_one_flight()
    plan = solve(problem, QUICK)

    with pytest.raises(ProblemError, match=r"none of 0\.\.1"):
        explain(problem, plan, 2)
    with pytest.raises(ProblemError, match=r"within 0\.\.1"):
        Explainer(problem, plan).next_best(np.array([2]))
    with pytest.raises(ProblemError, match="not a plan"):
        explain(problem, dataclasses.replace(plan, units=[]), 0)  # type: ignore[arg-type]
    with pytest.raises(ProblemError, match="class"):
        explain(problem, dataclasses.replace(plan, item_option=[9, 0]), 0)  # type: ignore[arg-type]
    with pytest.raises(ProblemError, match="certificate"):
        explain(problem, dataclasses.replace(plan, certificate_price=[[1.0]]), 0)  # type: ignore[arg-type]


def cheapest_units(problem: Problem, item_option: list[int]) -> tuple[float, list[int]]:
    """The least that units for these options cost, by trying all, and the units; inf where none are enough."""
    load = np.zeros((problem.r, problem.d))
    for item, option in enumerate(item_option):
        for use in range(problem.option_ptr[option], problem.option_ptr[option + 1]) if option >= 0 else ():
            load[problem.use_resource[use]] += problem.item_size[item] * problem.use_factor[use]
    best, chosen = math.inf, [0] * problem.t
    for units in itertools.product(*(range(int(most) + 1) for most in problem.unit_max)):
        room = problem.resource_free - load
        for unit, count in enumerate(units):
            room[problem.unit_resource[unit]] += problem.unit_size[unit] * count
            if problem.unit_parent[unit] >= 0:
                room[problem.unit_parent[unit]] -= problem.unit_takes[unit] * count
        cost = float(problem.unit_cost @ np.array(units, float))
        if cost < best and (room >= -1e-6).all():
            best, chosen = cost, list(units)
    return best, chosen


def random_plan(problem: Problem, seed: int) -> Plan:
    """Any legal plan: options at random, items taken out until units are enough for the rest."""
    rng = np.random.default_rng(seed)
    first, last = problem.class_ptr[problem.item_class], problem.class_ptr[problem.item_class + 1]
    option = np.where(last > first, rng.integers(first, np.maximum(last, first + 1)), -1).tolist()
    for item in range(problem.n + 1):
        cost, units = cheapest_units(problem, option)
        if math.isfinite(cost):
            break
        option[item] = -1
    price = rng.uniform(0, 3, problem.resource_free.shape) * np.isfinite(problem.resource_free)
    return planned(problem, option, units, certificate_price=price)


@settings(max_examples=examples(60), deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_a_way_that_can_be_taken_can_be_carried_out_for_no_more_than_it_says(seed: int) -> None:
    problem = random_problem(seed, n=4, must=0.0)
    plan = random_plan(problem, seed)
    explainer = Explainer(problem, plan)
    before, _ = cheapest_units(problem, plan.item_option.tolist())
    for item in range(problem.n):
        explanation = explainer.explain(item, alternatives=99)
        for way in explanation.alternatives:
            moved = plan.item_option.tolist()
            moved[item] = way.option
            after, _ = cheapest_units(problem, moved)
            if way.blocked:
                if problem.t == 0:
                    assert math.isinf(after)
                continue
            truth = way.cost + after - explanation.taken.cost - before
            assert way.extra_cost >= truth - 1e-6


@settings(max_examples=examples(60), deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_all_items_at_once_are_told_the_same_as_one_by_one(seed: int) -> None:
    problem = random_problem(seed, n=6)
    explainer = Explainer(problem, random_plan(problem, seed))
    option, extra = explainer.next_best()

    for item in range(problem.n):
        possible = [way for way in explainer.explain(item, alternatives=99).alternatives if not way.blocked]
        if not possible:
            assert option[item] == -2
            continue
        least = min(way.extra_cost for way in possible)
        assert extra[item] == pytest.approx(least)
        assert option[item] in [way.option for way in possible if way.extra_cost == pytest.approx(least)]
