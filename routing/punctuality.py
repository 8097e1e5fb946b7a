"""How late a way may be, by what trips on the same stretches have done: shares of the past, nothing assumed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from routing.arrays import IntArray

FEWEST_TRIPS = 30
"""Completed trips on every stretch below which nothing is said."""
P90 = 0.9


@dataclass(frozen=True, slots=True)
class Outlook:
    """`p90_min`: minutes behind schedule that nine of ten trips keep to; None where one in ten misses a connection.

    `late_share` is the share of trips that arrive after they were due (0 without a due time), `trips` the number
    of trips on the stretch with the fewest.
    """

    p90_min: int | None
    late_share: float
    trips: int


def outlook(delays: Sequence[IntArray], slack_min: Sequence[int], margin_min: int | None) -> Outlook | None:
    """Return what the past says of a chain of rides; None where some stretch has too few trips behind it.

    `delays` hold, for each ride in order, minutes behind schedule at its end [trips], ascending; `slack_min` the
    minutes between one ride's end and the next one's cut-off, transfer included; `margin_min` those between the
    planned arrival and the due time (None: no due time). Rides are taken to be late independently of each other,
    and who misses a connection to be late.
    """
    trips = min((len(one) for one in delays), default=0)
    if trips < FEWEST_TRIPS:
        return None
    connected = 1.0
    for delay, slack in zip(delays, slack_min, strict=False):
        connected *= share_within(delay, slack)
    last = delays[-1]
    p90 = None
    if connected >= P90:
        p90 = int(last[int(np.ceil(P90 / connected * len(last) - 1e-9)) - 1])
    late = 0.0 if margin_min is None else 1.0 - connected * share_within(last, margin_min)
    return Outlook(p90, late, trips)


def share_within(delay: IntArray, minutes: int) -> float:
    """Return the share of ascending delays that are at most so many minutes."""
    return float(np.searchsorted(delay, minutes, side="right")) / len(delay)
