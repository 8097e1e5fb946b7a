"""What is billed and what is owed: lines of invoices, notes that take them back, statements, credit.

Amounts are minor units, positive where an exporter owes them and negative where they are taken back or paid. Lines
are never rounded here: an invoice adds up because it is the sum of its lines.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from trade.errors import TradeError
from trade.money import MICRO_PLACES, MICROS, Money, minor_per_major
from trade.numbers import divide_half_up, format_scaled

BOOKS = ZoneInfo("Asia/Shanghai")
"""Papers bear the date of the operator's books."""
PAYMENT_TERM = timedelta(days=30)
NUMBER_PREFIXES = {"invoice": "INV", "credit_note": "CRN"}
THROUGH = "EUR"
"""Pairs without a rate of their own are crossed through the currency the reference rates are quoted in."""
Rates = Mapping[tuple[str, str], int]
"""(base, quote) → 10^-6 major units of the quote currency for one of the base."""


@dataclass(frozen=True, slots=True)
class BilledLine:
    """One charge of a booking on an invoice: what the tariff charges, and the same money in the invoice's currency."""

    leg_seq: int
    code: str
    basis: str
    quantity: int
    unit_price_micros: int
    priced_minor: int
    priced_currency: str
    amount_minor: int


QUANTITY_PLACES = {"per_kg": 3, "per_m3": 6, "m3_day": 6}
"""Decimals between what a basis counts (grams, cm3) and what its price is for; others count whole things."""


def written_quantity(line: BilledLine) -> str:
    """Return how much is charged: kilograms, cubic metres, or things; for a percentage the money it is taken of."""
    if line.basis == "percent":
        return Money(line.quantity, line.priced_currency).format()
    return format_scaled(line.quantity, QUANTITY_PLACES.get(line.basis, 0))


def written_price(line: BilledLine) -> str:
    """Return what one kilogram, cubic metre or thing costs in `priced_currency`; for a percentage its share of one."""
    return format_scaled(line.unit_price_micros, MICRO_PLACES)


def billed_lines(charges: Iterable[Mapping[str, object]]) -> tuple[BilledLine, ...]:
    """Return the lines an invoice has for the charges of a booking, as they are and in their order."""
    return tuple(BilledLine(**{name: charge[name] for name in BilledLine.__slots__}) for charge in charges)  # type: ignore[arg-type]


def taken_back(lines: Iterable[BilledLine]) -> tuple[BilledLine, ...]:
    """Return the lines of the credit note for an invoice: the same prices for as much less."""
    return tuple(
        replace(
            line,
            quantity=-line.quantity,
            priced_minor=-line.priced_minor,
            amount_minor=-line.amount_minor,
        )
        for line in lines
    )


def total_of(lines: Iterable[BilledLine], currency: str) -> Money:
    """Add lines up, to the minor unit; raises TradeError `amount_out_of_range`."""
    return Money(sum(line.amount_minor for line in lines), currency)


def book_date(moment: datetime) -> date:
    """Return the day a paper is dated that is made at an instant."""
    return moment.astimezone(BOOKS).date()


def month_days(month: str) -> tuple[date, date]:
    """Return the first day of a month such as "2026-11", and of the one after it."""
    first = date.fromisoformat(f"{month}-01")
    return first, (first + timedelta(days=31)).replace(day=1)


def due_date(issued_on: date) -> date:
    """Return the day by which an invoice is to be paid."""
    return issued_on + PAYMENT_TERM


def paper_number(kind: str, year: int, count: int) -> str:
    """Return the number of the nth invoice or credit note of a year, such as INV-2026-000042."""
    return f"{NUMBER_PREFIXES[kind]}-{year}-{count:06}"


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that changed what is owed on a day: an invoice, a credit note or a payment, which is negative."""

    on: date
    kind: str
    reference: str
    amount_minor: int
    booking: str | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """What happened in one currency: each entry with what is owed after it."""

    currency: str
    opening_minor: int
    lines: tuple[tuple[Entry, int], ...]
    closing_minor: int


def account(currency: str, opening_minor: int, entries: Sequence[Entry]) -> Account:
    """Carry the balance from the opening through the entries, in their order, to the closing."""
    balance, lines = opening_minor, []
    for entry in entries:
        balance += entry.amount_minor
        lines.append((entry, balance))
    return Account(currency, opening_minor, tuple(lines), balance)


def last_months(today: date, count: int) -> list[str]:
    """Return so many months as `month_days` reads them, this one first."""
    found, year, month = [], today.year, today.month
    for _ in range(count):
        found.append(f"{year}-{month:02}")
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return found


def minor_rate(rates: Rates, base: str, quote: str) -> Fraction | None:
    """Return exact minor units of `quote` for one of `base`; None where no rate leads there.

    A pair's own rate goes before its inverse, and both before crossing through the euro.
    """
    major = _major_rate(rates, base, quote)
    if major is None:
        first, second = _major_rate(rates, base, THROUGH), _major_rate(rates, THROUGH, quote)
        major = None if first is None or second is None else first * second
    return None if major is None else major * Fraction(minor_per_major(quote), minor_per_major(base))


def _major_rate(rates: Rates, base: str, quote: str) -> Fraction | None:
    if base == quote:
        return Fraction(1)
    if (base, quote) in rates:
        return Fraction(rates[base, quote], MICROS)
    return Fraction(MICROS, rates[quote, base]) if (quote, base) in rates else None


def exposure(owed: Mapping[str, int], currency: str, rates: Rates) -> int:
    """Add what is owed in each currency in one currency, rounded half up once, at the end.

    Raises TradeError `no_exchange_rate` naming the pair.
    """
    exact = Fraction(0)
    for other, minor in owed.items():
        rate = minor_rate(rates, other, currency) if minor else Fraction(0)
        if rate is None:
            raise TradeError(
                "no_exchange_rate", "currency", f"no exchange rate leads from {other} to {currency}"
            )
        exact += minor * rate
    return divide_half_up(exact.numerator, exact.denominator)


def credit_refusal(limit_minor: int, owed_minor: int, after_minor: int, currency: str) -> str | None:
    """Say why credit does not reach for what would be owed after something new; None where it does.

    Something new that makes nobody owe more is never refused.
    """
    if after_minor <= limit_minor or after_minor <= owed_minor:
        return None
    owed, after, limit = (Money(minor, currency) for minor in (owed_minor, after_minor, limit_minor))
    lacking = Money(after_minor - limit_minor, currency)
    return (
        f"{owed} is owed or booked already; with this it would be {after}, and the credit limit is {limit}: "
        f"pay {lacking} first, or ask for a higher limit"
    )
