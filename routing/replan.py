"""Plan again after a disruption, changing as little as is worth it.

Tier 0 moves the affected items only. Tier 1 opens the block around them: items that would make room for
them, or gain by following them, at less than their change costs. Tier 2 plans everything anew from there.
Each tier starts from the one before and is never worse.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from routing.arrays import IntArray
from routing.changes import limits_share, solve_with_few_changes
from routing.digest import digest
from routing.disruption import Disrupted
from routing.inherited import inherited_bound
from routing.limits import Limits, Progress
from routing.parts import Part, part_of
from routing.plan import Plan, gap_between
from routing.rivals import rivals_of
from routing.solve import solve
from routing.tally import item_costs, loads

TIERS = (0, 1, 2)
OPTIMAL_GAP = 1e-6
MOST_RIVALS = 20_000
"""Items that tier 1 frees beside the affected, at most."""
Listener = Callable[[Progress], None]
Stop = Callable[[], bool]


@dataclass(frozen=True, slots=True, eq=False)
class Replan:
    """A plan of the disrupted problem, and what it changes of the old one.

    `changed` [.] are the items, as the disrupted problem counts them, that had a place and end elsewhere
    or nowhere; `affected` of them had to. `tier` is the last one that was asked for.
    """

    plan: Plan
    tier: int
    changed: IntArray
    affected: IntArray


def replan(
    left: Disrupted,
    limits: Limits,
    *,
    tier: int = 2,
    seed: int = 1,
    before: Plan | None = None,
    most_changes: int | None = None,
    on_progress: Listener | None = None,
    should_stop: Stop | None = None,
) -> Replan:
    """Plan a disrupted problem anew up to a tier; `before` is the old plan, whose certificate still proves.

    With `most_changes` at most so many bookings change beyond those of the affected items. The plan is
    `unknown` where the affected fit nowhere as far as the tier looks.
    """
    begun = time.perf_counter()

    def tell(phase: str, plan: Plan | None) -> None:
        if on_progress is None:
            return
        best = plan.objective if plan is not None and plan.legal else None
        low = None if bound is None else bound.lower_bound
        gap = gap_between(best, low) if best is not None and low is not None else None
        on_progress(Progress(phase, best, low, gap, time.perf_counter() - begun))

    bound = None if before is None else inherited_bound(left, before, quick=tier == 0)
    tell("affected", None)
    found = move_affected(left, limits_share(limits, 0.3), seed=seed, should_stop=should_stop)
    if tier >= 1 and (most_changes is None or most_changes > 0):
        tell("block", found)
        found = open_block(left, found, limits_share(limits, 0.4), seed=seed, most_rivals=most_changes)
    if tier >= 2 and most_changes != 0:
        rest = limits_share(limits, 0.4)
        keywords = {"seed": seed, "previous": found, "on_progress": on_progress, "should_stop": should_stop}
        if most_changes is None:
            anew = solve(left.problem, rest, **keywords)  # type: ignore[arg-type]
        else:
            anew = solve_with_few_changes(left.problem, rest, most_changes, **keywords)  # type: ignore[arg-type]
        found = _better(found, anew)
    return Replan(_with_bound(found, bound), tier, changed_items(left, found), left.affected)


def move_affected(left: Disrupted, limits: Limits, *, seed: int = 1, should_stop: Stop | None = None) -> Plan:
    """Tier 0: place the affected items, and nobody else, as well as their part of the problem allows."""
    part = part_of(left.problem, left.kept_option, left.kept_units, left.affected, load=left.load)
    answer = solve(part.problem, limits, seed=seed, previous=part.start, should_stop=should_stop)
    return _whole(left, part, answer, seed)


def open_block(
    left: Disrupted, found: Plan, limits: Limits, *, seed: int = 1, most_rivals: int | None = None
) -> Plan:
    """Tier 1: let those choose anew too who stand in the affected items' way, or might follow them.

    `found` is the plan of tier 0, which is returned where nothing is gained.
    """
    most = MOST_RIVALS if most_rivals is None else min(most_rivals, MOST_RIVALS)
    rivals = rivals_of(left, found.item_option, found.units, most)
    items = np.union1d(left.affected, rivals)
    load = loads(left.problem, found.item_option)
    part = part_of(left.problem, found.item_option, found.units, items, load=load)
    answer = solve(part.problem, limits, seed=seed, previous=part.start)
    return _better(found, _whole(left, part, answer, seed))


def changed_items(left: Disrupted, plan: Plan) -> IntArray:
    """Return the items that the old plan had placed and that end elsewhere or nowhere, rising."""
    lost = left.affected[left.item_from[left.affected] >= 0]
    booked = left.kept_option >= 0
    return np.union1d(lost, np.flatnonzero(booked & (plan.item_option != left.kept_option)))


def trade_off(
    left: Disrupted, limits: Limits, *, seed: int = 1, should_stop: Stop | None = None
) -> list[tuple[int | None, Replan]]:
    """Return what more changes would save: (changes allowed beyond the affected, the plan for it) by rising limit.

    None, 1 % and 5 % of the bookings, and as many as one likes (None). A plan with fewer changes is
    also one with more, so costs never rise along the curve.
    """
    booked = int((left.kept_option >= 0).sum())
    share = limits_share(limits, 0.25)
    best = replan(left, share, tier=0, seed=seed, should_stop=should_stop)
    curve: list[tuple[int | None, Replan]] = [(0, best)]
    for most in (math.ceil(0.01 * booked), math.ceil(0.05 * booked), None):
        if should_stop is not None and should_stop():
            break
        previous = best.plan if best.plan.legal else None
        if most is None:
            plan = solve(left.problem, share, seed=seed, previous=previous)
        else:
            plan = solve_with_few_changes(left.problem, share, most, seed=seed, previous=previous)
        plan = _better(best.plan, plan)
        best = Replan(plan, 2, changed_items(left, plan), left.affected)
        curve.append((most, best))
    return curve


def _better(old: Plan, new: Plan) -> Plan:
    """Return the cheaper legal plan, with the better of both bounds."""
    if not (old.legal and new.legal):
        return new if new.legal or not old.legal else old
    best, other = (new, old) if new.objective <= old.objective else (old, new)
    if other.bound_source != "none" and not best.lower_bound >= other.lower_bound:
        return _with_bound(best, other)
    return best


def _with_bound(plan: Plan, proof: Plan | None) -> Plan:
    """Give a plan the bound and certificate of another one of the same problem, if that proves more."""
    if proof is None or not plan.legal or math.isnan(proof.lower_bound):
        return plan
    if plan.lower_bound >= proof.lower_bound:
        return plan
    proved = replace(
        plan,
        lower_bound=min(proof.lower_bound, plan.objective),
        bound_source=proof.bound_source,
        certificate_price=proof.certificate_price,
        certificate_item_value=proof.certificate_item_value,
        certificate_primary_use=proof.certificate_primary_use,
        certificate_theta=proof.certificate_theta,
        certificate_use_share=proof.certificate_use_share,
    )
    return replace(proved, status="optimal" if proved.gap <= OPTIMAL_GAP else "feasible")


def _whole(left: Disrupted, part: Part, answer: Plan, seed: int) -> Plan:
    """Make a plan of the disrupted problem of a part's answer; it proves nothing."""
    option, units = part.merge(answer.item_option, answer.units)
    cost = float(item_costs(left.problem, option).sum() + left.problem.unit_cost @ units)
    musts = np.flatnonzero((option < 0) & np.isinf(left.problem.item_drop_cost))
    legal = answer.legal and not len(musts)
    return Plan(
        status="feasible" if legal else "unknown",
        item_option=option,
        units=units,
        objective=cost if legal else math.nan,
        unplaced=musts,
        lower_bound=math.nan,
        bound_source="none",
        problem_sha256=digest(left.problem),
        seed=seed,
        threads=answer.threads,
        version=answer.version,
        seconds=answer.seconds,
    )
