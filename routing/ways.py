"""What each way of an item would cost with the rest of the plan unchanged: the loops behind explanations.

An item is judged from where the plan would stand without it: its room is free, and the units that it alone
keeps open are closed. So the way it takes and those it does not are measured by the same rule.
"""

from __future__ import annotations

import math

import numpy as np

from routing.arrays import FloatArray, IntArray
from routing.compiled import compiled
from routing.way_tables import Goods, Index, Ints32, Marks, Pairs, Scratch, Space, Ways

NOTHING = 1e-9
MOST_DIMENSIONS = 62  # what a mask of bits holds


@compiled
def _slack(limit: float) -> float:
    return NOTHING * max(1.0, limit) if math.isfinite(limit) else NOTHING


@compiled
def _spare(space: Space, unit: Index, where: Index, room: FloatArray, open_units: Index) -> int:
    """How many units of a type could be closed with this room left on their resource."""
    spare = float(open_units)
    for j in range(room.shape[1]):
        size = space.unit_size[unit, j]
        if size > 0.0 and math.isfinite(room[where, j]):
            spare = min(spare, math.floor((room[where, j] + _slack(space.limit[where, j])) / size))
    return int(max(spare, 0.0))


@compiled
def _close(space: Space, now: Scratch, where: Index) -> float:
    """Close the units that nothing but the item that was just taken away keeps open; return what that saves."""
    best, best_count, saved = -1, 0, 0.0
    for position in range(space.type_ptr[where], space.type_ptr[where + 1]):
        unit = space.type_of[position]
        count = _spare(space, unit, where, now.room, now.units[unit])
        count -= _spare(space, unit, where, space.room, space.units[unit])
        if count > 0 and (best < 0 or count * space.unit_cost[unit] > saved):
            best, best_count, saved = unit, count, count * space.unit_cost[unit]
    if best < 0:
        return 0.0
    now.units[best] -= best_count
    parent = space.unit_parent[best]
    for j in range(now.room.shape[1]):
        now.room[where, j] -= space.unit_size[best, j] * best_count
        if parent >= 0:
            now.room[parent, j] += space.unit_takes[best, j] * best_count
    return saved


@compiled
def _lift(goods: Goods, space: Space, now: Scratch, item: Index, saved: FloatArray) -> float:
    """Take an item away, and close what it alone keeps open; `saved` by use of its way, and in all."""
    option = goods.taken[item]
    total = 0.0
    if option < 0:
        return total
    first = goods.option_ptr[option]
    for use in range(first, goods.option_ptr[option + 1]):
        where = np.int64(goods.use_resource[use])
        for j in range(now.room.shape[1]):
            now.room[where, j] += goods.item_size[item, j] * goods.use_factor[use, j]
        saved[use - first] = _close(space, now, where)
        total += saved[use - first]
    return total


@compiled
def _reset(space: Space, now: Scratch, where: Index) -> None:
    for j in range(now.room.shape[1]):
        now.room[where, j] = space.room[where, j]


@compiled
def _put_back(goods: Goods, space: Space, now: Scratch, item: Index) -> None:
    """Undo `_lift`, to the last bit."""
    option = goods.taken[item]
    if option < 0:
        return
    for use in range(goods.option_ptr[option], goods.option_ptr[option + 1]):
        where = np.int64(goods.use_resource[use])
        _reset(space, now, where)
        for position in range(space.type_ptr[where], space.type_ptr[where + 1]):
            unit = space.type_of[position]
            now.units[unit] = space.units[unit]
            if space.unit_parent[unit] >= 0:
                _reset(space, now, np.int64(space.unit_parent[unit]))


@compiled
def _units_for(space: Space, now: Scratch, unit: Index, missing: FloatArray) -> int:
    """How many units of a type give the missing room; -1 where they cannot."""
    count = 0.0
    for j in range(len(missing)):
        if missing[j] <= 0.0:
            continue
        if space.unit_size[unit, j] <= 0.0:
            return -1
        count = max(count, math.ceil(missing[j] / space.unit_size[unit, j] - NOTHING))
    return int(count) if now.units[unit] + count <= space.unit_max[unit] else -1


