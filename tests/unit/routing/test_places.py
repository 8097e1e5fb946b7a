from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing import checks
from routing.branching import arrays_of
from routing.exact import grain_of
from routing.knapsacks import evaluate, pack
from routing.limits import Limits
from routing.model import Model, compile_model
from routing.places import Places, places_of
from routing.probing import probe
from routing.problem import Problem
from routing.solve import solve
from tests.examples import examples
from tests.unit.routing.brute import best_cost
from tests.unit.routing.problems import make_problem, two_parcels_one_flight


def assignment(
    seed: int, *, jobs: int = 4, agents: int = 3, opened: bool = False, scale: float = 1.0
) -> Problem:
    """Jobs of sizes that differ by agent, each agent with room for a few; `opened` at a cost."""
    rng = np.random.default_rng(seed)
    cost, weight = rng.integers(1, 30, (jobs, agents)), rng.integers(1, 9, (jobs, agents))
    options = [
        [
            ([float(cost[job, agent])], [(agent, [float(weight[job, agent]) * scale])])
            for agent in range(agents)
        ]
        for job in range(jobs)
    ]
    room = float(rng.integers(8, 16)) * scale
    units = [
        {"resource": agent, "size": [room], "cost": float(rng.integers(5, 30)), "max": 2}
        for agent in range(agents)
    ]
    return make_problem(
        sizes=[[1.0]] * jobs,
        options=options,
        free=[[0.0 if opened else room]] * agents,
        drop=np.inf if seed % 2 else 40.0,
        units=units if opened else (),
    )


def placed(problem: Problem) -> tuple[Model, Places]:
    model = compile_model(problem)
    places = places_of(model)
    assert places is not None
    return model, places


def bound_at(places: Places, value: np.ndarray) -> float:
    taken, opened = np.zeros(len(places.pair)), np.zeros(places.places, np.int64)
    return evaluate(value, *arrays_of(places), taken, opened, np.zeros(len(places.price)))


@settings(max_examples=examples(60), deadline=None)
@given(seed=st.integers(0, 2**32 - 1), room=st.integers(0, 40))
def test_a_knapsack_is_as_worthy_as_the_best_of_all_its_subsets(seed: int, room: int) -> None:
    rng = np.random.default_rng(seed)
    gain, weight = rng.integers(-5, 20, 8).astype(float), rng.integers(0, 15, 8)
    taken = np.zeros(8)
    worth = pack(gain, weight, 0, 8, room, taken)
    subsets = (np.array(some) for some in itertools.product((0, 1), repeat=8))

    assert worth == pytest.approx(max(some @ gain for some in subsets if some @ weight <= room))
    assert (taken @ gain, taken @ weight <= room) == (pytest.approx(worth), True)


@settings(max_examples=examples(20), deadline=None)
@given(seed=st.integers(0, 2**32 - 1), opened=st.booleans(), scale=st.sampled_from([1.0, 0.37, 1e5]))
def test_no_item_values_prove_more_than_the_best_plan_costs(seed: int, opened: bool, scale: float) -> None:
    problem = assignment(seed, opened=opened, scale=scale)
    model, places = placed(problem)
    value = np.random.default_rng(seed).uniform(0, 60, model.n)

    assert bound_at(places, value) <= best_cost(problem) + 1e-9


@settings(max_examples=examples(10), deadline=None)
@given(seed=st.integers(0, 2**32 - 1), opened=st.booleans())
def test_what_probing_says_of_an_entry_holds_for_every_plan_with_and_without_it(
    seed: int, opened: bool
) -> None:
    problem = assignment(seed, jobs=3, opened=opened)
    model, places = placed(problem)
    value = np.random.default_rng(seed).uniform(0, 40, model.n)
    within, without, _ = probe(value, *arrays_of(places))
    for entry in range(0, len(places.pair), 3):
        item, option = int(places.item[entry]), int(model.option[places.pair[entry]])
        assert within[entry] <= best_cost(only(problem, item, option, keep=True)) + 1e-6
        assert without[entry] <= best_cost(only(problem, item, option, keep=False)) + 1e-6


def only(problem: Problem, item: int, option: int, *, keep: bool) -> Problem:
    """The problem with one option made the item's only choice, or made dearer than any plan."""
    columns = problem.columns()
    drop, rates = problem.item_drop_cost.copy(), problem.option_rates.copy()
    first, last = problem.class_ptr[problem.item_class[item]], problem.class_ptr[problem.item_class[item] + 1]
    others = [one for one in range(first, last) if (one == option) != keep]
    rates[others] = 1e5
    if keep:
        drop[item] = 1e5
    return Problem(currency=problem.currency, **(columns | {"item_drop_cost": drop, "option_rates": rates}))


@settings(max_examples=examples(15), deadline=None)
@given(seed=st.integers(0, 2**32 - 1), opened=st.booleans(), scale=st.sampled_from([1.0, 0.37]))
def test_assignments_are_solved_to_the_optimum_or_proved_impossible(
    seed: int, opened: bool, scale: float
) -> None:
    problem = assignment(seed, opened=opened, scale=scale)
    truth = best_cost(problem)
    plan = solve(problem, Limits(time_limit_s=None, iterations=3))

    assert plan.status == ("infeasible" if math.isinf(truth) else "optimal")
    assert math.isinf(truth) or plan.objective == pytest.approx(truth)


def test_twenty_jobs_on_eight_agents_are_proved_optimal_with_few_nodes() -> None:
    problem = assignment(3, jobs=20, agents=8)
    plan = solve(problem, Limits(time_limit_s=None, iterations=4))

    assert plan.status == "optimal"
    assert checks.verify(problem, plan).violations == ()


def test_an_option_that_takes_room_twice_is_not_seen_place_by_place() -> None:
    twice = make_problem(
        sizes=[[2.0]] * 3,
        classes=[0] * 3,
        options=[[([1.0], [(0, [1.0]), (1, [1.0])])]],
        free=[[3.0], [3.0]],
        drop=9.0,
    )

    assert places_of(compile_model(twice)) is None
    assert places_of(compile_model(two_parcels_one_flight())) is not None


def test_costs_of_whole_numbers_differ_by_their_common_divisor() -> None:
    whole = make_problem(sizes=[[1.0]], options=[[([6.0], []), ([4.0], [])]], free=[], drop=10.0)
    broken = make_problem(sizes=[[1.0]], options=[[([6.5], [])]], free=[], drop=10.0)

    assert grain_of(compile_model(whole)) == 2.0
    assert grain_of(compile_model(broken)) == 0.0
