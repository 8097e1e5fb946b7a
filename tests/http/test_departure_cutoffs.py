"""Operators move cut-offs on the departure's page and over HTTP; nobody else does."""

import pytest

from app.schemas.departures import DepartureDetail
from tests.http.answers import faults, good, problem


@pytest.fixture
def departure(world):
    return f"/departures/{world.ids['departure']}"


def the_cutoff(operator, departure):
    call = good(operator.get(departure), DepartureDetail)["calls"][0]
    return call["seq"], call["cutoffs"][0], call["departs_at"]


def test_a_cut_off_is_moved_over_http_as_it_was_seen(operator, departure):
    seq, cutoff, leaves = the_cutoff(operator, departure)
    wanted = {"seq": seq, "code": cutoff["code"], "at": leaves, "was": cutoff["at"]}
    body = good(operator.post(f"{departure}/move-cutoffs", {"cutoffs": [wanted]}), DepartureDetail)
    assert body["calls"][0]["cutoffs"] == [{"code": cutoff["code"], "at": leaves}]
    problem(operator.post(f"{departure}/move-cutoffs", {"cutoffs": [wanted]}), 409, "wrong_state")


def test_a_time_that_cannot_be_is_refused_at_its_place(operator, departure):
    seq, cutoff, _leaves = the_cutoff(operator, departure)
    past = {"seq": seq, "code": cutoff["code"], "at": "2026-01-01T00:00:00Z"}
    answer = operator.post(f"{departure}/move-cutoffs", {"cutoffs": [past]})
    assert faults(answer) == {"cutoffs.0.at": "cutoff_past"}
    assert faults(operator.post(f"{departure}/move-cutoffs", {"cutoffs": []})) == {"cutoffs": "bad_length"}


def test_exporters_move_nothing(acme, departure):
    wanted = {"seq": 0, "code": "FCO", "at": None}
    problem(acme.post(f"{departure}/move-cutoffs", {"cutoffs": [wanted]}), 403, "forbidden")
