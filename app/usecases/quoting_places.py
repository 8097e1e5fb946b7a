"""Where a quote begins and ends: codes and addresses as places that the network serves, without asking outside."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from geopy.distance import great_circle

from app.errors import FieldError, Invalid
from app.models.places import WAREHOUSE_KINDS
from app.queries.places import Place
from app.usecases.quoting_network import SellNetwork

TYPES = ("unlocode", "iata", "station", "warehouse", "location", "address")
MOST_PLACES = 3
"""Places of one UN/LOCODE (port, airport, station, …) that are all tried."""
NEAREST_TRIED = 8
MOST_PAIRS = 6
"""Pairs of places between two countries that an estimate looks at."""
Codes = dict[str, tuple[int, ...]]
"""Positions of places by code."""


@dataclass(frozen=True, slots=True)
class Ends:
    """Positions of the places that were meant, and how far an address is from the one served (None: no address)."""

    places: tuple[int, ...]
    distance_m: int | None = None
    foreign: bool = False
    """The nearest place served is in another country than the address."""


def find_ends(net: SellNetwork, given: Mapping[str, Any], field: str) -> Ends:
    """Return the places for `origin` or `destination`; Invalid says what to send instead.

    Codes: `place_unknown`, `place_not_served`, `address_unresolved`.
    """
    served = _served(net, field)
    if given["type"] == "address":
        return _nearest(net, given, served, field)
    code = given["code"]
    found = _codes(net)[given["type"]].get(code, ())
    if not found:
        raise _refused(
            field, "place_unknown", f"there is no {given['type']} {code!r} here", "see GET /locations"
        )
    used = [at for at in found if at in served]
    if not used:
        raise _refused(
            field,
            "place_not_served",
            f"nothing that is sold {_verb(field)} {code}",
            "name a place near it, or an address",
        )
    return Ends(tuple(used[:MOST_PLACES]))


def _verb(field: str) -> str:
    return "leaves from" if field == "origin" else "goes to"


def _refused(field: str, code: str, message: str, suggestion: str) -> Invalid:
    place = FieldError(field, code, message, suggestion, f"$.{field}")
    return Invalid(f"{field}: {message}", (place,))


def _codes(net: SellNetwork) -> dict[str, Codes]:
    """Return which places are meant by a code, by the type it is given as."""
    with net.lock:
        found = net.kept.get("codes")
        if not isinstance(found, dict):
            found = net.kept["codes"] = {kind: _by_code(net, kind) for kind in TYPES}
    return found


def _by_code(net: SellNetwork, kind: str) -> Codes:
    found: dict[str, list[int]] = defaultdict(list)
    for at, place in enumerate(net.places):
        names = {
            "unlocode": (place.unlocode,),
            "iata": (net.iata[at],),
            "station": (place.code, place.unlocode) if place.kind == "station" else (),
            "warehouse": (place.code, place.unlocode) if place.kind in WAREHOUSE_KINDS else (),
            "location": (place.code,),
        }
        for name in names.get(kind, ()):
            if name is not None:
                found[name].append(at)
    return {name: tuple(places) for name, places in found.items()}


def _served(net: SellNetwork, field: str) -> frozenset[int]:
    """Return the places where some leg begins, or ends."""
    legs = net.timetable.legs
    column = legs.origin if field == "origin" else legs.destination
    with net.lock:
        found = net.kept.get(("served", field))
        if not isinstance(found, frozenset):
            found = frozenset(np.unique(column).tolist())
            net.kept["served", field] = found
    return found


def _nearest(net: SellNetwork, given: Mapping[str, Any], served: frozenset[int], field: str) -> Ends:
    point = _point(net, given, field)
    at_home = [at for at in served if net.places[at].country == given["country_code"]]
    choice = at_home or sorted(served)
    if not choice:
        raise _refused(
            field, "place_not_served", f"nothing that is sold {_verb(field)} any place", "ask the operator"
        )
    near = sorted(choice, key=lambda at: _apart(net.places[at], point))[:NEAREST_TRIED]
    metres = {
        at: great_circle(point, (net.places[at].latitude, net.places[at].longitude)).meters for at in near
    }
    best = min(near, key=lambda at: (metres[at], at))
    return Ends((best,), round(metres[best]), foreign=not at_home)


def _apart(place: Place, point: tuple[float, float]) -> float:
    """Return how far apart two points are, in square degrees: enough to leave most places out."""
    across = (place.longitude - point[1] + 180) % 360 - 180
    return float((place.latitude - point[0]) ** 2 + (across * np.cos(np.radians(point[0]))) ** 2)


def _point(net: SellNetwork, given: Mapping[str, Any], field: str) -> tuple[float, float]:
    """Return latitude and longitude: as they were given, or those of a place of ours in that city."""
    if given.get("lat") is not None and given.get("lon") is not None:
        return float(given["lat"]), float(given["lon"])
    city = str(given.get("city") or "").strip().casefold()
    country = [place for place in net.places if place.country == given["country_code"]]
    named = [place for place in country if city and _is_in(place, city)]
    if not named:
        raise _refused(
            field, "address_unresolved", "the address cannot be found without asking outside",
            "send lat and lon, or the name of a city with a place of ours (GET /locations)",
        )  # fmt: skip
    return named[0].latitude, named[0].longitude


def _is_in(place: Place, city: str) -> bool:
    return city in place.name_en.casefold() or city in place.name_zh.casefold()


def country_pairs(net: SellNetwork, start: str, end: str) -> list[tuple[int, int]]:
    """Return pairs of places between two countries: those with the cheapest departures, else the busiest places."""
    legs, country = net.timetable.legs, np.array([place.country for place in net.places])
    if not len(legs):
        return []
    rides = np.flatnonzero(
        (country[legs.origin] == start) & (country[legs.destination] == end) & (legs.departure >= 0)
    )
    best: dict[tuple[int, int], float] = {}
    ends = zip(legs.origin[rides].tolist(), legs.destination[rides].tolist(), strict=True)
    for pair, cost in zip(ends, net.estimate.leg_cost[rides].tolist(), strict=True):
        best[pair] = min(cost, best.get(pair, cost))
    if best:
        return sorted(best, key=lambda pair: (best[pair], pair))[:MOST_PAIRS]
    return list(product(busiest(net, start, "origin"), busiest(net, end, "destination")))


def busiest(net: SellNetwork, country: str, field: str) -> list[int]:
    """Return the busiest places of a country where something that is sold begins (`origin`) or ends; none: []."""
    legs = net.timetable.legs
    count = np.bincount(legs.origin if field == "origin" else legs.destination, minlength=len(net.places))
    here = [at for at in _served(net, field) if net.places[at].country == country]
    return sorted(here, key=lambda at: (-int(count[at]), at))[:MOST_PLACES]
