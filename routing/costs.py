"""What options cost: the rates along their legs, in as few columns as the items of any one class need.

A network has hundreds of tariffs, each a column of its own, but the options of one class touch a few dozen.
So the columns of the problem are dealt out class by class: column 5 is one tariff for these items and another
for those. Costs are the same, and the arrays an order of magnitude smaller.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from routing.arrays import FloatArray, IntArray
from routing.pool import NO_RATE, Rates

SHARED = 2
"""The first columns are the same for all classes: days, and days late."""


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


def along_paths(paths: IntArray, leg_row: IntArray, rates: Rates) -> sparse.csr_array:
    """Return the sum of the legs' rates, sparse [m, f]; `leg_row` is the rate row of each leg, -1 ends a path."""
    path, position = np.nonzero(paths >= 0)
    row = leg_row[paths[path, position]]
    counts = sparse.csr_array((np.ones(len(path)), (path, row)), shape=(len(paths), len(rates.rows)))
    return sparse.csr_array(counts @ rates.by_row)


def deal_out(
    rows: sparse.csr_array,
    days: FloatArray,
    late_days: FloatArray,
    option_class: IntArray,
    item_class: IntArray,
    features: FloatArray,
    rates: Rates,
) -> Costs:
    """Return the costs of options with rate rows [o, f], days and days late [o], for items' features [n, f]."""
    entries = rows.tocoo()
    classes = int(item_class.max(initial=-1)) + 1
    width = features.shape[1]
    pair = option_class[entries.row] * width + entries.col
    pairs, code = np.unique(pair, return_inverse=True)
    owner, column = np.divmod(pairs, max(width, 1))
    begin = np.searchsorted(owner, np.arange(classes + 1)).astype(np.int64)
    local = np.arange(len(pairs)) - begin[owner]
    most = int(np.diff(begin).max(initial=0))

    option_rates = np.zeros((rows.shape[0], SHARED + most))
    option_rates[:, 0], option_rates[:, 1] = days, late_days
    option_rates[entries.row, SHARED + local[code]] = entries.data
    of_class = np.full((classes, most), -1, dtype=np.int64)
    of_class[owner, local] = column
    item_features = np.zeros((len(features), SHARED + most))
    item_features[:, 0] = features[:, rates.time_column]
    item_features[:, 1] = features[:, rates.late_column]
    item_features[:, SHARED:] = _taken(features, of_class[item_class])
    names = (rates.time_feature, rates.late_feature, *(f"cost {one}" for one in range(1, most + 1)))
    return Costs(option_rates, item_features, names, begin, column.astype(np.int64))


def _taken(features: FloatArray, columns: npt.NDArray[np.int64]) -> FloatArray:
    """Return `features[i, columns[i, j]]`, 0 where the column is -1."""
    if not columns.size:
        return np.zeros(columns.shape)
    return np.where(columns >= 0, np.take_along_axis(features, np.maximum(columns, 0), axis=1), 0.0)


def of_alternatives(rate_rows: IntArray, rates: Rates) -> sparse.csr_array:
    """Return the rate rows of alternatives, sparse [a, f]; `NO_RATE` is a row of zeros."""
    some = np.flatnonzero(rate_rows != NO_RATE)
    shape = (len(rate_rows), len(rates.rows))
    pick = sparse.csr_array((np.ones(len(some)), (some, rate_rows[some])), shape=shape)
    return sparse.csr_array(pick @ rates.by_row)
