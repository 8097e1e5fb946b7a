from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing import checks
from routing.certificates import Certificate, certificate_fault, lagrangian
from routing.limits import Limits
from routing.problem import Problem
from routing.solve import solve
from tests.examples import examples
from tests.unit.routing.brute import best_cost
from tests.unit.routing.problems import make_problem
from tests.unit.routing.random_problems import random_problem


def random_certificate(problem: Problem, rng: np.random.Generator, kind: str) -> Certificate:
    """Any multipliers at all: the bound must hold whatever they are."""
    shape = (problem.r, problem.d)
    limited = np.isfinite(problem.resource_free)
    price = rng.uniform(0, 3, shape) * (rng.random(shape) < 0.5) * limited
    theta = rng.uniform(0, 2, shape) * (rng.random(shape) < 0.8) * limited
    if kind == "price":
        return Certificate(price, None, None, None)
    value = rng.uniform(-5, 60, problem.n)
    types = np.bincount(problem.unit_resource, minlength=problem.r)
    share = rng.uniform(0, 1, problem.u) * (types[problem.use_resource] > 0)
    option = np.repeat(np.arange(problem.o), np.diff(problem.option_ptr))
    if kind == "share":
        total = np.bincount(option, share, minlength=problem.o)
        return Certificate(price, value, None, theta, share / np.maximum(total[option], 1.0))
    primary = np.full(problem.o, -1)
    for use in rng.permutation(problem.u):
        if types[problem.use_resource[use]] == 1:
            primary[option[use]] = use
    return Certificate(price, value, primary, theta)


@settings(max_examples=examples(250), deadline=None)
@given(seed=st.integers(0, 2**32 - 1), kind=st.sampled_from(["price", "primary", "share"]))
def test_no_multipliers_prove_more_than_the_truth(seed: int, kind: str) -> None:
    problem = random_problem(seed, n=1 + seed % 4, types=3)
    certificate = random_certificate(problem, np.random.default_rng(seed + 1), kind)
    truth = best_cost(problem)

    assert lagrangian(problem, certificate) <= truth + 1e-9 * max(1.0, abs(truth))


def two_container_types() -> Problem:
    """Ten parcels, two options each on the same departure, whose room is 20' and 40' containers."""
    units = [
        {"resource": 0, "size": [4.0], "cost": 20.0, "max": 3},
        {"resource": 0, "size": [9.0], "cost": 36.0, "max": 3},
    ]
    options = [[([1.0], [(0, [1.0])]), ([2.0], [(0, [1.0])])]]
    return make_problem(
        sizes=[[1.0]] * 10, classes=[0] * 10, options=options, free=[[0.0]], drop=30.0, units=units
    )


def test_shares_prove_openings_of_several_unit_types() -> None:
    problem = two_container_types()
    plan = solve(problem, Limits(time_limit_s=None, iterations=1))
    shared = dataclasses.replace(
        plan,
        certificate_price=[[0.0]],  # type: ignore[arg-type]
        certificate_item_value=[5.0] * 10,  # type: ignore[arg-type]
        certificate_primary_use=None,
        certificate_theta=[[1.0]],  # type: ignore[arg-type]
        certificate_use_share=[1.0, 1.0],  # type: ignore[arg-type]
    )

    # Each parcel is worth 5 - 1 once, though it has two options there: a full 40' is just paid for by nine.
    assert certificate_fault(problem, shared) is None
    assert checks.recompute_bound(problem, shared) == pytest.approx(50.0)


@pytest.mark.parametrize("share", [[1.0], [1.0, 1.5], [-0.1, 0.0], [np.nan, 0.0]])
def test_impossible_shares_are_refused(share: list[float]) -> None:
    problem = two_container_types()
    plan = dataclasses.replace(
        solve(problem, Limits(time_limit_s=None, iterations=1)),
        certificate_price=[[0.0]],  # type: ignore[arg-type]
        certificate_item_value=[5.0] * 10,  # type: ignore[arg-type]
        certificate_use_share=share,  # type: ignore[arg-type]
    )

    assert "bad_certificate" in {violation.code for violation in checks.verify(problem, plan).violations}


def test_a_knapsack_needs_units_and_few_ways_to_open_them() -> None:
    many = make_problem(
        sizes=[[1.0]],
        options=[[([1.0], [(0, [1.0]), (1, [1.0])])]],
        free=[[0.0], [5.0]],
        drop=30.0,
        units=[{"resource": 0, "size": [1.0], "cost": 1.0, "max": 10**6}] * 2,
    )
    plan = dataclasses.replace(
        solve(many, Limits(time_limit_s=None, iterations=1)),
        certificate_price=[[0.0], [0.0]],  # type: ignore[arg-type]
        certificate_item_value=[5.0],  # type: ignore[arg-type]
    )
    for share in ([1.0, 0.0], [0.0, 1.0]):
        fault = certificate_fault(many, dataclasses.replace(plan, certificate_use_share=share))  # type: ignore[arg-type]
        assert fault == "certificate_use_share names a resource that cannot have a knapsack"
