"""What every item would choose at given prices of capacity: the inner loop of bounds, slopes and assignments."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from routing.arrays import FloatArray, Int32Array, IntArray
from routing.compact import Compact
from routing.compiled import compiled

LEAVE = -1
CHUNKS = 8
"""Parts that are added up in a fixed order, so that sums do not depend on the number of threads."""


@dataclass(frozen=True, eq=False, slots=True)
class Look:
    """What items choose: option or -1 [n] by position, priced cost [n], and what that loads [r, d]."""

    choice: IntArray
    value: FloatArray
    load: FloatArray

    @property
    def total(self) -> float:
        """The sum of the priced costs."""
        return float(self.value.sum())


@dataclass(slots=True)
class Chooser:
    """Lets all items choose at prices, in as many threads as there may be."""

    compact: Compact
    threads: int = 1
    bounds: IntArray = field(init=False)

    def __post_init__(self) -> None:
        compact = self.compact
        total = np.concatenate([compact.cell, [compact.pairs]])
        goals = np.linspace(0, compact.pairs, CHUNKS + 1)
        self.bounds = np.searchsorted(total, goals[:-1]).astype(np.int64)
        self.bounds = np.append(self.bounds, compact.n)

    def look(self, price: FloatArray, leave: FloatArray) -> Look:
        """Let each item take its cheapest option at `price` [r, d], or stay at `leave` [n] where that is cheaper."""
        compact, problem = self.compact, self.compact.problem
        rate = self.rates(price)
        choice, value = np.empty(compact.n, np.int64), np.empty(compact.n)
        loads = np.zeros((CHUNKS, problem.r, problem.d))

        def part(number: int) -> None:
            first, last = self.bounds[number], self.bounds[number + 1]
            choose(
                first, last, compact.cell, compact.class_of, problem.class_ptr, compact.cost, compact.size,
                rate, leave, choice, value,
            )  # fmt: skip
            add_loads(
                first, last, choice, compact.size, problem.option_ptr, problem.use_resource,
                problem.use_factor, loads[number],
            )  # fmt: skip

        self.run(part)
        return Look(choice, value, loads.sum(axis=0))

    def rates(self, price: FloatArray) -> FloatArray:
        """What one of each size dimension pays on each option at `price` [r, d], [o, d]."""
        problem = self.compact.problem
        rate = np.empty((problem.o, problem.d))
        borders = np.linspace(0, problem.o, CHUNKS + 1).astype(np.int64)

        def part(number: int) -> None:
            first, last = borders[number], borders[number + 1]
            option_prices(
                first, last, problem.option_ptr, problem.use_resource, problem.use_factor, price, rate
            )

        self.run(part)
        return rate

    def load_of(self, choice: IntArray) -> FloatArray:
        """What a choice [n] loads onto every resource [r, d]."""
        problem = self.compact.problem
        loads = np.zeros((CHUNKS, problem.r, problem.d))

        def part(number: int) -> None:
            add_loads(
                self.bounds[number], self.bounds[number + 1], choice, self.compact.size, problem.option_ptr,
                problem.use_resource, problem.use_factor, loads[number],
            )  # fmt: skip

        self.run(part)
        return np.asarray(loads.sum(axis=0))

    def run(self, part: Callable[[int], None]) -> None:
        """Do all parts, side by side where there are threads for it."""
        if self.threads == 1 or self.compact.pairs < 20_000:
            for number in range(CHUNKS):
                part(number)
            return
        with ThreadPoolExecutor(self.threads) as pool:
            list(pool.map(part, range(CHUNKS)))


@compiled
def option_prices(
    begin: int,
    end: int,
    option_ptr: IntArray,
    use_resource: Int32Array,
    use_factor: FloatArray,
    price: FloatArray,
    rate: FloatArray,
) -> None:
    """Write what one of each size dimension pays on options begin .. end-1 for the capacity it takes."""
    for option in range(begin, end):
        for dim in range(price.shape[1]):
            total = 0.0
            for use in range(option_ptr[option], option_ptr[option + 1]):
                total += use_factor[use, dim] * price[use_resource[use], dim]
            rate[option, dim] = total


@compiled
def choose(
    begin: int,
    end: int,
    cell: IntArray,
    class_of: IntArray,
    class_ptr: IntArray,
    cost: FloatArray,
    size: FloatArray,
    rate: FloatArray,
    leave: FloatArray,
    choice: IntArray,
    value: FloatArray,
) -> None:
    """Write the cheapest option and its priced cost of positions begin .. end-1."""
    dims = size.shape[1]
    for i in range(begin, end):
        first, last = class_ptr[class_of[i]], class_ptr[class_of[i] + 1]
        best, chosen = leave[i], LEAVE
        for option in range(first, last):
            total = cost[cell[i] + option - first]
            for dim in range(dims):
                total += size[i, dim] * rate[option, dim]
            if total < best:
                best, chosen = total, option
        choice[i], value[i] = chosen, best


@compiled
def add_loads(
    begin: int,
    end: int,
    choice: IntArray,
    size: FloatArray,
    option_ptr: IntArray,
    use_resource: Int32Array,
    use_factor: FloatArray,
    load: FloatArray,
) -> None:
    """Add what the choices of positions begin .. end-1 take to `load` [r, d]."""
    for i in range(begin, end):
        if choice[i] >= 0:
            for use in range(option_ptr[choice[i]], option_ptr[choice[i] + 1]):
                for dim in range(size.shape[1]):
                    load[use_resource[use], dim] += size[i, dim] * use_factor[use, dim]
