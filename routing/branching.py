"""Branch and bound place by place: open it or not, put an item there or not, with the bound of whole knapsacks."""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from routing.arrays import FloatArray, IntArray
from routing.knapsacks import climb
from routing.narrowing import Node, Part, narrow
from routing.places import Places
from routing.probing import probe

FIRST_STEPS = 500
STEPS = 60
ROUNDS = 3


@dataclass(eq=False, slots=True)
class Tree:
    """Open nodes, best bound first; a node is split until its bound reaches the `cutoff`.

    `cutoff` is asked before every use: only a plan that costs less is worth finding. `try_at` is shown
    every node with the shares of its entries, to find plans there. `start` is a lower bound known.
    """

    cutoff: Callable[[], float]
    try_at: Callable[[Node, FloatArray], None]
    start: float
    heap: list[tuple[float, int, Node]] = field(default_factory=list)
    count: itertools.count[int] = field(default_factory=itertools.count)
    diving: Node | None = None

    def begin(self, places: Places, value: FloatArray) -> None:
        """Start with all plans, from item values [n]."""
        nobody = np.zeros(0, np.int64)
        self.diving = Node(places, np.arange(len(value)), nobody, 0.0, value, -math.inf)

    @property
    def bound(self) -> float:
        """The least that a plan of any open node costs; inf if none is open."""
        waiting = self.heap[0][0] if self.heap else math.inf
        return waiting if self.diving is None else min(waiting, self.diving.bound)

    def step(self) -> bool:
        """Look at one node; whether there was one."""
        node = self.diving
        if node is None:
            if not self.heap:
                return False
            node = heapq.heappop(self.heap)[2]
        children = [] if node.bound > self.cutoff() else self._branch(node)
        self.diving = children[0] if children else None
        for child in children[1:]:
            heapq.heappush(self.heap, (child.bound, next(self.count), child))
        return True

    def _branch(self, node: Node) -> list[Node]:
        steps = FIRST_STEPS if node.bound == -math.inf else STEPS
        for _ in range(ROUNDS):
            improved = self._improve(node, steps)
            if improved is None:
                return []
            before = len(node.places.pair)
            node, share, often = improved
            if len(node.places.pair) > 0.8 * before:
                break
            steps = STEPS
        self.try_at(node, share)
        if not len(node.members) or node.bound > self.cutoff():
            return []
        parts = [narrow(node, part) for part in halves(node.places, share, often)]
        return [part[0] for part in parts if part is not None]

    def _improve(self, node: Node, steps: int) -> tuple[Node, FloatArray, FloatArray] | None:
        """Raise a node's bound and take out what no improvement can hold; None if nothing is left."""
        places, limit = node.places, self.cutoff() - node.spent
        arrays = arrays_of(places)
        first = node.bound == -math.inf
        target = min(limit, (1.01 * self.start if first else 1.005 * node.bound) - node.spent)
        bound, value, share, often = climb(node.value, *arrays, limit, target, steps, 0.5 if first else 0.1)
        if bound > limit:
            return None
        node = replace(node, value=value, bound=max(node.bound, bound + node.spent))
        within, without, of_way = probe(value, *arrays)
        keep = within <= limit
        forced = without > limit
        inside = np.zeros(len(node.members), bool)
        inside[places.item[forced]] = True
        keep &= forced | ~inside[places.item]
        smaller = narrow(node, Part(keep, of_way <= limit, inside))
        if smaller is None:
            return None
        return smaller[0], share[smaller[1]], often[smaller[2]]


def arrays_of(places: Places) -> tuple[FloatArray, IntArray, FloatArray, IntArray, IntArray, IntArray,
                                       FloatArray, IntArray, IntArray, int]:  # fmt: skip
    """The arrays in the order in which the loops over knapsacks take them."""
    return (
        places.outside,
        places.item,
        places.cost,
        places.weight,
        places.begin,
        places.parts,
        places.price,
        places.way,
        places.room,
        places.demand,
    )


def halves(places: Places, share: FloatArray, often: FloatArray) -> list[Part]:
    """Split a node's plans in two, the likelier half first: by a place's ways if any is open, else by an item."""
    ways = np.diff(places.way)
    keep, all_ways = np.ones(len(places.pair), bool), np.ones(len(places.price), bool)
    nobody = np.zeros(len(places.outside), bool)
    if (ways > 1).any():
        number = np.arange(len(often)) - np.repeat(places.way[:-1], ways)
        least = np.add.reduceat(np.where(number == 0, often, 0.0), places.way[:-1])
        doubt = np.where(ways > 1, 0.5 - np.abs(least - 0.5), -1.0)
        place = int(np.argmax(doubt))
        low = np.repeat(np.arange(len(ways)) == place, ways) & (number == 0)
        high = np.repeat(np.arange(len(ways)) == place, ways) & (number > 0)
        parts = [Part(keep, all_ways & ~high, nobody), Part(keep, all_ways & ~low, nobody)]
        return parts if least[place] > 0.5 else parts[::-1]
    weight = np.sqrt(places.take / places.take.max(initial=1e-300))
    entry = int(np.argmax((0.5 - np.abs(share - 0.5) + 1e-3) * weight))
    mine = places.item == places.item[entry]
    inside, others, without = nobody.copy(), keep & ~mine, keep.copy()
    inside[places.item[entry]] = others[entry] = True
    without[entry] = False
    parts = [Part(others, all_ways, inside), Part(without, all_ways, nobody)]
    return parts if share[entry] > 0.5 else parts[::-1]
