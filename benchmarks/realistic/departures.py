"""The timetable: dated departures with their capacity, prices and the goods they take."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from benchmarks.realistic.places import (
    AIR,
    CA,
    CHONGQING,
    EU,
    FERRY,
    ME,
    NEA,
    NINGBO,
    RAIL,
    REGIONS,
    RU,
    SEA,
    SEA_WAY,
    SHANGHAI,
    SHENZHEN,
    US,
    WEIHAI,
    ZHENGZHOU,
    Floats,
    Ints,
    Mask,
    of_regions,
)

LAST_DAY = 17.0
INCHEON = 6
"""The gateway of flights that parcels reach by ferry; its number follows those of the origins."""
EVERYWHERE = tuple(range(len(REGIONS)))
GATEWAYS = tuple(range(6))
FERRY_PRICE = 9_000.0
FILL = 0.85
"""How full a unit is thought to be where its price is spread over its load."""


@dataclass(frozen=True, slots=True)
class Mode:
    """A way of going: which routes it runs, how often at a million items, what a unit holds and costs.

    `opening` is what a full unit costs against the level of prices of its region, 0 for space that needs no
    opening; `loose` the price of such space against the same level. `goods` is the chance that a departure takes
    general, battery, liquid and other goods. `most` is the largest number of units that may be opened, `bought` the
    share of them that is there already where space is committed.
    """

    name: str
    way: int
    gateways: tuple[int, ...]
    regions: tuple[int, ...]
    runs: float
    kg: float
    m3: float
    most: int
    opening: float
    loose: float
    handling_kg: float
    handling_m3: float
    more_days: float
    cutoff: float
    goods: tuple[float, float, float, float]
    bought: float = 0.0
    homeward: bool = False


_air, _sea, _rail = (1.0, 0.4, 0.3, 0.9), (1.0, 0.9, 0.9, 0.9), (1.0, 0.6, 0.8, 0.9)
_ports = (SHENZHEN, NINGBO, SHANGHAI, WEIHAI)
_overseas = (EU, US, NEA, SEA, ME)
_charter = (1.0, 0.8, 0.5, 0.9)
MODES = (
    Mode("B777F", AIR, (SHENZHEN, ZHENGZHOU), (EU, US), 6, 1e5, 580, 2, 0.80, 0,
         1.5, 0, 0.5, 0.5, _charter, 0.04),
    Mode("B737F", AIR, (SHENZHEN, NINGBO, WEIHAI, CHONGQING), (RU, CA, NEA, SEA), 14, 2e4, 120, 2, 0.80, 0,
         1.5, 0, 0.5, 0.5, _charter, 0.06),
    Mode("ULD", AIR, GATEWAYS, EVERYWHERE, 45, 3500, 13, 5, 0.92, 0, 1.2, 0, 1.0, 0.5, _air, 0.10),
    Mode("belly", AIR, GATEWAYS, EVERYWHERE, 32, 2000, 11, 1, 0, 1.45, 0.5, 0, 1.2, 0.4, (1.0, 0.25, 0.2, 0.9)),
    Mode("FCL", SEA_WAY, _ports, _overseas, 41, 26_000, 68, 4, 1.0, 0, 0.1, 60, 2.0, 1.5, _sea, 0.12),
    Mode("LCL", SEA_WAY, _ports, _overseas, 32, 6000, 18, 1, 0, 1.9, 0.2, 80, 5.0, 2.0, (1.0, 0.7, 0.6, 0.9)),
    Mode("rail FCL", RAIL, (ZHENGZHOU, CHONGQING, NINGBO), (EU, RU, CA), 39, 24_000, 68, 5, 1.0, 0,
         0.1, 60, 1.0, 1.0, _rail, 0.10),
    Mode("rail LCL", RAIL, (ZHENGZHOU, CHONGQING, NINGBO), (EU, RU, CA), 32, 5000, 16, 1, 0, 1.8,
         0.2, 90, 3.0, 1.5, _rail),
    Mode("ferry", FERRY, (WEIHAI,), (NEA,), 46, 20_000, 66, 3, 1.0, 0, 0.3, 0, 0.2, 0.4, (1.0, 0.9, 0.7, 0.9), 0.15),
    Mode("Incheon ULD", AIR, (INCHEON,), (EU, US, NEA, SEA), 46, 3500, 13, 4, 0.75, 0, 1.2, 0, 0.5, 0.3, _air, 0.10),
    Mode("return sailing", SEA_WAY, (SHENZHEN, NINGBO), EVERYWHERE, 27, 20_000, 60, 1, 0, 0.6, 0.3, 60, 2.0, 1.0,
         _sea, homeward=True),
    Mode("return flight", AIR, (SHANGHAI, SHENZHEN), EVERYWHERE, 27, 3000, 15, 1, 0, 0.4, 0.8, 0, 1.0, 0.5,
         _charter, homeward=True),
)  # fmt: skip
NAMES = tuple(mode.name for mode in MODES)
NUMBERS = ("way", "kg", "m3", "most", "opening", "loose", "handling_kg", "handling_m3", "more_days", "cutoff")


@dataclass(frozen=True, slots=True, eq=False)
class Departures:
    """Columns over departures [s]; days from the start, money in fen, `takes` [s, 4] by kind of goods.

    `per_kg`, `per_chargeable` and `per_m3` are paid for every parcel, `opening` for every unit. Where `opening`
    is 0 the space of one unit is free. `vessel` numbers departures that share a ship or train.
    """

    mode: Ints
    gateway: Ints
    region: Ints
    vessel: Ints
    cutoff: Floats
    arrives: Floats
    unit_kg: Floats
    unit_m3: Floats
    unit_max: Ints
    opening: Floats
    per_kg: Floats
    per_chargeable: Floats
    per_m3: Floats
    takes: Mask

    def __len__(self) -> int:
        return len(self.mode)

    def spread(self, which: Mask) -> Departures:
        """Spread the price of units over what they hold, for departures whose space is bought already."""
        part = np.where(which, self.opening / FILL / 2, 0.0)
        return replace(
            self, per_kg=self.per_kg + part / self.unit_kg, per_m3=self.per_m3 + part / self.unit_m3
        )


def timetable(items: int, rng: np.random.Generator) -> Departures:
    """Draw the departures of a network that suits so many items: units and departures grow more slowly than they."""
    mode, gateway, region, nth, count = _runs(items)
    of = {key: np.array([getattr(one, key) for one in MODES], np.float64)[mode] for key in NUMBERS}
    air, homeward = of["way"] == AIR, np.array([one.homeward for one in MODES])[mode]
    level, days = _level_and_days(of["way"].astype(np.int64), region, homeward)
    level = level * rng.lognormal(0.0, 0.12, len(mode))
    leaves = 0.75 + (nth + rng.random(len(mode))) / count * (LAST_DAY - 0.75)
    scale = (items / 1e6) ** 0.55
    full = np.where(air, of["kg"], of["m3"]) * level
    full[of["way"] == FERRY] = FERRY_PRICE
    loose = 100 * of["loose"] * level
    return Departures(
        mode=mode,
        gateway=gateway,
        region=region,
        vessel=(mode * len(REGIONS) + region) * 100_000 + nth,
        cutoff=np.maximum(leaves - of["cutoff"], 0.0),
        arrives=leaves + days * rng.uniform(0.92, 1.12, len(mode)) + of["more_days"],
        unit_kg=of["kg"] * scale,
        unit_m3=of["m3"] * scale,
        unit_max=1 + (rng.random(len(mode)) * of["most"]).astype(np.int64),
        opening=np.round(100 * of["opening"] * full * scale),
        per_kg=100 * of["handling_kg"],
        per_chargeable=np.where(air, loose, 0.0),
        per_m3=100 * of["handling_m3"] + np.where(air, 0.0, loose),
        takes=rng.random((len(mode), 4)) < np.array([one.goods for one in MODES])[mode],
    )


def _runs(items: int) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """Mode, gateway, region, number on its route and departures of the route, for every departure."""
    frequency = of_regions("frequency")
    routes = [(m, g, r) for m, mode in enumerate(MODES) for g in mode.gateways for r in mode.regions]
    mode, gateway, region = np.array(routes).T
    runs = np.array([one.runs for one in MODES])[mode] * frequency[region] * (items / 1e6) ** 0.45
    count = np.maximum(1, np.round(runs + 0.25)).astype(np.int64)
    route = np.repeat(np.arange(len(routes)), count)
    nth = np.arange(len(route)) - np.repeat(np.cumsum(count) - count, count)
    return mode[route], gateway[route], region[route], nth, count[route]


def _level_and_days(way: Ints, region: Ints, homeward: Mask) -> tuple[Floats, Floats]:
    """Level of prices (CNY per kg by air, per m3 otherwise) and days on the way [s]."""
    level = np.stack([of_regions("air"), of_regions("sea"), of_regions("rail"), np.zeros(len(REGIONS))])
    days = np.stack(
        [of_regions("air_days"), of_regions("sea_days"), of_regions("rail_days"), np.full(7, 0.7)]
    )
    landlocked = level[SEA_WAY] == 0
    level[SEA_WAY, landlocked] = level[RAIL, landlocked]
    days[SEA_WAY, landlocked] = days[RAIL, landlocked]
    back = np.where(homeward, 0.8, 1.0)  # ships and planes go home half empty
    return level[way, region] * back, days[way, region]
