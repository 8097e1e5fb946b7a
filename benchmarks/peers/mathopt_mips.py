"""SCIP and HiGHS through MathOpt: the whole program from arrays, greedy's plan as a start; and classes as a whole."""

from __future__ import annotations

import datetime as dt
import math
import time

import numpy as np
from ortools.math_opt import model_pb2
from ortools.math_opt.python import mathopt
from scipy import sparse

from benchmarks.peers.finishing import Said
from benchmarks.peers.mip import CENTS, mip_of
from benchmarks.peers.ways import Floats
from routing.plan import Plan
from routing.problem import Problem


def scip(problem: Problem, start: Plan, seconds: float, seed: int) -> Said:
    """SCIP on item by option."""
    return _by_items(mathopt.SolverType.GSCIP, problem, start, seconds, seed)


def highs(problem: Problem, start: Plan, seconds: float, seed: int) -> Said:
    """HiGHS on item by option."""
    return _by_items(mathopt.SolverType.HIGHS, problem, start, seconds, seed)


def _by_items(kind: mathopt.SolverType, problem: Problem, start: Plan, seconds: float, seed: int) -> Said:
    begin = time.perf_counter()
    mip = mip_of(problem)
    hint = mip.solution(start.item_option, start.units) if start.legal else None
    left = seconds - (time.perf_counter() - begin)
    arrays = (mip.cost, mip.upper, mip.whole, mip.matrix, mip.low, mip.high)
    values, bound = solve_arrays(kind, arrays, hint, left, seed)
    return Said(None, None, bound) if values is None else Said(*mip.plan(values), bound)


Arrays = tuple[Floats, Floats, np.ndarray, sparse.csr_array, Floats, Floats]


def solve_arrays(
    kind: mathopt.SolverType, arrays: Arrays, hint: Floats | None, seconds: float, seed: int
) -> tuple[Floats | None, float]:
    """Values of all variables, None where nothing was found, and the bound in minor units; NaN without one."""
    begin = time.perf_counter()
    model = mathopt.Model.from_model_proto(_proto(*arrays))
    variables = list(model.variables())
    hints = []
    if hint is not None:
        hints = [mathopt.SolutionHint(variable_values=dict(zip(variables, hint.tolist(), strict=True)))]
    left = max(0.1, seconds - (time.perf_counter() - begin))
    limits = mathopt.SolveParameters(time_limit=dt.timedelta(seconds=left), random_seed=seed)
    result = mathopt.solve(
        model, kind, params=limits, model_params=mathopt.ModelSolveParameters(solution_hints=hints)
    )
    bound = result.dual_bound() * CENTS
    bound = bound if math.isfinite(bound) else math.nan
    if not result.has_primal_feasible_solution():
        return None, bound
    return np.array(result.variable_values(variables)), bound


def _proto(
    cost: Floats, upper: Floats, whole: np.ndarray, matrix: sparse.csr_array, low: Floats, high: Floats
) -> model_pb2.ModelProto:
    proto = model_pb2.ModelProto()
    rows, columns = matrix.shape
    proto.variables.ids.extend(range(columns))
    proto.variables.lower_bounds.extend([0.0] * columns)
    proto.variables.upper_bounds.extend(upper.tolist())
    proto.variables.integers.extend(whole.tolist())
    priced = np.flatnonzero(cost)
    proto.objective.linear_coefficients.ids.extend(priced.tolist())
    proto.objective.linear_coefficients.values.extend(cost[priced].tolist())
    proto.linear_constraints.ids.extend(range(rows))
    proto.linear_constraints.lower_bounds.extend(low.tolist())
    proto.linear_constraints.upper_bounds.extend(high.tolist())
    matrix.sort_indices()
    entries = proto.linear_constraint_matrix
    entries.row_ids.extend(np.repeat(np.arange(rows), np.diff(matrix.indptr)).tolist())
    entries.column_ids.extend(matrix.indices.tolist())
    entries.coefficients.extend(matrix.data.tolist())
    return proto
