"""Search place by place: move or swap items, uphill too while it is warm, overloads at a price that adapts."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from routing.arrays import FloatArray, IntArray
from routing.compiled import compiled

Random = npt.NDArray[np.uint64]


@compiled
def draw(random: Random) -> float:
    """The next number of a xorshift sequence, between 0 and 1."""
    state = random[0]
    state ^= state << np.uint64(13)
    state ^= state >> np.uint64(7)
    state ^= state << np.uint64(17)
    random[0] = state
    return float(state >> np.uint64(11)) / 9007199254740992.0


@compiled
def held_for(
    place: int, load: float, capacity: FloatArray, price: FloatArray, way: IntArray, fine: float
) -> float:
    """What a place costs with a load: its cheapest way that holds it, and a `fine` for each part too much."""
    last = way[place + 1] - 1
    for one in range(way[place], last + 1):
        if load <= capacity[one]:
            return float(price[one])
    return float(price[last] + fine * (load - capacity[last]))


@compiled
def drop(one: int, place: int, members: IntArray, count: IntArray, slot: IntArray) -> None:
    """Take an item off the list of its place."""
    last = members[place, count[place] - 1]
    members[place, slot[one]] = last
    slot[last] = slot[one]
    count[place] -= 1


@compiled
def add(one: int, place: int, members: IntArray, count: IntArray, slot: IntArray) -> None:
    """Put an item on the list of a place."""
    members[place, count[place]] = one
    slot[one] = count[place]
    count[place] += 1


@compiled
def change_load(
    at: int, amount: float, load: FloatArray, where: IntArray, loads: FloatArray, touched: int
) -> int:
    """Note a change of a place's load in the short list of places touched; return how many those are now."""
    for known in range(touched):
        if where[known] == at:
            loads[known] += amount
            return touched
    where[touched], loads[touched] = at, load[at] + amount
    return touched + 1


@compiled
def propose(
    length: int,
    choice: IntArray,
    outside: FloatArray,
    place: IntArray,
    cost: FloatArray,
    take: FloatArray,
    first: IntArray,
    rank: IntArray,
    load: FloatArray,
    members: IntArray,
    count: IntArray,
    chain: IntArray,
    where: IntArray,
    loads: FloatArray,
    random: Random,
) -> tuple[int, int, float]:
    """Draw a chain of items, each going where the next one leaves; return its steps, places touched and cost.

    Row s of `chain` is the item and its new entry; no steps where the draw makes no sense.
    """
    one = int(draw(random) * len(choice))
    change, touched = 0.0, 0
    for step in range(length):
        mine = choice[one]
        size = first[one + 1] - first[one]
        chance = draw(random)
        pick = int(chance * chance * (size + (outside[one] < np.inf)))
        entry = rank[first[one] + pick] if pick < size else -1
        if entry == mine or (step > 0 and chain[0, 0] == one) or (step > 1 and chain[1, 0] == one):
            return 0, 0, 0.0
        chain[step, 0], chain[step, 1] = one, entry
        if mine >= 0:
            change -= cost[mine]
            touched = change_load(place[mine], -take[mine], load, where, loads, touched)
        else:
            change -= outside[one]
        if entry < 0:
            return step + 1, touched, change + outside[one]
        change += cost[entry]
        touched = change_load(place[entry], take[entry], load, where, loads, touched)
        b = place[entry]
        if step + 1 == length or count[b] == 0:
            return step + 1, touched, change
        one = members[b, int(draw(random) * count[b])]
    return 0, 0, 0.0


@compiled
def move(
    chain: IntArray,
    steps: int,
    choice: IntArray,
    place: IntArray,
    members: IntArray,
    count: IntArray,
    slot: IntArray,
) -> None:
    """Carry out a chain."""
    for step in range(steps):
        one, entry = chain[step]
        if choice[one] >= 0:
            drop(one, place[choice[one]], members, count, slot)
        if entry >= 0:
            add(one, place[entry], members, count, slot)
        choice[one] = entry


@compiled
def weigh(
    load: FloatArray,
    capacity: FloatArray,
    price: FloatArray,
    way: IntArray,
    fine: FloatArray,
    spent: FloatArray,
) -> tuple[float, int]:
    """What all places cost, noted in `spent` [places], and how many hold too much."""
    over = 0
    for a in range(len(load)):
        spent[a] = held_for(a, load[a], capacity, price, way, fine[a])
        over += load[a] > capacity[way[a + 1] - 1]
    return spent.sum(), over


@compiled
def anneal(
    choice: IntArray, outside: FloatArray,
    place: IntArray, cost: FloatArray, take: FloatArray, first: IntArray, rank: IntArray,
    capacity: FloatArray, price: FloatArray, way: IntArray, fine: FloatArray,
    warmest: float, coldest: float, moves: int, random: Random,
) -> tuple[float, IntArray]:  # fmt: skip
    """Anneal from `choice` [n] (entry, -1 outside); return the best legal cost seen (inf if none) and its choice.

    Candidates of item i are the entries ``rank[first[i]] .. rank[first[i+1]-1]``, best first; `fine` [places]
    rises where there is too much and falls where not; capacities hold the tolerance.
    """
    n, places = len(choice), len(way) - 1
    load, spent, most = np.zeros(places), np.empty(places), capacity[way[1:] - 1]
    members, count, slot = np.empty((places, n), np.int64), np.zeros(places, np.int64), np.zeros(n, np.int64)
    paid = 0.0
    for one in range(n):
        mine = choice[one]
        paid += cost[mine] if mine >= 0 else outside[one]
        if mine >= 0:
            load[place[mine]] += take[mine]
            add(one, place[mine], members, count, slot)
    best, kept = np.inf, choice.copy()
    levels = max(moves // (20 * n), 1)
    rare = 1.0 - 0.3 ** (1.0 / places)
    down = 1.0 - 0.05 * rare / (1.0 - rare)
    heat, cooling = warmest, (coldest / warmest) ** (1.0 / levels)
    chain, where, loads, after = np.empty((3, 2), np.int64), np.empty(6, np.int64), np.empty(6), np.empty(6)
    for _ in range(levels):
        held, over = weigh(load, capacity, price, way, fine, spent)
        for _ in range(20 * n):
            steps, touched, change = propose(
                1 + int(draw(random) * 3.0), choice, outside, place, cost, take, first, rank, load, members, count,
                chain, where, loads, random,
            )  # fmt: skip
            more = change
            for spot in range(touched):
                a = where[spot]
                after[spot] = held_for(a, loads[spot], capacity, price, way, fine[a])
                more += after[spot] - spent[a]
            if steps == 0 or (more > 0.0 and draw(random) >= np.exp(-more / heat)):
                continue
            paid += change
            held += more - change
            for spot in range(touched):
                a = where[spot]
                over += (loads[spot] > most[a]) - (load[a] > most[a])
                load[a], spent[a] = loads[spot], after[spot]
            move(chain, steps, choice, place, members, count, slot)
            if over == 0 and paid + held < best - 1e-9:
                best = paid + held
                kept[:] = choice
        heat *= cooling
        for a in range(places):
            fine[a] *= 1.05 if load[a] > most[a] else down
    return best, kept
