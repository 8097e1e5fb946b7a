"""The order pool and the rates, as arrays: what is to be moved, and what moving it costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from scipy import sparse

from routing.arrays import FloatArray, IntArray
from routing.channels import ANY_WAY, Channel

DELIVER = "deliver"
NOT_BLOCKED = ""
ITS_OWN = -1
"""As the destination of an alternative: the item's own destination."""
STAYS = -2
"""As the destination of an alternative: nothing is moved."""
NO_RATE = -1
"""As the rate row of an alternative: it costs nothing itself."""
NEVER_BEFORE, NEVER_AFTER = -(1 << 60), 1 << 60
"""As the bounds of an alternative's time: none."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """One thing that can be done with an item: its disposition, where it ends, and what that costs.

    `duration_min` passes after arrival, or after ready where the item stays; the rate row comes on top of
    those of the legs. It is a choice only where it is done after `after_min` and by `by_min` (minutes since the
    epoch), so that what costs otherwise from a day on is two alternatives.
    """

    disposition: str
    destination: int = ITS_OWN
    rate_row: int = NO_RATE
    duration_min: int = 0
    after_min: int = NEVER_BEFORE
    by_min: int = NEVER_AFTER


EXPORT_MENU = (Alternative(DELIVER),)


class Charges(Protocol):
    """More features, computed for the items that need them: what each tariff charges goods by their size.

    A network has hundreds of tariffs and an item a use for a dozen, so that a table of all would be mostly waste.
    """

    def __len__(self) -> int:
        """Return the number of columns."""
        ...

    def of(self, column: int, weight_g: IntArray, volume_cm3: IntArray) -> FloatArray:
        """Return the feature of goods with these grams and cm3, float64 [m]."""
        ...


class NoCharges:
    """No more features than the table has."""

    def __len__(self) -> int:
        return 0

    def of(self, column: int, weight_g: IntArray, volume_cm3: IntArray) -> FloatArray:
        """Refuse: there is no column."""
        raise IndexError(f"no column {column} of charges for {len(weight_g)} by {len(volume_cm3)} items")


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """Items to assign [n]. Places are locations of the network, instants minutes since the epoch.

    `goods` is a position in the network's goods classes, `menu` one in `menus`, `blocked` one in
    `block_codes`, whose first entry is "" (not blocked). `due_min` is `FOREVER` where there is none; `hard`
    means: better not at all than late. `features` float64 [n, f] are what the rates are multiplied by, and
    after them come the columns of `charges`; `drop_cost` is what leaving an item costs. `ref` are the caller's
    numbers. `channel` is a position in `channels`, whose first entry lets goods go any way; none: all of them may.
    """

    ref: IntArray
    origin: IntArray
    destination: IntArray
    goods: IntArray
    menu: IntArray
    exporter: IntArray
    ready_min: IntArray
    due_min: IntArray
    hard: npt.NDArray[np.bool_]
    weight_g: IntArray
    volume_cm3: IntArray
    features: FloatArray
    drop_cost: FloatArray
    blocked: IntArray
    menus: tuple[tuple[Alternative, ...], ...] = (EXPORT_MENU,)
    block_codes: tuple[str, ...] = (NOT_BLOCKED,)
    charges: Charges = field(default_factory=NoCharges)
    channel: IntArray | None = None
    channels: tuple[Channel, ...] = (ANY_WAY,)

    def __post_init__(self) -> None:
        columns = (
            self.origin, self.destination, self.goods, self.menu, self.exporter, self.ready_min, self.due_min,
            self.hard, self.weight_g, self.volume_cm3, self.features, self.drop_cost, self.blocked,
        )  # fmt: skip
        if any(len(column) != len(self.ref) for column in columns):
            raise ValueError("every column of the pool must have one entry per item")
        if self.channel is not None and len(self.channel) != len(self.ref):
            raise ValueError("the channel must have one entry per item")

    def __len__(self) -> int:
        return len(self.ref)

    def only(self, kept: npt.NDArray[np.bool_]) -> Pool:
        """Return the pool of the items marked."""
        columns: dict[str, Any] = {one.name: getattr(self, one.name) for one in fields(self)}
        for name, value in columns.items():
            columns[name] = value[kept] if isinstance(value, np.ndarray) else value
        return Pool(**columns)

    @property
    def width(self) -> int:
        """Columns of features, those of `charges` among them."""
        return int(self.features.shape[1]) + len(self.charges)

    def values(self, columns: IntArray, items: IntArray) -> FloatArray:
        """Return some features of some items, float64 [columns, m]."""
        own = int(self.features.shape[1])
        weight_g, volume_cm3 = self.weight_g[items], self.volume_cm3[items]
        values = np.empty((len(columns), len(items)))
        for row, column in enumerate(columns.tolist()):
            if column < own:
                values[row] = self.features[items, column]
            else:
                values[row] = self.charges.of(column - own, weight_g, volume_cm3)
        return values


@dataclass(frozen=True, slots=True, eq=False)
class Rates:
    """Rates float64 [rows, f] in minor units per feature: leg costs item i `features[i] · rows[row]`.

    `time_feature` and `late_feature` name the columns holding what a day, and a day late, cost an item,
    `wait_feature` that of a day it waits where it lies, charged to classes some rate row of which names it;
    `labels` names the rows for people.
    """

    names: tuple[str, ...]
    rows: FloatArray
    time_feature: str
    late_feature: str
    labels: Sequence[str] = field(default=())
    wait_feature: str | None = None
    by_row: sparse.csr_array = field(init=False)
    """The rows again, sparse: most rows name one column or two."""

    def __post_init__(self) -> None:
        if self.rows.shape[1:] != (len(self.names),):
            raise ValueError("rates need one column per feature")
        object.__setattr__(self, "by_row", sparse.csr_array(self.rows))

    def price(self, features: FloatArray) -> FloatArray:
        """Return what each rate row costs items with these features [c, f]: float64 [c, rows]."""
        return np.ascontiguousarray((self.by_row @ features.T).T)

    @property
    def time_column(self) -> int:
        """Column of the value of a day."""
        return self.names.index(self.time_feature)

    @property
    def late_column(self) -> int:
        """Column of the cost of a day late."""
        return self.names.index(self.late_feature)
