"""Run the optimizer on one problem of a backtest, judge the plan and keep both files."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.errors import AppError
from routing.checks import verify
from routing.files import write_plan, write_problem
from routing.limits import Limits, Progress
from routing.plan import Plan
from routing.problem import Problem
from routing.solve import solve

__all__ = ["NoPlanError", "Runner", "Solved", "Table", "money", "percent", "solution_table"]

SEED = 1


class NoPlanError(AppError):
    """The optimizer found no legal plan, or the checker refused the one it found."""


@dataclass(frozen=True, slots=True)
class Table:
    """What a backtest prints: a title, a header and rows of text, and a line below where one is needed."""

    title: str
    header: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Solved:
    """A problem and the plan that stood the check; `what` is its line in the printed table."""

    what: str
    problem: Problem
    plan: Plan

    @property
    def seconds(self) -> float:
        """Seconds of the whole run."""
        return sum(self.plan.seconds.values())

    @property
    def proven(self) -> bool:
        """Whether no legal plan is cheaper, to the tolerance of the format."""
        return self.plan.status == "optimal"


@dataclass(frozen=True, slots=True)
class Runner:
    """Where the files go, how long to search and who listens."""

    folder: Path
    limits: Limits
    on_progress: Callable[[Progress], None] | None = None

    def run(self, name: str, what: str, problem: Problem, names: Mapping[str, list[str]]) -> Solved:
        """Solve, check and write `<name>.problem.npz` and `<name>.plan.npz`; without a plan raise `NoPlanError`."""
        self.folder.mkdir(parents=True, exist_ok=True)
        write_problem(problem, self.folder / f"{name}.problem.npz", names=names)
        plan = solve(problem, self.limits, seed=SEED, on_progress=self.on_progress)
        write_plan(plan, self.folder / f"{name}.plan.npz")
        if not plan.legal:
            raise NoPlanError(f"{what}: the optimizer ended {plan.status} and has no legal plan")
        violations = verify(problem, plan).violations
        if violations:
            raise NoPlanError(
                f"{what}: the checker found {len(violations)} violations, the first: {violations[0]}"
            )
        return Solved(what, problem, plan)


def solution_table(solved: list[Solved], show: Callable[[Solved, float], str]) -> Table:
    """Return objective, proven bound, gap, status and seconds of each problem; `show` writes a cost."""
    header = ("problem", "objective", "proven bound", "gap", "status", "bound by", "seconds")
    rows = [
        (
            one.what,
            show(one, one.plan.objective),
            "none" if math.isnan(one.plan.lower_bound) else show(one, one.plan.lower_bound),
            percent(one.plan.gap, 4),
            one.plan.status,
            one.plan.bound_source,
            f"{one.seconds:.1f}",
        )
        for one in solved
    ]
    return Table("Optimizer", header, rows)


def money(usd: float) -> str:
    """Write US dollars to the cent."""
    return f"{usd:,.2f}"


def percent(share: float, digits: int = 1) -> str:
    """Write a share in per cent; `none` for NaN."""
    # Adding 0.0 turns a rounded -0.0 into 0.0.
    return "none" if math.isnan(share) else f"{round(100 * share, digits) + 0.0:.{digits}f} %"
