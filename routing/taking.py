"""What a shipment takes of one departure: room in pools on every segment travelled, and in handling units.

Goods of a departure that has units travel in units; all goods take weight and volume of the pools there are.
Weights are grams, volumes cm3; pools count in the unit of their dimension (hundredths of TEU, slots, positions).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

LOOSE = ("g", "cm3")


@dataclass(frozen=True, slots=True)
class Lot:
    """`count` packages of one size; weight and volume are of one."""

    count: int
    weight_g: int
    volume_cm3: int


@dataclass(frozen=True, slots=True)
class PoolRoom:
    """What is free of one dimension on one segment; `own` if it is the shipper's allotment."""

    id: int
    segment: int
    dimension: str
    free: int
    own: bool = False


@dataclass(frozen=True, slots=True)
class UnitRoom:
    """An open unit between the calls travelled, and what is free in it."""

    id: int
    free_g: int
    free_cm3: int


@dataclass(frozen=True, slots=True)
class UnitKind:
    """Units of one type that can still be opened: how many, their size, and the slots each takes (none: "")."""

    id: int
    left: int
    payload_g: int
    volume_cm3: int
    slot: str = ""
    slots: int = 0


@dataclass(frozen=True, slots=True)
class Room:
    """Everything that is free on a departure between two calls. `segments` are those travelled, in order."""

    segments: tuple[int, ...]
    pools: tuple[PoolRoom, ...] = ()
    units: tuple[UnitRoom, ...] = ()
    kinds: tuple[UnitKind, ...] = ()
    in_units: bool = False
    """Whether goods travel in units only."""


@dataclass(frozen=True, slots=True)
class Fill:
    """Weight and volume that go into one unit."""

    weight_g: int
    volume_cm3: int


@dataclass(frozen=True, slots=True)
class Opening:
    """A unit of a kind to be opened, the slots that takes by pool, and what goes into it at once."""

    kind: int
    slots: dict[int, int]
    own: bool
    """In the shipper's own block."""
    fill: Fill


@dataclass(frozen=True, slots=True)
class Taking:
    """Quantities by pool, fills by open unit, and the units to be opened."""

    pools: dict[int, int] = field(default_factory=dict)
    fills: dict[int, Fill] = field(default_factory=dict)
    openings: tuple[Opening, ...] = ()


class NoRoom(ValueError):
    """The shipment does not fit; `code` is `no_capacity` (nothing is sold), `full` or `unit_not_open`."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail


def take(lots: Sequence[Lot], room: Room, *, may_open: bool) -> Taking:
    """Return what the packages take of the departure; raises `NoRoom` where they do not fit.

    The shipper's own allotment goes before the room that is everybody's; one shipment is never split between
    the two. Packages fill open units in id order before another is opened, and only if `may_open`.
    """
    needs = {
        "g": sum(lot.count * lot.weight_g for lot in lots),
        "cm3": sum(lot.count * lot.volume_cm3 for lot in lots),
    }
    if not room.in_units:
        return Taking(_loose(needs, room))
    pools = _shares(needs, room, own=False)
    fills, rest = _fill(lots, room.units)
    openings: list[Opening] = []
    left = {pool.id: pool.free for pool in room.pools}
    kinds = {kind.id: kind.left for kind in room.kinds}
    while rest:
        if not may_open:
            raise NoRoom("unit_not_open", "no open unit has room for all of it")
        opening, rest = _open(rest, room, left, kinds)
        openings.append(opening)
    return Taking(pools, fills, tuple(openings))


def _loose(needs: dict[str, int], room: Room) -> dict[int, int]:
    if any(pool.own and pool.dimension in LOOSE for pool in room.pools):
        try:
            return _shares(needs, room, own=True)
        except NoRoom:
            pass  # the block is full: what is everybody's may still have room
    taken = _shares(needs, room, own=False)
    if not taken:
        raise NoRoom("no_capacity", "it has no room by weight or volume")
    return taken


def _shares(needs: dict[str, int], room: Room, *, own: bool) -> dict[int, int]:
    """Return what is taken of the pools of one side; a dimension without a pool is not limited."""
    pools = [pool for pool in room.pools if pool.own is own and pool.dimension in LOOSE]
    taken: dict[int, int] = {}
    for pool in pools:
        if pool.free < needs[pool.dimension]:
            raise NoRoom(
                "full",
                f"segment {pool.segment} has {pool.free} {pool.dimension} left of {needs[pool.dimension]} needed",
            )
        taken[pool.id] = needs[pool.dimension]
    # An allotment covers its segments only; on the others the exporter has no room of its own.
    if own and {pool.segment for pool in pools} != set(room.segments):
        raise NoRoom("full", "the allotment does not cover every segment")
    return {pool: quantity for pool, quantity in taken.items() if quantity}


def _fill(lots: Sequence[Lot], units: Sequence[UnitRoom]) -> tuple[dict[int, Fill], list[Lot]]:
    fills: dict[int, Fill] = {}
    rest = list(lots)
    for unit in sorted(units, key=lambda one: one.id):
        fill, rest = _load(rest, unit.free_g, unit.free_cm3)
        if fill.weight_g:
            fills[unit.id] = fill
    return fills, rest


def _load(lots: Sequence[Lot], free_g: int, free_cm3: int) -> tuple[Fill, list[Lot]]:
    """Load as many packages as fit, lot by lot; return what they take and what is left outside."""
    weight_g = volume_cm3 = 0
    rest: list[Lot] = []
    for lot in lots:
        fits = min(lot.count, (free_g - weight_g) // lot.weight_g, (free_cm3 - volume_cm3) // lot.volume_cm3)
        weight_g += fits * lot.weight_g
        volume_cm3 += fits * lot.volume_cm3
        if fits < lot.count:
            rest.append(replace(lot, count=lot.count - fits))
    return Fill(weight_g, volume_cm3), rest


def _open(
    lots: Sequence[Lot], room: Room, left: dict[int, int], kinds: dict[int, int]
) -> tuple[Opening, list[Lot]]:
    """Open the smallest unit that takes all that is left, else the one that takes most; `left` is used up."""
    best: tuple[tuple[int, int], UnitKind, Fill, list[Lot], dict[int, int], bool] | None = None
    for kind in sorted(room.kinds, key=lambda one: (one.payload_g, one.volume_cm3, one.id)):
        fill, rest = _load(lots, kind.payload_g, kind.volume_cm3)
        found = _slots(kind, room, left, kinds) if fill.weight_g else None
        outside = sum(lot.count for lot in rest)
        if found is not None and (best is None or (outside, kind.payload_g) < best[0]):
            best = ((outside, kind.payload_g), kind, fill, rest, *found)
    if best is None:
        raise NoRoom("full", "no unit that would hold a package can be opened any more")
    _, kind, fill, rest, slots, own = best
    for pool, quantity in slots.items():
        left[pool] -= quantity
    if not own:
        kinds[kind.id] -= 1
    return Opening(kind.id, slots, own, fill), rest


def _slots(
    kind: UnitKind, room: Room, left: dict[int, int], kinds: dict[int, int]
) -> tuple[dict[int, int], bool] | None:
    """Return the slots one more unit takes by pool, and whether they are of the shipper's block; None if none."""
    for own in (True, False):
        pools = [pool for pool in room.pools if pool.dimension == kind.slot and pool.own is own]
        if not own and kinds[kind.id] < 1:
            continue
        if not kind.slot and not own:
            return {}, False
        covered = {pool.segment for pool in pools} == set(room.segments)
        if covered and all(left[pool.id] >= kind.slots for pool in pools):
            return {pool.id: kind.slots for pool in pools if kind.slots}, own
    return None
