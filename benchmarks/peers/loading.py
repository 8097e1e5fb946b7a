"""Resources as they fill up: how much room is left, which units are open, and who of a queue still fits."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmarks.peers.ways import Floats, Ints, Mask, Ways, ways_of
from routing.problem import Problem

TOLERANCE = 1e-9


class Loading:
    """The state of all resources: `room` [r, d] left with the `units` [t] that are open.

    On each resource one type of unit is opened at a time, the cheapest for its size that still can be.
    """

    def __init__(self, problem: Problem, shut: Mask) -> None:
        """Nothing is open yet; on `shut` resources [r] nothing ever is."""
        self.problem = problem
        self.may_open = np.where(shut[problem.unit_resource], 0, problem.unit_max)
        self.room = problem.resource_free.copy()
        self.units = np.zeros(problem.t, np.int64)
        self._levels = _levels(problem)
        self._slack = TOLERANCE * np.maximum(1.0, np.where(np.isinf(self.room), 1.0, self.room))
        self._least, self._most = _extremes(problem)
        self._look_at_types()

    def state_of_options(self, sizes: Floats) -> Iterator[Mask]:
        """Which options have no room for the smallest of some items' sizes [m, d], and which not for all of them."""
        uses, pointer = self.problem.use_resource, self.problem.option_ptr
        here, inside = np.arange(self.problem.r), self._parent >= 0
        full = (self._need(here, sizes.min(axis=0) * self._least) > self._left) & ~inside
        need = self._need(here, sizes.max(axis=0) * self._most)
        tight = (need > self._left) | (inside & (need > 0))
        return (_any_of(mark[uses], pointer) for mark in (full, tight))

    def fits_alone(self, ways: Ways) -> Mask:
        """Which ways would still find room if nobody else came."""
        need = self._need(ways.use_resource, ways.use_take)
        fits = need <= self._left[ways.use_resource]
        parent = self._parent[ways.use_resource]
        inside = fits & (parent >= 0) & (need > 0)
        takes = need[inside, None] * self._takes[ways.use_resource[inside]]
        fits[inside] = self._need(parent[inside], takes) <= self._left[parent[inside]]
        return np.bincount(ways.use_way, ~fits, minlength=len(ways)) == 0

    def accept(self, asking: Ways) -> Mask:
        """Load those of a queue that fit after all before them, opening units; returns who was loaded.

        Who is refused does not stand in the way of those behind: they try again until nobody fits any more.
        """
        loaded = np.zeros(len(asking), np.bool_)
        which, some = np.arange(len(asking)), asking
        while len(some):
            fit = self._fit_in_order(some)
            self._load(ways_of(self.problem, some.item[fit], some.option[fit]))
            loaded[which[fit]] = True
            if not fit.any():
                break
            rest = ways_of(self.problem, some.item[~fit], some.option[~fit])
            again = self.fits_alone(rest)
            which = which[~fit][again]
            some = ways_of(self.problem, rest.item[again], rest.option[again])
        return loaded

    def _fit_in_order(self, asking: Ways) -> Mask:
        """Who fits if everybody before is loaded as well.

        Children come before their parents: what a resource's queue makes it open asks for room in the parent.
        """
        refused = np.zeros(len(asking), np.bool_)
        way, resource, take = asking.use_way, asking.use_resource, asking.use_take
        for level in range(int(self._levels.max(initial=0)) + 1):
            here = np.flatnonzero(self._levels[resource] == level)
            here = here[np.lexsort((way[here], resource[here]))]
            need = self._need(resource[here], _sums_before_and_at(resource[here], take[here]))
            refused[way[here[need > self._left[resource[here]]]]] = True
            opening = self._parent[resource[here]] >= 0
            child, more = resource[here[opening]], _increments(resource[here[opening]], need[opening])
            way = np.concatenate([way, way[here[opening]]])
            resource = np.concatenate([resource, self._parent[child]])
            take = np.concatenate([take, more[:, None] * self._takes[child]])
        return ~refused

    def units_needed(self) -> Ints:
        """The units opened, where a cheaper type holds the last one's load in its place."""
        problem = self.problem
        for unit in np.flatnonzero(self.units):
            resource = problem.unit_resource[unit]
            spare = self.room[resource] - problem.unit_size[unit] + self._slack[resource]
            others = np.flatnonzero(
                (problem.unit_resource == resource)
                & (problem.unit_cost < problem.unit_cost[unit])
                & (problem.unit_parent == problem.unit_parent[unit])
                & (self.units < self.may_open)
                & (problem.unit_takes <= problem.unit_takes[unit]).all(axis=1)
                & (spare + problem.unit_size >= 0).all(axis=1)
            )
            if len(others):
                other = others[np.argmin(problem.unit_cost[others])]
                self.units[unit] -= 1
                self.units[other] += 1
                self.room[resource] += problem.unit_size[other] - problem.unit_size[unit]
        return self.units

    def _load(self, ways: Ways) -> None:
        np.subtract.at(self.room, ways.use_resource, ways.use_take)
        for level in range(int(self._levels.max(initial=0)) + 1):
            here = np.flatnonzero(self._levels == level)
            need = self._need(here, np.zeros((len(here), self.problem.d)))
            here, need = here[need > 0], need[need > 0].astype(np.int64)
            unit = self._type[here]
            self.units[unit] += need
            self.room[here] += need[:, None] * self.problem.unit_size[unit]
            inside = self._parent[here] >= 0
            taken = need[inside, None] * self._takes[here[inside]]
            np.subtract.at(self.room, self._parent[here[inside]], taken)
        self._look_at_types()

    def _need(self, resource: Ints, take: Floats) -> Floats:
        """Units of the current type to be opened so that resources hold `take` more; inf: no number is enough."""
        short = take - self.room[resource] - self._slack[resource]
        size = self._size[resource]
        need = np.divide(short, size, out=np.where(short > 0, np.inf, 0.0), where=size > 0)
        return np.ceil(np.maximum(need.max(axis=1, initial=0.0) - TOLERANCE, 0.0))

    def _look_at_types(self) -> None:
        """Choose each resource's current type anew: its size, how many are left, what one takes and where."""
        problem = self.problem
        inside = problem.unit_parent >= 0
        roomy = (problem.unit_takes <= self.room[problem.unit_parent] + TOLERANCE).all(axis=1)
        self._type = cheapest_types(problem, (self.units < self.may_open) & (~inside | roomy))
        known = self._type >= 0
        unit = self._type[known]
        self._size = np.zeros((problem.r, problem.d))
        self._takes = np.zeros((problem.r, problem.d))
        self._left = np.zeros(problem.r)
        self._parent = np.full(problem.r, -1, np.int64)
        self._size[known], self._takes[known] = problem.unit_size[unit], problem.unit_takes[unit]
        self._left[known] = (self.may_open - self.units)[unit]
        self._parent[known] = problem.unit_parent[unit]


