"""Compiled trials with units: close one and place its goods elsewhere, open one and draw goods to it.

A trial is carried out on the standing plan, its cost added up move by move, and taken back if it does not pay.
"""

from __future__ import annotations

import numpy as np

from routing.arrays import FloatArray, IntArray
from routing.compiled import compiled, inside
from routing.ground import Ground, Standing
from routing.moving import (
    EPS,
    alight,
    best_fit,
    board,
    drain,
    has_room,
    move,
    price_of,
    set_units,
    take_back,
)


@inside
def can_open(ground: Ground, standing: Standing, unit: int) -> bool:
    """Whether one more unit of a type may be opened and its parent has room."""
    if standing.units[unit] >= ground.unit_max[unit]:
        return False
    parent = ground.unit_parent[unit]
    if parent >= 0:
        for dim in range(ground.unit_takes.shape[1]):
            take = ground.unit_takes[unit, dim]
            if take > 0.0 and standing.load[parent, dim] + take > standing.limit[parent, dim]:
                return False
    return True


@inside
def close_idle(ground: Ground, standing: Standing, x: int) -> float:
    """Close units of a resource, the dearest first, as long as the rest holds its load; return what that saves."""
    saved = 0.0
    while True:
        chosen = -1
        for place in range(ground.unit_ptr[x], ground.unit_ptr[x + 1]):
            unit = ground.unit_of[place]
            dearer = chosen < 0 or ground.unit_cost[unit] > ground.unit_cost[chosen]
            if standing.units[unit] > 0 and dearer and _is_idle(ground, standing, x, unit):
                chosen = unit
        if chosen < 0:
            return saved
        set_units(ground, standing, chosen, standing.units[chosen] - 1)
        saved += float(ground.unit_cost[chosen])


@inside
def _is_idle(ground: Ground, standing: Standing, x: int, unit: int) -> bool:
    for dim in range(ground.size.shape[1]):
        load = standing.load[x, dim]
        if load > EPS and load > standing.limit[x, dim] - ground.unit_size[unit, dim]:
            return False
    return True


@inside
def close_idle_since(ground: Ground, standing: Standing, mark: int) -> float:
    """Close what idles on resources that positions moved off since the mark."""
    saved = 0.0
    for note in range(mark, standing.logged[0]):
        who, old = standing.log[note, 0], standing.log[note, 1]
        if who >= 0 and old >= 0:
            for use in range(ground.option_ptr[old], ground.option_ptr[old + 1]):
                x = ground.use_resource[use]
                if ground.unit_ptr[x] < ground.unit_ptr[x + 1]:
                    saved += close_idle(ground, standing, x)
    return saved


@inside
def try_closing(ground: Ground, standing: Standing, unit: int) -> float:
    """Close a unit of a type and place its goods elsewhere; return what that saves, 0 where it is taken back."""
    mark = standing.logged[0]
    set_units(ground, standing, unit, standing.units[unit] - 1)
    loss = drain(ground, standing, ground.unit_resource[unit]) - ground.unit_cost[unit]
    if loss < np.inf:
        loss -= close_idle_since(ground, standing, mark)
    if loss < -EPS * ground.unit_cost[unit]:
        return float(-loss)
    take_back(ground, standing, mark)
    return 0.0


@inside
def try_opening(ground: Ground, standing: Standing, unit: int, relief: FloatArray) -> float:
    """Open a unit, draw to it what gains by it, close what that leaves half empty; return the saving, else 0.

    `relief` [r, d] is what a position counts as saved by leaving a resource, beside its own cost.
    """
    if not can_open(ground, standing, unit):
        return 0.0
    mark = standing.logged[0]
    set_units(ground, standing, unit, standing.units[unit] + 1)
    cost = ground.unit_cost[unit] + _draw(ground, standing, unit, relief)
    cost -= close_idle_since(ground, standing, mark)
    cost -= _close_donors(ground, standing, mark, ground.unit_resource[unit])
    if cost < -EPS * max(1.0, ground.unit_cost[unit]):
        return float(-cost)
    take_back(ground, standing, mark)
    return 0.0


@inside
def _draw(ground: Ground, standing: Standing, unit: int, relief: FloatArray) -> float:
    """Move to a unit's resource what gains most for its room; return the change of cost."""
    x = ground.unit_resource[unit]
    who, where, merit = _candidates(ground, standing, unit, relief)
    change = 0.0
    for place in np.argsort(-merit):
        i, option = who[place], where[place]
        if _is_on(ground, standing, i, x):
            continue
        now = price_of(ground, i, standing.choice[i])
        old = alight(ground, standing, i)
        fits = has_room(ground, standing, i, option, -1)
        board(ground, standing, i, old)
        if fits:
            move(ground, standing, i, option)
            change += price_of(ground, i, option) - now
    return change


