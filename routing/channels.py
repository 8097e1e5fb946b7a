"""Channels that people pin goods to or forbid them: by service, by departure or by mode of transport.

Options are filtered before anything is solved: goods that are pinned have only options one leg of which is what they
are pinned to, and no leg of an option is one that is forbidden.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from routing.arrays import IntArray
from routing.cores import Estimate
from routing.network import MODES
from routing.timetable import Legs

Mask = npt.NDArray[np.bool_]
KINDS = ("service", "departure", "mode")
OUT_OF_REACH = 1e15
"""What a forbidden leg costs while ways are looked for, so that others are kept instead."""


@dataclass(frozen=True, slots=True, order=True)
class Match:
    """What a leg is compared with: the caller's number of a service or departure, or a position in `MODES`."""

    kind: str
    number: int

    def legs(self, legs: Legs) -> Mask:
        """Return which legs these are."""
        if self.kind == "service":
            return np.asarray(legs.service == self.number)
        if self.kind == "mode":
            return np.asarray(legs.mode == self.number)
        return np.asarray((legs.ref == self.number) & (np.arange(len(legs)) < legs.first_link))

    def __str__(self) -> str:
        return f"mode {MODES[self.number]}" if self.kind == "mode" else f"{self.kind} {self.number}"


@dataclass(frozen=True, slots=True)
class Channel:
    """What goods are pinned to, if anything, and what they are forbidden."""

    pin: Match | None = None
    forbidden: tuple[Match, ...] = ()

    def follows(self, legs: Legs, paths: IntArray) -> Mask:
        """Return which paths [m, max_legs] of rows of legs (-1: no more) keep to it."""
        kept = np.ones(len(paths), dtype=np.bool_)
        if self.pin is not None:
            kept &= _some(self.pin.legs(legs), paths)
        for one in self.forbidden:
            kept &= ~_some(one.legs(legs), paths)
        return kept

    def estimate(self, legs: Legs, costs: Estimate) -> Estimate:
        """Return costs to look for ways by: only the cheapest are kept, and these must be among them.

        What is pinned costs nothing then, and what is forbidden more than anything; the other dates of a departure
        cost what they do, because ways are looked for without their dates.
        """
        leg_cost = costs.leg_cost.copy()
        for one in self.forbidden:
            if one.kind != "departure":
                leg_cost[one.legs(legs)] = OUT_OF_REACH
        if self.pin is not None:
            pinned = self.pin.legs(legs)
            if self.pin.kind == "departure":
                pinned = np.isin(legs.service, legs.service[pinned])
            leg_cost[pinned] = 0.0
        return Estimate(leg_cost, costs.minute_cost)

    def __str__(self) -> str:
        pinned = [f"pinned to {self.pin}"] if self.pin else []
        return ", ".join(pinned + [f"{one} is forbidden" for one in self.forbidden])


ANY_WAY = Channel()


def _some(marked: Mask, paths: IntArray) -> Mask:
    return np.asarray(np.append(marked, False)[paths].any(axis=1))
