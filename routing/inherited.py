"""What the certificate of the old plan still proves after a disruption."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from routing.arrays import FloatArray, IntArray
from routing.certificates import certificate_fault, certificate_of, lagrangian
from routing.disruption import Disrupted
from routing.plan import Plan
from routing.problem import Problem

SAFETY = 1e-9


def inherited_bound(left: Disrupted, before: Plan, *, quick: bool = False) -> Plan | None:
    """Return the old plan with its certificate in the disrupted problem's terms and what that proves of it.

    Multipliers prove something whatever they are, so one pass over the problem that is left is all it
    takes. A `quick` bound does without where the disruption only restricts: the old bound still holds
    then, and what the affected items have to pay more comes on top. None where nothing is proven.
    """
    carried = _carried(left, before)
    old = before.lower_bound if left.restricts else math.nan
    if carried is None:
        return None if math.isnan(old) else replace(before, lower_bound=old, bound_source=before.bound_source)
    if quick and not math.isnan(old):
        gained = _gained(left, before) if before.bound_source == "certificate" else 0.0
        return replace(carried, lower_bound=old + gained - SAFETY * max(1.0, abs(old)))
    certificate = certificate_of(carried)
    assert certificate is not None  # noqa: S101 - it was carried over
    value = lagrangian(left.problem, certificate)
    if not math.isfinite(value):
        return None
    low = value - SAFETY * max(1.0, abs(value))
    if low < old:
        return replace(carried, lower_bound=old)
    source = "certificate" if before.certificate_use_share is None else "solver"
    return replace(carried, lower_bound=low, bound_source=source)


def _carried(left: Disrupted, before: Plan) -> Plan | None:
    """Return the old plan with its certificate renumbered; None where it has none that can be used."""
    if before.certificate_price is None:
        return None
    price = np.where(np.isinf(left.problem.resource_free), 0.0, before.certificate_price)
    carried = replace(
        before,
        certificate_price=price,
        certificate_item_value=_values(left, before, price),
        certificate_primary_use=_primary_uses(left, before.certificate_primary_use),
        certificate_theta=_theta(left, before.certificate_theta),
        certificate_use_share=_shares(left, before.certificate_use_share),
    )
    return carried if certificate_fault(left.problem, carried) is None else None


def _gained(left: Disrupted, before: Plan) -> float:
    """Return by how much the bound rises at least: dearer choices of the affected, and room that is gone.

    Only where an item's value is its cheapest priced choice can single items be told apart.
    """
    if before.certificate_item_value is not None or before.certificate_price is None:
        return 0.0
    price, planned = before.certificate_price, left.planned
    lost = left.affected[left.item_from[left.affected] >= 0]
    dearer = _cheapest(left.problem, lost, price) - _cheapest(planned, left.item_from[lost], price)
    finite = np.isfinite(planned.resource_free)
    room = np.where(finite, planned.resource_free, 0.0) - np.where(finite, left.problem.resource_free, 0.0)
    return float(np.maximum(dearer, 0.0).sum() + (price * room).sum())


def _values(left: Disrupted, before: Plan, price: FloatArray) -> FloatArray | None:
    """Return the items' values [n']: the old ones, raised where what an item has left costs more."""
    if before.certificate_item_value is None:
        return None
    known = left.item_from >= 0
    value = np.zeros(left.problem.n)
    value[known] = before.certificate_item_value[left.item_from[known]]
    for_sale = _cheapest(left.problem, left.affected, price)
    value[left.affected] = np.maximum(value[left.affected], for_sale)
    return value


def _cheapest(problem: Problem, items: IntArray, price: FloatArray) -> FloatArray:
    """Return the cheapest priced choice of some items, 0 where they have none."""
    first = problem.class_ptr[problem.item_class[items]]
    last = problem.class_ptr[problem.item_class[items] + 1]
    best = problem.item_drop_cost[items].copy()
    for step in range(int((last - first).max(initial=0))):
        there = np.flatnonzero(first + step < last)
        option, item = first[there] + step, items[there]
        cost = np.einsum("if,if->i", problem.item_features[item], problem.option_rates[option])
        for nth in range(int(np.diff(problem.option_ptr).max(initial=0))):
            use = problem.option_ptr[option] + nth
            one = np.flatnonzero(use < problem.option_ptr[option + 1])
            rate = problem.use_factor[use[one]] * price[problem.use_resource[use[one]]]
            cost[one] += np.einsum("pd,pd->p", problem.item_size[item[one]], rate)
        best[there] = np.minimum(best[there], cost)
    return np.where(np.isfinite(best), best, 0.0)


def _primary_uses(left: Disrupted, primary: IntArray | None) -> IntArray | None:
    if primary is None:
        return None
    old = primary[left.option_from]
    shift = left.problem.option_ptr[:-1] - left.planned.option_ptr[left.option_from]
    return np.where(old >= 0, old + shift, -1)


def _theta(left: Disrupted, theta: FloatArray | None) -> FloatArray | None:
    return None if theta is None else np.where(np.isinf(left.problem.resource_free), 0.0, theta)


def _shares(left: Disrupted, share: FloatArray | None) -> FloatArray | None:
    if share is None:
        return None
    stays = np.zeros(left.planned.o, bool)
    stays[left.option_from] = True
    return np.asarray(share[np.repeat(stays, np.diff(left.planned.option_ptr))])
