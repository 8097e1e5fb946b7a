"""What the bound of whole knapsacks would be with one entry taken or refused, or a place opened one way."""

from __future__ import annotations

import numpy as np

from routing.arrays import FloatArray, IntArray
from routing.compiled import compiled


@compiled
def _fill_in_turn(gain: FloatArray, weight: IntArray, order: IntArray, tables: FloatArray) -> None:
    """Best worth of the first 0, 1, .. entries of an order within each number of parts, [entries + 1, parts]."""
    tables[0] = 0.0
    most = tables.shape[1] - 1
    for step in range(len(order)):
        worth, size = gain[order[step]], weight[order[step]]
        tables[step + 1] = tables[step]
        if worth <= 0.0 or size > most:
            continue
        for room in range(size, most + 1):
            with_it = tables[step, room - size] + worth
            if with_it > tables[step + 1, room]:
                tables[step + 1, room] = with_it


@compiled
def _best_of_both(ahead: FloatArray, behind: FloatArray, room: int) -> float:
    """Best split of some room between two sets of entries."""
    best = 0.0
    for here in range(room + 1):
        best = max(best, ahead[here] + behind[room - here])
    return best


@compiled
def _rest(costs: FloatArray, way: IntArray, room: IntArray, demand: int, rest: FloatArray) -> None:
    """For each way, what the other places cost at least if it is chosen, the demand held by all together."""
    places = len(way) - 1
    least = np.empty(demand + 1)
    before = np.empty(demand + 1)
    for place in range(places):
        least[:] = np.inf
        least[demand] = 0.0
        for other in range(places):
            if other == place:
                continue
            before[:] = least
            least[:] = np.inf
            for one in range(way[other], way[other + 1]):
                for missing in range(demand + 1):
                    left = max(missing - room[one], 0)
                    least[left] = min(least[left], before[missing] + costs[one])
        for one in range(way[place], way[place + 1]):
            rest[one] = least[: min(room[one], demand) + 1].min()


@compiled
def probe(
    value: FloatArray,
    outside: FloatArray,
    item: IntArray,
    cost: FloatArray,
    weight: IntArray,
    begin: IntArray,
    parts: IntArray,
    price: FloatArray,
    way: IntArray,
    room: IntArray,
    demand: int,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Bounds on every plan that takes an entry, that refuses it, and that opens a place some way."""
    base = 0.0
    for one in range(len(value)):
        base += min(value[one], outside[one])
    gain = value[item] - cost
    of_way, rest = np.empty(len(price)), np.empty(len(price))
    within, without = np.full(len(item), np.inf), np.full(len(item), np.inf)
    places = len(begin) - 1
    for place in range(places):
        first, last = begin[place], begin[place + 1]
        most = parts[way[place + 1] - 1]
        ahead = np.empty((last - first + 1, most + 1))
        _fill_in_turn(gain, weight, np.arange(first, last), ahead)
        for one in range(way[place], way[place + 1]):
            of_way[one] = price[one] - ahead[last - first, parts[one]]
    _rest(of_way, way, room, demand, rest)
    for place in range(places):
        first, last = begin[place], begin[place + 1]
        most = parts[way[place + 1] - 1]
        ahead, behind = np.empty((last - first + 1, most + 1)), np.empty((last - first + 1, most + 1))
        _fill_in_turn(gain, weight, np.arange(first, last), ahead)
        _fill_in_turn(gain, weight, np.arange(last - 1, first - 1, -1), behind)
        for entry in range(first, last):
            left, right = ahead[entry - first], behind[last - 1 - entry]
            for one in range(way[place], way[place + 1]):
                whole = ahead[last - first, parts[one]]
                unused = whole if gain[entry] <= 0.0 else _best_of_both(left, right, parts[one])
                without[entry] = min(without[entry], base + rest[one] + price[one] - unused)
                if weight[entry] > parts[one]:
                    continue
                smaller = parts[one] - weight[entry]
                used = (
                    ahead[last - first, smaller]
                    if gain[entry] <= 0.0
                    else _best_of_both(left, right, smaller)
                )
                within[entry] = min(within[entry], base + rest[one] + price[one] - used - gain[entry])
    return within, without, base + of_way + rest
