"""How long stock has lain: bands of days since it was received."""

from collections.abc import Iterable
from datetime import date

BANDS: tuple[tuple[int, int | None], ...] = ((0, 30), (31, 60), (61, 90), (91, 180), (181, 365), (366, None))
"""First and last day of each band; the last has no end."""


def age_days(received_on: date, today: date) -> int:
    """Days since stock was received; 0 for what is still on its way."""
    return max((today - received_on).days, 0)


def band_of(received_on: date, today: date) -> tuple[int, int | None]:
    """The band stock is in."""
    age = age_days(received_on, today)
    return next(band for band in BANDS if band[1] is None or age <= band[1])


def by_band(stock: Iterable[tuple[date, int]], today: date) -> dict[tuple[int, int | None], int]:
    """Sum amounts, each with the day it was received, by band; every band is there, the youngest first."""
    found = dict.fromkeys(BANDS, 0)
    for received_on, amount in stock:
        found[band_of(received_on, today)] += amount
    return found
