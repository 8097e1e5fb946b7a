"""Which itineraries become options: the best of each mode, the Pareto front of cost and arrival, then the cheapest."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

import numpy as np
import numpy.typing as npt

from routing.arrays import FloatArray, IntArray
from routing.classes import Classes
from routing.compiled import compiled
from routing.itineraries import Itineraries
from routing.network import ANYONE, MODES
from routing.timetable import Legs

Mask = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int32]
DAY_MIN = 1440.0
_MODE_SETS = 1 << len(MODES)


@dataclass(frozen=True, slots=True, eq=False)
class Ways:
    """Itineraries between two places made ready to be chosen from.

    `legs` are the rows of the timetable that occur, `code` int32 [m, max_legs] their positions per itinerary
    (-1: no more). Itineraries of chain h are those from `chain_ptr[h]` to before `chain_ptr[h + 1]`.
    """

    found: Itineraries
    legs: IntArray = field(init=False)
    code: Codes = field(init=False)
    chain_ptr: IntArray = field(init=False)

    def __post_init__(self) -> None:
        found = self.found
        used, code = np.unique(found.legs, return_inverse=True)
        none = int(used.size > 0 and used[0] < 0)
        begin = np.flatnonzero(np.diff(found.chain, prepend=-1))
        object.__setattr__(self, "legs", used[none:])
        object.__setattr__(self, "code", (code.reshape(found.legs.shape) - none).astype(np.int32))
        object.__setattr__(self, "chain_ptr", np.append(begin, len(found)).astype(np.int64))


@dataclass(frozen=True, slots=True, eq=False)
class Wish:
    """Classes [c] that want to go the same way, and what that costs their average items.

    `leg_cost` float64 [c, kinds] by kind of leg, `kind` int32 [legs of the ways]; `end_cost` [c] of what is done
    with the goods there, `day_cost` and `late_cost` [c] of a day until then and of a day late. Only what is done after
    `after_min` and by `by_min` is wanted.
    """

    classes: IntArray
    duration_min: int
    after_min: int
    by_min: int
    kind: Codes
    leg_cost: FloatArray
    end_cost: FloatArray
    day_cost: FloatArray
    late_cost: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """Chosen pairs [q] by class and cost: row among the wish's classes, row of the itineraries, instant when done."""

    wish_row: IntArray
    row: IntArray
    done: IntArray


def choose(wish: Wish, ways: Ways, classes: Classes, most: int, per_chain: int) -> Chosen:
    """Return up to `most` itineraries for each class of the wish, of each chain the next `per_chain` dates."""
    found, which = ways.found, wish.classes
    most = min(most, len(found))
    count = np.zeros(len(which), dtype=np.int64)
    row, done = (np.zeros((len(which), most), dtype=np.int64) for _ in range(2))
    _choose(
        classes.ready_min[which], classes.due_min[which], classes.hard[which], classes.goods[which],
        classes.exporter[which], wish.kind, wish.leg_cost, wish.end_cost, wish.day_cost, wish.late_cost,
        wish.duration_min, wish.after_min, wish.by_min, ways.chain_ptr, ways.code, found.ready_by, found.arrives,
        found.on_demand, found.accepts, found.exporter, found.modes, per_chain, count, row, done,
    )  # fmt: skip
    some = np.arange(most) < count[:, None]
    return Chosen(np.repeat(np.arange(len(which)), count), row[some], done[some])


def narrowed(ways: Ways, kept: Mask) -> Ways | None:
    """Return the itineraries marked, None if none is."""
    if not kept.any():
        return None
    columns = {one.name: getattr(ways.found, one.name)[kept] for one in fields(Itineraries)}
    return Ways(Itineraries(**columns))


def accepted(found: Itineraries, classes: Classes, which: IntArray) -> Mask:
    """Return whether every leg carries the goods of the class, bool [c, m]."""
    goods = classes.goods[which].astype(np.uint64)[:, None]
    return np.asarray((found.accepts >> goods) & np.uint64(1) == 1)


def own(found: Itineraries, classes: Classes, which: IntArray) -> Mask:
    """Return whether only allotments open to the class's exporter are used, bool [c, m]."""
    return np.asarray((found.exporter == ANYONE) | (found.exporter == classes.exporter[which][:, None]))


@dataclass(frozen=True, slots=True, eq=False)
class Kinds:
    """Legs that cost alike: the kind of every leg [l], and a leg of each kind [kinds]."""

    of_leg: IntArray
    leg: IntArray


