"""Public ids: a prefix that says the kind, and 16 characters of Crockford base32 (80 random bits)."""

import base64
import re
import secrets

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 16
_BYTES = 10
_FROM_RFC4648 = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", ALPHABET.encode())
SHAPE = re.compile(rf"^[a-z]{{3}}_[{ALPHABET}]{{{LENGTH}}}$")


def new_id(prefix: str) -> str:
    """A fresh public id, e.g. ``dep_0h3v…``; never guessable, never reused."""
    # One draw and one translation: imports make a hundred thousand of these.
    return f"{prefix}_{base64.b32encode(secrets.token_bytes(_BYTES)).translate(_FROM_RFC4648).decode()}"
