"""How often one caller may ask: counted for each API key, and told in the headers of every answer.

`RateLimit` and `RateLimit-Policy` are those of the IETF draft "RateLimit header fields for HTTP"; the `X-RateLimit-…`
headers say the same to clients that know those alone.
"""

import time

from flask import Flask, Response, current_app, g, request
from werkzeug.exceptions import TooManyRequests

from app.api.base import Endpoints
from app.limits import Window, address, counter

RATE = "1200 per minute"
SCOPE = "api"


def register(app: Flask, blueprints: tuple[Endpoints, ...]) -> None:
    """Let one rate, `API_RATE` in the application's configuration, hold for all operations together."""
    app.config.setdefault("API_RATE", RATE)
    counted = {blueprint.name for blueprint in blueprints}

    def count() -> None:
        if request.blueprint in counted:
            rate = str(current_app.config["API_RATE"])
            g.rate = counter().count(rate, SCOPE, _caller())
            if g.rate.exceeded:
                raise TooManyRequests(rate)

    app.before_request(count)
    app.after_request(_tell)


def _caller() -> str:
    # Nobody known gets this far: who may ask is checked first.
    found = g.get("actor")
    return found.reference if found is not None else address()


def _tell(response: Response) -> Response:
    window: Window | None = g.get("rate")
    if window is None:
        return response
    again_s = max(1, window.reset_at - int(time.time()))
    response.headers["RateLimit-Policy"] = f'"{SCOPE}";q={window.limit};w={window.seconds}'
    response.headers["RateLimit"] = f'"{SCOPE}";r={window.left};t={again_s}'
    response.headers["X-RateLimit-Limit"] = str(window.limit)
    response.headers["X-RateLimit-Remaining"] = str(window.left)
    response.headers["X-RateLimit-Reset"] = str(window.reset_at)
    if response.status_code == 429:
        response.headers["Retry-After"] = str(again_s)
    return response
