"""Who else should choose anew after a disruption: those in the way of the affected, and those who might follow."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from routing.arrays import FloatArray, IntArray
from routing.disruption import Disrupted
from routing.problem import Problem
from routing.tally import item_costs, loads

BoolArray = npt.NDArray[np.bool_]


def rivals_of(left: Disrupted, item_option: IntArray, units: IntArray, most: int) -> IntArray:
    """Return at most `most` unlocked items, rising, whose move could save more than its change cost.

    An item that rides on a resource the affected want may make room: worth it if it loses less by its
    next best way than an affected item would gain there. An item may follow into units opened for the
    affected. Costs are without the price of room, so these are hopes that a solver has to weigh.
    """
    problem = left.problem
    opening = np.zeros(problem.r)
    np.add.at(opening, problem.unit_resource, problem.unit_cost * np.maximum(units - left.kept_units, 0))
    opened = np.zeros(problem.r, bool)
    opened[problem.unit_resource[units > left.kept_units]] = True
    wanted = _gain_by_resource(problem, item_option, left.affected, opening)
    movable = (left.kept_option >= 0) & (item_option == left.kept_option)
    movable &= ~np.isinf(_change_cost(problem))
    ride = _best_over_uses(problem, wanted)
    candidates = np.flatnonzero(movable & (ride[np.maximum(item_option, 0)] > 0))
    hope = np.full(problem.n, -np.inf)
    hope[candidates] = ride[item_option[candidates]] - _loss(problem, item_option, candidates)
    followers = np.flatnonzero(
        movable & _has_option(problem, _best_over_uses(problem, opened.astype(float)) > 0)
    )
    saving = -_loss(problem, item_option, followers)
    hope[followers] = np.maximum(hope[followers], saving)
    good = np.flatnonzero(hope > 0)
    best = good[np.argsort(-hope[good], kind="stable")[:most]]
    return np.sort(best)


def _change_cost(problem: Problem) -> FloatArray:
    return np.zeros(problem.n) if problem.item_change_cost is None else problem.item_change_cost


def _gain_by_resource(
    problem: Problem, item_option: IntArray, affected: IntArray, opening: FloatArray
) -> FloatArray:
    """Return the most that an affected item would gain on an option through each resource, minor units [r].

    What it costs now holds its share of the units opened for the affected, `opening` [r].
    """
    gain = np.zeros(problem.r)
    now = item_costs(problem, item_option, affected) + _shares(problem, item_option, affected, opening)
    now = np.where(np.isfinite(now), now, np.finfo(float).max)
    for items, option in _options_of(problem, affected, np.arange(len(affected))):
        features = problem.item_features[affected[items]]
        saved = now[items] - np.einsum("if,if->i", features, problem.option_rates[option])
        best = np.zeros(problem.o)
        np.maximum.at(best, option, saved)
        hopeful = np.unique(option[saved > 0])
        for step in range(int(np.diff(problem.option_ptr).max(initial=0))):
            use = problem.option_ptr[hopeful] + step
            there = use < problem.option_ptr[hopeful + 1]
            np.maximum.at(gain, problem.use_resource[use[there]], best[hopeful[there]])
    return gain


def _shares(problem: Problem, item_option: IntArray, items: IntArray, opening: FloatArray) -> FloatArray:
    """Return each item's share of what was opened on its resources, by what it takes of them, minor units."""
    total, share = loads(problem, item_option, items), np.zeros(len(items))
    option = item_option[items]
    for step in range(int(np.diff(problem.option_ptr).max(initial=0))):
        there = np.flatnonzero(option >= 0)
        use = problem.option_ptr[option[there]] + step
        one = use < problem.option_ptr[option[there] + 1]
        there, use = there[one], use[one]
        resource = problem.use_resource[use]
        take = problem.item_size[items[there]] * problem.use_factor[use]
        part = np.divide(take, total[resource], out=np.zeros_like(take), where=total[resource] > 0)
        share[there] += part.max(axis=1, initial=0.0) * opening[resource]
    return share


def _options_of(problem: Problem, items: IntArray, number: IntArray) -> list[tuple[IntArray, IntArray]]:
    """Return for the first, second ... option of a class: the numbers of the items that have one, and theirs."""
    first = problem.class_ptr[problem.item_class[items]]
    last = problem.class_ptr[problem.item_class[items] + 1]
    found = []
    for step in range(int((last - first).max(initial=0))):
        there = np.flatnonzero(first + step < last)
        found.append((number[there], first[there] + step))
    return found


def _best_over_uses(problem: Problem, of_resource: FloatArray) -> FloatArray:
    """Return the greatest value of the resources that each option uses, 0 where it uses none, [o]."""
    best = np.zeros(problem.o)
    for step in range(int(np.diff(problem.option_ptr).max(initial=0))):
        use = problem.option_ptr[:-1] + step
        there = np.flatnonzero(use < problem.option_ptr[1:])
        best[there] = np.maximum(best[there], of_resource[problem.use_resource[use[there]]])
    return best


def _has_option(problem: Problem, marked: BoolArray) -> BoolArray:
    """Return which items' classes have a marked option, [n]."""
    before = np.concatenate([[0], np.cumsum(marked)])
    return np.asarray((np.diff(before[problem.class_ptr]) > 0)[problem.item_class])


def _loss(problem: Problem, item_option: IntArray, items: IntArray) -> FloatArray:
    """Return what each item loses by its cheapest other option or by being left out, with its change cost."""
    now = item_costs(problem, item_option, items)
    best = problem.item_drop_cost[items].copy()
    for there, option in _options_of(problem, items, np.arange(len(items))):
        features = problem.item_features[items[there]]
        cost = np.einsum("if,if->i", features, problem.option_rates[option])
        same = option == item_option[items[there]]
        best[there] = np.where(same, best[there], np.minimum(best[there], cost))
    return np.asarray(best + _change_cost(problem)[items] - now)
