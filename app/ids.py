"""Public ids: a prefix that says the kind, and 16 characters of Crockford base32 (80 random bits)."""

import re
import secrets

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 16
_BYTES = 10
_PAIRS = tuple(first + second for first in ALPHABET for second in ALPHABET)
_SHIFTS = range(70, -1, -10)
SHAPE = re.compile(rf"^[a-z]{{3}}_[{ALPHABET}]{{{LENGTH}}}$")


def new_id(prefix: str) -> str:
    """A fresh public id, e.g. ``dep_0h3v…``; never guessable, never reused."""
    # One draw, and two characters at a time: imports and quotes make many of these.
    drawn = int.from_bytes(secrets.token_bytes(_BYTES))
    return f"{prefix}_{''.join([_PAIRS[drawn >> shift & 1023] for shift in _SHIFTS])}"
