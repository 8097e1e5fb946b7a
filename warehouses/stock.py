"""The stock ledger: what may be moved from where to where, and what is free to be promised.

Double entry: every move takes pieces of one lot from one place and puts as many to another, so that all places
together always hold nothing. Stock that goods come from or go to (supplier, customer, adjustment) may stand below
zero; every real place may not, and what is reserved at a place stays there until its reservation is settled.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from warehouses.errors import WarehouseError

PLACE_KINDS = (
    "supplier", "in_transit", "receiving", "bin", "staging", "customer", "returns", "scrap", "adjustment",
)  # fmt: skip
OPEN_ENDED = frozenset({"supplier", "customer", "adjustment"})
"""Outside ends of the ledger: their balance is what came from there, below zero."""
IN_HOUSE = frozenset({"receiving", "bin", "staging", "returns"})
"""Kinds of place whose stock lies in the warehouse: it is counted, it ages, and it is billed."""
CONDITIONS = ("A", "B", "C", "D")
"""As new, to be repacked, damaged, scrap: the grades of returns."""
CUSTOMS_STATES = ("free", "bonded", "supervised")
ISSUE_RULES = ("fifo", "fefo")
POSTING_KINDS = (
    "announce", "receive", "put_away", "move", "pick", "pack", "hand_over", "void", "count", "work", "regrade",
    "return", "destroy", "load", "import", "reverse",
)  # fmt: skip
RESERVATION_STATES = ("pending", "posted", "released")
NEVER = date(9999, 12, 31)
"""`received_on` of what is still on its way, `expires_on` of what keeps: later than every day."""

Spot = tuple[int, int]
"""A lot's id and a place's id."""


@dataclass(frozen=True, slots=True)
class Move:
    """`quantity` pieces of a lot from one place to another, all by id."""

    lot: int
    source: int
    target: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Balance:
    """Pieces of a lot at a place, and how many of them are reserved."""

    on_hand: int = 0
    reserved: int = 0
    open_ended: bool = False

    @property
    def free(self) -> int:
        """Pieces that may be moved or promised."""
        return self.on_hand - self.reserved


@dataclass(frozen=True, slots=True)
class Change:
    """By how much a balance changes."""

    on_hand: int = 0
    reserved: int = 0


def changes(moves: Iterable[Move], settled: Iterable[tuple[Spot, int]] = ()) -> dict[Spot, Change]:
    """Return what moves change, by spot in the order of ids; they sum to 0 for every lot.

    `settled` are reservations (spot, pieces) that the moves fulfil or that are given up. Raises WarehouseError
    `quantity` for a move of nothing or less, `same_place` for one that goes nowhere.
    """
    on_hand: dict[Spot, int] = {}
    reserved: dict[Spot, int] = {}
    for move in moves:
        if move.quantity <= 0:
            raise WarehouseError("quantity", "quantity", "a move needs at least one piece")
        if move.source == move.target:
            raise WarehouseError("same_place", "to", "the stock is there already")
        for place, quantity in ((move.source, -move.quantity), (move.target, move.quantity)):
            on_hand[move.lot, place] = on_hand.get((move.lot, place), 0) + quantity
    for spot, quantity in settled:
        reserved[spot] = reserved.get(spot, 0) - quantity
    spots = sorted(on_hand.keys() | reserved.keys(), key=lambda spot: (spot[1], spot[0]))
    return {spot: Change(on_hand.get(spot, 0), reserved.get(spot, 0)) for spot in spots}


def short(balances: Mapping[Spot, Balance], wanted: Mapping[Spot, Change]) -> Iterator[tuple[Spot, int]]:
    """Yield each spot at which a change may not be made, and how many pieces are missing there."""
    for spot, change in wanted.items():
        balance = balances.get(spot, Balance())
        if balance.open_ended:
            continue
        reserved = balance.reserved + change.reserved
        missing = max(reserved - (balance.on_hand + change.on_hand), -reserved)
        if missing > 0:
            yield spot, missing


def reversal(moves: Sequence[Move]) -> list[Move]:
    """Return the moves that take these back, the last first."""
    return [Move(one.lot, one.target, one.source, one.quantity) for one in reversed(moves)]


@dataclass(frozen=True, slots=True)
class Available:
    """Free pieces of a lot in a bin, with what decides which go out first.

    `walk` is where the bin comes on the way through the warehouse.
    """

    lot: int
    place: int
    free: int
    expires_on: date
    received_on: date
    walk: tuple[int, int]


def issue_order(rule: str, one: Available) -> tuple[object, ...]:
    """Return what stock is sorted by before it goes out.

    `fefo`: first to expire; `fifo`: first received. Then the other of the two, then on the way, so that the same
    stock is taken whoever asks.
    """
    dates = (one.expires_on, one.received_on) if rule == "fefo" else (one.received_on, one.expires_on)
    return (*dates, *one.walk, one.place, one.lot)


def allocate(
    stock: Iterable[Available], quantity: int, rule: str, today: date, min_days_left: int = 0
) -> tuple[list[tuple[Available, int]], int]:
    """Return what to take of which stock, and how many pieces are missing.

    Nothing is taken that expires within `min_days_left` days of `today` (a lot is good on its last day).
    """
    taken: list[tuple[Available, int]] = []
    for one in sorted(stock, key=lambda found: issue_order(rule, found)):
        if not quantity:
            break
        pieces = min(one.free, quantity)
        if pieces <= 0 or (one.expires_on - today).days < min_days_left:
            continue
        taken.append((one, pieces))
        quantity -= pieces
    return taken, quantity


def may_lie(place_kind: str, area: str | None, customs_status: str) -> bool:
    """Whether stock of a customs status may lie at a place; `area` is the status of a bin's zone.

    Bonded and supervised stock lies in bins of its own; the other kinds of place take every stock for the time it
    takes to work on it.
    """
    return place_kind != "bin" or area == customs_status
