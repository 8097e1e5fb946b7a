"""The verifier's own evaluation of a bound certificate; the optimizer never calls it to find one."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from routing.arrays import FloatArray, IntArray
from routing.plan import Plan
from routing.problem import Problem

PAIRS_AT_ONCE = 2_000_000


@dataclass(frozen=True, slots=True)
class Certificate:
    """Multipliers of the Lagrangian bound; without `value` an item's is its cheapest priced choice."""

    price: FloatArray
    value: FloatArray | None
    primary_use: IntArray | None
    theta: FloatArray | None


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Some items' options side by side: item, option, priced cost, and the primary use (-1 none)."""

    item: IntArray
    option: IntArray
    priced: FloatArray


def certificate_of(plan: Plan) -> Certificate | None:
    """Return the certificate a plan carries, if it carries one."""
    if plan.certificate_price is None:
        return None
    with_value = plan.certificate_item_value is not None
    return Certificate(
        plan.certificate_price,
        plan.certificate_item_value,
        plan.certificate_primary_use if with_value else None,
        plan.certificate_theta,
    )


def certificate_fault(problem: Problem, plan: Plan) -> str | None:
    """Say why a plan's certificate cannot be evaluated; None where it can or where there is none."""
    price, theta = plan.certificate_price, plan.certificate_theta
    value, primary = plan.certificate_item_value, plan.certificate_primary_use
    for key, array in (("certificate_price", price), ("certificate_theta", theta)):
        if array is None:
            continue
        if array.shape != (problem.r, problem.d):
            return f"{key} has the wrong shape"
        if not (np.isfinite(array).all() and (array >= 0).all()):
            return f"{key} must be finite and not negative"
        if array[np.isinf(problem.resource_free)].any():
            return f"{key} must be 0 where there is no limit"
    if value is not None and not (value.shape == (problem.n,) and np.isfinite(value).all()):
        return "certificate_item_value must hold a finite number for each item"
    return None if primary is None else _primary_fault(problem, primary)


def _primary_fault(problem: Problem, primary: IntArray) -> str | None:
    if primary.shape != (problem.o,):
        return "certificate_primary_use has the wrong shape"
    chosen = np.flatnonzero(primary != -1)
    use = primary[chosen]
    if ((use < problem.option_ptr[chosen]) | (use >= problem.option_ptr[chosen + 1])).any():
        return "certificate_primary_use names a use of another option"
    types = np.bincount(problem.unit_resource, minlength=problem.r)
    if (types[problem.use_resource[use]] != 1).any():
        return "certificate_primary_use names a resource without exactly one unit type"
    return None


def lagrangian(problem: Problem, certificate: Certificate) -> float:
    """Return L, a lower bound on every legal plan's cost in minor units; inf where some item fits nowhere."""
    parts = [-math.fsum(_finite(certificate.price, problem.resource_free).ravel().tolist())]
    entries: list[tuple[IntArray, FloatArray, FloatArray]] = []
    for pairs, leave, first in _chunks(problem, certificate.price):
        if certificate.value is None:
            parts.append(math.fsum(_cheapest(pairs, leave, first).tolist()))
            continue
        value = certificate.value[first : first + len(leave)]
        parts.append(math.fsum(np.where(leave < value, leave, value).tolist()))
        reduced = pairs.priced - certificate.value[pairs.item]
        primary = np.full(len(pairs.item), -1)
        if certificate.primary_use is not None:
            primary = certificate.primary_use[pairs.option]
        parts.append(math.fsum(np.minimum(0.0, reduced[primary < 0]).tolist()))
        worth = (primary >= 0) & (reduced < 0)
        entries.append(_entries(problem, certificate, pairs.item[worth], primary[worth], -reduced[worth]))
    parts.extend(_unit_parts(problem, certificate, entries))
    return math.fsum(parts) if not any(math.isinf(part) for part in parts) else math.inf


def _finite(multiplier: FloatArray, amount: FloatArray) -> FloatArray:
    return np.where(multiplier > 0, multiplier * np.where(np.isinf(amount), 0.0, amount), 0.0)


def _chunks(problem: Problem, price: FloatArray) -> Iterator[tuple[_Pairs, FloatArray, int]]:
    """Yield items a chunk at a time: their priced pairs, what leaving each out costs, the first item."""
    start, end = problem.class_ptr[problem.item_class], problem.class_ptr[problem.item_class + 1]
    total = np.concatenate([[0], np.cumsum(end - start)])
    first = 0
    while first < problem.n:
        last = int(np.searchsorted(total, total[first] + PAIRS_AT_ONCE, side="right")) - 1
        last = min(max(last, first + 1), problem.n)
        chunk = np.arange(first, last)
        count = (end - start)[chunk]
        item = np.repeat(chunk, count)
        option = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count) + start[item]
        yield _Pairs(item, option, _priced(problem, price, item, option)), _leaving(problem, chunk), first
        first = last


