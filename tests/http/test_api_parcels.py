"""The order pool over HTTP: one parcel at a time."""

from app.schemas.parcels import ParcelPage, ParcelShape
from tests.http.answers import faults, good, problem
from tests.http.world import NEW_PARCEL as NEW
from tests.http.world import NEW_RETURN as RETURN


def references(caller, **query):
    return [item["reference"] for item in good(caller.get("/parcels", **query), ParcelPage)["items"]]


def test_an_exporter_puts_a_parcel_into_the_pool(acme):
    response = acme.post("/parcels", NEW)

    body = good(response, ParcelShape, 201)
    assert response.headers["Location"] == f"/api/v1/parcels/{body['id']}"
    assert (body["exporter"], body["status"]) == ("acme", "pending")
    assert (body["weight_kg"], body["length_cm"], body["volume_m3"]) == ("2.500", "30.0", "0.009225")
    assert (body["value"], body["currency"]) == ("49.90", "USD")
    assert (body["ready_at"], body["hard_deadline"]) == ("2026-11-25T02:00:00+00:00", False)
    assert good(acme.get(f"/parcels/{body['id']}"), ParcelShape) == body


def test_the_operation_names_the_exporter(operator, globex):
    body = good(operator.post("/parcels", NEW | {"exporter": "globex"}), ParcelShape, 201)

    assert body["exporter"] == "globex"
    assert good(globex.get(f"/parcels/{body['id']}"), ParcelShape) == body
    assert faults(operator.post("/parcels", NEW)) == {"exporter": "required"}


def test_a_return_says_its_grade_and_when_it_was_exported(acme):
    assert good(acme.post("/parcels", RETURN), ParcelShape, 201)["grade"] == "B"
    assert faults(acme.post("/parcels", NEW | {"grade": "A"})) == {"grade": "only_for_returns"}


def test_what_an_answer_shows_can_be_sent_again_as_a_new_parcel(acme):
    shown = good(acme.post("/parcels", NEW), ParcelShape, 201)
    again = {name: shown[name] for name in NEW} | {"reference": "ORDER-2", "customs_mode": None}

    assert good(acme.post("/parcels", again), ParcelShape, 201)["volume_m3"] == shown["volume_m3"]


def test_the_same_parcel_again_is_the_one_that_is_there(acme):
    first = good(acme.post("/parcels", NEW), ParcelShape, 201)

    assert good(acme.post("/parcels", NEW), ParcelShape, 201) == first
    assert references(acme).count("ORDER-1") == 1


def test_another_parcel_under_a_known_reference_is_refused(acme, globex):
    acme.post("/parcels", NEW)

    assert faults(acme.post("/parcels", NEW | {"weight_kg": "3"})) == {"reference": "duplicate_reference"}
    assert globex.post("/parcels", NEW | {"weight_kg": "3"}).status_code == 201


def test_a_repeated_call_gets_the_first_answer_and_another_body_is_refused(acme):
    first = acme.post("/parcels", NEW, key="mine")
    again = acme.post("/parcels", NEW, key="mine")

    assert again.get_json() == first.get_json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["Location"] == first.headers["Location"]
    problem(acme.post("/parcels", NEW | {"weight_kg": "9"}, key="mine"), 422, "idempotency_key_reused")


def test_a_refused_call_keeps_nothing_so_its_key_may_be_used_again(acme):
    assert acme.post("/parcels", NEW | {"weight_kg": "0"}, key="mine").status_code == 422
    assert acme.post("/parcels", NEW, key="mine").status_code == 201


def test_a_call_without_a_key_of_its_own_is_refused(visitor, acme):
    response = visitor.post("/api/v1/parcels", headers=acme.headers, json=NEW)

    problem(response, 400, "idempotency_key_missing")
