"""The optimizer: a legal plan where there is one, as cheap as the limits allow, with a proven bound."""

from __future__ import annotations

import time
from collections.abc import Callable

from routing import checks
from routing.blocks import BlockRunner, run_here, run_in_processes
from routing.limits import Budget, Clock, Limits, Progress
from routing.plan import Plan
from routing.problem import Problem
from routing.searching import search


class IllegalPlanError(AssertionError):
    """The optimizer's own plan breaks a rule: its text names the first violations."""


def solve(
    problem: Problem,
    limits: Limits,
    *,
    seed: int = 1,
    previous: Plan | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    clock: Clock = time.perf_counter,
    run_blocks: BlockRunner | None = None,
) -> Plan:
    """Assign the items of a problem and open units at the least cost found within the limits.

    Always returns a legal plan where one was found; `status` says whether it is proven best, and
    `infeasible` is said only when proven. `previous` is a plan to start from. `should_stop` is asked
    between steps and ends the search with the best plan so far. Every legal plan is verified by
    `routing.checks` before it is returned; a violation there is a fault of the optimizer and raises
    `IllegalPlanError`. `run_blocks` solves blocks of a large problem wherever it likes; without one, in
    as many processes of this machine as `limits.threads` says.
    """
    budget = Budget(limits, clock=clock, should_stop=should_stop, on_progress=on_progress)
    if run_blocks is not None:
        plan = search(problem, budget, seed, previous, run_blocks)
    elif limits.threads == 1:
        plan = search(problem, budget, seed, previous, run_here)
    else:
        with run_in_processes(limits.threads) as processes:
            plan = search(problem, budget, seed, previous, processes)
    wrong = checks.verify(problem, plan).violations if plan.legal else ()
    if wrong:
        raise IllegalPlanError("; ".join(map(str, wrong[:20])))
    return plan
