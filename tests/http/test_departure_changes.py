"""Departures are changed over HTTP and in the browser by operators alone."""

import pytest

from app.schemas.departures import CargoRolled, DepartureDetail
from tests.http.answers import faults, good, problem


@pytest.fixture
def departure(world):
    return f"/departures/{world.ids['departure']}"


def test_a_departure_is_closed_opened_and_cancelled_and_stays_cancelled(operator, departure):
    for step, status in (("close", "closed"), ("open", "open"), ("cancel", "cancelled")):
        body = good(operator.post(f"{departure}/{step}", {"reason": "a storm"}), DepartureDetail)
        assert body["status"] == status
    problem(operator.post(f"{departure}/open", {}), 409, "wrong_state")


def test_cancelling_without_a_reason_is_refused(operator, departure):
    assert faults(operator.post(f"{departure}/cancel", {"reason": ""})) == {"reason": "bad_length"}


def test_exporters_and_readers_change_nothing(acme, departure):
    problem(acme.post(f"{departure}/cancel", {"reason": "because"}), 403, "forbidden")


def test_nothing_booked_is_nothing_rolled(operator, departure):
    assert good(operator.post(f"{departure}/roll-cargo", {"onto": departure[12:]}), CargoRolled) == {
        "items": []
    }
