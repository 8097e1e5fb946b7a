"""Classes of items: those that have the same options, because nothing an option depends on tells them apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from routing.arrays import FloatArray, IntArray
from routing.itineraries import FOREVER
from routing.network import ANYONE
from routing.pool import Pool

_NARROW = 1 << 20  # a column that spans no more values is numbered by them, without sorting
_ROOM = 1 << 62


@dataclass(frozen=True, slots=True, eq=False)
class Classes:
    """One row per class [k], `item_class` int64 [n] naming each item's.

    `ready_min` is rounded up and `due_min` down to the policy's steps, so that every option of a class
    suits all its items. `mean_g` and `mean_cm3` describe its average item. `items` int64 [n] are the items by
    class; those of class c are `items[item_ptr[c]:item_ptr[c + 1]]`.
    """

    item_class: IntArray
    items: IntArray
    item_ptr: IntArray
    origin: IntArray
    destination: IntArray
    goods: IntArray
    menu: IntArray
    exporter: IntArray
    ready_min: IntArray
    due_min: IntArray
    hard: npt.NDArray[np.bool_]
    blocked: IntArray
    channel: IntArray
    mean_g: FloatArray
    mean_cm3: FloatArray

    def __len__(self) -> int:
        return len(self.origin)

    def lanes(self) -> Iterator[tuple[int, int]]:
        """Yield where the classes of each origin and destination begin and end: they are neighbours."""
        new = (np.diff(self.origin) != 0) | (np.diff(self.destination) != 0)
        edges = np.concatenate([[0], np.flatnonzero(new) + 1, [len(self)]]).tolist()
        yield from (pair for pair in pairwise(edges) if pair[0] < pair[1])


def classify(pool: Pool, exporters: npt.NDArray[np.int64], ready_step: int, due_step: int) -> Classes:
    """Group the pool's items; `exporters` are those with allotments of their own.

    Classes stand in order of origin and destination, so that those sharing itineraries are neighbours.
    """
    ready = -(-pool.ready_min // ready_step)
    due = np.where(pool.due_min < FOREVER, pool.due_min // due_step, FOREVER)
    exporter = np.where(np.isin(pool.exporter, exporters), pool.exporter, ANYONE)
    channel = np.zeros(len(pool), dtype=np.int64) if pool.channel is None else pool.channel
    keys = (
        pool.origin, pool.destination, pool.menu, pool.goods, exporter, ready, due, pool.hard, pool.blocked, channel,
    )  # fmt: skip
    item_class, items, item_ptr = group_rows(keys)
    first = items[item_ptr[:-1]]
    count = np.diff(item_ptr).astype(np.float64)
    return Classes(
        item_class=item_class,
        items=items,
        item_ptr=item_ptr,
        origin=pool.origin[first],
        destination=pool.destination[first],
        goods=pool.goods[first],
        menu=pool.menu[first],
        exporter=exporter[first],
        ready_min=ready[first] * ready_step,
        due_min=np.where(due[first] < FOREVER, due[first] * due_step, FOREVER),
        hard=pool.hard[first],
        blocked=pool.blocked[first],
        channel=channel[first],
        mean_g=_mean(pool.weight_g, item_class, count),
        mean_cm3=_mean(pool.volume_cm3, item_class, count),
    )


def group_rows(columns: Sequence[npt.NDArray[np.int64 | np.bool_]]) -> tuple[IntArray, IntArray, IntArray]:
    """Return the group of each row, the rows by group, and where each group's begin, for rows equal in all columns.

    Groups are numbered in the order of the columns' values, the first column weighing most.
    """
    key, span = np.zeros(len(columns[0]), dtype=np.int64), 1
    for column in columns:
        code, values = _numbered(column)
        if span > _ROOM // values:
            key, span = _numbered(np.unique(key, return_inverse=True)[1])
        key, span = key * values + code, span * values
    rows = np.argsort(key, kind="stable")
    ordered = key[rows]
    new = np.ones(len(rows), dtype=np.bool_)
    new[1:] = ordered[1:] != ordered[:-1]
    begin = np.flatnonzero(new)
    group = np.empty(len(rows), dtype=np.int64)
    group[rows] = np.cumsum(new) - 1
    return group, rows, np.append(begin, len(rows)).astype(np.int64)


def _numbered(column: npt.NDArray[np.int64 | np.bool_]) -> tuple[IntArray, int]:
    """Return whole numbers from 0 in the order of the values, and how many they may be."""
    if not column.size:
        return column.astype(np.int64), 1
    low, high = int(column.min()), int(column.max())
    if high - low < _NARROW:
        return column.astype(np.int64) - low, high - low + 1
    values, code = np.unique(column, return_inverse=True)
    return code.astype(np.int64), len(values)


def _mean(column: npt.NDArray[np.int64] | FloatArray, item_class: IntArray, count: FloatArray) -> FloatArray:
    return np.bincount(item_class, weights=column, minlength=len(count)) / count
