"""Judge a plan against its problem, sharing nothing with the optimizer but the data classes and NumPy."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from routing.certificates import Certificate, certificate_fault, certificate_of, lagrangian
from routing.digest import digest
from routing.plan import Plan, gap_between
from routing.problem import Problem

CAPACITY_TOLERANCE = 1e-9
COST_TOLERANCE = 1e-9
OPTIMAL_GAP = 1e-6


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule: a stable `code`, the `index` it concerns (``""`` for the whole plan), and a detail."""

    code: str
    index: str
    detail: str

    def __str__(self) -> str:
        return f"{self.code}, {self.index}, {self.detail}"


@dataclass(frozen=True, slots=True)
class Report:
    """What the verifier found: violations and notes, the cost added up anew and the bound proven anew.

    `objective` is NaN where it cannot be added up, `lower_bound` NaN where no certificate proves one.
    """

    violations: tuple[Violation, ...]
    notes: tuple[Violation, ...]
    objective: float
    lower_bound: float

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.violations

    @property
    def gap(self) -> float:
        """Gap between the cost and the bound that were recomputed; NaN without a bound."""
        return gap_between(self.objective, self.lower_bound)


def verify(problem: Problem, plan: Plan) -> Report:
    """Check everything the plan says: digest, items, capacities, cost, status and the proven bound."""
    violations = check(problem, plan)
    notes: list[Violation] = []
    bound = math.nan
    if plan.legal:
        fault = certificate_fault(problem, plan)
        if fault is not None:
            violations.append(Violation("bad_certificate", "", fault))
        else:
            recomputed = recompute_bound(problem, plan)
            bound = math.nan if recomputed is None else recomputed
        violations.extend(_bound_violations(plan, bound))
        if plan.bound_source == "solver" and not plan.lower_bound <= bound:
            notes.append(Violation("bound_not_certified", "", "the bound is the solver's word"))
    shaped = not any(violation.code in ("wrong_length", "unknown_option") for violation in violations)
    objective = cost_of(problem, plan.item_option, plan.units) if shaped and plan.legal else math.nan
    return Report(tuple(violations), tuple(notes), objective, bound)


def check(problem: Problem, plan: Plan) -> list[Violation]:
    """Return every broken rule of items, units, capacities, cost and status; empty for a legal plan."""
    found: list[Violation] = []
    if plan.problem_sha256 != digest(problem):
        found.append(Violation("wrong_digest", "", "the plan answers another problem"))
    if not plan.legal:
        return [*found, Violation("no_plan", "", f"the plan says {plan.status}")]
    for key, array, length in (
        ("item_option", plan.item_option, problem.n),
        ("units", plan.units, problem.t),
    ):
        if len(array) != length:
            found.append(Violation("wrong_length", key, f"has {len(array)} entries, must have {length}"))
    if any(violation.code == "wrong_length" for violation in found):
        return found
    found.extend(_item_violations(problem, plan))
    found.extend(_unit_violations(problem, plan))
    if not any(violation.code == "unknown_option" for violation in found):
        found.extend(_capacity_violations(problem, plan))
        found.extend(_cost_violations(problem, plan))
    found.extend(_status_violations(plan))
    return found


def recompute_bound(problem: Problem, plan: Plan) -> float | None:
    """Return the value L of the plan's certificate, in one pass over all items; None without a certificate.

    L is a valid lower bound for any multipliers, so nothing here has to be trusted.
    """
    certificate = certificate_of(plan)
    if certificate is None or certificate_fault(problem, plan) is not None:
        return None
    return lagrangian(problem, certificate)


def cost_of(problem: Problem, item_option: npt.NDArray[np.int64], units: npt.NDArray[np.int64]) -> float:
    """Add up a plan's cost in minor units: options, drops, changes and units; inf where a must is broken."""
    taken = item_option >= 0
    rates = problem.option_rates[item_option[taken]]
    options = np.einsum("if,if->i", problem.item_features[taken], rates)
    drops = problem.item_drop_cost[~taken]
    changed, change = _changes(problem, item_option)
    unit_cost = problem.unit_cost * units
    return math.fsum([*options.tolist(), *drops.tolist(), *change[changed].tolist(), *unit_cost.tolist()])


