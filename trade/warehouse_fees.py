"""What a warehouse charges: storage by age, work by piece, carton, order and weight. Dated price rows in, charges out.

Published price lists the bases follow: standards of the field name age bands per m3 and day with free days, and fees
per piece, order, carton, pallet, container and weight band, with minimums and a dimensional divisor. A charge is
never rounded: quantity and price stay apart until a line of a statement adds them up and rounds once.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby, pairwise
from operator import attrgetter

from trade.billing import BilledLine
from trade.errors import TradeError
from trade.money import MICRO_PLACES, MICROS, minor_per_major
from trade.numbers import divide_half_up, format_scaled
from trade.weight import chargeable_g

FEE_BASES = ("m3_day", "unit", "order", "carton", "pallet", "container", "weight_band")
MINIMUM = "minimum"
"""Basis of the line that fills a fee up to the least that is charged for it."""
QUANTITIES_PER_UNIT = {"m3_day": 1_000_000}
"""How many of what is counted (cm3 lying for a day) a price is for; other bases count whole things."""
FEES = {
    "storage": ("storage", ("m3_day",)),
    "receive_order": ("receive_end", ("order",)),
    "receive_carton": ("receive_end", ("carton",)),
    "receive_pallet": ("receive_end", ("pallet",)),
    "receive_container_20": ("receive_end", ("container",)),
    "receive_container_40": ("receive_end", ("container",)),
    "receive_container_45": ("receive_end", ("container",)),
    "receive_unit": ("receive", ("unit",)),
    "receive_weight": ("receive", ("weight_band",)),
    "pick": ("pick", ("unit",)),
    "outbound_order": ("hand_over", ("order",)),
    "outbound_unit": ("hand_over", ("unit",)),
    "outbound_weight": ("hand_over", ("weight_band",)),
    "void_order": ("void", ("order",)),
    "return_unit": ("return", ("unit",)),
    "return_weight": ("return", ("weight_band",)),
    "work_relabel": ("work_relabel", ("unit", "order")),
    "work_kit": ("work_kit", ("unit", "order")),
    "work_photo": ("work_photo", ("unit", "order")),
    "work_repack": ("work_repack", ("unit", "order")),
    "destroy_unit": ("destroy", ("unit",)),
    "destroy_weight": ("destroy", ("weight_band",)),
}  # fmt: skip
"""Code of a fee → what happened when it falls due, and the bases it may be priced by."""


@dataclass(frozen=True, slots=True)
class FeeRow:
    """One row of a price list. `own`: agreed with the exporter that is charged, else published for everybody.

    Of the band, `band_from` is in it and `band_to` is not: days of age (`m3_day`), g (`weight_band`), or pieces of
    one event (the other bases). The row holds from `effective_from` to before `effective_to`.
    """

    code: str
    basis: str
    band_from: int
    band_to: int | None
    price_micros: int
    currency: str
    effective_from: date
    effective_to: date | None = None
    own: bool = False
    free_days: int = 0
    minimum_minor: int = 0
    divisor: int | None = None

    def holds_on(self, day: date) -> bool:
        """Whether the row is in force on a day."""
        return self.effective_from <= day and (self.effective_to is None or day < self.effective_to)


@dataclass(frozen=True, slots=True)
class Price:
    """What one fee costs on one day: its bands meet, the first begins at 0, and the last may have no end."""

    code: str
    basis: str
    currency: str
    free_days: int
    minimum_minor: int
    divisor: int | None
    starts: tuple[int, ...]
    prices_micros: tuple[int, ...]
    end: int | None

    def band_of(self, value: int) -> tuple[int, int] | None:
        """Where the band of an age, a weight or a count begins, and its price; None above the last band."""
        if self.end is not None and value >= self.end:
            return None
        at = bisect_right(self.starts, max(value, 0)) - 1
        return self.starts[at], self.prices_micros[at]


@dataclass(frozen=True, slots=True)
class Charge:
    """So much of one fee, exactly: `quantity` in the basis' smallest unit, negative where it is taken back."""

    code: str
    basis: str
    band_from: int
    quantity: int
    price_micros: int
    currency: str
    minimum_minor: int = 0


