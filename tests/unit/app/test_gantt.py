"""Bars of the departures chart: at their time, and never one over the words of another."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

from app.web.departures_gantt import DAY_PX, LABEL_PX, Window, lines, packed

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
WINDOW = Window(date(2026, 11, 23), MONDAY, ZoneInfo("UTC"))


def run(first, days, service="A"):
    leaves = MONDAY + timedelta(days=first)
    return SimpleNamespace(
        service_code=service, departs_at=leaves, arrives_at=leaves + timedelta(days=days), tightest=[]
    )


def test_a_bar_reaches_from_departure_to_arrival():
    (bar,) = packed([run(1, 3)], WINDOW)
    assert (bar.x, bar.width, bar.on) == (DAY_PX, 3 * DAY_PX, False)


def test_a_bar_ends_with_the_window_and_says_that_it_goes_on():
    (bar,) = packed([run(12, 20)], WINDOW)
    assert bar.x + bar.width == WINDOW.width
    assert bar.on


def test_bars_that_would_cover_each_others_words_take_another_lane():
    short = LABEL_PX / DAY_PX / 2
    assert [bar.lane for bar in packed([run(0, 0.2), run(short, 0.2), run(2, 1)], WINDOW)] == [0, 1, 0]


def test_each_service_has_one_line():
    found = lines([run(0, 1), run(1, 1, "B"), run(5, 1)], WINDOW)
    assert [len(line.bars) for line in found] == [2, 1]
