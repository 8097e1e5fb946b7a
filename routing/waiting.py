"""How long goods wait where they lie before an option takes them away, and what that costs: storage, day by day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from routing.arrays import IntArray
from routing.costs import SHARED, Costs
from routing.pool import Rates
from routing.selecting import DAY_MIN
from routing.timetable import Legs

if TYPE_CHECKING:
    from routing.options import Options

AT_ONCE = -1
"""As the instant at which an itinerary is left for: nothing on it has a timetable."""


def leaves_at(paths: npt.NDArray[np.int32], legs: Legs, transfer_min: IntArray) -> IntArray:
    """Return when goods must leave for each itinerary [m] at the latest, minutes since the epoch.

    That is so long before the first dated leg departs as the links before it and the change there take.
    """
    real = paths >= 0
    dated = real & (paths < legs.first_link)
    first = np.where(dated.any(axis=1), dated.argmax(axis=1), -1)
    before = np.arange(paths.shape[1]) < first[:, None]
    transit = np.where(before & real, legs.transit[paths], 0).sum(axis=1)
    # A change is due wherever a leg follows another, up to the first that has a timetable.
    follows = before[:, :-1] if paths.shape[1] > 1 else before[:, :0]
    changes = np.where(follows, transfer_min[legs.origin[paths[:, 1:]]], 0).sum(axis=1)
    departs = legs.departs[paths[np.arange(len(paths)), np.maximum(first, 0)]]
    return np.where(first >= 0, departs - transit - changes, AT_ONCE).astype(np.int64)


def waits_min(options: Options, leaves: IntArray, ready: IntArray) -> IntArray:
    """Return the minutes the goods of each option [o] lie where they are: until they leave, or are done there."""
    moved = options.itinerary >= 0
    until = np.where(
        moved, leaves[np.maximum(options.itinerary, 0)] if len(leaves) else AT_ONCE, options.done
    )
    return np.maximum(np.where(until == AT_ONCE, ready, until) - ready, 0)


def charge_waits(costs: Costs, rates: Rates, options: Options, minutes: IntArray) -> None:
    """Add the days of waiting to the rates of the options whose class has the column of waiting."""
    wait = rates.names.index(rates.wait_feature or "")
    entries = np.flatnonzero(costs.column == wait)
    owner = np.searchsorted(costs.class_ptr, entries, side="right") - 1
    position = np.full(len(costs.class_ptr) - 1, -1, dtype=np.int64)
    position[owner] = SHARED + entries - costs.class_ptr[owner]
    column = position[options.classes]
    charged = np.flatnonzero(column >= 0)
    costs.option_rates[charged, column[charged]] += minutes[charged] / DAY_MIN
