"""Exchange rates of a quote: whole micros, with their source and day, so that every amount can be worked out again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import FxRate
from app.usecases.pricing_facts import THROUGH, RateMissing
from trade.money import MICROS, convert
from trade.numbers import divide_half_up


@dataclass(frozen=True, slots=True)
class Fx:
    """One unit of `base` is `rate_micros` millionths of `quote`; `inverse` says that money goes from quote to base."""

    base: str
    quote: str
    rate_micros: int
    as_of: date
    source: str
    inverse: bool = False

    def convert(self, minor: int) -> int:
        """Return the other currency's minor units, rounded half up once."""
        start, end = (self.quote, self.base) if self.inverse else (self.base, self.quote)
        return convert(minor, start, end, self.rate_micros, inverse=self.inverse)


@dataclass(frozen=True, slots=True)
class FxBook:
    """The latest rates of a day, by pair."""

    rates: Mapping[tuple[str, str], Fx]

    def find(self, start: str, end: str) -> Fx | None:
        """Return how money of one currency becomes another's; None where they are the same.

        A pair without a rate of its own is crossed through the euro. Raises RateMissing.
        """
        if start == end:
            return None
        direct = self._direct(start, end)
        if direct is not None:
            return direct
        first, second = self._direct(start, THROUGH), self._direct(THROUGH, end)
        if first is None or second is None:
            raise RateMissing(f"no exchange rate leads from {start} to {end}")
        return _crossed(start, end, first, second)

    def _direct(self, start: str, end: str) -> Fx | None:
        found = self.rates.get((start, end))
        if found is not None:
            return found
        back = self.rates.get((end, start))
        return back and Fx(back.base, back.quote, back.rate_micros, back.as_of, back.source, inverse=True)


def _crossed(start: str, end: str, first: Fx, second: Fx) -> Fx:
    """Return the cross rate in the direction in which it is above one: six decimals are then enough."""
    up = (MICROS if first.inverse else first.rate_micros) * (MICROS if second.inverse else second.rate_micros)
    down = (first.rate_micros if first.inverse else MICROS) * (
        second.rate_micros if second.inverse else MICROS
    )
    source = first.source if first.source == second.source else f"{first.source}; {second.source}"
    facts = {"as_of": min(first.as_of, second.as_of), "source": f"cross rate through {THROUGH} of: {source}"}
    if up >= down:
        return Fx(start, end, divide_half_up(up * MICROS, down), **facts)  # type: ignore[arg-type]
    return Fx(end, start, divide_half_up(down * MICROS, up), **facts, inverse=True)  # type: ignore[arg-type]


def load_fx(session: Session, on: date) -> FxBook:
    """Read the latest rate of every pair up to a day."""
    columns = (FxRate.base, FxRate.quote, FxRate.rate_micros, FxRate.as_of, FxRate.source)
    rows = session.execute(select(*columns).where(FxRate.as_of <= on).order_by(FxRate.as_of))
    return FxBook({(row.base, row.quote): Fx(*row) for row in rows})