@dataclass(frozen=True, slots=True)
class Weighed:
    """`count` alike pieces or packages, each of this weight and volume."""

    count: int
    weight_g: int
    volume_cm3: int


@dataclass(frozen=True, slots=True)
class Work:
    """Something a warehouse did for an exporter; `sign` is -1 where it took it back.

    `event` is one of those `FEES` names. `container` is the length in feet of the container it came in.
    """

    event: str
    pieces: int = 0
    orders: int = 0
    cartons: int = 0
    pallets: int = 0
    container: str = ""
    weighed: tuple[Weighed, ...] = ()
    sign: int = 1


def prices_on(rows: Iterable[FeeRow], on: date) -> dict[str, Price]:
    """The price of every fee on a day, by code: where an exporter has rows of its own for one, they alone count.

    Raises TradeError `fee_unknown`, `fee_basis`, `fee_rows_differ` (rows of one price that differ in more than
    their bands), `fee_bands_overlap` and `fee_bands_gap`.
    """
    by_code = sorted((row for row in rows if row.holds_on(on)), key=lambda row: (row.code, row.band_from))
    found = {}
    for code, group in groupby(by_code, key=attrgetter("code")):
        everybodys = list(group)
        found[code] = _price([row for row in everybodys if row.own] or everybodys)
    return found


def _price(rows: Sequence[FeeRow]) -> Price:
    first = rows[0]
    if first.code not in FEES:
        raise TradeError("fee_unknown", "code", f"there is no fee {first.code!r}")
    shared = attrgetter("basis", "currency", "free_days", "minimum_minor", "divisor")
    if any(shared(row) != shared(first) for row in rows):
        raise TradeError(
            "fee_rows_differ",
            "code",
            f"rows of {first.code} that hold on one day differ in basis, currency, free days, minimum or divisor",
        )
    if first.basis not in FEES[first.code][1]:
        allowed = " or ".join(FEES[first.code][1])
        raise TradeError("fee_basis", "basis", f"{first.code} is priced by {allowed}, not by {first.basis}")
    _check_bands(rows)
    starts, prices = tuple(row.band_from for row in rows), tuple(row.price_micros for row in rows)
    return Price(
        first.code, first.basis, first.currency, first.free_days, first.minimum_minor, first.divisor,
        starts, prices, rows[-1].band_to,
    )  # fmt: skip


def _check_bands(rows: Sequence[FeeRow]) -> None:
    code, start = rows[0].code, rows[0].band_from
    if start > rows[0].free_days:
        raise TradeError(
            "fee_bands_gap", "band_from", f"{code} has no price below {start}; begin its bands at 0"
        )
    for row, following in pairwise(rows):
        if row.band_to is None or row.band_to > following.band_from:
            raise TradeError(
                "fee_bands_overlap",
                "band_from",
                f"two rows of {code} have a price for {following.band_from} on one day",
            )
        if row.band_to < following.band_from:
            raise TradeError(
                "fee_bands_gap",
                "band_from",
                f"{code} has no price from {row.band_to} to {following.band_from}",
            )


def check_fees(rows: Sequence[FeeRow]) -> None:
    """Raise what is wrong with the rows of one list on any day; published and own rows are checked apart."""
    days = {row.effective_from for row in rows} | {row.effective_to for row in rows if row.effective_to}
    for own in (False, True):
        of_one = [row for row in rows if row.own is own]
        for day in sorted(days):
            prices_on(of_one, day)


def storage_charge(price: Price, volume_cm3: int, age_days: int) -> Charge | None:
    """What lying there for one day costs at an age; None while it is free."""
    if age_days < price.free_days:
        return None
    found = price.band_of(age_days)
    return None if found is None or not found[1] else _charge(price, found, volume_cm3)


def work_charges(prices: dict[str, Price], work: Work) -> list[Charge]:
    """What something that was done costs, by fee; what the list has no price for costs nothing."""
    found = []
    for code, (event, _bases) in FEES.items():
        price = prices.get(code)
        if price is None or event != work.event:
            continue
        if price.basis == "weight_band":
            found += _by_weight(price, work)
        else:
            found += _by_count(price, _count(price, work), work.sign)
    return found


