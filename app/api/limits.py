"""How often one caller may ask: counted for each API key, and told in the headers of every answer.

`RateLimit` and `RateLimit-Policy` are those of the IETF draft "RateLimit header fields for HTTP"; the `X-RateLimit-…`
headers say the same to clients that know those alone.
"""

import time

from flask import Flask, Response, g, request

from app.api.base import PREFIX, Endpoints
from app.limits import address, limiter

RATE = "1200 per minute"
SCOPE = "api"


def register(app: Flask, blueprints: tuple[Endpoints, ...]) -> None:
    """Let one rate, `API_RATE` in the application's configuration, hold for all operations together."""
    app.config.setdefault("API_RATE", RATE)
    counted = limiter(app).shared_limit(lambda: str(app.config["API_RATE"]), SCOPE, key_func=_caller)
    for blueprint in blueprints:
        counted(blueprint)
    app.after_request(_tell)


def _caller() -> str:
    # Nobody known gets this far: who may ask is checked first.
    found = g.get("actor")
    return found.reference if found is not None else address()


def _tell(response: Response) -> Response:
    limit = limiter().current_limit if request.path.startswith(PREFIX) else None
    if limit is not None:
        rate, left = limit.limit, max(0, limit.remaining)
        again_s = max(1, limit.reset_at - int(time.time()))
        response.headers["RateLimit-Policy"] = f'"{SCOPE}";q={rate.amount};w={rate.get_expiry()}'
        response.headers["RateLimit"] = f'"{SCOPE}";r={left};t={again_s}'
        response.headers["X-RateLimit-Limit"] = str(rate.amount)
        response.headers["X-RateLimit-Remaining"] = str(left)
        response.headers["X-RateLimit-Reset"] = str(limit.reset_at)
        if response.status_code == 429:
            response.headers["Retry-After"] = str(again_s)
    return response