def _leaving(problem: Problem, item: IntArray) -> FloatArray:
    leave = problem.item_drop_cost[item].copy()
    if problem.item_option_now is not None and problem.item_change_cost is not None:
        booked = problem.item_option_now[item] >= 0
        leave[booked] += problem.item_change_cost[item][booked]
    return leave


def _priced(problem: Problem, price: FloatArray, item: IntArray, option: IntArray) -> FloatArray:
    cost = np.einsum("pf,pf->p", problem.item_features[item], problem.option_rates[option])
    if problem.item_option_now is not None and problem.item_change_cost is not None:
        now = problem.item_option_now[item]
        moved = (now >= 0) & (now != option)
        cost[moved] += problem.item_change_cost[item[moved]]
    for step in range(int(np.diff(problem.option_ptr).max(initial=0))):
        use = problem.option_ptr[option] + step
        there = np.flatnonzero(use < problem.option_ptr[option + 1])
        rate = problem.use_factor[use[there]] * price[problem.use_resource[use[there]]]
        cost[there] += np.einsum("pd,pd->p", problem.item_size[item[there]], rate)
    return np.asarray(cost)


def _cheapest(pairs: _Pairs, leave: FloatArray, first: int) -> FloatArray:
    best = leave.copy()
    np.minimum.at(best, pairs.item - first, pairs.priced)
    return best


def _entries(
    problem: Problem, certificate: Certificate, item: IntArray, use: IntArray, worth: FloatArray
) -> tuple[IntArray, FloatArray, FloatArray]:
    resource = problem.use_resource[use].astype(np.int64)
    theta = np.zeros((problem.r, problem.d)) if certificate.theta is None else certificate.theta
    take = problem.item_size[item] * problem.use_factor[use]
    return resource, worth, np.einsum("pd,pd->p", theta[resource], take)


def _unit_parts(
    problem: Problem, certificate: Certificate, entries: list[tuple[IntArray, FloatArray, FloatArray]]
) -> Iterator[float]:
    price = certificate.price
    reduced = problem.unit_cost - np.einsum("td,td->t", price[problem.unit_resource], problem.unit_size)
    child = problem.unit_parent >= 0
    parents = price[problem.unit_parent[child]]
    reduced[child] += np.einsum("td,td->t", parents, problem.unit_takes[child])
    if entries:
        resource, worth, weight = (np.concatenate(column) for column in zip(*entries, strict=True))
    else:
        resource, worth, weight = np.zeros(0, np.int64), np.zeros(0), np.zeros(0)
    in_knapsack = np.zeros(problem.r, bool)
    if certificate.primary_use is not None:
        in_knapsack[problem.use_resource[certificate.primary_use[certificate.primary_use >= 0]]] = True
    outside = ~in_knapsack[problem.unit_resource]
    yield from (problem.unit_max[outside] * np.minimum(0.0, reduced[outside])).tolist()
    order = np.argsort(resource, kind="stable")
    borders = np.searchsorted(resource[order], np.arange(problem.r + 1))
    for unit in np.flatnonzero(~outside):
        where = problem.unit_resource[unit]
        mine = order[borders[where] : borders[where + 1]]
        theta = np.zeros(problem.d) if certificate.theta is None else certificate.theta[where]
        room = float(_finite(theta, problem.resource_free[where]).sum())
        step = float(theta @ problem.unit_size[unit])
        yield _knapsack(
            worth[mine], weight[mine], room, step, float(reduced[unit]), int(problem.unit_max[unit])
        )


def _knapsack(
    worth: FloatArray, weight: FloatArray, room: float, step: float, unit_cost: float, unit_max: int
) -> float:
    """Minimum over y = 0..unit_max of unit_cost*y minus the fractional knapsack of room + step*y.

    Convex in y, so it is enough to try the ends and the whole numbers around the y whose room holds
    exactly the entries worth more per weight than a unit costs.
    """
    given = float(worth[weight <= 0].sum())
    worth, weight = worth[weight > 0], weight[weight > 0]
    density = worth / weight
    order = np.argsort(-density, kind="stable")
    weights = np.concatenate([[0.0], np.cumsum(weight[order])])
    worths = np.concatenate([[0.0], np.cumsum(worth[order])])
    tries = {0, unit_max}
    if step > 0:
        wanted = weights[int(np.count_nonzero(density * step > unit_cost))]
        middle = math.floor(min(max((wanted - room) / step, 0.0), float(unit_max)))
        tries |= {min(max(middle + shift, 0), unit_max) for shift in range(-2, 4)}
    return min(unit_cost * y - float(np.interp(room + step * y, weights, worths)) for y in tries) - given
