"""The greedy peer on cases that can be worked out by hand, and legal on cases drawn at random."""

import numpy as np
import pytest

from benchmarks.peers import greedy
from routing.checks import verify
from tests.unit.routing.problems import make_problem
from tests.unit.routing.random_problems import random_problem

ANYTIME_S = 60.0


def fill(problem, share=0.0):
    choice, units = greedy.fill(problem, share, np.zeros(problem.r, bool))
    return choice.tolist(), units.tolist()


def test_the_last_place_goes_to_the_item_that_would_lose_most():
    ways = [[([1.0], [(0, [1.0])]), ([after], [(1, [1.0])])] for after in (3.0, 9.0)]
    problem = make_problem(sizes=[[1.0], [1.0]], options=ways, free=[[1.0], [9.0]])
    assert fill(problem) == ([1, 2], [])


def test_an_item_stays_where_staying_is_cheaper():
    problem = make_problem(sizes=[[1.0]], options=[[([5.0], [(0, [1.0])])]], free=[[9.0]], drop=[4.0])
    assert fill(problem) == ([-1], [])


def test_units_open_as_they_fill_up():
    problem = make_problem(
        sizes=[[2.0]] * 3,
        options=[[([1.0], [(0, [1.0])])]] * 3,
        free=[[1.0]],
        units=[{"resource": 0, "size": [3.0], "cost": 10.0, "max": 2}],
    )
    assert fill(problem) == ([0, 1, 2], [2])


def test_a_share_of_opening_costs_turns_items_away_from_dear_units():
    problem = make_problem(
        sizes=[[1.0]],
        options=[[([1.0], [(0, [1.0])]), ([3.0], [(1, [1.0])])]],
        free=[[0.0], [1.0]],
        units=[{"resource": 0, "size": [2.0], "cost": 10.0}],
    )
    assert fill(problem, share=0.0) == ([0], [1])
    assert fill(problem, share=1.0) == ([1], [0])


def test_units_do_not_take_more_room_than_their_parent_has():
    container = {"size": [4.0], "cost": 1.0, "max": 9, "parent": 2, "takes": [1.0]}
    problem = make_problem(
        sizes=[[4.0]] * 3,
        options=[[([1.0], [(0, [1.0])])], [([2.0], [(1, [1.0])])], [([3.0], [(1, [1.0])])]],
        free=[[0.0], [0.0], [2.0]],
        drop=[50.0, 60.0, 55.0],
        units=[{"resource": 0, **container}, {"resource": 1, **container}],
    )
    assert fill(problem) == ([-1, 1, 2], [0, 2])


def test_the_last_unit_is_the_smallest_that_holds_the_rest():
    problem = make_problem(
        sizes=[[4.0], [4.0], [1.0]],
        options=[[([1.0], [(0, [1.0])])]] * 3,
        free=[[0.0]],
        units=[
            {"resource": 0, "size": [8.0], "cost": 8.0, "max": 9},
            {"resource": 0, "size": [2.0], "cost": 3.0, "max": 9},
        ],
    )
    assert fill(problem) == ([0, 1, 2], [1, 1])


def test_a_unit_that_costs_more_than_its_items_save_is_shut():
    problem = make_problem(
        sizes=[[1.0]],
        options=[[([1.0], [(0, [1.0])])]],
        free=[[0.0]],
        drop=[20.0],
        units=[{"resource": 0, "size": [9.0], "cost": 100.0}],
    )
    answer = greedy.shutting(problem, ANYTIME_S, 1)
    assert answer.first_cost == 101.0
    assert answer.plan.objective == 20.0


def test_a_must_that_fits_nowhere_leaves_no_plan():
    problem = make_problem(sizes=[[2.0]], options=[[([1.0], [(0, [1.0])])]], free=[[1.0]])
    answer = greedy.answer(problem, ANYTIME_S, 1)
    assert (answer.plan.status, answer.plan.unplaced.tolist(), answer.first_s) == ("unknown", [0], None)


@pytest.mark.parametrize("rule", [greedy.answer, greedy.shutting])
@pytest.mark.parametrize("seed", range(40))
def test_its_plans_keep_every_rule(rule, seed):
    problem = random_problem(seed)
    plan = rule(problem, ANYTIME_S, seed).plan
    codes = {violation.code for violation in verify(problem, plan).violations}
    assert codes <= ({"no_plan"} if not plan.legal else set())
