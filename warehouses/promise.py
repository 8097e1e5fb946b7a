"""Which warehouse serves an order: the cheapest of those that have the goods and can be there in time.

Facts in, an answer with the reason of every warehouse that was not chosen out. Prices come from a function, because a
tariff charges a consignment as a whole: two warehouses never cost what their halves do.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import permutations
from zoneinfo import ZoneInfo

from warehouses.facts import Fact, in_force, read_rows

MOST_SPLIT = 3
"""Warehouses that one order is shared out among at most."""
MOST_TRIED = 8
"""Warehouses whose shares are tried: those that hold most of what is asked for."""
REASONS = (
    "chosen",
    "dearer",
    "stock_short",
    "no_stock",
    "no_service",
    "goods_refused",
    "no_price",
    "too_late",
)
"""Why a warehouse is or is not the one, the first that holds."""
Pieces = Mapping[str, int]
"""Pieces by SKU."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a warehouse may serve with: the service, when it leaves, when it is there, and what that costs.

    `refused` is the code of what stands in the way (`no_service`, `goods_refused`, `no_price`), else empty.
    """

    service: str = ""
    leaves_at: datetime | None = None
    arrives_at: datetime | None = None
    cost_minor: int = 0
    handling_minor: int = 0
    delivery_minor: int = 0
    refused: str = ""


@dataclass(frozen=True, slots=True)
class House:
    """A warehouse with what is free there of what is asked for, by SKU."""

    code: str
    free: Pieces


Price = Callable[[str, Pieces], Offer]
"""What a warehouse (by its code) asks for sending these pieces, and when they are there."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One warehouse judged for the whole order; `missing` are pieces it lacks, by SKU."""

    code: str
    reason: str
    offer: Offer | None
    missing: Pieces


@dataclass(frozen=True, slots=True)
class Part:
    """What one warehouse sends."""

    code: str
    pieces: Pieces
    offer: Offer


@dataclass(frozen=True, slots=True)
class Promise:
    """The answer: its parts (none: nobody can), what they cost together, and every warehouse with its reason."""

    parts: tuple[Part, ...]
    judged: tuple[Judged, ...]

    @property
    def cost_minor(self) -> int:
        """Of all parts."""
        return sum(part.offer.cost_minor for part in self.parts)

    @property
    def arrives_at(self) -> datetime | None:
        """When the last part is there."""
        return max((part.offer.arrives_at for part in self.parts if part.offer.arrives_at), default=None)


def promise(
    houses: Sequence[House], wanted: Pieces, price: Price, promised: datetime | None, *, split: bool = False
) -> Promise:
    """Return who serves an order: one warehouse, or with `split` several where no one can.

    The cheapest that is there by `promised` (None: whenever); of equal ones the earliest, then by code.
    """
    judged = [_judge(house, wanted, price, promised) for house in houses]
    parts: tuple[Part, ...]
    able = [one for one in judged if one.reason == "dearer"]
    if able:
        best = min(able, key=_rank)
        parts = (Part(best.code, dict(wanted), _offer(best)),)
    else:
        parts = _shared(houses, wanted, price, promised) if split else ()
    chosen = {part.code for part in parts}
    told = [Judged(one.code, "chosen" if one.code in chosen else one.reason, one.offer, one.missing)
            for one in judged]  # fmt: skip
    return Promise(parts, tuple(sorted(told, key=lambda one: (REASONS.index(one.reason), *_order(one)))))


def _judge(house: House, wanted: Pieces, price: Price, promised: datetime | None) -> Judged:
    missing = {sku: pieces - house.free.get(sku, 0) for sku, pieces in wanted.items()}
    missing = {sku: pieces for sku, pieces in missing.items() if pieces > 0}
    if missing:
        nothing = not any(house.free.get(sku) for sku in wanted)
        return Judged(house.code, "no_stock" if nothing else "stock_short", None, missing)
    offer = price(house.code, wanted)
    return Judged(house.code, offer.refused or _lateness(offer, promised), offer, {})


