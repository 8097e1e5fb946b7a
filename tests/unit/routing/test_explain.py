from __future__ import annotations

import dataclasses
import math

import pytest

from routing.explain import explain
from routing.limits import Limits
from routing.problem import ProblemError
from routing.solve import solve
from tests.unit.routing.problems import make_problem, two_parcels_one_flight

QUICK = Limits(time_limit_s=None, iterations=1)


def test_the_way_taken_comes_with_its_cost_and_the_next_best_with_its_extra_cost() -> None:
    problem = two_parcels_one_flight()
    explanation = explain(problem, solve(problem, QUICK), 0)

    assert (explanation.taken.option, explanation.taken.by_feature) == (1, (3.0,))
    assert [(way.option, way.extra_cost) for way in explanation.alternatives] == [(0, 2.0), (-1, 97.0)]
    assert explanation.alternatives[0].binding == (0, 0)


def test_an_alternative_that_needs_a_new_unit_says_what_that_costs() -> None:
    problem = two_parcels_one_flight()
    plan = dataclasses.replace(solve(problem, QUICK), item_option=[0, -1], units=[0])  # type: ignore[arg-type]
    charter = next(way for way in explain(problem, plan, 0).alternatives if way.option == 1)

    assert (charter.opening_cost, charter.extra_cost, charter.blocked) == (10.0, 8.0, ())


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
    assert explanation.relaxation is not None
    assert (explanation.relaxation.resource, explanation.relaxation.missing) == (0, 1.0)


def test_room_of_a_parent_blocks_the_opening_of_its_child() -> None:
    container = {"resource": 0, "size": [10.0], "cost": 5.0, "max": 9, "parent": 1, "takes": [2.0]}
    problem = make_problem(
        sizes=[[10.0]],
        options=[[([0.0], [(0, [1.0])])]],
        free=[[0.0], [1.0]],
        drop=50.0,
        units=[container],
    )
    explanation = explain(problem, solve(problem, QUICK), 0)

    assert explanation.taken.option == -1
    assert explanation.alternatives[0].blocked[0].resource == 0


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
    with pytest.raises(ProblemError, match="not a plan"):
        explain(problem, dataclasses.replace(plan, units=[]), 0)  # type: ignore[arg-type]
    with pytest.raises(ProblemError, match="class"):
        explain(problem, dataclasses.replace(plan, item_option=[9, 0]), 0)  # type: ignore[arg-type]
