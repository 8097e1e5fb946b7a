"""The dated parts of itineraries: which lines can follow one another, with links between them, undated."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from routing.arrays import FloatArray, IntArray
from routing.network import ANYONE
from routing.timetable import Line, Timetable

ALL_GOODS = 2**63 - 1


@dataclass(frozen=True, slots=True)
class SearchRules:
    """How far the enumeration goes; see `routing.itineraries`."""

    max_legs: int = 7
    max_dated: int = 3
    max_links_in_a_row: int = 2
    max_links_between: int = 1
    onward: int = 3
    detour_factor: float = 1.6
    detour_slack_km: float = 1200.0
    cores_of_kind: int = 6
    chains_of_kind: int = 10


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """What an average item costs: float64 [l] on each leg of the timetable, and per minute on the way."""

    leg_cost: FloatArray
    minute_cost: float


@dataclass(frozen=True, slots=True, eq=False)
class Core:
    """A dated part: lines (>= 0) and links (~leg) in order; it is a key, equal to nothing but itself."""

    path: tuple[int, ...]
    places: frozenset[int]
    accepts: int
    exporter: int
    modes: int
    cost: float


class _Step(NamedTuple):
    """Where the search for dated parts stands."""

    path: tuple[int, ...]
    places: tuple[int, ...]
    services: tuple[int, ...]
    accepts: int
    exporter: int
    modes: int
    length_km: float
    cost: float

    @property
    def kind(self) -> tuple[int, ...]:
        """What must be alike for one of two steps to be given up for the other."""
        return (self.places[-1], self.modes, self.accepts, self.exporter)


class CoreSearch:
    """Finds the dated parts that end at one of the given places; each beginning is searched once.

    With an estimate, the cheapest `cores_of_kind` are kept of those that end alike: at the same place, by
    the same modes, for the same goods and exporter. Without one, all are.
    """

    def __init__(
        self, timetable: Timetable, ends: set[int], rules: SearchRules, estimate: Estimate | None = None
    ) -> None:
        self.timetable, self.rules, self.estimate = timetable, rules, estimate
        self.ends: IntArray = np.array(sorted(ends), dtype=np.int64)
        self._reach: list[set[int]] = self._reaching(ends)
        self._line_cost: list[float] = [self._estimated(line) for line in timetable.lines]
        self._first_link = timetable.legs.first_link
        self._link_cost: list[float] = self._estimated_links()
        self._found: dict[int, dict[int, list[Core]]] = {}
        # The search reads single legs and distances, which lists give faster than arrays.
        legs = timetable.legs
        self._link_ends: list[tuple[int, int]] = list(
            zip(
                legs.destination[self._first_link :].tolist(),
                legs.accepts[self._first_link :].tolist(),
                strict=True,
            )
        )
        distances = timetable.network.distance_km
        self._distance: list[list[float]] | None = None if distances is None else distances.tolist()
        self._country: list[str] = [place.country for place in timetable.network.locations]
        self._furthest: dict[int, list[float]] = {}

    def _estimated(self, line: Line) -> float:
        """Return the cost of the line's cheapest ride, and of waiting half the time between two of them."""
        if self.estimate is None:
            return 0.0
        legs, rides = self.timetable.legs, line.rides
        cost = (self.estimate.leg_cost[rides] + legs.transit[rides] * self.estimate.minute_cost).min()
        span = int(line.cutoffs[-1] - line.cutoffs[0])
        wait = span / (len(rides) - 1) / 2 if len(rides) > 1 else span
        return float(cost) + wait * self.estimate.minute_cost

    def _estimated_links(self) -> list[float]:
        legs = self.timetable.legs
        if self.estimate is None:
            return [0.0] * (len(legs) - legs.first_link)
        costs = self.estimate.leg_cost + legs.transit * self.estimate.minute_cost
        return [float(cost) for cost in costs[legs.first_link :]]

    def _reaching(self, ends: set[int]) -> list[set[int]]:
        """Return, by number of dated legs still allowed, the places from which some end can be reached."""
        table = self.timetable
        reach = [ends]
        for _ in range(self.rules.max_dated):
            known = reach[-1]
            boarding = {line.origin for line in table.lines if line.destination in known}
            for _ in range(self.rules.max_links_between):
                sources = (leg for place in boarding for leg in table.links_to[place])
                boarding = boarding | {int(table.legs.origin[leg]) for leg in sources}
            reach.append(known | boarding)
        return reach

    def beginning(self, start: int) -> dict[int, list[Core]]:
        """Return, by the place where they end, the dated parts that begin at the place."""
        if start not in self._found:
            self._found[start] = self._search(_Step((), (start,), (), ALL_GOODS, ANYONE, 0, 0.0, 0.0))
        return self._found[start]

    def _search(self, first: _Step) -> dict[int, list[Core]]:
        """Go on by one dated leg at a time, keeping the best of each kind."""
        found: dict[int, list[Core]] = {}
        ends = set(self.ends.tolist())
        boarding = [first]
        for _ in range(self.rules.max_dated):
            arrived = self._best(
                longer
                for step in boarding
                for index in self.timetable.lines_from[step.places[-1]]
                if (longer := self._ride(step, index)) is not None
            )
            for step in arrived:
                if step.places[-1] in ends and self._is_direct(step):
                    found.setdefault(step.places[-1], []).append(_core(step))
            boarding = list(self._driven(arrived))
        return found

    def _best(self, steps: Iterable[_Step]) -> list[_Step]:
        if self.estimate is None:
            return list(steps)
        kinds: dict[tuple[int, ...], list[_Step]] = defaultdict(list)
        for step in steps:
            kinds[step.kind].append(step)
        most = self.rules.cores_of_kind
        best = (heapq.nsmallest(most, kind, key=lambda one: (one.cost, one.path)) for kind in kinds.values())
        return [step for kind in best for step in kind]

    def _driven(self, steps: list[_Step]) -> Iterator[_Step]:
        """Yield the steps, and what they become by driving links to the place of the next departure."""
        for _ in range(self.rules.max_links_between + 1):
            yield from steps
            steps = [
                longer
                for step in steps
                for leg in self.timetable.links_from[step.places[-1]]
                if (longer := self._drive(step, leg)) is not None
            ]

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
        exporter = line.exporter if step.exporter == ANYONE else step.exporter
        return self._longer(step, index, line.destination, (*step.services, line.service), accepts, exporter)

    def _drive(self, step: _Step, leg: int) -> _Step | None:
        there, carried = self._link_ends[leg - self._first_link]
        accepts = step.accepts & carried
        left = self.rules.max_dated - len(step.services)
        if there in step.places or not accepts or there not in self._reach[left]:
            return None
        return self._longer(step, ~leg, there, step.services, accepts, step.exporter)

    def _longer(
        self, step: _Step, one: int, there: int, services: tuple[int, ...], accepts: int, exporter: int
    ) -> _Step | None:
        """Return the step with one more leg, unless it is one too many, leads home or is a detour to every end."""
        if len(step.path) >= self.rules.max_legs or self._comes_home(step, there):
            return None
        mode = 1 << self.timetable.lines[one].mode if one >= 0 else 0
        longer = _Step(
            path=(*step.path, one),
            places=(*step.places, there),
            services=services,
            accepts=accepts,
            exporter=exporter,
            modes=step.modes | mode,
            length_km=step.length_km + self._km(step.places[-1], there),
            cost=step.cost + (self._line_cost[one] if one >= 0 else self._link_cost[~one - self._first_link]),
        )
        return longer if self._leads_on(longer) else None

    def _comes_home(self, step: _Step, there: int) -> bool:
        """Say whether goods that have left the country would enter it again: customs takes that for a return."""
        home = self._country[step.places[0]]
        return self._country[there] == home and self._country[step.places[-1]] != home

    def _km(self, start: int, end: int) -> float:
        return 0.0 if self._distance is None else self._distance[start][end]

    def _is_direct(self, step: _Step) -> bool:
        direct = self._km(step.places[0], step.places[-1])
        return step.length_km <= self.rules.detour_factor * direct + self.rules.detour_slack_km

    def _leads_on(self, step: _Step) -> bool:
        """Say whether some end can still be reached without a detour."""
        if self._distance is None:
            return True
        start = step.places[0]
        if start not in self._furthest:
            self._furthest[start] = self._furthest_from(start)
        return step.length_km <= self._furthest[start][step.places[-1]]

    def _furthest_from(self, start: int) -> list[float]:
        """Return how far one may have come to each place and still reach some end without a detour."""
        distances = self.timetable.network.distance_km
        if distances is None or not len(self.ends):
            return [-1.0] * len(self._country)
        allowed = self.rules.detour_factor * distances[start, self.ends] + self.rules.detour_slack_km
        left: list[float] = (allowed - distances[:, self.ends]).max(axis=1).tolist()
        return left


def _core(step: _Step) -> Core:
    return Core(step.path, frozenset(step.places), step.accepts, step.exporter, step.modes, step.cost)
