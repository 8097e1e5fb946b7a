"""Put one item of a plan on another of its options, or leave it out: whether that is legal, and what it costs.

The other items keep their ways. Units that the item alone kept open are closed and those it needs are opened, by the
rule that explanations are made with, so that what was shown as extra cost is what the change costs.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from routing.arrays import FloatArray, IntArray
from routing.checks import OPTIMAL_GAP, check, cost_of
from routing.judging import scratch
from routing.plan import Plan, gap_between
from routing.problem import Problem, ProblemError
from routing.relaxing import Block
from routing.way_tables import Scratch, Tables
from routing.ways import NOTHING

LEAVE = -1


@dataclass(frozen=True, slots=True, eq=False)
class Override:
    """One item on another option (-1: left out). `units` maps unit types to how many more (or fewer) are open.

    `extra_cost` in minor units, with the units; `blocked` names the room that is missing. It is `legal` where
    nothing is missing and nothing forbids it.
    """

    item: int
    before: int
    option: int
    units: Mapping[int, int]
    extra_cost: float
    blocked: tuple[Block, ...]

    @property
    def legal(self) -> bool:
        """Whether the plan with it may be carried out."""
        return not self.blocked and math.isfinite(self.extra_cost)


class IllegalOverrideError(ValueError):
    """The plan with this change breaks a rule: its text names the first violations."""


def override(found: Tables, item: int, option: int, *, units: Mapping[int, int] | None = None) -> Override:
    """Judge one item of a plan on another of its options; in microseconds however many items there are.

    With `units` these are opened and closed instead of those that the rule finds: so a change is taken back to
    the last unit. ProblemError where it is none of the item's options.
    """
    goods, space = found
    kind = goods.item_class[item]
    if option != LEAVE and not goods.class_ptr[kind] <= option < goods.class_ptr[kind + 1]:
        raise ProblemError("out_of_range", "option", f"{option} is none of item {item}'s options")
    desk = _Desk(found, item)
    before = int(goods.taken[item])
    desk.lift(before, close=units is None)
    for unit, count in (units or {}).items():
        desk.change(unit, count)
    blocked = list(desk.put(option, opening=units is None))
    blocked += desk.overfull()
    extra = _own_cost(found, item, option) - _own_cost(found, item, before)
    extra += sum(float(space.unit_cost[unit]) * count for unit, count in desk.changed.items())
    return Override(
        item,
        before,
        option,
        {unit: count for unit, count in desk.changed.items() if count},
        extra,
        tuple(blocked),
    )


def applied(problem: Problem, plan: Plan, change: Override) -> Plan:
    """Return the plan with a change, its cost added up anew, the bound as it was and every rule checked again.

    The bound holds for every plan of the problem, so the certificate goes on proving it. IllegalOverrideError names
    what is violated.
    """
    option, units = plan.item_option.copy(), plan.units.copy()
    option[change.item] = change.option
    for unit, count in change.units.items():
        units[unit] += count
    objective = cost_of(problem, option, units)
    proven = gap_between(objective, plan.lower_bound) <= OPTIMAL_GAP
    made = replace(
        plan, item_option=option, units=units, objective=objective, status="optimal" if proven else "feasible"
    )
    wrong = check(problem, made)
    if wrong:
        raise IllegalOverrideError("; ".join(map(str, wrong[:5])))
    return made


def options_riding(
    option_ptr: IntArray, use_resource: IntArray, options: Iterable[int], wanted: IntArray
) -> list[int]:
    """Return those of some options that take room in one of the `wanted` resources."""
    return [
        option
        for option in options
        if np.isin(use_resource[option_ptr[option] : option_ptr[option + 1]], wanted).any()
    ]


def _own_cost(found: Tables, item: int, option: int) -> float:
    goods = found.goods
    if option < 0:
        return float(goods.left[item])
    change = 0.0 if goods.now[item] == option else float(goods.change[item])
    return float(goods.item_features[item] @ goods.option_rates[option]) + change


class _Desk:
    """Room and units of a plan while one item is moved."""

    def __init__(self, found: Tables, item: int) -> None:
        self.goods, self.space, self.item = found.goods, found.space, item
        self.now: Scratch = scratch(found.space)
        self.changed: dict[int, int] = {}
        self.touched: set[int] = set()

    def lift(self, option: int, *, close: bool) -> None:
        """Take the item off its option, and close what it alone kept open."""
        for where, take in self._uses(option):
            self.touched.add(where)
            self.now.room[where] += take
            if close:
                self._close(where)

    def put(self, option: int, *, opening: bool) -> Iterator[Block]:
        """Put the item on an option, opening units where room is missing; yield what is missing for good."""
        for where, take in self._uses(option):
            self.touched.add(where)
            missing = self._missing(where, take)
            if missing.any() and not (opening and self._open(where, missing)):
                limit = self._limit(where)
                for dimension in np.flatnonzero(missing).tolist():
                    yield Block(where, dimension, float(missing[dimension]), float(limit[dimension]))
                continue
            self.now.room[where] -= take

    def overfull(self) -> list[Block]:
        """What was touched and holds more than it can."""
        found = []
        for where in sorted(self.touched):
            limit = self._limit(where)
            for dimension in np.flatnonzero(self.now.room[where] < -self._slack(limit)).tolist():
                lack = -float(self.now.room[where, dimension])
                found.append(Block(where, dimension, lack, float(limit[dimension])))
        for unit in self.changed:
            over = int(self.now.units[unit] - self.space.unit_max[unit])
            if over > 0 or self.now.units[unit] < 0:
                most = float(self.space.unit_max[unit])
                found.append(Block(self._resource_of(unit), 0, float(abs(over)), most))
        return found

    def change(self, unit: int, count: int) -> None:
        """Open (or close) so many units of a type."""
        where, parent = self._resource_of(unit), int(self.space.unit_parent[unit])
        self.now.units[unit] += count
        self.now.room[where] += self.space.unit_size[unit] * count
        self.touched.add(where)
        if parent >= 0:
            self.now.room[parent] -= self.space.unit_takes[unit] * count
            self.touched.add(parent)
        self.changed[unit] = self.changed.get(unit, 0) + count

    def _uses(self, option: int) -> Iterator[tuple[int, FloatArray]]:
        if option < 0:
            return
        for use in range(int(self.goods.option_ptr[option]), int(self.goods.option_ptr[option + 1])):
            yield (
                int(self.goods.use_resource[use]),
                self.goods.item_size[self.item] * self.goods.use_factor[use],
            )

    def _resource_of(self, unit: int) -> int:
        position = int(np.flatnonzero(self.space.type_of == unit)[0])
        return int(np.searchsorted(self.space.type_ptr, position, side="right")) - 1

    def _types(self, where: int) -> list[int]:
        found: list[int] = self.space.type_of[
            self.space.type_ptr[where] : self.space.type_ptr[where + 1]
        ].tolist()
        return found

    def _limit(self, where: int) -> FloatArray:
        """What there is of a resource with the units that are open now."""
        limit = self.space.limit[where].copy()
        for unit in self._types(where):
            limit += self.space.unit_size[unit] * self.changed.get(unit, 0)
        return np.asarray(limit)

    @staticmethod
    def _slack(limit: FloatArray) -> FloatArray:
        return np.asarray(NOTHING * np.maximum(1.0, np.where(np.isinf(limit), 1.0, limit)))

    def _missing(self, where: int, take: FloatArray) -> FloatArray:
        lack = take - self.now.room[where]
        return np.where((take > 0) & (lack > self._slack(self.space.limit[where])), lack, 0.0)

    def _spare(self, unit: int, where: int, room: FloatArray, open_units: int) -> int:
        """How many units of a type could be closed with this room left."""
        size = self.space.unit_size[unit]
        bound = (size > 0) & np.isfinite(room)
        if not bound.any():
            return open_units
        fits = np.floor((room + self._slack(self.space.limit[where]))[bound] / size[bound])
        return max(0, min(open_units, int(fits.min())))

    def _close(self, where: int) -> None:
        """Close the units that nothing but the item kept open: of the type that saves most."""
        best, count, saved = -1, 0, 0.0
        for unit in self._types(where):
            spare = self._spare(unit, where, self.now.room[where], int(self.now.units[unit]))
            spare -= self._spare(unit, where, self.space.room[where], int(self.space.units[unit]))
            gain = spare * float(self.space.unit_cost[unit])
            if spare > 0 and (best < 0 or gain > saved):
                best, count, saved = unit, spare, gain
        if best >= 0:
            self.change(best, -count)

    def _open(self, where: int, missing: FloatArray) -> bool:
        """Open the units that give the missing room for least, and those that hold them; say whether that can be."""
        found = self._cheapest(where, missing, deeper=True)
        for unit, count in reversed(found or []):
            self.change(unit, count)
        return found is not None

    def _cheapest(self, where: int, missing: FloatArray, *, deeper: bool) -> list[tuple[int, int]] | None:
        """(unit type, how many) and those of its parent; None where nothing can be opened."""
        best: list[tuple[int, int]] | None = None
        least = math.inf
        for unit in self._types(where):
            count = self._units_for(unit, missing)
            if count is None:
                continue
            opened = [(unit, count)]
            parent = int(self.space.unit_parent[unit])
            lacking = None if parent < 0 else self._missing(parent, self.space.unit_takes[unit] * count)
            if lacking is not None and lacking.any():
                more = self._cheapest(parent, lacking, deeper=False) if deeper else None
                if more is None:
                    continue
                opened += more
            cost = sum(float(self.space.unit_cost[one]) * many for one, many in opened)
            if cost < least:
                best, least = opened, cost
        return best

    def _units_for(self, unit: int, missing: FloatArray) -> int | None:
        size, lacks = self.space.unit_size[unit], missing > 0
        if (size[lacks] <= 0).any():
            return None
        count = int(np.ceil(missing[lacks] / size[lacks] - NOTHING).max())
        return count if self.now.units[unit] + count <= self.space.unit_max[unit] else None
