from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from routing import checks
from routing.limits import Limits
from routing.plan import Plan
from routing.problem import Problem
from routing.solve import solve
from tests.unit.routing.problems import make_problem, two_parcels_one_flight


def plan_for(problem: Problem) -> Plan:
    return solve(problem, Limits(time_limit_s=None, iterations=1))


def codes(problem: Problem, plan: Plan) -> set[str]:
    return {violation.code for violation in checks.verify(problem, plan).violations}


def changed(**changes: object) -> set[str]:
    problem = two_parcels_one_flight()
    return codes(problem, dataclasses.replace(plan_for(problem), **changes))  # type: ignore[arg-type]


def test_a_plan_of_the_optimizer_has_no_violation() -> None:
    problem = two_parcels_one_flight()

    assert checks.verify(problem, plan_for(problem)).ok


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"problem_sha256": "0" * 64}, "wrong_digest"),
        ({"item_option": [1]}, "wrong_length"),
        ({"units": [1, 1]}, "wrong_length"),
        ({"item_option": [1, 7]}, "unknown_option"),
        ({"item_option": [1, -2]}, "unknown_option"),
        ({"item_option": [0, 0]}, "over_capacity"),
        ({"units": [0]}, "over_capacity"),
        ({"units": [-1]}, "units_out_of_range"),
        ({"units": [2]}, "units_out_of_range"),
        ({"objective": 15.9}, "wrong_objective"),
        ({"objective": math.nan}, "wrong_objective"),
        ({"item_option": [1, -1]}, "wrong_objective"),
        ({"unplaced": [0]}, "unplaced"),
        ({"lower_bound": 16.5}, "bound_above_objective"),
        ({"lower_bound": math.nan}, "wrong_bound_source"),
        ({"lower_bound": 10.0}, "wrong_status"),
        ({"status": "unknown"}, "no_plan"),
        ({"status": "infeasible"}, "no_plan"),
        ({"certificate_price": [[0.0]]}, "bad_certificate"),
        ({"certificate_price": [[-1.0], [0.0]]}, "bad_certificate"),
        ({"certificate_price": [[math.inf], [0.0]]}, "bad_certificate"),
        ({"certificate_price": [[0.0], [0.0]], "bound_source": "certificate"}, "bound_not_proven"),
        ({"certificate_price": None, "bound_source": "certificate"}, "no_certificate"),
    ],
)
def test_each_kind_of_falsehood_is_found(changes: dict[str, object], code: str) -> None:
    assert code in changed(**changes)


def test_a_must_left_out_and_a_locked_item_moved_are_found() -> None:
    options = [[([9.0], []), ([1.0], [])]]
    problem = make_problem(
        sizes=[[1.0]] * 2, classes=[0, 0], options=options, free=[], now=[0, -1], change=[math.inf, 0.0]
    )
    plan = dataclasses.replace(plan_for(problem), item_option=np.array([1, -1]))

    assert {"must_be_assigned", "locked_item_moved"} <= codes(problem, plan)


def test_units_of_a_child_count_against_their_parent() -> None:
    container = {"resource": 0, "size": [10.0], "cost": 5.0, "max": 9, "parent": 1, "takes": [2.0]}
    problem = make_problem(
        sizes=[[10.0]],
        options=[[([0.0], [(0, [1.0])])]],
        free=[[0.0], [6.0]],
        units=[container],
    )
    plan = plan_for(problem)
    full = dataclasses.replace(plan, units=[4], objective=20.0)  # type: ignore[arg-type]

    assert codes(problem, plan) == set()
    assert "over_capacity" in codes(problem, full)


def test_a_gram_too_much_is_too_much_and_rounding_is_not() -> None:
    def checked(size: float) -> set[str]:
        wide = make_problem(sizes=[[size]], options=[[([1.0], [(0, [1.0])])]], free=[[1e6]])
        fitting = dataclasses.replace(plan_for(wide), item_option=[0], status="feasible", objective=1.0)  # type: ignore[arg-type]
        return {violation.code for violation in checks.check(wide, fitting)}

    assert "over_capacity" not in checked(1e6 + 1e-4)
    assert "over_capacity" in checked(1e6 + 1)


@pytest.mark.parametrize(
    "faulty",
    [
        {"certificate_item_value": [0.0]},
        {"certificate_item_value": [math.nan, 0.0]},
        {"certificate_theta": [[math.nan], [0.0]]},
        {"certificate_item_value": [0.0, 0.0], "certificate_primary_use": [1, 0]},
        {"certificate_item_value": [0.0, 0.0], "certificate_primary_use": [0, -1]},
        {"certificate_item_value": [0.0, 0.0], "certificate_primary_use": [-1]},
    ],
)
def test_a_certificate_that_cannot_be_evaluated_is_refused(faulty: dict[str, object]) -> None:
    assert "bad_certificate" in changed(certificate_price=[[0.0], [0.0]], **faulty)


def test_a_bound_by_the_solver_is_noted_and_accepted() -> None:
    problem = two_parcels_one_flight()
    plan = dataclasses.replace(plan_for(problem), bound_source="solver")
    report = checks.verify(problem, plan)

    assert report.ok
    assert [note.code for note in report.notes] == ["bound_not_certified"]


def test_the_knapsack_certificate_is_what_it_is_by_hand() -> None:
    problem = two_parcels_one_flight()
    plan = dataclasses.replace(
        plan_for(problem),
        bound_source="solver",
        certificate_price=[[0.0], [0.0]],  # type: ignore[arg-type]
        certificate_item_value=[8.0, 8.0],  # type: ignore[arg-type]
        certificate_primary_use=[-1, 1],  # type: ignore[arg-type]
        certificate_theta=[[0.0], [1.0]],  # type: ignore[arg-type]
    )

    # 8 + 8, twice min(0, 5 - 8) in bought space, and the better of 0 and 10 - (5 + 5) for the charter.
    assert checks.recompute_bound(problem, plan) == pytest.approx(16 - 6 + 0)
