"""Feasible itineraries: chains of links and dated rides between two places, over all dates at once.

A chain is `links · dated part · links`. Dated parts (up to three lines, with links between them) are found
and dated once and shared by every origin and destination, so that a pair costs little more than its links.
What is enumerated, exactly:

- at most `max_legs` legs, `max_dated` of them dated, `max_links_in_a_row` links in a row, and
  `max_links_between` of them between two dated legs;
- no place is begun or ended at twice, and no service is ridden twice;
- between two legs the place's transfer time passes; a ride is reached by its cut-off;
- from each arrival the next `onward` departures of the following line that can still be reached, by cut-off;
- the dated part is at most `detour_factor` x direct + `detour_slack_km` long, where distances are known;
- a dated part that has left the country it begins in does not come back to it;
- only one exporter's allotments are used in one itinerary;
- with an estimate of costs: of chains alike in modes, goods carried and exporter the `chains_of_kind`
  cheapest, made of the `cores_of_kind` cheapest dated parts. Without one: all of them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from routing.arrays import IntArray
from routing.cores import ALL_GOODS, Core, CoreSearch, Estimate, SearchRules
from routing.network import ANYONE
from routing.timetable import Timetable, Words

FOREVER = np.iinfo(np.int64).max // 4
"""Ready-by of an itinerary without dated legs, and due time of an item without one."""


@dataclass(frozen=True, slots=True, eq=False)
class Itineraries:
    """Itineraries between two places [m], by chain, then by `ready_by`.

    `legs` int64 [m, max_legs] are rows of the timetable's legs, -1 where there are no more. Goods ready by
    `ready_by` make every cut-off. `arrives` is an instant, or minutes after ready where `on_demand`.
    `accepts` are goods classes as bits, `modes` the modes of the dated legs (of all, without any) as bits.
    """

    legs: IntArray
    ready_by: IntArray
    arrives: IntArray
    on_demand: npt.NDArray[np.bool_]
    accepts: Words
    modes: IntArray
    chain: IntArray
    exporter: IntArray

    def __len__(self) -> int:
        return len(self.ready_by)


@dataclass(frozen=True, slots=True, eq=False)
class _Dated:
    legs: IntArray
    ready_by: IntArray
    arrives: IntArray
    accepts: Words


@dataclass(frozen=True, slots=True)
class _Links:
    """A run of links between two places, with the transfer times between them but not at its ends."""

    legs: tuple[int, ...]
    places: tuple[int, ...]
    minutes: int
    accepts: int
    cost: float


_Chain = tuple[_Links, Core, _Links]


def _rank(chain: _Chain) -> tuple[float, int, tuple[int, ...]]:
    """Order chains by estimated cost, then legs; the legs themselves make the order the same every time."""
    before, core, after = chain
    cost = before.cost + core.cost + after.cost
    path = (*before.legs, *core.path, *after.legs)
    return cost, len(path), path


@dataclass(slots=True, eq=False)
class Router:
    """Enumerates itineraries between given origins and destinations of one timetable."""

    timetable: Timetable
    origins: frozenset[int]
    destinations: frozenset[int]
    rules: SearchRules = field(default_factory=SearchRules)
    estimate: Estimate | None = None
    _search: CoreSearch = field(init=False)
    _dates: dict[Core, _Dated] = field(init=False, default_factory=dict)
    _before: dict[int, list[_Links]] = field(init=False, default_factory=dict)
    _after: dict[int, list[_Links]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        runs = (run for place in self.destinations for run in self._runs(place, forward=False))
        ends = {run.places[0] for run in runs}.intersection(line.destination for line in self.timetable.lines)
        self._search = CoreSearch(self.timetable, ends, self.rules, self.estimate)

    def itineraries(self, origin: int, destination: int) -> Itineraries:
        """Return every itinerary between the two places; none where they are the same."""
        if origin not in self.origins or destination not in self.destinations:
            raise ValueError("the router was not made for this origin and destination")
        parts: list[_Chain] = []
        on_demand: list[_Links] = []
        if origin != destination:
            parts = self._chains(origin, destination)
            on_demand = [run for run in self._links_from(origin) if run.places[-1] == destination]
        return self._collect(parts, [run for run in on_demand if run.legs])

    def _chains(self, origin: int, destination: int) -> list[_Chain]:
        """Return the chains between two places, in an order that depends on nothing but the facts."""
        suffixes: dict[int, list[_Links]] = {}
        for run in self._links_to(destination):
            if origin not in run.places:
                suffixes.setdefault(run.places[0], []).append(run)
        kinds: dict[tuple[int, ...], list[_Chain]] = defaultdict(list)
        for before in self._links_from(origin):
            cores = self._search.beginning(before.places[-1])
            for end in suffixes.keys() & cores.keys():
                for core in cores[end]:
                    if core.places.isdisjoint(before.places[:-1]):
                        self._join(before, core, suffixes[end], kinds)
        most = None if self.estimate is None else self.rules.chains_of_kind
        return [chain for kind in sorted(kinds) for chain in sorted(kinds[kind], key=_rank)[:most]]

    def _join(
        self, before: _Links, core: Core, suffixes: list[_Links], kinds: dict[tuple[int, ...], list[_Chain]]
    ) -> None:
        legs = len(before.legs) + len(core.path)
        accepts = before.accepts & core.accepts
        taken = core.places.union(before.places)
        for after in suffixes:
            carried = accepts & after.accepts
            if (
                carried
                and legs + len(after.legs) <= self.rules.max_legs
                and taken.isdisjoint(after.places[1:])
            ):
                kinds[core.modes, carried, core.exporter].append((before, core, after))

    # links

    def _links_from(self, place: int) -> list[_Links]:
        if place not in self._before:
            self._before[place] = self._runs(place, forward=True)
        return self._before[place]

    def _links_to(self, place: int) -> list[_Links]:
        if place not in self._after:
            self._after[place] = self._runs(place, forward=False)
        return self._after[place]

    def _runs(self, place: int, *, forward: bool) -> list[_Links]:
        """Return every run of links that begins (forward) or ends at the place, the empty one first."""
        table, legs = self.timetable, self.timetable.legs
        runs = [_Links((), (place,), 0, ALL_GOODS, 0.0)]
        for run in runs:  # grows while it is read
            if len(run.legs) == self.rules.max_links_in_a_row:
                continue
            here = run.places[-1] if forward else run.places[0]
            for leg in table.links_from[here] if forward else table.links_to[here]:
                there = int(legs.destination[leg] if forward else legs.origin[leg])
                accepts = run.accepts & int(legs.accepts[leg])
                if there in run.places or not accepts:
                    continue
                minutes = run.minutes + int(legs.transit[leg])
                minutes += int(table.transfer_min[here]) if run.legs else 0
                path = ((*run.legs, leg), (*run.places, there))
                if not forward:
                    path = ((leg, *run.legs), (there, *run.places))
                runs.append(_Links(*path, minutes, accepts, self._link_cost(path[0], minutes)))
        return runs

    def _link_cost(self, legs: tuple[int, ...], minutes: int) -> float:
        if self.estimate is None:
            return 0.0
        return float(self.estimate.leg_cost[list(legs)].sum()) + minutes * self.estimate.minute_cost

    # dates

    def _dated(self, core: Core) -> _Dated:
        """Return the dated instances of a core: every first ride, then the next rides that can be reached."""
        if core not in self._dates:
            self._dates[core] = self._date(core)
        return self._dates[core]

    def _date(self, core: Core) -> _Dated:
        table, legs = self.timetable, self.timetable.legs
        rides = table.lines[core.path[0]].rides
        columns = [rides]
        at, accepts = legs.arrives[rides], legs.accepts[rides]
        for one in core.path[1:]:
            if one < 0:
                at = at + table.transfer_min[legs.origin[~one]] + legs.transit[~one]
                accepts = accepts & legs.accepts[~one]
                columns.append(np.full(len(at), ~one, dtype=np.int64))
            else:
                kept, ride = self._onward(one, at)
                columns = [column[kept] for column in columns] + [ride]
                at, accepts = legs.arrives[ride], accepts[kept] & legs.accepts[ride]
        return _Dated(np.stack(columns, axis=1), legs.cutoff[columns[0]], at, accepts)

    def _onward(self, index: int, at: IntArray) -> tuple[IntArray, IntArray]:
        """Return, for goods arriving at `at`, rows to repeat and the rides they can go on with."""
        line = self.timetable.lines[index]
        ready = at + self.timetable.transfer_min[line.origin]
        first = np.searchsorted(line.cutoffs, ready, side="left")
        ride = first[:, None] + np.arange(self.rules.onward)
        kept, position = np.nonzero(ride < len(line.rides))
        return kept.astype(np.int64), line.rides[ride[kept, position]]

    # all together

    def _collect(self, parts: list[_Chain], on_demand: list[_Links]) -> Itineraries:
        rows = sum(len(self._dated(core).ready_by) for _, core, _ in parts) + len(on_demand)
        found = Itineraries(
            legs=np.full((rows, self.rules.max_legs), -1, dtype=np.int64),
            ready_by=np.full(rows, FOREVER, dtype=np.int64),
            arrives=np.zeros(rows, dtype=np.int64),
            on_demand=np.zeros(rows, dtype=np.bool_),
            accepts=np.zeros(rows, dtype=np.uint64),
            modes=np.zeros(rows, dtype=np.int64),
            chain=np.zeros(rows, dtype=np.int64),
            exporter=np.full(rows, ANYONE, dtype=np.int64),
        )
        begin = 0
        for chain, part in enumerate(parts):
            begin = self._fill(found, begin, chain, part)
        for chain, run in enumerate(on_demand, len(parts)):
            found.legs[begin, : len(run.legs)] = run.legs
            found.arrives[begin] = run.minutes
            found.on_demand[begin] = True
            found.accepts[begin] = run.accepts
            found.modes[begin] = np.bitwise_or.reduce(1 << self.timetable.legs.mode[list(run.legs)])
            found.chain[begin] = chain
            begin += 1
        return found

    def _fill(self, found: Itineraries, begin: int, chain: int, part: _Chain) -> int:
        before, core, after = part
        dated, wait = self._dated(core), self.timetable.transfer_min
        rows = slice(begin, begin + len(dated.ready_by))
        first, last = len(before.legs), len(before.legs) + len(core.path)
        found.legs[rows, :first] = before.legs
        found.legs[rows, first:last] = dated.legs
        found.legs[rows, last : last + len(after.legs)] = after.legs
        found.ready_by[rows] = dated.ready_by
        if before.legs:
            found.ready_by[rows] -= before.minutes + wait[before.places[-1]]
        found.arrives[rows] = dated.arrives
        if after.legs:
            found.arrives[rows] += wait[after.places[0]] + after.minutes
        found.accepts[rows] = dated.accepts & np.uint64(before.accepts & after.accepts)
        found.modes[rows] = core.modes
        found.chain[rows] = chain
        found.exporter[rows] = core.exporter
        return rows.stop
