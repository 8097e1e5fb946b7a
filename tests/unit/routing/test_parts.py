from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing import checks
from routing.digest import digest
from routing.limits import Limits
from routing.parts import Part, part_of
from routing.plan import Plan
from routing.problem import Problem
from routing.solve import solve
from routing.tally import loads
from tests.examples import examples
from tests.unit.routing.brute import best_cost
from tests.unit.routing.problems import make_problem
from tests.unit.routing.random_problems import random_problem

QUICK = Limits(time_limit_s=None, iterations=1)
FEW = settings(max_examples=examples(40), deadline=None)


def two_ships(**changes: object) -> Problem:
    """Four parcels of 6; ship 0 takes containers of 10 at 7 each, ship 1 has 12 free; both cost 1 a parcel."""
    container = {"resource": 0, "size": [10.0], "cost": 7.0, "max": 3}
    options = [[([1.0], [(0, [1.0])]), ([1.0], [(1, [1.0])])]]
    known = {"sizes": [[6.0]] * 4, "classes": [0] * 4, "options": options, "free": [[0.0], [12.0]]}
    return make_problem(**(known | {"units": [container], "drop": 50.0} | changes))  # type: ignore[arg-type]


def test_a_part_has_the_room_that_the_others_leave() -> None:
    problem = two_ships()
    part = part_of(problem, np.array([0, 0, 0, 1]), np.array([2]), np.array([2, 3]))

    # Two others of 6 need two containers, of whose 20 they leave 8; the third may still be opened.
    assert part.fixed_units.tolist() == [2]
    assert part.problem.resource_free.tolist() == [[8.0], [12.0]]
    assert part.problem.unit_max.tolist() == [1]
    assert part.fixed_cost == pytest.approx(2 * 7 + 2)


def test_a_unit_that_nobody_else_needs_may_be_closed() -> None:
    problem = two_ships()
    part = part_of(problem, np.array([0, 0, 1, 1]), np.array([2]), np.array([0, 1, 2]))

    assert part.fixed_units.tolist() == [0]
    assert part.start_units.tolist() == [2]
    option, units = part.merge(np.array([-1, -1, 1]), np.array([0]))
    assert option.tolist() == [-1, -1, 1, 1]
    assert units.tolist() == [0]


def test_the_dearest_of_several_types_is_given_back_first() -> None:
    units = [
        {"resource": 0, "size": [10.0], "cost": 7.0, "max": 3},
        {"resource": 0, "size": [20.0], "cost": 12.0, "max": 1},
    ]
    part = part_of(two_ships(units=units), np.array([0, 0, 0, 0]), np.array([1, 1]), np.array([1, 2, 3]))

    assert part.fixed_units.tolist() == [1, 0]
    assert part.problem.resource_free.tolist()[0] == [4.0]


def test_a_unit_given_back_relieves_its_parent() -> None:
    container = {
        "resource": 0, "size": [10.0], "cost": 7.0, "max": 3, "parent": 2, "takes": [1.0]
    }  # fmt: skip
    problem = two_ships(units=[container], free=[[0.0], [12.0], [3.0]])
    part = part_of(problem, np.array([0, 0, 0, 1]), np.array([3]), np.array([1, 2]))

    assert part.fixed_units.tolist() == [1]
    assert part.problem.resource_free.tolist() == [[4.0], [6.0], [2.0]]
    assert part.problem.unit_parent.tolist() == [2]


def test_only_what_the_items_can_touch_is_in_it() -> None:
    options = [
        [([1.0], [(0, [1.0])])],
        [([1.0], [(2, [1.0])]), ([2.0], [(3, [1.0])])],
    ]
    units = [{"resource": r, "size": [9.0], "cost": 1.0} for r in range(4)]
    problem = make_problem(
        sizes=[[1.0]] * 3, classes=[0, 1, 1], options=options, free=[[5.0]] * 4, units=units
    )
    part = part_of(problem, np.array([0, 1, 2]), np.zeros(4, np.int64), np.array([2, 1, 2]))

    assert part.items.tolist() == [1, 2]
    assert part.options.tolist() == [1, 2]
    assert part.resources.tolist() == [2, 3]
    assert part.types.tolist() == [2, 3]
    assert part.start_option.tolist() == [0, 1]


def test_options_can_be_left_out_but_not_the_one_of_a_locked_item() -> None:
    problem = two_ships(now=[0, 0, 1, 1], change=[3.0, 4.0, 5.0, math.inf])
    kept = np.array([True, False])
    plan = np.array([0, 0, 1, 1])
    free_to_go = part_of(problem, plan, np.array([2]), np.array([1, 2]), options_kept=kept)
    locked = part_of(problem, plan, np.array([2]), np.array([1, 3]), options_kept=kept)

    assert free_to_go.options.tolist() == [0]
    assert free_to_go.start_option.tolist() == [0, -1]
    assert free_to_go.fixed_cost == pytest.approx(7 + 2 + 5)  # whatever item 2 does now, it changes
    assert locked.options.tolist() == [0, 1]


