"""Our own optimizer, under the same rules as its peers."""

from __future__ import annotations

from benchmarks.generator import generate
from benchmarks.peers import Answer, Sign
from routing import kernels
from routing.limits import Limits, Progress
from routing.problem import Problem
from routing.solve import solve

THREADS = 2
WARM_ITEMS, WARM_S = 300, 5.0


def answer(problem: Problem, time_limit_s: float, seed: int) -> Answer:
    """Solve with a limit of wall time; the first legal plan is the first one it reports."""
    signs: list[Sign] = []

    def listen(progress: Progress) -> None:
        sign = Sign(progress.seconds, progress.incumbent, progress.bound)
        known = signs and (signs[-1].incumbent, signs[-1].bound) == (sign.incumbent, sign.bound)
        if not known:
            signs.append(sign)

    plan = solve(problem, Limits(time_limit_s=time_limit_s, threads=THREADS), seed=seed, on_progress=listen)
    first = next((sign for sign in signs if sign.incumbent is not None), None)
    if first is None:
        seconds = sum(plan.seconds.values())
        return Answer(plan, *((seconds, plan.objective) if plan.legal else (None, None)))
    return Answer(plan, first.seconds, first.incumbent, tuple(signs))


def warm_up(problem: Problem) -> None:
    """Solve a tiny problem of the same kind, so that what is compiled once is compiled."""
    kernels.warm_up()
    regime = "A" if not problem.t else "mixed" if (problem.unit_parent >= 0).any() else "B"
    small = generate(regime, WARM_ITEMS, 1)
    solve(small, Limits(time_limit_s=WARM_S, threads=THREADS), seed=1)
