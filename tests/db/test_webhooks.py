"""Messages to webhook addresses: written with what they tell, tried for days, given up with a reason."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.actor import Actor, system
from app.carriers.addresses import Allowed
from app.carriers.webhooks import Reply
from app.errors import Conflict, Invalid, NotFound
from app.models import AuditEvent, Job, WebhookAttempt, WebhookMessage, WebhookSubscription
from app.queries import webhooks as queries
from app.queries.invariants import broken
from app.signing import verify
from app.usecases import announcing, delivering, webhooks
from tests.factories import NOW, make_party

ACTOR = system("test")
NOBODY = Allowed()
URL = "https://erp.example.com/hook"
TYPES = ["booking.confirmed", "departure.delayed"]
TAKEN = Reply(took_ms=5, status=204)
BROKEN = Reply(took_ms=5, status=500, error="http_status: HTTP 500")


def exporter_actor(party, **facts):
    return Actor("key", "key_test", "exporter", party.id, **facts)


def add(session, owner=None, *, types=TYPES, url=URL, **facts):
    actor = exporter_actor(owner) if owner else ACTOR
    return webhooks.subscribe(session, actor, NOW, NOBODY, url, types, **facts)


def messages(session, **where):
    return session.scalars(select(WebhookMessage).filter_by(**where).order_by(WebhookMessage.id)).all()


def told(session):
    """Public ids of the subscriptions that were told something."""
    query = select(WebhookSubscription.public_id).join(
        WebhookMessage, WebhookMessage.subscription_id == WebhookSubscription.id
    )
    return sorted(session.scalars(query))


@pytest.fixture
def acme(session):
    return make_party(session, "acme")


@pytest.fixture
def message(session, acme):
    """One message on its way to acme."""
    add(session, acme)
    announcing.announce(session, NOW, "booking.confirmed", acme.id, "bkg_1", {"id": "bkg_1"})
    return messages(session)[0]


def attempt(session, message, reply, at=NOW):
    delivering.note_reply(session, message.public_id, at, at, reply)
    session.flush()
    session.refresh(message)


def test_an_event_is_told_to_its_exporter_and_to_the_operation_and_to_nobody_else(session, acme):
    mine, staff = add(session, acme), add(session)
    add(session, make_party(session, "globex"))
    add(session, acme, types=["invoice.issued"])
    webhooks.change_subscription(session, ACTOR, NOW, NOBODY, add(session, acme).public_id, enabled=False)
    announcing.announce(session, NOW, "booking.confirmed", acme.id, "bkg_1", {"id": "bkg_1"})

    assert told(session) == sorted([mine.public_id, staff.public_id])


def test_what_is_nobodys_is_told_to_the_operation_alone(session, acme):
    add(session, acme, types=["plan.completed"])
    staff = add(session, types=["plan.completed"])
    announcing.announce(session, NOW, "plan.completed", None, "pln_1", {})

    assert told(session) == [staff.public_id]


def test_practice_and_earnest_are_told_apart(session, acme):
    live, practice = add(session, acme), add(session, acme, test_mode=True)
    announcing.announce(session, NOW, "booking.confirmed", acme.id, "bkg_1", {}, test_mode=True)
    assert told(session) == [practice.public_id]
    announcing.announce(session, NOW, "booking.confirmed", acme.id, "bkg_2", {})

    assert told(session) == sorted([live.public_id, practice.public_id])
    assert [json.loads(one.body)["test_mode"] for one in messages(session)] == [True, False]


def test_an_event_that_is_not_in_the_table_is_a_mistake(session, acme):
    with pytest.raises(KeyError):
        announcing.announce(session, NOW, "booking.exploded", acme.id, "bkg_1", {})


def test_the_body_is_an_envelope_that_never_changes(session, acme, message):
    assert json.loads(message.body) == {
        "id": message.public_id,
        "type": "booking.confirmed",
        "created_at": "2026-11-23T01:30:00+00:00",
        "test_mode": False,
        "data": {"id": "bkg_1"},
    }
    first = delivering.next_delivery(session, message.public_id, NOW)
    attempt(session, message, BROKEN)
    again = delivering.next_delivery(session, message.public_id, NOW + timedelta(hours=1))

    assert first.body == again.body == message.body.encode()
    assert first.headers["webhook-id"] == again.headers["webhook-id"] == message.public_id
    assert int(again.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) == 3600


def signed_by(delivery, secret, at=NOW):
    headers = delivery.headers
    return verify(secret, headers["webhook-id"], headers["webhook-timestamp"], delivery.body,
                  headers["webhook-signature"], at)  # fmt: skip


def test_after_a_rotation_both_secrets_sign_for_a_day(session, acme, message):
    subscription = session.scalars(select(WebhookSubscription)).one()
    old = subscription.secret
    new = webhooks.rotate_secret(session, ACTOR, NOW, subscription.public_id).secret
    soon = delivering.next_delivery(session, message.public_id, NOW)
    later = NOW + webhooks.BOTH_SIGN
    after = delivering.next_delivery(session, message.public_id, later)

    assert old != new
    assert signed_by(soon, old)
    assert signed_by(soon, new)
    assert signed_by(after, new, later)
    assert not signed_by(after, old, later)


def test_retries_reach_over_more_than_a_day_and_wait_ever_longer():
    assert sum(delivering.DELAYS, timedelta()) >= timedelta(hours=24)
    assert list(delivering.DELAYS) == sorted(delivering.DELAYS)


def test_what_failed_is_due_again_after_the_delay_of_the_table(session, message):
    at = NOW
    for number, delay in enumerate(delivering.DELAYS, 1):
        attempt(session, message, BROKEN, at)
        assert (message.status, message.attempts, message.next_at) == ("waiting", number, at + delay)
        assert delivering.any_due(session, at + delay - timedelta(seconds=1)) is False
        at += delay
        assert delivering.ring_due(session, at) == 1
        assert delivering.ring_due(session, at) == 0

    attempt(session, message, TAKEN, at)
    assert (message.status, message.next_at) == ("delivered", None)
    assert session.scalars(select(WebhookSubscription.enabled)).one() is True


def fail_for_good(session, message, at=NOW):
    for delay in delivering.DELAYS:
        attempt(session, message, BROKEN, at)
        at += delay
    attempt(session, message, BROKEN, at)
    return at


def test_an_address_that_took_nothing_for_days_is_disabled_with_a_reason(session, acme, message):
    other = add(session, acme, types=["webhook.disabled"])
    announcing.announce(session, NOW, "booking.confirmed", acme.id, "bkg_2", {})
    fail_for_good(session, message)
    subscription = session.get_one(WebhookSubscription, message.subscription_id)
    notice = messages(session, subscription_id=other.id)[0]

    assert (message.status, message.next_at) == ("failed", None)
    assert not subscription.enabled
    assert "11 attempts" in subscription.disabled_reason
    assert "HTTP 500" in subscription.disabled_reason
    assert [one.status for one in messages(session, subscription_id=subscription.id)] == ["failed"] * 2
    (event,) = session.scalars(select(AuditEvent).where(AuditEvent.action == "webhook.disabled"))
    assert event.after == {"reason": subscription.disabled_reason}
    assert json.loads(notice.body)["data"]["webhook"] == subscription.public_id


def test_a_message_nobody_wants_does_not_silence_an_address_that_hears(session, acme, message):
    announcing.announce(session, NOW, "booking.confirmed", acme.id, "bkg_2", {})
    attempt(session, messages(session)[1], TAKEN, NOW + timedelta(hours=30))
    fail_for_good(session, message)

    assert message.status == "failed"
    assert session.get_one(WebhookSubscription, message.subscription_id).enabled


def test_410_disables_at_once(session, message):
    attempt(session, message, Reply(took_ms=1, status=410, error="http_status: HTTP 410"))
    subscription = session.get_one(WebhookSubscription, message.subscription_id)

    assert (message.status, subscription.enabled) == ("failed", False)
    assert "410" in subscription.disabled_reason


def test_a_ping_is_tried_once_and_disables_nothing(session, acme):
    subscription = add(session, acme)
    ping = webhooks.ping(session, exporter_actor(acme), NOW, subscription.public_id)
    attempt(session, ping, BROKEN)

    assert json.loads(ping.body)["type"] == "ping"
    assert (ping.status, ping.next_at, subscription.enabled) == ("failed", None, True)


def test_a_replay_sends_the_same_bytes_through_the_whole_schedule_again(session, acme, message):
    end = fail_for_good(session, message)
    body = message.body
    with pytest.raises(Conflict):
        webhooks.replay(session, ACTOR, end, message.public_id)
    owner = message.subscription_id
    public_id = session.get_one(WebhookSubscription, owner).public_id
    webhooks.change_subscription(session, ACTOR, end, NOBODY, public_id, enabled=True)
    webhooks.replay(session, exporter_actor(acme), end, message.public_id)
    with pytest.raises(Conflict, match="being sent"):
        webhooks.replay(session, exporter_actor(acme), end, message.public_id)
    attempt(session, message, BROKEN, end)

    assert (message.status, message.attempts, message.body) == ("waiting", 1, body)
    assert message.next_at == end + delivering.DELAYS[0]
    log = queries.get_message(session, ACTOR, message.public_id).log
    assert [one.attempt for one in log] == list(range(1, len(delivering.DELAYS) + 3))
    assert session.get_one(WebhookSubscription, owner).disabled_reason == ""


def test_what_was_given_up_while_it_was_sent_is_logged_and_stays_given_up(session, message):
    subscription = session.get_one(WebhookSubscription, message.subscription_id)
    webhooks.disable(session, ACTOR, NOW, subscription, "")
    attempt(session, message, BROKEN)
    assert (message.status, message.next_at) == ("failed", None)
    attempt(session, message, TAKEN)

    assert message.status == "delivered"
    assert len(session.scalars(select(WebhookAttempt)).all()) == 2


def test_nothing_is_sent_to_an_address_that_was_removed_or_disabled(session, acme, message):
    public_id = session.get_one(WebhookSubscription, message.subscription_id).public_id
    webhooks.change_subscription(session, ACTOR, NOW, NOBODY, public_id, enabled=False)
    assert delivering.next_delivery(session, message.public_id, NOW) is None
    reference = message.public_id
    attempt(session, message, BROKEN)
    webhooks.remove_subscription(session, exporter_actor(acme), NOW, public_id)

    assert delivering.next_delivery(session, reference, NOW) is None
    delivering.note_reply(session, reference, NOW, NOW, TAKEN)
    session.expire_all()
    assert messages(session) == session.scalars(select(WebhookAttempt)).all() == []


def test_another_exporters_webhooks_and_messages_are_not_there(session, acme, message):
    stranger = exporter_actor(make_party(session, "globex"))
    public_id = session.get_one(WebhookSubscription, message.subscription_id).public_id
    for call in (
        lambda: webhooks.change_subscription(session, stranger, NOW, NOBODY, public_id, enabled=False),
        lambda: webhooks.remove_subscription(session, stranger, NOW, public_id),
        lambda: webhooks.rotate_secret(session, stranger, NOW, public_id),
        lambda: webhooks.ping(session, stranger, NOW, public_id),
        lambda: webhooks.replay(session, stranger, NOW, message.public_id),
        lambda: queries.get_webhook(session, stranger, public_id),
        lambda: queries.get_message(session, stranger, message.public_id),
        lambda: queries.list_messages(session, stranger, public_id),
    ):
        with pytest.raises(NotFound):
            call()
    assert queries.list_webhooks(session, stranger).items == []


def test_a_key_for_practice_sees_practice_alone(session, acme):
    live = add(session, acme)
    practising = exporter_actor(acme, test_mode=True)
    mine = webhooks.subscribe(session, practising, NOW, NOBODY, URL, TYPES)

    assert mine.test_mode
    assert [one.public_id for one in queries.list_webhooks(session, practising).items] == [mine.public_id]
    with pytest.raises(NotFound):
        queries.get_webhook(session, practising, live.public_id)
    assert len(queries.list_webhooks(session, exporter_actor(acme)).items) == 2


def test_addresses_inside_and_unknown_events_are_refused(session, acme):
    for url, types in (
        ("http://erp.example.com", TYPES),
        ("https://10.0.0.1/", TYPES),
        (URL, ["x"]),
        (URL, []),
    ):
        with pytest.raises(Invalid):
            add(session, acme, url=url, types=types)
    public_id = add(session, acme).public_id
    with pytest.raises(Invalid):
        webhooks.change_subscription(session, ACTOR, NOW, NOBODY, public_id, url="https://10.0.0.1/")


def test_one_exporter_has_so_many_webhooks_at_most(session, acme):
    for _ in range(webhooks.MOST):
        add(session, acme)
    with pytest.raises(Conflict):
        add(session, acme)
    assert add(session, make_party(session, "globex"))


def test_a_message_that_nobody_sends_is_found(session, message):
    assert [found.invariant for found in broken(session, NOW)] == []
    session.delete(session.scalars(select(Job)).one())
    session.flush()

    (found,) = broken(session, NOW)
    assert (found.invariant, found.subject) == ("waiting_messages_are_on_their_way", message.public_id)
