"""Announced goods: what may happen to them in which order, how a count is posted, and what did not match."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from warehouses.errors import WarehouseError
from warehouses.states import Steps

ASN_STATES = (
    "draft", "announced", "in_transit", "arrived", "receiving", "received_partial", "received", "putaway_done",
    "cancelled",
)  # fmt: skip
ASN_STEPS: Steps = {
    "change": (("draft",), "draft"),
    "announce": (("draft",), "announced"),
    "depart": (("announced",), "in_transit"),
    "arrive": (("announced", "in_transit"), "arrived"),
    "receive": (("arrived", "receiving", "received_partial"), "receiving"),
    "take_back": (("receiving", "received_partial"), "receiving"),
    "close_partial": (("arrived", "receiving"), "received_partial"),
    "close": (("arrived", "receiving", "received_partial"), "received"),
    "put_away": (("receiving", "received_partial", "received", "putaway_done"), "putaway_done"),
    "cancel": (("draft", "announced", "in_transit"), "cancelled"),
}
"""Step → the states it starts from, and the state it leads to.

`close_partial` ends a day of receiving while more is to come. Goods may be put away while others are counted;
`putaway_done` is reached when receiving is closed and nothing of it lies in the receiving area any more; what is
taken out of a bin again is put away anew.
"""
ON_THE_WAY = ("draft", "announced", "in_transit", "arrived", "receiving", "received_partial")
"""States in which some of it may still come."""
DAMAGED = "C"
DISCREPANCIES = ("shortage", "surplus", "damage")


@dataclass(frozen=True, slots=True)
class Counted:
    """Pieces announced and counted so far: in good order, and damaged."""

    expected: int
    good: int = 0
    damaged: int = 0

    @property
    def came(self) -> int:
        """Pieces that came in any condition."""
        return self.good + self.damaged

    @property
    def missing(self) -> int:
        """Pieces announced that have not come."""
        return max(self.expected - self.came, 0)

    @property
    def surplus(self) -> int:
        """Pieces that came beyond what was announced."""
        return max(self.came - self.expected, 0)


@dataclass(frozen=True, slots=True)
class Split:
    """Where the pieces of one count come from, and how they come in; `good` + `damaged` is the sum of both."""

    announced: int
    """Pieces that were in transit."""
    surplus: int
    """Pieces nobody had announced."""
    good: int
    damaged: int


def split(line: Counted, good: int, damaged: int) -> Split:
    """Return how a count of a line is to be posted.

    Raises WarehouseError `negative` for less than no pieces, `nothing_counted` for none at all.
    """
    for name, pieces in (("good", good), ("damaged", damaged)):
        if pieces < 0:
            raise WarehouseError("negative", name, "pieces cannot be less than none")
    if not good + damaged:
        raise WarehouseError("nothing_counted", "good", "nothing was counted on this line; leave it out")
    announced = min(line.missing, good + damaged)
    return Split(announced, good + damaged - announced, good, damaged)


def condition_of(announced: str, *, damaged: bool) -> str:
    """Return the condition in which a piece is kept: as announced, or damaged where it is no worse already."""
    return max(announced, DAMAGED) if damaged else announced


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """So many pieces of a line that are not as announced; `kind` is one of DISCREPANCIES."""

    line: int
    kind: str
    quantity: int


def discrepancies(lines: Iterable[tuple[int, Counted]], *, closed: bool) -> Iterator[Discrepancy]:
    """Yield what is not as announced, line by line; what has not come is short only once receiving is closed."""
    for number, line in lines:
        found = (line.missing if closed else 0, line.surplus, line.damaged)
        for kind, quantity in zip(DISCREPANCIES, found, strict=True):
            if quantity:
                yield Discrepancy(number, kind, quantity)
