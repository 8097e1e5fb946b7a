"""The one door to OR-Tools: linear and mixed integer programs given as arrays, solved by HiGHS in MathOpt."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from ortools.math_opt import model_pb2
from ortools.math_opt.python import mathopt
from ortools.pdlp import solvers_pb2 as pdlp_pb2
from scipy import sparse

from routing.arrays import FloatArray
from routing.model import BoolArray


@dataclass(frozen=True, slots=True)
class Program:
    """Minimise ``offset + cost @ x`` over ``low <= x <= high`` and ``row_low <= matrix @ x <= row_high``.

    `matrix` is [rows, columns]; `whole` marks the columns that must be integers. The offset makes a
    relative gap mean what it says.
    """

    cost: FloatArray
    low: FloatArray
    high: FloatArray
    matrix: sparse.csr_array
    row_low: FloatArray
    row_high: FloatArray
    whole: BoolArray
    offset: float = 0.0


@dataclass(frozen=True, slots=True)
class Effort:
    """How hard the solver tries: relative gap, seconds, nodes, and the seed of its random choices.

    Runs that must repeat set `nodes` and no `time_limit_s`.
    """

    gap: float = 0.0
    time_limit_s: float = math.inf
    nodes: int | None = None
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Solution:
    """What the solver answers: `status` solved, feasible, infeasible or unknown; `x` and `dual` where known.

    `bound` is a lower bound on the program's optimum, -inf where there is none. A dual is the change of
    the cost by one more of a row's limit: never positive for an upper limit.
    """

    status: str
    x: FloatArray | None
    bound: float
    dual: FloatArray | None = None


def solve_linear(program: Program, effort: Effort = Effort()) -> Solution:
    """Solve the linear relaxation, with duals.

    MathOpt and not model_builder: the latter returns row activities as duals from HiGHS (OR-Tools 9.15).
    """
    relaxed = replace(program, whole=np.zeros(len(program.cost), bool))
    return solve_integer(relaxed, effort)


def solve_integer(
    program: Program,
    effort: Effort = Effort(),
    *,
    start: FloatArray | None = None,
) -> Solution:
    """Solve a mixed integer program, from `start` [columns] where that is a complete solution."""
    if not len(program.cost):
        return _empty(program)
    model = mathopt.Model.from_model_proto(_proto(program))
    hints = []
    if start is not None:
        values = dict(zip(model.variables(), start.tolist(), strict=True))
        hints.append(mathopt.SolutionHint(variable_values=values))
    result = mathopt.solve(
        model,
        mathopt.SolverType.HIGHS,
        params=_parameters(effort),
        model_params=mathopt.ModelSolveParameters(solution_hints=hints),
    )
    return _solution(result, program)


def solve_first_order(program: Program, effort: Effort, *, tolerance: float = 1e-4) -> Solution:
    """Solve the relaxation roughly by PDLP: `x` and `dual` to a relative tolerance, and no bound.

    Some hundred matrix products where simplex needs minutes. Rows are scaled to a largest coefficient of
    1 and costs to a mean of 1 first: PDLP's tolerance is relative to the norm of all limits, and limits
    in grams make any solution pass.
    """
    if not len(program.cost):
        return _empty(program)
    largest = abs(program.matrix).max(axis=1).toarray().ravel()
    scale = 1.0 / np.where(largest > 0, largest, 1.0)
    unit = float(np.abs(program.cost).mean()) or 1.0
    scaled = replace(
        program,
        cost=program.cost / unit,
        offset=program.offset / unit,
        matrix=sparse.csr_array(sparse.diags_array(scale) @ program.matrix),
        row_low=program.row_low * scale,
        row_high=program.row_high * scale,
        whole=np.zeros(len(program.cost), bool),
    )
    options = pdlp_pb2.PrimalDualHybridGradientParams()
    options.termination_criteria.simple_optimality_criteria.eps_optimal_relative = tolerance
    options.termination_criteria.simple_optimality_criteria.eps_optimal_absolute = tolerance
    options.termination_criteria.iteration_limit = 5000
    parameters = mathopt.SolveParameters(pdlp=options)
    if math.isfinite(effort.time_limit_s):
        parameters.time_limit = dt.timedelta(seconds=max(effort.time_limit_s, 0.01))
    model = mathopt.Model.from_model_proto(_proto(scaled))
    result = mathopt.solve(model, mathopt.SolverType.PDLP, params=parameters)
    if not result.solutions:
        return Solution("unknown", None, -math.inf)
    primal, dual = result.solutions[0].primal_solution, result.solutions[0].dual_solution
    if primal is None or dual is None:
        return Solution("unknown", None, -math.inf)
    x = np.clip(_by_number(primal.variable_values, len(program.cost)), program.low, program.high)
    prices = _by_number(dual.dual_values, len(program.row_low)) * scale * unit
    return Solution("feasible", x, -math.inf, prices)


def _parameters(effort: Effort) -> mathopt.SolveParameters:
    parameters = mathopt.SolveParameters(
        relative_gap_tolerance=effort.gap,
        absolute_gap_tolerance=0.0,
        random_seed=effort.seed,
        node_limit=effort.nodes,
    )
    if math.isfinite(effort.time_limit_s):
        parameters.time_limit = dt.timedelta(seconds=max(effort.time_limit_s, 0.01))
    return parameters


def _solution(result: mathopt.SolveResult, program: Program) -> Solution:
    reason = result.termination.reason
    bound = float(result.termination.objective_bounds.dual_bound)
    if reason == mathopt.TerminationReason.INFEASIBLE:
        return Solution("infeasible", None, math.inf)
    x = dual = None
    if result.solutions:
        first = result.solutions[0]
        primal = first.primal_solution
        if primal is not None and primal.feasibility_status == mathopt.SolutionStatus.FEASIBLE:
            x = _by_number(primal.variable_values, len(program.cost))
        if first.dual_solution is not None:
            dual = _by_number(first.dual_solution.dual_values, len(program.row_low))
    solved = reason == mathopt.TerminationReason.OPTIMAL
    status = "solved" if solved else "feasible" if x is not None else "unknown"
    return Solution(status, x, bound if math.isfinite(bound) else -math.inf, dual)


def _by_number(
    values: Mapping[mathopt.Variable, float] | Mapping[mathopt.LinearConstraint, float], length: int
) -> FloatArray:
    result = np.zeros(length)
    number = np.fromiter((key.id for key in values), np.int64, len(values))
    result[number] = np.fromiter(values.values(), float, len(values))
    return result


def _empty(program: Program) -> Solution:
    """A program without columns is solved by nothing, if its rows allow it."""
    possible = bool((program.row_low <= 0).all() and (program.row_high >= 0).all())
    if possible:
        return Solution("solved", np.zeros(0), program.offset, np.zeros(len(program.row_low)))
    return Solution("infeasible", None, math.inf)


def _proto(program: Program) -> model_pb2.ModelProto:
    """Fill the message from whole arrays: adding variables one by one takes minutes where this takes seconds."""
    proto = model_pb2.ModelProto()
    columns, rows = len(program.cost), len(program.row_low)
    proto.variables.ids.extend(range(columns))
    proto.variables.lower_bounds.extend(program.low.tolist())
    proto.variables.upper_bounds.extend(program.high.tolist())
    proto.variables.integers.extend(program.whole.tolist())
    used = np.flatnonzero(program.cost)
    proto.objective.offset = program.offset
    proto.objective.linear_coefficients.ids.extend(used.tolist())
    proto.objective.linear_coefficients.values.extend(program.cost[used].tolist())
    proto.linear_constraints.ids.extend(range(rows))
    proto.linear_constraints.lower_bounds.extend(program.row_low.tolist())
    proto.linear_constraints.upper_bounds.extend(program.row_high.tolist())
    matrix = sparse.csr_array(program.matrix)
    matrix.eliminate_zeros()
    matrix.sort_indices()
    proto.linear_constraint_matrix.row_ids.extend(np.repeat(np.arange(rows), np.diff(matrix.indptr)).tolist())
    proto.linear_constraint_matrix.column_ids.extend(matrix.indices.tolist())
    proto.linear_constraint_matrix.coefficients.extend(matrix.data.tolist())
    return proto