def _count(price: Price, work: Work) -> int:
    if price.basis == "container":
        return 1 if work.container and price.code.endswith(f"_{work.container}") else 0
    return {
        "unit": work.pieces, "order": work.orders, "carton": work.cartons, "pallet": work.pallets,
    }[price.basis]  # fmt: skip


def _by_count(price: Price, count: int, sign: int) -> list[Charge]:
    """Each piece at the price of the band it falls into: the thousandth may cost more than the first."""
    ends = (*price.starts[1:], count if price.end is None else min(price.end, count))
    parts = zip(price.starts, price.prices_micros, ends, strict=True)
    return [
        _charge(price, (start, micros), sign * (min(end, count) - start))
        for start, micros, end in parts
        if min(end, count) > start and micros
    ]


def _by_weight(price: Price, work: Work) -> list[Charge]:
    """Each package at the price of its weight's band; the larger of weight and volumetric weight counts."""
    counts: dict[tuple[int, int], int] = {}
    for one in work.weighed:
        band = price.band_of(chargeable_g(one.weight_g, one.volume_cm3, price.divisor))
        if band is not None and band[1]:
            counts[band] = counts.get(band, 0) + one.count
    return [_charge(price, band, work.sign * count) for band, count in sorted(counts.items()) if count]


def _charge(price: Price, band: tuple[int, int], quantity: int) -> Charge:
    return Charge(price.code, price.basis, band[0], quantity, band[1], price.currency, price.minimum_minor)


def statement_lines(charges: Iterable[Charge]) -> tuple[BilledLine, ...]:
    """Add charges of one currency up, a line for each fee, band and price, rounded half up once.

    Where all lines of a fee together stay below its minimum, one more fills them up to it; the largest minimum of
    its charges counts. Charges and their order may be split as one likes: the lines stay the same.
    """
    sums: dict[tuple[str, int, int, str, str], int] = {}
    least: dict[tuple[str, str], int] = {}
    for one in charges:
        key = (one.code, one.band_from, one.price_micros, one.basis, one.currency)
        sums[key] = sums.get(key, 0) + one.quantity
        least[one.code, one.currency] = max(one.minimum_minor, least.get((one.code, one.currency), 0))
    lines = [
        billed_line(code, basis, quantity, micros, currency)
        for (code, _band, micros, basis, currency), quantity in sorted(sums.items())
        if quantity
    ]
    return tuple(_with_minimums(lines, least))


def _with_minimums(lines: list[BilledLine], least: dict[tuple[str, str], int]) -> Iterable[BilledLine]:
    for (code, currency), group in groupby(lines, key=attrgetter("code", "priced_currency")):
        of_fee = list(group)
        yield from of_fee
        total = sum(line.amount_minor for line in of_fee)
        lacking = least[code, currency] - total
        if lacking > 0 and total >= 0 and any(line.quantity > 0 for line in of_fee):
            micros = lacking * MICROS // minor_per_major(currency)
            yield BilledLine(0, code, MINIMUM, 1, micros, lacking, currency, lacking)


def billed_line(code: str, basis: str, quantity: int, price_micros: int, currency: str) -> BilledLine:
    """One line of a statement, which is one of its invoice as well."""
    amount = amount_minor(basis, quantity, price_micros, currency)
    return BilledLine(0, code, basis, quantity, price_micros, amount, currency, amount)


def amount_minor(basis: str, quantity: int, price_micros: int, currency: str) -> int:
    """Quantity times price in minor units, rounded half up; raises TradeError `currency_unknown`."""
    per = QUANTITIES_PER_UNIT.get(basis, 1)
    return divide_half_up(quantity * price_micros * minor_per_major(currency), per * MICROS)


def exact_amount(basis: str, quantity: int, price_micros: int) -> str:
    """Quantity times price in major units with all decimals, as people can check it by hand."""
    places = MICRO_PLACES + len(str(QUANTITIES_PER_UNIT.get(basis, 1))) - 1
    return format_scaled(quantity * price_micros, places)
