"""What is free of each resource, and what can be opened on it, in the three regimes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.realistic.departures import MODES, Departures
from benchmarks.realistic.options import (
    EXPORT_DWELL,
    PERIOD_DAYS,
    PERIODS,
    RESTOCK_DWELL,
    WEEK_DAYS,
    WEEKS,
    Numbering,
)
from benchmarks.realistic.parcels import HALF_DAYS, Items
from benchmarks.realistic.places import (
    ORIGINS,
    WAREHOUSES,
    ZONE_REGION,
    ZONE_WAREHOUSE,
    Floats,
    Ints,
    Mask,
)

G, CM3, PIECES = range(3)
DIMENSIONS = ("g", "cm3", "pieces")
SPAN_DAYS = HALF_DAYS / 2 + 10
"""Days over which most goods arrive."""
THROUGHPUT, QUOTA, HUB, STORAGE = 0.6, 0.6, 0.04, 0.4
"""Capacity as a share of what would come if all went that way, evenly."""
TWENTY = (0.46, 0.60)
"""Size and price of a 20-foot container against one of 40 feet."""
ALLOTTED = 0.6
"""Share of the containers' TEU that a vessel's allotment has."""


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """Columns over unit types [t], as in the problem format; `parent` -1 where a unit takes room nowhere."""

    resource: Ints
    size: Floats
    cost: Floats
    most: Ints
    parent: Ints
    takes: Floats


def bought_in(regime: str, departures: Departures, rng: np.random.Generator) -> Mask:
    """Which departures' units are bought already: all (A), none (B) or half of them (mixed)."""
    priced = departures.opening > 0
    drawn = rng.random(len(departures)) < 0.5
    return priced & {"A": np.True_, "B": np.False_, "mixed": drawn}[regime]


def free_space(departures: Departures, bought: Mask, items: Items, numbering: Numbering) -> Floats:
    """What costs nothing more [resources, 3]: bought and loose space, warehouses, quotas; inf where unlimited."""
    free = np.full((numbering.total, len(DIMENSIONS)), np.inf)
    part = np.array([mode.bought for mode in MODES])[departures.mode]
    share = np.where(bought, part * departures.unit_max, 1.0) * (bought | (departures.opening == 0))
    here = free[: len(departures)]
    here[:, G] = np.floor(share * departures.unit_kg * 1e3)
    here[:, CM3] = np.floor(share * departures.unit_m3 * 1e6)
    zone, back = items.zone[items.item_class], items.back[items.item_class]
    warehouse = ZONE_WAREHOUSE[zone]
    everything = np.bincount(warehouse, minlength=WAREHOUSES)
    _set(free, numbering.throughput, PIECES, THROUGHPUT * everything * PERIOD_DAYS / SPAN_DAYS, PERIODS)
    to_region = np.bincount(ZONE_REGION[zone[~back]], minlength=ZONE_REGION.max() + 1)
    _set(free, numbering.quota, PIECES, QUOTA * to_region * WEEK_DAYS / SPAN_DAYS)
    _set(free, numbering.hub, PIECES, np.full(len(ORIGINS), HUB * back.sum()))
    room = np.where(back, RESTOCK_DWELL, EXPORT_DWELL) * items.m3 * 1e6
    stored = np.bincount(warehouse, room, minlength=WAREHOUSES)
    _set(free, numbering.storage, CM3, STORAGE * stored * WEEK_DAYS / SPAN_DAYS)
    return free


def _set(free: Floats, first: int, dimension: int, capacity: Floats, periods: int = WEEKS) -> None:
    """The same capacity in every period of a place; a few pieces more, so that small problems have some."""
    free[first : first + periods * len(capacity), dimension] = np.repeat(np.ceil(capacity) + 3, periods)


def units_of(regime: str, departures: Departures, bought: Mask) -> tuple[Units, Floats]:
    """The units that can be opened, and what is free of the allotments [m, 3] that stand after all other resources.

    Where the regime is mixed, containers come in two sizes and take TEU of their vessel's allotment.
    """
    some = np.flatnonzero((departures.opening > 0) & ~bought)
    size = np.zeros((len(some), len(DIMENSIONS)))
    size[:, G] = np.floor(departures.unit_kg[some] * 1e3)
    size[:, CM3] = np.floor(departures.unit_m3[some] * 1e6)
    none = np.full(len(some), -1)
    units = Units(some, size, departures.opening[some], departures.unit_max[some], none, np.zeros(size.shape))
    if regime != "mixed":
        return units, np.zeros((0, len(DIMENSIONS)))
    boxed = np.array([mode.name.endswith("FCL") for mode in MODES])[departures.mode[some]]
    return _in_boxes(units, boxed, departures.vessel[some])


def _in_boxes(units: Units, boxed: Mask, vessel: Ints) -> tuple[Units, Floats]:
    """Containers of 40 feet where `boxed`, and behind them as many types of 20 feet; allotments count from 0."""
    box = np.flatnonzero(boxed)
    _, of_vessel = np.unique(vessel[box], return_inverse=True)
    parent = units.parent.copy()
    parent[box] = of_vessel
    takes = units.takes.copy()
    takes[box, PIECES] = 2
    one = np.zeros((len(box), len(DIMENSIONS)))
    one[:, PIECES] = 1
    teu = np.bincount(of_vessel, 2.0 * units.most[box])
    allotment = np.full((len(teu), len(DIMENSIONS)), np.inf)
    allotment[:, PIECES] = np.maximum(2, np.floor(ALLOTTED * teu))
    return Units(
        np.concatenate([units.resource, units.resource[box]]),
        np.concatenate([units.size, np.floor(units.size[box] * TWENTY[0])]),
        np.concatenate([units.cost, np.round(units.cost[box] * TWENTY[1])]),
        np.concatenate([units.most, 2 * units.most[box]]),
        np.concatenate([parent, of_vessel]),
        np.concatenate([takes, one]),
    ), allotment
