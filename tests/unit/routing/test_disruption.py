from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.disruption import Added, Changed, Disrupted, Disruption, disrupt
from routing.limits import Limits
from routing.parts import room_left
from routing.problem import Problem, ProblemError
from routing.solve import solve
from routing.tally import loads
from tests.examples import examples
from tests.unit.routing.problems import make_problem
from tests.unit.routing.random_problems import random_problem

QUICK = Limits(time_limit_s=None, iterations=1)


def one(*rows: int) -> np.ndarray:
    return np.array(rows, np.int64)


def two_flights(**changes: object) -> Problem:
    """Four parcels of 5, 4, 3 and 2, all on flight 0 (option 0) of 20; flight 1 (option 1) has 6 free."""
    options = [[([1.0], [(0, [1.0])]), ([3.0], [(1, [1.0])])]]
    known = {"sizes": [[5.0], [4.0], [3.0], [2.0]], "classes": [0] * 4, "options": options}
    return make_problem(**(known | {"free": [[20.0], [6.0]]} | changes))  # type: ignore[arg-type]


def after(disruption: Disruption, problem: Problem | None = None, **changes: object) -> Disrupted:
    problem = problem or two_flights(**changes)
    return disrupt(problem, np.zeros(problem.n, np.int64), np.zeros(problem.t, np.int64), disruption)


def test_a_cancelled_flight_takes_its_options_and_its_bookings_with_it() -> None:
    left = after(Disruption(cancelled=one(0)))

    assert left.option_from.tolist() == [1]
    assert left.problem.class_ptr.tolist() == [0, 1]
    assert left.problem.use_resource.tolist() == [1]
    assert left.affected.tolist() == [0, 1, 2, 3]
    assert left.problem.item_option_now.tolist() == [-1] * 4  # type: ignore[union-attr]


def test_an_option_whose_connection_is_missed_frees_who_was_on_it() -> None:
    problem = two_flights()
    left = disrupt(problem, one(0, 1, 0, 1), one(), Disruption(missed=one(1)))

    assert left.affected.tolist() == [1, 3]
    assert left.kept_option.tolist() == [0, -1, 0, -1]
    assert left.load.tolist() == [[8.0], [0.0]]


def test_a_smaller_flight_sheds_few_bookings_and_locked_ones_last() -> None:
    cut = Disruption(free=Changed(one(0), np.array([[11.0]])))
    free_to_go = after(cut)
    pinned = after(dataclasses.replace(cut, pinned=one(2)))

    assert free_to_go.affected.tolist() == [2]  # 3 are too much, and the parcel of 3 fits best
    assert pinned.affected.tolist() == [1]
    assert np.isinf(pinned.problem.item_change_cost).tolist() == [False, False, True, False]  # type: ignore[arg-type]


def test_those_go_who_lose_least_for_the_room_they_give_back() -> None:
    options = [[([1.0], [(0, [1.0])]), ([9.0], [])], [([1.0], [(0, [1.0])]), ([2.0], [])]]
    problem = make_problem(sizes=[[5.0]] * 3, classes=[0, 1, 0], options=options, free=[[15.0]])
    left = disrupt(problem, one(0, 2, 0), one(), Disruption(free=Changed(one(0), np.array([[10.0]]))))

    assert left.affected.tolist() == [1]


def test_fewer_units_shed_what_they_carried() -> None:
    unit = {"resource": 0, "size": [7.0], "cost": 2.0, "max": 2}
    problem = two_flights(free=[[0.0], [6.0]], units=[unit])
    left = disrupt(problem, one(0, 0, 0, 0), one(2), Disruption(unit_max=Changed(one(0), one(1))))

    assert left.kept_units.tolist() == [1]
    assert left.load[0, 0] <= 7.0
    assert len(left.affected) == 2


def test_a_smaller_parent_closes_the_emptiest_units_first() -> None:
    kinds = [
        {"resource": r, "size": [10.0], "cost": 2.0, "max": 1, "parent": 2, "takes": [1.0]} for r in (0, 1)
    ]
    problem = two_flights(free=[[0.0], [0.0], [2.0]], units=kinds)
    left = disrupt(problem, one(0, 0, 1, 1), one(1, 1), Disruption(free=Changed(one(2), np.array([[1.0]]))))

    assert left.kept_units.tolist() == [1, 0]
    assert left.affected.tolist() == [2, 3]


