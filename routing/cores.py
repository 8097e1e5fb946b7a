"""The dated parts of itineraries: which lines can follow one another, with links between them, undated."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from routing.arrays import IntArray
from routing.network import ANYONE
from routing.timetable import Timetable

ALL_GOODS = 2**63 - 1


@dataclass(frozen=True, slots=True)
class SearchRules:
    """How far the enumeration goes; see the module."""

    max_legs: int = 7
    max_dated: int = 3
    max_links_in_a_row: int = 2
    onward: int = 3
    detour_factor: float = 2.0
    detour_slack_km: float = 1500.0


@dataclass(frozen=True, slots=True, eq=False)
class Core:
    """A dated part: lines (>= 0) and links (~leg) in order; it is a key, equal to nothing but itself."""

    path: tuple[int, ...]
    places: frozenset[int]
    accepts: int
    exporter: int


@dataclass(frozen=True, slots=True)
class _Step:
    """Where the search for dated parts stands."""

    path: tuple[int, ...]
    places: tuple[int, ...]
    services: tuple[int, ...]
    accepts: int
    exporter: int
    length_km: float
    links_in_a_row: int


class CoreSearch:
    """Finds the dated parts that end at one of the given places; each beginning is searched once."""

    def __init__(self, timetable: Timetable, ends: set[int], rules: SearchRules) -> None:
        self.timetable, self.rules = timetable, rules
        self.ends: IntArray = np.array(sorted(ends), dtype=np.int64)
        self._reach: list[set[int]] = self._reaching(ends)
        self._found: dict[int, dict[int, list[Core]]] = {}

    def _reaching(self, ends: set[int]) -> list[set[int]]:
        """Return, by number of dated legs still allowed, the places from which some end can be reached."""
        table = self.timetable
        reach = [ends]
        for _ in range(self.rules.max_dated):
            known = reach[-1]
            boarding = {line.origin for line in table.lines if line.destination in known}
            for _ in range(self.rules.max_links_in_a_row):
                sources = (leg for place in boarding for leg in table.links_to[place])
                boarding = boarding | {int(table.legs.origin[leg]) for leg in sources}
            reach.append(known | boarding)
        return reach

    def beginning(self, start: int) -> dict[int, list[Core]]:
        """Return, by the place where they end, all dated parts that begin at the place."""
        if start not in self._found:
            found: dict[int, list[Core]] = {}
            ends = set(self.ends.tolist())
            for step in self._walk(_Step((), (start,), (), ALL_GOODS, ANYONE, 0.0, 0)):
                if step.path[-1] >= 0 and step.places[-1] in ends and self._is_direct(step):
                    core = Core(step.path, frozenset(step.places), step.accepts, step.exporter)
                    found.setdefault(step.places[-1], []).append(core)
            self._found[start] = found
        return self._found[start]

    def _walk(self, step: _Step) -> Iterator[_Step]:
        """Yield every continuation of the step, depth first."""
        if len(step.path) >= self.rules.max_legs:
            return
        if len(step.services) < self.rules.max_dated:
            for index in self.timetable.lines_from[step.places[-1]]:
                if (longer := self._ride(step, index)) is not None:
                    yield longer
                    yield from self._walk(longer)
            if step.path and step.links_in_a_row < self.rules.max_links_in_a_row:
                for leg in self.timetable.links_from[step.places[-1]]:
                    if (longer := self._drive(step, leg)) is not None:
                        yield longer
                        yield from self._walk(longer)

    def _ride(self, step: _Step, index: int) -> _Step | None:
        line = self.timetable.lines[index]
        accepts = step.accepts & line.accepts
        left = self.rules.max_dated - len(step.services) - 1
        if (
            line.destination in step.places
            or line.service in step.services
            or not accepts
            or line.destination not in self._reach[left]
            or (line.exporter != ANYONE and step.exporter not in (ANYONE, line.exporter))
        ):
            return None
        return self._unless_detour(
            _Step(
                (*step.path, index),
                (*step.places, line.destination),
                (*step.services, line.service),
                accepts,
                line.exporter if step.exporter == ANYONE else step.exporter,
                step.length_km + self._km(step.places[-1], line.destination),
                0,
            )
        )

    def _drive(self, step: _Step, leg: int) -> _Step | None:
        legs = self.timetable.legs
        there = int(legs.destination[leg])
        accepts = step.accepts & int(legs.accepts[leg])
        left = self.rules.max_dated - len(step.services)
        if there in step.places or not accepts or there not in self._reach[left]:
            return None
        return self._unless_detour(
            _Step(
                (*step.path, ~leg),
                (*step.places, there),
                step.services,
                accepts,
                step.exporter,
                step.length_km + self._km(step.places[-1], there),
                step.links_in_a_row + 1,
            )
        )

    def _km(self, start: int, end: int) -> float:
        distances = self.timetable.network.distance_km
        return 0.0 if distances is None else float(distances[start, end])

    def _is_direct(self, step: _Step) -> bool:
        direct = self._km(step.places[0], step.places[-1])
        return step.length_km <= self.rules.detour_factor * direct + self.rules.detour_slack_km

    def _unless_detour(self, step: _Step) -> _Step | None:
        """Return the step if some end can still be reached without a detour."""
        distances = self.timetable.network.distance_km
        if distances is None:
            return step
        whole = step.length_km + distances[step.places[-1], self.ends]
        allowed = self.rules.detour_factor * distances[step.places[0], self.ends]
        return step if bool((whole <= allowed + self.rules.detour_slack_km).any()) else None
