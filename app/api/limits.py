"""How often one caller may ask: counted for each API key, and told in the headers of every answer."""

import time

from flask import Flask, Response, g, request
from flask_limiter import Limiter

from app.api.base import PREFIX, Endpoints
from app.limits import make_limiter

RATE = "1200 per minute"
SCOPE = "api"


def register(app: Flask, blueprints: tuple[Endpoints, ...]) -> None:
    """Let one rate, `API_RATE` in the application's configuration, hold for all operations together."""
    app.config.setdefault("API_RATE", RATE)
    limiter = make_limiter(app, _caller, SCOPE)
    for blueprint in blueprints:
        limiter.shared_limit(lambda: str(app.config["API_RATE"]), SCOPE)(blueprint)
    app.after_request(lambda response: _tell(limiter, response))


def _caller() -> str:
    # Nobody known gets this far: who may ask is checked first.
    found = g.get("actor")
    return found.reference if found is not None else f"address {request.remote_addr}"


def _tell(limiter: Limiter, response: Response) -> Response:
    limit = limiter.current_limit if request.path.startswith(PREFIX) else None
    if limit is not None:
        response.headers["X-RateLimit-Limit"] = str(limit.limit.amount)
        response.headers["X-RateLimit-Remaining"] = str(limit.remaining)
        response.headers["X-RateLimit-Reset"] = str(limit.reset_at)
        if response.status_code == 429:
            response.headers["Retry-After"] = str(max(1, limit.reset_at - int(time.time())))
    return response
