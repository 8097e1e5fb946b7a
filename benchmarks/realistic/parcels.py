"""The items: export parcels and returns with weight, volume, value, urgency and the class they fall into."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.realistic.places import (
    ORIGIN_SHARE,
    ZONE_REGION,
    ZONE_SHARE,
    Floats,
    Ints,
    Mask,
    of_regions,
)

RETURNS = 0.06
CARTONS = 0.18
GOODS = ("general", "battery", "liquid", "other")
GOODS_SHARE = np.array([0.74, 0.14, 0.08, 0.04])
SLA_SHARE = np.array([0.15, 0.35, 0.30, 0.20])
SLA_URGENCY = np.array([3.0, 1.5, 0.8, 0.4])
"""What a day is worth to an item of average value, as a multiple of the common one."""
SLA_LATE = np.array([900.0, 500.0, 250.0, 120.0])
"""What a day late costs, in fen."""
HARD = 0.2
MUST = 0.02
HALF_DAYS = 21
DAY_OF_VALUE = 0.45
"""Fen a day for each CNY of value."""
VOLUMETRIC = 167.0
RECOVERED = np.array([0.92, 0.75, 0.5, 0.2])
"""Share of its value that a return keeps where it can be sold again, by grade."""


@dataclass(frozen=True, slots=True, eq=False)
class Items:
    """Columns over items [n], and over their classes [k]: days, kg, m3, CNY; `day` and `late` in fen a day.

    Returns stand in classes with `back`; their `zone` is where they lie, `sla` their grade, and they have no `due`.
    """

    kg: Floats
    m3: Floats
    value: Floats
    day: Floats
    late: Floats
    must: Mask
    item_class: Ints
    origin: Ints
    zone: Ints
    goods: Ints
    ready: Floats
    sla: Ints
    hard: Mask
    back: Mask
    due: Floats


def draw_items(items: int, rng: np.random.Generator) -> Items:
    """Draw items with the shares and weights of cross-border parcels, and group them into classes."""
    back = rng.random(items) < RETURNS
    origin = np.where(back, 0, _drawn(rng, ORIGIN_SHARE, items))
    zone = _drawn(rng, ZONE_SHARE, items)
    goods = _drawn(rng, GOODS_SHARE, items)
    half_day = rng.integers(0, HALF_DAYS, items)
    sla = _drawn(rng, SLA_SHARE, items)
    hard = ~back & (rng.random(items) < HARD)
    key = np.ravel_multi_index(
        (back.astype(np.int64), origin, zone, goods, half_day, sla, hard.astype(np.int64)),
        (2, len(ORIGIN_SHARE), len(ZONE_SHARE), len(GOODS), HALF_DAYS, len(SLA_SHARE), 2),
    )
    _, first, item_class = np.unique(key, return_index=True, return_inverse=True)
    kg, m3 = _sizes(rng, items)
    value = np.round(rng.lognormal(4.6, 0.8, items) * (0.6 + 0.25 * kg), 2)
    ready = (half_day[first] + 1) / 2
    return Items(
        kg=kg,
        m3=m3,
        value=value,
        day=np.round(DAY_OF_VALUE * value * np.where(back, 1.0, SLA_URGENCY[sla]), 2),
        late=np.where(back, 0.0, SLA_LATE[sla]),
        must=rng.random(items) < MUST,
        item_class=item_class,
        origin=origin[first],
        zone=zone[first],
        goods=goods[first],
        ready=ready,
        sla=sla[first],
        hard=hard[first],
        back=back[first],
        due=np.where(back[first], np.inf, ready + _promise(zone[first], sla[first])),
    )


def _drawn(rng: np.random.Generator, share: Floats, count: int) -> Ints:
    edges = np.cumsum(share / share.sum())
    return np.minimum(np.searchsorted(edges, rng.random(count), side="right"), len(share) - 1)


def _sizes(rng: np.random.Generator, items: int) -> tuple[Floats, Floats]:
    """Kilograms to the gram and m3 to the cm3: cartons of 5 to 22 kg among light parcels, on average 3.2 kg, 17 L."""
    carton = rng.random(items) < CARTONS
    light = np.clip(rng.lognormal(-0.45, 0.85, items), 0.05, 8.0)
    kg = np.round(np.where(carton, rng.uniform(5.0, 22.0, items), light), 3)
    density = np.clip(rng.lognormal(np.log(205.0), 0.45, items), 60.0, 900.0)
    return kg, np.round(kg / density, 6)


def _promise(zone: Ints, sla: Ints) -> Floats:
    """Days from ready to delivered that were promised [k]."""
    far = of_regions("air_days")[ZONE_REGION[zone]]
    slow = np.maximum(of_regions("sea_days"), of_regions("rail_days"))[ZONE_REGION[zone]]
    days = np.stack([5 + far, 9 + far, 12 + far + 0.35 * slow, 16 + far + 1.0 * slow])
    return days[sla, np.arange(len(sla))]


def features(items: Items) -> Floats:
    """What options' rates multiply [n, 9]: see `FEATURES`."""
    chargeable = np.maximum(items.kg, VOLUMETRIC * items.m3)
    columns = [np.ones(len(items.kg)), items.kg, chargeable, items.m3, items.value, items.day, items.late]
    columns += [last_mile(chargeable, DIRECT_FEN), last_mile(items.kg, FROM_WAREHOUSE_FEN)]
    return np.stack(columns, axis=1)


FEATURES = ("one", "kg", "chargeable kg", "m3", "value CNY", "day", "day late", "direct", "from warehouse")
ONE, KG, CHARGEABLE, M3, VALUE, DAY, LATE, DIRECT, FROM_WAREHOUSE = range(9)
BRACKETS_KG = np.array([0.5, 1.0, 2.0, 5.0, 10.0, 20.0])
DIRECT_FEN = np.array([1500, 1900, 2600, 4200, 6800, 10_500, 15_500], float)
FROM_WAREHOUSE_FEN = np.array([1250, 1500, 1950, 3000, 4700, 7400, 11_000], float)


def last_mile(kg: Floats, price: Floats) -> Floats:
    """The price of a weight's bracket, in fen."""
    return price[np.searchsorted(BRACKETS_KG, kg)]
