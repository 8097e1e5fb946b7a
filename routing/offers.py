"""Which of many ways are worth offering, in which order, and what each of them is best at."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from routing.arrays import FloatArray, IntArray

OBJECTIVES = ("cost", "time", "balanced")
COST, TIME, RISK, CO2E = range(4)
"""Columns of a table of ways: total cost, minutes until arrival, share of trips that is late, grams of CO2e."""
TAGS = {"cheapest": COST, "fastest": TIME, "greenest": CO2E}


def front(ways: FloatArray) -> npt.NDArray[np.bool_]:
    """Mark the ways [n, 4] that no other beats: none is as good in every column, and of equals the first stays."""
    kept = np.zeros(len(ways), dtype=np.bool_)
    spread = ways.max(axis=0, initial=0.0) - ways.min(axis=0, initial=np.inf)
    scaled = ways / np.where(spread > 0, spread, 1.0)
    # Whatever beats a way has a smaller sum, or is its equal: the first of what is left is beaten by nothing.
    left = np.argsort(scaled.sum(axis=1), kind="stable")
    while left.size:
        best = left[0]
        kept[best] = True
        left = left[(ways[left] < ways[best]).any(axis=1)]
    return kept


def ranked(ways: FloatArray, late: npt.NDArray[np.bool_], objective: str) -> IntArray:
    """Return the ways best first: those in time before those late, then by the objective.

    `balanced` adds up how many times the cheapest a way costs and how many times the fastest it takes.
    """
    cost, time = ways[:, COST], ways[:, TIME]
    if objective == "cost":
        keys = (time, cost)
    elif objective == "time":
        keys = (cost, time)
    else:
        keys = (cost, cost / max(cost.min(initial=np.inf), 1.0) + time / max(time.min(initial=np.inf), 1.0))
    order: IntArray = np.lexsort((ways[:, CO2E], *keys, late))
    return order


def pick(ways: FloatArray, late: npt.NDArray[np.bool_], objective: str, most: int) -> IntArray:
    """Return up to `most` ways no other beats, best first; what is best at anything is always among them."""
    rows = np.flatnonzero(front(ways))
    order = rows[ranked(ways[rows], late[rows], objective)]
    if len(order) <= most:
        return order
    best = {int(order[np.argmin(ways[order, column])]) for column in TAGS.values()} | {int(order[0])}
    rest = [row for row in order.tolist() if row not in best][: most - len(best)]
    kept = best.union(rest)
    return np.array([row for row in order.tolist() if row in kept], dtype=np.int64)


def tags(ways: FloatArray, late: npt.NDArray[np.bool_], *, has_deadline: bool) -> list[list[str]]:
    """Return what each offered way is best at, the first of equals; `only_on_time` where no other is in time."""
    found: list[list[str]] = [[] for _ in range(len(ways))]
    if not len(ways):
        return found
    for name, column in TAGS.items():
        found[int(np.argmin(ways[:, column]))].append(name)
    on_time = np.flatnonzero(~late)
    if has_deadline and len(on_time) == 1:
        found[int(on_time[0])].append("only_on_time")
    return found
