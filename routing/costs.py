"""What options cost: the rates along their legs, in as few columns as the items of any one class need.

A network has hundreds of tariffs, each a column of its own, but the options of one class touch a few dozen.
So the columns of the problem are dealt out class by class: column 5 is one tariff for these items and another
for those. Costs are the same, and the arrays an order of magnitude smaller.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from routing.arrays import FloatArray, IntArray
from routing.compiled import compiled
from routing.pool import Pool, Rates
from routing.selecting import DAY_MIN

SHARED = 2
"""The first columns are the same for all classes: days, and days late."""


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """Features of some items [m] in some columns, and the means of the items' classes.

    `values` float64 [columns, m]; `means` float64 [c, columns]; `columns` ascend.
    """

    columns: IntArray
    values: FloatArray
    means: FloatArray

    def mean(self, column: int) -> FloatArray:
        """Return the classes' means of one column."""
        return self.means[:, np.searchsorted(self.columns, column)]


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """The columns that the options of some neighbouring classes [c] touch: ascending, `count` of each class.

    Items of class c are `items[item_ptr[c]:item_ptr[c + 1]]`; `values` are theirs, item by item.
    """

    items: IntArray
    item_ptr: IntArray
    count: IntArray
    columns: IntArray
    values: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Costs:
    """`option_rates` [o, g] and `item_features` [n, g] of a problem, and the names of the g columns.

    Column `SHARED + j` is for class c the feature `column[class_ptr[c] + j]` of the pool.
    """

    option_rates: FloatArray
    item_features: FloatArray
    names: tuple[str, ...]
    class_ptr: IntArray
    column: IntArray


def read_features(pool: Pool, columns: IntArray, items: IntArray, item_ptr: IntArray) -> Features:
    """Read the columns for classes whose items lie between the pointers [c + 1] in `items`."""
    values = pool.values(columns, items)
    count = np.diff(item_ptr)
    owner = np.repeat(np.arange(len(count)), count)
    sums = [np.bincount(owner, weights=row, minlength=len(count)) for row in values]
    means = np.stack(sums, axis=1) / count[:, None] if sums else np.zeros((len(count), 0))
    return Features(columns, values, means)


def price(rates: Rates, rate_rows: IntArray, features: Features) -> FloatArray:
    """Return what each of some rate rows costs the classes' average items: float64 [c, rows]."""
    some = rates.by_row[rate_rows]
    position = np.searchsorted(features.columns, some.indices)
    shape = (len(rate_rows), len(features.columns))
    table = sparse.csr_array((some.data, position, some.indptr), shape=shape)
    return np.ascontiguousarray((table @ features.means.T).T)


def columns_of(rates: Rates, rate_rows: IntArray) -> IntArray:
    """Return the columns that the rate rows name, ascending."""
    return np.unique(rates.by_row[rate_rows].indices).astype(np.int64)


def share(
    rates: Rates,
    features: Features,
    items: IntArray,
    item_ptr: IntArray,
    option_ptr: IntArray,
    rate_rows: IntArray,
) -> Shares:
    """Return the columns of each class and its items' values, for options between the pointers [c + 1].

    `rate_rows` int64 [options, rows] are those of the options' legs and ends, -1 for none.
    """
    table = rates.by_row
    touched = np.zeros((len(option_ptr) - 1, len(features.columns)), dtype=np.bool_)
    position = np.searchsorted(features.columns, table.indices)
    _touch(option_ptr, rate_rows, table.indptr, position, touched)
    count = touched.sum(axis=1)
    column = np.nonzero(touched)[1]
    ptr = np.concatenate([[0], np.cumsum(count)])
    values = np.empty(int((count * np.diff(item_ptr)).sum()))
    _gather(features.values, item_ptr, ptr, column, values)
    return Shares(items, item_ptr, count, features.columns[column], values)


@compiled
def _touch(
    option_ptr: IntArray, rate_rows: IntArray, indptr: npt.NDArray[Any], position: IntArray,
    touched: npt.NDArray[np.bool_],
) -> None:  # fmt: skip
    for owner in range(len(option_ptr) - 1):
        for option in range(option_ptr[owner], option_ptr[owner + 1]):
            for row in rate_rows[option]:
                if row >= 0:
                    for entry in range(indptr[row], indptr[row + 1]):
                        touched[owner, position[entry]] = True


