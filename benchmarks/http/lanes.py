"""Places and ways between them: hubs in China, gateways, gateways abroad, overseas warehouses, delivery zones."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import asin, cos, radians, sin, sqrt
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Location

WEEKS = 8
"""How far ahead there are departures."""
GATEWAYS = {"air": "airport", "sea": "port", "rail": "station"}
SHARES = {"air": 50, "sea": 30, "rail": 20}
A_WEEK = {"air": (3, 7), "sea": (1, 2), "rail": (2, 3)}
KM_H = {"air": 600.0, "sea": 33.0, "rail": 40.0, "road": 45.0, "last_mile": 25.0}
DETOUR = {"air": 1.0, "sea": 1.5, "rail": 1.2, "road": 1.3, "last_mile": 1.3}
HANDLING_H = {"air": 10, "sea": 12, "rail": 8, "road": 4, "last_mile": 20}
STOP_H = 12
FEEDERS, ONWARD, DELIVERIES = 2, 2, 3
"""To how many gateways of each kind a hub, to how many warehouses a gateway, to how many zones a warehouse leads."""


@dataclass(frozen=True, slots=True)
class Place:
    """A location, and where it is."""

    id: int
    code: str
    kind: str
    country: str
    latitude: float
    longitude: float

    def km_to(self, other: Place) -> float:
        """Great circle in kilometres."""
        one, two = radians(self.latitude), radians(other.latitude)
        across = sin((two - one) / 2) ** 2
        along = sin(radians(other.longitude - self.longitude) / 2) ** 2
        return 12742 * asin(sqrt(across + cos(one) * cos(two) * along))


@dataclass(frozen=True, slots=True)
class Link:
    """A service on demand between two places."""

    mode: str
    start: Place
    end: Place
    minutes: int


@dataclass(frozen=True, slots=True)
class Line:
    """A dated service: where it calls, on which days of the week it leaves at which hour; boxed or loose."""

    number: int
    mode: str
    calls: tuple[Place, ...]
    weekdays: tuple[int, ...]
    hour: int
    boxed: bool

    @property
    def code(self) -> str:
        """What it is called."""
        return f"{self.mode.upper()}-{self.number:04}"

    def dates(self, after: datetime) -> Iterator[datetime]:
        """Every departure from the first call within the weeks after a day."""
        first = after.replace(hour=self.hour, minute=0, second=0, microsecond=0) + timedelta(days=1)
        days = (first + timedelta(days=day) for day in range(7 * WEEKS))
        yield from (day for day in days if day.isoweekday() in self.weekdays)

    def times(self, leaves: datetime) -> list[tuple[datetime | None, datetime | None]]:
        """Arrival and departure at each call; none at the ends."""
        found: list[tuple[datetime | None, datetime | None]] = [(None, leaves)]
        for start, end in zip(self.calls, self.calls[1:], strict=False):
            arrives = leaves + timedelta(minutes=minutes(self.mode, start, end))
            leaves = arrives + timedelta(hours=STOP_H)
            found.append((arrives, leaves))
        found[-1] = (found[-1][0], None)
        return found


def minutes(mode: str, start: Place, end: Place) -> int:
    """How long the way takes, handling included."""
    return round(60 * (HANDLING_H[mode] + DETOUR[mode] * start.km_to(end) / KM_H[mode]))


def read_places(session: Session) -> list[Place]:
    """All locations, by id."""
    found = session.scalars(select(Location).order_by(Location.id))
    return [Place(one.id, one.code, one.kind, one.country, one.latitude, one.longitude) for one in found]


def links(places: Sequence[Place]) -> list[Link]:
    """From hubs to gateways, from gateways abroad to warehouses, from warehouses to zones: each to the nearest."""
    hubs, zones = _of(places, "origin_hub"), _of(places, "zone")
    warehouses = _of(places, "overseas")
    found = []
    for kind in GATEWAYS.values():
        home, abroad = _gateways(places, kind)
        found += _nearest("road", hubs, home, FEEDERS)
        found += _nearest("road", abroad, warehouses, ONWARD)
    return found + _nearest("last_mile", warehouses, zones, DELIVERIES)


def _of(places: Sequence[Place], kind: str) -> list[Place]:
    return [place for place in places if place.kind == kind]


def _gateways(places: Sequence[Place], kind: str) -> tuple[list[Place], list[Place]]:
    there = _of(places, kind)
    return [one for one in there if one.country == "CN"], [one for one in there if one.country != "CN"]


def _nearest(mode: str, starts: Sequence[Place], ends: Sequence[Place], count: int) -> list[Link]:
    return [
        Link(mode, start, end, minutes(mode, start, end))
        for start in starts
        for end in sorted(ends, key=lambda end, at=start: (end.country != at.country, at.km_to(end)))[:count]
    ]


def lines(places: Sequence[Place], departures: int, rng: Random) -> Iterator[Line]:
    """Lines that together have so many departures or a few more; some gateways are more in demand than others."""
    ways = {mode: _gateways(places, kind) for mode, kind in GATEWAYS.items()}
    number = left = 0
    while left < departures:
        number += 1
        mode = rng.choices(list(SHARES), list(SHARES.values()))[0]
        home, abroad = (_by_demand(some, rng, most=2 if mode == "sea" else 1) for some in ways[mode])
        weekdays = tuple(sorted(rng.sample(range(1, 8), rng.randint(*A_WEEK[mode]))))
        boxed = mode != "air" and rng.random() < 0.3
        yield Line(number, mode, (*home, *abroad), weekdays, rng.randrange(24), boxed)
        left += WEEKS * len(weekdays)


def _by_demand(places: Sequence[Place], rng: Random, *, most: int) -> list[Place]:
    """Up to `most` different places, earlier ones more often."""
    count = min(rng.randint(1, most), len(places))
    chosen: list[Place] = []
    while len(chosen) < count:
        one = rng.choices(places, [1 / (2 + rank) for rank in range(len(places))])[0]
        chosen += [one] if one not in chosen else []
    return chosen


def best_served(found: Sequence[Link], drawn: Sequence[Line], count: int) -> list[tuple[str, str]]:
    """The codes of the zones with the most ways to them, each with the hub that has most of them."""
    ways: Counter[tuple[str, str]] = Counter()
    after: dict[int, list[Link]] = defaultdict(list)
    for link in found:
        after[link.start.id].append(link)
    for feeder in (link for link in found if link.start.kind == "origin_hub"):
        for line in (line for line in drawn if feeder.end in line.calls):
            for onward in after[line.calls[-1].id]:
                for last in after[onward.end.id]:
                    ways[feeder.start.code, last.end.code] += len(line.weekdays)
    best: dict[str, str] = {}
    for hub, zone in sorted(ways, key=lambda pair: (-ways[pair], pair)):
        best.setdefault(zone, hub)
    return [(hub, zone) for zone, hub in best.items()][:count]