@compiled
def _lacking(space: Space, now: Scratch, unit: Index, count: int, lacking: FloatArray) -> bool:
    """Put into `lacking` what so many more units of a type lack in their parent; say whether it is anything."""
    parent = space.unit_parent[unit]
    lacks = False
    for j in range(len(lacking)):
        lacking[j] = 0.0
        if parent >= 0:
            lack = space.unit_takes[unit, j] * count - now.room[parent, j]
            if lack > _slack(space.limit[parent, j]):
                lacking[j], lacks = lack, True
    return lacks


@compiled
def _opening_in_parent(space: Space, now: Scratch, where: Index, missing: FloatArray) -> float:
    """The least cost of units of one type that give the room a child needs; their own parents must have room."""
    best = np.inf
    lacking = np.zeros(len(missing))
    for position in range(space.type_ptr[where], space.type_ptr[where + 1]):
        unit = space.type_of[position]
        count = _units_for(space, now, unit, missing)
        if count >= 0 and not _lacking(space, now, unit, count, lacking):
            best = min(best, space.unit_cost[unit] * count)
    return best


@compiled
def _cheapest(space: Space, now: Scratch, where: Index, missing: FloatArray) -> tuple[int, int, float]:
    """The unit type that gives the missing room for least, how many, the cost with their parent's; or -1, 0, inf."""
    best, best_count, least = -1, 0, np.inf
    lacking = np.zeros(len(missing))
    for position in range(space.type_ptr[where], space.type_ptr[where + 1]):
        unit = space.type_of[position]
        count = _units_for(space, now, unit, missing)
        if count < 0:
            continue
        cost = space.unit_cost[unit] * count
        if _lacking(space, now, unit, count, lacking):
            cost += _opening_in_parent(space, now, np.int64(space.unit_parent[unit]), lacking)
        if cost < least:
            best, best_count, least = unit, count, cost
    return best, best_count, least


@compiled
def _room_lacks(
    space: Space, now: Scratch, goods: Goods, item: Index, first: Index, last: Index, ways: Ways
) -> int:
    """Put what the uses `first` to `last - 1` lack and are worth into `ways`; return how many lack anything."""
    # Arrays taken out of their tuples once: a tuple in the inner loop costs more than the arithmetic.
    use_resource, use_factor, size = goods.use_resource, goods.use_factor, goods.item_size
    room, limit, price = now.room, space.limit, space.price
    missing, worth, opening = ways.missing, ways.worth, ways.opening
    lacking = 0
    for use in range(first, last):
        where, at = use_resource[use], use - first
        opening[at], worth[at] = 0.0, 0.0
        for j in range(room.shape[1]):
            take = size[item, j] * use_factor[use, j]
            missing[at, j] = 0.0
            worth[at] += price[where, j] * take
            lack = take - room[where, j]
            if take > 0.0 and lack > 0.0 and lack > _slack(limit[where, j]):
                missing[at, j] = lack
                opening[at] = np.inf
        lacking += opening[at] > 0.0
    return lacking


@compiled
def judge(goods: Goods, space: Space, now: Scratch, item: Index, ways: Ways) -> float:
    """Judge every way of an item; return what closing the units that it alone keeps open saves."""
    saved = _lift(goods, space, now, item, ways.saved)
    _judge_lifted(goods, space, now, item, ways)
    _put_back(goods, space, now, item)
    return saved


