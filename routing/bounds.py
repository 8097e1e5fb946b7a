"""Multipliers of the proven lower bound: where they come from and in which knapsack each option lies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from routing.arrays import FloatArray, IntArray
from routing.model import Model, uses_of
from routing.relaxation import Relaxation

# Openings of one resource are enumerated; what has more ways to be opened stays outside the knapsacks.
MOST_WAYS = 4096


@dataclass(frozen=True, eq=False, slots=True)
class Multipliers:
    """A certificate in the making, in the shapes of the plan format: price and theta [r, d], value [n].

    `share` [u] says how much of an option lies in the knapsack of each resource it uses. Without `value`
    there are no knapsacks: an item's value is its cheapest priced choice.
    """

    price: FloatArray
    value: FloatArray | None = None
    share: FloatArray | None = None
    theta: FloatArray | None = None


def plain_multipliers(model: Model, price: FloatArray) -> Multipliers:
    """Prices of rows [m] alone: enough where capacity is bought and nothing is opened."""
    return Multipliers(spread(model, price))


def spread(model: Model, per_row: FloatArray) -> FloatArray:
    """Values of rows [m] at their resource and dimension, 0 elsewhere, [r, d]."""
    result = np.zeros((model.problem.r, model.problem.d))
    result[model.row_resource, model.row_dimension] = per_row
    return result


def use_shares(model: Model, start: Relaxation) -> FloatArray:
    """Share each option out over the knapsacks of its resources as it pays for their openings, [u].

    Only resources with few ways to be opened have one. An option that pays for none lies in that of its
    dearest opening.
    """
    problem = model.problem
    worth = _opening_worth(model)[problem.use_resource]
    option = np.repeat(np.arange(problem.o), np.diff(problem.option_ptr))
    pair, use = uses_of(problem, model.option)
    resource = problem.use_resource[use]
    take = problem.item_size[model.item[pair]] * problem.use_factor[use]
    paid = np.einsum("pd,pd->p", spread(model, start.price)[resource], take)
    if len(pair):
        paid += np.asarray(start.opening[pair, resource], np.float64).ravel()
    weight = np.where(worth > 0, np.bincount(use, paid, minlength=problem.u), 0.0)
    total = np.bincount(option, weight, minlength=problem.o)
    dearest = np.zeros(problem.o)
    np.maximum.at(dearest, option, worth)
    first = _first_of(option, (worth >= dearest[option]) & (worth > 0))
    share = np.divide(weight, total[option], out=first, where=total[option] > 0)
    return np.where(share < 0.01, 0.0, np.minimum(share, 1.0))


def _first_of(option: IntArray, chosen: npt.NDArray[np.bool_]) -> FloatArray:
    """1 at the first chosen use of each option, else 0."""
    place = np.flatnonzero(chosen)
    result = np.zeros(len(option))
    result[place[np.diff(option[place], prepend=-1) > 0]] = 1.0
    return result


def _opening_worth(model: Model) -> FloatArray:
    """What opening each resource costs by the size of a typical item, 0 where it can have no knapsack, [r]."""
    problem = model.problem
    ways = np.zeros(problem.r)
    np.add.at(ways, problem.unit_resource, np.log(problem.unit_max + 1.0))
    worth = np.zeros(problem.r)
    typical = np.maximum(problem.item_size.mean(axis=0), 1e-12) if problem.n else np.ones(problem.d)
    limited = np.isfinite(problem.resource_free[problem.unit_resource])
    scale = np.where(limited, problem.unit_size / typical, 0.0).max(axis=1, initial=0.0)
    np.maximum.at(worth, problem.unit_resource, problem.unit_cost / np.maximum(scale, 1e-12) + 1e-12)
    worth[ways > np.log(MOST_WAYS)] = 0.0
    return worth


def primary_uses(model: Model, share: FloatArray) -> IntArray | None:
    """The one use of each option that has a share, -1 none, [o]; None where shares say more than that."""
    problem = model.problem
    types = np.bincount(problem.unit_resource, minlength=problem.r)
    use = np.flatnonzero(share)
    if (share[use] < 1).any() or (types[problem.use_resource[use]] != 1).any():
        return None
    primary = np.full(problem.o, -1)
    primary[np.searchsorted(problem.option_ptr, use, side="right") - 1] = use
    return primary


def surrogate_weights(model: Model, price: FloatArray) -> FloatArray:
    """Theta [r, d]: the row prices [m] where a resource has some, else one over what a unit adds."""
    priced = spread(model, price)
    size = np.zeros((model.problem.r, model.problem.d))
    np.maximum.at(size, model.problem.unit_resource, model.problem.unit_size)
    row = spread(model, np.ones(model.rows)) > 0
    even = np.where(row & (size > 0), 1.0 / np.where(size > 0, size, 1.0), 0.0)
    has = priced.any(axis=1, keepdims=True)
    return np.where(has, priced, even)
