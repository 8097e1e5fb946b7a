"""Money as integers of a currency's minor unit, and exact conversion between currencies."""

from dataclasses import dataclass
from functools import cache

from trade.errors import TradeError
from trade.facts import read_rows
from trade.numbers import INT64_MAX, divide_half_up, format_scaled, parse_scaled

MICROS = 1_000_000
"""Rates and exchange rates are integers of 10^-6 of the major unit."""

MICRO_PLACES = 6


@cache
def minor_unit_exponents() -> dict[str, int]:
    """Return the decimals of every currency in use: CNY 2, JPY 0, KWD 3 (ISO 4217, list one)."""
    return {row["code"]: int(row["minor_unit"]) for row in read_rows("currencies.csv")}


def exponent_of(currency: str) -> int:
    """Return the decimals of one currency; raises TradeError `currency_unknown`."""
    try:
        return minor_unit_exponents()[currency]
    except KeyError:
        raise TradeError("currency_unknown", "currency", f"{currency!r} is not in ISO 4217") from None


@cache
def minor_per_major(currency: str) -> int:
    """Return how many minor units make one major unit: 100 fen, 1 won; raises TradeError `currency_unknown`."""
    return int(10 ** exponent_of(currency))


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units: Money(1250, "CNY") is CNY 12.50, Money(1250, "KRW") is KRW 1250.

    Raises TradeError `currency_unknown`, or `amount_out_of_range` beyond 64 bits.
    """

    minor: int
    currency: str

    def __post_init__(self) -> None:
        exponent_of(self.currency)
        if abs(self.minor) > INT64_MAX:
            raise TradeError("amount_out_of_range", "amount", "the amount is too large")

    @classmethod
    def parse(cls, text: str, currency: str, field: str = "amount") -> "Money":
        """Read a decimal string in major units; errors as in `parse_scaled`, with `currency_unknown`."""
        return cls(parse_scaled(text, exponent_of(currency), field, negative=True), currency)

    def format(self) -> str:
        """Write the decimal string of the wire, without the currency code."""
        return format_scaled(self.minor, exponent_of(self.currency))

    def __str__(self) -> str:
        return f"{self.currency} {self.format()}"

    def __add__(self, other: "Money") -> "Money":
        """Add amounts of one currency; raises TradeError `currency_mismatch`."""
        if other.currency != self.currency:
            raise TradeError("currency_mismatch", "currency", f"{self.currency} is not {other.currency}")
        return Money(self.minor + other.minor, self.currency)


def convert(
    minor: int, from_currency: str, to_currency: str, rate_micros: int, *, inverse: bool = False
) -> int:
    """Convert minor units of one currency into minor units of another, rounded half up once.

    `rate_micros` is 10^-6 major units of `to_currency` for one major unit of `from_currency`; with `inverse`
    the rate is the other way round. Quote a pair in the direction where the rate is above one (USD/KRW 1,390.5,
    not KRW/USD 0.000719), or six decimals are not enough. Raises TradeError `rate_not_positive`.
    """
    if rate_micros <= 0:
        raise TradeError("rate_not_positive", "rate", "an exchange rate is above zero")
    up, down = minor_per_major(to_currency), minor_per_major(from_currency)
    if inverse:
        return divide_half_up(minor * up * MICROS, down * rate_micros)
    return divide_half_up(minor * up * rate_micros, down * MICROS)
