"""Building handling units: what may be loaded together, how heavy, and what stands in the way."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

from warehouses.facts import Fact, in_force, read_rows
from warehouses.states import Steps

UNIT_KINDS = ("bag", "pallet", "uld", "container")
LOAD_STATES = ("open", "sealed", "loaded", "departed", "unpacked", "cancelled")
LOAD_STEPS: Steps = {
    "fill": (("open",), "open"),
    "seal": (("open",), "sealed"),
    "unseal": (("sealed",), "open"),
    "load": (("sealed",), "loaded"),
    "depart": (("loaded",), "departed"),
    "unpack": (("sealed", "departed", "loaded"), "unpacked"),
    "cancel": (("open",), "cancelled"),
}
"""Step → the states it starts from, and the state it leads to."""
CLOSED_STATES = ("sealed", "loaded", "departed")
"""What is in a unit of these states is what it was sealed with."""
HOLDS = {"bag": (), "pallet": ("bag",), "uld": ("bag", "pallet"), "container": ("bag", "pallet")}
"""Which smaller units stand in a unit."""
NUMBERED = ("bag", "pallet")
"""Kinds that get an SSCC of ours; containers and ULDs come with a number of their own."""
LOADABLE = ("pending", "picked_up", "customs_released", "in_transit", "arrived_warehouse")
"""Tracking statuses of parcels that may be packed."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Why something may not be loaded: a stable code, a sentence, and what to do."""

    code: str
    detail: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Room:
    """What is in a unit and what it takes; None: not limited. Grams and cm3."""

    net_g: int
    net_cm3: int
    max_g: int | None
    max_cm3: int | None

    def full(self, weight_g: int, volume_cm3: int) -> Finding | None:
        """Why so much more does not go in; None where it does."""
        for more, inside, limit, unit in (
            (weight_g, self.net_g, self.max_g, ("kg", 1000)),
            (volume_cm3, self.net_cm3, self.max_cm3, ("m3", 1_000_000)),
        ):
            if limit is not None and inside + more > limit:
                name, scale = unit
                free = f"{max(limit - inside, 0) / scale:g} {name} of {limit / scale:g} are left"
                return Finding("unit_full", f"{more / scale:g} {name} more: {free}", "open another unit")
        return None


@dataclass(frozen=True, slots=True)
class Ride:
    """A stretch of a departure: from the call where it boards to the one where it alights."""

    departure: int
    board: int
    alight: int


@dataclass(frozen=True, slots=True)
class Target:
    """The unit that is filled. `blocks` is whose block its space was opened in, None: everybody's."""

    kind: str
    ride: Ride | None
    blocks: int | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A parcel that is to go into a unit, with the rides of its booking; `other_unit` is where it is already."""

    reference: str
    owner: int
    status: str
    received: bool
    booked: bool
    booking_over: bool = False
    practice: bool = False
    rides: tuple[Ride, ...] = ()
    other_unit: str | None = None


def obstacles(parcel: Candidate, unit: Target) -> Iterator[Finding]:
    """What keeps a parcel out of a unit, the most important first.

    Codes: `in_other_unit`, `practice`, `parcel_held`, `not_received`, `no_booking`, `booking_over`,
    `other_departure`, `other_stretch`, `other_block`.
    """
    if parcel.other_unit is not None:
        yield Finding(
            "in_other_unit",
            f"it is in {parcel.other_unit} already",
            "take it out there first, or leave it there",
        )
    if parcel.practice:
        yield Finding("practice", "its booking is practice: nothing of it is shipped", "set the parcel aside")
    if parcel.status not in LOADABLE:
        yield Finding("parcel_held", f"it is {parcel.status}", "set it aside until it is released")
    if not parcel.received:
        yield Finding("not_received", "it was not received here", "receive it, then scan it again")
    if not parcel.booked:
        yield Finding("no_booking", "it fills no booking", "add it to a booking, or return it to its owner")
        return
    if parcel.booking_over:
        yield Finding("booking_over", "its booking is over", "ask the owner what is to become of it")
    yield from _ride_obstacles(parcel, unit)
    if unit.blocks is not None and parcel.owner != unit.blocks:
        yield Finding("other_block", "the unit is in another exporter's block", "use a unit of open space")


def _ride_obstacles(parcel: Candidate, unit: Target) -> Iterator[Finding]:
    if unit.ride is None:
        return
    same = [ride for ride in parcel.rides if ride.departure == unit.ride.departure]
    if not same:
        yield Finding(
            "other_departure",
            "its booking does not go with the departure of this unit",
            "use a unit of its departure, or roll the booking",
        )
    elif unit.ride not in same:
        yield Finding(
            "other_stretch",
            "its booking boards or alights at other calls than this unit",
            "use a unit between its calls",
        )


@dataclass(frozen=True, slots=True)
class Segregation:
    """Two goods classes that are not packed into the same unit of some kinds."""

    pair: frozenset[str]
    unit_kinds: frozenset[str]
    reason_en: str
    reason_zh: str
    fact: Fact


@cache
def _segregations() -> tuple[Segregation, ...]:
    return tuple(
        Segregation(
            frozenset((row["first"], row["second"])), frozenset(row["unit_kinds"].split(";")),
            row["reason_en"], row["reason_zh"], Fact.read(row),
        )
        for row in read_rows("segregation.csv")
    )  # fmt: skip


def clash(kind: str, new: Collection[str], inside: Collection[str], on: date) -> Finding | None:
    """Why goods of these classes do not go beside those in a unit; None where they do. Code: `segregated`."""
    for rule in in_force(_segregations(), on):
        if kind not in rule.unit_kinds:
            continue
        for one in new:
            others = rule.pair - {one} if one in rule.pair else frozenset()
            beside = others & set(inside)
            if beside:
                found = f"{one} does not go beside {min(beside)}: {rule.reason_en}"
                return Finding("segregated", found, "use another unit for it")
    return None


def holds(kind: str, child_kind: str) -> Finding | None:
    """Why a smaller unit does not stand in one of this kind; None where it does. Code: `does_not_hold`."""
    if child_kind in HOLDS[kind]:
        return None
    return Finding(
        "does_not_hold", f"a {child_kind} does not stand in a {kind}", "scan it into a larger unit"
    )
