"""Compiled moves on a standing plan: place, shift, drain a resource, open and close units, and take it all back."""

from __future__ import annotations

import heapq

import numpy as np

from routing.arrays import IntArray
from routing.compiled import compiled, inside
from routing.ground import Ground, Standing

LEAVE = -1
NOWHERE = -1
EPS = 1e-9


@compiled
def link(ground: Ground, standing: Standing) -> None:
    """Work out loads, limits and who is on which resource, from choice and units alone."""
    standing.load[:] = 0.0
    standing.head[:] = -1
    standing.logged[0] = 0
    for unit in range(len(ground.unit_cost)):
        parent = ground.unit_parent[unit]
        if parent >= 0:
            standing.load[parent] += ground.unit_takes[unit] * standing.units[unit]
    for x in range(len(ground.free)):
        set_limit(ground, standing, x)
    for i in range(len(standing.choice)):
        if standing.choice[i] >= 0:
            board(ground, standing, i, standing.choice[i])


@inside
def set_limit(ground: Ground, standing: Standing, x: int) -> None:
    """Capacity of a resource with its open units, and its tolerance."""
    for dim in range(ground.free.shape[1]):
        room = ground.free[x, dim]
        for place in range(ground.unit_ptr[x], ground.unit_ptr[x + 1]):
            unit = ground.unit_of[place]
            room += ground.unit_size[unit, dim] * standing.units[unit]
        standing.limit[x, dim] = room + (EPS * max(1.0, room) if room < np.inf else 0.0)


@inside
def board(ground: Ground, standing: Standing, i: int, option: int) -> None:
    """Put position i on an option; it must be on none."""
    standing.choice[i] = option
    if option < 0:
        return
    width = ground.width[0]
    first = ground.option_ptr[option]
    for use in range(first, ground.option_ptr[option + 1]):
        x = ground.use_resource[use]
        for dim in range(ground.size.shape[1]):
            standing.load[x, dim] += ground.size[i, dim] * ground.use_factor[use, dim]
        place = i * width + use - first
        standing.after[place] = standing.head[x]
        standing.before[place] = -1
        if standing.head[x] >= 0:
            standing.before[standing.head[x]] = place
        standing.head[x] = place


@inside
def alight(ground: Ground, standing: Standing, i: int) -> int:
    """Take position i off its option and return that."""
    option = int(standing.choice[i])
    standing.choice[i] = LEAVE
    if option < 0:
        return option
    width = ground.width[0]
    first = ground.option_ptr[option]
    for use in range(first, ground.option_ptr[option + 1]):
        x = ground.use_resource[use]
        for dim in range(ground.size.shape[1]):
            standing.load[x, dim] -= ground.size[i, dim] * ground.use_factor[use, dim]
        place = i * width + use - first
        if standing.before[place] >= 0:
            standing.after[standing.before[place]] = standing.after[place]
        else:
            standing.head[x] = standing.after[place]
        if standing.after[place] >= 0:
            standing.before[standing.after[place]] = standing.before[place]
    return option


@inside
def move(ground: Ground, standing: Standing, i: int, option: int) -> None:
    """Move position i to an option (-1: leave it out) and note where it was."""
    note = standing.logged[0]
    old = alight(ground, standing, i)
    board(ground, standing, i, option)
    if note < len(standing.log):
        standing.log[note, 0], standing.log[note, 1] = i, old
    standing.logged[0] = note + 1


@inside
def set_units(ground: Ground, standing: Standing, unit: int, number: int) -> None:
    """Open or close units of a type and note how many there were."""
    note = standing.logged[0]
    if note < len(standing.log):
        standing.log[note, 0], standing.log[note, 1] = ~unit, standing.units[unit]
    standing.logged[0] = note + 1
    parent = ground.unit_parent[unit]
    if parent >= 0:
        standing.load[parent] += ground.unit_takes[unit] * (number - standing.units[unit])
    standing.units[unit] = number
    set_limit(ground, standing, ground.unit_resource[unit])


@inside
def take_back(ground: Ground, standing: Standing, mark: int) -> None:
    """Undo everything noted since the mark."""
    for note in range(standing.logged[0] - 1, mark - 1, -1):
        who, old = standing.log[note, 0], standing.log[note, 1]
        if who >= 0:
            alight(ground, standing, who)
            board(ground, standing, who, old)
        else:
            set_units(ground, standing, ~who, old)
    standing.logged[0] = mark


@inside
def price_of(ground: Ground, i: int, option: int) -> float:
    """What position i costs on an option of its class, or left out."""
    if option < 0:
        return float(ground.leave[i])
    return float(ground.cost[ground.cell[i] + option - ground.class_ptr[ground.class_of[i]]])


