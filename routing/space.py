"""Space on departures, laid out as the resources and units of `fourport-problem/1`.

One set of dimensions serves all: grams, cm3, then slots. The slot dimensions hold, side by side, the
segments of one departure, so that a box travelling several segments takes its slot on each of them from a
single parent resource, and after them the numbers of those box types that are few on the whole departure.
The first slot dimension also counts parcels for a warehouse's throughput.
A segment that can never bind before another one does is left out; nothing is lost by that.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import inf, isfinite

import numpy as np
import numpy.typing as npt

from routing.arrays import FloatArray
from routing.network import ANYONE, Allotment, Box, Departure, Network, Pair, Space

GRAMS, CM3, FIRST_SLOT = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Resource:
    """Room of one kind: `payload`, `segment`, `slots`, `boxes`, `allotment` or `throughput`.

    `departure` (position, -1 none) and the calls `board`, `alight` say where; `location` is that of a
    throughput. `free` holds limits by dimension; what is not named is not limited.
    """

    kind: str
    label: str
    free: dict[int, float]
    departure: int = -1
    board: int = -1
    alight: int = -1
    location: int = -1


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit type that adds `size` to its resource and takes `takes` of its parent, by dimension."""

    label: str
    resource: int
    size: dict[int, float]
    cost: float
    max_units: int
    parent: int = -1
    takes: dict[int, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Carriage:
    """One way of travelling on a departure between two calls, with the resources it uses.

    `fixed_per_g` and `fixed_per_cm3` spread the cost of the cheapest unit over a full one; they rank
    options and are charged nowhere.
    """

    departure: int
    board: int
    alight: int
    how: str
    exporter: int
    rate_row: int
    uses: tuple[int, ...]
    fixed_per_g: float = 0.0
    fixed_per_cm3: float = 0.0


@dataclass(slots=True)
class Layout:
    """Resources, units and carriages of a network, in the order they were found."""

    resources: list[Resource] = field(default_factory=list)
    units: list[Unit] = field(default_factory=list)
    carriages: list[Carriage] = field(default_factory=list)
    last_dimension: int = field(init=False, default=FIRST_SLOT)

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Names of the size dimensions: grams, cm3, and as many slots as the longest departure needs."""
        return ("g", "cm3", *(f"slot {slot}" for slot in range(1, self.last_dimension)))

    def add(self, resource: Resource) -> int:
        """Keep a resource and return its index."""
        self.resources.append(resource)
        self.last_dimension = max([self.last_dimension, *resource.free])
        return len(self.resources) - 1


def lay_out(network: Network) -> Layout:
    """Return every resource, unit type and carriage of the network's departures and warehouses."""
    layout = Layout()
    for index, (departure, space) in enumerate(zip(network.departures, network.spaces, strict=True)):
        _Desk(layout, index, departure, space).lay_out()
    for window in network.throughputs:
        code = network.locations[window.location].code
        free = {FIRST_SLOT: window.free_items}
        layout.add(Resource("throughput", f"{code} parcels", free, location=window.location))
    return layout


def binding_segments(pairs: Iterable[Pair], free: Iterable[tuple[float, ...]]) -> list[int]:
    """Return the segments that can bind, given the pairs that travel and what is free per segment.

    A segment is left out when another is crossed by at least the same pairs and has no more room.
    """
    return list(_binding(tuple(pairs), tuple(free)))


@lru_cache(maxsize=4096)  # the departures of a service are alike until they are booked
def _binding(travelled: tuple[Pair, ...], free: tuple[tuple[float, ...], ...]) -> tuple[int, ...]:
    crossed = [
        sum(1 << bit for bit, (board, alight) in enumerate(travelled) if board <= segment < alight)
        for segment in range(len(free))
    ]
    kept: list[int] = []
    order = sorted(range(len(free)), key=lambda segment: (-crossed[segment].bit_count(), segment))
    for segment in order:
        if not crossed[segment] or all(value == inf for value in free[segment]):
            continue
        if not any(_covers(crossed, free, other, segment) for other in kept):
            kept = [other for other in kept if not _covers(crossed, free, segment, other)] + [segment]
    return tuple(sorted(kept))


def _covers(crossed: list[int], free: Sequence[tuple[float, ...]], one: int, other: int) -> bool:
    """Say whether whatever fits segment `one` fits segment `other` too."""
    same_or_more = crossed[one] & crossed[other] == crossed[other]
    return same_or_more and all(a <= b for a, b in zip(free[one], free[other], strict=True))


@dataclass(frozen=True, slots=True)
class _Slots:
    """A departure's slots of one kind: the parent resource, and its dimensions by segment and by name of a box."""

    resource: int
    segments: dict[int, int]
    counts: dict[str, int]


def _slots_are_fewer(box: Box, kept: Sequence[int], free: Sequence[float]) -> bool:
    """Say whether the slots of a segment that all of its pairs cross leave room for no more than there are."""
    crossed = [one for one in kept if all(board <= one < alight for board, alight in box.cost)]
    return any(free[one] // max(box.slots, 1e-9) <= box.max_units for one in crossed)


@dataclass(slots=True)
class _Desk:
    """Lays out one departure."""

    layout: Layout
    index: int
    departure: Departure
    space: Space

    def lay_out(self) -> None:
        """Add the departure's resources, units and carriages."""
        load = self._load_resources()
        slots = self._slot_resources()
        openings = [(one.cost, one.size_g, one.size_cm3) for one in self.space.openings]
        for pair, row in self.space.loose.items():
            self._carry(pair, "loose", row, self._uses(load, pair), _fixed(openings))
        for pair, row in self.space.boxed.items():
            for exporter in dict.fromkeys(box.exporter for box in self.space.boxes if pair in box.cost):
                self._carry_boxed(pair, row, exporter, load, slots)
        for allotment in self.space.allotments:
            self._allot(allotment)

    def _load_resources(self) -> dict[int, tuple[int, ...]]:
        """Return the resources that goods take on each segment that can bind."""
        segments = len(self.departure.calls) - 1
        pairs = [*self.space.loose, *(self.space.boxed if self.space.boxes_weigh else ())]
        rooms = self._rooms("segment", "load", pairs, self.space.free_g, self.space.free_cm3)
        whole = self._opened(segments)
        return {one: (*whole, *rooms.get(one, ())) for one in range(segments)}

    def _rooms(
        self, kind: str, label: str, pairs: Iterable[Pair], grams: tuple[float, ...], cm3: tuple[float, ...]
    ) -> dict[int, tuple[int, ...]]:
        """Add a resource for each segment that can bind, and return them by segment."""
        unlimited = (inf,) * (len(self.departure.calls) - 1)
        free = list(zip(grams or unlimited, cm3 or unlimited, strict=True))
        found: dict[int, tuple[int, ...]] = {}
        for one in binding_segments(pairs, free):
            limits = {GRAMS: free[one][0], CM3: free[one][1]}
            found[one] = (self._add(kind, label, limits, (one, one + 1)),)
        return found

    def _opened(self, segments: int) -> tuple[int, ...]:
        """Return the room that must be opened: one for all segments, since a unit adds room to one resource."""
        openings = self.space.openings
        if not openings:
            return ()
        whole = self._add("payload", openings[0].name, {GRAMS: 0.0, CM3: 0.0}, (0, segments))
        for one in openings:
            size = {GRAMS: float(one.size_g), CM3: float(one.size_cm3)}
            self.layout.units.append(Unit(one.name, whole, size, one.cost, one.max_units))
        return (whole,)

    def _slot_resources(self) -> dict[str | None, _Slots]:
        """Return, by slot kind, what the boxes that take slots of it have in common."""
        found = {}
        for kind in dict.fromkeys(box.slot_kind for box in self.space.boxes):
            boxes = [box for box in self.space.boxes if box.slot_kind == kind]
            pairs = sorted({pair for box in boxes for pair in box.cost})
            free = self.space.slots.get(kind or "", ())
            kept = binding_segments(pairs, [(value,) for value in free])
            segments = {segment: FIRST_SLOT + position for position, segment in enumerate(kept)}
            few = [box for box in boxes if len(box.cost) > 1 and not _slots_are_fewer(box, kept, free)]
            counts = {box.name: FIRST_SLOT + len(kept) + position for position, box in enumerate(few)}
            limits = {dim: free[segment] for segment, dim in segments.items()}
            limits |= {counts[box.name]: float(box.max_units) for box in few}
            if limits:
                ends = (min(board for board, _ in pairs), max(alight for _, alight in pairs))
                parent = self._add("slots", kind or "boxes", limits, ends)
                found[kind] = _Slots(parent, segments, counts)
        return found

    def _carry_boxed(
        self,
        pair: Pair,
        rate_row: int,
        exporter: int,
        load: dict[int, tuple[int, ...]],
        slots: dict[str | None, _Slots],
    ) -> None:
        """Add the room in boxes between two calls: everybody's, or that in one exporter's block."""
        boxes = [box for box in self.space.boxes if box.exporter == exporter and pair in box.cost]
        how, label = ("boxes", "boxes") if exporter == ANYONE else ("allotment", f"boxes of {exporter}")
        room = self._add("boxes", label, {GRAMS: 0.0, CM3: 0.0}, pair)
        self._open_boxes(room, pair, boxes, slots)
        uses = (*(self._uses(load, pair) if self.space.boxes_weigh else ()), room)
        fixed = _fixed([(box.cost[pair], box.size_g, box.size_cm3) for box in boxes if box.max_units])
        self._carry(pair, how, rate_row, uses, fixed, exporter)

    def _open_boxes(
        self, room: int, pair: Pair, boxes: Sequence[Box], slots: dict[str | None, _Slots]
    ) -> None:
        for box in boxes:
            shared = slots.get(box.slot_kind, _Slots(-1, {}, {}))
            takes = {dim: box.slots for one, dim in shared.segments.items() if pair[0] <= one < pair[1]}
            if box.name in shared.counts:
                takes[shared.counts[box.name]] = 1.0
            size = {GRAMS: float(box.size_g), CM3: float(box.size_cm3)}
            parent = shared.resource if takes else -1
            unit = Unit(box.name, room, size, box.cost[pair], box.max_units, parent, takes)
            self.layout.units.append(unit)

    def _allot(self, allotment: Allotment) -> None:
        rates, name = allotment.rates, allotment.name
        rooms = self._rooms("allotment", name, rates, allotment.free_g, allotment.free_cm3)
        for pair, row in rates.items():
            self._carry(pair, "allotment", row, self._uses(rooms, pair), exporter=allotment.exporter)

    def _uses(self, load: dict[int, tuple[int, ...]], pair: Pair) -> tuple[int, ...]:
        """Resources of the segments between two calls, each once."""
        return tuple(dict.fromkeys(room for segment in range(*pair) for room in load.get(segment, ())))

    def _add(self, kind: str, label: str, free: dict[int, float], pair: Pair) -> int:
        limits = {dim: float(value) for dim, value in free.items() if isfinite(value)}
        where = {"departure": self.index, "board": pair[0], "alight": pair[1]}
        return self.layout.add(Resource(kind, label, limits, **where))

    def _carry(
        self,
        pair: Pair,
        how: str,
        rate_row: int,
        uses: tuple[int, ...],
        fixed: tuple[float, float] = (0.0, 0.0),
        exporter: int = ANYONE,
    ) -> None:
        carriage = Carriage(self.index, *pair, how, exporter, rate_row, uses, *fixed)
        self.layout.carriages.append(carriage)


def _fixed(units: Sequence[tuple[float, float, float]]) -> tuple[float, float]:
    """Cost per g and per cm3 of the unit type that is cheapest when full (cost, grams, cm3 of each)."""
    costs = [(cost / cm3, cost / grams) for cost, grams, cm3 in units if grams > 0 and cm3 > 0]
    per_cm3, per_g = min(costs, default=(0.0, 0.0))
    return per_g, per_cm3


@dataclass(frozen=True, slots=True, eq=False)
class SpaceArrays:
    """The layout's resources and units that some option uses, as arrays of the problem format.

    `new_index` int32 [resources of the layout] maps to the kept ones (-1: not kept); `unit_index` names
    the kept units.
    """

    new_index: npt.NDArray[np.int32]
    resource_index: npt.NDArray[np.int64]
    unit_index: npt.NDArray[np.int64]
    resource_free: FloatArray
    unit_resource: npt.NDArray[np.int32]
    unit_size: FloatArray
    unit_cost: FloatArray
    unit_max: npt.NDArray[np.int64]
    unit_parent: npt.NDArray[np.int32]
    unit_takes: FloatArray


def space_arrays(layout: Layout, used: npt.NDArray[np.bool_]) -> SpaceArrays:
    """Return arrays for the resources marked in `used` (bool [resources]) and the parents of their units."""
    units = [index for index, unit in enumerate(layout.units) if used[unit.resource]]
    kept = used.copy()
    kept[[layout.units[index].parent for index in units if layout.units[index].parent >= 0]] = True
    new_index = np.where(kept, np.cumsum(kept) - 1, -1).astype(np.int32)
    resources = np.flatnonzero(kept)
    chosen = [layout.units[index] for index in units]
    dims = len(layout.dimensions)
    parents = np.array([unit.parent for unit in chosen], dtype=np.int64)
    return SpaceArrays(
        new_index=new_index,
        resource_index=resources,
        unit_index=np.array(units, dtype=np.int64),
        resource_free=_matrix([layout.resources[index].free for index in resources], dims, inf),
        unit_resource=new_index[np.array([unit.resource for unit in chosen], dtype=np.int64)],
        unit_size=_matrix([unit.size for unit in chosen], dims, 0.0),
        unit_cost=np.array([unit.cost for unit in chosen], dtype=np.float64),
        unit_max=np.array([unit.max_units for unit in chosen], dtype=np.int64),
        unit_parent=np.where(parents >= 0, new_index[parents], -1).astype(np.int32),
        unit_takes=_matrix([unit.takes for unit in chosen], dims, 0.0),
    )


def _matrix(rows: Sequence[dict[int, float]], dims: int, default: float) -> FloatArray:
    matrix = np.full((len(rows), dims), default, dtype=np.float64)
    for index, row in enumerate(rows):
        for dim, value in row.items():
            matrix[index, dim] = value
    return matrix
