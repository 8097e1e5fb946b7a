"""Public ids: a prefix that says the kind, and 16 characters of Crockford base32 (80 random bits)."""

import re
import secrets

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 16
SHAPE = re.compile(rf"^[a-z]{{3}}_[{ALPHABET}]{{{LENGTH}}}$")


def new_id(prefix: str) -> str:
    """A fresh public id, e.g. ``dep_0h3v…``; never guessable, never reused."""
    return f"{prefix}_" + "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
