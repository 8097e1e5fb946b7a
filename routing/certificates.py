"""The verifier's own evaluation of a bound certificate; the optimizer never calls it to find one."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from routing.arrays import FloatArray, IntArray
from routing.plan import Plan
from routing.problem import Problem

PAIRS_AT_ONCE = 2_000_000
# Ways to open the units of one resource that a certificate may ask to be tried one by one.
MOST_WAYS = 100_000


@dataclass(frozen=True, slots=True)
class Certificate:
    """Multipliers of the Lagrangian bound; without `value` an item's is its cheapest priced choice."""

    price: FloatArray
    value: FloatArray | None
    primary_use: IntArray | None
    theta: FloatArray | None
    use_share: FloatArray | None = None


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
        plan.certificate_use_share if with_value else None,
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
    types = np.bincount(problem.unit_resource, minlength=problem.r)
    return _primary_fault(problem, primary, types) or _share_fault(problem, plan.certificate_use_share, types)


def _primary_fault(problem: Problem, primary: IntArray | None, types: IntArray) -> str | None:
    if primary is None:
        return None
    if primary.shape != (problem.o,):
        return "certificate_primary_use has the wrong shape"
    chosen = np.flatnonzero(primary != -1)
    use = primary[chosen]
    if ((use < problem.option_ptr[chosen]) | (use >= problem.option_ptr[chosen + 1])).any():
        return "certificate_primary_use names a use of another option"
    if (types[problem.use_resource[use]] != 1).any():
        return "certificate_primary_use names a resource without exactly one unit type"
    return None


def _share_fault(problem: Problem, share: FloatArray | None, types: IntArray) -> str | None:
    if share is None:
        return None
    if share.shape != (problem.u,):
        return "certificate_use_share has the wrong shape"
    if not ((share >= 0) & (share <= 1)).all():
        return "certificate_use_share must be between 0 and 1"
    ways = np.zeros(problem.r)
    np.add.at(ways, problem.unit_resource, np.log(problem.unit_max + 1.0))
    possible = (types == 1) | ((types > 1) & (ways <= np.log(MOST_WAYS)))
    if not possible[problem.use_resource[share > 0]].all():
        return "certificate_use_share names a resource that cannot have a knapsack"
    return None


def lagrangian(problem: Problem, certificate: Certificate) -> float:
    """Return L, a lower bound on every legal plan's cost in minor units; inf where some item fits nowhere."""
    parts = [-math.fsum(_finite(certificate.price, problem.resource_free).ravel().tolist())]
    entries: list[tuple[IntArray, FloatArray, FloatArray]] = []
    share = _shares(problem, certificate)
    option_of = np.repeat(np.arange(problem.o), np.diff(problem.option_ptr))
    covered = np.bincount(option_of, share, minlength=problem.o)
    for pairs, leave, first in _chunks(problem, certificate.price):
        if certificate.value is None:
            parts.append(math.fsum(_cheapest(pairs, leave, first).tolist()))
            continue
        value = certificate.value[first : first + len(leave)]
        parts.append(math.fsum(np.where(leave < value, leave, value).tolist()))
        reduced = pairs.priced - certificate.value[pairs.item]
        good = np.flatnonzero(reduced < 0)
        if certificate.use_share is not None:
            good = good[_fits_alone(problem, pairs.item[good], pairs.option[good])]
        outside = np.maximum(0.0, 1.0 - covered[pairs.option[good]])
        parts.append(math.fsum((outside * reduced[good]).tolist()))
        entries.extend(_entries(problem, certificate, share, pairs, (good, -reduced[good])))
    parts.extend(_unit_parts(problem, certificate, share, entries))
    return math.fsum(parts) if not any(math.isinf(part) for part in parts) else math.inf


def _finite(multiplier: FloatArray, amount: FloatArray) -> FloatArray:
    return np.where(multiplier > 0, multiplier * np.where(np.isinf(amount), 0.0, amount), 0.0)


