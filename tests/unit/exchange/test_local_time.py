from datetime import UTC, date, datetime

import pytest

from app.exchange.faults import CellError
from app.exchange.local_time import to_instant


def test_a_local_time_is_an_instant_in_its_zone():
    assert to_instant(date(2026, 12, 1), "08:00", "Asia/Shanghai") == datetime(2026, 12, 1, tzinfo=UTC)
    assert to_instant(date(2027, 7, 1), "08:00", "Europe/Berlin") == datetime(2027, 7, 1, 6, tzinfo=UTC)


def test_an_hour_that_the_clock_skips_is_refused_with_the_next_one():
    with pytest.raises(CellError) as refused:
        to_instant(date(2027, 3, 28), "02:30", "Europe/Berlin")
    assert refused.value.code == "nonexistent_local_time"
    assert "2027-03-28" in refused.value.message
    assert "03:30" in refused.value.suggestion


def test_an_hour_that_the_clock_shows_twice_is_refused_with_both_offsets():
    with pytest.raises(CellError) as refused:
        to_instant(date(2026, 11, 1), "01:30", "America/Los_Angeles")
    assert refused.value.code == "ambiguous_local_time"
    assert "2026-11-01T01:30-07:00" in refused.value.suggestion
    assert "2026-11-01T01:30-08:00" in refused.value.suggestion


def test_the_hours_beside_a_change_of_clocks_are_plain():
    assert to_instant(date(2027, 3, 28), "01:59", "Europe/Berlin") == datetime(2027, 3, 28, 0, 59, tzinfo=UTC)
    assert to_instant(date(2027, 3, 28), "03:00", "Europe/Berlin") == datetime(2027, 3, 28, 1, 0, tzinfo=UTC)
