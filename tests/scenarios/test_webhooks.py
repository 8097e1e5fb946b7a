"""Webhooks as they are run: a real worker, Redis and receiver, and a worker that is killed while it sends."""

import time

import pytest
from sqlalchemy import func, select

from app.actor import Actor
from app.carriers.addresses import Allowed
from app.clock import now
from app.db import Database
from app.models import WebhookAttempt, WebhookMessage, WebhookSubscription
from app.queries import invariants
from app.queue import Doorbell
from app.signing import verify
from app.usecases import webhooks
from app.usecases.announcing import announce
from tests.factories import make_party
from tests.live import SECRET, clean_environment
from tests.receiver import receiving
from tests.scenarios.workers import kill, worker


@pytest.fixture
def receiver():
    with receiving() as found:
        yield found


@pytest.fixture
def ringing(database, redis_url):
    """The database as the web has it: workers are rung after each commit."""
    return Database(database.engine, Doorbell(redis_url))


@pytest.fixture
def acme(ringing, receiver):
    """An exporter whose receiver stands on this machine."""
    with ringing.transaction() as session:
        party = make_party(session, "acme")
        actor = Actor("key", "key_test", "exporter", party.id)
        allowed = Allowed.read(["127.0.0.1"])
        webhooks.subscribe(session, actor, now(), allowed, receiver.url, ["booking.confirmed"])
    return party.id


@pytest.fixture
def installation(database_url, redis_url, tmp_path):
    """The environment its workers run in."""
    return clean_environment(
        FOURPORT_DATA_DIR=str(tmp_path),
        FOURPORT_DATABASE_URL=database_url,
        FOURPORT_REDIS_URL=redis_url,
        FOURPORT_SECRET_KEY=SECRET,
        FOURPORT_WEBHOOK_ALLOW="127.0.0.1",
    )


def tell(ringing, acme, count):
    with ringing.transaction() as session:
        for number in range(count):
            announce(session, now(), "booking.confirmed", acme, f"bkg_{number}", {"number": number})


def wait_until(test, seconds=90):
    deadline = time.monotonic() + seconds
    while not test():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def delivered(database):
    with database.reading() as session:
        query = select(func.count()).where(WebhookMessage.status == "delivered")
        return session.scalar(query)


def test_what_is_told_arrives_signed_and_what_failed_arrives_later(
    database, ringing, acme, receiver, installation
):
    receiver.answers = [(503, {}, b"")]
    with worker(installation, "webhooks"):
        tell(ringing, acme, 5)
        wait_until(lambda: delivered(database) == 5)
    with database.reading() as session:
        secret = session.scalars(select(WebhookSubscription.secret)).one()
        assert invariants.broken(session, now()) == []

    assert len(receiver.requests) == 6
    assert len(set(receiver.bodies)) == 5
    for _, headers, body in receiver.requests:
        assert verify(secret, headers["webhook-id"], headers["webhook-timestamp"], body,
                      headers["webhook-signature"], now())  # fmt: skip


def test_a_worker_that_is_killed_while_it_sends_loses_nothing(
    database, ringing, acme, receiver, installation
):
    receiver.answering.clear()
    with worker(installation, "webhooks") as first:
        tell(ringing, acme, 3)
        wait_until(lambda: receiver.requests)
        kill(first)
    receiver.answering.set()
    # The worker for short work sends what nobody else does.
    with worker(installation, "default"):
        wait_until(lambda: delivered(database) == 3)
    with database.reading() as session:
        attempts = session.scalar(select(func.count()).select_from(WebhookAttempt))
        assert invariants.broken(session, now()) == []

    assert attempts == 3
    assert len(receiver.requests) == 4
    assert len({headers["webhook-id"] for _, headers, _ in receiver.requests}) == 3
