"""Departures over HTTP: pages of the list, and calls of a loop."""

import pytest

from app.schemas.departures import DepartureDetail, DeparturePage
from tests import factories as make
from tests.http.answers import good


@pytest.fixture
def backend():
    return "sqlite"


def test_pages_follow_each_other_without_gap_or_overlap(operator, database):
    with database.transaction() as session:
        for day in range(4):
            make.make_departure(session, departs_at=make.NOW + (5 + day) * make.DAY)
    seen, cursor = [], None
    while True:
        query = {"cursor": cursor} if cursor else {}
        body = good(operator.get("/departures", limit=2, **query), DeparturePage)
        assert 1 <= len(body["items"]) <= 2
        seen += [item["id"] for item in body["items"]]
        cursor = body["next_cursor"]
        if cursor is None:
            break

    assert len(seen) == len(set(seen)) == 5


def test_a_loop_shows_each_cutoff_at_the_call_it_is_for(operator, database):
    with database.transaction() as session:
        start = make.make_location(session)
        loop = make.make_departure(session, None, [start, make.make_location(session), start])
        public_id = loop.public_id
    calls = good(operator.get(f"/departures/{public_id}"), DepartureDetail)["calls"]

    assert [len(call["cutoffs"]) for call in calls] == [1, 0, 0]
