"""Numbers as people write them, kept as integers of the small unit; nothing is rounded in silence."""

import re
from dataclasses import dataclass
from decimal import Decimal

from app.exchange.cells.base import Cell
from app.exchange.faults import CellError
from trade.money import exponent_of

# ASCII digits only, and no exponents: Decimal would also take "1e999999", "1_000" and Arabic digits.
_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?")


@dataclass(frozen=True, slots=True)
class Number(Cell):
    """A decimal number, kept as an integer of 1/`scale`, or as a float where `scale` is 0."""

    scale: int = 1
    lowest: int | None = 0
    highest: int = 10**12
    positive: bool = False

    def read(self, text: str) -> int | float:
        """Exact: more digits than the unit has are refused, never rounded."""
        number = decimal(text)
        if self.positive and number <= 0:
            raise CellError("not_positive", f"{text.strip()} is not above zero", "give a number above 0")
        if self.lowest is not None and number < self.lowest:
            raise CellError(
                "out_of_range", f"{text.strip()} is below {self.lowest}", f"at least {self.lowest}"
            )
        if number > self.highest:
            raise CellError(
                "out_of_range", f"{text.strip()} is above {self.highest}", f"at most {self.highest}"
            )
        return in_units(number, self.scale) if self.scale else float(number)

    def write(self, value: float) -> str:
        """Without an exponent or trailing zeros."""
        return plain(Decimal(value) / self.scale) if self.scale else plain(Decimal(repr(value)))


def decimal(text: str) -> Decimal:
    """A number with a decimal point, at most 18 digits on each side. Raises CellError `not_a_number`."""
    text = text.strip()
    if _NUMBER.fullmatch(text):
        return Decimal(text)
    shorter = text.replace(",", ".")
    remedy = (
        f"write it with a decimal point: {shorter}"
        if _NUMBER.fullmatch(shorter)
        else "write digits, e.g. 12.5"
    )
    raise CellError("not_a_number", f"{text[:60]!r} is not a number", remedy)


def in_units(number: Decimal, scale: int) -> int:
    """`number` in units of 1/`scale`, exactly. Raises CellError `too_many_decimals`."""
    scaled = number * scale
    if scaled != int(scaled):
        places = len(str(scale)) - 1
        raise CellError(
            "too_many_decimals",
            f"{number} has more than {places} decimals",
            f"round it to {plain(number.quantize(Decimal(1).scaleb(-places)))}",
        )
    return int(scaled)


def to_minor(amount: Decimal, currency: str, column: str) -> int:
    """Minor units of an amount in major units. Raises CellError `too_many_decimals` for `column`."""
    try:
        return in_units(amount, 10 ** exponent_of(currency))
    except CellError as fault:
        fault.column = column
        raise


def from_minor(minor: int, currency: str) -> Decimal:
    """The amount in major units."""
    return Decimal(minor).scaleb(-exponent_of(currency))


def plain(number: Decimal) -> str:
    """Digits only: no exponent, no trailing zeros."""
    text = f"{number:f}"
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text


@dataclass(frozen=True, slots=True)
class Amount(Cell):
    """A decimal whose unit another column names (a currency, a dimension): kept as it stands."""

    lowest: int = 0

    def read(self, text: str) -> Decimal:
        """The number, not below `lowest`."""
        number = decimal(text)
        if number < self.lowest or number > 10**12:
            raise CellError(
                "out_of_range", f"{text.strip()} is not possible here", f"from {self.lowest} to 10^12"
            )
        return number

    def write(self, value: Decimal) -> str:
        """Without an exponent or trailing zeros."""
        return plain(value)
