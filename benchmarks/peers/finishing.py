"""From what a solver says to a plan that keeps every rule: as it is, or repaired by greedy where it does not."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.peers import Answer, Peer
from benchmarks.peers.greedy import answer as greedy
from benchmarks.peers.greedy import fill, plan_of
from benchmarks.peers.ways import Ints, Mask
from routing.checks import check
from routing.plan import Plan, gap_between
from routing.problem import Problem

START_SHARE = 0.1
"""Share of the time in which a plan to start from is looked for."""
OPTIMAL_GAP = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """What a solver said: option of each item and units, None where it found nothing; its bound in minor units."""

    choice: Ints | None
    units: Ints | None
    bound: float = math.nan


Solver = Callable[[Problem, Plan, float, int], Said]
"""Problem, plan to start from, seconds left, seed."""


def with_start(name: str, solver: Solver, rule: Peer = greedy) -> Peer:
    """A peer that starts a solver from the plan of a rule, and falls back on it."""

    def answer(problem: Problem, time_limit_s: float, seed: int) -> Answer:
        begin = time.perf_counter()
        start = rule(problem, START_SHARE * time_limit_s, seed)
        left = time_limit_s - (time.perf_counter() - begin)
        said = solver(problem, start.plan, max(left, 0.1), seed)
        plan = start.plan
        if said.choice is not None:
            plan = _better(plan, legal_plan(problem, said.choice, said.units, name, seed))
        return Answer(_with_bound(plan, said.bound, name), start.first_s, start.first_cost)

    return answer


def legal_plan(problem: Problem, choice: Ints, units: Ints, name: str, seed: int) -> Plan:
    """The plan as it was said, if it is legal; otherwise as much of it as fits, and the rest loaded by greedy."""
    said = plan_of(problem, choice, np.minimum(units, problem.unit_max), name, seed)
    if said.legal and not check(problem, said):
        return said
    mended = fill(problem, 1.0, unopened(problem, units), choice)
    return plan_of(problem, *mended, name, seed)


def unopened(problem: Problem, units: Ints) -> Mask:
    """Resources with units of which none is open [r]."""
    types = np.bincount(problem.unit_resource, minlength=problem.r)
    return (types > 0) & (np.bincount(problem.unit_resource, units, minlength=problem.r) == 0)


def _better(one: Plan, other: Plan) -> Plan:
    return other if other.legal and (not one.legal or other.objective < one.objective) else one


def _with_bound(plan: Plan, bound: float, name: str) -> Plan:
    """The plan with the solver's word on what none can go below; it may be above by a rounding error."""
    if math.isnan(bound) or not plan.legal:
        return replace(plan, version=f"{name}/1")
    bound = min(max(bound, 0.0), plan.objective)
    proved = gap_between(plan.objective, bound) <= OPTIMAL_GAP
    return replace(
        plan,
        lower_bound=bound,
        bound_source="solver",
        status="optimal" if proved else "feasible",
        version=f"{name}/1",
    )