@compiled
def _gather(
    table: FloatArray, item_ptr: IntArray, column_ptr: IntArray, column: IntArray, values: FloatArray
) -> None:
    at = 0
    for owner in range(len(item_ptr) - 1):
        for item in range(item_ptr[owner], item_ptr[owner + 1]):
            for entry in range(column_ptr[owner], column_ptr[owner + 1]):
                values[at] = table[column[entry], item]
                at += 1


@dataclass(frozen=True, slots=True, eq=False)
class Priced:
    """What options [o] are, as far as it costs: class, path in `paths` [m, legs] (-1 none), alternative, times."""

    classes: IntArray
    itinerary: IntArray
    alternative: IntArray
    done: IntArray
    paths: npt.NDArray[np.int32]


def deal_out(
    options: Priced,
    shares: Sequence[Shares],
    pool: Pool,
    rates: Rates,
    times: tuple[IntArray, IntArray],
    rate_rows: tuple[IntArray, IntArray],
) -> Costs:
    """Return the costs of options; `times` are ready and due of the classes, `rate_rows` of legs and alternatives."""
    count = np.concatenate([np.zeros(1, np.int64), *(one.count for one in shares)])
    class_ptr = np.cumsum(count)
    column = np.concatenate([np.zeros(0, np.int64), *(one.columns for one in shares)])
    width = SHARED + int(count.max())
    table = rates.by_row
    option_rates = np.zeros((len(options.classes), width))
    _sum_rates(
        options.classes, options.itinerary, options.alternative, options.done, options.paths, *times, *rate_rows,
        table.indptr, table.indices, table.data, class_ptr, column, np.zeros(len(rates.names), np.int64), option_rates,
    )  # fmt: skip
    item_features = np.zeros((len(pool), width))
    always = np.array([rates.time_column, rates.late_column])
    item_features[:, :SHARED] = pool.values(always, np.arange(len(pool))).T
    for one in shares:
        _spread(one.items, one.item_ptr, one.count, one.values, item_features)
    names = (rates.time_feature, rates.late_feature, *(f"cost {nth}" for nth in range(1, width - SHARED + 1)))
    return Costs(option_rates, item_features, names, class_ptr, column)


@compiled
def _sum_rates(
    classes: IntArray, itinerary: IntArray, alternative: IntArray, done: IntArray, paths: npt.NDArray[np.int32],
    ready: IntArray, due: IntArray, leg_row: IntArray, end_row: IntArray,
    indptr: npt.NDArray[Any], indices: npt.NDArray[Any], data: FloatArray,
    class_ptr: IntArray, column: IntArray, position: IntArray, option_rates: FloatArray,
) -> None:  # fmt: skip
    """Fill the rates of options by class; `position` [columns] is room for where each column stands."""
    of_class = -1
    for option in range(len(classes)):
        if classes[option] != of_class:
            of_class = classes[option]
            for entry in range(class_ptr[of_class], class_ptr[of_class + 1]):
                position[column[entry]] = SHARED + entry - class_ptr[of_class]
        rates = option_rates[option]
        rates[0] = (done[option] - ready[of_class]) / DAY_MIN
        rates[1] = max(done[option] - due[of_class], 0) / DAY_MIN
        if itinerary[option] >= 0:
            for leg in paths[itinerary[option]]:
                if leg < 0:
                    break
                row = leg_row[leg]
                for entry in range(indptr[row], indptr[row + 1]):
                    rates[position[indices[entry]]] += data[entry]
        row = end_row[alternative[option]]
        if row >= 0:
            for entry in range(indptr[row], indptr[row + 1]):
                rates[position[indices[entry]]] += data[entry]


@compiled
def _spread(
    items: IntArray, item_ptr: IntArray, count: IntArray, values: FloatArray, item_features: FloatArray
) -> None:
    at = 0
    for owner in range(len(count)):
        for nth in range(item_ptr[owner], item_ptr[owner + 1]):
            for column in range(count[owner]):
                item_features[items[nth], SHARED + column] = values[at]
                at += 1
