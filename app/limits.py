"""Rate limits: counted in Redis for all processes; while Redis is away each process counts for itself."""

from collections.abc import Callable

from flask import Flask
from flask_limiter import Limiter

from app.config import Settings

PATIENCE: dict[str, str | int] = {"socket_timeout": 1, "socket_connect_timeout": 1}
"""Seconds: no answer waits long for a Redis that is gone."""


def make_limiter(app: Flask, caller: Callable[[], str], name: str) -> Limiter:
    """A limiter for `app` that counts for each `caller()`; `name` keeps its counts apart from others'."""
    settings: Settings = app.extensions["fourport"]["settings"]
    return Limiter(
        caller,
        app=app,
        # The limits library has a name of its own for a socket; the rest of the address is the same.
        storage_uri=(settings.redis_url or "memory://").replace("unix://", "redis+unix://", 1),
        storage_options=dict(PATIENCE) if settings.redis_url else {},
        in_memory_fallback_enabled=True,
        key_prefix=f"fourport-{name}",
    )
