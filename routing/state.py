"""A plan under construction: which pair each item takes and how many units are open."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from routing.arrays import FloatArray, IntArray
from routing.linear import Effort, Program, solve_integer
from routing.model import LEAVE, BoolArray, Model


@dataclass(frozen=True, eq=False, slots=True)
class State:
    """`choice` [n] is a pair of the model or `LEAVE`; `units` [t] are open. Treated as immutable."""

    choice: IntArray
    units: IntArray


def empty_state(model: Model) -> State:
    """Nothing assigned, nothing open."""
    return State(np.full(model.n, LEAVE), np.zeros(model.t, np.int64))


def load_of(model: Model, choice: IntArray) -> FloatArray:
    """Return what the chosen pairs take of every row, [m]."""
    taken = choice[choice >= 0]
    return np.asarray(model.takes[taken].sum(axis=0), np.float64).ravel()


def room_left(model: Model, state: State) -> FloatArray:
    """Return the room of every row that items and units leave, [m]; negative where overloaded."""
    added = np.asarray(model.unit_rows @ state.units, np.float64)
    return model.room - load_of(model, state.choice) - added


def fits(model: Model, state: State) -> bool:
    """Whether every row holds, to the tolerance of the format."""
    adds = model.unit_rows.minimum(0)
    capacity = model.room - adds @ state.units
    tolerance = 1e-9 * np.maximum(1.0, capacity)
    return bool((room_left(model, state) >= -tolerance).all())


def cost_of(model: Model, state: State, leave: FloatArray | None = None) -> float:
    """Add up a state's cost; `leave` [n] replaces what leaving items out costs."""
    leave = model.leave if leave is None else leave
    taken = state.choice >= 0
    items = model.cost[state.choice[taken]].sum() + leave[~taken].sum()
    return float(items + model.problem.unit_cost @ state.units)


def penalties(model: Model) -> FloatArray:
    """Return finite costs of leaving items out, [n]: above any detour for an item that must be assigned."""
    takes = model.takes.tocoo()
    row = takes.coords[1]
    adds = np.zeros(model.rows)
    sized = (-model.unit_rows.minimum(0)).tocoo()
    np.maximum.at(adds, sized.coords[0], sized.data)
    most_units = np.divide(takes.data, adds[row], out=np.zeros(len(row)), where=adds[row] > 0)
    whole = np.ceil(most_units).max(initial=1.0)
    dearest = model.cost.max(initial=0.0) + whole * model.problem.unit_cost.max(initial=0.0)
    known = model.leave[~model.must].max(initial=0.0)
    return np.where(model.must, 10.0 * (dearest + known + 1.0), model.leave)


def is_simple(model: Model) -> bool:
    """Whether each resource has at most one unit type and no unit takes room of a parent."""
    types = np.bincount(model.problem.unit_resource, minlength=1)
    return bool((types <= 1).all() and (model.problem.unit_parent < 0).all())


def cheapest_units(model: Model, load: FloatArray) -> IntArray | None:
    """Return the cheapest openings that carry a load [m]; None where none can."""
    missing = load - model.room
    missing = np.where(missing > 1e-9 * np.maximum(1.0, load), missing, 0.0)
    if is_simple(model):
        return _by_division(model, missing)
    slack = 1e-9 * np.maximum(1.0, load)
    program = Program(
        cost=model.problem.unit_cost,
        low=np.zeros(model.t),
        high=model.unit_max.astype(float),
        matrix=model.unit_rows,
        row_low=np.full(model.rows, -math.inf),
        row_high=np.where(missing > 0, slack - missing, model.room - load + slack),
        whole=np.ones(model.t, bool),
    )
    answer = solve_integer(program, Effort(nodes=2000))
    return None if answer.x is None else np.rint(answer.x).astype(np.int64)


def _by_division(model: Model, missing: FloatArray) -> IntArray | None:
    units = np.zeros(model.t, np.int64)
    adds = model.unit_rows.tocoo()
    row, unit = adds.coords
    covered = np.zeros(model.rows, bool)
    covered[row] = True
    if (missing[~covered] > 0).any():
        return None
    need = np.ceil(missing[row] / -adds.data - 1e-9).astype(np.int64)
    np.maximum.at(units, unit, need)
    return None if (units > model.unit_max).any() else units


def unassigned(state: State) -> BoolArray:
    """Items that take no pair, [n]."""
    return state.choice < 0
