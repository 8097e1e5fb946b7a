"""Put-away: into which bins goods that were received should go, as a suggestion a person can override."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from warehouses.stock import may_lie

Kind = tuple[int, str]
"""Pieces that are picked as one: a SKU's id and a condition."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Pieces of a lot in the receiving area; weight and volume are those of one piece."""

    lot: int
    kind: Kind
    customs_status: str
    quantity: int
    weight_g: int
    volume_cm3: int


@dataclass(slots=True)
class Bin:
    """A bin with what it can still take (None: no limit), where it is on the way, and what lies in it.

    `area` is the customs status of its zone; `holds` the kinds of stock in it.
    """

    place: int
    area: str
    walk: tuple[int, int]
    free_g: int | None
    free_cm3: int | None
    holds: frozenset[Kind] = frozenset()
    empty: bool = True

    def takes(self, goods: Waiting) -> int:
        """Return how many of these pieces it can still take."""
        most = goods.quantity
        for free, each in ((self.free_g, goods.weight_g), (self.free_cm3, goods.volume_cm3)):
            if free is not None:
                most = min(most, max(free, 0) // each)
        return most

    def put(self, goods: Waiting, pieces: int) -> None:
        """Reckon with these pieces."""
        self.free_g = None if self.free_g is None else self.free_g - pieces * goods.weight_g
        self.free_cm3 = None if self.free_cm3 is None else self.free_cm3 - pieces * goods.volume_cm3
        self.holds |= {goods.kind}
        self.empty = False


@dataclass(frozen=True, slots=True)
class Suggestion:
    """So many pieces of a lot into a bin, and why: it holds the `same` goods, is `empty`, or has `room`."""

    lot: int
    place: int
    quantity: int
    why: str


def suggest(
    waiting: Iterable[Waiting], bins: Sequence[Bin]
) -> tuple[list[Suggestion], list[tuple[Waiting, int]]]:
    """Return where to put what waits, and what finds no room (with the pieces left over); `bins` are used up.

    Only bins of the right customs area count. Those with the same SKU in the same condition come first, then empty
    ones, then any with room; of each, the nearest on the way that takes all of it, or else, from the nearest on, as
    much as each takes.
    """
    found: list[Suggestion] = []
    homeless: list[tuple[Waiting, int]] = []
    for goods in waiting:
        left = goods
        for suggestion in _places_for(goods, bins):
            found.append(suggestion)
            left = _less(left, suggestion.quantity)
        if left.quantity:
            homeless.append((goods, left.quantity))
    return found, homeless


def _places_for(goods: Waiting, bins: Sequence[Bin]) -> Iterator[Suggestion]:
    allowed = sorted(
        (one for one in bins if may_lie("bin", one.area, goods.customs_status)), key=lambda one: one.walk
    )
    choices = (
        ("same", [one for one in allowed if goods.kind in one.holds]),
        ("empty", [one for one in allowed if one.empty]),
        ("room", [one for one in allowed if goods.kind not in one.holds and not one.empty]),
    )
    for why, some in choices:
        for one in [*(whole for whole in some if whole.takes(goods) == goods.quantity)][:1] or some:
            pieces = one.takes(goods)
            if pieces:
                one.put(goods, pieces)
                yield Suggestion(goods.lot, one.place, pieces, why)
                goods = _less(goods, pieces)
            if not goods.quantity:
                return


def _less(goods: Waiting, pieces: int) -> Waiting:
    return Waiting(
        goods.lot, goods.kind, goods.customs_status, goods.quantity - pieces, goods.weight_g, goods.volume_cm3
    )
