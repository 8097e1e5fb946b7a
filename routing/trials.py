"""Plans found on the way through a tree: anneal from what the bound would take, within what is left of a node."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from routing.annealing import Random, anneal
from routing.arrays import FloatArray, IntArray
from routing.model import LEAVE, Model
from routing.narrowing import Node
from routing.places import Places
from routing.state import State

MOVES_PER_ITEM = 500


@dataclass(eq=False, slots=True)
class Trials:
    """Finds plans at nodes and hands them to `offer`.

    `fine` [places] is the first price of too much, `learnt` what it has become by annealing again.
    """

    model: Model
    whole: Places
    offer: Callable[[State], None]
    fine: FloatArray
    learnt: FloatArray
    random: Random

    @classmethod
    def of(
        cls, model: Model, whole: Places, offer: Callable[[State], None], price: FloatArray, seed: int
    ) -> Trials:
        """Prepare trials; `price` [m] of rows is where the fines start."""
        dear = float(whole.cost.mean() / max(whole.take.mean(), 1e-300)) if len(whole.cost) else 1.0
        random = np.array([np.random.default_rng(seed).integers(1, 2**62)], np.uint64)
        fine = np.maximum(price, 0.01 * dear)
        return cls(model, whole, offer, fine, fine.copy(), random)

    def at(self, node: Node, share: FloatArray) -> None:
        """Anneal once within a node; `share` [entries] is how often the bound takes each entry."""
        places, n = node.places, len(node.members)
        if not n:
            self._finish(node, np.zeros(0, np.int64))
            return
        of_entry = np.repeat(np.arange(places.places), np.diff(places.begin))
        rank, first = _ranked(places, n, -share)
        choice = _likeliest(places, share, rank, first)
        scale = _scale(places)
        self._anneal(
            node,
            choice,
            rank,
            first,
            of_entry,
            MOVES_PER_ITEM * n,
            self.fine.copy(),
            (0.2 * scale, 0.01 * scale),
        )

    def again(self, root: Node, state: State, moves: int) -> None:
        """Warm the best plan up a little and anneal anew, with the entries that are good at the first fines.

        Fines go on from where they were: learning them anew each time costs most of the gain.
        """
        places, n = root.places, len(root.members)
        of_entry = np.repeat(np.arange(places.places), np.diff(places.begin))
        priced = places.cost + places.take * self.fine[of_entry]
        rank, first = _ranked(places, n, priced)
        chosen = state.choice[root.members[places.item]] == places.pair
        number = np.arange(len(rank)) - first[places.item[rank]]
        above = (priced - priced[rank[np.minimum(first[:-1], len(rank) - 1)]][places.item])[rank]
        scale = max(float(above[number == 2].mean()) if (number == 2).any() else 1.0, 1e-9)
        rank = rank[(number < 3) | (above <= 2.0 * scale) | chosen[rank]]
        first = np.searchsorted(places.item[rank], np.arange(n + 1)).astype(np.int64)
        choice = np.full(n, -1)
        choice[places.item[chosen]] = np.flatnonzero(chosen)
        self._anneal(root, choice, rank, first, of_entry, moves, self.learnt, (0.05 * scale, 0.01 * scale))

    def _anneal(
        self,
        node: Node,
        choice: IntArray,
        rank: IntArray,
        first: IntArray,
        of_entry: IntArray,
        moves: int,
        fine: FloatArray,
        heat: tuple[float, float],
    ) -> None:
        places = node.places
        cost, kept = anneal(
            choice, places.outside, of_entry, places.cost, places.take, first, rank,
            places.capacity + 1e-9 * np.maximum(1.0, places.capacity), places.price, places.way,
            fine, *heat, moves, self.random,
        )  # fmt: skip
        if np.isfinite(cost):
            self._finish(node, kept)

    def _finish(self, node: Node, kept: IntArray) -> None:
        """Offer the plan of a node's settled pairs and the entries kept for its members."""
        places = node.places
        choice = np.full(self.model.n, LEAVE)
        pair = np.where(kept >= 0, places.pair[kept] if len(places.pair) else LEAVE, places.outside_pair)
        choice[node.members] = pair
        choice[self.model.item[node.settled]] = node.settled
        self.offer(State(choice, self._units(choice)))

    def _units(self, choice: IntArray) -> IntArray:
        """Open every place the first way that holds what was put there."""
        whole = self.whole
        load = np.asarray(self.model.takes[choice[choice >= 0]].sum(axis=0), np.float64).ravel()
        of_way = np.repeat(np.arange(whole.places), np.diff(whole.way))
        enough = whole.capacity + 1e-9 * np.maximum(1.0, whole.capacity) >= load[of_way]
        first = np.unique(of_way[enough], return_index=True)[1]
        return np.asarray(whole.units[np.flatnonzero(enough)[first]].sum(axis=0), np.int64)


def _ranked(places: Places, n: int, order_by: FloatArray) -> tuple[IntArray, IntArray]:
    """Entries item by item, best first, and where each item's begin."""
    rank = np.lexsort((places.cost, order_by, places.item)).astype(np.int64)
    return rank, np.searchsorted(places.item[rank], np.arange(n + 1)).astype(np.int64)


def _likeliest(places: Places, share: FloatArray, rank: IntArray, first: IntArray) -> IntArray:
    """Each item's entry of the largest share, or -1 where staying outside is likelier."""
    n = len(places.outside)
    has = np.diff(first) > 0
    choice = np.full(n, -1)
    choice[has] = rank[first[:-1][has]]
    left = 1.0 - np.bincount(places.item, share, minlength=n)
    stays = np.isfinite(places.outside) & has
    stays[stays] = left[stays] > share[choice[stays]]
    choice[stays] = -1
    return choice


def _scale(places: Places) -> float:
    """What a detour costs typically: an item's third cheapest entry above its cheapest."""
    order, begin = _ranked(places, len(places.outside), np.zeros(len(places.cost)))
    several = np.flatnonzero(np.diff(begin) > 1)
    third = np.minimum(begin[several] + 2, begin[several + 1] - 1)
    detour = places.cost[order[third]] - places.cost[order[begin[several]]]
    return max(float(detour.mean()) if len(several) else 1.0, 1e-9)
