"""The stages of the large search one by one, on cases small enough to work out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.generator import generate
from routing import certificates, moving, opening, placing, swapping
from routing.clusters import Clusters, parts_of
from routing.compact import compile_compact, penalties
from routing.ground import Ground, Standing, cost_of, lay_ground, overloaded, stand
from routing.prices import raise_prices
from routing.pricing import Chooser
from routing.problem import Problem
from routing.sacks import Sacks
from tests.examples import examples
from tests.unit.routing.problems import make_problem
from tests.unit.routing.random_problems import random_problem


def standing_on(problem: Problem, choice: list[int], units: list[int]) -> tuple[Ground, Standing]:
    compact = compile_compact(problem)
    ground = lay_ground(compact, penalties(compact))
    return ground, stand(ground, np.array(choice), np.array(units, np.int64))


def shared_flight(room: float, *, parcels: int, dear: float = 9.0) -> Problem:
    """Parcels of size 1, each in a class of its own: a flight with some room at 1, a dearer way without limit."""
    options = [[([1.0], [(0, [1.0])]), ([dear + i], [])] for i in range(parcels)]
    return make_problem(
        sizes=[[1.0]] * parcels, classes=list(range(parcels)), options=options, free=[[room]], drop=99.0
    )


def test_items_choose_what_is_cheapest_with_the_price_of_what_they_take() -> None:
    chooser = Chooser(compile_compact(shared_flight(1.0, parcels=3)))
    look = chooser.look(np.array([[8.5]]), np.full(3, 99.0))

    assert look.choice.tolist() == [1, 2, 4]  # 9 < 9.5, then 9.5 < 10 and 11
    assert look.value.tolist() == [9.0, 9.5, 9.5]
    assert look.load.tolist() == [[2.0]]


def test_prices_rise_until_the_bound_meets_the_best_plan() -> None:
    compact = compile_compact(shared_flight(1.0, parcels=3))
    priced = raise_prices(
        Chooser(compact), compact.leave, np.array([[1.0]]), np.zeros((1, 1)), looks=300, go_on=lambda _: True
    )

    # The one who would lose most flies: 9 + 10 + 1.
    assert priced.bound == pytest.approx(20.0, rel=1e-3)
    assert 9.0 <= priced.price[0, 0] <= 10.0 + 1e-6


def test_an_overloaded_flight_lets_those_go_who_lose_least() -> None:
    ground, standing = standing_on(shared_flight(1.0, parcels=3), [0, 2, 4], [])
    moving.drain_all(ground, standing, np.array([0]))

    assert standing.choice.tolist() == [1, 3, 4]
    assert not overloaded(standing)


def test_an_item_pushes_out_another_where_both_together_gain() -> None:
    ground, standing = standing_on(shared_flight(1.0, parcels=2), [0, 3], [])
    saved = swapping.eject(ground, standing, 0, 2)

    assert standing.choice.tolist() == [1, 2]
    assert saved == pytest.approx(1.0)
    assert cost_of(ground, standing) == pytest.approx(10.0)


def test_a_large_item_insists_and_several_small_ones_make_room() -> None:
    options = [[([1.0], [(0, [1.0])]), ([50.0], [])], [([1.0], [(0, [1.0])]), ([2.0], [])]]
    problem = make_problem(
        sizes=[[3.0], [1.0], [1.0], [1.0]], classes=[0, 1, 1, 1], options=options, free=[[3.0]], drop=99.0
    )
    ground, standing = standing_on(problem, [1, 2, 2, 2], [])
    saved = swapping.insist(ground, standing, np.array([0]), np.zeros((4, 1)), 1)

    assert standing.choice.tolist() == [0, 3, 3, 3]
    assert saved == pytest.approx(49.0 - 3.0)


def charter(*, parcels: int, cost: float) -> Problem:
    unit = {"resource": 0, "size": [10.0], "cost": cost, "max": 2}
    options = [[([1.0], [(0, [1.0])]), ([8.0], [])]]
    return make_problem(
        sizes=[[1.0]] * parcels, classes=[0] * parcels, options=options, free=[[0.0]], units=[unit], drop=99.0
    )


def test_a_unit_is_closed_if_its_goods_cost_less_elsewhere() -> None:
    ground, standing = standing_on(charter(parcels=2, cost=15.0), [0, 0], [1])
    saved = opening.close_each(ground, standing, np.array([0]))

    assert saved == pytest.approx(15.0 - 2 * 7.0)
    assert (standing.choice.tolist(), standing.units.tolist()) == ([1, 1], [0])


def test_a_trial_that_does_not_pay_leaves_no_trace() -> None:
    ground, standing = standing_on(charter(parcels=3, cost=15.0), [0, 0, 0], [1])
    before = [array.copy() for array in (standing.choice, standing.units, standing.load)]
    saved = opening.close_each(ground, standing, np.array([0]))

    assert saved == 0.0
    for old, new in zip(before, (standing.choice, standing.units, standing.load), strict=True):
        assert np.array_equal(old, new)


def test_a_unit_is_opened_for_goods_that_gain_more_than_it_costs() -> None:
    ground, standing = standing_on(charter(parcels=3, cost=15.0), [1, 1, 1], [0])
    saved = opening.open_each(ground, standing, np.array([0]), np.zeros((1, 1)))

    assert saved == pytest.approx(3 * 7.0 - 15.0)
    assert (standing.choice.tolist(), standing.units.tolist()) == ([0, 0, 0], [1])


def test_an_item_left_out_has_a_unit_opened_where_that_is_cheaper() -> None:
    ground, standing = standing_on(charter(parcels=1, cost=5.0), [-1], [0])
    placing.place_left(ground, standing, np.array([0]))

    assert (standing.choice.tolist(), standing.units.tolist()) == ([0], [1])  # 1 + 5 against 8


@settings(max_examples=examples(60), deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_quick_bound_is_what_the_verifier_computes(seed: int) -> None:
    problem = random_problem(seed, n=5, options=3, resources=4, types=3, must=0.0, booked=0.0)
    compact = compile_compact(problem)
    if np.isinf(compact.cost).any():
        return  # the verifier counts options that hold no item alone, the search does not
    sacks = Sacks.of(Chooser(compact))
    rng = np.random.default_rng(seed)
    limited = np.isfinite(problem.resource_free)
    price = np.where(limited & ~sacks.inside[:, None], rng.uniform(0, 3, limited.shape), 0.0)
    theta = np.where(limited & sacks.inside[:, None], rng.uniform(0.1, 1, limited.shape), 0.0)
    value = rng.uniform(0, 40, problem.n)
    by_item = np.empty(problem.n)
    by_item[compact.order] = value

    quick = sacks.fill(value, price, theta, compact.leave).bound
    exact = certificates.lagrangian(problem, certificates.Certificate(price, by_item, sacks.primary, theta))
    assert quick == pytest.approx(exact, rel=1e-9, abs=1e-6)


def test_blocks_own_their_units_and_hold_every_item_at_most_once() -> None:
    problem = generate("B", 400, 1)
    compact = compile_compact(problem)
    ground = lay_ground(compact, penalties(compact))
    look = Chooser(compact).look(np.zeros((problem.r, problem.d)), ground.leave)
    standing = stand(ground, look.choice, np.zeros(problem.t, np.int64))
    placing.open_for_load(ground, standing)
    moving.drain_all(ground, standing, np.arange(problem.r))
    clusters = Clusters.of(compact, np.unique(problem.unit_resource).astype(np.int64))
    load = Chooser(compact).load_of(standing.choice)
    rng = np.random.default_rng(1)
    parts = list(parts_of(clusters, standing.choice, standing.units, load, 60, rng))
    items = np.concatenate([part.items for part in parts])

    assert len(parts) > 2
    assert len(np.unique(items)) == len(items)
    spare = problem.unit_max - standing.units
    more = sum(np.bincount(part.types, part.problem.unit_max, problem.t) for part in parts)
    kept = sum(np.bincount(part.types, part.start_units, problem.t) for part in parts)
    assert (more - kept <= spare + 1e-9).all()