@compiled
def _judge_lifted(goods: Goods, space: Space, now: Scratch, item: Index, ways: Ways) -> None:
    """Judge every way of an item that takes no room now."""
    kind = goods.item_class[item]
    first, last = goods.class_ptr[kind], goods.class_ptr[kind + 1]
    first_use, last_use = goods.option_ptr[first], goods.option_ptr[last]
    features, rates, booked = goods.item_features, goods.option_rates, goods.now[item]
    for option in range(first, last):
        cost = 0.0 if booked == option else goods.change[item]
        for feature in range(features.shape[1]):
            cost += features[item, feature] * rates[option, feature]
        ways.cost[option - first] = cost
    if _room_lacks(space, now, goods, item, first_use, last_use, ways):
        for use in range(first_use, last_use):
            at = use - first_use
            where = np.int64(goods.use_resource[use])
            if ways.opening[at] > 0.0 and space.type_ptr[where] < space.type_ptr[where + 1]:
                _, _, ways.opening[at] = _cheapest(space, now, where, ways.missing[at])


@compiled
def _opened(
    opening: FloatArray, option_ptr: IntArray, option: Index, first_use: Index, without: Index
) -> float:
    """What the option's openings cost but for one use (-1: none is left out)."""
    total = 0.0
    for use in range(option_ptr[option], option_ptr[option + 1]):
        if use != without:
            total += opening[use - first_use]
    return total


@compiled
def _uses(use_resource: Ints32, option_ptr: IntArray, option: Index, where: Index) -> bool:
    for use in range(option_ptr[option], option_ptr[option + 1]):  # noqa: SIM110 - a generator does not compile
        if use_resource[use] == where:
            return True
    return False


@compiled
def _best_other(goods: Goods, item: Index, avoided: Index, ways: Ways) -> tuple[int, float]:
    """The best way an item does not take, of those that leave a resource alone (-1: of all); -2 if there is none."""
    pointer, use_resource, opening, costs = goods.option_ptr, goods.use_resource, ways.opening, ways.cost
    kind = goods.item_class[item]
    first = goods.class_ptr[kind]
    best, least = -2, np.inf
    taken = goods.taken[item]
    if taken >= 0 and goods.left[item] < least:
        best, least = -1, goods.left[item]
    for option in range(first, goods.class_ptr[kind + 1]):
        if option == taken or not costs[option - first] < least:
            continue
        if avoided >= 0 and _uses(use_resource, pointer, option, avoided):
            continue
        total = costs[option - first] + _opened(opening, pointer, option, pointer[first], np.int64(-1))
        if total < least:
            best, least = option, total
    return best, least


@compiled
def _mask(missing: FloatArray, at: Index) -> int:
    mask = 0
    for j in range(min(missing.shape[1], MOST_DIMENSIONS)):
        if missing[at, j] > 0.0:
            mask |= 1 << j
    return mask


@compiled
def _pair_taken(
    goods: Goods, item: Index, wanted: Marks, ways: Ways, total: float, rows: Pairs, row: int
) -> int:
    """Add what the resources of its way save an item; `total` is what its way costs with what it keeps open."""
    option = goods.taken[item]
    if option < 0:
        return row
    first = goods.option_ptr[option]
    for use in range(first, goods.option_ptr[option + 1]):
        where = np.int64(goods.use_resource[use])
        if wanted[where]:
            _, least = _best_other(goods, item, where, ways)
            rows.resource[row], rows.item[row], rows.use[row] = where, item, use
            rows.gain[row] = least - (total - ways.saved[use - first])
            rows.lacks[row] = 0
            row += 1
    return row


@compiled
def _pair_wanted(
    goods: Goods, item: Index, wanted: Marks, ways: Ways, total: float, rows: Pairs, row: int
) -> int:
    """Add the resources that would save an item something if they had the room, each with its best way there."""
    pointer, use_resource, opening, missing = goods.option_ptr, goods.use_resource, ways.opening, ways.missing
    kind = goods.item_class[item]
    first = goods.class_ptr[kind]
    first_use = pointer[first]
    begin = row
    taken = goods.taken[item]
    for option in range(first, goods.class_ptr[kind + 1]):
        own = ways.cost[option - first]
        if not own < total - NOTHING * max(1.0, own):
            continue
        for use in range(pointer[option], pointer[option + 1]):
            where = np.int64(use_resource[use])
            lacks = _mask(missing, use - first_use) if wanted[where] else 0
            if lacks == 0 or (taken >= 0 and _uses(use_resource, pointer, taken, where)):
                continue
            gain = total - own - _opened(opening, pointer, option, first_use, use)
            if not gain > NOTHING * max(1.0, own):
                continue
            at = begin
            while at < row and rows.resource[at] != where:
                at += 1
            if at < row and rows.gain[at] >= gain:
                continue
            rows.resource[at], rows.item[at], rows.use[at] = where, item, use
            rows.gain[at], rows.lacks[at] = gain, lacks
            row = max(row, at + 1)
    return row