def kinds_of(legs: Legs) -> Kinds:
    """Sort the legs into kinds by their rate row and their share of what must be opened."""
    columns = np.stack([legs.rate_row.astype(np.float64), legs.fixed_per_g, legs.fixed_per_cm3], axis=1)
    _, first, of_leg = np.unique(columns, axis=0, return_index=True, return_inverse=True)
    return Kinds(of_leg.reshape(-1).astype(np.int64), first.astype(np.int64))


def opened_share(legs: Legs, rows: IntArray, mean_g: FloatArray, mean_cm3: FloatArray) -> FloatArray:
    """Return what average items [c] bear of what must be opened on each leg, if that is full: float64 [c, legs]."""
    by_weight = mean_g[:, None] * legs.fixed_per_g[rows]
    by_volume = mean_cm3[:, None] * legs.fixed_per_cm3[rows]
    return np.maximum(by_weight, by_volume)


@compiled
def _choose(
    ready: IntArray, due: IntArray, hard: Mask, goods: IntArray, own_exporter: IntArray,
    kind: Codes, leg_cost: FloatArray, end_cost: FloatArray, day_cost: FloatArray, late_cost: FloatArray,
    duration: int, after: int, by: int,
    chain_ptr: IntArray, code: Codes, ready_by: IntArray, arrives: IntArray, on_demand: Mask,
    accepts: npt.NDArray[np.uint64], exporter: IntArray, modes: IntArray, per_chain: int,
    count: IntArray, row: IntArray, done: IntArray,
) -> None:  # fmt: skip
    rows, at = np.empty(len(ready_by), np.int64), np.empty(len(ready_by), np.int64)
    score, tier = np.empty(len(ready_by), np.float64), np.empty(len(ready_by), np.int8)
    for c in range(len(ready)):
        many = 0
        carries = np.uint64(1) << np.uint64(goods[c])
        for chain in range(len(chain_ptr) - 1):
            first, last = chain_ptr[chain], chain_ptr[chain + 1]
            first += np.searchsorted(ready_by[first:last], ready[c])
            left = per_chain
            for one in range(first, last):
                if left == 0:
                    break
                if exporter[one] not in (ANYONE, own_exporter[c]) or not accepts[one] & carries:
                    continue
                end = arrives[one] + duration + (ready[c] if on_demand[one] else 0)
                if end > by or end <= after or (hard[c] and end > due[c]):
                    continue
                left -= 1
                cost = _along(code[one], kind, leg_cost[c]) + end_cost[c]
                cost += (end - ready[c]) / DAY_MIN * day_cost[c]
                cost += max(end - due[c], 0) / DAY_MIN * late_cost[c]
                rows[many], at[many], score[many] = one, end, cost
                many += 1
        order = np.argsort(score[:many], kind="mergesort")
        _rank(order, at, rows, modes, tier)
        count[c] = _take(order, tier, at, rows, row[c], done[c])


@compiled
def _along(legs: Codes, kind: Codes, leg_cost: FloatArray) -> float:
    total = 0.0
    for leg in legs:
        if leg < 0:
            break
        total += leg_cost[kind[leg]]
    return total


@compiled
def _rank(order: IntArray, at: IntArray, rows: IntArray, modes: IntArray, tier: npt.NDArray[np.int8]) -> None:
    """Set the tier of each candidate: 0 the cheapest of its set of modes, 1 none cheaper is earlier, 2 the others."""
    seen = np.zeros(_MODE_SETS, np.bool_)
    earliest = np.iinfo(np.int64).max
    for one in order:
        mode = modes[rows[one]]
        if not seen[mode]:
            tier[one] = 0
        elif at[one] < earliest:
            tier[one] = 1
        else:
            tier[one] = 2
        seen[mode] = True
        earliest = min(earliest, at[one])


@compiled
def _take(
    order: IntArray, tier: npt.NDArray[np.int8], at: IntArray, rows: IntArray, row: IntArray, done: IntArray
) -> int:
    """Write the candidates of the lowest tiers, as many as there is room for, by cost; return their number."""
    room = np.zeros(3, np.int64)
    for one in order:
        room[tier[one]] += 1
    left = len(row)
    for nth in range(3):
        room[nth] = min(room[nth], left)
        left -= room[nth]
    taken = 0
    for one in order:
        if room[tier[one]] > 0:
            room[tier[one]] -= 1
            row[taken], done[taken] = rows[one], at[one]
            taken += 1
    return taken