@inside
def _candidates(
    ground: Ground, standing: Standing, unit: int, relief: FloatArray
) -> tuple[IntArray, IntArray, FloatArray]:
    """Positions that gain by a resource, the option, and the gain for the part of a unit they take."""
    x = ground.unit_resource[unit]
    total = 0
    for place in range(ground.resource_ptr[x], ground.resource_ptr[x + 1]):
        c = ground.option_class[ground.use_option[ground.by_resource[place]]]
        total += ground.item_ptr[c + 1] - ground.item_ptr[c]
    who, where, merit = np.empty(total, np.int64), np.empty(total, np.int64), np.empty(total)
    count = 0
    for place in range(ground.resource_ptr[x], ground.resource_ptr[x + 1]):
        use = ground.by_resource[place]
        option = ground.use_option[use]
        c = ground.option_class[option]
        for i in range(ground.item_ptr[c], ground.item_ptr[c + 1]):
            now = price_of(ground, i, standing.choice[i]) + _relief_of(ground, standing, i, relief)
            gain = now - price_of(ground, i, option)
            for other in range(ground.option_ptr[option], ground.option_ptr[option + 1]):
                y = ground.use_resource[other]
                if y != x:
                    for dim in range(ground.size.shape[1]):
                        gain -= ground.size[i, dim] * ground.use_factor[other, dim] * relief[y, dim]
            if gain > 0.0 and not _is_on(ground, standing, i, x):
                part = EPS
                for dim in range(ground.size.shape[1]):
                    take = ground.size[i, dim] * ground.use_factor[use, dim]
                    if ground.unit_size[unit, dim] > 0.0:
                        part = max(part, take / ground.unit_size[unit, dim])
                who[count], where[count], merit[count] = i, option, gain / part
                count += 1
    return who[:count], where[:count], merit[:count]


@inside
def _is_on(ground: Ground, standing: Standing, i: int, x: int) -> bool:
    option = standing.choice[i]
    if option >= 0:
        for use in range(ground.option_ptr[option], ground.option_ptr[option + 1]):
            if ground.use_resource[use] == x:
                return True
    return False


@inside
def _relief_of(ground: Ground, standing: Standing, i: int, relief: FloatArray) -> float:
    total = 0.0
    option = standing.choice[i]
    if option >= 0:
        for use in range(ground.option_ptr[option], ground.option_ptr[option + 1]):
            x = ground.use_resource[use]
            for dim in range(ground.size.shape[1]):
                total += ground.size[i, dim] * ground.use_factor[use, dim] * relief[x, dim]
    return total


@inside
def _close_donors(ground: Ground, standing: Standing, mark: int, keep: int) -> float:
    """Try to close a unit of each resource that positions left since the mark, but for one resource."""
    saved = 0.0
    end = standing.logged[0]
    seen = [keep]
    for note in range(mark, end):
        who, old = standing.log[note, 0], standing.log[note, 1]
        if who < 0 or old < 0:
            continue
        for use in range(ground.option_ptr[old], ground.option_ptr[old + 1]):
            x = ground.use_resource[use]
            full = standing.logged[0] > 2 * len(
                standing.choice
            )  # what is left of the log holds one more closing
            if full or x in seen or ground.unit_ptr[x] == ground.unit_ptr[x + 1]:
                continue
            seen.append(x)
            saved += _close_some(ground, standing, x)
    return saved


@inside
def _close_some(ground: Ground, standing: Standing, x: int) -> float:
    saved = 0.0
    for place in range(ground.unit_ptr[x], ground.unit_ptr[x + 1]):
        unit = ground.unit_of[place]
        while standing.units[unit] > 0:
            gain = try_closing(ground, standing, unit)
            if gain <= 0.0:
                break
            saved += gain
    return saved


@compiled
def close_each(ground: Ground, standing: Standing, order: IntArray) -> float:
    """Try to close a unit of each type in an order, as often as it pays."""
    saved = 0.0
    for unit in order:
        while standing.units[unit] > 0:
            gain = try_closing(ground, standing, unit)
            standing.logged[0] = 0
            if gain <= 0.0:
                break
            saved += gain
    return saved


@compiled
def open_each(ground: Ground, standing: Standing, order: IntArray, relief: FloatArray) -> float:
    """Try to open a unit of each type in an order, as often as it pays."""
    saved = 0.0
    for unit in order:
        while True:
            gain = try_opening(ground, standing, unit, relief)
            standing.logged[0] = 0
            if gain <= 0.0:
                break
            saved += gain
    return saved


@compiled
def rebuild(ground: Ground, standing: Standing, shut: IntArray, tried: IntArray, relief: FloatArray) -> float:
    """Close some units whatever it costs, try to open and close others; keep it only if it pays, else return 0."""
    saved = 0.0
    for unit in shut:
        if standing.units[unit] > 0:
            mark = standing.logged[0]
            set_units(ground, standing, unit, standing.units[unit] - 1)
            saved += ground.unit_cost[unit] - drain(ground, standing, ground.unit_resource[unit])
            saved += close_idle_since(ground, standing, mark)
    if saved > -np.inf:
        for unit in tried:
            if standing.logged[0] < len(standing.choice):
                saved += try_opening(ground, standing, unit, relief)
        for unit in tried:
            if standing.units[unit] > 0 and standing.logged[0] < 2 * len(standing.choice):
                saved += try_closing(ground, standing, unit)
        saved += _shift_moved(ground, standing)
    if not saved > EPS * max(1.0, abs(saved)):
        take_back(ground, standing, 0)
        saved = 0.0
    standing.logged[0] = 0
    return saved


@inside
def _shift_moved(ground: Ground, standing: Standing) -> float:
    """Let every position that was moved look once more for a cheaper place."""
    saved = 0.0
    for note in range(standing.logged[0]):
        i = standing.log[note, 0]
        if i >= 0:
            now = price_of(ground, i, standing.choice[i])
            old = alight(ground, standing, i)
            found = best_fit(ground, standing, i, -1, now - EPS * max(1.0, now))
            board(ground, standing, i, old)
            if found != -2:
                move(ground, standing, i, found)
                saved += now - price_of(ground, i, found)
    return saved
