"""Assemble a problem in which every item has its own options and every option uses one resource."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from routing.problem import Problem

__all__ = ["Choice", "UnitType", "assemble"]


class Choice(NamedTuple):
    """One way to serve an item: what it costs (cents) and the resource its size is taken from."""

    cost_cents: float
    resource: int


@dataclass(frozen=True, slots=True)
class UnitType:
    """Capacity that can be opened on a resource: size of one unit, its cost (cents) and the most there are."""

    resource: int
    size: float
    cost_cents: float
    most: int


def assemble(
    choices: Sequence[Sequence[Choice]],
    *,
    size: Sequence[float],
    drop_cost_cents: float,
    free: Sequence[float],
    units: Sequence[UnitType] = (),
) -> Problem:
    """Return the problem of one class per item, in US dollars; options stand in the order of `choices`.

    `choices` [n][·], `size` [n] in the unit of `free` [r]; `drop_cost_cents` holds for every item.
    """
    counts = [len(own) for own in choices]
    flat = [choice for own in choices for choice in own]
    n, o = len(choices), len(flat)
    return Problem(
        currency="USD",
        item_class=np.arange(n, dtype=np.int32),
        item_size=np.asarray(size, dtype=np.float64).reshape(n, 1),
        item_features=np.ones((n, 1)),
        item_drop_cost=np.full(n, drop_cost_cents),
        class_ptr=np.concatenate(([0], np.cumsum(counts, dtype=np.int64))),
        option_rates=np.array([choice.cost_cents for choice in flat], dtype=np.float64).reshape(o, 1),
        option_ptr=np.arange(o + 1, dtype=np.int64),
        use_resource=np.array([choice.resource for choice in flat], dtype=np.int32),
        use_factor=np.ones((o, 1)),
        resource_free=np.asarray(free, dtype=np.float64).reshape(len(free), 1),
        unit_resource=np.array([unit.resource for unit in units], dtype=np.int32),
        unit_size=np.array([unit.size for unit in units], dtype=np.float64).reshape(len(units), 1),
        unit_cost=np.array([unit.cost_cents for unit in units], dtype=np.float64),
        unit_max=np.array([unit.most for unit in units], dtype=np.int64),
        unit_parent=np.full(len(units), -1, dtype=np.int32),
        unit_takes=np.zeros((len(units), 1)),
    )
