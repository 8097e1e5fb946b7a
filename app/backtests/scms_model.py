"""What the earlier history says of freight, charter flights, transit and lateness, by lane and mode."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog

from app.backtests.scms_history import Consignment, Lane

__all__ = ["MINIMUM", "Flights", "Ladder", "Model", "Tariff", "fit_flights", "fit_tariff", "region_of"]

Floats = npt.NDArray[np.float64]
Key = tuple[str, ...]
Sample = tuple[Consignment, float]
Fitted = TypeVar("Fitted")

# Fewer consignments than this are not taken for a sample of their own.
MINIMUM = 15
MINIMUM_FLIGHTS = 5
CHARTER = "Air Charter"
# Deliveries of one charter are recorded over neighbouring days.
DAYS_OF_ONE_FLIGHT = 3

# Where a lane has too few consignments its region speaks for it. Grouping after the subregions of UN M49.
REGIONS = {
    "West Africa": (
        "Benin|Burkina Faso|Côte d'Ivoire|Ghana|Guinea|Liberia|Mali|Nigeria|Senegal|Sierra Leone|Togo"
    ),
    "East Africa": (
        "Burundi|Ethiopia|Kenya|Malawi|Mozambique|Rwanda|South Sudan|Tanzania|Uganda|Zambia|Zimbabwe"
    ),
    "Middle Africa": "Angola|Cameroon|Congo, DRC",
    "Southern Africa": "Botswana|Lesotho|Namibia|South Africa|Swaziland",
    "North Africa": "Libya|Sudan",
    "Asia": "Afghanistan|Kazakhstan|Kyrgyzstan|Lebanon|Pakistan|Vietnam",
    "Americas": "Belize|Dominican Republic|Guatemala|Guyana|Haiti",
}
_REGION = {country: region for region, names in REGIONS.items() for country in names.split("|")}


def region_of(country: str) -> str:
    """Return the region a country is pooled with; a country not listed is a region of its own."""
    return _REGION.get(country, country)


class Ladder(Generic[Fitted]):
    """One fit per lane and mode, with wider and wider pools where the sample is smaller than `MINIMUM`.

    The rungs: country, origin and mode; region, origin and mode; origin and mode; mode alone.
    """

    def __init__(self, samples: Iterable[Sample], fit: Callable[[Sequence[Sample]], Fitted]) -> None:
        pools: dict[Key, list[Sample]] = defaultdict(list)
        for row, figure in samples:
            for key in _rungs(row.lane, row.mode):
                pools[key].append((row, figure))
        self._pools, self._fit = pools, fit
        self._fits: dict[Key, Fitted] = {}

    def of(self, lane: Lane, mode: str) -> Fitted | None:
        """Return the fit of the first rung with enough consignments; None if the mode was never seen."""
        rungs = _rungs(lane, mode)
        enough = [key for key in rungs if len(self._pools.get(key, ())) >= MINIMUM]
        key = enough[0] if enough else rungs[-1]
        if key not in self._pools:
            return None
        if key not in self._fits:
            self._fits[key] = self._fit(self._pools[key])
        return self._fits[key]


def _rungs(lane: Lane, mode: str) -> tuple[Key, ...]:
    region = region_of(lane.country)
    return (
        ("lane", *lane, mode),
        ("region", region, lane.via, mode),
        ("origin", lane.via, mode),
        ("mode", mode),
    )


@dataclass(frozen=True, slots=True)
class Tariff:
    """Freight in US dollars: a fixed part for each consignment and a rate per kilogram."""

    fixed_usd: float
    usd_per_kg: float

    def freight_usd(self, weight_kg: float) -> float:
        """Return the freight of one consignment."""
        return self.fixed_usd + self.usd_per_kg * weight_kg


def fit_tariff(weight_kg: Floats, freight_usd: Floats) -> Tariff:
    """Fit a tariff by weighted least absolute deviations, then to the level of the sums.

    A deviation counts by 1 / sqrt(weight): errors grow with the weight, but slower. That line runs
    through the middle of the points, below the mean of a skewed sample; so both parts are multiplied by
    the ratio of the sums, without the lowest and highest 1 % of single ratios. `weight_kg` [n] above 0.
    """
    n = len(weight_kg)
    scale = 1 / np.sqrt(np.maximum(weight_kg, 50))
    # min sum(over + under) where fixed + rate * weight + under - over = freight, each row times its scale
    rows = np.hstack([scale[:, None], (scale * weight_kg)[:, None], np.eye(n), -np.eye(n)])
    found = linprog(np.r_[0, 0, np.ones(2 * n)], A_eq=rows, b_eq=scale * freight_usd, method="highs")
    if found.x is None:
        raise ArithmeticError(f"no tariff could be fitted to {n} consignments: {found.message}")
    line = Tariff(float(found.x[0]), float(found.x[1]))
    modelled = np.array([line.freight_usd(weight) for weight in weight_kg])
    ratio = freight_usd / np.maximum(modelled, 1e-9)
    low, high = np.percentile(ratio, [1, 99])
    kept = (ratio >= low) & (ratio <= high) & (modelled > 0)
    level = float(freight_usd[kept].sum() / modelled[kept].sum()) if kept.any() else 1.0
    return Tariff(line.fixed_usd * level, line.usd_per_kg * level)


@dataclass(frozen=True, slots=True)
class Flights:
    """Charters of one lane: the median cost of a flight, the heaviest load seen and the most in one month."""

    cost_usd: float
    payload_g: int
    most_in_month: int
    seen: int


def fit_flights(rows: Sequence[Consignment]) -> Flights | None:
    """Put the charter consignments of one lane together to flights; None below `MINIMUM_FLIGHTS`.

    Consignments belong to one flight while each was delivered at most `DAYS_OF_ONE_FLIGHT` days after
    the one before. A flight costs what its consignments were charged together.
    """
    flights: list[list[Consignment]] = []
    for row in sorted(rows, key=lambda row: row.delivered):
        if not flights or (row.delivered - flights[-1][-1].delivered).days > DAYS_OF_ONE_FLIGHT:
            flights.append([])
        flights[-1].append(row)
    if len(flights) < MINIMUM_FLIGHTS:
        return None
    months: dict[str, int] = defaultdict(int)
    for flight in flights:
        months[flight[0].month] += 1
    return Flights(
        cost_usd=float(np.median([sum(row.freight_usd or 0 for row in flight) for flight in flights])),
        payload_g=max(sum(row.weight_g or 0 for row in flight) for flight in flights),
        most_in_month=max(months.values()),
        seen=len(flights),
    )


class Model:
    """Everything fitted on the earlier part of the history.

    `known` are its rows with a known mode, `priced` those with weight and freight of their own.
    """

    def __init__(self, known: Sequence[Consignment], priced: Sequence[Consignment]) -> None:
        self.known, self.priced = known, priced
        self._late_days: dict[tuple[Lane, str, str], tuple[float, float]] = {}

    @cached_property
    def tariffs(self) -> Ladder[Tariff]:
        """Tariffs by lane and mode."""
        samples = ((row, row.weight_kg) for row in self.priced)
        return Ladder(samples, lambda pool: fit_tariff(*_weights_and_freights(pool)))

    @cached_property
    def flights(self) -> dict[Lane, Flights]:
        """Charter flights of the lanes that had enough of them."""
        rows: dict[Lane, list[Consignment]] = defaultdict(list)
        for row in self.priced:
            if row.mode == CHARTER:
                rows[row.lane].append(row)
        fits = {lane: fit_flights(own) for lane, own in rows.items()}
        return {lane: fit for lane, fit in fits.items() if fit is not None}

    @cached_property
    def modes(self) -> Mapping[Lane, list[str]]:
        """Modes offered on a lane: those of at least `MINIMUM` consignments there."""
        counts: dict[tuple[Lane, str], int] = defaultdict(int)
        for row in self.priced:
            counts[row.lane, row.mode] += 1
        offered: dict[Lane, list[str]] = defaultdict(list)
        for (lane, mode), count in sorted(counts.items()):
            if count >= MINIMUM:
                offered[lane].append(mode)
        return offered

    @cached_property
    def heaviest_month_g(self) -> dict[tuple[Lane, str], int]:
        """The most that a lane and mode carried in one month."""
        months: dict[tuple[Lane, str, str], int] = defaultdict(int)
        for row in self.priced:
            months[row.lane, row.mode, row.month] += row.weight_g or 0
        heaviest: dict[tuple[Lane, str], int] = defaultdict(int)
        for (lane, mode, _), weight in months.items():
            heaviest[lane, mode] = max(heaviest[lane, mode], weight)
        return heaviest

    @cached_property
    def _extra_days(self) -> Ladder[float]:
        """Planned days from start to scheduled delivery, above the median of all modes of the lane."""
        dated = [
            (row, float((row.scheduled - row.start).days))
            for row in self.known
            if row.start is not None and row.start <= row.scheduled
        ]
        by_lane: dict[Lane, list[float]] = defaultdict(list)
        for row, days in dated:
            by_lane[row.lane].append(days)
        usual = {lane: float(np.median(days)) for lane, days in by_lane.items()}
        return Ladder(((row, days - usual[row.lane]) for row, days in dated), _median)

    @cached_property
    def _slips(self) -> Ladder[Floats]:
        """Days between scheduled and real delivery, as they were."""
        return Ladder(((row, float(row.late_days)) for row in self.known), _figures)

    def extra_days(self, lane: Lane, mode: str, instead_of: str) -> float:
        """Return the days by which a mode arrives later than the one the schedule was made for."""
        mine, other = self._extra_days.of(lane, mode), self._extra_days.of(lane, instead_of)
        return 0.0 if mine is None or other is None else mine - other

    def lateness(self, lane: Lane, mode: str, instead_of: str) -> tuple[float, float]:
        """Return expected late days and the share of late deliveries of a mode under the other's schedule."""
        key = (lane, mode, instead_of)
        if key not in self._late_days:
            slips = self._slips.of(lane, mode)
            if slips is None:
                raise KeyError(f"mode {mode} was never seen")
            days = slips + self.extra_days(lane, mode, instead_of)
            self._late_days[key] = float(np.maximum(days, 0).mean()), float((days > 0).mean())
        return self._late_days[key]


def _weights_and_freights(pool: Sequence[Sample]) -> tuple[Floats, Floats]:
    return _figures(pool), np.array([row.freight_usd or 0.0 for row, _ in pool])


def _figures(pool: Sequence[Sample]) -> Floats:
    return np.array([figure for _, figure in pool])


def _median(pool: Sequence[Sample]) -> float:
    return float(np.median(_figures(pool)))
