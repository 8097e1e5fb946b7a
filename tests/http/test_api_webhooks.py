"""Webhooks over HTTP: registered, changed, tried out, looked at and replayed, each by its owner."""

import pytest
from sqlalchemy import select

from app import jobs
from app.actor import system
from app.clock import now
from app.models import IdempotencyKey, Job, Party
from app.schemas.base import Accepted
from app.schemas.webhooks import (
    WebhookMessagePage,
    WebhookMessageShape,
    WebhookPage,
    WebhookShape,
    WebhookWithSecret,
)
from app.signing import verify
from app.usecases import api_keys
from app.usecases.announcing import announce
from tests.http.answers import faults, good, problem
from tests.http.conftest import Caller
from tests.receiver import receiving

WANTED = {"url": "https://erp.acme.example/hook", "event_types": ["booking.confirmed", "booking.cancelled"]}


@pytest.fixture
def settings(settings):
    """An installation whose receivers may stand on this machine."""
    from dataclasses import replace

    return replace(settings, webhook_allow=("127.0.0.1",))


@pytest.fixture
def receiver():
    with receiving() as found:
        yield found


def made(caller, **wanted):
    return good(caller.post("/webhooks", WANTED | wanted), WebhookWithSecret, 201)


def deliver(house):
    """Do the deliveries that wait, as a worker would."""
    with house.database.reading() as session:
        waiting = session.scalars(
            select(Job.id).where(Job.kind == "deliver_webhook", Job.status == "queued")
        ).all()
    for job_id in waiting:
        jobs.perform_with(house.database, job_id, ("127.0.0.1",))


def test_a_webhook_is_made_read_listed_changed_and_removed(acme):
    answer = acme.post("/webhooks", WANTED)
    hook = good(answer, WebhookWithSecret, 201)
    path = f"/webhooks/{hook['id']}"

    assert answer.headers["Location"] == f"/api/v1{path}"
    assert hook["secret"].startswith("whsec_")
    assert (hook["exporter"], hook["enabled"], hook["test_mode"]) == ("acme", True, False)
    plain = {name: value for name, value in hook.items() if name != "secret"}
    assert good(acme.get(path), WebhookShape) == plain
    assert good(acme.get("/webhooks", limit=1), WebhookPage)["items"] == [plain]
    changed = good(acme.patch(path, {"event_types": ["invoice.issued"], "enabled": False}), WebhookShape)
    assert changed == plain | {"event_types": ["invoice.issued"], "enabled": False}
    assert acme.delete(path).status_code == 204
    problem(acme.get(path), 404, "not_found")
    problem(acme.delete(path), 404, "not_found")


def test_removing_again_with_the_same_key_is_the_same_answer(acme):
    path = f"/webhooks/{made(acme)['id']}"
    first, again = acme.delete(path, key="k-1"), acme.delete(path, key="k-1")

    assert first.status_code == again.status_code == 204
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.get_data() == b""


def test_the_secret_is_shown_once_and_replayed_without_it(acme, house):
    first, again = (acme.post("/webhooks", WANTED, key="k-1") for _ in range(2))

    assert again.json == first.json | {"secret": None}
    with house.database.reading() as session:
        kept = session.scalars(select(IdempotencyKey.body)).all()
    assert not any(first.json["secret"] in body for body in kept if body)


@pytest.mark.parametrize(
    ("wanted", "field", "code"),
    [
        ({"url": "http://8.8.8.8/"}, "url", "https_only"),
        ({"url": "https://10.0.0.1/"}, "url", "address_not_public"),
        ({"url": "https://[::ffff:127.0.0.1]/"}, "url", "address_not_public"),
        ({"url": "https://user@erp.example.com/"}, "url", "bad_url"),
        ({"url": "erp.example.com"}, "url", "bad_shape"),
        ({"url": None}, "url", "null"),
        ({"event_types": []}, "event_types", "bad_length"),
        ({"event_types": "booking.confirmed"}, "event_types", "not_a_list"),
        ({"event_types": ["ping"]}, "event_types.0", "not_one_of"),
    ],
)
def test_what_cannot_be_called_or_is_no_event_is_refused_by_name(acme, wanted, field, code):
    hook = made(acme)

    assert faults(acme.post("/webhooks", WANTED | wanted)) == {field: code}
    assert faults(acme.patch(f"/webhooks/{hook['id']}", wanted)) == {field: code}