def _chunks(problem: Problem, price: FloatArray) -> Iterator[tuple[_Pairs, FloatArray, int]]:
    """Yield items a chunk at a time: their priced pairs, what leaving each out costs, the first item."""
    start, end = problem.class_ptr[problem.item_class], problem.class_ptr[problem.item_class + 1]
    total = np.concatenate([[0], np.cumsum(end - start)])
    rate = _size_rates(problem, price)
    first = 0
    while first < problem.n:
        last = int(np.searchsorted(total, total[first] + PAIRS_AT_ONCE, side="right")) - 1
        last = min(max(last, first + 1), problem.n)
        chunk = np.arange(first, last)
        count = (end - start)[chunk]
        item = np.repeat(chunk, count)
        option = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count) + start[item]
        yield _Pairs(item, option, _priced(problem, rate, item, option)), _leaving(problem, chunk), first
        first = last


def _leaving(problem: Problem, item: IntArray) -> FloatArray:
    leave = problem.item_drop_cost[item].copy()
    if problem.item_option_now is not None and problem.item_change_cost is not None:
        booked = problem.item_option_now[item] >= 0
        leave[booked] += problem.item_change_cost[item][booked]
    return leave


def _size_rates(problem: Problem, price: FloatArray) -> FloatArray:
    """What one of each size dimension pays on each option for the capacity it takes, [o, d]."""
    paid = problem.use_factor * price[problem.use_resource]
    option = np.repeat(np.arange(problem.o), np.diff(problem.option_ptr))
    columns = [np.bincount(option, column, problem.o) for column in paid.T]
    return np.stack(columns, axis=1)


def _priced(problem: Problem, rate: FloatArray, item: IntArray, option: IntArray) -> FloatArray:
    cost = np.einsum("pf,pf->p", problem.item_features[item], problem.option_rates[option])
    cost += np.einsum("pd,pd->p", problem.item_size[item], rate[option])
    if problem.item_option_now is not None and problem.item_change_cost is not None:
        now = problem.item_option_now[item]
        moved = (now >= 0) & (now != option)
        cost[moved] += problem.item_change_cost[item[moved]]
    return np.asarray(cost)


def _cheapest(pairs: _Pairs, leave: FloatArray, first: int) -> FloatArray:
    best = leave.copy()
    np.minimum.at(best, pairs.item - first, pairs.priced)
    return best


def _shares(problem: Problem, certificate: Certificate) -> FloatArray:
    """For each use the share of its option that lies in the knapsack of the use's resource, [u]."""
    if certificate.use_share is not None:
        return certificate.use_share
    share = np.zeros(problem.u)
    if certificate.primary_use is not None:
        share[certificate.primary_use[certificate.primary_use >= 0]] = 1.0
    return share


def _entries(
    problem: Problem,
    certificate: Certificate,
    share: FloatArray,
    pairs: _Pairs,
    good: tuple[IntArray, FloatArray],
) -> Iterator[tuple[IntArray, FloatArray, FloatArray]]:
    """Yield (resource, worth, weight) of what the `good` pairs, worth so much, put into knapsacks."""
    theta = np.zeros((problem.r, problem.d)) if certificate.theta is None else certificate.theta
    pair, worth = good
    found = []
    for step in range(int(np.diff(problem.option_ptr).max(initial=0))):
        use = problem.option_ptr[pairs.option[pair]] + step
        there = np.flatnonzero(use < problem.option_ptr[pairs.option[pair] + 1])
        there = there[share[use[there]] > 0]
        use, item = use[there], pairs.item[pair[there]]
        resource = problem.use_resource[use].astype(np.int64)
        weight = np.einsum("pd,pd->p", theta[resource], problem.item_size[item] * problem.use_factor[use])
        found.append((resource, worth[there] * share[use], weight, item))
    for resource, gain, weight, _ in (
        found if certificate.use_share is None else _once_per_item(found, problem.n)
    ):
        yield resource, gain, weight


