"""The linear relaxation: where the parts of each item would go, and what capacity is worth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from routing.arrays import FloatArray
from routing.linear import Effort, solve_first_order, solve_linear
from routing.model import Model
from routing.programs import Block, make_block


@dataclass(frozen=True, eq=False, slots=True)
class Relaxation:
    """A fractional plan: `share` [P] per pair, `units` [t], `price` [m] >= 0 and `value` [n].

    `opening` [P, r] is what a pair pays for the opening of each resource, `reduced` [P] what a plan would
    lose at least by taking it. `bound` is the cost, a lower bound on every plan by the solver's word, or
    -inf where the plan is only nearly optimal.
    """

    share: FloatArray
    units: FloatArray
    price: FloatArray
    value: FloatArray
    reduced: FloatArray
    opening: sparse.csr_array
    bound: float


def relax(model: Model, effort: Effort, *, links: bool, rough: bool = False) -> Relaxation | str:
    """Solve the relaxation; a string says why there is none: ``infeasible`` or ``unknown``.

    `links` asks for whole openings (dear but far stronger where units are opened); `rough` for a
    solution by a first-order method, good enough for multipliers and guidance.
    """
    stuck = model.must & (np.diff(model.first) == 0)
    if stuck.any():
        return "infeasible"
    block = make_block(model, model.leave, links=links)
    answer = (solve_first_order if rough else solve_linear)(block.program, effort)
    if answer.status == "infeasible":
        return "infeasible"
    if answer.x is None or answer.dual is None or not (rough or answer.status == "solved"):
        return "unknown"
    price = np.zeros(model.rows)
    begin = len(block.items)
    price[block.rows] = np.maximum(0.0, -answer.dual[begin : begin + len(block.rows)])
    return Relaxation(
        share=np.clip(answer.x[: len(block.pairs)], 0.0, 1.0),
        units=answer.x[len(block.pairs) :],
        price=price,
        value=_values(model, block, answer.dual),
        reduced=np.maximum(0.0, block.program.cost - block.program.matrix.T @ answer.dual)[
            : len(block.pairs)
        ],
        opening=_openings(model, block, answer.dual),
        bound=answer.bound + fixed_cost(model) - block.program.offset,
    )


def fixed_cost(model: Model) -> float:
    """What no choice can change, beside the costs of a program: nothing is saved on the items it lacks."""
    return float(np.where(model.must, 0.0, model.leave).sum())


def _values(model: Model, block: Block, dual: FloatArray) -> FloatArray:
    saved = np.where(model.must, 0.0, model.leave)
    value = saved.copy()
    value[block.items] += dual[: len(block.items)]
    return value


def _openings(model: Model, block: Block, dual: FloatArray) -> sparse.csr_array:
    """Prices of the linking rows, by pair and resource."""
    begin = len(block.items) + len(block.rows)
    rows = sparse.csr_array(block.program.matrix[begin:, : len(block.pairs)]).tocoo()
    link, pair = rows.coords
    price = np.maximum(0.0, -dual[begin:])
    places = (block.pairs[pair], block.links[link])
    return sparse.csr_array(sparse.coo_array((price[link], places), shape=(model.pairs, model.problem.r)))
