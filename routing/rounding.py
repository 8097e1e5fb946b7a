"""Whole items from fractional shares: keep what the relaxation is sure of, place the few it splits."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from routing.arrays import FloatArray
from routing.linear import Effort, solve_linear
from routing.model import LEAVE, Model
from routing.programs import make_block
from routing.repair import close_idle_units, repair
from routing.state import State, cheapest_units, cost_of, load_of

SURE = 0.999


def round_shares(model: Model, share: FloatArray, leave: FloatArray) -> State:
    """Return a legal state near the shares [P] of a relaxation, closing units that nobody needs.

    Tried twice, splitting items at the majority or leaving them all to the repair; the cheaper counts.
    """
    rounded = [_rounded(model, share, leave, least) for least in (SURE, 0.5)]
    return min(rounded, key=lambda pair: pair[1])[0]


def _rounded(model: Model, share: FloatArray, leave: FloatArray, least: float) -> tuple[State, float]:
    choice = np.full(model.n, LEAVE)
    sure = np.flatnonzero(share >= least)
    choice[model.item[sure]] = sure
    units = cheapest_units(model, load_of(model, choice))
    if units is None:
        units = np.zeros(model.t, np.int64)
    state = close_idle_units(model, repair(model, State(choice, units), leave))
    return state, cost_of(model, state, leave)


def reassign(model: Model, state: State, leave: FloatArray, effort: Effort) -> State | None:
    """Keep the openings and assign every item anew by a linear program; None where that finds nothing."""
    room = model.room - np.asarray(model.unit_rows @ state.units, np.float64)
    takes = model.takes
    over = takes.data > room[takes.indices] + 1e-9 * np.maximum(1.0, np.abs(room[takes.indices]))
    owner = np.repeat(np.arange(model.pairs), np.diff(takes.indptr))
    open_pairs = np.flatnonzero(np.bincount(owner, over, minlength=model.pairs) == 0)
    if not len(open_pairs):
        return None
    block = make_block(
        model, leave, pairs=open_pairs, units=np.zeros(0, np.int64), room=np.maximum(room, 0.0), links=False
    )
    answer = solve_linear(replace(block.program, row_low=_elastic(block.program.row_low)), effort)
    if answer.x is None:
        return None
    share = np.zeros(model.pairs)
    share[block.pairs] = answer.x
    return round_shares(model, share, leave)


def _elastic(low: FloatArray) -> FloatArray:
    return np.full(len(low), -math.inf)
