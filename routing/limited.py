"""A limit on changes written as one more resource, of which every changed booking takes one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from routing.arrays import FloatArray, IntArray
from routing.problem import Problem


def limit_changes(
    problem: Problem, most: int, alternative: IntArray | None = None
) -> tuple[Problem, IntArray]:
    """Return the problem with a resource of changes, and for each of its options the one it stands for.

    Every booked item gets a class of its own, whose options but the booked one take one change; leaving
    it out becomes an option (-1 in the answer) that does so too, at the cost of dropping it. With
    `alternative` [n], an option or -1, a booked item has the choice of its booking and that only.
    """
    now = problem.item_option_now
    assert now is not None  # noqa: S101 - the caller has looked
    counted = _Counted(problem, np.flatnonzero(now >= 0), alternative)
    uses, factors, pointer = counted.uses()
    free = np.vstack([problem.resource_free, np.full((1, problem.d), np.inf)])
    free = np.hstack([free, np.full((problem.r + 1, 1), np.inf)])
    free[-1, -1] = float(most)
    drop = problem.item_drop_cost.copy()
    drop[counted.booked] = np.inf
    leaving = np.where(np.isinf(problem.item_drop_cost), 0.0, problem.item_drop_cost)
    one = np.zeros((problem.t, 1))
    limited = replace(
        problem,
        item_class=counted.item_class(),
        item_size=np.hstack([problem.item_size, np.ones((problem.n, 1))]),
        item_features=np.hstack([problem.item_features, leaving[:, None]]),
        item_drop_cost=drop,
        class_ptr=counted.class_ptr,
        option_rates=counted.rates(),
        option_ptr=pointer,
        use_resource=uses,
        use_factor=factors,
        resource_free=free,
        unit_size=np.hstack([problem.unit_size, one]),
        unit_takes=np.hstack([problem.unit_takes, one]),
        item_option_now=counted.now(),
    )
    return limited, counted.origin


def in_limited_terms(limited: Problem, origin: IntArray, item_option: IntArray) -> IntArray:
    """Express options per item [n] in the options of the limited problem, -1 where an item has not that one.

    Left out stays left out for items that were not booked, and is an option for those that were.
    """
    translated = np.full(limited.n, -1, np.int64)
    first, last = limited.class_ptr[limited.item_class], limited.class_ptr[limited.item_class + 1]
    for step in range(int((last - first).max(initial=0))):
        there = np.flatnonzero(first + step < last)
        there = there[origin[first[there] + step] == item_option[there]]
        translated[there] = first[there] + step
    return translated


class _Counted:
    """The options of the limited problem: those of the old classes, then those of each booked item."""

    def __init__(self, problem: Problem, booked: IntArray, alternative: IntArray | None) -> None:
        assert problem.item_option_now is not None  # noqa: S101 - the caller has looked
        self.problem, self.booked = problem, booked
        self.booked_option = problem.item_option_now[booked]
        self.owner, own = self._choices() if alternative is None else self._two(alternative[booked])
        self.origin = np.concatenate([np.arange(problem.o), own])
        ends = problem.o + np.searchsorted(self.owner, np.arange(1, len(booked) + 1))
        self.class_ptr = np.concatenate([problem.class_ptr, ends])
        self.changes = np.concatenate([np.zeros(problem.o, bool), own != self.booked_option[self.owner]])

    def _choices(self) -> tuple[IntArray, IntArray]:
        """Return owner and option of every choice that a booked item has in the problem."""
        start = self.problem.class_ptr[self.problem.item_class[self.booked]]
        count = self.problem.class_ptr[self.problem.item_class[self.booked] + 1] - start
        leave = np.isfinite(self.problem.item_drop_cost[self.booked]).astype(np.int64)
        total = count + leave
        owner = np.repeat(np.arange(len(self.booked)), total)
        step = np.arange(len(owner)) - np.repeat(np.cumsum(total) - total, total)
        return owner, np.where(step < count[owner], start[owner] + step, -1)

    def _two(self, other: IntArray) -> tuple[IntArray, IntArray]:
        """Return owner and option of the choice between the booking and one other, where that differs."""
        owner = np.repeat(np.arange(len(self.booked)), 1 + (other != self.booked_option))
        second = np.diff(owner, prepend=-1) == 0
        return owner, np.where(second, other[owner], self.booked_option[owner])

    def item_class(self) -> npt.NDArray[np.int32]:
        """Class of each item."""
        of_item = self.problem.item_class.copy()
        of_item[self.booked] = self.problem.k + np.arange(len(self.booked), dtype=np.int32)
        return of_item

    def now(self) -> IntArray:
        """The booked option of each item, -1 none."""
        now = np.full(self.problem.n, -1)
        own = np.flatnonzero(~self.changes[self.problem.o :])
        now[self.booked[self.owner[own]]] = self.problem.o + own
        return now

    def rates(self) -> FloatArray:
        """Rates of each option; leaving an item out is paid by the feature that holds its drop cost."""
        left = self.origin < 0
        rates = np.where(left[:, None], 0.0, self.problem.option_rates[self.origin])
        return np.hstack([rates, left[:, None].astype(float)])

    def uses(self) -> tuple[npt.NDArray[np.int32], FloatArray, IntArray]:
        """Resource and factors of each use, and the pointer of the options into them."""
        problem = self.problem
        first = np.where(self.origin >= 0, problem.option_ptr[self.origin], 0)
        count = np.where(self.origin >= 0, np.diff(problem.option_ptr)[self.origin], 0)
        option = np.repeat(np.arange(len(self.origin)), count)
        use = np.arange(len(option)) - np.repeat(np.cumsum(count) - count - first, count)
        changing = np.flatnonzero(self.changes)
        owner = np.concatenate([option, changing])
        change = np.full(len(changing), problem.r, np.int32)
        resource = np.concatenate([problem.use_resource[use], change])
        last = np.concatenate([np.zeros(len(use)), np.ones(len(changing))])
        factor = np.vstack([problem.use_factor[use], np.zeros((len(changing), problem.d))])
        order = np.argsort(owner, kind="stable")
        pointer = np.searchsorted(owner[order], np.arange(len(self.origin) + 1))
        return resource[order], np.hstack([factor, last[:, None]])[order], pointer
