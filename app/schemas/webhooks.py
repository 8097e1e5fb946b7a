"""Webhook subscriptions and their delivery log on the wire."""

from typing import Any, ClassVar

from marshmallow import fields, validate

from app.models.webhooks import DELIVERY_STATES
from app.schemas.base import Answer, Page, Shape
from app.schemas.fields import COMMON, Flag, Text, Word
from app.usecases.announcing import EVENT_TYPES

URL = "https://erp.example.com/fourport"
WEBHOOK: dict[str, Any] = {
    "id": "whk_0h3vk5m8q2r7t9xz",
    "exporter": "acme",
    "url": URL,
    "event_types": ["booking.confirmed", "departure.delayed"],
    "enabled": True,
    "disabled_reason": None,
    "test_mode": False,
    "previous_secret_until": None,
    "created_at": "2026-11-23T01:30:00+00:00",
}
ATTEMPT: dict[str, Any] = {
    "attempt": 1,
    "at": "2026-11-23T01:30:01+00:00",
    "status_code": 500,
    "error": "http_status: HTTP 500",
    "response": "out of order",
    "took_ms": 84,
    "request_headers": {"webhook-id": "msg_0h3vk5m8q2r7t9xz", "webhook-timestamp": "1795397401"},
}
MESSAGE: dict[str, Any] = {
    "id": "msg_0h3vk5m8q2r7t9xz",
    "event_type": "booking.confirmed",
    "subject": "bkg_0h3vk5m8q2r7t9xz",
    "status": "waiting",
    "body": '{"id":"msg_0h3vk5m8q2r7t9xz","type":"booking.confirmed"}',
    "next_attempt_at": "2026-11-23T01:30:06+00:00",
    "created_at": "2026-11-23T01:30:00+00:00",
    "attempts": [ATTEMPT],
}


KINDS = "; ".join(f"`{name}`: {meaning}" for name, meaning in EVENT_TYPES.items())


def _url(*, required: bool) -> Text:
    return Text(longest=2048, pattern="^https?://[!-~]+$", required=required)


def _event_types(*, required: bool) -> fields.List:
    size = validate.Length(1, len(EVENT_TYPES), error=f"bad_length|name 1 to {len(EVENT_TYPES)} event types")
    return fields.List(
        Word(*EVENT_TYPES),
        validate=size,
        required=required,
        error_messages=COMMON | {"invalid": "not_a_list|must be a list"},
        metadata={"description": KINDS},
    )


class NewWebhook(Shape):
    """An address, and what it is to be told."""

    example: ClassVar[dict[str, Any]] = {
        "url": URL,
        "event_types": ["booking.confirmed", "departure.delayed"],
    }
    url = _url(required=True)
    event_types = _event_types(required=True)
    test_mode = Flag(
        load_default=False,
        metadata={"description": "Told of what is done with keys of test mode, and of nothing else."},
    )


class WebhookChange(Shape):
    """What is to be different; what is not named stays."""

    example: ClassVar[dict[str, Any]] = {"enabled": True}
    url = _url(required=False)
    event_types = _event_types(required=False)
    enabled = Flag(metadata={"description": "False gives up what is on its way; it can be replayed."})


class WebhookShape(Answer):
    """A subscription."""

    example: ClassVar[dict[str, Any]] = WEBHOOK
    id = fields.String()
    exporter = fields.String(
        allow_none=True, metadata={"description": "Reference; null: the operation's own."}
    )
    url = fields.String()
    event_types = fields.List(fields.String())
    enabled = fields.Boolean()
    disabled_reason = fields.String(
        allow_none=True, metadata={"description": "Why it was disabled, where nobody asked for it."}
    )
    test_mode = fields.Boolean()
    previous_secret_until = fields.String(
        allow_none=True, metadata={"description": "Until then the secret before this one signs as well."}
    )
    created_at = fields.String()


class WebhookWithSecret(WebhookShape):
    """A subscription with its secret, which is shown this once; where the answer is replayed it is null."""

    example: ClassVar[dict[str, Any]] = WEBHOOK | {"secret": "whsec_…"}
    secret = fields.String(allow_none=True)


class WebhookPage(Page):
    """A page of subscriptions."""

    example: ClassVar[dict[str, Any]] = {"items": [WEBHOOK], "next_cursor": None}
    items = fields.List(fields.Nested(WebhookShape))


class DeliveryAttemptShape(Answer):
    """One attempt to deliver a message."""

    example: ClassVar[dict[str, Any]] = ATTEMPT
    attempt = fields.Integer()
    at = fields.String()
    status_code = fields.Integer(allow_none=True)
    error = fields.String(
        allow_none=True,
        metadata={"description": "A code, a colon and words; null where the message was taken."},
    )
    response = fields.String(metadata={"description": "The first kilobyte of the answer."})
    took_ms = fields.Integer()
    request_headers = fields.Dict(keys=fields.String(), values=fields.String())


class WebhookMessageShape(Answer):
    """A message and the attempts to deliver it."""

    example: ClassVar[dict[str, Any]] = MESSAGE
    id = fields.String(metadata={"description": "The header webhook-id; the same at every attempt."})
    event_type = fields.String()
    subject = fields.String(metadata={"description": "Id of what the event is about."})
    status = fields.String(metadata={"enum": list(DELIVERY_STATES)})
    body = fields.String(metadata={"description": "The very text that is signed and sent."})
    next_attempt_at = fields.String(allow_none=True)
    created_at = fields.String()
    attempts = fields.List(fields.Nested(DeliveryAttemptShape))


class WebhookMessagePage(Page):
    """A page of messages, the newest first."""

    example: ClassVar[dict[str, Any]] = {"items": [MESSAGE], "next_cursor": None}
    items = fields.List(fields.Nested(WebhookMessageShape))
