"""Of many ways those are offered that no other beats, best first, and each says what it is best at."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.offers import OBJECTIVES, front, pick, ranked, tags

values = st.tuples(*[st.integers(0, 6)] * 4)
tables = st.lists(values, max_size=25).map(lambda rows: np.array(rows, dtype=float).reshape(-1, 4))
NEVER_LATE = np.zeros(3, dtype=bool)


def ways(*rows):
    return np.array(rows, dtype=float)


def beats(one, other):
    return (one <= other).all() and (one < other).any()


@given(tables)
def test_what_is_left_out_is_beaten_or_a_copy_and_what_is_kept_is_not(table):
    kept = front(table)
    for at, way in enumerate(table):
        others = [other for number, other in enumerate(table) if number != at]
        beaten = any(beats(other, way) for other in others)
        copy = any((table[number] == way).all() for number in range(at))
        assert kept[at] == (not beaten and not copy)


def test_of_nothing_nothing_is_offered():
    none = np.zeros((0, 4))
    assert pick(none, np.zeros(0, dtype=bool), "cost", 20).tolist() == []
    assert tags(none, np.zeros(0, dtype=bool), has_deadline=True) == []


@pytest.mark.parametrize(("objective", "first"), [("cost", 0), ("time", 2), ("balanced", 1)])
def test_the_objective_decides_the_order(objective, first):
    table = ways([100, 1000, 0, 5], [120, 300, 0, 6], [900, 250, 0, 90])
    assert ranked(table, NEVER_LATE, objective)[0] == first


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_what_is_in_time_comes_before_what_is_late(objective):
    table = ways([100, 1000, 1, 5], [900, 250, 0, 90])
    assert ranked(table, np.array([True, False]), objective).tolist() == [1, 0]


def test_not_more_than_asked_for_is_offered_and_the_best_at_anything_stays():
    cost = np.arange(1, 51, dtype=float)
    table = np.column_stack([cost, 100 - cost, np.zeros(50), np.abs(cost - 25)])
    late = np.zeros(50, dtype=bool)
    found = pick(table, late, "cost", 20)
    assert len(found) == 20
    assert {0, 49, 24} <= set(found.tolist())
    assert found.tolist() == sorted(found.tolist())


def test_each_way_says_what_it_is_best_at():
    table = ways([100, 1000, 0, 5], [120, 300, 0, 4], [900, 250, 0, 90])
    late = np.array([True, True, False])
    assert tags(table, late, has_deadline=True) == [["cheapest"], ["greenest"], ["fastest", "only_on_time"]]
    assert tags(table, late, has_deadline=False)[2] == ["fastest"]
    assert tags(table, NEVER_LATE, has_deadline=True)[2] == ["fastest"]