def _lateness(offer: Offer, promised: datetime | None) -> str:
    late = promised is not None and (offer.arrives_at is None or offer.arrives_at > promised)
    return "too_late" if late else "dearer"


def _offer(one: Judged) -> Offer:
    return one.offer or Offer()


def _rank(one: Judged) -> tuple[int, float, str]:
    return _rank_of(_offer(one).cost_minor, _offer(one).arrives_at, one.code)


def _rank_of(cost_minor: int, arrives_at: datetime | None, code: str) -> tuple[int, float, str]:
    return cost_minor, arrives_at.timestamp() if arrives_at else 0.0, code


def _order(one: Judged) -> tuple[float, str]:
    return (one.offer.cost_minor if one.offer else 0.0), one.code


def _shared(
    houses: Sequence[House], wanted: Pieces, price: Price, promised: datetime | None
) -> tuple[Part, ...]:
    """Return the best shares: as few warehouses as possible, then the cheapest.

    In every order of so many warehouses the first sends all it has, the next what is left: every way of sharing
    out whole SKUs that needs no warehouse twice is among them.
    """
    holding = sorted(
        (house for house in houses if any(house.free.get(sku) for sku in wanted)),
        key=lambda house: (-sum(min(house.free.get(sku, 0), n) for sku, n in wanted.items()), house.code),
    )[:MOST_TRIED]
    for count in range(2, MOST_SPLIT + 1):
        found = [
            parts
            for order in permutations(holding, count)
            if (parts := _in_turn(order, wanted, price, promised)) is not None
        ]
        if found:
            return min(found, key=_rank_of_parts)
    return ()


def _rank_of_parts(parts: tuple[Part, ...]) -> tuple[int, float, str]:
    whole = Promise(parts, ())
    return _rank_of(whole.cost_minor, whole.arrives_at, " ".join(part.code for part in parts))


def _in_turn(
    order: Iterable[House], wanted: Pieces, price: Price, promised: datetime | None
) -> tuple[Part, ...] | None:
    left, parts = dict(wanted), []
    for house in order:
        taken = {sku: min(pieces, house.free.get(sku, 0)) for sku, pieces in left.items()}
        taken = {sku: pieces for sku, pieces in taken.items() if pieces}
        offer = price(house.code, taken) if taken else Offer(refused="no_stock")
        if offer.refused or _lateness(offer, promised) == "too_late":
            return None
        parts.append(Part(house.code, taken, offer))
        left = {sku: pieces - taken.get(sku, 0) for sku, pieces in left.items()}
    return None if any(left.values()) else tuple(parts)


def leaves_at(now: datetime, cutoff_local: str, time_zone: str) -> datetime:
    """Return when what is ordered now leaves a warehouse: at its next cut-off (HH:MM on its own clock)."""
    zone = ZoneInfo(time_zone)
    local, cutoff = now.astimezone(zone), time.fromisoformat(cutoff_local)
    day = local.date() if local.time() < cutoff else local.date() + timedelta(days=1)
    return datetime.combine(day, cutoff, zone)


@dataclass(frozen=True, slots=True)
class ZoneRow:
    """Postal codes of a country that begin with `prefix` lie in this delivery zone."""

    country: str
    prefix: str
    zone: str
    fact: Fact


@cache
def _zone_rows() -> tuple[ZoneRow, ...]:
    return tuple(
        ZoneRow(row["country"], row["prefix"], row["zone"], Fact.read(row))
        for row in read_rows("delivery_zones.csv")
    )


def zones_of(country: str, postal_code: str, on: date) -> frozenset[str]:
    """Return the codes of the delivery zones a postal code lies in; empty where no row says: any of the country's.

    The longest prefix that is listed counts (`delivery_zones.csv`).
    """
    given = "".join(postal_code.split()).upper()
    rows = [
        row for row in in_force(_zone_rows(), on) if row.country == country and given.startswith(row.prefix)
    ]
    longest = max((len(row.prefix) for row in rows), default=0)
    return frozenset(row.zone for row in rows if len(row.prefix) == longest)
