"""Webhooks sent by workers to a real receiver: retried, fenced, and never to where they may not go."""

import json
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from app import jobs
from app.actor import Actor, system
from app.carriers.addresses import Allowed
from app.jobs import webhooks as sending
from app.models import Job, WebhookAttempt, WebhookMessage, WebhookSubscription
from app.signing import verify
from app.usecases import announcing, delivering, optimizing, webhooks
from tests.factories import NOW, make_party
from tests.receiver import receiving

LOOPBACK = ("127.0.0.1",)


@pytest.fixture
def receiver():
    with receiving() as found:
        yield found


@pytest.fixture
def sent(database, receiver):
    """A message to a real receiver; returns how its job is done once more."""
    with database.transaction() as session:
        party = make_party(session, "acme")
        actor = Actor("key", "key_test", "exporter", party.id)
        allowed, types = Allowed.read(LOOPBACK), ["booking.confirmed"]
        webhooks.subscribe(session, actor, NOW, allowed, receiver.url, types)
        announcing.announce(session, NOW, "booking.confirmed", party.id, "bkg_1", {"id": "bkg_1"})
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def perform_all(database, allow=LOOPBACK):
    with database.reading() as session:
        open_jobs = session.scalars(select(Job.id).where(Job.status == "queued").order_by(Job.id)).all()
    for job_id in open_jobs:
        jobs.perform_with(database, job_id, allow)
    return len(open_jobs)


def state(database):
    with database.reading() as session:
        message = session.scalars(select(WebhookMessage)).one()
        log = session.scalars(select(WebhookAttempt).order_by(WebhookAttempt.attempt)).all()
        return message, [(one.status_code, one.error.partition(":")[0]) for one in log]


def test_a_message_is_delivered_again_after_a_500_and_then_no_more(database, receiver, sent):
    receiver.answers = [(500, {}, b"out of order")]
    assert perform_all(database) == 1
    jobs.see_to_due(database)
    assert perform_all(database) == 0
    sent.shift(delivering.DELAYS[0])
    jobs.see_to_due(database)
    assert perform_all(database) == 1
    sent.shift(timedelta(days=9))
    jobs.see_to_due(database)
    message, log = state(database)

    assert perform_all(database) == 0
    assert log == [(500, "http_status"), (204, "")]
    assert (message.status, message.attempts) == ("delivered", 2)
    assert receiver.bodies == [message.body.encode()] * 2
    with database.reading() as session:
        secret = session.scalars(select(WebhookSubscription.secret)).one()
    for (_, headers, body), at in zip(receiver.requests, (NOW, NOW + delivering.DELAYS[0]), strict=True):
        assert verify(secret, headers["webhook-id"], headers["webhook-timestamp"], body,
                      headers["webhook-signature"], at)  # fmt: skip


def test_without_leave_the_receiver_inside_is_never_reached(database, receiver, sent):
    perform_all(database, allow=())

    assert receiver.requests == []
    assert state(database)[1] == [(None, "address_refused")]


def test_a_job_that_was_taken_away_writes_nothing(database, receiver, sent, monkeypatch):
    """A worker sends, is taken for dead, and another does the same: one attempt is noted, the id is the same."""
    real = sending.send

    def slow(*args):
        reply = real(*args)
        with database.transaction() as session:
            job = session.scalars(select(Job)).one()
            job.attempt += 1
        return reply

    monkeypatch.setattr(sending, "send", slow)
    perform_all(database)
    assert state(database)[1] == []
    monkeypatch.setattr(sending, "send", real)
    with database.transaction() as session:
        session.scalars(select(Job)).one().status = "queued"
    perform_all(database)

    assert state(database)[1] == [(204, "")]
    assert len({headers["webhook-id"] for _, headers, _ in receiver.requests}) == 1
    assert len(receiver.requests) == 2


def test_a_job_that_breaks_counts_as_an_attempt(database, sent, monkeypatch):
    monkeypatch.setattr(sending, "send", lambda *args: 1 / 0)
    perform_all(database)
    message, log = state(database)

    assert log == [(None, "not_sent")]
    assert (message.status, message.next_at) == ("waiting", NOW + delivering.DELAYS[0])


def test_the_operation_is_told_how_a_run_ended(session):
    operator = system("test")
    webhooks.subscribe(
        session, operator, NOW, Allowed(), "https://ops.example/", ["plan.completed", "plan.failed"]
    )
    run = optimizing.request_run(session, operator, NOW)
    for _ in range(2):
        optimizing.fail_run(session, run.public_id, NOW, "plan_infeasible", "no legal plan exists")

    (message,) = session.scalars(select(WebhookMessage)).all()
    assert (message.event_type, message.subject) == ("plan.failed", run.public_id)
    assert json.loads(message.body)["data"]["code"] == "plan_infeasible"
