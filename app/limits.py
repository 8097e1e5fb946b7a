"""Rate limits: counted in Redis for all processes; while Redis is away each process counts for itself."""

import time
from dataclasses import dataclass
from typing import Any

import structlog
from flask import Flask, current_app, request
from flask_limiter import Limiter
from limits import RateLimitItem
from limits.errors import StorageError
from limits.storage import MemoryStorage, storage_from_string

from app.config import Settings

log = structlog.get_logger(__name__)

PATIENCE: dict[str, str | int] = {"socket_timeout": 1, "socket_connect_timeout": 1}
"""Seconds: no answer waits long for a Redis that is gone."""
AWAY_S = 5.0
"""For so long a Redis that did not answer is not asked again."""
NAME = "fourport"


def register(app: Flask) -> None:
    """Give the application its one limiter; pages say what they count, and for whom."""
    settings: Settings = app.extensions["fourport"]["settings"]
    app.extensions["fourport"]["limiter"] = Limiter(
        address,
        app=app,
        storage_uri=_storage(settings) or "memory://",
        storage_options=dict(PATIENCE) if settings.redis_url else {},
        in_memory_fallback_enabled=True,
        key_prefix=NAME,
    )


def limiter(app: Flask | None = None) -> Limiter:
    """The limiter of this application, or of the running one."""
    found: Limiter = (app or current_app).extensions["fourport"]["limiter"]
    return found


def address() -> str:
    """Who asks, where nobody known does."""
    return f"address {request.remote_addr}"


def _storage(settings: Settings) -> str | None:
    # The limits library has a name of its own for a socket; the rest of the address is the same.
    return settings.redis_url.replace("unix://", "redis+unix://", 1) if settings.redis_url else None


@dataclass(frozen=True, slots=True)
class Window:
    """What a caller has used of its rate, and when it begins anew, in seconds since 1970."""

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
    """Counts callers in windows of the clock, so that one question to Redis tells what is left and until when.

    The API asks on every call; what a `Limiter` asks beside it takes as long as reading a record.
    """

    def __init__(self, settings: Settings, scope: str) -> None:
        self._scope = f"{NAME}-{scope}"
        self._own: Any = MemoryStorage()
        storage = _storage(settings)
        self._shared: Any = (
            storage_from_string(storage, wrap_exceptions=True, **PATIENCE) if storage else None
        )
        self._away_until = 0.0

    def count(self, rate: RateLimitItem, caller: str) -> Window:
        """Count one request of a caller."""
        seconds = rate.get_expiry()
        window = int(time.time()) // seconds
        used = self._increment(f"{self._scope}/{caller}/{seconds}/{window}", seconds)
        return Window(rate.amount, seconds, used, (window + 1) * seconds)

    def _increment(self, key: str, seconds: int) -> int:
        if self._shared is not None and time.monotonic() >= self._away_until:
            try:
                return int(self._shared.incr(key, seconds))
            except StorageError as error:
                log.warning("rates_not_shared", error=str(error))
                self._away_until = time.monotonic() + AWAY_S
        return int(self._own.incr(key, seconds))
