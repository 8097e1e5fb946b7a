"""Messages on their way to webhook addresses: what is sent, what came of it, when it is tried again."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import GONE

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, joinedload

from app.actor import system
from app.carriers.webhooks import Reply
from app.models import WebhookAttempt, WebhookMessage, WebhookSubscription
from app.signing import sign
from app.usecases.announcing import PING, put_on
from app.usecases.webhooks import disable

DELAYS = (
    timedelta(seconds=5),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""How long is waited after each attempt that failed; after the last attempt a message is given up."""
AT_ONCE = 200
"""So many due messages are put on in one round of the sweeper."""
ACTOR = system("webhooks")


@dataclass(frozen=True, slots=True)
class Delivery:
    """What an attempt sends, and where."""

    url: str
    headers: dict[str, str]
    body: bytes


def next_delivery(session: Session, public_id: str, now: datetime) -> Delivery | None:
    """Return what is to be sent of a message, signed for `now`; None where nothing is any more."""
    query = select(WebhookMessage).where(
        WebhookMessage.public_id == public_id, WebhookMessage.status == "waiting"
    )
    message = session.scalar(query.options(joinedload(WebhookMessage.subscription, innerjoin=True)))
    if message is None or not message.subscription.enabled:
        return None
    body, seconds = message.body.encode(), int(now.timestamp())
    signatures = [sign(secret, public_id, seconds, body) for secret in _secrets(message.subscription, now)]
    headers = {
        "webhook-id": public_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(signatures),
    }
    return Delivery(message.subscription.url, headers, body)


def note_reply(session: Session, public_id: str, at: datetime, now: datetime, reply: Reply) -> None:
    """Log the attempt begun at `at`; plan the next one, or give the message up and perhaps its address.

    An address is disabled at once where it answers 410, and where a message was given up and nothing else was
    delivered while it was tried.
    """
    message = _locked(session, public_id)
    if message is None:
        return
    _log(session, message, at, reply)
    message.attempts += 1
    if reply.taken:
        message.status, message.next_at = "delivered", None
    elif message.status != "waiting":
        # It was given up, with its address, while it was being sent.
        return
    elif reply.status == GONE:
        disable(session, ACTOR, now, message.subscription, "the address answered 410 Gone")
    elif message.event_type != PING and message.attempts <= len(DELAYS):
        message.next_at = now + DELAYS[message.attempts - 1]
    else:
        _give_up(session, message, now, reply.error)


def ring_due(session: Session, now: datetime) -> int:
    """Have the messages sent whose time for another attempt has come; returns how many."""
    query = select(WebhookMessage).where(*_due(now)).order_by(WebhookMessage.next_at)
    due = session.scalars(query.limit(AT_ONCE).with_for_update(skip_locked=True)).all()
    for message in due:
        put_on(session, message, now)
    return len(due)


def any_due(session: Session, now: datetime) -> bool:
    """Whether a message's time for another attempt has come."""
    return bool(session.scalar(select(select(WebhookMessage.id).where(*_due(now)).exists())))


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return WebhookMessage.status == "waiting", WebhookMessage.next_at <= now


def _locked(session: Session, public_id: str) -> WebhookMessage | None:
    """The message and its subscription, which is locked first, as everywhere."""
    of = select(WebhookMessage.subscription_id).where(WebhookMessage.public_id == public_id)
    owner = select(WebhookSubscription).where(WebhookSubscription.id.in_(of))
    if session.scalar(owner.with_for_update(key_share=True)) is None:
        return None
    query = select(WebhookMessage).where(WebhookMessage.public_id == public_id)
    query = query.options(joinedload(WebhookMessage.subscription, innerjoin=True))
    return session.scalar(query.with_for_update(of=WebhookMessage))


def _log(session: Session, message: WebhookMessage, at: datetime, reply: Reply) -> None:
    before = session.scalar(select(func.count()).where(WebhookAttempt.message_id == message.id)) or 0
    session.add(
        WebhookAttempt(
            message_id=message.id,
            attempt=before + 1,
            at=at,
            status_code=reply.status,
            error=reply.error,
            response=reply.body,
            took_ms=reply.took_ms,
            headers=reply.headers,
        )
    )


def _give_up(session: Session, message: WebhookMessage, now: datetime, error: str) -> None:
    message.status, message.next_at = "failed", None
    if message.event_type == PING or _hears(session, message.subscription_id, now - sum(DELAYS, timedelta())):
        return
    reason = f"{message.public_id} was not taken in {message.attempts} attempts; the last: {error}"
    disable(session, ACTOR, now, message.subscription, reason)


def _hears(session: Session, subscription_id: int, since: datetime) -> bool:
    """Whether anything was delivered to an address since then."""
    taken = (
        select(WebhookAttempt.id)
        .join(WebhookMessage, WebhookMessage.id == WebhookAttempt.message_id)
        .where(
            WebhookMessage.subscription_id == subscription_id,
            WebhookAttempt.at >= since,
            WebhookAttempt.status_code.between(200, 299),
        )
    )
    return bool(session.scalar(select(taken.exists())))


def _secrets(subscription: WebhookSubscription, now: datetime) -> list[str]:
    """The secrets to sign with, the newest first."""
    until = subscription.previous_until
    if subscription.previous_secret is not None and until is not None and until > now:
        return [subscription.secret, subscription.previous_secret]
    return [subscription.secret]
