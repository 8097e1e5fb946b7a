"""Parts of a problem seen place by place: fewer entries, fewer ways, and items whose place is settled."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from routing.arrays import FloatArray, IntArray
from routing.model import BoolArray
from routing.places import Places


@dataclass(frozen=True, eq=False, slots=True)
class Node:
    """Plans that are left: of `places`, whose items are `members` of the whole problem.

    All other items are settled: `settled` holds the pairs they take and `spent` is what all of them cost.
    `value` [members] are item values to start from, `bound` is the least that any of the plans costs.
    """

    places: Places
    members: IntArray
    settled: IntArray
    spent: float
    value: FloatArray
    bound: float


@dataclass(frozen=True, eq=False, slots=True)
class Part:
    """What to keep of a node: entries and ways, and which items [members] must take an entry."""

    entries: BoolArray
    ways: BoolArray
    inside: BoolArray


def narrow(node: Node, part: Part) -> tuple[Node, IntArray, IntArray] | None:
    """Return the part of a node with the entries and ways kept; None if no plan is left.

    Items with one choice are settled and their room is taken; that may leave others with one choice.
    """
    places = node.places
    of_way = np.repeat(np.arange(places.places), np.diff(places.way))
    of_entry = np.repeat(np.arange(places.places), np.diff(places.begin))
    keep, ways = part.entries.copy(), part.ways.copy()
    outside = np.where(part.inside, np.inf, places.outside)
    parts, capacity = places.parts.copy(), places.capacity.copy()
    alive = np.ones(len(node.members), bool)
    settled, spent = [node.settled], node.spent
    while True:
        ways &= (parts >= 0) & (capacity >= -1e-9 * np.maximum(1.0, places.capacity))
        most = np.full(places.places, -1)
        np.maximum.at(most, of_way[ways], parts[ways])
        keep &= alive[places.item] & (places.weight <= most[of_entry])
        count = np.bincount(places.item[keep], minlength=len(alive))
        bound_to = np.isinf(outside)
        if (most < 0).any() or (alive & (count == 0) & bound_to).any():
            return None
        single = alive & ((count == 0) | ((count == 1) & bound_to))
        if not single.any():
            break
        taken = np.flatnonzero(keep & single[places.item])
        free = np.flatnonzero(single & (count == 0))
        spent += float(places.cost[taken].sum() + outside[free].sum())
        settled += [places.pair[taken], places.outside_pair[free][places.outside_pair[free] >= 0]]
        parts -= np.bincount(of_entry[taken], places.weight[taken], places.places).astype(np.int64)[of_way]
        capacity -= np.bincount(of_entry[taken], places.take[taken], places.places)[of_way]
        alive &= ~single
    number = np.cumsum(alive) - 1
    entry, way = np.flatnonzero(keep), np.flatnonzero(ways)
    smaller = replace(
        places,
        pair=places.pair[entry],
        item=number[places.item[entry]],
        cost=places.cost[entry],
        take=places.take[entry],
        weight=places.weight[entry],
        begin=np.searchsorted(of_entry[entry], np.arange(places.places + 1)).astype(np.int64),
        capacity=capacity[way],
        parts=parts[way],
        price=places.price[way],
        way=np.searchsorted(of_way[way], np.arange(places.places + 1)).astype(np.int64),
        outside=outside[alive],
        outside_pair=places.outside_pair[alive],
        units=places.units[way],
        room=places.room[way],
    )
    left = replace(
        node,
        places=smaller,
        members=node.members[alive],
        settled=np.concatenate(settled),
        spent=spent,
        value=node.value[alive],
    )
    return left, entry, way
