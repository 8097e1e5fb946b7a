"""A pool of parcels, stock transfers and returns of any size, the same for the same seed.

Where the distributions come from: the size and goods mix of our own optimizer study (cross-border e-commerce
parcels: lognormal weights with a mean of 3.2 kg and 17 litres, 18 % cartons of 5 to 22 kg; 74 % general, 14 %
battery, 8 % liquid and 4 % other goods; four service levels; 6 % returns). Five thousand parcels of 4 kg are only
20 t, which no container or aircraft notices, so the pool also has what an operator's hubs really load beside them:
8 % stock transfers to overseas warehouses (customs mode 9810), six in ten of them pallets of 120 to 420 kg, and
4 % business orders (9710) of 30 to 120 kg. Values are lognormal per kg. Goods become ready over three weeks of
working days; the latest delivery is the lane's days at the service level, times a slack of 0.95 to 1.35. Of the
returns, 55 % wait at an overseas warehouse to travel to a returns centre in China, 25 % to another overseas
warehouse, and 20 % are in China already and leave again with the exports. Lanes, weights and days stand in
`sample/*.csv` as examples.

Drawn in blocks, each with a generator of its own: the first n rows are the same for every size above n.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from app.seeds.demand import Demand, Destinations, Floats, Ints, Paths

BLOCK = 8192
READY_DAYS = 21
MINUTES = 1440

RETAIL, BUSINESS, STOCK, HOMEWARD, SIDEWAYS, REEXPORT = range(6)
STREAM_SHARE = np.cumsum([0.82, 0.04, 0.08, 0.033, 0.015, 0.012])
DIRECTION = ("export", "export", "stock_transfer", "return", "return", "return")
CUSTOMS_MODE = ("9610", "9710", "9810", "9810", "9810", "9610")
GRADES = ("A", "B", "C", "D")
GRADE_SHARE = np.cumsum([0.45, 0.30, 0.17, 0.08])
FIT_GRADES = 2
"""Only as-new and repacked goods leave China again."""

HARD_SHARE = {True: 0.12, False: 0.04}
"""How often the deadline is hard: express, everything else."""
MEAN_PARCEL_KG, PARCEL_SIGMA = 3.2, 0.8
MEDIAN_KG_PER_M3, DENSITY_SIGMA = 204.0, 0.4
MEDIAN_VALUE_PER_KG, VALUE_SIGMA = 12.0, 0.7


@dataclass(frozen=True, slots=True, eq=False)
class PoolBlock:
    """Up to BLOCK rows, as columns [n]; places, exporters and goods are positions in the `Demand`.

    Minutes count from 1970 UTC; `value_minor` is US cents; `grade` is -1 where there is none, and
    `exported_days_ago` counts back from the day of the draw, 0 for what never left.
    """

    COLUMNS: ClassVar[tuple[str, ...]] = (
        "stream", "exporter", "origin", "destination", "weight_g", "sides_mm", "volume_cm3", "goods", "value_minor",
        "ready_min", "deliver_by_min", "hard", "grade", "exported_days_ago",
    )  # fmt: skip

    first: int
    stream: Ints
    exporter: Ints
    origin: Ints
    destination: Ints
    weight_g: Ints
    sides_mm: Ints
    """[n, 3]"""
    volume_cm3: Ints
    goods: Ints
    value_minor: Ints
    ready_min: Ints
    deliver_by_min: Ints
    hard: npt.NDArray[np.bool_]
    grade: Ints
    exported_days_ago: Ints

    def __len__(self) -> int:
        return len(self.stream)

    def head(self, count: int) -> "PoolBlock":
        """The first `count` rows."""
        return PoolBlock(self.first, *(getattr(self, name)[:count] for name in self.COLUMNS))


def sample_pool(facts: Demand, count: int, seed: int, now: datetime) -> Iterator[PoolBlock]:
    """Yield `count` rows in blocks; ready times begin on the day after `now`."""
    for first in range(0, count, BLOCK):
        yield _block(facts, first, seed, now).head(count - first)


def reference(seed: int, position: int) -> str:
    """What the exporter calls row `position` of a seed's pool."""
    return f"S{seed}-{position:07d}"


