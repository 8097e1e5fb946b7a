"""The pick list of a wave: what is fetched from where, on one walk, and for which order."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Task:
    """Pieces that one order's line gets from one bin. `id` is the reservation's, `walk` where the bin comes on the way.

    `walk` is the zone's place on the walk and the bin's in its zone.
    """

    id: int
    order: int
    ship_by: datetime
    sku: int
    lot: int
    place: int
    bin: str
    walk: tuple[int, int]
    quantity: int


@dataclass(frozen=True, slots=True)
class Stop:
    """What is taken from one bin, of one lot, for all orders of the wave together."""

    place: int
    bin: str
    sku: int
    lot: int
    quantity: int
    tasks: tuple[Task, ...]


def walking_order(task: Task) -> tuple[int, int, str, int, int]:
    """Return what tasks are sorted by: the zone, the bin in it, and in one bin SKU and lot."""
    return (*task.walk, task.bin, task.sku, task.lot)


def pick_list(tasks: Iterable[Task]) -> list[Stop]:
    """Return the stops of one walk: each bin is visited once, each lot in it named once."""
    found: dict[tuple[int, int, str, int, int], list[Task]] = defaultdict(list)
    for task in tasks:
        found[walking_order(task)].append(task)
    return [
        Stop(first.place, first.bin, first.sku, first.lot, sum(one.quantity for one in some), tuple(some))
        for _, some in sorted(found.items())
        for first in some[:1]
    ]


def share_out(tasks: Sequence[Task], quantity: int) -> list[tuple[Task, int]]:
    """Return which tasks so many picked pieces fulfil: the orders that leave first get theirs first."""
    shared = []
    for task in sorted(tasks, key=lambda one: (one.ship_by, one.order, one.lot, one.id)):
        pieces = min(task.quantity, quantity)
        if pieces:
            shared.append((task, pieces))
        quantity -= pieces
    return shared
