"""Rate limits: counted in Redis for all processes; while Redis is away each process counts for itself."""

import time
from dataclasses import dataclass
from functools import cache
from typing import Any

import structlog
from flask import current_app, request
from limits import RateLimitItem, parse
from limits.errors import StorageError
from limits.storage import MemoryStorage, storage_from_string

from app.config import Settings

log = structlog.get_logger(__name__)

PATIENCE: dict[str, str | int] = {"socket_timeout": 1, "socket_connect_timeout": 1}
"""Seconds: no answer waits long for a Redis that is gone."""
AWAY_S = 5.0
"""For so long a Redis that did not answer is not asked again."""


def counter() -> "Counter":
    """The counter of the running application."""
    found: Counter = current_app.extensions["fourport"]["counter"]
    return found


def address() -> str:
    """Who asks, where nobody known does."""
    return f"address {request.remote_addr}"


@dataclass(frozen=True, slots=True)
class Window:
    """What somebody has used of a rate, and when it begins anew, in seconds since 1970."""

    limit: int
    seconds: int
    used: int
    reset_at: int

    @property
    def left(self) -> int:
        """Requests that may still come."""
        return max(0, self.limit - self.used)

    @property
    def exceeded(self) -> bool:
        """Whether the request that was counted last is one too many."""
        return self.used > self.limit


class Counter:
    """Counts with one question to Redis each time: every call of the API pays for it."""

    def __init__(self, settings: Settings) -> None:
        self._own: Any = MemoryStorage()
        self._shared: Any = None
        self._away_until = 0.0
        if settings.redis_url:
            # The limits library has a name of its own for a socket; the rest of the address is the same.
            uri = settings.redis_url.replace("unix://", "redis+unix://", 1)
            self._shared = storage_from_string(uri, wrap_exceptions=True, **PATIENCE)

    def exceeds(self, rate: str, scope: str, who: str) -> bool:
        """Count one try in a window that begins with the first one; whether it is one too many.

        `rate` as in "10 per 5 minutes".
        """
        allowed = _rate(rate)
        return self._increment(f"{scope}/{who}", allowed.get_expiry()) > allowed.amount

    def count(self, rate: str, scope: str, who: str) -> Window:
        """Count one request in a window of the clock, whose end is known without asking."""
        allowed = _rate(rate)
        seconds = allowed.get_expiry()
        number = int(time.time()) // seconds
        used = self._increment(f"{scope}/{who}/{seconds}/{number}", seconds)
        return Window(allowed.amount, seconds, used, (number + 1) * seconds)

    def _increment(self, key: str, seconds: int) -> int:
        if self._shared is not None and time.monotonic() >= self._away_until:
            try:
                return int(self._shared.incr(f"fourport-{key}", seconds))
            except StorageError as error:
                log.warning("rates_not_shared", error=str(error))
                self._away_until = time.monotonic() + AWAY_S
        return int(self._own.incr(key, seconds))


@cache
def _rate(text: str) -> RateLimitItem:
    return parse(text)
