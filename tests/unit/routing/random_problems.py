"""Random problems with every feature of the format, tiny for brute force or larger for the search."""

from __future__ import annotations

import numpy as np

from routing.problem import Problem


def random_problem(
    seed: int,
    *,
    n: int = 4,
    options: int = 3,
    resources: int = 3,
    types: int = 2,
    must: float = 0.3,
    booked: float = 0.5,
) -> Problem:
    """Draw a problem: chains of uses, free and opened room, parents, drops, changes, locks, no limits."""
    rng = np.random.default_rng(seed)
    d, f = int(rng.integers(1, 4)), int(rng.integers(0, 4))
    k = int(rng.integers(1, n + 1))
    per_class = rng.integers(0 if rng.random() < 0.2 else 1, options + 1, k)
    o = int(per_class.sum())
    uses = [rng.permutation(resources)[: rng.integers(0, min(3, resources) + 1)] for _ in range(o)]
    u, t = sum(map(len, uses)), int(rng.integers(0, types + 1))
    size = rng.integers(1, 9, (n, d)).astype(float)
    free = rng.integers(0, 4 * n, (resources, d)).astype(float) * (rng.random((resources, 1)) < 0.6)
    free[rng.random((resources, d)) < 0.15] = np.inf
    unit_resource = rng.integers(0, resources, t)
    parent = np.where(rng.random(t) < 0.4, rng.integers(-1, resources, t), -1)
    parent = np.where(parent > unit_resource, parent, -1)
    item_class = rng.integers(0, k, n)
    class_ptr = np.concatenate([[0], np.cumsum(per_class)])
    now = np.array([_booked(rng, class_ptr, int(c)) for c in item_class])
    change = np.where(rng.random(n) < 0.2, np.inf, rng.integers(0, 20, n))
    rebook = rng.random() < booked
    drop = rng.integers(0, 60, n).astype(float)
    drop[rng.random(n) < must] = np.inf
    return Problem(
        currency="CNY",
        item_class=item_class,
        item_size=size,
        item_features=rng.integers(0, 5, (n, f)).astype(float),
        item_drop_cost=drop,
        class_ptr=class_ptr,
        option_rates=rng.integers(0, 9, (o, f)).astype(float),
        option_ptr=np.cumsum([0, *map(len, uses)]),
        use_resource=np.concatenate([*uses, np.zeros(0)]).astype(np.int64),
        use_factor=rng.choice([0.0, 0.5, 1.0, 1.0, 2.0], (u, d)),
        resource_free=free,
        unit_resource=unit_resource,
        unit_size=rng.integers(0, 15, (t, d)).astype(float),
        unit_cost=rng.integers(0, 40, t).astype(float),
        unit_max=rng.integers(0, 4, t),
        unit_parent=parent,
        unit_takes=rng.integers(0, 6, (t, d)).astype(float),
        item_option_now=now if rebook else None,
        item_change_cost=change if rebook else None,
    )


def _booked(rng: np.random.Generator, class_ptr: np.ndarray, of_class: int) -> int:
    first, last = class_ptr[of_class], class_ptr[of_class + 1]
    return int(rng.integers(first, last)) if last > first and rng.random() < 0.5 else -1
