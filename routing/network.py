"""Facts of the network: places, dated departures, links on demand, and the space on each departure.

Instants are int64 minutes since 1970-01-01T00:00Z, weights grams, volumes cm3. A location is named by its
position in `Network.locations`, a departure by its position in `Network.departures`, a rate by its row in
the table of rates. What has no rate row cannot be travelled: nothing here is priced by invention.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite

import numpy as np
import numpy.typing as npt

MODES = ("air", "sea", "rail", "ferry", "road", "last_mile")
ANYONE = -1  # an allotment of the operator itself: every exporter's goods may use it
MAX_GOODS_CLASSES = 63

Pair = tuple[int, int]  # positions of two calls of a departure: board, alight


class NetworkError(ValueError):
    """A fact that cannot be true; the message names the row and what to change."""


@dataclass(frozen=True, slots=True)
class Location:
    """A place; `min_transfer_min` passes between arriving on one leg and leaving, or closing, on the next.

    `country` is the territory whose border is crossed on the way out and on the way in.
    """

    code: str
    min_transfer_min: int = 0
    country: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """One stop of a departure; goods boarding here must have been handed over by `cutoff_min`.

    `early_goods` are the goods classes that close at `early_cutoff_min` instead: dangerous goods.
    """

    location: int
    arrive_min: int
    depart_min: int
    cutoff_min: int
    early_goods: frozenset[str] = frozenset()
    early_cutoff_min: int = 0


@dataclass(frozen=True, slots=True)
class Departure:
    """A dated sailing, flight, train or truck run with its calls in order.

    `ref` and `service` are the caller's numbers, `accepts` the goods classes it carries, and
    `segment_co2e` grams of CO2e per kg on each segment (empty: not known).
    """

    ref: int
    service: int
    mode: str
    calls: tuple[Call, ...]
    accepts: frozenset[str]
    segment_co2e: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """A leg that leaves whenever goods are ready: first mile, drayage, last mile."""

    ref: int
    mode: str
    origin: int
    destination: int
    transit_min: int
    accepts: frozenset[str]
    rate_row: int
    co2e_g_per_kg: float = 0.0


@dataclass(frozen=True, slots=True)
class Box:
    """A container or ULD type that can be opened between the pairs of calls that have a cost.

    Each one opened takes `slots` of the departure's slots of `slot_kind` on every segment travelled;
    no slot kind: it takes none. With an `exporter` it is opened in that exporter's own block, whose slots
    are a kind of their own, and for its goods alone.
    """

    name: str
    size_g: int
    size_cm3: int
    max_units: int
    cost: Mapping[Pair, float]
    slot_kind: str | None = None
    slots: float = 1.0
    exporter: int = ANYONE


@dataclass(frozen=True, slots=True)
class Opening:
    """What must be opened, at a fixed cost, before anything travels: a charter flight, or a part of one."""

    name: str
    size_g: int
    size_cm3: int
    cost: float
    max_units: int = 1


@dataclass(frozen=True, slots=True)
class Allotment:
    """Space for loose goods already bought, on the pairs of calls with a rate row: for one exporter or `ANYONE`.

    `free_g` and `free_cm3` have one entry per segment (inf: not limited); empty: nothing is limited.
    """

    name: str
    rates: Mapping[Pair, int]
    exporter: int = ANYONE
    free_g: tuple[float, ...] = ()
    free_cm3: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Space:
    """What is still free on a departure, and the ways its goods can be carried.

    `loose` and `boxed` give the rate row of the goods themselves between two calls, carried loose or in
    one of `boxes`. Loose goods take `free_g` and `free_cm3` (one entry per segment; inf: not limited) of
    every segment between, and room in what is opened of `openings`, if there are any; boxed goods do so
    where `boxes_weigh`. Empty tuples: nothing is limited.
    """

    loose: Mapping[Pair, int] = field(default_factory=dict)
    boxed: Mapping[Pair, int] = field(default_factory=dict)
    free_g: tuple[float, ...] = ()
    free_cm3: tuple[float, ...] = ()
    slots: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    boxes: tuple[Box, ...] = ()
    boxes_weigh: bool = False
    openings: tuple[Opening, ...] = ()
    allotments: tuple[Allotment, ...] = ()


@dataclass(frozen=True, slots=True)
class Throughput:
    """How many parcels a warehouse can still take in from `starts_min` until before `ends_min`."""

    location: int
    starts_min: int
    ends_min: int
    free_items: float


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """All facts of a plan or a quote.

    `spaces` stands beside `departures`; `distance_km`, float64 [locations, locations], is optional and only
    used to leave out detours. Raises `NetworkError` where a fact contradicts itself.
    """

    goods: tuple[str, ...]
    locations: tuple[Location, ...]
    departures: tuple[Departure, ...]
    spaces: tuple[Space, ...]
    links: tuple[Link, ...] = ()
    throughputs: tuple[Throughput, ...] = ()
    distance_km: npt.NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        check_network(self)

    def accepts_mask(self, accepted: frozenset[str]) -> int:
        """Return the goods classes as bits, in the order of `goods`."""
        return sum(1 << bit for bit, name in enumerate(self.goods) if name in accepted)


def check_network(network: Network) -> None:
    """Raise `NetworkError` at the first fact that cannot be true."""
    if len(network.goods) > MAX_GOODS_CLASSES:
        raise NetworkError(f"more than {MAX_GOODS_CLASSES} goods classes")
    if len(network.spaces) != len(network.departures):
        raise NetworkError("every departure needs its space, in the same order")
    for departure, space in zip(network.departures, network.spaces, strict=True):
        _check_departure(departure, len(network.locations))
        _check_space(departure, space)
    for link in network.links:
        if link.transit_min < 0 or link.origin == link.destination or link.mode not in MODES:
            raise NetworkError(f"link {link.ref}: needs two places, a known mode and no negative transit")
        _check_places(f"link {link.ref}", (link.origin, link.destination), len(network.locations))


def _check_places(what: str, places: tuple[int, ...], known: int) -> None:
    if not all(0 <= place < known for place in places):
        raise NetworkError(f"{what}: unknown location")


def _check_departure(departure: Departure, known: int) -> None:
    what = f"departure {departure.ref}"
    if departure.mode not in MODES:
        raise NetworkError(f"{what}: unknown mode {departure.mode}")
    if len(departure.calls) < 2:
        raise NetworkError(f"{what}: needs at least two calls")
    _check_places(what, tuple(call.location for call in departure.calls), known)
    if any(max(call.cutoff_min, call.early_cutoff_min) > call.depart_min for call in departure.calls[:-1]):
        raise NetworkError(f"{what}: a cut-off lies after the departure it closes")
    for before, after in zip(departure.calls, departure.calls[1:], strict=False):
        if after.arrive_min < before.depart_min or before.depart_min < before.arrive_min:
            raise NetworkError(f"{what}: arrives before it departs")
    if departure.segment_co2e and len(departure.segment_co2e) != len(departure.calls) - 1:
        raise NetworkError(f"{what}: needs one CO2e figure per segment")


def _check_space(departure: Departure, space: Space) -> None:
    what = f"departure {departure.ref}"
    segments = len(departure.calls) - 1
    limits = [space.free_g, space.free_cm3, *space.slots.values()]
    limits += [limit for one in space.allotments for limit in (one.free_g, one.free_cm3)]
    if any(limit and len(limit) != segments for limit in limits):
        raise NetworkError(f"{what}: needs one free figure per segment")
    if any(value < 0 for limit in limits for value in limit):
        raise NetworkError(f"{what}: free space is negative")
    pairs = [*space.loose, *space.boxed, *(pair for one in space.allotments for pair in one.rates)]
    if not all(0 <= board < alight <= segments for board, alight in pairs):
        raise NetworkError(f"{what}: a leg must board before it alights, at calls there are")
    for box in space.boxes:
        if box.slot_kind is not None and box.slot_kind not in space.slots:
            raise NetworkError(f"{what}: no slots of kind {box.slot_kind} for {box.name}")
        if min(box.size_g, box.size_cm3, box.max_units, box.slots, *box.cost.values()) < 0:
            raise NetworkError(f"{what}: {box.name} has a negative size, cost or number")
    for opening in space.openings:
        if not (isfinite(opening.cost) and min(opening.cost, opening.size_g, opening.size_cm3) >= 0):
            raise NetworkError(
                f"{what}: {opening.name} needs a cost and a size that are finite, not negative"
            )
