"""Calls of the Python client: repeated with one key where that helps, and refused with everything that was said."""

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
import time_machine

import fourport_client as fp
from fourport_client.http import FIRST_PAUSE_S, LONGEST_PAUSE_S
from tests.unit.clients.service import Service, made, problem

BUSY = problem(409, "idempotency_in_progress")


def test_a_call_carries_the_key_of_its_caller_and_a_key_of_its_own():
    service = Service([made(), made()])
    with service.client() as client:
        assert client.bookings.create("off_1", reference="PO-7") == {"id": "bkg_1"}
        client.bookings.create("off_2", key="mine")

    first, second = service.asked
    assert (first.method, str(first.url)) == ("POST", "https://fourport.example/api/v1/bookings")
    assert first.headers["Authorization"] == "Bearer fp_secret"
    assert service.bodies[0] == {"offer_id": "off_1", "quote_id": None, "reference": "PO-7"}
    assert second.headers["Idempotency-Key"] == "mine"
    assert len(service.keys[0]) == 36


@pytest.mark.parametrize(
    "trouble",
    [
        httpx.ConnectError("refused"), httpx.ReadTimeout("slow"), httpx.RemoteProtocolError("cut off"),
        problem(429, "rate_limited"), httpx.Response(502, text="<html>"), problem(503, "unavailable"),
        httpx.Response(504), BUSY,
    ],
    ids=repr,
)  # fmt: skip
def test_what_may_pass_is_tried_again_with_the_same_key(trouble):
    service = Service([trouble, trouble, made()])

    assert service.client().bookings.create("off_1") == {"id": "bkg_1"}
    assert len(set(service.keys)) == 1
    assert service.bodies[0] == service.bodies[2]


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 409, 410, 413, 422, 500])
def test_what_will_not_pass_is_told_at_once(status):
    service = Service([problem(status, "some_code")])

    with pytest.raises(fp.ApiError) as refused:
        service.client().bookings.create("off_1", key="mine")
    assert (refused.value.status, refused.value.code, refused.value.idempotency_key) == (
        status,
        "some_code",
        "mine",
    )
    assert service.pauses == []


def test_pauses_double_and_are_spread():
    service = Service([httpx.ConnectError("refused")] * 9 + [made()])
    service.client(attempts=10).bookings.create("off_1")

    longest = [min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2**n) for n in range(9)]
    assert all(most / 2 <= pause <= most for pause, most in zip(service.pauses, longest, strict=True))


@time_machine.travel(datetime(2026, 11, 23, 1, 30, tzinfo=UTC), tick=False)
def test_the_service_says_how_long_to_wait_in_seconds_or_by_a_date():
    later = {"Retry-After": "Mon, 23 Nov 2026 01:30:09 GMT"}
    service = Service([
        problem(429, "rate_limited", {"Retry-After": "7"}), problem(503, "unavailable", later),
        problem(503, "unavailable", {"Retry-After": "soon"}), made(),
    ])  # fmt: skip
    service.client().bookings.create("off_1")

    assert service.pauses[:2] == [7.0, 9.0]
    assert service.pauses[2] <= FIRST_PAUSE_S * 4


def test_a_wait_that_is_too_long_is_left_to_the_caller():
    service = Service([problem(429, "rate_limited", {"Retry-After": "3600"})])

    with pytest.raises(fp.RateLimited) as refused:
        service.client().bookings.create("off_1")
    assert refused.value.retry_after == 3600.0
    assert service.pauses == []


def test_who_gives_up_says_with_which_key_to_go_on():
    service = Service([httpx.ConnectError("refused")] * 3)

    with pytest.raises(fp.Unreachable, match="refused") as gone:
        service.client(attempts=3).bookings.create("off_1")
    assert gone.value.attempts == 3
    assert {gone.value.idempotency_key} == set(service.keys)
    assert len(service.pauses) == 2


def test_the_last_refusal_is_told_when_no_attempt_is_left():
    service = Service([problem(503, "unavailable")] * 2)

    with pytest.raises(fp.ServerError):
        service.client(attempts=2).quotes.get("qte_1")


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (409, "capacity_gone", fp.CapacityGone), (409, "cutoff_passed", fp.CutoffPassed),
        (409, "wrong_state", fp.Conflict), (410, "quote_expired", fp.QuoteExpired),
        (402, "credit_limit_exceeded", fp.CreditLimitExceeded), (403, "credit_hold", fp.CreditHold),
        (403, "forbidden", fp.Forbidden), (404, "not_found", fp.NotFound), (401, "unauthenticated", fp.Unauthenticated),
        (400, "bad_request", fp.BadRequest), (422, "exceeds_booking", fp.Invalid),
        (413, "too_large", fp.ApiError), (500, "internal_error", fp.ServerError),
    ],
)  # fmt: skip
def test_refusals_are_told_apart_by_their_class(status, code, kind):
    with pytest.raises(fp.FourportError) as refused:
        Service([problem(status, code)]).client().bookings.create("off_1")
    assert type(refused.value) is kind


def test_a_refusal_says_everything_the_service_said():
    place = {"field": "parcels.0.weight", "json_path": "$.parcels[0].weight", "code": "out_of_range",
             "message": "must be above 0", "suggestion": "weigh it"}  # fmt: skip
    with pytest.raises(fp.Invalid) as refused:
        Service([problem(422, "validation_error", errors=[place])]).client().quotes.create({})
    error = refused.value
    assert (error.title, error.detail, error.request_id) == ("No", "it is so", "req_1")
    assert error.errors == (fp.Place(**place),)
    assert str(error) == "422 validation_error: it is so (req_1)"


