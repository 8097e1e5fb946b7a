"""Which cut-offs close a call to which goods, and where they may be moved."""

import pytest

from routing.cutoffs import closes_at, wrong_times
from tests.factories import HOUR, NOW

LEAVES = NOW + 100 * HOUR


def times(**hours):
    """Code → so many hours from now."""
    return {code: NOW + count * HOUR for code, count in hours.items()}


BEFORE = times(EFC=10, DCO=30, DGC=40, FCO=60, VCO=60)


def wrong(**changed):
    found = wrong_times(BEFORE, BEFORE | times(**changed), LEAVES, NOW)
    return {one.code: one.why for one in found}


def test_goods_papers_and_dangerous_goods_close_a_call_each_for_itself():
    assert closes_at(BEFORE, LEAVES, papers=False) == NOW + 60 * HOUR
    assert closes_at(BEFORE, LEAVES, papers=False, dangerous=True) == NOW + 40 * HOUR
    assert closes_at(BEFORE, LEAVES) == NOW + 30 * HOUR
    assert closes_at({}, LEAVES, dangerous=True) == LEAVES


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"FCO": 101}, {"FCO": "cutoff_after_departure"}),
        ({"FCO": -1}, {"FCO": "cutoff_past"}),
        ({"DGC": 61}, {"DGC": "dangerous_after_general"}),
        ({"FCO": 39}, {"FCO": "general_before_dangerous"}),
        ({"EFC": 61}, {"EFC": "opens_after_closing"}),
        ({"FCO": 9, "DGC": 9}, {"FCO": "closes_before_opening"}),
    ],
)
def test_what_cannot_be_is_named(changed, why):
    assert wrong(**changed) == why


@pytest.mark.parametrize(
    "changed",
    [
        {"FCO": 70, "VCO": 100},
        {"FCO": 39, "DGC": 39},
        {"FCO": 9, "DGC": 9, "EFC": 8},
        {"DCO": 99},
        {"EFC": -5},
    ],
)
def test_other_times_are_free(changed):
    assert wrong(**changed) == {}


def test_what_was_so_before_may_stay():
    odd = BEFORE | times(FCO=-2, DGC=99)
    assert wrong_times(odd, odd | times(DCO=31), LEAVES, NOW) == []
    odd = times(FCO=60, EFC=70)
    assert wrong_times(odd, odd | times(FCO=50), LEAVES, NOW) == []