def test_a_load_that_is_known_saves_the_pass_over_all_items() -> None:
    problem, plan = random_problem(5, n=40, options=5), np.full(40, -1)
    plain = part_of(problem, plan, np.zeros(problem.t, np.int64), np.arange(10))
    known = part_of(problem, plan, np.zeros(problem.t, np.int64), np.arange(10), load=loads(problem, plan))

    assert digest(plain.problem) == digest(known.problem)


@FEW
@given(seed=st.integers(0, 100_000), share=st.floats(0.1, 1.0), kept=st.floats(0.3, 1.0))
def test_an_answer_of_the_part_is_an_answer_of_the_whole_at_a_constant_more(
    seed: int, share: float, kept: float
) -> None:
    problem = random_problem(seed, n=14, options=4, resources=4, types=4, must=0.1)
    whole = solve(problem, QUICK)
    if not whole.legal:
        return
    rng = np.random.default_rng(seed)
    items = np.flatnonzero(rng.random(problem.n) < share)
    mask = rng.random(problem.o) < kept
    part = part_of(problem, whole.item_option, whole.units, items, options_kept=mask)
    answer = solve(part.problem, QUICK, previous=part.start)
    if not answer.legal:
        assert (part.start_option[whole.item_option[part.items] >= 0] < 0).any()
        return
    merged = _merged(part, answer)

    assert checks.check(problem, merged) == []
    assert merged.objective == pytest.approx(answer.objective + part.fixed_cost)


@FEW
@given(seed=st.integers(0, 100_000))
def test_the_plan_itself_is_an_answer_of_every_part(seed: int) -> None:
    problem = random_problem(seed, n=14, options=4, resources=4, types=4, must=0.1)
    whole = solve(problem, QUICK)
    if not whole.legal:
        return
    items = np.flatnonzero(np.random.default_rng(seed).random(problem.n) < 0.5)
    part = part_of(problem, whole.item_option, whole.units, items)
    option, units = part.merge(part.start_option, part.start_units)
    cost = checks.cost_of(part.problem, part.start_option, part.start_units)
    start = dataclasses.replace(
        part.start, status="feasible", objective=cost, problem_sha256=digest(part.problem)
    )

    assert option.tolist() == whole.item_option.tolist()
    assert units.tolist() == whole.units.tolist()
    assert checks.check(part.problem, start) == []


@FEW
@given(seed=st.integers(0, 100_000))
def test_the_best_answer_of_a_part_is_the_best_with_all_others_held(seed: int) -> None:
    problem = random_problem(seed, n=5, options=3, resources=3, types=2, booked=0.0)
    whole = solve(problem, QUICK)
    if not whole.legal:
        return
    items = np.flatnonzero(np.random.default_rng(seed).random(problem.n) < 0.6)
    part = part_of(problem, whole.item_option, whole.units, items)
    held = _others_held(problem, whole, items)
    best = best_cost(part.problem) + part.fixed_cost

    if np.bincount(problem.unit_resource, minlength=1).max() <= 1:
        assert best == pytest.approx(best_cost(held))
    else:  # which of several types carries the others is decided beforehand
        assert best_cost(held) - 1e-6 <= best <= whole.objective + 1e-6


def _others_held(problem: Problem, plan: Plan, items: np.ndarray) -> Problem:
    """The same problem with a class of its own for each other item, which has its one option or none."""
    others = np.setdiff1d(np.arange(problem.n), items)
    item_class = problem.item_class.copy()
    drop = problem.item_drop_cost.copy()
    pointer, options = [*problem.class_ptr.tolist()], [*range(problem.o)]
    for item in others:
        item_class[item] = len(pointer) - 1
        if plan.item_option[item] >= 0:
            options.append(int(plan.item_option[item]))
            drop[item] = math.inf
        pointer.append(len(options))
    uses = [range(problem.option_ptr[p], problem.option_ptr[p + 1]) for p in options]
    flat = np.array([use for of_option in uses for use in of_option], np.int64)
    return dataclasses.replace(
        problem,
        item_class=item_class,
        item_drop_cost=drop,
        class_ptr=np.array(pointer),
        option_rates=problem.option_rates[options],
        option_ptr=np.cumsum([0, *map(len, uses)]),
        use_resource=problem.use_resource[flat],
        use_factor=problem.use_factor[flat],
    )


def _merged(part: Part, answer: Plan) -> Plan:
    option, units = part.merge(answer.item_option, answer.units)
    return dataclasses.replace(
        answer,
        status="feasible",
        item_option=option,
        units=units,
        objective=checks.cost_of(part.whole, option, units),
        lower_bound=math.nan,
        bound_source="none",
        problem_sha256=digest(part.whole),
        certificate_price=None,
        certificate_item_value=None,
        certificate_primary_use=None,
        certificate_theta=None,
        certificate_use_share=None,
    )
