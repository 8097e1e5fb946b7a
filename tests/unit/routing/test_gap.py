"""The gap between a plan's cost and a proven bound."""

import math

import pytest

from routing.plan import gap_between


@pytest.mark.parametrize(
    ("objective", "bound", "gap"),
    [(110, 100, 0.1), (100, 100, 0.0), (0, 0, 0.0), (5, 0, math.inf)],
)
def test_the_gap_is_the_share_by_which_the_cost_exceeds_the_bound(objective, bound, gap):
    assert gap_between(objective, bound) == pytest.approx(gap)


def test_a_bound_below_zero_proves_nothing_of_a_plan_that_costs_something():
    assert gap_between(6900, -1e-9) == math.inf
    assert gap_between(0, -1e-9) == 0


def test_without_a_cost_or_a_bound_there_is_no_gap():
    assert math.isnan(gap_between(math.nan, 1))
    assert math.isnan(gap_between(1, math.nan))
