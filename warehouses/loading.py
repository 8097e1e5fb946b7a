"""Building handling units: what may be loaded together, how heavy, and what their numbers look like."""

import re

from warehouses.errors import WarehouseError
from warehouses.states import Steps

UNIT_KINDS = ("bag", "pallet", "uld", "container")
LOAD_STATES = ("open", "sealed", "loaded", "departed", "unpacked", "cancelled")
LOAD_STEPS: Steps = {
    "seal": (("open",), "sealed"),
    "unseal": (("sealed",), "open"),
    "load": (("sealed",), "loaded"),
    "depart": (("loaded",), "departed"),
    "unpack": (("sealed", "departed", "loaded"), "unpacked"),
    "cancel": (("open",), "cancelled"),
}
"""Step → the states it starts from, and the state it leads to."""

_CONTAINER = re.compile(r"[A-Z]{3}[UJZ][0-9]{7}")
_LETTERS = "0123456789A?BCDEFGHIJK?LMNOPQRSTU?VWXYZ"
"""ISO 6346: letters count from 10 on, without the multiples of 11."""


def container_check_digit(number: str) -> int:
    """Return the check digit for the first ten characters of a container's number (ISO 6346)."""
    return sum(_LETTERS.index(sign) << place for place, sign in enumerate(number[:10])) % 11 % 10


def container_number(text: str) -> str:
    """Return the number of a container as it is kept, without spaces and dashes.

    Raises WarehouseError `container_shape`, `container_check_digit`.
    """
    number = re.sub(r"[\s-]", "", text).upper()
    if not _CONTAINER.fullmatch(number):
        raise WarehouseError(
            "container_shape", "container", "four letters, the last of them U, J or Z, and seven digits"
        )
    right = container_check_digit(number)
    if right != int(number[10]):
        raise WarehouseError(
            "container_check_digit", "container", f"the last digit should be {right}; look for a mistyped sign"
        )
    return number
