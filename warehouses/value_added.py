"""Value-added work: relabel, kit, photo, repack. It consumes and produces stock, and makes nothing of nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from warehouses.errors import WarehouseError
from warehouses.states import Steps
from warehouses.stock import CONDITIONS

WORK_KINDS = ("relabel", "kit", "photo", "repack")
WORK_ROLES = ("consume", "produce")
WORK_STATES = ("draft", "released", "done", "cancelled")
WORK_STEPS: Steps = {
    "release": (("draft",), "released"),
    "finish": (("released",), "done"),
    "cancel": (("draft", "released"), "cancelled"),
    "take_back": (("done",), "cancelled"),
}
"""Step → the states it starts from, and the state it leads to."""
WORK_SOURCES = ("bin", "returns")
"""Where the pieces lie that are worked on."""


@dataclass(frozen=True, slots=True)
class Part:
    """So many pieces of a SKU (by id) in a condition that go in or come out."""

    role: str
    sku: int
    condition: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Used:
    """Pieces of a lot that were consumed: what the lots made of them inherit."""

    sku: int
    condition: str
    batch: str
    expires_on: date
    customs_status: str
    received_on: date
    quantity: int


@dataclass(frozen=True, slots=True)
class Made:
    """Pieces that came out, and the lot they are of."""

    sku: int
    condition: str
    batch: str
    expires_on: date
    customs_status: str
    received_on: date
    quantity: int


def check_parts(kind: str, parts: Sequence[Part]) -> None:
    """Refuse work that does not add up. WarehouseError names the line (`lines.2`) and the rule.

    `nothing_consumed`, `nothing_produced`, `photo_moves_nothing`; `pieces_differ`: relabelling and repacking give
    back as many pieces as they take; `not_a_kit`: one line on the side of the kit, whole numbers of each part in
    each kit; `better_condition`: only repacking betters pieces; `same_thing`: in is out.
    """
    taken = [one for one in parts if one.role == "consume"]
    given = [one for one in parts if one.role == "produce"]
    if not taken:
        raise WarehouseError("nothing_consumed", "lines", "say which stock is worked on")
    if kind == "photo":
        if given:
            raise WarehouseError(
                "photo_moves_nothing", "lines", "a photo takes pieces and gives back the same"
            )
        return
    if not given:
        raise WarehouseError("nothing_produced", "lines", "say what comes out of the work")
    if kind == "kit":
        _check_kit(taken, given)
    elif _pieces(taken) != _pieces(given):
        raise WarehouseError(
            "pieces_differ", "lines", f"{_pieces(taken)} pieces go in and {_pieces(given)} come out"
        )
    if {(one.sku, one.condition) for one in taken} & {(one.sku, one.condition) for one in given}:
        raise WarehouseError("same_thing", "lines", "what comes out is what goes in")
    if kind != "repack" and _best(given) < _worst(taken):
        raise WarehouseError("better_condition", "lines", "only repacking gives pieces a better condition")


def _check_kit(taken: Sequence[Part], given: Sequence[Part]) -> None:
    if len(given) == 1:
        kits, contents = given[0].quantity, taken
    elif len(taken) == 1:
        kits, contents = taken[0].quantity, given
    else:
        raise WarehouseError(
            "not_a_kit", "lines", "one line is the kit; its contents stand on the other side"
        )
    for one in contents:
        if one.quantity % kits:
            raise WarehouseError(
                "not_a_kit", "lines", f"{one.quantity} pieces do not fill {kits} kits evenly"
            )


def _pieces(parts: Sequence[Part]) -> int:
    return sum(one.quantity for one in parts)


def _worst(parts: Sequence[Part]) -> int:
    return max(CONDITIONS.index(one.condition) for one in parts)


def _best(parts: Sequence[Part]) -> int:
    return min(CONDITIONS.index(one.condition) for one in parts)


def produce(kind: str, used: Sequence[Used], wanted: Sequence[Part], batch: str = "") -> list[Made]:
    """Return the lots that come out of what was consumed.

    Relabelled and repacked pieces stay in lots as they came: batch, expiry, customs status and age go along. A kit
    keeps as long as the first of its parts, is as old as the oldest, and has a batch of its own, `batch`.
    Raises WarehouseError `customs_mixed` for a kit of goods of several customs statuses.
    """
    if kind == "kit":
        return _kitted(used, wanted, batch)
    made: list[Made] = []
    at, left = 0, used[0].quantity
    for part in wanted:
        rest = part.quantity
        while rest:
            taken = min(rest, left)
            made.append(_changed(used[at], part, taken))
            rest, left = rest - taken, left - taken
            if not left and at + 1 < len(used):
                at, left = at + 1, used[at + 1].quantity
    return made


def _changed(lot: Used, part: Part, quantity: int) -> Made:
    return Made(
        part.sku, part.condition, lot.batch, lot.expires_on, lot.customs_status, lot.received_on, quantity
    )


def _kitted(used: Sequence[Used], wanted: Sequence[Part], batch: str) -> list[Made]:
    statuses = {one.customs_status for one in used}
    if len(statuses) > 1:
        raise WarehouseError("customs_mixed", "lines", "a kit holds goods of one customs status")
    (customs_status,) = statuses
    expires_on, received_on = min(one.expires_on for one in used), min(one.received_on for one in used)
    return [
        Made(one.sku, one.condition, batch, expires_on, customs_status, received_on, one.quantity)
        for one in wanted
    ]
