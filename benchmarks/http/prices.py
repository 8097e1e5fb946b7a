"""A tariff of any length: what holds now for everybody, what held in past seasons, what single exporters agreed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import cycle
from random import Random

from app.models import Tariff, TariffBreak
from benchmarks.http.lanes import Line, Link, Place
from benchmarks.http.rows import Rows

USD_PER_KG = {
    "air": (3.8, 6.2),
    "sea": (0.08, 0.16),
    "rail": (0.5, 1.1),
    "road": (0.03, 0.12),
    "last_mile": (0.9, 1.6),
}
DIVISOR = {"air": 6000, "sea": 1000, "rail": 3000, "road": 3000, "last_mile": 5000}
BREAKS = ((0, 1.0), (45_000, 0.88), (300_000, 0.79))
"""From so many grams on, so much of the highest rate."""
MARGIN = 1.25
SEASON = timedelta(days=91)
PAST_SHARE = 0.4
"""Of what is not in force for everybody."""
MICROS = 1_000_000


@dataclass(frozen=True, slots=True)
class Priced:
    """A way that has a price: a service, from one place to another."""

    service_id: int
    mode: str
    start: Place
    end: Place
    usd_per_kg: float


def priced(services: Sequence[tuple[int, Line | Link]], rng: Random) -> list[Priced]:
    """Every way on every service, with a buying rate."""
    return [
        Priced(service_id, one.mode, start, end, rng.uniform(*USD_PER_KG[one.mode]))
        for service_id, one in services
        for start, end in _ways(one)
    ]


def _ways(one: Line | Link) -> Iterator[tuple[Place, Place]]:
    if isinstance(one, Link):
        yield one.start, one.end
        return
    for board, start in enumerate(one.calls[:-1]):
        yield from ((start, end) for end in one.calls[board + 1 :])


def add_tariffs(
    rows: Rows, ways: Sequence[Priced], exporters: Sequence[int], count: int, today: date, rng: Random
) -> int:
    """Keep tariffs to buy and to sell for every way, then past and agreed ones up to `count`; returns how many."""
    since = today - SEASON
    for way in ways:
        _add(rows, way, "buy", f"BUY-{way.service_id}", way.usd_per_kg, (since, None), None)
        _add(rows, way, "sell", f"SELL-{way.service_id}", MARGIN * way.usd_per_kg, (since, None), None)
    further = max(0, count - 2 * len(ways))
    past = round(PAST_SHARE * further)
    for number, way in zip(range(past), cycle(ways), strict=False):
        begins = since - SEASON * (1 + number // (2 * len(ways)))
        side, factor = ("buy", 1.0) if number // len(ways) % 2 == 0 else ("sell", MARGIN)
        usd = factor * way.usd_per_kg * rng.uniform(0.8, 1.2)
        _add(rows, way, side, f"PAST-{number}-{side}", usd, (begins, begins + SEASON), None)
    for number, way in zip(range(further - past), cycle(ways), strict=False):
        exporter = exporters[number // len(ways) % len(exporters)]
        usd = MARGIN * way.usd_per_kg * rng.uniform(0.85, 0.99)
        _add(rows, way, "sell", f"DEAL-{number}", usd, (since, today + SEASON), exporter)
    return 2 * len(ways) + further


def _add(
    rows: Rows,
    way: Priced,
    side: str,
    code: str,
    usd_per_kg: float,
    valid: tuple[date, date | None],
    exporter: int | None,
) -> None:
    tariff = rows.add(
        Tariff,
        code=f"{code}-{way.start.code}-{way.end.code}",
        side=side,
        service_id=way.service_id,
        from_location_id=way.start.id,
        to_location_id=way.end.id,
        exporter_id=exporter,
        currency="USD",
        divisor_cm3_per_kg=DIVISOR[way.mode],
        rounding_g=500 if way.mode in ("air", "last_mile") else 100,
        minimum_minor=500,
        flat_minor=300 if way.mode == "last_mile" else 0,
        valid_from=valid[0],
        valid_to=valid[1],
        source="benchmark",
    )
    for from_g, share in BREAKS:
        rate = round(MICROS * share * usd_per_kg)
        rows.add(TariffBreak, tariff_id=tariff, from_g=from_g, rate_micros_per_kg=rate)