def _changes(
    problem: Problem, item_option: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.float64]]:
    now, change = problem.item_option_now, problem.item_change_cost
    if now is None or change is None:
        return np.zeros(problem.n, bool), np.zeros(problem.n)
    return (now >= 0) & (item_option != now), change


def _item_violations(problem: Problem, plan: Plan) -> Iterator[Violation]:
    first, last = problem.class_ptr[problem.item_class], problem.class_ptr[problem.item_class + 1]
    option = plan.item_option
    for item in np.flatnonzero((option != -1) & ((option < first) | (option >= last))):
        detail = f"option {option[item]} is none of its class, {first[item]}..{last[item] - 1}"
        yield Violation("unknown_option", str(item), detail)
    for item in np.flatnonzero((option == -1) & np.isinf(problem.item_drop_cost)):
        yield Violation("must_be_assigned", str(item), "is left out and has no drop cost")
    changed, change = _changes(problem, option)
    for item in np.flatnonzero(changed & np.isinf(change)):
        yield Violation("locked_item_moved", str(item), "its change cost is infinite")
    for item in plan.unplaced:
        yield Violation("unplaced", str(item), "a legal plan leaves no item unplaced")


def _unit_violations(problem: Problem, plan: Plan) -> Iterator[Violation]:
    for unit in np.flatnonzero((plan.units < 0) | (plan.units > problem.unit_max)):
        detail = f"{plan.units[unit]} opened, 0..{problem.unit_max[unit]} allowed"
        yield Violation("units_out_of_range", str(unit), detail)


def _capacity_violations(problem: Problem, plan: Plan) -> Iterator[Violation]:
    used = np.zeros((problem.r, problem.d))
    item = np.flatnonzero(plan.item_option >= 0)
    option = plan.item_option[item]
    for step in range(int(np.diff(problem.option_ptr).max(initial=0))):
        use = problem.option_ptr[option] + step
        there = use < problem.option_ptr[option + 1]
        take = problem.item_size[item[there]] * problem.use_factor[use[there]]
        np.add.at(used, problem.use_resource[use[there]], take)
    child = problem.unit_parent >= 0
    np.add.at(used, problem.unit_parent[child], problem.unit_takes[child] * plan.units[child, None])
    capacity = problem.resource_free.copy()
    np.add.at(capacity, problem.unit_resource, problem.unit_size * plan.units[:, None])
    slack = CAPACITY_TOLERANCE * np.maximum(1.0, np.where(np.isinf(capacity), 1.0, capacity))
    for resource, dimension in np.argwhere(used > capacity + slack):
        amount = f"{used[resource, dimension]:.10g} used of {capacity[resource, dimension]:.10g}"
        yield Violation("over_capacity", f"{resource}:{dimension}", amount)


def _cost_violations(problem: Problem, plan: Plan) -> Iterator[Violation]:
    cost = cost_of(problem, plan.item_option, plan.units)
    if not abs(plan.objective - cost) <= COST_TOLERANCE * max(1.0, abs(cost)):
        yield Violation("wrong_objective", "", f"says {plan.objective:.12g}, adds up to {cost:.12g}")


def _status_violations(plan: Plan) -> Iterator[Violation]:
    if math.isnan(plan.lower_bound) != (plan.bound_source == "none"):
        detail = f"lower_bound {plan.lower_bound} with bound_source {plan.bound_source}"
        yield Violation("wrong_bound_source", "", detail)
    if plan.status == "optimal" and not plan.gap <= OPTIMAL_GAP:
        yield Violation("wrong_status", "", f"says optimal with a gap of {plan.gap:.3g}")


def _bound_violations(plan: Plan, recomputed: float) -> Iterator[Violation]:
    if plan.lower_bound > plan.objective + COST_TOLERANCE * max(1.0, abs(plan.objective)):
        detail = f"bound {plan.lower_bound:.12g} exceeds the cost {plan.objective:.12g}"
        yield Violation("bound_above_objective", "", detail)
    if plan.bound_source != "certificate":
        return
    if math.isnan(recomputed):
        yield Violation("no_certificate", "", "the bound is said to have one")
    elif plan.lower_bound > recomputed:
        detail = f"says {plan.lower_bound:.12g}, its certificate proves {recomputed:.12g}"
        yield Violation("bound_not_proven", "", detail)


__all__ = ["Certificate", "Report", "Violation", "check", "cost_of", "recompute_bound", "verify"]
