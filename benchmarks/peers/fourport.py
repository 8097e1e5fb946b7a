"""Our own optimizer, under the same rules as its peers."""

from __future__ import annotations

from benchmarks.peers import Answer
from routing.limits import Limits, Progress
from routing.problem import Problem
from routing.solve import solve


def answer(problem: Problem, time_limit_s: float, seed: int) -> Answer:
    """Solve with a limit of wall time; the first legal plan is the first one it reports."""
    first: list[Progress] = []

    def listen(progress: Progress) -> None:
        if not first and progress.incumbent is not None:
            first.append(progress)

    plan = solve(problem, Limits(time_limit_s=time_limit_s), seed=seed, on_progress=listen)
    if not first:
        seconds = sum(plan.seconds.values())
        return Answer(plan, *((seconds, plan.objective) if plan.legal else (None, None)))
    return Answer(plan, first[0].seconds, first[0].incumbent)
