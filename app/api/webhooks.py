"""Webhooks: who is told of what, and what was sent."""

from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from app.actor import STAFF
from app.api.base import Endpoints, answer
from app.api.batches import accepted
from app.api.wire import page, utc
from app.auth import actor, allow
from app.clock import now
from app.http import reading, webhook_allow
from app.models import WebhookAttempt, WebhookMessage
from app.queries import webhooks as queries
from app.schemas.base import Accepted, PageQuery
from app.schemas.webhooks import (
    NewWebhook,
    WebhookChange,
    WebhookMessagePage,
    WebhookMessageShape,
    WebhookPage,
    WebhookShape,
    WebhookWithSecret,
)
from app.usecases import webhooks

blueprint = Endpoints("Webhooks", __name__, "Be told what happens, signed as Standard Webhooks has it")
WEBHOOK = "/webhooks/<id('whk'):whk_id>"
MESSAGE = "/webhooks/messages/<id('msg'):msg_id>"
WHO = (*sorted(STAFF), "exporter")


@blueprint.reading("/webhooks", WebhookPage, query=PageQuery, refuses=(400,))
@allow(*WHO)
def list_webhooks(query: dict[str, Any]) -> Response:
    """List webhooks, the newest first; an exporter sees its own."""
    with reading() as session:
        found = queries.list_webhooks(session, actor(), cursor=query["cursor"], limit=query["limit"])
    return answer(page(found, [webhook_json(row) for row in found.items]))


@blueprint.changing("/webhooks", WebhookWithSecret, status=201, body=NewWebhook, shown_once="secret")
@allow(*WHO)
def create_webhook(session: Session, wanted: dict[str, Any]) -> Response:
    """Have an address told what happens.

    An exporter is told of what is its own, the operation of everything. The secret with which the messages are
    signed is shown in this answer alone.
    """
    made = webhooks.subscribe(
        session,
        actor(),
        now(),
        webhook_allow(),
        wanted["url"],
        wanted["event_types"],
        test_mode=wanted["test_mode"],
    )
    shown = webhook_json(queries.get_webhook(session, actor(), made.public_id))
    return answer(shown | {"secret": made.secret}, 201, Location=f"/api/v1/webhooks/{made.public_id}")


@blueprint.reading(WEBHOOK, WebhookShape)
@allow(*WHO)
def read_webhook(whk_id: str) -> Response:
    """Read one webhook."""
    with reading() as session:
        row = queries.get_webhook(session, actor(), whk_id)
    return answer(webhook_json(row))


@blueprint.changing(WEBHOOK, WebhookShape, status=200, method="PATCH", body=WebhookChange)
@allow(*WHO)
def change_webhook(session: Session, wanted: dict[str, Any], whk_id: str) -> Response:
    """Change the address, the event types, or whether it is enabled.

    Enable a webhook that was disabled because nothing could be delivered, then replay what it missed.
    """
    webhooks.change_subscription(session, actor(), now(), webhook_allow(), whk_id, **wanted)
    return answer(webhook_json(queries.get_webhook(session, actor(), whk_id)))


@blueprint.changing(WEBHOOK, None, status=204, method="DELETE")
@allow(*WHO)
def delete_webhook(session: Session, whk_id: str) -> Response:
    """Remove a webhook, its messages and their log."""
    webhooks.remove_subscription(session, actor(), now(), whk_id)
    return Response(status=204)


@blueprint.changing(f"{WEBHOOK}/test", Accepted, status=202)
@allow(*WHO)
def test_webhook(session: Session, whk_id: str) -> Response:
    """Send a `ping`, once. Ask at `poll_url` what came of it."""
    return _sent(webhooks.ping(session, actor(), now(), whk_id))


@blueprint.changing(f"{WEBHOOK}/rotate-secret", WebhookWithSecret, status=200, shown_once="secret")
@allow(*WHO)
def rotate_webhook_secret(session: Session, whk_id: str) -> Response:
    """Make a new secret, shown in this answer alone.

    For 24 hours messages are signed with the secret before it as well.
    """
    changed = webhooks.rotate_secret(session, actor(), now(), whk_id)
    row = queries.get_webhook(session, actor(), whk_id)
    return answer(webhook_json(row) | {"secret": changed.secret})


@blueprint.reading(f"{WEBHOOK}/messages", WebhookMessagePage, query=PageQuery, refuses=(400,))
@allow(*WHO)
def list_webhook_messages(query: dict[str, Any], whk_id: str) -> Response:
    """List what was sent to a webhook, the newest first, with every attempt."""
    paging = {"cursor": query["cursor"], "limit": query["limit"]}
    with reading() as session:
        found = queries.list_messages(session, actor(), whk_id, **paging)
    return answer(page(found, [message_json(message) for message in found.items]))


@blueprint.reading(MESSAGE, WebhookMessageShape)
@allow(*WHO)
def read_webhook_message(msg_id: str) -> Response:
    """Read one message with every attempt to deliver it."""
    with reading() as session:
        message = queries.get_message(session, actor(), msg_id)
    return answer(message_json(message))


@blueprint.changing(f"{MESSAGE}/replay", Accepted, status=202)
@allow(*WHO)
def replay_webhook_message(session: Session, msg_id: str) -> Response:
    """Send a message again, the same bytes under the same id. While it is being sent this is 409."""
    return _sent(webhooks.replay(session, actor(), now(), msg_id))


def _sent(message: WebhookMessage) -> Response:
    return accepted(message.public_id, f"/api/v1/webhooks/messages/{message.public_id}", message.status)


def webhook_json(row: queries.WebhookRow) -> dict[str, Any]:
    """A subscription as it is shown, without its secret."""
    return {
        "id": row.public_id,
        "exporter": row.exporter_reference,
        "url": row.url,
        "event_types": row.event_types,
        "enabled": row.enabled,
        "disabled_reason": row.disabled_reason or None,
        "test_mode": row.test_mode,
        "previous_secret_until": utc(row.previous_until),
        "created_at": utc(row.created_at),
    }


def message_json(message: WebhookMessage) -> dict[str, Any]:
    """A message and its attempts as they are shown."""
    return {
        "id": message.public_id,
        "event_type": message.event_type,
        "subject": message.subject,
        "status": message.status,
        "body": message.body,
        "next_attempt_at": utc(message.next_at),
        "created_at": utc(message.created_at),
        "attempts": [_attempt_json(attempt) for attempt in message.log],
    }


def _attempt_json(attempt: WebhookAttempt) -> dict[str, Any]:
    return {
        "attempt": attempt.attempt,
        "at": utc(attempt.at),
        "status_code": attempt.status_code,
        "error": attempt.error or None,
        "response": attempt.response,
        "took_ms": attempt.took_ms,
        "request_headers": attempt.headers,
    }