@pytest.mark.parametrize(
    "answer", [httpx.Response(500, text="<html>"), httpx.Response(500, json=[1]), httpx.Response(301)]
)
def test_an_answer_that_is_none_of_the_services_is_an_error_all_the_same(answer):
    with pytest.raises(fp.ApiError) as refused:
        Service([answer]).client().quotes.get("qte_1")
    assert (refused.value.code, refused.value.errors) == ("unknown", ())


def test_a_list_is_fetched_page_by_page_as_it_is_walked():
    pages = [
        {"items": [{"id": 1}, {"id": 2}], "next_cursor": "abc"},
        {"items": [{"id": 3}], "next_cursor": None},
    ]
    service = Service([made(page, 200) for page in pages])
    found = service.client().bookings.list(status="CONFIRMED", limit=2)

    assert next(found) == {"id": 1}
    assert len(service.asked) == 1
    assert [one["id"] for one in found] == [2, 3]
    assert dict(service.asked[0].url.params) == {"status": "CONFIRMED", "limit": "2"}
    assert dict(service.asked[1].url.params) == {"status": "CONFIRMED", "limit": "2", "cursor": "abc"}


def test_decimals_and_times_are_sent_as_they_are_meant():
    shanghai = timezone(timedelta(hours=8))
    service = Service([made()])
    service.client().quotes.create(
        {"weight": Decimal("12.50"), "ready_at": datetime(2026, 11, 25, 10, tzinfo=shanghai)}
    )

    assert service.bodies == [{"weight": "12.50", "ready_at": "2026-11-25T10:00:00+08:00"}]


@pytest.mark.parametrize(
    ("value", "fault"), [(datetime(2026, 11, 25), ValueError), (float("nan"), ValueError), (b"x", TypeError)]
)
def test_what_cannot_be_meant_is_refused_before_it_is_sent(value, fault):
    service = Service([])

    with pytest.raises(fault):
        service.client().quotes.create({"it": value})
    assert service.asked == []


def test_each_call_goes_where_it_belongs():
    service = Service([])
    client = service.client()
    calls = [
        (lambda: client.quotes.estimate({"weight": "5"}), "POST", "/rates/estimate"),
        (lambda: client.bookings.amend("bkg_1", {"lines": []}), "PATCH", "/bookings/bkg_1"),
        (lambda: client.bookings.cancel("bkg_1", "withdrawn"), "POST", "/bookings/bkg_1/cancel"),
        (lambda: client.bookings.roll("bkg_1", {1: "dep_2"}), "POST", "/bookings/bkg_1/roll"),
        (lambda: client.bookings.add_parcels("bkg_1", ["pcl_1"]), "POST", "/bookings/bkg_1/parcels"),
        (lambda: client.bookings.remove_parcel("bkg_1", "pcl_1"), "DELETE", "/bookings/bkg_1/parcels/pcl_1"),
        (lambda: client.parcels.create({}), "POST", "/parcels"),
        (lambda: client.tracking.get("FP 1/2"), "GET", "/tracking/FP%201%2F2"),
        (lambda: client.webhooks.change("whk_1", {"enabled": True}), "PATCH", "/webhooks/whk_1"),
        (lambda: client.webhooks.replay("msg_1"), "POST", "/webhooks/messages/msg_1/replay"),
        (lambda: client.billing.statement("2026-11"), "GET", "/statements?month=2026-11"),
        (lambda: client.billing.credit("acme"), "GET", "/exporters/acme/credit"),
    ]
    for call, method, path in calls:
        service.answers.append(made({}, 200))
        call()
        asked = service.asked[-1]
        assert (asked.method, asked.url.raw_path.decode()) == (method, f"/api/v1{path}")
        assert ("Idempotency-Key" in asked.headers) == (method != "GET" and path != "/rates/estimate")
    assert json.loads(service.asked[3].content)["legs"] == [{"leg": 1, "departure_id": "dep_2"}]


def test_an_answer_without_a_body_is_nothing():
    assert Service([httpx.Response(204)]).client().webhooks.delete("whk_1") is None


def test_labels_are_bytes():
    service = Service([httpx.Response(200, content=b"%PDF-1.7")])

    assert service.client().bookings.labels("bkg_1") == b"%PDF-1.7"
    assert service.asked[0].url.path == "/api/v1/bookings/bkg_1/labels.pdf"


def test_a_file_is_sent_whole_at_every_attempt(tmp_path):
    file = Path(tmp_path) / "orders.csv"
    file.write_bytes(b"reference\nA-1\n")
    service = Service([httpx.ReadError("cut off"), made({"job_id": "bat_1"}, 202)])

    assert service.client().parcels.import_file(file, dry_run=True) == {"job_id": "bat_1"}
    for request in service.asked:
        assert b'filename="orders.csv"' in request.content
        assert b"A-1" in request.content
        assert b"true" in request.content
    assert len(set(service.keys)) == 1


def test_an_import_is_waited_for_until_it_is_over():
    service = Service([made({"status": status}, 200) for status in ("queued", "running", "completed")])

    assert service.client().parcels.wait("bat_1", every=2.0) == {"status": "completed"}
    assert service.pauses == [2.0, 2.0]


def test_an_import_is_not_waited_for_for_ever():
    service = Service([made({"status": "running"}, 200) for _ in range(4)])

    with pytest.raises(fp.TookTooLong, match="bat_1 is running after 3 s"):
        service.client().parcels.wait("bat_1", timeout=3.0)


@pytest.mark.parametrize("facts", [{"attempts": 0}, {"attempts": -1}])
def test_at_least_one_attempt_is_made(facts):
    with pytest.raises(ValueError, match="at least one"):
        Service([]).client(**facts)


def test_an_address_says_how_it_is_reached():
    with pytest.raises(ValueError, match="http"):
        fp.Client("fourport.example", "fp_secret")
