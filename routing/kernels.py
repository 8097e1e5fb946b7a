"""Compile every loop of the optimizer, so that the first run does not pay for it: `python -m routing.kernels`."""

from __future__ import annotations

import numpy as np

from routing.engine import Engine
from routing.limits import Budget, Limits
from routing.problem import Problem


def warm_up() -> None:
    """Plan two tiny problems, one with units and one without; what is compiled stays on disk."""
    limits = Limits(time_limit_s=None, iterations=1)
    for units in (0, 2):
        Engine(_tiny(units), Budget(limits), seed=1).plan(None)


def _tiny(units: int) -> Problem:
    """Four items, three options each: two resources that all want, and one that is dear."""
    items, options = 4, 3
    return Problem(
        currency="XXX",
        item_class=np.zeros(items, np.int32),
        item_size=np.full((items, 1), 3.0),
        item_features=np.ones((items, 1)),
        item_drop_cost=np.full(items, 99.0),
        class_ptr=np.array([0, options]),
        option_rates=np.array([[1.0], [2.0], [50.0]]),
        option_ptr=np.arange(options + 1),
        use_resource=np.arange(options, dtype=np.int32),
        use_factor=np.ones((options, 1)),
        resource_free=np.array([[5.0], [5.0], [99.0]]) * (1.0 if not units else [[0.0], [0.0], [1.0]]),
        unit_resource=np.arange(units, dtype=np.int32),
        unit_size=np.full((units, 1), 4.0),
        unit_cost=np.full(units, 5.0),
        unit_max=np.full(units, 3),
        unit_parent=np.full(units, -1, np.int32),
        unit_takes=np.zeros((units, 1)),
    )


if __name__ == "__main__":
    warm_up()
