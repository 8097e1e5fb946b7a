"""Tell subscribers what happened: one message per subscription, written in the transaction it happened in."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import Select, insert, or_, select
from sqlalchemy.orm import Session

from app.ids import new_id
from app.models import WebhookMessage, WebhookSubscription
from app.usecases.working import enqueue, enqueue_all

QUEUE = "webhooks"
EVENT_TYPES = {
    "quote.hold_expired": "The space a quote held is free again; the quote itself may still be booked.",
    "booking.received": "A booking was taken on and waits to be confirmed.",
    "booking.confirmed": "A booking has its space for certain.",
    "booking.amended": "What was booked has changed.",
    "booking.cancelled": "A booking was cancelled; its space is free again.",
    "booking.rolled": "A booking travels with another departure than before.",
    "booking.completed": "Everything that was booked has arrived.",
    "departure.delayed": "A departure that carries your goods leaves or arrives later.",
    "departure.cancelled": "A departure that carries your goods does not run.",
    "departure.cutoff_changed": "A departure that carries your goods closes earlier or later than before.",
    "parcel.status_changed": "A parcel has another tracking status than before.",
    "order.status_changed": "An outbound order has another status; `waits_for` says what its owner has to do.",
    "invoice.issued": "An invoice is ready.",
    "plan.completed": "An optimisation run ended with a checked plan.",
    "plan.failed": "An optimisation run ended without a plan.",
    "inbound.received": "Announced goods were received at a warehouse.",
    "return.received": "A return was received at a warehouse.",
    "return.graded": "Pieces of a return were graded.",
    "return.decided": "What becomes of a return was chosen, approved or vetoed.",
    "return.sent_off": "Pieces of a return left a warehouse.",
    "return.closed": "Everything of a return is where it shall be.",
    "credit.hold": "An exporter was put on credit hold, or the hold was lifted.",
    "webhook.disabled": "Another of your webhook addresses is no longer told of anything.",
}
"""What can be subscribed to, and when it is sent."""
PING = "ping"
"""Sent by the test button alone, whatever is subscribed to."""


def announce(
    session: Session,
    now: datetime,
    event_type: str,
    exporter_id: int | None,
    subject: str,
    data: dict[str, Any],
    *,
    test_mode: bool = False,
) -> None:
    """Leave a message for every enabled subscription to `event_type`: the exporter's own, and the operation's.

    `subject` is the public id of what it is about, `data` what JSON can say about it, as the API shows it.
    Without an exporter only the operation is told. What happens in test mode is told to subscriptions of
    test mode alone, everything else to the others. KeyError for a type that is not in `EVENT_TYPES`.
    """
    EVENT_TYPES[event_type]
    told = _listening([exporter_id]).where(WebhookSubscription.test_mode == test_mode)
    for subscription in session.scalars(told):
        if event_type in subscription.event_types:
            write_message(session, now, subscription, event_type, subject, data)


@dataclass(frozen=True, slots=True)
class News:
    """What one exporter is told; the members are those of `announce`."""

    exporter_id: int
    subject: str
    data: dict[str, Any]
    test_mode: bool = False


def announce_all(session: Session, now: datetime, event_type: str, news: Sequence[News]) -> None:
    """Announce much of one type at once, such as the parcels of a whole ship, in a handful of statements."""
    EVENT_TYPES[event_type]
    told = session.scalars(_listening({one.exporter_id for one in news})).all() if news else ()
    rows = [
        _message(subscription, now, event_type, one.subject, one.data)
        for subscription in told
        if event_type in subscription.event_types
        for one in news
        if subscription.exporter_id in (None, one.exporter_id) and subscription.test_mode == one.test_mode
    ]
    if rows:
        session.execute(insert(WebhookMessage), rows)
        enqueue_all(session, "deliver_webhook", QUEUE, [row["public_id"] for row in rows], now)


def _listening(exporters: Collection[int | None]) -> Select[WebhookSubscription]:
    """The enabled subscriptions of these exporters and of the operation.

    Locked against removal alone: a message must not be written for an address that is being removed.
    """
    whose = or_(WebhookSubscription.exporter_id.is_(None), WebhookSubscription.exporter_id.in_(exporters))
    told = select(WebhookSubscription).where(WebhookSubscription.enabled, whose)
    return told.order_by(WebhookSubscription.id).with_for_update(read=True, key_share=True)


def _message(
    subscription: WebhookSubscription, now: datetime, event_type: str, subject: str, data: dict[str, Any]
) -> dict[str, Any]:
    """The row of a waiting message for one subscription."""
    public_id = new_id("msg")
    envelope = {
        "id": public_id,
        "type": event_type,
        "created_at": now.astimezone(UTC).isoformat(timespec="seconds"),
        "test_mode": subscription.test_mode,
        "data": data,
    }
    return {
        "public_id": public_id,
        "subscription_id": subscription.id,
        "event_type": event_type,
        "subject": subject,
        "body": orjson.dumps(envelope).decode(),
        "created_at": now,
    }


def write_message(
    session: Session,
    now: datetime,
    subscription: WebhookSubscription,
    event_type: str,
    subject: str,
    data: dict[str, Any],
) -> WebhookMessage:
    """Leave one message for one subscription, and the job that sends it."""
    message = WebhookMessage(**_message(subscription, now, event_type, subject, data))
    session.add(message)
    put_on(session, message, now)
    return message


def put_on(session: Session, message: WebhookMessage, now: datetime) -> None:
    """Have a waiting message sent now; until its job is over, no time is set for another attempt."""
    message.status, message.next_at = "waiting", None
    enqueue(session, "deliver_webhook", QUEUE, message.public_id, now)
