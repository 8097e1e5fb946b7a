"""Options of classes: what each costs by feature, and what it uses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.realistic import parcels
from benchmarks.realistic.chains import (
    COURIER_DAYS,
    CUSTOMS_FEN,
    DELIVERY_DAYS,
    DUTY,
    Chains,
    Picks,
    Requests,
    courier_price,
    pick,
)
from benchmarks.realistic.parcels import Items
from benchmarks.realistic.places import (
    FEEDER_KG,
    ORIGINS,
    REGIONS,
    WAREHOUSES,
    ZONE_FACTOR,
    ZONE_REGION,
    ZONE_WAREHOUSE,
    Floats,
    Ints,
    of_regions,
)

KEPT = 27
PERIOD_DAYS, PERIODS = 3.0, 32
WEEK_DAYS, WEEKS = 7.0, 14
EXPORT_DWELL, RESTOCK_DWELL = 2.0, 30.0
"""Days that goods lie in the warehouse."""
LEGS = 3
COUNTED, STORED = LEGS, LEGS + 1
"""Columns of `Options.uses` for what is taken in pieces and what in cm3 days; departures stand before them."""
SURCHARGE_FEN = np.array([0.0, 900.0, 700.0, 200.0])


@dataclass(frozen=True, slots=True, eq=False)
class Options:
    """Columns over options [o]: class, `rates` [o, 9] in fen, `uses` [o, 5] of resources (-1 none), days in store."""

    owner: Ints
    rates: Floats
    uses: Ints
    dwell: Floats

    def __len__(self) -> int:
        return len(self.owner)

    def sorted(self) -> Options:
        """In the order of their classes."""
        order = np.argsort(self.owner, kind="stable")
        return Options(self.owner[order], self.rates[order], self.uses[order], self.dwell[order])


@dataclass(frozen=True, slots=True)
class Numbering:
    """Where the resources of each kind begin, after the departures; the last kind ends at `total`."""

    departures: int

    @property
    def throughput(self) -> int:
        """Items a warehouse takes in within a period."""
        return self.departures

    @property
    def quota(self) -> int:
        """Declarations that the customs of a region take within a week."""
        return self.throughput + WAREHOUSES * PERIODS

    @property
    def hub(self) -> int:
        """Returns that an origin relabels within a week."""
        return self.quota + len(REGIONS) * WEEKS

    @property
    def storage(self) -> int:
        """Room of a warehouse, by the week."""
        return self.hub + len(ORIGINS) * WEEKS

    @property
    def total(self) -> int:
        """All resources."""
        return self.storage + WAREHOUSES * WEEKS

    def throughput_at(self, warehouse: Ints, day: Floats) -> Ints:
        """The throughput of warehouses on days."""
        return self.throughput + warehouse * PERIODS + _nth(day, PERIOD_DAYS, PERIODS)

    def quota_at(self, region: Ints, day: Floats) -> Ints:
        """The quota of regions on days."""
        return self.quota + region * WEEKS + _nth(day, WEEK_DAYS, WEEKS)

    def hub_at(self, origin: Ints, day: Floats) -> Ints:
        """The relabelling of origins on days."""
        return self.hub + origin * WEEKS + _nth(day, WEEK_DAYS, WEEKS)

    def storage_at(self, warehouse: Ints, day: Floats) -> Ints:
        """The room of warehouses on days."""
        return self.storage + warehouse * WEEKS + _nth(day, WEEK_DAYS, WEEKS)


def _nth(day: Floats, days: float, most: int) -> Ints:
    return np.minimum((day / days).astype(np.int64), most - 1)


def blank(owner: Ints) -> Options:
    """Options that cost and use nothing."""
    count = len(owner)
    uses = np.full((count, LEGS + 2), -1, np.int64)
    return Options(owner, np.zeros((count, len(parcels.FEATURES))), uses, np.zeros(count))


def joined(some: list[Options]) -> Options:
    """All of them, one kind after the other."""
    keys = ("owner", "rates", "uses", "dwell")
    return Options(*(np.concatenate([getattr(one, key) for one in some]) for key in keys))


def exports(items: Items, ranked: Chains, charged: Chains, numbering: Numbering) -> Options:
    """Chains and the courier for classes of exports; `charged` are the chains with the prices that are paid."""
    classes = np.flatnonzero(~items.back)
    urgency, late = parcels.SLA_URGENCY[items.sla[classes]], parcels.SLA_LATE[items.sla[classes]]
    requests = Requests(
        items.origin[classes], items.zone[classes], items.goods[classes], items.ready[classes],
        items.due[classes], items.hard[classes], urgency, late,
    )  # fmt: skip
    picks = pick(requests, ranked, KEPT)
    going = transported(requests, picks, charged, numbering, classes[picks.request])
    courier = by_courier(items, classes)
    return joined([going, courier])


def transported(
    requests: Requests, picks: Picks, chains: Chains, numbering: Numbering, owner: Ints
) -> Options:
    """The options of picked chains: their first leg is the first column of uses, a flight from Incheon the third."""
    made = blank(owner)
    zone, origin = requests.zone[picks.request], requests.origin[picks.request]
    chain, way = picks.chain, picks.delivery
    arrives = chains.arrives[chain] + np.array(DELIVERY_DAYS)[way]
    rates = made.rates
    rates[:, parcels.ONE] = np.array(CUSTOMS_FEN)[way]
    rates[:, parcels.KG] = chains.per_kg[chain] + FEEDER_KG[origin, chains.gateway[chain]]
    rates[:, parcels.CHARGEABLE] = chains.per_chargeable[chain]
    rates[:, parcels.M3] = chains.per_m3[chain]
    rates[:, parcels.VALUE] = 100 * of_regions("duty")[ZONE_REGION[zone]] * np.array(DUTY)[way]
    rates[:, parcels.DAY] = arrives - requests.ready[picks.request]
    rates[:, parcels.LATE] = np.maximum(arrives - requests.due[picks.request], 0.0)
    rates[:, parcels.DIRECT] = np.where(way == 0, ZONE_FACTOR[zone], 0.0)
    rates[:, parcels.FROM_WAREHOUSE] = np.where(way == 1, ZONE_FACTOR[zone], 0.0)
    made.uses[:, 0] = chains.first[chain]
    made.uses[:, 2] = chains.second[chain]
    warehouse = ZONE_WAREHOUSE[zone]
    by_warehouse = numbering.throughput_at(warehouse, chains.arrives[chain])
    cleared = numbering.quota_at(ZONE_REGION[zone], chains.arrives[chain])
    made.uses[:, COUNTED] = np.where(way == 1, by_warehouse, cleared)
    stored = numbering.storage_at(warehouse, chains.arrives[chain])
    made.uses[:, STORED] = np.where(way == 1, stored, -1)
    made.dwell[:] = EXPORT_DWELL
    return made


def by_courier(items: Items, classes: Ints) -> Options:
    """The courier, who takes everything and is never late."""
    made = blank(classes)
    zone, goods = items.zone[classes], items.goods[classes]
    each, per_kg = courier_price(zone)
    made.rates[:, parcels.ONE] = each + SURCHARGE_FEN[goods]
    made.rates[:, parcels.CHARGEABLE] = per_kg
    made.rates[:, parcels.VALUE] = 100 * of_regions("duty")[ZONE_REGION[zone]]
    made.rates[:, parcels.DAY] = COURIER_DAYS
    return made
