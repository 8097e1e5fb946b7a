"""What part of its value an export earns back, by HS code and the day of its declaration."""

from dataclasses import dataclass
from datetime import date
from functools import cache

from trade.facts import Fact, in_force, read_rows
from trade.numbers import divide_half_up


@dataclass(frozen=True, slots=True)
class RebateRate:
    """`percent` of the value of goods whose HS code begins so."""

    hs_prefix: str
    percent: int
    fact: Fact


@cache
def _all_rates() -> tuple[RebateRate, ...]:
    return tuple(
        RebateRate(row["hs_prefix"], int(row["percent"]), Fact.read(row)) for row in read_rows("rebates.csv")
    )


def rebate_rate(hs_code: str, on: date) -> RebateRate | None:
    """Return the rate of a code on the day of its declaration: that of its longest known beginning, or the common one.

    None without a code.
    """
    if not hs_code:
        return None
    found = [rate for rate in in_force(_all_rates(), on) if hs_code.startswith(rate.hs_prefix)]
    return max(found, key=lambda rate: len(rate.hs_prefix), default=None)


def rebate_ends(hs_code: str, on: date) -> date | None:
    """Return the day from which another rate holds for a code, as far as that is known."""
    rate = rebate_rate(hs_code, on)
    return rate.fact.effective_to if rate else None


def rebate_minor(value_minor: int, hs_code: str, on: date) -> int:
    """Return what a value without tax is expected to earn back; 0 without a code."""
    rate = rebate_rate(hs_code, on)
    return divide_half_up(value_minor * rate.percent, 100) if rate else 0
