"""Where flights, containers and slots are opened: which ones, and what goes into them."""

from __future__ import annotations

import math
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from routing import moving, opening, placing
from routing.arrays import IntArray
from routing.assigning import FEW, polish
from routing.climbing import Climb
from routing.compact import Compact
from routing.ground import Standing, cost_of
from routing.prices import raise_prices
from routing.rounds import search_blocks
from routing.sacks import Sacks
from routing.sloping import Sloping, make_legal, slopes_of

if TYPE_CHECKING:
    from routing.engine import Engine

RIVALS = 24
"""Unit types around a closed one that a rebuilding may open."""
CLASSES = 200
"""Classes that are looked at to find them."""
SLICES = 32


def open_units(engine: Engine) -> None:
    """Improve the plan while a second thread raises the bound; one after the other where runs must repeat."""
    if not engine.prove:
        _improve(engine)
        return
    start = Sloping(engine.chooser, engine.leave).look().value
    climb = Climb(Sacks.of(engine.chooser), engine.leave, start, engine.multipliers[0])
    if engine.budget.reproducible or engine.budget.limits.threads == 1:
        engine.budget.enter("bound")
        _raise(engine, climb, engine.until(0.35))
        _improve(engine)
    else:
        broken = threading.Event()
        with ThreadPoolExecutor(1) as beside:
            raising = beside.submit(_raise, engine, climb, math.inf, broken)
            try:
                _improve(engine)
            except BaseException:
                broken.set()
                raise
            raising.result()
    value, price, theta = climb.best
    engine.multipliers = (price, value, climb.sacks.primary, theta)


def _raise(engine: Engine, climb: Climb, until_s: float, broken: threading.Event | None = None) -> None:
    def go_on(bound: float) -> bool:
        engine.note_bound(bound)
        return engine.before(until_s) and not (broken is not None and broken.is_set())

    climb.climb(engine.steps(100, 1 << 30), lambda: engine.held.cost, go_on)


def _improve(engine: Engine) -> None:
    engine.budget.enter("slopes")
    engine.slope(engine.steps(2, 12), engine.until(0.05))
    engine.budget.enter("openings")
    _sweeps(engine, engine.until(0.3))
    engine.budget.enter("rebuilding")
    _rebuild(engine, math.inf if engine.run_blocks is None else engine.until(0.45))
    if engine.run_blocks is not None:
        search_blocks(engine, np.unique(engine.problem.unit_resource).astype(np.int64))


def _sweeps(engine: Engine, until_s: float) -> None:
    standing = engine.again()
    for _ in range(engine.steps(2, 20)):
        before = cost_of(engine.ground, standing)
        _sweep(engine, standing, until_s)
        if cost_of(engine.ground, standing) > before * (1 - 1e-3) or not engine.before(until_s):
            break
    _price_again(engine)


def _sweep(engine: Engine, standing: Standing, until_s: float) -> None:
    """Try to open and to close each unit type once, in slices so that a stop is heard."""
    types = engine.problem.t
    relief = slopes_of(engine.chooser, standing.load, standing.units) * engine.rng.uniform(0.3, 1.0)
    for part in np.array_split(engine.rng.permutation(types), max(1, types // SLICES)):
        opening.open_each(engine.ground, standing, part, relief)
        if not engine.before(until_s):
            break
    moving.shift(engine.ground, standing, 0, engine.compact.n)
    opened = engine.rng.permutation(np.flatnonzero(standing.units))
    opening.close_each(engine.ground, standing, opened)
    placing.open_for_load(engine.ground, standing)
    engine.offer(standing)


def _price_again(engine: Engine) -> None:
    """Assign anew with the units that are open, at prices that suit their room."""
    standing = engine.again()
    start = slopes_of(engine.chooser, standing.load, standing.units) * 0.1
    priced = raise_prices(
        engine.chooser, engine.leave, standing.limit, start,
        looks=40, go_on=lambda _: not engine.budget.stopped(),
    )  # fmt: skip
    standing = make_legal(engine.ground, priced.look.choice, standing.units)
    if engine.compact.n <= FEW:
        polish(engine, standing, 2)
    else:
        moving.shift(engine.ground, standing, 0, engine.compact.n)
        engine.offer(standing)


def _rebuild(engine: Engine, until_s: float) -> None:
    """Close a unit or two, let the rivals open and close, and keep it if that pays; again until time is up."""
    standing = engine.again()
    rivals = Rivals(engine.compact)
    number, gained = 0, 0.0
    every = max(50, engine.compact.n // 2000)
    while engine.before(until_s) and number < engine.steps(60, 1 << 40):
        number += 1
        opened = np.flatnonzero(standing.units)
        if not len(opened):
            break
        many = min(len(opened), 1 + int(engine.rng.integers(0, 2)))
        shut = engine.rng.choice(opened, many, replace=False)
        tried = rivals.of(int(engine.problem.unit_resource[shut[0]]), engine.rng)
        relief = slopes_of(engine.chooser, standing.load, standing.units) * engine.rng.uniform(0.2, 1.0)
        gained += opening.rebuild(engine.ground, standing, shut, tried, relief)
        if number % every == 0 and gained > 0:
            engine.offer(standing)
            gained = 0.0
    moving.shift(engine.ground, standing, 0, engine.compact.n)
    placing.open_for_load(engine.ground, standing)
    engine.offer(standing)


class Rivals:
    """Which unit types compete with those of a resource: the items that could use one could use the other."""

    def __init__(self, compact: Compact) -> None:
        self.compact, self.problem = compact, compact.problem
        self.types = np.bincount(self.problem.unit_resource, minlength=self.problem.r) > 0
        self.option_class = np.repeat(np.arange(self.problem.k), np.diff(self.problem.class_ptr))

    def of(self, resource: int, rng: np.random.Generator) -> IntArray:
        """Up to `RIVALS` unit types around a resource, its own among them, drawn by how much they share."""
        compact, problem = self.compact, self.problem
        places = compact.by_resource[compact.resource_ptr[resource] : compact.resource_ptr[resource + 1]]
        classes = np.unique(self.option_class[compact.use_option[places]])
        if len(classes) > CLASSES:
            classes = rng.choice(classes, CLASSES, replace=False)
        first, last = problem.class_ptr[classes], problem.class_ptr[classes + 1]
        uses = np.concatenate(
            [
                np.arange(problem.option_ptr[a], problem.option_ptr[b])
                for a, b in zip(first, last, strict=True)
            ]
        )
        count = np.bincount(problem.use_resource[uses], minlength=problem.r) * self.types
        merit = count * rng.uniform(0.2, 1.0, problem.r)
        merit[resource] = np.inf
        chosen = np.argsort(-merit)[:RIVALS]
        near = np.flatnonzero(np.isin(problem.unit_resource, chosen[merit[chosen] > 0]))
        return rng.permutation(near)
