"""One request with a key at a time, on a database with many writers."""

import hashlib
import threading

import pytest
from sqlalchemy import text

from tests.http.world import NEW_PARCEL


def number(name):
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)


@pytest.mark.parametrize("backend", ["postgres"], indirect=True)
def test_a_key_that_is_being_worked_on_is_409_and_free_again_afterwards(house, acme, world):
    name = f"{world.ids['exporter']} POST /api/v1/parcels k-busy"
    with house.database.engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number(name)})
        refused = acme.post("/parcels", NEW_PARCEL, key="k-busy")
    assert (refused.status_code, refused.json["code"]) == (409, "idempotency_in_progress")
    assert refused.headers["Retry-After"] == "1"
    assert acme.post("/parcels", NEW_PARCEL, key="k-busy").status_code == 201


def test_the_same_request_at_the_same_time_is_done_once(house, call):
    answers = []

    def send():
        answers.append(call("acme").post("/parcels", NEW_PARCEL, key="k-same"))

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} <= {201, 409}
    made = [answer for answer in answers if answer.status_code == 201]
    assert len({answer.json["id"] for answer in made}) == 1
    assert sum("Idempotent-Replayed" not in answer.headers for answer in made) == 1
