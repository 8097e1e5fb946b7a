"""Figures of the control tower over time: told by rows where rows tell it, else noted once a day."""

import pytest
import time_machine
from sqlalchemy import select

from app import jobs
from app.jobs import sweeping
from app.models import DailyFigure
from app.queries.daily_figures import DAYS, FIGURES, history
from app.queries.departures import DepartureFilter
from app.queries.tower_trends import POINTS, cutoffs_over_time, departures_over_time
from app.usecases.daily_figures import KEPT, note_figures
from tests import factories as make
from tests.factories import DAY, HOUR, NOW


def test_every_figure_is_noted_once_a_day_by_whoever_sweeps(database):
    assert "app.jobs.sweeping:note_figures" in jobs.DUE
    with database.transaction() as session:
        make.make_parcel(session, make.make_party(session), status="customs_hold")
    with time_machine.travel(NOW, tick=False):
        sweeping.note_figures(database)
        with database.transaction() as session:
            make.make_parcel(session, make.make_party(session), status="customs_hold")
        sweeping.note_figures(database)
    with time_machine.travel(NOW + DAY, tick=False):
        sweeping.note_figures(database)
    with database.reading() as session:
        rows = session.execute(select(DailyFigure.day, DailyFigure.figure, DailyFigure.value)).all()
        assert len(rows) == 2 * len(FIGURES)
        noted = history(session, NOW + 2 * DAY)
    assert noted["customs"] == {NOW: 1, NOW + DAY: 2}
    assert noted["holds"] == {NOW: 0, NOW + DAY: 0}


def test_the_first_value_of_a_day_stays_and_a_year_is_kept(session):
    note_figures(session, NOW - KEPT - DAY, {"pool": 1})
    note_figures(session, NOW - KEPT, {"pool": 2})
    note_figures(session, NOW, {"pool": 3})
    note_figures(session, NOW, {"pool": 4, "relief": 5})
    found = session.execute(select(DailyFigure.figure, DailyFigure.value).order_by(DailyFigure.value))
    assert [tuple(row) for row in found] == [("pool", 2), ("pool", 3), ("relief", 5)]


def test_history_reaches_two_weeks_and_a_day(session):
    for back in (0, 1, DAYS + 1, DAYS + 2):
        note_figures(session, NOW - back * DAY, {"pool": back})
    assert list(history(session, NOW)["pool"].values()) == [DAYS + 1, 1, 0]


@pytest.fixture
def board(session):
    """A flight that has gone, one that was cancelled before, one ahead that is open and one that is closed."""
    air = make.make_service(session, mode="air")
    for hours, status in ((-30, "departed"), (-30, "cancelled"), (30, "open"), (40, "closed")):
        make.make_departure(session, air, departs_at=NOW + hours * HOUR, status=status)


def test_departures_of_the_period_before_count_but_for_the_cancelled(session, board):
    where = DepartureFilter(departs_from=NOW, departs_before=NOW + 14 * DAY, statuses=("open", "closed"))
    line = departures_over_time(session, where, NOW, NOW + 14 * DAY)
    assert len(line) == POINTS + 1
    assert (line[0], line[-1]) == (1, 2)
    rail = DepartureFilter(modes=("rail",), departs_from=NOW, departs_before=NOW + 14 * DAY)
    assert set(departures_over_time(session, rail, NOW, NOW + 14 * DAY)) == {0}


def test_cutoffs_of_a_day_ago_are_those_that_have_passed_since(session, board):
    where = DepartureFilter(statuses=("open",), cutoff_from=NOW, cutoff_before=NOW + DAY)
    line = cutoffs_over_time(session, where, NOW, DAY)
    assert len(line) == POINTS + 1
    assert line[-1] == 1, "the closed one is not sold any more"
    assert line[-2] == 0
    assert sum(line) == 2, "and the one that has gone, once, however many cut-offs it had"
