"""The figures of a plan's header after one of its parcels goes another way, by difference."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

import numpy as np

from app.usecases.plan_figures import Solved
from routing.catalogue import PlannedLeg
from routing.network import MODES
from routing.overrides import Override

Used = dict[tuple[str, int, bool], bool]
"""(mode, number of a departure or service, whether it is dated) → whether the plan uses it."""


class Figures:
    """A plan's summary, changed by what one item does; `content` is the new one."""

    def __init__(self, summary: Mapping[str, Any], solved: Solved, position: int) -> None:
        self.content: dict[str, Any] = deepcopy(dict(summary))
        self._solved = solved
        self._size = solved.problem.item_size[position]

    def move(self, direction: str, change: Override, legs: Sequence[Sequence[PlannedLeg]]) -> None:
        """Take the item off the option before, and put it on the one after."""
        for option, some, sign in zip((change.before, change.option), legs, (-1, 1), strict=True):
            if option < 0:
                continue
            for mode in {leg.mode for leg in some}:
                self._count(mode, "parcels", sign)
                self._count(mode, "weight_g", sign * round(float(self._size[0])))
            catalogue = self._solved.catalogue
            grams = float(catalogue.option_co2e_g_per_kg[option]) * float(self._size[0]) / 1000
            self.content["co2e_g"] = self.content.get("co2e_g", 0) + sign * round(grams)
            _shift(self.content.setdefault("dispositions", {}), catalogue.disposition(option), sign)
            of_direction = self.content.setdefault("directions", {}).setdefault(
                direction, {"items": 1, "assigned": 0}
            )
            of_direction["assigned"] += sign

    def departures(self, before: Used, after: Used) -> None:
        """Count what is used for the first time, and what no more."""
        for key, used in after.items():
            self._count(key[0], "used", used - before[key])

    def units(self, change: Override) -> None:
        """Add the fixed cost of what is opened, take away that of what is closed."""
        problem, catalogue = self._solved.problem, self._solved.catalogue
        for unit, count in change.units.items():
            departure = int(catalogue.resource_departure[problem.unit_resource[unit]])
            there = np.flatnonzero(catalogue.leg_dated & (catalogue.leg_ref == departure))
            cost = round(float(problem.unit_cost[unit]) * count)
            self._count(MODES[catalogue.leg_mode[there[0]]], "fixed_cost_minor", cost)
            self.content["fixed_cost_minor"] = self.content.get("fixed_cost_minor", 0) + cost

    def reasons(self, before: str | None, after: str | None) -> None:
        """Count why goods are left out."""
        for code, sign in ((before, -1), (after, 1)):
            if code is not None:
                _shift(self.content.setdefault("reasons", {}), code, sign)

    def _count(self, mode: str, what: str, more: int) -> None:
        row = self.content.get("modes", {}).get(mode)
        if row is not None:
            row[what] = row.get(what, 0) + int(more)


def _shift(counts: dict[str, int], name: str, more: int) -> None:
    counts[name] = counts.get(name, 0) + more
    if counts[name] <= 0:
        del counts[name]
