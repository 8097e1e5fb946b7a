"""Webhook subscriptions and their log."""

from typing import TypedDict


class Webhook(TypedDict):
    """A subscription."""

    id: str
    exporter: str | None
    url: str
    event_types: list[str]
    enabled: bool
    disabled_reason: str | None
    test_mode: bool
    previous_secret_until: str | None
    created_at: str


class WebhookWithSecret(Webhook):
    """A subscription with its secret, which is shown this once; where the answer is replayed it is null."""

    secret: str | None


class DeliveryAttempt(TypedDict):
    """One attempt to deliver a message."""

    attempt: int
    at: str
    status_code: int | None
    error: str | None
    response: str
    took_ms: int
    request_headers: dict[str, str]


class WebhookMessage(TypedDict):
    """A message and the attempts to deliver it."""

    id: str
    event_type: str
    subject: str
    status: str
    body: str
    next_attempt_at: str | None
    created_at: str
    attempts: list[DeliveryAttempt]
