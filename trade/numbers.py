"""Exact integers for what people write as decimals: strict reading, plain writing, one rounding rule."""

import re

import numpy as np
import numpy.typing as npt

from trade.errors import TradeError

Int64Array = npt.NDArray[np.int64]

MAX_DECIMALS_READ = 9
INT64_MAX = 2**63 - 1

# ASCII digits only: \d would let Arabic digits in, int() underscores, Decimal() exponents and NaN.
DECIMAL = re.compile(rf"(-?)(0|[1-9][0-9]{{0,17}})(?:\.([0-9]{{1,{MAX_DECIMALS_READ}}}))?")


def parse_scaled(text: str, places: int, field: str, *, negative: bool = False) -> int:
    """Read a plain decimal such as "12.50" as an integer of 10^-places; zeros beyond the places are accepted.

    Raises TradeError `number_unreadable`, `number_negative`, `number_too_precise` or `number_out_of_range`
    (beyond a 64-bit integer). No sign but "-", exponent, separator, blank, NaN or foreign digit is read.
    """
    match = DECIMAL.fullmatch(text)
    if match is None:
        raise TradeError("number_unreadable", field, "write a plain decimal number such as 12.50")
    sign, whole, decimals = match[1], match[2], (match[3] or "").rstrip("0")
    if len(decimals) > places:
        raise TradeError("number_too_precise", field, f"at most {places} decimals are possible here")
    value = int(whole + decimals.ljust(places, "0"))
    if value > INT64_MAX:
        raise TradeError("number_out_of_range", field, "the number is too large")
    if sign and value and not negative:
        raise TradeError("number_negative", field, "the number must not be below zero")
    return -value if sign else value


def format_scaled(value: int, places: int) -> str:
    """Write an integer of 10^-places as a plain decimal with all its places; `parse_scaled` reads it back."""
    if not places:
        return str(value)
    digits = str(abs(value)).rjust(places + 1, "0")
    sign = "-" if value < 0 else ""
    return f"{sign}{digits[:-places]}.{digits[-places:]}"


def divide_half_up(numerator: int, denominator: int) -> int:
    """Divide exactly and round once; halves go away from zero, so that a refund mirrors its charge."""
    rounded = (2 * abs(numerator) + denominator) // (2 * denominator)
    return rounded if numerator >= 0 else -rounded


def scale_half_up(quantities: Int64Array, factor: int, denominator: int) -> Int64Array:
    """Return quantities · factor / denominator, each rounded as `divide_half_up` does, without overflow inside.

    `quantities` and `factor` are ≥ 0. Products beyond 64 bits are rare, exact and slower.
    """
    widest = 2 * int(quantities.max(initial=0)) * factor + denominator
    exact = quantities if widest <= INT64_MAX else quantities.astype(object)
    result = (2 * factor * exact + denominator) // (2 * denominator)
    return np.asarray(result, dtype=np.int64)
