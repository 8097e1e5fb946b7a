"""Which search a problem gets: pair by pair where it is small enough to be proved, else the large one."""

from __future__ import annotations

import numpy as np

from routing.blocks import BlockRunner
from routing.engine import Engine
from routing.limits import Budget
from routing.plan import Plan
from routing.problem import Problem
from routing.run import Run

SMALL_PAIRS = 40_000


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
    if pairs <= SMALL_PAIRS:
        return Run(problem, budget, seed).plan(previous)
    return Engine(problem, budget, seed, run_blocks, prove=prove).plan(previous)
