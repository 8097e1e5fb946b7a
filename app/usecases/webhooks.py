"""Webhook addresses: who is told of what, and who is not told any more."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.actor import Actor
from app.carriers.addresses import Allowed, check_url
from app.errors import Conflict, FieldError, Invalid
from app.ids import new_id
from app.models import WebhookMessage, WebhookSubscription
from app.queries.webhooks import find_message, find_subscription
from app.signing import new_secret
from app.usecases.announcing import EVENT_TYPES, PING, announce, put_on, write_message
from app.usecases.auditing import record

MOST = 20
"""Subscriptions of one exporter, and of the operation: every event is written once for each."""
BOTH_SIGN = timedelta(hours=24)
"""So long after a new secret was made, the one before signs as well."""


def subscribe(
    session: Session,
    actor: Actor,
    now: datetime,
    allowed: Allowed,
    url: str,
    event_types: Iterable[str],
    *,
    test_mode: bool = False,
) -> WebhookSubscription:
    """Tell an address of some kinds of events: the exporter's own, or all where the operation asks.

    Its secret is in the row. Raises Invalid for an address that may not be called, Conflict beyond `MOST`.
    """
    check_url(url, allowed)
    mine = WebhookSubscription.exporter_id.is_not_distinct_from(actor.exporter_id)
    if (session.scalar(select(func.count()).where(mine)) or 0) >= MOST:
        raise Conflict(f"there are {MOST} webhooks already; remove one that is not needed")
    subscription = WebhookSubscription(
        public_id=new_id("whk"),
        exporter_id=actor.exporter_id,
        url=url,
        event_types=_known(event_types),
        secret=new_secret(),
        test_mode=test_mode or actor.test_mode,
        created_by=actor.reference,
        created_at=now,
    )
    session.add(subscription)
    session.flush()
    facts = {"url": url, "event_types": subscription.event_types}
    record(session, actor, now, "webhook.added", subscription.public_id, after=facts)
    return subscription


def change_subscription(
    session: Session,
    actor: Actor,
    now: datetime,
    allowed: Allowed,
    public_id: str,
    *,
    url: str | None = None,
    event_types: Iterable[str] | None = None,
    enabled: bool | None = None,
) -> WebhookSubscription:
    """Change what is given. Disabling gives up what is on its way; enabling forgets why it was disabled."""
    subscription = find_subscription(session, actor, public_id, lock=True)
    before = {"url": subscription.url, "event_types": subscription.event_types}
    if url is not None:
        check_url(url, allowed)
        subscription.url = url
    if event_types is not None:
        subscription.event_types = _known(event_types)
    after = {"url": subscription.url, "event_types": subscription.event_types}
    if after != before:
        record(session, actor, now, "webhook.changed", public_id, before=before, after=after)
    if enabled and not subscription.enabled:
        subscription.enabled, subscription.disabled_reason = True, ""
        record(session, actor, now, "webhook.enabled", public_id)
    elif enabled is False and subscription.enabled:
        disable(session, actor, now, subscription, "")
    session.flush()
    return subscription


def remove_subscription(session: Session, actor: Actor, now: datetime, public_id: str) -> None:
    """Forget an address and everything that was sent to it."""
    subscription = find_subscription(session, actor, public_id, lock=True)
    record(session, actor, now, "webhook.removed", public_id, before={"url": subscription.url})
    session.delete(subscription)
    session.flush()


def rotate_secret(session: Session, actor: Actor, now: datetime, public_id: str) -> WebhookSubscription:
    """Make a new secret; for `BOTH_SIGN` the one before signs too, so that the receiver can change over."""
    subscription = find_subscription(session, actor, public_id, lock=True)
    subscription.previous_secret, subscription.previous_until = subscription.secret, now + BOTH_SIGN
    subscription.secret = new_secret()
    record(session, actor, now, "webhook.secret_rotated", public_id)
    session.flush()
    return subscription


def ping(session: Session, actor: Actor, now: datetime, public_id: str) -> WebhookMessage:
    """Send a test message, once; Conflict where the address is disabled."""
    subscription = find_subscription(session, actor, public_id, lock=True)
    _refuse_disabled(subscription)
    return write_message(session, now, subscription, PING, public_id, {"webhook": public_id})


def replay(session: Session, actor: Actor, now: datetime, public_id: str) -> WebhookMessage:
    """Send a message again, the same bytes, however it ended or instead of waiting for its next attempt.

    Conflict while it is being sent, or where the address is disabled.
    """
    message = find_message(session, actor, public_id, lock=True)
    _refuse_disabled(message.subscription)
    if message.status == "waiting" and message.next_at is None:
        raise Conflict("this message is being sent at the moment")
    message.attempts = 0
    put_on(session, message, now)
    record(session, actor, now, "webhook.replayed", public_id)
    return message


def disable(
    session: Session, actor: Actor, now: datetime, subscription: WebhookSubscription, reason: str
) -> None:
    """Tell an address nothing more, and give up what waits for it.

    With a `reason` it was not the owner's wish: other addresses are told.
    """
    subscription.enabled, subscription.disabled_reason = False, reason
    waiting = (WebhookMessage.subscription_id == subscription.id, WebhookMessage.status == "waiting")
    session.execute(update(WebhookMessage).where(*waiting).values(status="failed", next_at=None))
    record(session, actor, now, "webhook.disabled", subscription.public_id, after={"reason": reason})
    session.flush()
    if reason:
        data = {"webhook": subscription.public_id, "url": subscription.url, "reason": reason}
        announce(
            session,
            now,
            "webhook.disabled",
            subscription.exporter_id,
            subscription.public_id,
            data,
            test_mode=subscription.test_mode,
        )


def _refuse_disabled(subscription: WebhookSubscription) -> None:
    if not subscription.enabled:
        raise Conflict("this webhook is disabled; enable it first")


def _known(event_types: Iterable[str]) -> list[str]:
    """The types in the order they are documented, each once; Invalid names those that are none."""
    asked = set(event_types)
    unknown = sorted(asked - set(EVENT_TYPES))
    if unknown or not asked:
        told = f"{unknown[0]!r} is no event type" if unknown else "name at least one event type"
        raise Invalid(
            f"event_types: {told}",
            (FieldError("event_types", "not_one_of", told, ", ".join(EVENT_TYPES), "$.event_types"),),
        )
    return [name for name in EVENT_TYPES if name in asked]
