"""Cycle counts: what may happen to a count, what a finding says of each lot, and which differences count again.

A counter reports what lies in a bin and is never told what should. Pieces of one SKU that look alike may belong to
several lots that differ only in the day they came, so findings are spread over the lots the ledger has there.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from warehouses.errors import WarehouseError
from warehouses.states import Steps
from warehouses.stock import NEVER

COUNT_STATES = ("open", "recount", "counted", "approved", "cancelled")
COUNT_STEPS: Steps = {
    "differ": (("open", "recount"), "recount"),
    "count": (("open", "recount"), "counted"),
    "approve": (("counted",), "approved"),
    "reopen": (("counted",), "recount"),
    "cancel": (("open", "recount", "counted"), "cancelled"),
}
"""Step → the states it starts from, and the state it leads to."""
LIVE = ("open", "recount", "counted")
"""A bin is in one live count at most."""
BIN_STATES = ("open", "recount", "counted")
"""Of a bin in a count: to be counted, to be counted again by somebody else, done."""
TOLERANCE_PERMILLE = 5
MOST_TOLERANCE_PERMILLE = 50


@dataclass(frozen=True, slots=True)
class Looks:
    """What a person can tell of pieces: SKU (by id), batch, expiry and condition; None: not looked at."""

    sku: int
    condition: str = "A"
    batch: str | None = None
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class LotThere:
    """A lot the ledger has in the bin, and how many pieces of it there should be."""

    lot: int
    sku: int
    condition: str
    batch: str
    expires_on: date
    received_on: date
    expected: int

    def may_be(self, looks: Looks) -> bool:
        """Whether pieces that look like this can be of this lot."""
        return (
            (self.sku, self.condition) == (looks.sku, looks.condition)
            and looks.batch in (None, self.batch)
            and looks.expires_on in (None, self.expires_on)
        )


def spread(
    found: Sequence[tuple[Looks, int]], there: Sequence[LotThere]
) -> tuple[dict[int, int], dict[Looks, int]]:
    """Return pieces counted by lot, and what was found of which the ledger has no lot in the bin.

    What was looked at most closely is placed first. Lots fill up with the newest first, because the oldest should
    have left: what is missing is missing of the oldest, and what is too much joins the newest.
    Raises WarehouseError `quantity` for a finding below zero.
    """
    counted = {one.lot: 0 for one in there}
    strange: dict[Looks, int] = {}
    for looks, quantity in sorted(found, key=lambda one: _closeness(one[0])):
        if quantity < 0:
            raise WarehouseError("quantity", "quantity", "nobody finds fewer than no pieces")
        lots = sorted(
            (one for one in there if one.may_be(looks)),
            key=lambda one: (one.received_on, one.lot),
            reverse=True,
        )
        if not lots:
            strange[looks] = strange.get(looks, 0) + quantity
            continue
        rest = quantity
        for one in lots:
            taken = min(rest, max(0, one.expected - counted[one.lot]))
            counted[one.lot] += taken
            rest -= taken
        counted[lots[0].lot] += rest
    return counted, {looks: pieces for looks, pieces in strange.items() if pieces}


def _closeness(looks: Looks) -> tuple[bool, bool]:
    return looks.batch is None, looks.expires_on is None


def lot_looks(looks: Looks) -> tuple[str, date]:
    """Return batch and expiry of the lot that is made for pieces without one."""
    return looks.batch or "", looks.expires_on or NEVER


def counts_again(expected: int, counted: int, tolerance_permille: int = TOLERANCE_PERMILLE) -> bool:
    """Whether a difference is counted again: it is more than so many thousandths of what was expected."""
    return abs(counted - expected) * 1000 > expected * tolerance_permille


def check_counter(counter: str, earlier: str | None) -> None:
    """Refuse the second count of a bin by the person of the first: WarehouseError `same_counter`."""
    if earlier is not None and counter == earlier:
        raise WarehouseError("same_counter", "bin", "you counted this bin; somebody else counts it again")


def check_approver(approver: str, counters: Collection[str]) -> None:
    """Refuse the approval by somebody who counted: WarehouseError `same_counter`."""
    if approver in counters:
        raise WarehouseError("same_counter", "approve", "you counted; somebody who did not decides on it")


def check_moved(moved_after_start: int) -> None:
    """Refuse a finding where stock of the bin moved since its counting began: WarehouseError `count_unclear`."""
    if moved_after_start:
        raise WarehouseError(
            "count_unclear", "bin", "stock of this bin moved while it was counted; count it again"
        )


def next_step(bins: Iterable[str]) -> str | None:
    """Return the step a count takes when a bin was counted, by the states of its bins; None: it goes on."""
    states = set(bins)
    if "open" in states:
        return None
    return "differ" if "recount" in states else "count"
