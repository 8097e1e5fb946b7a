"""Problems seen place by place, solved by branch and bound: ever higher cutoffs until one proves the plan."""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from routing.arrays import FloatArray
from routing.branching import Tree
from routing.limits import Budget
from routing.model import Model
from routing.narrowing import Node
from routing.places import Places
from routing.state import State
from routing.trials import Trials

SAFETY = 1e-9
FIRST_MARGIN = 1e-3
WIDER = 2.5
MOVES_AGAIN = 6_000


def grain_of(model: Model) -> float:
    """What the costs of any two plans differ by at least, if they differ; 0 where costs are not whole."""
    leave = model.leave[np.isfinite(model.leave)]
    costs = np.concatenate([model.cost, leave, model.problem.unit_cost])
    if not len(costs) or (costs != np.floor(costs)).any() or costs.max() > 2**40:
        return 0.0
    return float(np.gcd.reduce(costs.astype(np.int64)))


@dataclass(eq=False, slots=True)
class Search:
    """Alternates between the tree and annealing; `incumbent` is asked for the best plan and its cost.

    Plans are handed to `offer`. `bound` is proven for the whole problem at any moment.
    """

    model: Model
    places: Places
    trials: Trials
    incumbent: Callable[[], tuple[State, float, bool]]
    value: FloatArray
    bound: float
    gap: float
    grain: float = 0.0
    limit: float = math.inf
    tree: Tree | None = None
    root: Node | None = None
    done: bool = False
    margin: float = field(default=FIRST_MARGIN)

    def __post_init__(self) -> None:
        self.grain = grain_of(self.model)

    def cutoff(self) -> float:
        """What a plan must cost less than to be worth finding, with room for rounding."""
        return min(self.limit, self._improving())

    def _improving(self) -> float:
        _, cost, legal = self.incumbent()
        if not legal:
            return math.inf
        rounding = 1e-9 * max(1.0, abs(cost))
        return cost - self.grain + rounding if self.grain > 4 * rounding else cost * (1 - self.gap)

    def step(self) -> bool:
        """Look at one node and anneal a little; whether anything is left to do."""
        tree = self.tree = self.tree or self._plant()
        left = tree.step()
        limit = self.cutoff()
        self.bound = max(self.bound, min(tree.bound, limit))
        if not left:
            self._close(limit)
        return not self.done

    def again(self, trials: Trials) -> None:
        """Anneal the best plan anew."""
        state, _, _ = self.incumbent()
        if self.root is not None and len(self.places.pair):
            trials.again(self.root, state, MOVES_AGAIN * self.model.n)

    def _plant(self) -> Tree:
        self.limit = self.bound + self.margin * max(abs(self.bound), self.grain)
        tree = Tree(self.cutoff, self.trials.at, self.bound)
        tree.begin(self.places, self.value)
        self.root = tree.diving
        return tree

    def _close(self, limit: float) -> None:
        """The tree is done: no plan costs less than its cutoff. Take a higher one, or the plan is the best."""
        if limit >= self._improving():
            self.done = True
            if self.incumbent()[2]:
                self.bound = max(self.bound, self._proved())
            return
        self.tree, self.margin = None, self.margin * WIDER

    def _proved(self) -> float:
        cost = self.incumbent()[1]
        return cost if self.grain > 0 else cost * (1 - self.gap)


def search(search: Search, budget: Budget, *, nodes: int | None, until_s: float, seed: int) -> None:
    """Look at up to `nodes` nodes, or until the moment `until_s`, annealing as long as searching the tree.

    With two threads or more annealing has one of its own, and its plans are taken in between two nodes.
    """
    beside = _Beside(search, seed) if budget.limits.threads > 1 and not budget.reproducible else None
    annealed = begun = budget.elapsed_s()
    try:
        while search.step() and not (budget.stopped() or budget.enough()):
            nodes = None if nodes is None else nodes - 1
            if nodes == 0 or (not budget.reproducible and budget.elapsed_s() > until_s):
                return
            if beside is not None:
                beside.exchange()
            elif budget.reproducible or annealed - begun < 0.4 * (budget.elapsed_s() - begun):
                before = budget.elapsed_s()
                search.again(search.trials)
                annealed += budget.elapsed_s() - before
    finally:
        if beside is not None:
            beside.close()


class _Beside:
    """Anneals in a second thread; plans wait there until the first asks for them."""

    def __init__(self, search: Search, seed: int) -> None:
        self.search = search
        self.found: list[State] = []
        self.trials = Trials.of(search.model, search.places, self.found.append, search.trials.fine, seed + 1)
        self.pool = ThreadPoolExecutor(1)
        self.running: Future[None] | None = None

    def exchange(self) -> None:
        """Hand over what was found and begin anew from the best plan."""
        if self.running is not None:
            if not self.running.done():
                return
            self.running.result()
            for state in self.found:
                self.search.trials.offer(state)
            self.found.clear()
        self.running = self.pool.submit(self.search.again, self.trials)

    def close(self) -> None:
        """Wait for the second thread; what it still found counts."""
        self.pool.shutdown()
        for state in self.found:
            self.search.trials.offer(state)
