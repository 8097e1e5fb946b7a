"""Search blocks of a plan side by side, wherever the runner solves them, and join what they gain."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from routing import moving
from routing.arrays import IntArray
from routing.blocks import Block
from routing.clusters import Clusters, parts_of
from routing.limits import Limits
from routing.parts import Part
from routing.plan import Plan
from routing.pricing import LEAVE
from routing.sloping import make_legal

if TYPE_CHECKING:
    from routing.engine import Engine

SMALL = 500
"""Items of a block that can be proved, about."""
LARGE_PARTS = 8
"""A problem of far more items is cut into so many blocks."""
MOST_S, LEAST_S = 15.0, 1.0


def search_blocks(engine: Engine, contested: IntArray) -> None:
    """Draw blocks around resources that goods compete for, have them searched, join; each round draws others."""
    if not len(contested) or engine.run_blocks is None:
        return
    engine.budget.enter("blocks")
    clusters = Clusters.of(engine.compact, contested)
    for number in range(engine.steps(2, 1 << 30)):
        if engine.finished():
            return
        kept = engine.held
        load = engine.chooser.load_of(kept.choice)
        size = _block_size(engine)
        parts = list(parts_of(clusters, kept.choice, kept.units, load, size, engine.rng))
        blocks = [_block(engine, index, part, len(parts), number) for index, part in enumerate(parts)]
        found = dict(engine.run_blocks(blocks, engine.budget.stopped))
        _join(engine, [(parts[index], found[index]) for index in sorted(found)])


def _block_size(engine: Engine) -> int:
    small = int(SMALL * engine.rng.uniform(0.6, 1.6))
    return small if engine.compact.n < 40 * SMALL else engine.compact.n // LARGE_PARTS


def _block(engine: Engine, index: int, part: Part, count: int, number: int) -> Block:
    limits = engine.budget.limits
    if engine.budget.reproducible:
        limits = replace(limits, threads=1, iterations=1)
    else:
        share = engine.budget.left_s() * limits.threads / max(count, 1)
        most_s = MOST_S if len(part.items) < 4 * SMALL else 0.5 * engine.budget.left_s()
        limits = Limits(time_limit_s=float(np.clip(0.5 * share, LEAST_S, max(most_s, LEAST_S))), gap=1e-4)
    return Block(index, part.problem, part.start, limits, engine.seed + 1000 * number + index)


def _join(engine: Engine, answers: list[tuple[Part, Plan]]) -> None:
    """Put the answers of all blocks together; where that is no better, take them one by one."""
    compact = engine.compact
    position = np.empty(compact.n, np.int64)
    position[compact.order] = np.arange(compact.n)
    before = engine.held
    _take(engine, position, before.choice, answers)
    if engine.held is before:
        for answer in answers:
            _take(engine, position, engine.held.choice, [answer])


def _take(engine: Engine, position: IntArray, choice: IntArray, answers: list[tuple[Part, Plan]]) -> None:
    choice = choice.copy()
    for part, answer in answers:
        taken = answer.item_option >= 0
        option = part.options[np.where(taken, answer.item_option, 0)]
        choice[position[part.items]] = np.where(taken, option, LEAVE)
    standing = make_legal(engine.ground, choice, np.zeros(engine.problem.t, np.int64))
    moving.shift(engine.ground, standing, 0, engine.compact.n)
    engine.offer(standing)
