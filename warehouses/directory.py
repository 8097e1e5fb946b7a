"""How ready a public overseas warehouse is for an exporter, as a score that explains each of its points."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Literal

from warehouses.facts import Fact, in_force, read_rows

Why = Literal["full", "partial", "none", "unknown"]


@dataclass(frozen=True, slots=True)
class WarehouseProfile:
    """What the directory knows of a warehouse. `area_m2` 0 means unknown; `cutoff_min` is a minute of its day.

    `data_as_of` is the day on which someone last confirmed these facts.
    """

    area_m2: int
    free_m2: int
    services: frozenset[str]
    cutoff_min: int | None
    display_centre: bool
    bonded: bool
    data_as_of: date


@dataclass(frozen=True, slots=True)
class ReadinessPart:
    """Points for one criterion: `measured`, in `unit`, on the way from `zero_at` to `full_at`.

    `why` is `full`, `partial`, `none`, or `unknown` where the fact is missing (`measured` is None).
    """

    code: str
    points: int
    max_points: int
    why: Why
    measured: int | None
    zero_at: int
    full_at: int
    unit: str


@dataclass(frozen=True, slots=True)
class Readiness:
    """A score from 0 to 100, the sum of its parts' points."""

    score: int
    parts: tuple[ReadinessPart, ...]


@dataclass(frozen=True, slots=True)
class _Criterion:
    code: str
    max_points: int
    zero_at: int
    full_at: int
    unit: str
    fact: Fact


@dataclass(frozen=True, slots=True)
class _WantedService:
    service: str
    fact: Fact


@cache
def _criteria() -> tuple[_Criterion, ...]:
    return tuple(
        _Criterion(
            row["criterion"],
            int(row["max_points"]),
            int(row["zero_at"]),
            int(row["full_at"]),
            row["unit"],
            Fact.read(row),
        )
        for row in read_rows("readiness.csv")
    )


@cache
def _wanted_services() -> tuple[_WantedService, ...]:
    return tuple(_WantedService(row["service"], Fact.read(row)) for row in read_rows("services_wanted.csv"))


def _free_permille(profile: WarehouseProfile, _on: date) -> int | None:
    return profile.free_m2 * 1000 // profile.area_m2 if profile.area_m2 else None


def _services_permille(profile: WarehouseProfile, on: date) -> int:
    wanted = [row.service for row in in_force(_wanted_services(), on)]
    return sum(service in profile.services for service in wanted) * 1000 // len(wanted)


MEASURES: Mapping[str, Callable[[WarehouseProfile, date], int | None]] = {
    "free_space": _free_permille,
    "services": _services_permille,
    "cut_off": lambda profile, _on: profile.cutoff_min,
    "display_centre": lambda profile, _on: int(profile.display_centre),
    "bonded": lambda profile, _on: int(profile.bonded),
    "data_freshness": lambda profile, on: max(0, (on - profile.data_as_of).days),
}
"""How each criterion of `readiness.csv` is measured."""


def readiness(profile: WarehouseProfile, on: date) -> Readiness:
    """Return the score on one day; 0 with no parts on days before the first criteria."""
    parts = tuple(_part(row, MEASURES[row.code](profile, on)) for row in in_force(_criteria(), on))
    return Readiness(sum(part.points for part in parts), parts)


def _part(row: _Criterion, measured: int | None) -> ReadinessPart:
    """Give points in proportion between zero and full, rounded down; a falling scale (days) works as well."""
    why: Why = "unknown"
    points = 0
    if measured is not None:
        span = row.full_at - row.zero_at
        way = (measured - row.zero_at) * (1 if span > 0 else -1)
        points = row.max_points * min(max(way, 0), abs(span)) // abs(span)
        why = "full" if points == row.max_points else "partial" if points else "none"
    return ReadinessPart(row.code, points, row.max_points, why, measured, row.zero_at, row.full_at, row.unit)
