"""Where an address, a city, a code or a pair of coordinates lies: found among places known here, asking nobody outside.

Known are our own locations and the ports of the sea lanes. An address is placed in the city it names.
"""

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from babel import Locale
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import FieldError, Invalid
from app.models import Location

COORDINATES = re.compile(r"\s*(-?\d{1,2}(?:\.\d{1,9})?)\s*[,;\s]\s*(-?\d{1,3}(?:\.\d{1,9})?)\s*")
KIND_OF_PLACE = re.compile(
    r"\s+(overseas warehouse|origin hub|returns centre|supervised site|delivery zone|international|container|"
    r"terminal|airport|station|port|railway|rail|border|west|east|north|south)\b.*",
    re.IGNORECASE,
)
KIND_IN_CHINESE = re.compile(
    r"(海外仓|集货仓|退货中心|监管|国际机场|机场|铁路|火车站|中心站|口岸|配送区|站|港).*"
)
IN_BRACKETS = re.compile(r"[（(].*?[)）]")
SHORTEST = 3
"""Letters of a name in Latin script that is looked for inside an address; shorter ones are in too many words."""


@dataclass(frozen=True, slots=True)
class Point:
    """A point on the earth, and what it is known by."""

    latitude: float
    longitude: float
    name: str
    country: str | None = None

    @property
    def at(self) -> tuple[float, float]:
        """Latitude and longitude."""
        return self.latitude, self.longitude


@dataclass(frozen=True, slots=True)
class _Known:
    codes: tuple[str, ...]
    names: tuple[str, ...]
    point: Point
    ours: bool


def find_point(session: Session, text: str, field: str = "near") -> Point:
    """The point meant by coordinates ("51.43, 6.76"), a code, a city or an address; Invalid `place_unresolved`."""
    found = _coordinates(text) or _coded(session, text) or _named(session, text)
    if found is None:
        why = "this place is not known here, and nobody outside is asked"
        remedy = 'name a larger city near it, a UN/LOCODE, or coordinates such as "51.43, 6.76"'
        raise Invalid(f"{field}: {why}", (FieldError(field, "place_unresolved", why, remedy, f"$.{field}"),))
    return found


def _coordinates(text: str) -> Point | None:
    match = COORDINATES.fullmatch(text)
    if match is None:
        return None
    latitude, longitude = float(match[1]), float(match[2])
    if abs(latitude) > 90 or abs(longitude) > 180:
        return None
    return Point(latitude, longitude, f"{latitude:g}, {longitude:g}")


def _coded(session: Session, text: str) -> Point | None:
    code = text.strip().upper()
    return next((one.point for one in _known(session) if code in one.codes), None)


def _named(session: Session, text: str) -> Point | None:
    """The known city an address names: in the country it names, the longest name, the last one named, ours first."""
    wanted = text.casefold()
    countries = {code for name, code in _countries() if _mentions(wanted, name)}
    best: tuple[tuple[bool, int, int, bool], Point] | None = None
    for one in _known(session):
        for name in one.names:
            at = _mentions(wanted, name)
            if at:
                rank = (one.point.country in countries, len(name), at, one.ours)
                if best is None or rank > best[0]:
                    best = (rank, one.point)
    return None if best is None else best[1]


def _mentions(text: str, name: str) -> int:
    """Where a name ends in a text, counted from 1; 0 where it is not there, or only inside of another word."""
    at = text.rfind(name)
    if at < 0:
        return 0
    end = at + len(name)
    if name.isascii():
        before, after = text[at - 1 : at] if at else "", text[end : end + 1]
        if (before.isalnum() and before.isascii()) or (after.isalnum() and after.isascii()):
            return 0
    return end


def _known(session: Session) -> list[_Known]:
    rows = session.execute(
        select(
            Location.code, Location.unlocode, Location.iata, Location.name_en, Location.name_zh,
            Location.country, Location.latitude, Location.longitude,
        ).order_by(Location.code)
    )  # fmt: skip
    found = []
    for code, unlocode, iata, english, chinese, country, latitude, longitude in rows:
        cities = (_city(KIND_OF_PLACE, english).casefold(), _city(KIND_IN_CHINESE, chinese))
        names = tuple(name for name in cities if len(name) >= (SHORTEST if name.isascii() else 2))
        point = Point(latitude, longitude, f"{english} ({code})", country)
        codes = tuple(one.upper() for one in (code, unlocode, iata) if one)
        found.append(_Known(codes, names, point, True))
    return [*found, *_ports()]


def _city(kind: re.Pattern[str], name: str) -> str:
    return kind.sub("", IN_BRACKETS.sub("", name)).strip(" ,-·")


@cache
def _ports() -> tuple[_Known, ...]:
    # The package builds its graph of sea lanes when it is imported; its list of ports is wanted alone.
    spec = find_spec("searoute")
    if spec is None or spec.origin is None:
        return ()
    content = (Path(spec.origin).parent / "data" / "ports.geojson").read_text(encoding="utf-8")
    found = []
    for one in json.loads(content)["features"]:
        longitude, latitude = one["geometry"]["coordinates"]
        code, name = one["properties"]["port"], one["properties"]["name"]
        if code and name:
            names = (name.casefold(),) if len(name) >= SHORTEST else ()
            found.append(
                _Known((code,), names, Point(latitude, longitude, f"{name} ({code})", code[:2]), False)
            )
    return tuple(found)


@cache
def _countries() -> tuple[tuple[str, str], ...]:
    """Names of countries in both languages, in lower case, with their codes."""
    return tuple(
        (name.casefold(), code)
        for language in ("en", "zh")
        for code, name in Locale(language).territories.items()
        if len(code) == 2 and code.isalpha()
    )
