"""A program over classes instead of items: small enough for HiGHS at larger sizes, but its plan must be rounded.

Each class may split over its options in any shares; every share takes the mean item. Shares become items by quotas,
the heaviest to the option where a heavy item costs least more than a light one, and what does not fit is loaded
by greedy on what is open. Its bound says nothing about items, so none is given.
"""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
from ortools.math_opt.python import mathopt
from scipy import sparse

from benchmarks.peers.finishing import Said
from benchmarks.peers.mathopt_mips import solve_arrays
from benchmarks.peers.mip import Mip, mip_of
from benchmarks.peers.ways import Floats, Ints, leaving_costs
from routing.plan import Plan
from routing.problem import Problem


def class_highs(problem: Problem, start: Plan, seconds: float, seed: int) -> Said:
    """HiGHS on class by option, rounded to items."""
    begin = time.perf_counter()
    classes = _as_items(problem)
    mip = mip_of(classes)
    whole = mip.whole.copy()
    whole[: len(mip.item)] = False
    hint = _shares(problem, mip, start) if start.legal else None
    left = seconds - (time.perf_counter() - begin)
    arrays = (mip.cost, mip.upper, whole, mip.matrix, mip.low, mip.high)
    values, _ = solve_arrays(mathopt.SolverType.HIGHS, arrays, hint, left, seed)
    if values is None:
        return Said(None, None)
    units = np.round(values[len(mip.item) + len(mip.left) :]).astype(np.int64)
    return Said(_rounded(problem, mip, values[: len(mip.item)]), units)


def _as_items(problem: Problem) -> Problem:
    """The problem with one item for each class that has any: the sum of its items."""
    count = np.bincount(problem.item_class, minlength=problem.k)

    member = sparse.csr_array(
        (np.ones(problem.n), (problem.item_class, np.arange(problem.n))), (problem.k, problem.n)
    )[count > 0]
    return replace(
        problem,
        item_class=np.flatnonzero(count),
        item_size=member @ problem.item_size,
        item_features=member @ problem.item_features,
        item_drop_cost=member @ leaving_costs(problem),
        item_option_now=None,
        item_change_cost=None,
    )


def _shares(problem: Problem, mip: Mip, start: Plan) -> Floats:
    """The values of all variables in a plan of items: shares of each class."""
    of_class = np.unique(problem.item_class)
    count = np.bincount(problem.item_class, minlength=problem.k)[of_class]
    going = start.item_option >= 0
    taken = np.bincount(start.item_option[going], minlength=problem.o)
    left = np.bincount(problem.item_class[~going], minlength=problem.k)[of_class]
    ways = taken[mip.option] / count[mip.item]
    return np.concatenate([ways, (left / count)[mip.left], start.units])


def _rounded(problem: Problem, mip: Mip, shares: Floats) -> Ints:
    """An option for each item [n], -1 where its class's shares leave it."""
    if not len(mip.item):
        return np.full(problem.n, -1, np.int64)
    of_class = np.unique(problem.item_class)
    chargeable = problem.item_size.sum(axis=1)
    items = np.lexsort((-chargeable, problem.item_class))
    owner = np.searchsorted(of_class, problem.item_class[items])
    first = np.searchsorted(owner, np.arange(len(of_class) + 1))
    place = (np.arange(problem.n) - first[owner] + 0.5) / np.diff(first)[owner]
    heavy, light = items[first[:-1]], items[first[1:] - 1]
    spread = problem.item_features[heavy] - problem.item_features[light]
    slope = np.einsum("if,if->i", spread[mip.item], problem.option_rates[mip.option])
    order = np.lexsort((slope, mip.item))
    total = np.cumsum(np.maximum(shares[order], 0.0))
    begin = np.searchsorted(mip.item[order], np.arange(len(of_class)))
    before = np.concatenate([[0.0], total])[begin]
    within = np.minimum(total - before[mip.item[order]], 1.0)
    ends = mip.item[order] + within
    at = np.searchsorted(ends, owner + place)
    there = (at < len(order)) & (mip.item[order][np.minimum(at, len(order) - 1)] == owner)
    choice = np.full(problem.n, -1, np.int64)
    choice[items[there]] = mip.option[order][at[there]]
    return choice
