"""Cut a standing plan into blocks that can be searched side by side: items around unit types that compete.

Each resource that is opened belongs to one cluster; an item belongs to that of the resource it rides on, or
would ride on most cheaply. A block may open and close what its cluster owns; on the resources of others its
items may stay or leave; room that nobody opens is shared out evenly. So the answers of all blocks together
nearly always fit, and what does not is put right when they are joined.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from routing.arrays import FloatArray, IntArray
from routing.compact import Compact
from routing.parts import Part, part_of, room_left
from routing.problem import Problem


@dataclass(slots=True, eq=False)
class Clusters:
    """What is the same for every cut: how much resources that are opened share, and where items belong."""

    compact: Compact
    opened: IntArray
    shared: sparse.csr_array
    of_option: IntArray

    @classmethod
    def of(cls, compact: Compact, opened: IntArray) -> Clusters:
        """Look at which classes could use which of the contested resources `opened`, in rising order."""
        problem = compact.problem
        number = np.full(problem.r, -1)
        number[opened] = np.arange(len(opened))
        use = np.flatnonzero(number[problem.use_resource] >= 0)
        of_class = np.repeat(np.arange(problem.k), np.diff(problem.class_ptr))[compact.use_option[use]]
        shape = (problem.k, len(opened))
        could = sparse.csr_array(
            sparse.coo_array((np.ones(len(use)), (of_class, number[problem.use_resource[use]])), shape=shape)
        )
        could.data[:] = 1.0
        many = np.bincount(compact.class_of, minlength=problem.k).astype(float)
        shared = sparse.csr_array(could.T @ sparse.csr_array(sparse.diags_array(many) @ could))
        of_option = np.full(problem.o, -1)
        of_option[compact.use_option[use]] = number[problem.use_resource[use]]
        return cls(compact, opened, shared, of_option)

    def draw(self, choice: IntArray, most: int, rng: np.random.Generator) -> tuple[IntArray, IntArray]:
        """Return the cluster of each resource that is opened, and of each position [n], with about `most` items."""
        home = self._homes(choice)
        crowd = np.bincount(home[home >= 0], minlength=len(self.opened))
        cluster = np.full(len(self.opened), -1)
        number = 0
        for seed in rng.permutation(len(self.opened)):
            if cluster[seed] >= 0:
                continue
            pull = np.zeros(len(self.opened))
            nxt, total = int(seed), 0
            while nxt >= 0:
                cluster[nxt] = number
                total += int(crowd[nxt])
                if total >= most:
                    break
                row = slice(self.shared.indptr[nxt], self.shared.indptr[nxt + 1])
                pull[self.shared.indices[row]] += self.shared.data[row] * rng.uniform(0.5, 1.0)
                pull[cluster >= 0] = 0.0
                nxt = int(np.argmax(pull)) if pull.any() else -1
            number += 1
        of_item = np.where(home >= 0, cluster[home], -1)
        return cluster, of_item

    def _homes(self, choice: IntArray) -> IntArray:
        """Where each position rides, or would ride most cheaply, among the resources that are opened; -1 nowhere."""
        compact, problem = self.compact, self.compact.problem
        home = np.where(choice >= 0, self.of_option[choice], -1)
        without = np.flatnonzero(home < 0)
        first, last = (
            problem.class_ptr[compact.class_of[without]],
            problem.class_ptr[compact.class_of[without] + 1],
        )
        many = last - first
        pointer = np.concatenate([[0], np.cumsum(many)])
        step = np.arange(pointer[-1]) - np.repeat(pointer[:-1], many)
        option = step + np.repeat(first, many)
        cost = compact.cost[np.repeat(compact.cell[without], many) + step]
        cost = np.where(self.of_option[option] >= 0, cost, np.inf)
        owner = np.repeat(np.arange(len(without)), many)
        order = np.lexsort((cost, owner))
        head = order[np.diff(owner[order], prepend=-1) > 0]
        head = head[np.isfinite(cost[head])]
        home[without[owner[head]]] = self.of_option[option[head]]
        return home


def parts_of(
    clusters: Clusters,
    choice: IntArray,
    units: IntArray,
    load: FloatArray,
    most: int,
    rng: np.random.Generator,
) -> Iterator[Part]:
    """Yield the parts of a plan, by position [n] and [t]; `load` [r, d] is what its items take."""
    compact, problem = clusters.compact, clusters.compact.problem
    cluster, of_item = clusters.draw(choice, most, rng)
    by_item = np.empty(compact.n, np.int64)
    by_item[compact.order] = choice
    blocks = int(cluster.max(initial=-1)) + 1
    spare = np.maximum(room_left(problem, load, units), 0.0)
    spare = np.where(np.isinf(spare), 0.0, spare)
    owner = np.full(problem.r, -1)
    owner[clusters.opened] = cluster
    for number in range(blocks):
        items = np.sort(compact.order[of_item == number])
        if not len(items):
            continue
        foreign = (owner >= 0) & (owner != number)
        reserved = np.where(
            foreign[:, None], spare, np.where(owner[:, None] < 0, spare * (1 - 1 / blocks), 0.0)
        )
        kept = _kept(clusters, owner, number)
        kept[by_item[items][by_item[items] >= 0]] = True
        yield part_of(
            _with_limits(problem, foreign, units),
            by_item,
            units,
            items,
            options_kept=kept,
            load=load + reserved,
        )


def _kept(clusters: Clusters, owner: IntArray, number: int) -> np.ndarray:
    problem = clusters.compact.problem
    foreign = (owner >= 0) & (owner != number)
    kept = np.ones(problem.o, bool)
    kept[clusters.compact.use_option[foreign[problem.use_resource]]] = False
    return kept


def _with_limits(problem: Problem, foreign: np.ndarray, units: IntArray) -> Problem:
    """The problem in which no more units of others can be opened; a copy that needs no second validation."""
    limited = copy.copy(problem)
    most = np.where(foreign[problem.unit_resource], np.minimum(units, problem.unit_max), problem.unit_max)
    object.__setattr__(limited, "unit_max", most)
    return limited