def test_the_test_button_reaches_the_receiver_and_its_log_says_so(acme, house, receiver):
    receiver.answers = [(200, {}, b"hello")]
    hook = made(acme, url=receiver.url)
    answer = acme.post(f"/webhooks/{hook['id']}/test")
    job = good(answer, Accepted, 202)
    deliver(house)
    message = good(acme.get(job["poll_url"].removeprefix("/api/v1")), WebhookMessageShape)

    assert job["job_id"] == message["id"]
    assert (message["event_type"], message["status"], message["next_attempt_at"]) == (
        "ping",
        "delivered",
        None,
    )
    (attempt,) = message["attempts"]
    assert (attempt["status_code"], attempt["error"], attempt["response"]) == (200, None, "hello")
    assert attempt["request_headers"]["webhook-id"] == message["id"]
    ((_, headers, body),) = receiver.requests
    assert body.decode() == message["body"]
    assert verify(hook["secret"], headers["webhook-id"], headers["webhook-timestamp"], body,
                  headers["webhook-signature"], now())  # fmt: skip


def test_an_event_is_logged_and_replayed_the_same(acme, house, receiver):
    receiver.answers = [(500, {}, b"")]
    hook = made(acme, url=receiver.url)
    with house.database.transaction() as session:
        owner = session.scalars(select(Party.id).where(Party.reference == "acme")).one()
        announce(session, now(), "booking.confirmed", owner, "bkg_1", {"id": "bkg_1"})
    listed = acme.get(f"/webhooks/{hook['id']}/messages")
    (message,) = good(listed, WebhookMessagePage)["items"]
    problem(acme.post(f"/webhooks/messages/{message['id']}/replay"), 409, "wrong_state")
    deliver(house)
    assert acme.post(f"/webhooks/messages/{message['id']}/replay").status_code == 202
    deliver(house)
    (message,) = acme.get(f"/webhooks/{hook['id']}/messages").json["items"]

    assert message["subject"] == "bkg_1"
    assert message["status"] == "delivered"
    assert [attempt["status_code"] for attempt in message["attempts"]] == [500, 204]
    assert receiver.bodies == [message["body"].encode()] * 2


def test_a_disabled_webhook_is_neither_tried_nor_replayed(acme, world):
    path = f"/webhooks/{world.ids['my_webhook']}"
    acme.patch(path, {"enabled": False})

    problem(acme.post(f"{path}/test"), 409, "wrong_state")
    problem(acme.post(f"/webhooks/messages/{world.ids['my_message']}/replay"), 409, "wrong_state")


def test_a_new_secret_comes_with_a_day_to_change_over(acme):
    hook = made(acme)
    rotated = good(acme.post(f"/webhooks/{hook['id']}/rotate-secret"), WebhookWithSecret)

    assert rotated["secret"] != hook["secret"]
    assert rotated["previous_secret_until"].startswith("2026-11-24T01:3")


def test_what_is_another_exporters_is_not_there(acme, world):
    hook, message = (
        f"/webhooks/{world.ids['other_webhook']}",
        f"/webhooks/messages/{world.ids['other_message']}",
    )
    answers = [
        acme.get(hook), acme.patch(hook, {"enabled": False}), acme.delete(hook), acme.post(f"{hook}/test"),
        acme.post(f"{hook}/rotate-secret"), acme.get(f"{hook}/messages"), acme.get(message),
        acme.post(f"{message}/replay"),
    ]  # fmt: skip

    assert [answer.status_code for answer in answers] == [404] * len(answers)
    assert world.ids["other_webhook"] not in acme.get("/webhooks").get_data(as_text=True)


def test_the_operation_sees_everybodys_and_has_its_own(operator, call, world):
    own = made(operator)
    seen = {row["id"]: row["exporter"] for row in operator.get("/webhooks").json["items"]}

    assert own["exporter"] is None
    assert seen[own["id"]] is None
    assert seen[world.ids["my_webhook"]] == "acme"
    assert seen[world.ids["other_webhook"]] == "globex"
    assert operator.patch(f"/webhooks/{world.ids['my_webhook']}", {"enabled": False}).status_code == 200
    problem(call("finance").get("/webhooks"), 403, "forbidden")


def test_a_key_of_test_mode_makes_and_sees_webhooks_of_test_mode_alone(visitor, house, world):
    with house.database.transaction() as session:
        secret = api_keys.add_api_key(session, system("test"), now(), exporter="acme", test_mode=True)[1]
    practising = Caller(visitor, secret)
    hook = made(practising)

    assert hook["test_mode"] is True
    assert [row["id"] for row in practising.get("/webhooks").json["items"]] == [hook["id"]]
    problem(practising.get(f"/webhooks/{world.ids['my_webhook']}"), 404, "not_found")
