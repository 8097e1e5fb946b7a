"""Classes of items: those that have the same options, because nothing an option depends on tells them apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from routing.arrays import FloatArray, IntArray
from routing.itineraries import FOREVER
from routing.network import ANYONE
from routing.pool import Pool


@dataclass(frozen=True, slots=True, eq=False)
class Classes:
    """One row per class [k], `item_class` int64 [n] naming each item's.

    `ready_min` is rounded up and `due_min` down to the policy's steps, so that every option of a class
    suits all its items. `mean_features` [k, f], `mean_g` and `mean_cm3` describe its average item.
    """

    item_class: IntArray
    origin: IntArray
    destination: IntArray
    goods: IntArray
    menu: IntArray
    exporter: IntArray
    ready_min: IntArray
    due_min: IntArray
    hard: npt.NDArray[np.bool_]
    blocked: IntArray
    mean_features: FloatArray
    mean_g: FloatArray
    mean_cm3: FloatArray

    def __len__(self) -> int:
        return len(self.origin)


def classify(pool: Pool, exporters: npt.NDArray[np.int64], ready_step: int, due_step: int) -> Classes:
    """Group the pool's items; `exporters` are those with allotments of their own.

    Classes stand in order of origin and destination, so that those sharing itineraries are neighbours.
    """
    ready = -(-pool.ready_min // ready_step) * ready_step
    due = np.where(pool.due_min < FOREVER, pool.due_min // due_step * due_step, FOREVER)
    exporter = np.where(np.isin(pool.exporter, exporters), pool.exporter, ANYONE)
    keys = (
        pool.origin, pool.destination, pool.menu, pool.goods, exporter, ready, due, pool.hard, pool.blocked
    )  # fmt: skip
    item_class, first = group_rows(keys)
    count = np.bincount(item_class, minlength=len(first)).astype(np.float64)
    means = [_mean(column, item_class, count) for column in pool.features.T]
    return Classes(
        item_class=item_class,
        origin=pool.origin[first],
        destination=pool.destination[first],
        goods=pool.goods[first],
        menu=pool.menu[first],
        exporter=exporter[first],
        ready_min=ready[first],
        due_min=due[first],
        hard=pool.hard[first],
        blocked=pool.blocked[first],
        mean_features=np.stack(means, axis=1) if means else np.zeros((len(first), 0)),
        mean_g=_mean(pool.weight_g, item_class, count),
        mean_cm3=_mean(pool.volume_cm3, item_class, count),
    )


def group_rows(columns: Sequence[npt.NDArray[np.int64 | np.bool_]]) -> tuple[IntArray, IntArray]:
    """Return the group of each row and the first row of each group, for rows equal in all columns.

    Groups are numbered in the order of the columns' values, the first column weighing most.
    """
    group = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        values, code = np.unique(column, return_inverse=True)
        _, group = np.unique(group * max(len(values), 1) + code, return_inverse=True)
    _, first = np.unique(group, return_index=True)
    return group.astype(np.int64), first.astype(np.int64)


def _mean(column: npt.NDArray[np.int64] | FloatArray, item_class: IntArray, count: FloatArray) -> FloatArray:
    return np.bincount(item_class, weights=column, minlength=len(count)) / count
