"""Itineraries that were enumerated before: kept as long as nothing they depend on has changed.

The key of an entry is a digest of all that decides which itineraries there are: legs, transfer times, borders,
distances, the rules, the places goods go to, and what an average item costs on each leg. What is still free on a
departure is not part of it, so that bookings do not make anything be enumerated again.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass, field, fields
from threading import Lock

import numpy as np

from routing.arrays import FloatArray, IntArray
from routing.cores import Estimate, SearchRules
from routing.itineraries import Router
from routing.network import Network
from routing.pool import Pool, Rates
from routing.selecting import DAY_MIN, Ways
from routing.timetable import Legs, Timetable, compile_timetable

Pair = tuple[int, int]
STEPS_PER_DECADE = 8
MOST_ITINERARIES = 4_000_000
"""About half a gigabyte; of entries beyond that the one that was not used for longest goes."""
MOST_TIMETABLES = 2
_NOT_ENUMERATED = ("use_ptr", "use_resource", "ref", "co2e", "fixed_per_g", "fixed_per_cm3")
"""Columns of the legs that no itinerary depends on, but by what an average item costs."""


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """An item by its features float64 [f], grams and cm3."""

    features: FloatArray
    weight_g: float
    volume_cm3: float


def typical_item(pool: Pool) -> Item | None:
    """Return the pool's average item, rounded, so that a few goods more or less do not change it; None if empty."""
    if not len(pool):
        return None
    weight_g, volume_cm3 = rounded(np.array([pool.weight_g.mean(), pool.volume_cm3.mean()])).tolist()
    own = rounded(pool.features.mean(axis=0))
    size = np.array([[weight_g], [volume_cm3]]).astype(np.int64)
    charged = [pool.charges.of(column, *size)[0] for column in range(len(pool.charges))]
    return Item(np.concatenate([own, charged]), weight_g, volume_cm3)


def rounded(values: FloatArray) -> FloatArray:
    """Round numbers that are not negative to the nearest of eight steps a decade."""
    steps = np.round(np.log10(np.where(values > 0, values, 1.0)) * STEPS_PER_DECADE)
    return np.where(values > 0, 10 ** (steps / STEPS_PER_DECADE), 0.0)


def estimate(legs: Legs, rates: Rates, item: Item | None) -> Estimate:
    """Return what an item costs on each leg, with its share of what must be opened, and per minute under way."""
    if item is None:
        return Estimate(np.zeros(len(legs)), 0.0)
    fixed = np.maximum(item.weight_g * legs.fixed_per_g, item.volume_cm3 * legs.fixed_per_cm3)
    by_row = rates.by_row @ item.features
    return Estimate(by_row[legs.rate_row] + fixed, float(item.features[rates.time_column]) / DAY_MIN)


@dataclass(slots=True, eq=False)
class _Entry:
    """What is known of one network, set of rules and average item."""

    router: Router
    ways: dict[Pair, Ways] = field(default_factory=dict)

    def __len__(self) -> int:
        return sum(len(one.found) for one in self.ways.values())


class ChainStore:
    """Keeps timetables and itineraries of the last networks; safe to share between threads."""

    def __init__(self, most_itineraries: int = MOST_ITINERARIES) -> None:
        self.most_itineraries = most_itineraries
        self.enumerated = 0
        """Pairs of places whose itineraries were enumerated so far."""
        self._entries: OrderedDict[bytes, _Entry] = OrderedDict()
        self._timetables: OrderedDict[Network, Timetable] = OrderedDict()
        self._lock = Lock()

    def timetable(self, network: Network) -> Timetable:
        """Return the timetable of a network, compiled once for the same object."""
        with self._lock:
            if network not in self._timetables:
                self._timetables[network] = compile_timetable(network)
            self._timetables.move_to_end(network)
            while len(self._timetables) > MOST_TIMETABLES:
                self._timetables.popitem(last=False)
            return self._timetables[network]

    def ways(
        self, timetable: Timetable, pairs: Collection[Pair], rules: SearchRules, costs: Estimate
    ) -> dict[Pair, Ways]:
        """Return the itineraries between every two of the places, enumerating those that are not known."""
        ends = frozenset(end for _, end in pairs)
        with self._lock:
            entry = self._entry(timetable, ends, rules, costs)
            for pair in sorted(set(pairs) - entry.ways.keys()):
                entry.ways[pair] = Ways(entry.router.itineraries(*pair))
                self.enumerated += 1
            found = {pair: entry.ways[pair] for pair in pairs}
            self._forget()
        return found

    def _entry(
        self, timetable: Timetable, ends: frozenset[int], rules: SearchRules, costs: Estimate
    ) -> _Entry:
        key = _key(timetable, ends, rules, costs)
        if key not in self._entries:
            everywhere = frozenset(range(len(timetable.network.locations)))
            self._entries[key] = _Entry(Router(timetable, everywhere, ends, rules, costs))
        self._entries.move_to_end(key)
        return self._entries[key]

    def _forget(self) -> None:
        """Drop what was not used for longest while there is too much, the last entry if it alone is too much."""
        known = sum(len(entry) for entry in self._entries.values())
        while self._entries and known > self.most_itineraries:
            known -= len(self._entries.popitem(last=False)[1])


def _key(timetable: Timetable, ends: frozenset[int], rules: SearchRules, costs: Estimate) -> bytes:
    network, legs = timetable.network, timetable.legs
    names = [one.name for one in fields(Legs) if one.name not in _NOT_ENUMERATED]
    arrays: list[FloatArray | IntArray] = [np.asarray(getattr(legs, name)) for name in names]
    arrays += [timetable.transfer_min, costs.leg_cost]
    if network.distance_km is not None:
        arrays.append(network.distance_km)
    countries = [place.country for place in network.locations]
    digest = hashlib.sha256(repr((sorted(ends), rules, countries, costs.minute_cost)).encode())
    for array in arrays:
        digest.update(repr((array.dtype.str, array.shape)).encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.digest()
