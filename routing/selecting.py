"""Which itineraries become options: the best of each mode, the Pareto front of cost and arrival, then the cheapest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from routing.arrays import FloatArray, IntArray
from routing.classes import Classes
from routing.itineraries import Itineraries
from routing.network import ANYONE
from routing.pool import NO_RATE, Rates
from routing.timetable import Legs

Mask = npt.NDArray[np.bool_]
DAY_MIN = 1440.0
_CELLS = 4_000_000  # classes x itineraries looked at together


@dataclass(frozen=True, slots=True, eq=False)
class Wish:
    """Classes [c] that want to go the same way and what is done with their goods there."""

    classes: IntArray
    rate_row: int
    duration_min: int


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """Chosen pairs [q]: class, row of the itineraries, instant when done, estimated cost of the average item."""

    classes: IntArray
    row: IntArray
    done: IntArray
    score: FloatArray


def choose(
    wish: Wish,
    found: Itineraries,
    legs: Legs,
    classes: Classes,
    rates: Rates,
    most: int,
    per_chain: int,
) -> Chosen:
    """Return up to `most` itineraries for each class of the wish, of each chain the next `per_chain` dates."""
    parts = []
    step = max(1, _CELLS // max(1, len(found)))
    for begin in range(0, len(wish.classes), step):
        some = Wish(wish.classes[begin : begin + step], wish.rate_row, wish.duration_min)
        parts.append(_choose(some, found, legs, classes, rates, most, per_chain))
    columns = [[getattr(part, name) for part in parts] for name in ("classes", "row", "done", "score")]
    return Chosen(*(np.concatenate(column) for column in columns))


def usable(found: Itineraries, classes: Classes, which: IntArray, duration_min: int) -> tuple[Mask, IntArray]:
    """Return which itinerary each class can take, bool [c, m], and when its goods are then done, int64 [c, m]."""
    ready = classes.ready_min[which][:, None]
    done = np.where(found.on_demand, ready, 0) + found.arrives + duration_min
    fits = accepted(found, classes, which) & (found.ready_by >= ready) & own(found, classes, which)
    in_time = ~classes.hard[which][:, None] | (done <= classes.due_min[which][:, None])
    return fits & in_time, done


def accepted(found: Itineraries, classes: Classes, which: IntArray) -> Mask:
    """Return whether every leg carries the goods of the class, bool [c, m]."""
    goods = classes.goods[which].astype(np.uint64)[:, None]
    return np.asarray((found.accepts >> goods) & np.uint64(1) == 1)


def own(found: Itineraries, classes: Classes, which: IntArray) -> Mask:
    """Return whether only allotments open to the class's exporter are used, bool [c, m]."""
    return np.asarray((found.exporter == ANYONE) | (found.exporter == classes.exporter[which][:, None]))


def _choose(
    wish: Wish,
    found: Itineraries,
    legs: Legs,
    classes: Classes,
    rates: Rates,
    most: int,
    per_chain: int,
) -> Chosen:
    fits, done = usable(found, classes, wish.classes, wish.duration_min)
    fits &= _next_dates(fits, found.chain, per_chain)
    column = np.flatnonzero(fits.any(axis=0))
    fits, done = fits[:, column], done[:, column]
    score = _scores(wish, found.legs[column], done, legs, classes, rates)
    score[~fits] = np.inf
    taken = _best(score, done, found.modes[column], most)
    row, position = np.nonzero(taken)
    return Chosen(wish.classes[row], column[position], done[row, position], score[row, position])


def _next_dates(fits: Mask, chain: IntArray, per_chain: int) -> Mask:
    """Return the first `per_chain` usable entries of each chain; entries of a chain are neighbours."""
    if not chain.size:
        return fits
    count = np.cumsum(fits, axis=1)
    begin = np.flatnonzero(np.diff(chain, prepend=chain[0] - 1))
    before: IntArray = (count - fits)[:, begin]
    rank: IntArray = count - np.repeat(before, np.diff(begin, append=len(chain)), axis=1)
    return np.asarray(rank <= per_chain)


def _scores(
    wish: Wish, paths: IntArray, done: IntArray, legs: Legs, classes: Classes, rates: Rates
) -> FloatArray:
    """Cost of each class's average item [c, m], with its share of what must be opened, if that is full."""
    which = wish.classes
    features = classes.mean_features[which]
    used, code = np.unique(paths, return_inverse=True)
    real = used >= 0
    per_leg = np.zeros((len(which), len(used)))
    price = rates.price(features)
    per_leg[:, real] = price[:, legs.rate_row[used[real]]]
    by_weight = classes.mean_g[which][:, None] * legs.fixed_per_g[used[real]]
    by_volume = classes.mean_cm3[which][:, None] * legs.fixed_per_cm3[used[real]]
    per_leg[:, real] += np.maximum(by_weight, by_volume)
    code = code.reshape(paths.shape)
    score = np.zeros((len(which), len(paths)))
    for position in range(paths.shape[1]):
        score += per_leg[:, code[:, position]]
    if wish.rate_row != NO_RATE:
        score += price[:, wish.rate_row][:, None]
    days = (done - classes.ready_min[which][:, None]) / DAY_MIN
    late = np.maximum(done - classes.due_min[which][:, None], 0) / DAY_MIN
    score += days * features[:, rates.time_column][:, None]
    score += late * features[:, rates.late_column][:, None]
    return score


def _best(score: FloatArray, done: IntArray, modes: IntArray, most: int) -> Mask:
    """Mark at most `most` finite entries of each row: best per mode, then Pareto front, then by score."""
    taken = np.zeros(score.shape, dtype=np.bool_)
    if not score.size:
        return taken
    order = np.argsort(score, axis=1, kind="stable")
    at = np.take_along_axis(done, order, axis=1)
    earliest = np.minimum.accumulate(at, axis=1)
    front = np.ones(score.shape, dtype=np.bool_)
    front[:, 1:] = at[:, 1:] < earliest[:, :-1]
    first = _first_of_each_mode(modes[order])
    rank = np.arange(score.shape[1]) + score.shape[1] * (2 - front - (2 - front) * first)
    rank[~np.isfinite(np.take_along_axis(score, order, axis=1))] = np.iinfo(np.int64).max
    best = np.argsort(rank, axis=1, kind="stable")[:, :most]
    np.put_along_axis(taken, np.take_along_axis(order, best, axis=1), values=True, axis=1)
    return taken & np.isfinite(score)


def _first_of_each_mode(modes: IntArray) -> Mask:
    """Mark, in each row of [c, m], the first entry of each set of modes."""
    first = np.zeros(modes.shape, dtype=np.bool_)
    for mode in np.unique(modes):
        same = modes == mode
        first |= same & (np.cumsum(same, axis=1) == 1)
    return first
