"""How often the door may be tried: counted for each address and each name, before any password is hashed."""

import contextlib
from collections.abc import Iterator

from werkzeug.exceptions import TooManyRequests

from app.limits import address, counter

SIGN_IN = "10 per 5 minutes"
PASSWORD_LINK = "20 per 1 hour"  # noqa: S105 (a rate, not a secret)


@contextlib.contextmanager
def limited(rate: str, *names: str) -> Iterator[None]:
    """Count one try of the caller's address, and one of each name; TooManyRequests before the block is entered."""
    for who in (address(), *(f"name {name}" for name in names)):
        if counter().exceeds(rate, f"pages/{rate}", who):
            raise TooManyRequests(rate)
    yield
