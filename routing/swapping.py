"""Compiled ejection moves: one item takes the room of another, which goes where it loses least."""

from __future__ import annotations

import numpy as np

from routing.arrays import FloatArray, IntArray
from routing.compiled import compiled, inside
from routing.ground import Ground, Standing
from routing.moving import EPS, NOWHERE, alight, best_fit, board, drain, has_room, move, price_of, take_back

NOBODY = -1
SCANNED = 300
"""Positions on a resource that are looked at for one that may be pushed out."""


@compiled
def eject(ground: Ground, standing: Standing, begin: int, end: int) -> float:
    """Let positions begin .. end-1 push another one out where both together gain; return what that saves."""
    saved = 0.0
    for i in range(begin, end):
        first, last = ground.class_ptr[ground.class_of[i]], ground.class_ptr[ground.class_of[i] + 1]
        now = price_of(ground, i, standing.choice[i])
        old = alight(ground, standing, i)
        best, option_of_i, other, option_of_other = EPS * max(1.0, now), old, NOBODY, old
        for option in range(first, last):
            gain = now - price_of(ground, i, option)
            if gain <= best:
                continue
            x = _lacking(ground, standing, i, option)
            if x == NOWHERE:
                best, option_of_i, other = gain, option, NOBODY
            elif x >= 0:
                who, where, total = _push(ground, standing, i, option, x, gain, best)
                if who >= 0:
                    best, option_of_i, other, option_of_other = total, option, who, where
        if other >= 0:
            alight(ground, standing, other)
            board(ground, standing, other, option_of_other)
        if option_of_i != old:
            saved += best
        board(ground, standing, i, option_of_i)
    return saved


@inside
def _lacking(ground: Ground, standing: Standing, i: int, option: int) -> int:
    """The one resource that lacks room for position i; -1 where none does, -2 where several do."""
    found = NOWHERE
    for use in range(ground.option_ptr[option], ground.option_ptr[option + 1]):
        x = ground.use_resource[use]
        for dim in range(ground.size.shape[1]):
            take = ground.size[i, dim] * ground.use_factor[use, dim]
            if take > 0.0 and standing.load[x, dim] + take > standing.limit[x, dim]:
                if found >= 0 and found != x:
                    return -2
                found = x
    return found


@inside
def _push(
    ground: Ground, standing: Standing, i: int, option: int, x: int, gain: float, best: float
) -> tuple[int, int, float]:
    """Who on resource x makes room for position i on an option at the least loss, where it goes, what both gain."""
    width = ground.width[0]
    who, where, total = NOBODY, NOBODY, best
    place, looked = standing.head[x], 0
    while place >= 0 and looked < SCANNED:
        j = place // width
        place = standing.after[place]  # looked up before the position goes to the head of the chain
        looked += 1
        now = price_of(ground, j, standing.choice[j])
        old = alight(ground, standing, j)
        if has_room(ground, standing, i, option, NOWHERE):
            board(ground, standing, i, option)
            found = best_fit(ground, standing, j, x, now + gain - total)
            if found != -2:
                who, where, total = j, found, gain - (price_of(ground, j, found) - now)
            alight(ground, standing, i)
        board(ground, standing, j, old)
    return who, where, total


@compiled
def losses(
    ground: Ground,
    standing: Standing,
    rate: FloatArray,
    value: FloatArray,
    begin: int,
    end: int,
    loss: FloatArray,
) -> None:
    """Write by how much the priced cost of positions begin .. end-1 exceeds `value` [n], their cheapest."""
    for i in range(begin, end):
        loss[i] = _priced(ground, i, standing.choice[i], rate) - value[i]


@inside
def _priced(ground: Ground, i: int, option: int, rate: FloatArray) -> float:
    total = price_of(ground, i, option)
    if option >= 0:
        for dim in range(ground.size.shape[1]):
            total += ground.size[i, dim] * rate[option, dim]
    return total


@compiled
def insist(ground: Ground, standing: Standing, order: IntArray, rate: FloatArray, tries: int) -> float:
    """Let positions take their best priced options though these are full, if pushing others off costs less.

    Each tries its `tries` cheapest options at prices; `rate` [o, d] is what sizes pay. Return what that saves.
    """
    saved = 0.0
    for i in order:
        below = -np.inf
        for _ in range(tries):
            option, below = _next_best(ground, standing, i, rate, below)
            if option < 0:
                break
            gain = _insist_on(ground, standing, i, option)
            standing.logged[0] = 0
            if gain > 0.0:
                saved += gain
                break
    return saved


@inside
def _next_best(
    ground: Ground, standing: Standing, i: int, rate: FloatArray, below: float
) -> tuple[int, float]:
    """The cheapest option at prices beyond `below` that is cheaper than where the position is; -1 where none."""
    now = price_of(ground, i, standing.choice[i])
    best, chosen = _priced(ground, i, standing.choice[i], rate), -1
    first, last = ground.class_ptr[ground.class_of[i]], ground.class_ptr[ground.class_of[i] + 1]
    for option in range(first, last):
        priced = _priced(ground, i, option, rate)
        if below < priced < best and price_of(ground, i, option) < now:
            best, chosen = priced, option
    return chosen, best


@inside
def _insist_on(ground: Ground, standing: Standing, i: int, option: int) -> float:
    mark = standing.logged[0]
    gain = price_of(ground, i, standing.choice[i]) - price_of(ground, i, option)
    move(ground, standing, i, option)
    for use in range(ground.option_ptr[option], ground.option_ptr[option + 1]):
        gain -= drain(ground, standing, ground.use_resource[use])
        if gain <= 0.0:
            break
    if gain > EPS * max(1.0, price_of(ground, i, option)):
        return gain
    take_back(ground, standing, mark)
    return 0.0
