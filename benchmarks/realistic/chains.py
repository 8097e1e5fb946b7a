"""Chains of departures from a gateway to a region, and the best of them for each request."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.realistic.departures import FILL, INCHEON, MODES, Departures
from benchmarks.realistic.parcels import (
    DAY_OF_VALUE,
    DIRECT_FEN,
    FROM_WAREHOUSE_FEN,
    VOLUMETRIC,
    last_mile,
)
from benchmarks.realistic.places import (
    AIR,
    FEEDER_DAYS,
    FEEDER_KG,
    FERRY,
    ZONE_FACTOR,
    ZONE_REGION,
    ZONES,
    Floats,
    Ints,
    Mask,
    of_regions,
)

FERRIES = 2
"""How many ferries before a flight from Incheon are of use."""
TRANSFER = 0.25
DELIVERY_DAYS = (1.8, 2.6)
CUSTOMS_FEN = (160.0, 60.0)
DUTY = (1.0, 0.75)
"""Days, customs fee and share of the duty where a parcel is delivered directly, and from a warehouse."""
CHUNK = 2_000_000
LIGHT_AND_HEAVY = np.array([[0.7, 0.7 / 205, 110.0], [13.0, 13.0 / 205, 400.0]])
"""Kg, m3 and CNY of the two parcels that options are ranked by."""


@dataclass(frozen=True, slots=True, eq=False)
class Chains:
    """Columns over chains [c]: one departure, or a ferry and a flight (`second`, else -1); money in fen.

    `unit_kg` and `unit_m3` are the price of a full unit for each kg and m3 in it.
    """

    first: Ints
    second: Ints
    gateway: Ints
    region: Ints
    cutoff: Floats
    arrives: Floats
    per_kg: Floats
    per_chargeable: Floats
    per_m3: Floats
    unit_kg: Floats
    unit_m3: Floats
    takes: Mask


def chains_of(departures: Departures) -> Chains:
    """Enumerate the chains that lead out of China: every departure, and ferries with flights from Incheon."""
    outward = ~np.array([mode.homeward for mode in MODES])[departures.mode]
    alone = np.flatnonzero(outward & (departures.gateway != INCHEON))
    ferry, flight = _by_incheon(departures)
    first = np.concatenate([alone, ferry])
    second = np.concatenate([np.full(len(alone), -1), flight])
    main = np.where(second >= 0, second, first)
    return Chains(
        first=first,
        second=second,
        gateway=departures.gateway[first],
        region=departures.region[main],
        cutoff=departures.cutoff[first],
        arrives=departures.arrives[main],
        per_kg=_summed(departures.per_kg, first, second),
        per_chargeable=_summed(departures.per_chargeable, first, second),
        per_m3=_summed(departures.per_m3, first, second),
        unit_kg=_summed(departures.opening / departures.unit_kg / FILL, first, second),
        unit_m3=_summed(departures.opening / departures.unit_m3 / FILL, first, second),
        takes=departures.takes[first] & departures.takes[main],
    )


def _by_incheon(departures: Departures) -> tuple[Ints, Ints]:
    """Pairs of a ferry and a flight that it still reaches."""
    way = np.array([mode.way for mode in MODES])[departures.mode]
    ferries = np.flatnonzero(way == FERRY)
    ferries = ferries[np.argsort(departures.arrives[ferries], kind="stable")]
    flights = np.flatnonzero((way == AIR) & (departures.gateway == INCHEON))
    last = (
        np.searchsorted(departures.arrives[ferries], departures.cutoff[flights] - TRANSFER, side="right") - 1
    )
    place = last[:, None] - np.arange(FERRIES)
    flight, which = np.nonzero(place >= 0)
    return ferries[place[flight, which]], flights[flight]


def _summed(column: Floats, first: Ints, second: Ints) -> Floats:
    return column[first] + np.where(second >= 0, column[second], 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Requests:
    """Columns over requests for transport out of China [q]; `urgency` multiplies what a day is worth."""

    origin: Ints
    zone: Ints
    goods: Ints
    ready: Floats
    due: Floats
    hard: Mask
    urgency: Floats
    late: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Picks:
    """Chains picked for requests [p]; `delivery` is 0 for direct, 1 by way of the overseas warehouse."""

    request: Ints
    chain: Ints
    delivery: Ints


def pick(requests: Requests, chains: Chains, keep: int) -> Picks:
    """Pick up to `keep` chains for each request: those that cost least against courier for a light or a heavy parcel.

    Ranked are variable costs, time, lateness and the last mile with full units' prices. Chains that leave too
    early, do not take the goods or, where the request is hard, come too late are left out.
    """
    place = requests.origin * ZONES + requests.zone
    order = np.argsort(place, kind="stable")
    found = []
    by_region = [np.flatnonzero(chains.region == region) for region in range(ZONE_REGION.max() + 1)]
    for rows in np.split(order, np.flatnonzero(np.diff(place[order])) + 1):
        if not len(rows):
            continue
        some = by_region[ZONE_REGION[requests.zone[rows[0]]]]
        step = max(1, CHUNK // max(1, 2 * len(some)))
        found += [
            _ranked(requests, chains, rows[begin : begin + step], some, keep)
            for begin in range(0, len(rows), step)
        ]
    request, chain, delivery = (np.concatenate(column) for column in zip(*found, strict=True))
    return Picks(request, chain, delivery)


def _ranked(requests: Requests, chains: Chains, rows: Ints, some: Ints, keep: int) -> tuple[Ints, Ints, Ints]:
    """Request, chain and delivery of the best for requests of one origin and zone."""
    origin, zone = int(requests.origin[rows[0]]), int(requests.zone[rows[0]])
    there = np.concatenate([chains.arrives[some] + days for days in DELIVERY_DAYS]).astype(np.float32)
    ready, due = requests.ready[rows, None], requests.due[rows, None].astype(np.float32)
    base, courier = _base_costs(chains, some, origin, zone)
    days = there - ready.astype(np.float32)
    late = np.maximum(there - due, 0) * requests.late[rows, None].astype(np.float32)
    score = np.full(days.shape, np.inf, np.float32)
    for nth, (_, _, value) in enumerate(LIGHT_AND_HEAVY):
        day = (DAY_OF_VALUE * value * requests.urgency[rows, None]).astype(np.float32)
        np.minimum(score, (base[nth] + day * days + late) / courier[nth], out=score)
    possible = ready + FEEDER_DAYS[origin, chains.gateway[some]] <= chains.cutoff[some]
    possible &= chains.takes[some].T[requests.goods[rows]]
    score[~np.tile(possible, 2) | (requests.hard[rows, None] & (there > due))] = np.inf
    best = np.argpartition(score, keep, axis=1)[:, :keep] if keep < score.shape[1] else None
    best = np.tile(np.arange(score.shape[1]), (len(rows), 1)) if best is None else np.sort(best, axis=1)
    row, column = np.nonzero(np.isfinite(np.take_along_axis(score, best, axis=1)))
    which = best[row, column]
    return rows[row], some[which % len(some)], which // len(some)


def _base_costs(chains: Chains, some: Ints, origin: int, zone: int) -> tuple[Floats, Floats]:
    """What does not depend on the request, for both parcels: chains [2, 2c], direct ones first, and courier [2]."""
    kg, m3, value = LIGHT_AND_HEAVY.T[:, :, None]
    chargeable = np.maximum(kg, VOLUMETRIC * m3)
    going = (
        (chains.per_kg[some] + FEEDER_KG[origin, chains.gateway[some]]) * kg
        + chains.per_chargeable[some] * chargeable
        + chains.per_m3[some] * m3
        + np.maximum(chains.unit_kg[some] * kg, chains.unit_m3[some] * m3)
    )
    duty = 100 * of_regions("duty")[ZONE_REGION[zone]]
    factor = ZONE_FACTOR[zone]
    prices = (last_mile(chargeable, DIRECT_FEN), last_mile(kg, FROM_WAREHOUSE_FEN))
    ends = [CUSTOMS_FEN[way] + DUTY[way] * duty * value + factor * prices[way] for way in (0, 1)]
    fixed, each = courier_price(np.array([zone]))
    courier = fixed[0] + each[0] * chargeable[:, 0] + duty * value[:, 0]
    return np.concatenate([going + ends[0], going + ends[1]], axis=1).astype(np.float32), courier


COURIER_DAYS = 4.5


def courier_price(zone: Ints) -> tuple[Floats, Floats]:
    """What courier takes for a parcel and for each chargeable kg, in fen."""
    return 4200 * ZONE_FACTOR[zone], 195 * of_regions("air")[ZONE_REGION[zone]]
