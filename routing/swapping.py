"""Compiled ejection moves: one item takes the room of another, which goes where it loses least."""

from __future__ import annotations

from routing.compiled import compiled, inside
from routing.ground import Ground, Standing
from routing.moving import EPS, NOWHERE, alight, best_fit, board, has_room, price_of

NOBODY = -1
SCANNED = 4000
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
