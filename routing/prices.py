"""Prices of capacity that raise the bound: each row's step grows while its load stays on one side of its room.

With thousands of items to a row the bound is nearly smooth in the prices, and a step for every row of its
own converges in a few hundred looks where one step for all of them creeps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from routing.arrays import FloatArray
from routing.compact import Compact
from routing.pricing import Chooser, Look

GROW, SHRINK = 1.2, 0.75
MEMORY, MOST_EXCESS = 0.4, 2.0
"""Excess is averaged over looks: rows that stand in for each other overload in turns, and must rise together."""
FIRST_STEP, LEAST_STEP, MOST_STEP = 0.02, 1e-7, 0.3
NEAR = 0.1
"""Where a load misses its room by less than this share, the step is cut in proportion."""


@dataclass(slots=True, eq=False)
class Steps:
    """The step of each row [r, d], adapted from one excess to the next; `typical` is what a size costs."""

    typical: FloatArray
    step: FloatArray
    average: FloatArray
    before: FloatArray | None = None

    @classmethod
    def of(cls, compact: Compact, mean_cost: float) -> Steps:
        """Begin with a share of what an average item pays for each unit of size."""
        mean_size = np.maximum(compact.size.mean(axis=0), 1e-9) if compact.n else np.ones(compact.problem.d)
        typical = np.broadcast_to(max(mean_cost, 1e-9) / mean_size, compact.problem.resource_free.shape)
        return cls(typical, FIRST_STEP * typical, np.zeros_like(typical))

    def move(self, price: FloatArray, excess: FloatArray) -> FloatArray:
        """Return the next prices for an excess in shares of the room, both [r, d]."""
        self.average += MEMORY * (np.clip(excess, -1.0, MOST_EXCESS) - self.average)
        excess = np.where((price <= 0) & (self.average < 0), 0.0, self.average)
        if self.before is not None:
            same = self.before * excess
            step = np.where(same > 0, self.step * GROW, np.where(same < 0, self.step * SHRINK, self.step))
            self.step = np.clip(step, LEAST_STEP * self.typical, MOST_STEP * self.typical)
        self.before = excess
        share = np.where(np.abs(excess) > NEAR, np.sign(excess), excess / NEAR)
        return np.maximum(0.0, price + self.step * share)


@dataclass(frozen=True, eq=False, slots=True)
class Priced:
    """The best prices found [r, d], their bound, and the last look."""

    price: FloatArray
    bound: float
    look: Look


def raise_prices(
    chooser: Chooser,
    leave: FloatArray,
    room: FloatArray,
    price: FloatArray,
    *,
    looks: int,
    go_on: Callable[[float], bool],
) -> Priced:
    """Take up to `looks` looks at prices, beginning with `price` [r, d]; `room` [r, d] is what may be loaded.

    `go_on` hears each bound (without what units cost) and says whether to look again.
    """
    limited = np.isfinite(room)
    held = np.where(limited, room, 0.0)
    look = chooser.look(price, leave)
    best = Priced(price, look.total - float((price * held).sum()), look)
    steps = Steps.of(chooser.compact, look.total / max(chooser.compact.n, 1))
    for _ in range(looks):
        if not go_on(best.bound):
            break
        excess = np.where(limited, (look.load - held) / np.maximum(held, 1e-9), 0.0)
        price = steps.move(price, excess)
        look = chooser.look(price, leave)
        bound = look.total - float((price * held).sum())
        if bound > best.bound:
            best = Priced(price, bound, look)
    return best
