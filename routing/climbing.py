"""Raise the bound with knapsacks: smoothed subgradient steps on what items are worth, own steps for prices.

Three things move: the value of each item towards being taken exactly once, the prices of capacity that is not
opened, and in each knapsack the weight of each dimension, towards the one that is overloaded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from routing.arrays import FloatArray
from routing.prices import Steps
from routing.sacks import Filled, Sacks

SMOOTH = 0.3
FIRST, LEAST = 0.05, 1e-3
PATIENCE, SHORTEN = 25, 0.7
SETTLED, WEIGHING = 20, 0.05
"""Looks before the weights of dimensions begin to move, and how fast they do."""


@dataclass(slots=True, eq=False)
class Climb:
    """Multipliers on their way up: `value` [n by position], `price` and `theta` [r, d]; `best` of them so far."""

    sacks: Sacks
    leave: FloatArray
    value: FloatArray
    price: FloatArray
    step: float = FIRST
    size: FloatArray = field(init=False)
    weighed: np.ndarray = field(init=False)
    priced: np.ndarray = field(init=False)
    theta: FloatArray = field(init=False)
    share: FloatArray = field(init=False)
    bound: float = field(init=False, default=-np.inf)
    best: tuple[FloatArray, FloatArray, FloatArray] = field(init=False)
    units: FloatArray = field(init=False)
    """How much of each unit type is opened on average, [t]."""

    def __post_init__(self) -> None:
        problem = self.sacks.chooser.compact.problem
        self.size = np.zeros((problem.r, problem.d))
        inside = self.sacks.inside[problem.unit_resource]
        self.size[problem.unit_resource[inside]] = problem.unit_size[inside]
        weighed = (self.size > 0) & np.isfinite(problem.resource_free)
        self.weighed = weighed
        self.share = weighed / np.maximum(weighed.sum(axis=1, keepdims=True), 1)
        self.theta = np.where(weighed, self.share / np.where(weighed, self.size, 1.0), 0.0)
        self.priced = np.isfinite(problem.resource_free) & ~self.sacks.inside[:, None]
        self.price = np.where(self.priced, self.price, 0.0)
        self.value = np.minimum(self.value, self.leave)
        self.best = (self.value, self.price, self.theta)
        self.units = np.zeros(problem.t)

    def climb(self, looks: int, target: Callable[[], float], go_on: Callable[[float], bool]) -> None:
        """Take up to `looks` steps towards `target()`, the cost of the best plan known."""
        compact = self.sacks.chooser.compact
        steps = Steps.of(compact, float(self.value.mean()) if compact.n else 1.0)
        smooth, stale = np.zeros(compact.n), 0
        for number in range(looks):
            found = self.sacks.fill(self.value, self.price, self.theta, self.leave)
            stale = 0 if found.bound > self.bound + 1e-5 * abs(self.bound) else stale + 1
            if found.bound > self.bound:
                self.bound, self.best = found.bound, (self.value, self.price, self.theta)
            self.units += 0.05 * (found.units - self.units)
            if not go_on(self.bound) or self.step < LEAST:
                return
            if stale > PATIENCE:
                self.step, stale, smooth = self.step * SHORTEN, 0, np.zeros(compact.n)
                self.value, self.price, self.theta = self.best
                continue
            smooth += SMOOTH * (1.0 - found.taken - smooth)
            self._move_values(smooth, max(target() - found.bound, 1e-6 * abs(found.bound)))
            self._move_prices(steps, found)
            if number >= SETTLED:
                self._weigh(found)

    def _move_values(self, smooth: FloatArray, distance: float) -> None:
        """Each value moves by its own size, so that dear and cheap items move alike."""
        scale = np.maximum(self.value, 0.05 * float(self.value.mean()))
        norm = float((smooth * smooth) @ scale)
        if norm > 0:
            moved = self.value + self.step * distance / norm * smooth * scale
            self.value = np.clip(moved, 0.0, self.leave)

    def _move_prices(self, steps: Steps, found: Filled) -> None:
        problem = self.sacks.chooser.compact.problem
        held = np.where(self.priced, problem.resource_free, 0.0)
        more = np.zeros_like(held)
        np.add.at(more, problem.unit_resource, problem.unit_size * found.units[:, None])
        room = held + np.where(self.priced, more, 0.0)
        used = found.load.copy()
        child = problem.unit_parent >= 0
        np.add.at(used, problem.unit_parent[child], problem.unit_takes[child] * found.units[child, None])
        excess = np.where(self.priced, (used - room) / np.maximum(room, 1e-9), 0.0)
        self.price = np.where(self.priced, steps.move(self.price, excess), 0.0)

    def _weigh(self, found: Filled) -> None:
        problem = self.sacks.chooser.compact.problem
        opened = np.zeros(problem.r)
        opened[problem.unit_resource] = found.units
        some = (self.sacks.inside & (opened > 0.5))[:, None] & self.weighed
        room = np.where(some, self.size * opened[:, None] + np.where(some, problem.resource_free, 0.0), 1.0)
        fill = np.where(some, found.load / np.maximum(room, 1e-9), 1.0)
        share = np.maximum(self.share * np.exp(WEIGHING * np.clip(fill - 1.0, -1.0, 1.0)), 1e-3)
        share = np.where(self.weighed, share, 0.0)
        self.share = share / np.maximum(share.sum(axis=1, keepdims=True), 1e-12)
        self.theta = np.where(self.weighed, self.share / np.where(self.weighed, self.size, 1.0), 0.0)
