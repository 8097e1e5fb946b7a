"""Compiled placing: positions that are left out find room or have it opened; overloads get the units they need."""

from __future__ import annotations

import numpy as np

from routing.arrays import IntArray
from routing.compiled import compiled, inside
from routing.ground import Ground, Standing
from routing.moving import best_fit, fullest, has_room, move, price_of, set_units, take_back
from routing.opening import can_open, close_idle


@compiled
def place_left(ground: Ground, standing: Standing, order: IntArray) -> None:
    """Place positions that are left out, with the cheapest room or by opening whole units for them."""
    for i in order:
        found = best_fit(ground, standing, i, -1, ground.leave[i])
        best = price_of(ground, i, found) if found >= 0 else ground.leave[i]
        option, cost = _open_for(ground, standing, i, best)
        if option >= 0 and cost < best and _open_along(ground, standing, i, option):
            found = option
        if found >= 0:
            move(ground, standing, i, found)
        standing.logged[0] = 0


@inside
def _open_for(ground: Ground, standing: Standing, i: int, worst: float) -> tuple[int, float]:
    """The cheapest option of a position with the units that would have to be opened for it; -1 where none."""
    chosen, best = -1, worst
    c = ground.class_of[i]
    for option in range(ground.class_ptr[c], ground.class_ptr[c + 1]):
        total = price_of(ground, i, option)
        for use in range(ground.option_ptr[option], ground.option_ptr[option + 1]):
            if total >= best:
                break
            number, unit = _needed(ground, standing, i, use)
            if number < 0:
                total = np.inf
            elif number > 0:
                total += number * ground.unit_cost[unit]
        if total < best:
            chosen, best = option, total
    return chosen, best


@inside
def _needed(ground: Ground, standing: Standing, i: int, use: int) -> tuple[int, int]:
    """How many units of which one type a use needs for a position: 0 where there is room, -1 where none helps."""
    x = ground.use_resource[use]
    number, unit, cost = -1, -1, np.inf
    for place in range(ground.unit_ptr[x] - 1, ground.unit_ptr[x + 1]):
        kind = ground.unit_of[place] if place >= ground.unit_ptr[x] else -1
        need = 0
        for dim in range(ground.size.shape[1]):
            take = ground.size[i, dim] * ground.use_factor[use, dim]
            short = standing.load[x, dim] + take - standing.limit[x, dim]
            if take > 0.0 and short > 0.0:
                size = ground.unit_size[kind, dim] if kind >= 0 else 0.0
                need = max(need, int(np.ceil(short / size)) if size > 0.0 else 1 << 40)
        if kind < 0:
            if need == 0:
                return 0, -1
        elif need * ground.unit_cost[kind] < cost and _can_open_so_many(ground, standing, kind, need):
            number, unit, cost = need, kind, need * ground.unit_cost[kind]
    return number, unit


@inside
def _can_open_so_many(ground: Ground, standing: Standing, unit: int, number: int) -> bool:
    if number > ground.unit_max[unit] - standing.units[unit]:
        return False
    parent = ground.unit_parent[unit]
    if parent >= 0:
        for dim in range(ground.unit_takes.shape[1]):
            take = ground.unit_takes[unit, dim] * number
            if take > 0.0 and standing.load[parent, dim] + take > standing.limit[parent, dim]:
                return False
    return True


@inside
def _open_along(ground: Ground, standing: Standing, i: int, option: int) -> bool:
    """Open what an option lacks for a position; whether it fits then (two uses may want one parent's room)."""
    mark = standing.logged[0]
    for use in range(ground.option_ptr[option], ground.option_ptr[option + 1]):
        number, unit = _needed(ground, standing, i, use)
        if number > 0:
            set_units(ground, standing, unit, standing.units[unit] + number)
    if has_room(ground, standing, i, option, -1):
        return True
    take_back(ground, standing, mark)
    return False


@compiled
def open_for_load(ground: Ground, standing: Standing) -> None:
    """Open units where resources are overloaded, the cheapest that carry what is too much."""
    for x in range(len(ground.free)):
        if ground.unit_ptr[x] == ground.unit_ptr[x + 1]:
            continue
        while fullest(standing, x) >= 0:
            unit = _best_unit(ground, standing, x)
            if unit < 0:
                break
            set_units(ground, standing, unit, standing.units[unit] + 1)
        close_idle(ground, standing, x)
        standing.logged[0] = 0


@inside
def _best_unit(ground: Ground, standing: Standing, x: int) -> int:
    """The unit type that carries the overload at the least cost for the part it carries; -1 where none can open."""
    chosen, best = -1, np.inf
    for place in range(ground.unit_ptr[x], ground.unit_ptr[x + 1]):
        unit = ground.unit_of[place]
        if not can_open(ground, standing, unit):
            continue
        part = 1.0
        for dim in range(ground.size.shape[1]):
            over = standing.load[x, dim] - standing.limit[x, dim]
            if over > 0.0:
                part = min(part, ground.unit_size[unit, dim] / over)
        if part > 0.0 and ground.unit_cost[unit] / part < best:
            chosen, best = unit, ground.unit_cost[unit] / part
    return chosen
