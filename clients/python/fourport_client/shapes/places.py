"""Places."""

from typing import TypedDict


class Location(TypedDict):
    """The few facts of a location that every list needs."""

    code: str
    kind: str
    unlocode: str | None
    country: str
    name_en: str
    name_zh: str
    time_zone: str
