"""CP-SAT on item by option: whole grams, cm3 and minor units, greedy's plan as a hint."""

from __future__ import annotations

import math
import time

import numpy as np
from ortools.sat.python import cp_model

from benchmarks.peers.finishing import Said
from benchmarks.peers.mip import CENTS, LARGEST, Mip, mip_of
from benchmarks.peers.ways import Floats, Ints
from routing.plan import Plan
from routing.problem import Problem

WORKERS = 2
FINE = 1_000_000.0
"""Parts into which the largest amount of a capacity is divided: takes are rounded up, room down."""
MANY = 1 << 40
NEARLY = 1e-6
PARTS = 100
"""Parts of a minor unit in which costs are counted."""


def cp_sat(problem: Problem, start: Plan, seconds: float, seed: int) -> Said:
    """Build the model from arrays and search with two workers."""
    begin = time.perf_counter()
    mip = mip_of(problem)
    model, exact = _model(mip)
    known = _hinted(mip, start)
    model.proto.solution_hint.vars.extend(known.tolist())
    values = mip.solution(start.item_option, start.units)[known]
    model.proto.solution_hint.values.extend(values.astype(np.int64).tolist())
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = WORKERS
    # looking for dominated variables alone can take the whole time where many items are alike
    solver.parameters.keep_all_feasible_solutions_in_presolve = True
    solver.parameters.random_seed = seed
    solver.parameters.max_time_in_seconds = max(0.1, seconds - (time.perf_counter() - begin))
    status = solver.solve(model)
    bound = _proved(mip, solver.best_objective_bound) if exact else math.nan
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Said(None, None, math.nan)
    values = np.array(solver.response_proto.solution, np.float64)
    return Said(*mip.plan(values), bound)


def _proved(mip: Mip, bound: float) -> float:
    """A bound on whole parts of minor units, in minor units: less what rounding may have added to the costs."""
    parts = mip.cost * CENTS * PARTS
    lost = 0.5 * (mip.problem.n + int(mip.problem.unit_max.sum()))
    exact = np.abs(parts - np.round(parts)).max(initial=0.0) < NEARLY
    return (bound - (0.0 if exact else lost)) / PARTS


def _hinted(mip: Mip, start: Plan) -> Ints:
    """The variables of a plan to start from; without those of items that must go and have no place in it."""
    placed = start.item_option >= 0
    placed[mip.left] = True
    first = np.concatenate([placed[mip.item], np.ones(len(mip.cost) - len(mip.item), bool)])
    return np.flatnonzero(first)


def _model(mip: Mip) -> tuple[cp_model.CpModel, bool]:
    model = cp_model.CpModel()
    proto = model.proto
    for upper in mip.upper.astype(np.int64).tolist():
        proto.variables.add().domain.extend((0, upper))
    proto.objective.vars.extend(range(len(mip.cost)))
    proto.objective.coeffs.extend(np.round(mip.cost * CENTS * PARTS).astype(np.int64).tolist())
    pointer, columns = mip.matrix.indptr.tolist(), mip.matrix.indices
    values, high, exact = _whole(mip)
    items = mip.problem.n
    links = len(mip.high) - mip.links
    for row in range(len(mip.high)):
        begin, end = pointer[row], pointer[row + 1]
        if row < items:
            proto.constraints.add().exactly_one.literals.extend(columns[begin:end].tolist())
            continue
        linear = proto.constraints.add().linear
        linear.vars.extend(columns[begin:end].tolist())
        linear.coeffs.extend(values[begin:end].tolist())
        linear.domain.extend((-MANY, 0 if row >= links else int(high[row])))
    return model, exact


def _whole(mip: Mip) -> tuple[Ints, Floats, bool]:
    """Coefficients and right sides as whole numbers, and whether they are the program's own.

    A row that is not whole is counted in fine parts, takes rounded up and room down: its plans are legal, but
    what is proved of it is not proved of the problem.
    """
    row = np.repeat(np.arange(len(mip.high)), np.diff(mip.matrix.indptr))
    own, room = mip.matrix.data / mip.scale[row], mip.high / mip.scale
    off = np.abs(own - np.round(own)) > NEARLY
    broken = np.bincount(row, off, minlength=len(room)) > 0
    scale = np.where(broken, FINE / LARGEST * mip.scale, 1.0)
    return (
        np.ceil(own * scale[row] - NEARLY).astype(np.int64),
        np.floor(room * scale + NEARLY),
        not broken.any(),
    )
