"""Where all capacity is bought: prices prove the bound, and items are assigned near them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from routing import moving, swapping
from routing.arrays import FloatArray
from routing.ground import Standing, cost_of
from routing.prices import Priced, raise_prices
from routing.rounds import search_blocks
from routing.sloping import make_legal

if TYPE_CHECKING:
    from routing.engine import Engine

FEW = 20_000
"""Up to so many items, blocks are searched exactly; above, prices and pushing are worth more."""
INSISTING = 6_000
BATCH = 100
LITTLE = 2e-6
"""A round that gains less than this share of the cost is the last one."""


def assign_bought(engine: Engine) -> None:
    """Raise prices, assign at the best, and go on with both for as long as there is time."""
    engine.budget.enter("bound")
    many = engine.compact.n > FEW
    priced = _raise(engine, engine.multipliers[0], engine.steps(100, 2000), 0.7 if many else 0.3)
    engine.budget.enter("assignment")
    assign_at(engine, priced)
    while many and not engine.budget.reproducible and not engine.finished():
        priced = _raise(engine, engine.multipliers[0], 100, 0.4)
        assign_at(engine, priced)
    if not many and engine.run_blocks is not None:
        search_blocks(engine, np.flatnonzero(priced.price.any(axis=1)))


def _raise(engine: Engine, price: FloatArray, looks: int, share: float) -> Priced:
    until_s = engine.until(share)

    def go_on(bound: float) -> bool:
        engine.note_bound(bound)
        return engine.before(until_s)

    room = engine.problem.resource_free
    priced = raise_prices(engine.chooser, engine.leave, room, price, looks=looks, go_on=go_on)
    engine.note_bound(priced.bound)
    engine.multipliers = (priced.price, None, None, None)
    return priced


def assign_at(engine: Engine, priced: Priced) -> None:
    """Let items choose at prices, put right what overloads, then let those who lost most push others off."""
    units = engine.held.units
    standing = make_legal(engine.ground, priced.look.choice, units)
    moving.shift(engine.ground, standing, 0, engine.compact.n)
    engine.offer(standing)
    _insist(engine, standing, priced)
    polish(engine, standing)


def _insist(engine: Engine, standing: Standing, priced: Priced) -> None:
    """The items that pay most more than they would at prices try their best options, a batch at a time."""
    rate = engine.chooser.rates(priced.price)
    loss = np.zeros(engine.compact.n)

    def part(number: int) -> None:
        first, last = engine.chooser.bounds[number], engine.chooser.bounds[number + 1]
        swapping.losses(engine.ground, standing, rate, priced.look.value, first, last, loss)

    engine.chooser.run(part)
    order = np.argsort(-loss, kind="stable")[:INSISTING]
    order = order[loss[order] > 0.02 * abs(priced.bound) / max(engine.compact.n, 1)]
    for begin in range(0, len(order), BATCH):
        if engine.budget.stopped():
            break
        swapping.insist(engine.ground, standing, order[begin : begin + BATCH], rate, 3)
    moving.shift(engine.ground, standing, 0, engine.compact.n)
    engine.offer(standing)


def polish(engine: Engine, standing: Standing, most: int = 8) -> None:
    """Shift items and let them push each other out, in slices so that a stop is heard, while it gains."""
    step = max(1, engine.compact.n // 256)
    for _ in range(most):
        saved = 0.0
        for move in (moving.shift, swapping.eject):
            for begin in range(0, engine.compact.n, step):
                saved += move(engine.ground, standing, begin, min(begin + step, engine.compact.n))
                if engine.budget.stopped():
                    engine.offer(standing)
                    return
        engine.offer(standing)
        if saved <= LITTLE * abs(cost_of(engine.ground, standing)):
            return
