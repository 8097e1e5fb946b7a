"""Small pools and rates for tests."""

import numpy as np

from routing.itineraries import FOREVER
from routing.pool import EXPORT_MENU, Pool, Rates

FEATURES = ("one", "kg", "value", "day", "late")


def rates(*rows):
    """Rates from rows of (per item, per kg, of the value)."""
    table = np.array([(*row, 0.0, 0.0) for row in rows], dtype=float).reshape(len(rows), len(FEATURES))
    return Rates(FEATURES, table, "day", "late")


FREE = rates((0.0, 0.0, 0.0))


def item(origin=0, destination=1, **more):
    """An item with defaults; `more` replaces them."""
    return {
        "origin": origin, "destination": destination, "goods": 0, "menu": 0, "exporter": 5, "ready_min": 0,
        "due_min": FOREVER, "hard": False, "weight_g": 1000, "volume_cm3": 5000, "value": 100.0, "day": 0.0,
        "late": 0.0, "drop_cost": 1000.0, "blocked": 0,
    } | more  # fmt: skip


def pool(*items, menus=(EXPORT_MENU,), block_codes=("",)):
    """A pool of items made by `item`."""

    def column(name, dtype=np.int64):
        return np.array([one[name] for one in items], dtype=dtype)

    ints = (
        "origin",
        "destination",
        "goods",
        "menu",
        "exporter",
        "ready_min",
        "due_min",
        "weight_g",
        "volume_cm3",
    )
    features = np.stack(
        [
            np.ones(len(items)),
            column("weight_g") / 1000,
            column("value", float),
            column("day", float),
            column("late", float),
        ],
        axis=1,
    )
    return Pool(
        ref=np.arange(len(items), dtype=np.int64) + 500,
        hard=column("hard", bool),
        features=features,
        drop_cost=column("drop_cost", float),
        blocked=column("blocked"),
        menus=menus,
        block_codes=block_codes,
        **{name: column(name) for name in ints},
    )
