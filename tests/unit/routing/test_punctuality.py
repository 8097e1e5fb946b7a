"""What completed trips say of the next: shares of the past, and nothing where there are too few."""

import numpy as np
import pytest

from routing.punctuality import FEWEST_TRIPS, outlook

HUNDRED = np.arange(1, 101)
"""One trip is a minute late, one two, …, one a hundred."""


def test_nine_of_ten_trips_are_not_later_than_p90():
    found = outlook([HUNDRED], [], None)
    assert (found.p90_min, found.late_share, found.trips) == (90, 0.0, 100)


@pytest.mark.parametrize(("margin", "late"), [(100, 0.0), (75, 0.25), (0, 1.0), (-5, 1.0)])
def test_late_is_the_share_that_uses_up_the_margin(margin, late):
    assert outlook([HUNDRED], [], margin).late_share == pytest.approx(late)


def test_too_few_trips_on_any_stretch_say_nothing():
    enough, few = np.zeros(FEWEST_TRIPS, dtype=int), np.zeros(FEWEST_TRIPS - 1, dtype=int)
    assert outlook([enough], [], 10).trips == FEWEST_TRIPS
    assert outlook([few], [], 10) is None
    assert outlook([enough, few], [60], 10) is None
    assert outlook([], [], 10) is None


def test_a_delay_that_the_wait_for_the_next_ride_swallows_does_no_harm():
    found = outlook([HUNDRED, np.zeros(40, dtype=int)], [100], 0)
    assert (found.p90_min, found.late_share, found.trips) == (0, 0.0, 40)


def test_who_misses_the_connection_is_late():
    found = outlook([HUNDRED, np.zeros(40, dtype=int)], [95], 0)
    assert found.late_share == pytest.approx(0.05)
    assert found.p90_min == 0


def test_where_one_in_ten_misses_the_connection_there_is_no_p90():
    found = outlook([HUNDRED, np.zeros(40, dtype=int)], [80], 0)
    assert found.p90_min is None
    assert found.late_share == pytest.approx(0.2)


def test_p90_counts_those_who_miss_the_connection_among_the_late():
    found = outlook([HUNDRED, HUNDRED], [95], None)
    assert found.p90_min == 95