def test_units_that_carried_only_the_affected_are_closed() -> None:
    feeder = {"resource": 2, "size": [20.0], "cost": 2.0}
    options = [[([1.0], [(0, [1.0]), (2, [1.0])]), ([3.0], [(1, [1.0])])]]
    problem = two_flights(options=options, free=[[20.0], [6.0], [0.0]], units=[feeder])
    left = disrupt(problem, one(0, 0, 0, 0), one(1), Disruption(cancelled=one(0)))

    assert left.kept_units.tolist() == [0]


def test_items_come_and_go() -> None:
    added = Added(one(0), np.array([[1.0]]), np.array([[1.0]]), np.array([math.inf]))
    left = after(Disruption(withdrawn=one(1), added=added, change_price=np.array([5.0, 6.0, 7.0, 8.0])))

    assert left.item_from.tolist() == [0, 2, 3, -1]
    assert left.affected.tolist() == [3]
    assert left.problem.item_size.ravel().tolist() == [5.0, 3.0, 2.0, 1.0]
    assert left.problem.item_change_cost.tolist() == [5.0, 7.0, 8.0, 0.0]  # type: ignore[union-attr]


def test_other_prices_affect_nobody_by_themselves() -> None:
    left = after(Disruption(rates=Changed(one(0), np.array([[8.0]]))))

    assert left.affected.tolist() == []
    assert left.problem.option_rates.ravel().tolist() == [8.0, 3.0]


def test_locks_of_the_problem_hold_and_its_change_costs_are_the_prices() -> None:
    problem = two_flights(now=[0, 0, 0, 1], change=[math.inf, 4.0, 0.0, math.inf])
    left = disrupt(problem, one(0, 0, 0, 0), one(), Disruption())

    assert left.problem.item_change_cost.tolist() == [math.inf, 4.0, 0.0, 0.0]  # type: ignore[union-attr]


def test_who_was_left_out_by_choice_is_not_affected() -> None:
    problem = two_flights(drop=[math.inf, 9.0, math.inf, math.inf])
    left = disrupt(problem, one(0, -1, 0, 0), one(), Disruption())

    assert left.affected.tolist() == []


def test_rows_that_do_not_exist_are_refused() -> None:
    with pytest.raises(ProblemError, match="cancelled"):
        after(Disruption(cancelled=one(2)))
    with pytest.raises(ProblemError, match="negative"):
        after(Disruption(change_price=-1.0))
    with pytest.raises(ProblemError, match="does not fit"):
        added = Added(one(0), np.array([[1.0, 2.0]]), np.array([[1.0]]), np.array([1.0]))
        after(Disruption(added=added))


@settings(max_examples=examples(60), deadline=None)
@given(seed=st.integers(0, 100_000))
def test_what_is_kept_of_a_plan_always_fits(seed: int) -> None:
    problem = random_problem(seed, n=12, options=4, resources=4, types=4, must=0.2)
    plan = solve(problem, QUICK)
    if not plan.legal:
        return
    rng = np.random.default_rng(seed)
    rows, types = rng.permutation(4)[:2], rng.permutation(problem.t)[:1]
    disruption = Disruption(
        cancelled=rng.permutation(4)[: rng.integers(0, 2)],
        free=Changed(rows, np.floor(problem.resource_free[rows] / 2)),
        unit_max=Changed(types, problem.unit_max[types] // 2),
        missed=rng.permutation(problem.o)[: problem.o // 4],
        withdrawn=rng.permutation(12)[:2],
        change_price=1.0,
    )
    left = disrupt(problem, plan.item_option, plan.units, disruption)
    room = room_left(left.problem, loads(left.problem, left.kept_option), left.kept_units)

    assert (room >= -1e-6).all()
    assert (left.kept_units <= left.problem.unit_max).all()
    assert (left.problem.option_rates == problem.option_rates[left.option_from]).all()
    stays = left.kept_option >= 0
    assert (left.option_from[left.kept_option[stays]] == plan.item_option[left.item_from[stays]]).all()
