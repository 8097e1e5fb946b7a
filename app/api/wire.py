"""How values are written on the wire: exact decimals as text, instants with the offset people expect."""

import math
from datetime import UTC, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from app.queries.paging import Page
from app.queries.places import Place
from trade.money import Money
from trade.numbers import format_scaled

DIMENSIONS = {"g": ("kg", 3), "cm3": ("m3", 6)}
"""Dimension of a pool → its name on the wire and the decimals between the two; others are in hundredths."""


def page(found: Page[Any], items: list[dict[str, Any]]) -> dict[str, Any]:
    """A page of a list."""
    return {"items": items, "next_cursor": found.next_cursor}


def utc(at: datetime | None) -> str | None:
    """An instant in UTC."""
    return None if at is None else at.astimezone(UTC).isoformat(timespec="seconds")


def local(at: datetime | None, place: Place) -> str | None:
    """An instant with the offset of the place it happens at."""
    return None if at is None else at.astimezone(_zone(place.time_zone)).isoformat(timespec="seconds")


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def kilograms(weight_g: int | None) -> str | None:
    """Grams as a decimal string of kilograms."""
    return None if weight_g is None else format_scaled(weight_g, 3)


def cubic_metres(volume_cm3: int | None) -> str | None:
    """Cubic centimetres as a decimal string of cubic metres."""
    return None if volume_cm3 is None else format_scaled(volume_cm3, 6)


def centimetres(length_mm: int | None) -> str | None:
    """Millimetres as a decimal string of centimetres."""
    return None if length_mm is None else format_scaled(length_mm, 1)


def quantity(amount: int, dimension: str) -> str:
    """What a pool counts, as a decimal string in the unit its dimension has on the wire."""
    return format_scaled(amount, DIMENSIONS.get(dimension, (dimension, 2))[1])


def dimension_name(dimension: str) -> str:
    """The dimension as it is called on the wire, such as kg, m3, teu or slot20."""
    return DIMENSIONS.get(dimension, (dimension, 2))[0]


def money(minor: int | None, currency: str) -> str | None:
    """Minor units as a decimal string of the currency."""
    return None if minor is None else Money(minor, currency).format()


def cost(minor: float, currency: str) -> str:
    """A planning cost, which has fractions of a minor unit, rounded to one."""
    return Money(math.floor(minor + 0.5), currency).format()


def bound(minor: float | None, currency: str) -> str | None:
    """A proven lower bound, rounded down so that it stays one."""
    return None if minor is None else Money(math.floor(minor), currency).format()


def place(found: Place) -> dict[str, Any]:
    """The few facts of a location that lists show."""
    return {
        "code": found.code,
        "kind": found.kind,
        "unlocode": found.unlocode,
        "country": found.country,
        "name_en": found.name_en,
        "name_zh": found.name_zh,
        "time_zone": found.time_zone,
    }