def _block(facts: Demand, first: int, seed: int, now: datetime) -> PoolBlock:
    draw = np.random.default_rng([seed, first])
    stream = _pick(draw, STREAM_SHARE, BLOCK)
    weight_g = _weights_g(draw, stream)
    sides_mm = _sides_mm(draw, weight_g, stream)
    goods = _pick(draw, facts.goods_share, BLOCK)
    origin, destination, level, days = _lanes(facts, draw, stream)
    ready_min = _ready_min(draw, now)
    slack = draw.uniform(0.95, 1.35, BLOCK)
    value = weight_g / 1000 * MEDIAN_VALUE_PER_KG * draw.lognormal(0.0, VALUE_SIGMA, BLOCK)
    exporter = _pick(draw, facts.exporter_share, BLOCK)
    battery_exporter = _pick(draw, facts.battery_exporter_share, BLOCK)
    grade = _pick(draw, GRADE_SHARE, BLOCK)
    exported = draw.integers(20, 170, BLOCK)
    returned = stream >= HOMEWARD
    return PoolBlock(
        first=first,
        stream=stream,
        exporter=np.where(facts.is_battery[goods], battery_exporter, exporter),
        origin=origin,
        destination=destination,
        weight_g=weight_g,
        sides_mm=sides_mm,
        volume_cm3=-(-sides_mm.prod(axis=1) // 1000),
        goods=goods,
        value_minor=np.maximum(100, np.rint(value * 100)).astype(np.int64),
        ready_min=ready_min,
        deliver_by_min=ready_min + np.rint(days * slack * MINUTES).astype(np.int64),
        hard=draw.random(BLOCK) < np.where(level == 0, HARD_SHARE[True], HARD_SHARE[False]),
        grade=np.where(returned, np.where(stream == REEXPORT, grade % FIT_GRADES, grade), -1),
        exported_days_ago=np.where(returned, exported, 0),
    )


def _pick(draw: np.random.Generator, cumulative: Floats, count: int) -> Ints:
    return np.searchsorted(cumulative, draw.random(count) * cumulative[-1], side="right").astype(np.int64)


def _weights_g(draw: np.random.Generator, stream: Ints) -> Ints:
    spread = np.log(MEAN_PARCEL_KG) - PARCEL_SIGMA**2 / 2
    parcel = np.clip(draw.lognormal(spread, PARCEL_SIGMA, BLOCK), 0.05, 30.0)
    carton = draw.uniform(5.0, 22.0, BLOCK)
    kg = np.where(draw.random(BLOCK) < 0.18, carton, parcel)
    kg = np.where(stream == BUSINESS, draw.uniform(30.0, 120.0, BLOCK), kg)
    stock = np.where(draw.random(BLOCK) < 0.6, draw.uniform(120.0, 420.0, BLOCK), carton)
    return np.rint(np.where(stream == STOCK, stock, kg) * 1000).astype(np.int64)


def _sides_mm(draw: np.random.Generator, weight_g: Ints, stream: Ints) -> Ints:
    """Three sides [n, 3] that hold the volume; nothing on a pallet stands higher than 1.8 m."""
    density = MEDIAN_KG_PER_M3 * draw.lognormal(0.0, DENSITY_SIGMA, BLOCK)
    volume_mm3 = weight_g / np.clip(density, 80.0, 900.0) * 1e6
    ratio = draw.uniform(0.55, 1.0, (BLOCK, 2))
    longest = np.cbrt(volume_mm3 / ratio.prod(axis=1))
    sides = np.column_stack([longest, longest * ratio[:, 0], longest * ratio[:, 1]])
    pallet = (stream == STOCK) & (weight_g >= 120_000)
    height = np.clip(volume_mm3 / (1200 * 1000), 300, 1800)
    sides[pallet] = np.column_stack([np.full(BLOCK, 1200), np.full(BLOCK, 1000), height])[pallet]
    return np.maximum(20, np.rint(sides)).astype(np.int64)


def _lanes(facts: Demand, draw: np.random.Generator, stream: Ints) -> tuple[Ints, Ints, Ints, Floats]:
    """Origin, destination, service level and the lane's days at that level, each [n]."""
    origin = facts.origin[_pick(draw, facts.origin_share, BLOCK)]
    zone, zone_level, zone_days = _destination(draw, facts.zones)
    stock, stock_level, stock_days = _destination(draw, facts.warehouses)
    home_from, home_to = _path(draw, facts.homeward)
    side_from, side_to = _path(draw, facts.sideways)
    by = [stream == kind for kind in (STOCK, HOMEWARD, SIDEWAYS, REEXPORT)]
    home_days, side_days = draw.uniform(55, 85, BLOCK), draw.uniform(18, 30, BLOCK)
    centre = home_to
    return (
        np.select(by, [origin, home_from, side_from, centre], origin),
        np.select(by, [stock, home_to, side_to, zone], zone),
        np.select(by[:3], [stock_level, np.full(BLOCK, 3), np.full(BLOCK, 2)], zone_level),
        np.select(by[:3], [stock_days, home_days, side_days], zone_days),
    )


def _destination(draw: np.random.Generator, places: Destinations) -> tuple[Ints, Ints, Floats]:
    at = _pick(draw, places.share, BLOCK)
    level = (draw.random((BLOCK, 1)) >= places.level_share[at]).sum(axis=1).astype(np.int64)
    return places.code[at], level, places.days[at, level]


def _path(draw: np.random.Generator, paths: Paths) -> tuple[Ints, Ints]:
    at = _pick(draw, paths.share, BLOCK)
    return paths.origin[at], paths.destination[at]


def _ready_min(draw: np.random.Generator, now: datetime) -> Ints:
    """Working hours (09 to 19 in China) of the days after `now`, Sundays rarely; minutes since 1970 UTC."""
    start = datetime(now.year, now.month, now.day, 1, tzinfo=UTC) + timedelta(days=1)
    days = np.arange(READY_DAYS)
    weight = np.where((start.weekday() + days) % 7 == 6, 0.2, 1.0)
    day = _pick(draw, np.cumsum(weight), BLOCK)
    return int(start.timestamp()) // 60 + day * MINUTES + draw.integers(0, 40, BLOCK) * 15


def instant(minutes: int) -> datetime:
    """The moment so many minutes after 1970-01-01T00:00Z."""
    return datetime.fromtimestamp(minutes * 60, UTC)


def export_day(now: datetime, days_ago: int) -> date | None:
    """The day returned goods were exported; None for what never left."""
    return now.date() - timedelta(days=days_ago) if days_ago else None