def cheapest_types(problem: Problem, open_to: Mask) -> Ints:
    """For each resource the unit type that costs least for its size among those open to it [r], -1 none."""
    largest = np.zeros((problem.r, problem.d))
    np.maximum.at(largest, problem.unit_resource, problem.unit_size)
    scale = largest[problem.unit_resource]
    size = np.divide(problem.unit_size, scale, out=np.zeros_like(scale), where=scale > 0).sum(axis=1)
    merit = np.divide(problem.unit_cost, size, out=np.full(problem.t, np.inf), where=size > 0)
    order = np.flatnonzero(open_to)
    order = order[np.argsort(-merit[order], kind="stable")]
    chosen = np.full(problem.r, -1, np.int64)
    chosen[problem.unit_resource[order]] = order
    return chosen


def _extremes(problem: Problem) -> tuple[Floats, Floats]:
    """The smallest and the largest factors with which each resource is used [r, d]."""
    least, most = np.full((problem.d, problem.r), np.inf), np.zeros((problem.d, problem.r))
    for dimension, factor in enumerate(problem.use_factor.T):
        np.minimum.at(least[dimension], problem.use_resource, factor)
        np.maximum.at(most[dimension], problem.use_resource, factor)
    return np.where(np.isinf(least), 0.0, least).T, most.T


def _any_of(marks: Mask, pointer: Ints) -> Mask:
    """Whether any mark stands between neighbouring pointers [len(pointer) - 1]."""
    total = np.concatenate([[0], np.cumsum(marks)])
    return total[pointer[1:]] > total[pointer[:-1]]


def _levels(problem: Problem) -> Ints:
    """How many generations of units stand below each resource [r]: 0 for those that are nobody's parent."""
    level = np.zeros(problem.r, np.int64)
    child, parent = problem.unit_resource, problem.unit_parent
    inside = parent >= 0
    for _ in range(problem.r):
        before = level.copy()
        np.maximum.at(level, parent[inside], level[child[inside]] + 1)
        if (level == before).all():
            break
    return level


def _sums_before_and_at(group: Ints, values: Floats) -> Floats:
    """Running sums of rows within each run of equal `group` entries."""
    total = np.cumsum(values, axis=0)
    start = np.searchsorted(group, group)
    return total - np.where(start[:, None] > 0, total[start - 1], 0.0)


def _increments(group: Ints, running: Floats) -> Floats:
    """What each entry of a running count adds within its run; where the count is inf, nothing can be added."""
    finite = np.where(np.isinf(running), 0.0, running)
    first = np.diff(group, prepend=-1) != 0
    return np.maximum(np.where(first, finite, np.diff(finite, prepend=0.0)), 0.0)
