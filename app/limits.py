"""Rate limits: counted in Redis for all processes; while Redis is away each process counts for itself."""

from flask import Flask, current_app, request
from flask_limiter import Limiter

from app.config import Settings

PATIENCE: dict[str, str | int] = {"socket_timeout": 1, "socket_connect_timeout": 1}
"""Seconds: no answer waits long for a Redis that is gone."""


def register(app: Flask) -> None:
    """Give the application its one limiter; pages and API say what they count, and for whom."""
    settings: Settings = app.extensions["fourport"]["settings"]
    app.extensions["fourport"]["limiter"] = Limiter(
        address,
        app=app,
        # The limits library has a name of its own for a socket; the rest of the address is the same.
        storage_uri=(settings.redis_url or "memory://").replace("unix://", "redis+unix://", 1),
        storage_options=dict(PATIENCE) if settings.redis_url else {},
        in_memory_fallback_enabled=True,
        key_prefix="fourport",
    )


def limiter(app: Flask | None = None) -> Limiter:
    """The limiter of this application, or of the running one."""
    found: Limiter = (app or current_app).extensions["fourport"]["limiter"]
    return found


def address() -> str:
    """Who asks, where nobody known does."""
    return f"address {request.remote_addr}"
