"""Every leg that can be travelled, as one table of arrays: rides on dated departures first, then links."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from routing.arrays import FloatArray, IntArray
from routing.network import ANYONE, MODES, Departure, Link, Network
from routing.space import Carriage, Layout, lay_out

Words = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True, eq=False)
class Legs:
    """One row per leg [l]; rows from `first_link` on are links, whose times are 0 and departures -1.

    `ref` is the caller's number of the departure or link, `departure` its position in the network;
    `accepts` the goods classes as bits; `carried` a position in `HOW`. Times are minutes since the epoch.
    Uses of leg l are `use_resource[use_ptr[l]:use_ptr[l + 1]]`, resources of the layout.
    """

    first_link: int
    ref: IntArray
    departure: IntArray
    service: IntArray
    board: IntArray
    alight: IntArray
    origin: IntArray
    destination: IntArray
    mode: IntArray
    carried: IntArray
    exporter: IntArray
    accepts: Words
    cutoff: IntArray
    departs: IntArray
    arrives: IntArray
    transit: IntArray
    rate_row: IntArray
    co2e: FloatArray
    fixed_per_g: FloatArray
    fixed_per_cm3: FloatArray
    use_ptr: IntArray
    use_resource: IntArray

    def __len__(self) -> int:
        return len(self.ref)


HOW = ("loose", "boxes", "allotment", "on_demand")


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """All rides of one service between the same two places, carried the same way, for the same goods, by cut-off."""

    service: int
    origin: int
    destination: int
    exporter: int
    mode: int
    accepts: int
    rides: IntArray
    cutoffs: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Timetable:
    """A network made ready for enumeration.

    `lines_from` and `links_from` hold, per location, the lines and the leg rows of the links that leave it.
    """

    network: Network
    layout: Layout
    legs: Legs
    lines: tuple[Line, ...]
    lines_from: tuple[tuple[int, ...], ...]
    links_from: tuple[tuple[int, ...], ...]
    links_to: tuple[tuple[int, ...], ...]
    transfer_min: IntArray


def compile_timetable(network: Network) -> Timetable:
    """Lay out the space of every departure and line up its rides with the links."""
    layout = lay_out(network)
    legs = _legs(network, layout)
    lines = _lines(legs)
    places = len(network.locations)
    links = range(legs.first_link, len(legs))
    return Timetable(
        network=network,
        layout=layout,
        legs=legs,
        lines=lines,
        lines_from=_by_place(((line.origin, index) for index, line in enumerate(lines)), places),
        links_from=_by_place(((int(legs.origin[leg]), leg) for leg in links), places),
        links_to=_by_place(((int(legs.destination[leg]), leg) for leg in links), places),
        transfer_min=np.array([place.min_transfer_min for place in network.locations], dtype=np.int64),
    )


def _by_place(found: Iterable[tuple[int, int]], places: int) -> tuple[tuple[int, ...], ...]:
    lists: list[list[int]] = [[] for _ in range(places)]
    for place, index in found:
        lists[place].append(index)
    return tuple(tuple(one) for one in lists)


class _Row(NamedTuple):
    """One leg: a row of `Legs`, whose columns have the same names."""

    ref: int
    departure: int
    service: int
    board: int
    alight: int
    origin: int
    destination: int
    mode: int
    carried: int
    exporter: int
    accepts: int
    cutoff: int
    departs: int
    arrives: int
    transit: int
    rate_row: int
    co2e: float = 0.0
    fixed_per_g: float = 0.0
    fixed_per_cm3: float = 0.0


_TYPES = {"accepts": np.uint64, "co2e": np.float64, "fixed_per_g": np.float64, "fixed_per_cm3": np.float64}


def _legs(network: Network, layout: Layout) -> Legs:
    maker = _LegMaker(network)
    rides = [(carriage, row) for carriage in layout.carriages for row in maker.rides(carriage)]
    rows = [row for _, row in rides] + [maker.link(link) for link in network.links]
    uses = [carriage.uses for carriage, _ in rides] + [()] * len(network.links)
    columns: dict[str, Any] = {
        name: np.array([row[index] for row in rows], dtype=_TYPES.get(name, np.int64))
        for index, name in enumerate(_Row._fields)
    }
    return Legs(
        first_link=len(rides),
        use_ptr=np.cumsum([0, *(len(one) for one in uses)], dtype=np.int64),
        use_resource=np.array([resource for one in uses for resource in one], dtype=np.int64),
        **columns,
    )


class _LegMaker:
    """Makes rows of legs; sets of goods classes, which many share, are turned into bits once."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self._masks: dict[frozenset[str], int] = {}

    def _mask(self, accepts: frozenset[str]) -> int:
        if accepts not in self._masks:
            self._masks[accepts] = self.network.accepts_mask(accepts)
        return self._masks[accepts]

    def rides(self, carriage: Carriage) -> Iterator[_Row]:
        """Yield the ride of the carriage, twice where some of its goods close earlier."""
        departure = self.network.departures[carriage.departure]
        call = departure.calls[carriage.board]
        early = departure.accepts & call.early_goods
        for accepts, cutoff in ((departure.accepts - early, call.cutoff_min), (early, call.early_cutoff_min)):
            if accepts:
                yield self._ride(carriage, departure, self._mask(accepts), cutoff)

    def _ride(self, carriage: Carriage, departure: Departure, accepts: int, cutoff: int) -> _Row:
        start, end = departure.calls[carriage.board], departure.calls[carriage.alight]
        return _Row(
            ref=departure.ref,
            departure=carriage.departure,
            service=departure.service,
            board=carriage.board,
            alight=carriage.alight,
            origin=start.location,
            destination=end.location,
            mode=MODES.index(departure.mode),
            carried=HOW.index(carriage.how),
            exporter=carriage.exporter,
            accepts=accepts,
            cutoff=cutoff,
            departs=start.depart_min,
            arrives=end.arrive_min,
            transit=end.arrive_min - start.depart_min,
            rate_row=carriage.rate_row,
            co2e=sum(departure.segment_co2e[carriage.board : carriage.alight]),
            fixed_per_g=carriage.fixed_per_g,
            fixed_per_cm3=carriage.fixed_per_cm3,
        )

    def link(self, link: Link) -> _Row:
        """Return the row of a link."""
        return _Row(
            ref=link.ref,
            departure=-1,
            service=link.ref,
            board=-1,
            alight=-1,
            origin=link.origin,
            destination=link.destination,
            mode=MODES.index(link.mode),
            carried=HOW.index("on_demand"),
            exporter=ANYONE,
            accepts=self._mask(link.accepts),
            cutoff=0,
            departs=0,
            arrives=0,
            transit=link.transit_min,
            rate_row=link.rate_row,
            co2e=link.co2e_g_per_kg,
        )


def _lines(legs: Legs) -> tuple[Line, ...]:
    groups: dict[tuple[int, ...], list[int]] = defaultdict(list)
    columns = (legs.service, legs.origin, legs.destination, legs.exporter, legs.accepts, legs.carried)
    keys = zip(*(column[: legs.first_link].tolist() for column in columns), strict=True)
    for ride, key in enumerate(keys):
        if key[1] != key[2]:
            groups[key].append(ride)
    return tuple(_line(legs, key, rides) for key, rides in groups.items())


def _line(legs: Legs, key: Sequence[int], found: list[int]) -> Line:
    rides = np.array(found, dtype=np.int64)
    rides = rides[np.lexsort((rides, legs.departs[rides], legs.cutoff[rides]))]
    service, origin, destination, exporter, accepts, _ = key
    return Line(
        service, origin, destination, exporter, int(legs.mode[rides[0]]), accepts, rides, legs.cutoff[rides]
    )
