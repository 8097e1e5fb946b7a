"""Small problems that the tests of the optimizer share, made from lists that can be read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from routing.problem import Problem

Use = tuple[int, float]


def make_problem(
    *,
    sizes: Sequence[Sequence[float]],
    options: Sequence[Sequence[tuple[Sequence[float], Sequence[tuple[int, Sequence[float]]]]]],
    free: Sequence[Sequence[float]],
    classes: Sequence[int] | None = None,
    features: Sequence[Sequence[float]] | None = None,
    drop: Sequence[float] | float = np.inf,
    units: Sequence[dict[str, Any]] = (),
    now: Sequence[int] | None = None,
    change: Sequence[float] | None = None,
) -> Problem:
    """Build a problem; `options[class]` lists (rates, [(resource, factor per dimension)]) pairs."""
    n, d = len(sizes), len(sizes[0]) if sizes else 1
    flat = [option for of_class in options for option in of_class]
    uses = [use for _, of_option in flat for use in of_option]
    features = [[1.0]] * n if features is None else features
    f = len(features[0]) if features else len(flat[0][0]) if flat else 1
    return Problem(
        currency="CNY",
        item_class=np.array(range(n) if classes is None else classes, np.int64),
        item_size=np.array(sizes, float).reshape(n, d),
        item_features=np.array(features, float).reshape(n, f),
        item_drop_cost=np.broadcast_to(np.asarray(drop, float), (n,)),
        class_ptr=np.cumsum([0, *map(len, options)]),
        option_rates=np.array([rates for rates, _ in flat], float).reshape(len(flat), f),
        option_ptr=np.cumsum([0, *(len(of_option) for _, of_option in flat)]),
        use_resource=np.array([resource for resource, _ in uses], np.int64),
        use_factor=np.array([factor for _, factor in uses], float).reshape(len(uses), d),
        resource_free=np.array(free, float).reshape(len(free), d),
        unit_resource=np.array([unit["resource"] for unit in units], np.int64),
        unit_size=np.array([unit["size"] for unit in units], float).reshape(len(units), d),
        unit_cost=np.array([unit["cost"] for unit in units], float),
        unit_max=np.array([unit.get("max", 1) for unit in units], np.int64),
        unit_parent=np.array([unit.get("parent", -1) for unit in units], np.int64),
        unit_takes=np.array([unit.get("takes", [0.0] * d) for unit in units], float).reshape(len(units), d),
        item_option_now=None if now is None else np.array(now),
        item_change_cost=None if change is None else np.array(change, float),
    )


def two_parcels_one_flight() -> Problem:
    """Two parcels of 600 g: 1,000 g of bought space at 5 each, or a charter at 3 each plus 10 to open."""
    options = [[([5.0], [(0, [1.0])]), ([3.0], [(1, [1.0])])]]
    charter = {"resource": 1, "size": [2000.0], "cost": 10.0}
    return make_problem(
        sizes=[[600.0], [600.0]],
        classes=[0, 0],
        options=options,
        free=[[1000.0], [0.0]],
        drop=100.0,
        units=[charter],
    )
