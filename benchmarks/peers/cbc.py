"""CBC through PuLP on item by option, greedy's plan as a warm start."""

from __future__ import annotations

import time

import numpy as np

from benchmarks.peers.finishing import Said
from benchmarks.peers.mip import mip_of
from routing.plan import Plan
from routing.problem import Problem

THREADS = 2


class NotInstalledError(Exception):
    """PuLP is not on this machine: it comes with the extra `dev`."""


def cbc(problem: Problem, start: Plan, seconds: float, seed: int) -> Said:
    """Build the model object by object, as PuLP wants it, and let CBC search."""
    try:
        import pulp
    except ImportError:
        raise NotInstalledError("PuLP is not installed (extra `dev`)") from None
    begin = time.perf_counter()
    mip = mip_of(problem)
    model = pulp.LpProblem("plan", pulp.LpMinimize)
    kinds = np.where(mip.whole, pulp.LpInteger, pulp.LpContinuous).tolist()
    variables = [
        model.add_variable(f"x{number}", 0, upper, kind)
        for number, (upper, kind) in enumerate(zip(mip.upper.tolist(), kinds, strict=True))
    ]
    model += pulp.LpAffineExpression(zip(variables, mip.cost.tolist(), strict=True))
    pointer, columns, values = mip.matrix.indptr.tolist(), mip.matrix.indices, mip.matrix.data
    for row, (low, high) in enumerate(zip(mip.low.tolist(), mip.high.tolist(), strict=True)):
        some = slice(pointer[row], pointer[row + 1])
        chosen = [variables[column] for column in columns[some].tolist()]
        sense = pulp.LpConstraintEQ if low == high else pulp.LpConstraintLE
        expression = pulp.LpAffineExpression(zip(chosen, values[some].tolist(), strict=True))
        model += pulp.LpConstraint(expression, sense, f"r{row}", high)
    if start.legal:
        hint = mip.solution(start.item_option, start.units)
        for variable, value in zip(variables, hint.tolist(), strict=True):
            variable.setInitialValue(value)
    left = max(1.0, seconds - (time.perf_counter() - begin))
    model.solve(
        pulp.COIN_CMD(
            path=pulp.PULP_CBC_CMD.pulp_cbc_path,  # the one that comes with PuLP
            msg=False, timeLimit=left, threads=THREADS, warmStart=start.legal,
            options=[f"randomSeed {seed}", f"randomCbcSeed {seed}"],
        )
    )  # fmt: skip
    if model.sol_status not in (pulp.LpSolutionOptimal, pulp.LpSolutionIntegerFeasible):
        return Said(None, None)
    found = np.array([variable.varValue or 0.0 for variable in variables])
    return Said(*mip.plan(found))