@inside
def has_room(ground: Ground, standing: Standing, i: int, option: int, avoid: int) -> bool:
    """Whether position i, which is on nothing now, fits on an option that keeps clear of a resource."""
    for use in range(ground.option_ptr[option], ground.option_ptr[option + 1]):
        x = ground.use_resource[use]
        if x == avoid:
            return False
        for dim in range(ground.size.shape[1]):
            take = ground.size[i, dim] * ground.use_factor[use, dim]
            if take > 0.0 and standing.load[x, dim] + take > standing.limit[x, dim]:
                return False
    return True


@inside
def best_fit(ground: Ground, standing: Standing, i: int, avoid: int, worst: float) -> int:
    """The cheapest option below `worst` that has room, if position i came from nowhere; -2 where none is."""
    best, chosen = worst, -2
    if ground.leave[i] < best:
        best, chosen = ground.leave[i], LEAVE
    first, last = ground.class_ptr[ground.class_of[i]], ground.class_ptr[ground.class_of[i] + 1]
    for option in range(first, last):
        cost = ground.cost[ground.cell[i] + option - first]
        if cost < best and has_room(ground, standing, i, option, avoid):
            best, chosen = cost, option
    return chosen


@compiled
def shift(ground: Ground, standing: Standing, begin: int, end: int) -> float:
    """Move every position to its cheapest option with room, one after the other; return what that saves."""
    saved = 0.0
    for i in range(begin, end):
        now = price_of(ground, i, standing.choice[i])
        old = alight(ground, standing, i)
        found = best_fit(ground, standing, i, NOWHERE, now - EPS * max(1.0, now))
        if found != -2:
            saved += now - price_of(ground, i, found)
            old = found
        board(ground, standing, i, old)
    return saved


@inside
def fullest(standing: Standing, x: int) -> int:
    """The dimension in which a resource is overloaded most; -1 where it is not."""
    worst, chosen = 0.0, -1
    for dim in range(standing.load.shape[1]):
        over = standing.load[x, dim] - standing.limit[x, dim]
        if over > 0.0:
            part = over / max(standing.limit[x, dim], EPS)
            if part > worst:
                worst, chosen = part, dim
    return chosen


@inside
def drain(ground: Ground, standing: Standing, x: int) -> float:
    """Move positions off an overloaded resource, those that lose least for the room first; return the loss."""
    width, loss = ground.width[0], 0.0
    dim = fullest(standing, x)
    while dim >= 0:
        heap = [(0.0, 0)]
        heap.clear()
        place = standing.head[x]
        while place >= 0:
            i, nth = place // width, place % width
            place = standing.after[place]  # looked up before the regret puts the position back at the head
            take = ground.size[i, dim] * ground.use_factor[ground.option_ptr[standing.choice[i]] + nth, dim]
            if take > 0.0:
                heap.append((_regret(ground, standing, i, x) / take, i))
        heapq.heapify(heap)
        moved = False
        while heap and standing.load[x, dim] > standing.limit[x, dim]:
            _, i = heapq.heappop(heap)
            take = _take_on(ground, standing, i, x, dim)
            again = _regret(ground, standing, i, x) / take
            if heap and again > heap[0][0] + EPS:
                heapq.heappush(heap, (again, i))
                continue
            now = price_of(ground, i, standing.choice[i])
            old = standing.choice[i]
            alight(ground, standing, i)
            found = best_fit(ground, standing, i, x, np.inf)
            board(ground, standing, i, old)
            move(ground, standing, i, max(found, LEAVE))
            loss += price_of(ground, i, standing.choice[i]) - now
            moved = True
        dim = fullest(standing, x)
        if not moved and dim >= 0:
            return np.inf
    return loss


@inside
def _take_on(ground: Ground, standing: Standing, i: int, x: int, dim: int) -> float:
    option = standing.choice[i]
    for use in range(ground.option_ptr[option], ground.option_ptr[option + 1]):
        if ground.use_resource[use] == x:
            return float(ground.size[i, dim] * ground.use_factor[use, dim])
    return 0.0


@inside
def _regret(ground: Ground, standing: Standing, i: int, x: int) -> float:
    """What position i loses by leaving a resource for the best place with room."""
    now = price_of(ground, i, standing.choice[i])
    old = alight(ground, standing, i)
    found = best_fit(ground, standing, i, x, np.inf)
    board(ground, standing, i, old)
    return price_of(ground, i, max(found, LEAVE)) - now


@compiled
def drain_all(ground: Ground, standing: Standing, order: IntArray) -> None:
    """Drain every overloaded resource in an order."""
    for x in order:
        drain(ground, standing, x)
        standing.logged[0] = 0
