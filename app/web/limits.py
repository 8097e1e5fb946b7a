"""How often the door may be tried: counted for each address and each name, before any password is hashed."""

import contextlib
from collections.abc import Iterator
from functools import partial

from flask import Flask, current_app, request
from flask_limiter import Limiter

from app.limits import make_limiter

SIGN_IN = "10 per 5 minutes"
PASSWORD_LINK = "20 per 1 hour"  # noqa: S105 (a rate, not a secret)


def register(app: Flask) -> None:
    """Give the application a limiter for its door."""
    app.extensions["fourport"]["door"] = make_limiter(app, _address, "door")


def _address() -> str:
    return f"address {request.remote_addr}"


@contextlib.contextmanager
def limited(rate: str, *names: str) -> Iterator[None]:
    """Count one try of the caller's address, and one of each name; RateLimitExceeded before the block is entered."""
    limiter: Limiter = current_app.extensions["fourport"]["door"]
    with contextlib.ExitStack() as stack:
        for key in (_address(), *(f"name {name}" for name in names)):
            stack.enter_context(limiter.limit(rate, key_func=partial(str, key)))
        yield
