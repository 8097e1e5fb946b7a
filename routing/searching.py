"""Which search a problem gets: pair by pair where it is small enough to be proved, else the large one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from routing.blocks import BlockRunner
from routing.engine import Engine
from routing.limits import Budget
from routing.plan import Plan
from routing.problem import Problem
from routing.run import Run

SMALL_PAIRS = 40_000
MIXED_PAIRS = 300_000
"""The large search has no knapsack for resources with several unit types: up to here the relaxation proves more."""
PROVED_PAIRS = 6_000
"""Up to so many pairs an integer program ends soon; above, it gains by a good plan to start from."""
START_SHARE = 0.25


def search(
    problem: Problem,
    budget: Budget,
    seed: int,
    previous: Plan | None,
    run_blocks: BlockRunner | None = None,
    *,
    prove: bool = True,
) -> Plan:
    """Return the best plan found; with `run_blocks` large problems are also searched block by block.

    Without `prove` no time goes into a bound where it would serve nothing but proof.
    """
    pairs = int(np.diff(problem.class_ptr)[problem.item_class].sum())
    types = np.bincount(problem.unit_resource, minlength=1).max()
    if pairs <= (SMALL_PAIRS if types <= 1 else MIXED_PAIRS):
        if prove and pairs > PROVED_PAIRS and problem.t and np.diff(problem.option_ptr).max(initial=0) > 1:
            previous = _start(problem, budget, seed, previous)
        return Run(problem, budget, seed).plan(previous)
    return Engine(problem, budget, seed, run_blocks, prove=prove).plan(previous)


def _start(problem: Problem, budget: Budget, seed: int, previous: Plan | None) -> Plan | None:
    """What trials with units find in a part of the time: a better start than slopes, where options are chains."""
    limits = replace(budget.limits, iterations=1)
    if not budget.reproducible:
        limits = replace(budget.limits, time_limit_s=max(START_SHARE * min(budget.left_s(), 240.0), 0.1))
    share = Budget(
        limits,
        clock=budget.clock,
        should_stop=budget.should_stop,
        on_progress=lambda progress: budget.found(incumbent=progress.incumbent),
    )
    return Engine(problem, share, seed, prove=False).plan(previous)
