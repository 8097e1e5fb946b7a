"""Shapes and check digits of the codes that name places, containers and air waybills."""

import re
from functools import cache

from trade.facts import read_rows

INTERNATIONAL_WATERS = "XZ"
UNLOCODE = re.compile(r"([A-Z]{2})[A-Z2-9]{3}")
CONTAINER = re.compile(r"[A-Z]{3}[UJZ][0-9]{7}")
AIR_WAYBILL = re.compile(r"[0-9]{3}-?([0-9]{7})([0-9])")
# ISO 6346: A is 10, and multiples of 11 are left out.
LETTER_VALUES = dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", (n for n in range(10, 39) if n % 11), strict=True))


@cache
def country_codes() -> frozenset[str]:
    """Return the ISO 3166-1 alpha-2 codes in use."""
    return frozenset(row["code"] for row in read_rows("countries.csv"))


def is_country(code: str) -> bool:
    """Whether this is an ISO 3166-1 alpha-2 code."""
    return code in country_codes()


def is_unlocode(code: str) -> bool:
    """Whether this has the shape of a UN/LOCODE: a country (or XZ, open sea) and three of A-Z and 2-9."""
    match = UNLOCODE.fullmatch(code)
    return match is not None and (match[1] == INTERNATIONAL_WATERS or is_country(match[1]))


def container_check_digit(first_ten: str) -> int:
    """Return the ISO 6346 check digit of owner, category and serial, e.g. CSQU305438 -> 3."""
    values = (LETTER_VALUES[char] if char in LETTER_VALUES else int(char) for char in first_ten)
    return sum(value << place for place, value in enumerate(values)) % 11 % 10


def is_container_number(text: str) -> bool:
    """Whether this is a freight container number whose check digit holds."""
    return CONTAINER.fullmatch(text) is not None and container_check_digit(text[:10]) == int(text[10])


def is_air_waybill(text: str) -> bool:
    """Whether this is an air waybill number (784-12345675) whose last digit is the serial modulo 7."""
    match = AIR_WAYBILL.fullmatch(text)
    return match is not None and int(match[1]) % 7 == int(match[2])
