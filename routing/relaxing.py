"""What stands in the way of an option, and the single changes that would let an item take it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from routing.arrays import FloatArray
from routing.way_tables import Tables, Ways
from routing.ways import NOTHING


@dataclass(frozen=True, slots=True)
class Block:
    """Room that is missing for an option: `missing` of a dimension of a resource that can hold `capacity`."""

    resource: int
    dimension: int
    missing: float
    capacity: float


@dataclass(frozen=True, slots=True)
class Relaxation:
    """One thing more that would let an item take `option`.

    `kind` is `room` (`missing` of a dimension of a resource), `unit` (`missing` units of a type more than
    can be opened) or `money` (nothing is lacking, the way costs `missing` more than leaving the item out).
    `capacity` is how much there is of it. `cost` is what it costs: units at their price, room at the
    certificate's, or as the same part of a unit where only units have a price. `extra_cost` is what the plan
    would then cost more, without the room's price: below 0 where it helps, -inf for an item that must go.
    """

    kind: str
    option: int
    resource: int | None
    dimension: int | None
    unit: int | None
    missing: float
    capacity: float
    cost: float
    extra_cost: float

    @property
    def rank(self) -> tuple[float, float, int]:
        """Small ones first, relative to what there is; then cheap ones."""
        return (self.missing / max(self.capacity, self.missing, NOTHING), self.cost, self.option)


@dataclass(frozen=True, slots=True)
class _Unit:
    """So many units of a type that would give the missing room; `over` is how many too many they are."""

    unit: int
    count: int
    cost: float
    over: int
    lacking: FloatArray
    """Room [d] they lack in their parent."""


def blocks_of(tables: Tables, option: int, first_use: int, judged: Ways) -> tuple[Block, ...]:
    """Return what is missing for an option that cannot be taken: in a parent where that keeps units shut."""
    found: list[Block] = []
    pointer = tables.goods.option_ptr
    for use in range(int(pointer[option]), int(pointer[option + 1])):
        if math.isfinite(judged.opening[use - first_use]):
            continue
        where = int(tables.goods.use_resource[use])
        missing = judged.missing[use - first_use]
        shut = [one for one in _units(tables, where, missing) if one.over <= 0]
        if shut:
            where, missing = int(tables.space.unit_parent[shut[0].unit]), shut[0].lacking
        for dimension in np.flatnonzero(missing > 0).tolist():
            held = float(tables.space.limit[where, dimension])
            found.append(Block(where, dimension, float(missing[dimension]), held))
    return tuple(dict.fromkeys(found))


def relaxations(tables: Tables, item: int, judged: Ways, total: float) -> Iterator[Relaxation]:
    """Yield every single change that would let an item take a way cheaper than `total`."""
    goods = tables.goods
    kind = goods.item_class[item]
    first = int(goods.class_ptr[kind])
    first_use = int(goods.option_ptr[first])
    for option in range(first, int(goods.class_ptr[kind + 1])):
        cost = float(judged.cost[option - first])
        if option == goods.taken[item] or not cost < total:
            continue
        rows = range(int(goods.option_ptr[option]), int(goods.option_ptr[option + 1]))
        for use in rows:
            if not judged.missing[use - first_use].any():
                continue
            rest = cost + sum(float(judged.opening[one - first_use]) for one in rows if one != use)
            if rest < total:
                yield from _of_use(tables, option, use, judged.missing[use - first_use], rest - total)


def _of_use(tables: Tables, option: int, use: int, missing: FloatArray, extra: float) -> Iterator[Relaxation]:
    """Yield what would give the room one use lacks; `extra` is what the plan would cost more without paying for it."""
    space = tables.space
    where = int(tables.goods.use_resource[use])
    yield from _room(tables, option, where, missing, (0.0, extra))
    for one in _units(tables, where, missing):
        with_unit = extra + one.cost
        if not with_unit < 0:
            continue
        if one.over > 0 and not one.lacking.any():
            most = float(space.unit_max[one.unit])
            yield Relaxation(
                "unit", option, where, None, one.unit, float(one.over), most, one.cost, with_unit
            )
        elif one.over <= 0 and one.lacking.any():
            parent = int(space.unit_parent[one.unit])
            yield from _room(tables, option, parent, one.lacking, (one.cost, with_unit))


def _room(
    tables: Tables, option: int, where: int, missing: FloatArray, costs: tuple[float, float]
) -> Iterator[Relaxation]:
    """Yield the missing room if it is of one dimension only; `costs`: what else is paid, the plan's extra cost."""
    dimensions = np.flatnonzero(missing > 0).tolist()
    held = float(tables.space.limit[where, dimensions[0]])
    shut = held == 0 and tables.space.type_ptr[where] < tables.space.type_ptr[where + 1]
    if len(dimensions) == 1 and not shut:
        (dimension,) = dimensions
        lack = float(missing[dimension])
        worth = lack * _price(tables, where, dimension)
        yield Relaxation("room", option, where, dimension, None, lack, held, costs[0] + worth, costs[1])


def _price(tables: Tables, where: int, dimension: int) -> float:
    """What a piece of room costs: the certificate's price, else the same part of the cheapest unit, else nothing."""
    space = tables.space
    price = float(space.price[where, dimension])
    types = space.type_of[space.type_ptr[where] : space.type_ptr[where + 1]]
    types = types[space.unit_size[types, dimension] > 0]
    if price > 0 or not types.size:
        return price
    return float((space.unit_cost[types] / space.unit_size[types, dimension]).min())


def _units(tables: Tables, where: int, missing: FloatArray) -> Iterator[_Unit]:
    """Yield, for each unit type of a resource that adds what is missing, how many it takes and what keeps them shut."""
    space = tables.space
    lacks = missing > 0
    for unit in space.type_of[space.type_ptr[where] : space.type_ptr[where + 1]].tolist():
        size = space.unit_size[unit]
        if (size[lacks] <= 0).any():
            continue
        count = math.ceil(float((missing[lacks] / size[lacks]).max()) - NOTHING)
        over = int(space.units[unit]) + count - int(space.unit_max[unit])
        yield _Unit(unit, count, float(space.unit_cost[unit]) * count, over, _lacking(tables, unit, count))


def _lacking(tables: Tables, unit: int, count: int) -> FloatArray:
    """Room [d] that so many more units lack in their parent."""
    space = tables.space
    parent = int(space.unit_parent[unit])
    if parent < 0:
        return np.zeros(space.limit.shape[1])
    limit = space.limit[parent]
    slack = NOTHING * np.maximum(1.0, np.where(np.isfinite(limit), limit, 1.0))
    lack: FloatArray = space.unit_takes[unit] * count - space.room[parent]
    return np.where(lack > slack, lack, 0.0)