def _fits_alone(problem: Problem, item: IntArray, option: IntArray) -> npt.NDArray[np.bool_]:
    """Whether an item fits into everything an option uses, with all units open and nothing else there."""
    most = problem.resource_free.copy()
    np.add.at(most, problem.unit_resource, problem.unit_size * problem.unit_max[:, None])
    most += 1e-9 * np.maximum(1.0, np.where(np.isinf(most), 1.0, most))
    fits = np.ones(len(item), bool)
    for step in range(int(np.diff(problem.option_ptr).max(initial=0))):
        use = problem.option_ptr[option] + step
        there = np.flatnonzero(use < problem.option_ptr[option + 1])
        use = use[there]
        take = problem.item_size[item[there]] * problem.use_factor[use]
        fits[there[(take > most[problem.use_resource[use]]).any(axis=1)]] = False
    return fits


def _once_per_item(
    found: list[tuple[IntArray, FloatArray, FloatArray, IntArray]], n: int
) -> list[tuple[IntArray, FloatArray, FloatArray, IntArray]]:
    """Merge an item's entries in a knapsack: it takes one option, worth no more and weighing no less."""
    if not found:
        return []
    resource, worth, weight, item = (np.concatenate(column) for column in zip(*found, strict=True))
    key, group = np.unique(resource * n + item, return_inverse=True)
    most, least = np.zeros(len(key)), np.full(len(key), np.inf)
    np.maximum.at(most, group, worth)
    np.minimum.at(least, group, weight)
    return [(key // n, most, least, key % n)]


def _unit_parts(
    problem: Problem,
    certificate: Certificate,
    share: FloatArray,
    entries: list[tuple[IntArray, FloatArray, FloatArray]],
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
    in_knapsack[problem.use_resource[share > 0]] = True
    outside = ~in_knapsack[problem.unit_resource]
    yield from (problem.unit_max[outside] * np.minimum(0.0, reduced[outside])).tolist()
    order = np.argsort(resource, kind="stable")
    borders = np.searchsorted(resource[order], np.arange(problem.r + 1))
    for where in np.flatnonzero(in_knapsack):
        units = np.flatnonzero(problem.unit_resource == where)
        mine = order[borders[where] : borders[where + 1]]
        theta = np.zeros(problem.d) if certificate.theta is None else certificate.theta[where]
        room = float(_finite(theta, problem.resource_free[where]).sum())
        steps = problem.unit_size[units] @ theta
        yield _knapsack((worth[mine], weight[mine]), room, steps, reduced[units], problem.unit_max[units])


def _knapsack(
    entries: tuple[FloatArray, FloatArray], room: float, step: FloatArray, cost: FloatArray, most: IntArray
) -> float:
    """Minimum over the units opened of their cost minus the fractional knapsack of the room they give.

    With one unit type this is convex in the number, so it is enough to try the ends and the whole
    numbers around the one whose room holds exactly the entries worth more per weight than a unit
    costs. With several types every combination is tried.
    """
    worth, weight = entries
    given = float(worth[weight <= 0].sum())
    worth, weight = worth[weight > 0], weight[weight > 0]
    density = worth / weight
    order = np.argsort(-density, kind="stable")
    weights = np.concatenate([[0.0], np.cumsum(weight[order])])
    worths = np.concatenate([[0.0], np.cumsum(worth[order])])
    if len(step) == 1:
        ways = np.array(sorted(_few(density, weights, room, float(step[0]), float(cost[0]), int(most[0]))))[
            :, None
        ]
    else:
        ways = np.indices(tuple(most + 1)).reshape(len(step), -1).T
    totals = ways @ cost - np.interp(room + ways @ step, weights, worths)
    return float(totals.min()) - given


def _few(
    density: FloatArray, weights: FloatArray, room: float, step: float, cost: float, most: int
) -> set[int]:
    """Numbers of units of one type of which one is best."""
    tries = {0, most}
    if step > 0:
        wanted = weights[int(np.count_nonzero(density * step > cost))]
        middle = math.floor(min(max((wanted - room) / step, 0.0), float(most)))
        tries |= {min(max(middle + shift, 0), most) for shift in range(-2, 4)}
    return tries
