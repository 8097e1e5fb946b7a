from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from routing.explain import Explainer
from routing.problem import Problem
from routing.worth import SpaceWorth, space_worth
from tests.unit.routing.problems import make_problem, two_parcels_one_flight
from tests.unit.routing.test_explain import planned


def worth_of(
    problem: Problem, item_option: list[int], units: list[int], step: float = 1.0, **more: Any
) -> SpaceWorth:
    plan = planned(problem, item_option, units, **more)
    return space_worth(Explainer(problem, plan), np.full(problem.d, step))


def block_and_courier(parcels: int, drop: list[float]) -> Problem:
    """Parcels of 10 g for 15 g of bought space that costs them nothing; else they are left at their drop cost."""
    options = [[([0.0], [(0, [1.0])])]]
    return make_problem(
        sizes=[[10.0]] * parcels, classes=[0] * parcels, options=options, free=[[15.0]], drop=drop
    )


def test_one_more_gram_lets_in_a_part_of_what_is_kept_out() -> None:
    problem = block_and_courier(2, [30.0, 50.0])

    assert worth_of(problem, [-1, 0], []).value.tolist() == [[3.0]]
    assert worth_of(problem, [0, -1], []).value.tolist() == [[5.0]]


def test_the_best_goods_come_in_first_and_no_more_than_there_are() -> None:
    problem = block_and_courier(4, [10.0, 30.0, 50.0, 60.0])
    plan = [-1, -1, -1, 0]

    assert worth_of(problem, plan, [], step=10.0).value.tolist() == [[50.0]]
    assert worth_of(problem, plan, [], step=15.0).value.tolist() == [[65.0]]
    assert worth_of(problem, plan, [], step=1_000.0).value.tolist() == [[90.0]]


def test_room_that_is_left_over_is_worth_nothing_more() -> None:
    problem = block_and_courier(1, [30.0])
    found = worth_of(problem, [0], [])

    assert found.value.tolist() == [[0.0]]
    assert found.fill.tolist() == [[pytest.approx(10 / 15)]]


def test_the_certificates_price_is_the_worth_where_no_unit_opens() -> None:
    problem = two_parcels_one_flight()
    found = worth_of(problem, [0, 1], [1], step=1_000.0, certificate_price=[[0.007], [0.5]])

    assert found.certified.tolist() == [True, False]
    assert found.value.tolist() == [[7.0], [0.0]]


def test_an_opened_charter_pays_from_where_its_goods_save_its_price() -> None:
    found = worth_of(two_parcels_one_flight(), [1, 1], [1])

    # Without it one parcel takes the bought space for 2 more, the other is left for 97 more: 99 for 60 % of it.
    assert found.unit_fill.tolist() == [0.6]
    assert found.unit_gain.tolist() == [pytest.approx(99 / 0.6)]
    assert found.unit_break_even.tolist() == [pytest.approx(10 / 99 * 0.6)]


def test_a_shut_charter_is_judged_by_the_goods_that_would_gain_by_it() -> None:
    found = worth_of(two_parcels_one_flight(), [0, -1], [0])

    # The parcel left behind would save 97, the other 2; both fill 60 %.
    assert found.unit_goods.tolist() == [2]
    assert found.unit_fill.tolist() == [0.6]
    assert found.unit_break_even.tolist() == [pytest.approx(10 / 99 * 0.6)]
    assert math.isnan(found.value[1, 0])


def test_a_shut_charter_takes_the_best_goods_and_only_one_full() -> None:
    unit = {"resource": 0, "size": [10.0], "cost": 12.0}
    options = [[([0.0], [(0, [1.0])])]]
    problem = make_problem(
        sizes=[[5.0]] * 3, classes=[0] * 3, options=options, free=[[0.0]], drop=[1.0, 7.0, 3.0], units=[unit]
    )
    found = worth_of(problem, [-1, -1, -1], [0])

    assert (found.unit_goods.tolist(), found.unit_gain.tolist()) == ([2], [10.0])
    assert found.unit_break_even.tolist() == [1.2]


def test_goods_that_have_no_other_way_need_their_unit_however_empty() -> None:
    unit = {"resource": 0, "size": [10.0], "cost": 1e6}
    options = [[([0.0], [(0, [1.0])])]]
    problem = make_problem(sizes=[[5.0]], options=options, free=[[0.0]], units=[unit])
    found = worth_of(problem, [0], [1])

    assert (found.unit_captive.tolist(), found.unit_break_even.tolist()) == ([1], [0.0])


def test_goods_sent_elsewhere_share_the_unit_that_is_opened_for_them() -> None:
    units = [{"resource": where, "size": [10.0], "cost": 6.0 + where} for where in (0, 1)]
    options = [[([0.0], [(0, [1.0])]), ([0.0], [(1, [1.0])])]]
    problem = make_problem(
        sizes=[[5.0]] * 2, classes=[0] * 2, options=options, free=[[0.0]] * 2, drop=90.0, units=units
    )
    found = worth_of(problem, [0, 0], [1, 0])

    # Both move into one unit of the other kind, for 7 in all.
    assert found.unit_gain[0] == 7.0


def test_a_shortage_of_two_dimensions_is_worth_half_to_each() -> None:
    options = [[([0.0], [(0, [1.0, 1.0])])]]
    problem = make_problem(sizes=[[2.0, 4.0]], options=options, free=[[1.0, 1.0]], drop=16.0)

    assert worth_of(problem, [-1], []).value.tolist() == [[4.0, 2.0]]


def test_without_a_limit_there_is_no_worth() -> None:
    problem = make_problem(sizes=[[2.0]], options=[[([0.0], [(0, [1.0])])]], free=[[math.inf]], drop=16.0)

    assert np.isnan(worth_of(problem, [0], []).value).all()
