"""Webhooks: subscriptions, and the check that a message came from the service and is new."""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from fourport_client.errors import FourportError
from fourport_client.http import Http
from fourport_client.shapes import Accepted, Webhook, WebhookMessage, WebhookWithSecret

TOLERANCE_S = 300
LONGEST_TIMESTAMP = 12


class SignatureInvalid(FourportError):
    """A message that was not signed with this secret, was changed on its way, or is too old: answer it with 401."""


def verify(
    body: bytes,
    headers: Mapping[str, str],
    secret: str,
    *,
    now: datetime | None = None,
    tolerance_s: float = TOLERANCE_S,
) -> dict[str, Any]:
    """Return the event in a webhook's body, after checking its signature as Standard Webhooks has it.

    `body` are the bytes as they came, before anything parsed them; `headers` may have names in any case. Messages come
    at least once: keep the event's `id`, and do nothing for one that was seen. Raises SignatureInvalid, and ValueError
    for a secret that is none.
    """
    given = {name.lower(): value for name, value in headers.items()}
    message_id, timestamp, signatures = (
        given.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature")
    )
    # The parts that are signed are joined by full stops, so an id has none.
    if not message_id or "." in message_id or not signatures:
        raise SignatureInvalid("the headers webhook-id, webhook-timestamp and webhook-signature are needed")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= LONGEST_TIMESTAMP):
        raise SignatureInvalid("webhook-timestamp is no number of seconds")
    moment = now or datetime.now(UTC)
    if abs(moment.timestamp() - int(timestamp)) > tolerance_s:
        raise SignatureInvalid("the message is too old, or a clock is wrong")
    expected = _signature(secret, f"{message_id}.{timestamp}.".encode() + body)
    candidates = (part.removeprefix("v1,") for part in signatures.split(" ") if part.startswith("v1,"))
    if not any(hmac.compare_digest(expected, part.encode(errors="replace")) for part in candidates):
        raise SignatureInvalid("no signature is that of this secret")
    event: dict[str, Any] = json.loads(body)
    return event


def _signature(secret: str, content: bytes) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error as error:
        raise ValueError("a webhook secret is whsec_ and base64") from error
    return base64.b64encode(hmac.new(key, content, hashlib.sha256).digest())


class Webhooks:
    """Who is told of what."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def create(
        self, url: str, event_types: Sequence[str], *, test_mode: bool = False, key: str | None = None
    ) -> WebhookWithSecret:
        """Have an address told what happens. The secret is in this answer alone: keep it."""
        body = {"url": url, "event_types": [*event_types], "test_mode": test_mode}
        made: WebhookWithSecret = self._http.change("POST", "/webhooks", body, key=key)
        return made

    def get(self, webhook_id: str) -> Webhook:
        """Read a subscription."""
        webhook: Webhook = self._http.get(f"/webhooks/{webhook_id}")
        return webhook

    def list(self, *, limit: int = 50) -> Iterator[Webhook]:
        """Every subscription, the newest first."""
        return self._http.every("/webhooks", {"limit": limit})

    def change(self, webhook_id: str, changes: Mapping[str, Any], *, key: str | None = None) -> Webhook:
        """Change the `url`, the `event_types`, or whether it is `enabled`."""
        webhook: Webhook = self._http.change("PATCH", f"/webhooks/{webhook_id}", changes, key=key)
        return webhook

    def delete(self, webhook_id: str, *, key: str | None = None) -> None:
        """Remove a subscription and its log."""
        self._http.change("DELETE", f"/webhooks/{webhook_id}", key=key)

    def test(self, webhook_id: str, *, key: str | None = None) -> Accepted:
        """Have a `ping` sent; what came of it is `message(accepted["job_id"])`."""
        accepted: Accepted = self._http.change("POST", f"/webhooks/{webhook_id}/test", key=key)
        return accepted

    def rotate_secret(self, webhook_id: str, *, key: str | None = None) -> WebhookWithSecret:
        """Make a new secret, shown in this answer alone; for a day the one before it signs as well."""
        path = f"/webhooks/{webhook_id}/rotate-secret"
        changed: WebhookWithSecret = self._http.change("POST", path, key=key)
        return changed

    def messages(self, webhook_id: str, *, limit: int = 50) -> Iterator[WebhookMessage]:
        """What was sent, the newest first, with every attempt."""
        return self._http.every(f"/webhooks/{webhook_id}/messages", {"limit": limit})

    def message(self, message_id: str) -> WebhookMessage:
        """Read one message with every attempt."""
        message: WebhookMessage = self._http.get(f"/webhooks/messages/{message_id}")
        return message

    def replay(self, message_id: str, *, key: str | None = None) -> Accepted:
        """Have a message sent again, the same bytes under the same id."""
        accepted: Accepted = self._http.change("POST", f"/webhooks/messages/{message_id}/replay", key=key)
        return accepted