@compiled
def weigh(
    goods: Goods,
    space: Space,
    now: Scratch,
    items: IntArray,
    ways: Ways,
    wanted: Marks,
    best: IntArray,
    extra: FloatArray,
    rows: Pairs,
) -> int:
    """Find each item's next best way and its pairs; return how many pairs there are."""
    row = 0
    paired = len(rows.item) > 0
    for position in range(len(items)):
        item = items[position]
        total = judge(goods, space, now, item, ways)
        taken = goods.taken[item]
        if taken >= 0:
            total += ways.cost[taken - goods.class_ptr[goods.item_class[item]]]
        else:
            total = goods.left[item]
        best[position], least = _best_other(goods, item, np.int64(-1), ways)
        extra[position] = least - total
        if paired:
            row = _pair_taken(goods, item, wanted, ways, total, rows, row)
            row = _pair_wanted(goods, item, wanted, ways, total, rows, row)
    return row


@compiled
def _open(space: Space, now: Scratch, where: Index, missing: FloatArray) -> None:
    """Open the units that give the missing room for least."""
    unit, count, _ = _cheapest(space, now, where, missing)
    if unit >= 0:
        now.units[unit] += count
        for j in range(len(missing)):
            now.room[where, j] += space.unit_size[unit, j] * count
            if space.unit_parent[unit] >= 0:
                now.room[space.unit_parent[unit], j] -= space.unit_takes[unit, j] * count


@compiled
def _settle(goods: Goods, space: Space, now: Scratch, item: Index, option: Index, ways: Ways) -> None:
    """Let an item take an option, opening what it needs."""
    first_use = goods.option_ptr[goods.class_ptr[goods.item_class[item]]]
    for use in range(goods.option_ptr[option], goods.option_ptr[option + 1]):
        where = np.int64(goods.use_resource[use])
        if ways.opening[use - first_use] > 0.0:
            _open(space, now, where, ways.missing[use - first_use])
        for j in range(now.room.shape[1]):
            now.room[where, j] -= goods.item_size[item, j] * goods.use_factor[use, j]


@compiled
def evict(
    goods: Goods, space: Space, now: Scratch, where: Index, items: IntArray, ways: Ways, extra: FloatArray
) -> None:
    """Shut a resource; its items take their best other ways in this order. `extra` [m] is what each costs more."""
    for item in items:
        for use in range(goods.option_ptr[goods.taken[item]], goods.option_ptr[goods.taken[item] + 1]):
            for j in range(now.room.shape[1]):
                now.room[goods.use_resource[use], j] += goods.item_size[item, j] * goods.use_factor[use, j]
    for position in range(space.type_ptr[where], space.type_ptr[where + 1]):
        unit = space.type_of[position]
        parent = space.unit_parent[unit]
        for j in range(now.room.shape[1] if parent >= 0 else 0):
            now.room[parent, j] += space.unit_takes[unit, j] * now.units[unit]
        now.units[unit] = 0
    for position in range(len(items)):
        item = items[position]
        _judge_lifted(goods, space, now, item, ways)
        own = ways.cost[goods.taken[item] - goods.class_ptr[goods.item_class[item]]]
        option, cost = _best_other(goods, item, where, ways)
        extra[position] = cost - own
        if option >= 0:
            _settle(goods, space, now, item, option, ways)
