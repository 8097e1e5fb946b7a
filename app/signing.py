"""Signed messages as Standard Webhooks has them: what we send to others, and what carriers send to us.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

SECRET_PREFIX = "whsec_"  # noqa: S105 (what secrets begin with)
SECRET_BYTES = 32
VERSION = "v1"
TOLERANCE = timedelta(minutes=5)
"""How far the sender's clock and ours may be apart; after that a message that was overheard is worthless."""
LONGEST_TIMESTAMP = 12


def new_secret() -> str:
    """A fresh secret, `whsec_` and 256 random bits in base64."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """The value of `webhook-signature` for these bytes; `timestamp` in seconds since 1970.

    ValueError for a secret that is not `whsec_` and base64.
    """
    content = f"{message_id}.{timestamp}.".encode() + body
    found = hmac.new(_key(secret), content, hashlib.sha256).digest()
    return f"{VERSION},{base64.b64encode(found).decode()}"


def verify(
    secret: str,
    message_id: str,
    timestamp: str,
    body: bytes,
    header: str,
    now: datetime,
    tolerance: timedelta = TOLERANCE,
) -> bool:
    """Whether one of the signatures in `header` is right for these bytes and the time is near `now`.

    `timestamp` and `header` are as they were sent and may hold anything. Every signature is compared in
    constant time. An id with a full stop is refused: the parts that are signed are joined by it.
    """
    seconds = _seconds(timestamp)
    if seconds is None or not message_id or "." in message_id:
        return False
    if abs(now.timestamp() - seconds) > tolerance.total_seconds():
        return False
    expected = sign(secret, message_id, seconds, body).encode()
    given = (part.encode(errors="replace") for part in header.split(" "))
    return any(hmac.compare_digest(expected, part) for part in given)


def _seconds(timestamp: str) -> int | None:
    """Seconds as they are signed: digits without a leading zero, so that one number has one text."""
    plain = timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= LONGEST_TIMESTAMP
    return int(timestamp) if plain and not timestamp.startswith("0") else None


def _key(secret: str) -> bytes:
    if not secret.startswith(SECRET_PREFIX):
        raise ValueError(f"a signing secret begins with {SECRET_PREFIX}")
    try:
        return base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError(f"a signing secret is {SECRET_PREFIX} and base64") from error
