"""The bound of whole knapsacks: each item has a value, each place holds the worthiest set of items that fits.

Loops over the arrays of `Places`; weights and parts are whole numbers, costs and values in minor units.
"""

from __future__ import annotations

import numpy as np

from routing.arrays import FloatArray, IntArray
from routing.compiled import compiled


@compiled
def sure(worth: FloatArray, size: IntArray, room: int) -> IntArray:
    """Which of some things, densest first, are in the worthiest set that fits (1), out of it (0), or unsure (-1).

    The one that breaks the greedy filling bounds what any other choice can be worth.
    """
    greedy, full, left, at = 0.0, 0.0, room, len(worth)
    for one in range(len(worth)):
        if size[one] > left:
            if at == len(worth):
                at, full, rest = one, greedy, left
            continue
        greedy += worth[one]
        left -= size[one]
    state = np.full(len(worth), -1, np.int64)
    if at == len(worth):
        state[:] = 1
        return state
    density = worth[at] / size[at]
    margin = 1e-9 * max(1.0, greedy)
    for one in range(len(worth)):
        if one < at and full - worth[one] + (rest + size[one]) * density < greedy - margin:
            state[one] = 1
        if one >= at and full + worth[one] + (rest - size[one]) * density < greedy - margin:
            state[one] = 0
    return state


@compiled
def pack(gain: FloatArray, weight: IntArray, first: int, last: int, room: int, taken: FloatArray) -> float:
    """Worth of the worthiest set of the entries ``first .. last-1`` that fits the room; marks it in `taken`."""
    entries = np.empty(last - first, np.int64)
    count = 0
    for entry in range(first, last):
        taken[entry] = 0.0
        if gain[entry] > 0.0 and weight[entry] <= room:
            entries[count] = entry
            count += 1
    entries = entries[:count]
    entries = entries[np.argsort(-gain[entries] / np.maximum(weight[entries], 1e-9))]
    worth, size = gain[entries], weight[entries]
    state = sure(worth, size, room)
    total = 0.0
    for one in range(count):
        if state[one] == 1:
            total += worth[one]
            room -= int(size[one])
            taken[entries[one]] = 1.0
    open_ones = np.flatnonzero(state < 0)
    best, took = np.zeros(room + 1), np.zeros((len(open_ones), room + 1), np.int8)
    for number in range(len(open_ones)):
        extra, needed = worth[open_ones[number]], size[open_ones[number]]
        for left in range(room, needed - 1, -1):
            with_it = best[left - needed] + extra
            if with_it > best[left]:
                best[left] = with_it
                took[number, left] = 1
    total += best[room]
    for number in range(len(open_ones) - 1, -1, -1):
        if took[number, room]:
            taken[entries[open_ones[number]]] = 1.0
            room -= int(size[open_ones[number]])
    return float(total)


@compiled
def choose_ways(costs: FloatArray, way: IntArray, room: IntArray, demand: int, opened: IntArray) -> float:
    """Cheapest ways [places] at `costs` [ways] whose `room` [ways] together holds the `demand`; inf if none do."""
    places = len(way) - 1
    total = 0.0
    got = 0
    for place in range(places):
        chosen = way[place] + np.argmin(costs[way[place] : way[place + 1]])
        opened[place] = chosen
        total += costs[chosen]
        got += room[chosen]
    if got >= demand:
        return float(total)
    least = np.full(demand + 1, np.inf)
    least[demand] = 0.0
    last = np.empty((places, demand + 1), np.int64)
    for place in range(places):
        before = least.copy()
        least[:] = np.inf
        for one in range(way[place], way[place + 1]):
            for missing in range(demand + 1):
                cost = before[missing] + costs[one]
                left = max(missing - room[one], 0)
                if cost < least[left]:
                    least[left] = cost
                    last[place, left] = one * (demand + 1) + missing
    if least[0] == np.inf:
        return np.inf
    state = 0
    for place in range(places - 1, -1, -1):
        opened[place] = last[place, state] // (demand + 1)
        state = last[place, state] % (demand + 1)
    return float(least[0])


@compiled
def evaluate(
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
    taken: FloatArray,
    opened: IntArray,
    of_way: FloatArray,
) -> float:
    """The bound at item values [n]; notes what is `taken` [entries], the way `opened` and what each way costs."""
    bound = 0.0
    for one in range(len(value)):
        bound += min(value[one], outside[one])
    gain = value[item] - cost
    for place in range(len(begin) - 1):
        first, last = begin[place], begin[place + 1]
        for one in range(way[place], way[place + 1]):
            of_way[one] = price[one] - pack(gain, weight, first, last, parts[one], taken)
    bound += choose_ways(of_way, way, room, demand, opened)
    for place in range(len(begin) - 1):
        if opened[place] < way[place + 1] - 1:
            pack(gain, weight, begin[place], begin[place + 1], parts[opened[place]], taken)
    return float(bound)


@compiled
def lacking(value: FloatArray, outside: FloatArray, item: IntArray, taken: FloatArray) -> FloatArray:
    """How often each item [n] should still be taken: 1 where nothing takes it, below 0 where too much does."""
    lack = np.ones(len(value))
    for entry in range(len(item)):
        lack[item[entry]] -= taken[entry]
    for one in range(len(value)):
        if outside[one] < value[one]:
            lack[one] -= 1.0
    return lack


@compiled
def climb(
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
    enough: float,
    target: float,
    steps: int,
    step: float,
) -> tuple[float, FloatArray, FloatArray, FloatArray]:
    """Raise the bound from item values [n] by smoothed subgradients towards a `target`, until it is `enough`.

    Returns the best bound, its values, and how often each entry was taken and each way opened of late.
    """
    best_bound, best = -np.inf, value.copy()
    now = value.copy()
    taken, opened, of_way = np.zeros(len(item)), np.zeros(len(begin), np.int64), np.zeros(len(price))
    share, often = np.zeros(len(item)), np.zeros(len(price))
    direction = np.zeros(len(value))
    stale = 0
    for number in range(steps):
        bound = evaluate(
            now, outside, item, cost, weight, begin, parts, price, way, room, demand, taken, opened, of_way
        )
        keep = 0.0 if number == 0 else 0.9
        share = keep * share + (1 - keep) * taken
        often *= keep
        for place in range(len(begin) - 1):
            often[opened[place]] += 1 - keep
        if bound > best_bound + 1e-7 * abs(best_bound):
            stale = 0
        else:
            stale += 1
        if bound > best_bound:
            best_bound = bound
            best[:] = now
        if bound > enough or step < 1e-4:
            break
        if stale >= 15:
            stale = 0
            step *= 0.6
            now[:] = best
            direction[:] = 0.0
            continue
        direction = 0.6 * direction + 0.4 * lacking(now, outside, item, taken)
        norm = (direction * direction).sum()
        if norm <= 1e-12:
            stale = 15
            continue
        now = now + direction * (step * max(target - bound, 2e-4 * abs(target)) / norm)
    return best_bound, best, share, often
