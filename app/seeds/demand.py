"""Where the sample's goods come from and go to, how fast and in what mix: tables that anyone can edit."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

FOLDER = Path(__file__).parent / "sample"

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

LEVELS = ("express", "standard", "economy", "slow")
LEVEL_SHARES = (0.22, 0.33, 0.30, 0.15)


@dataclass(frozen=True, slots=True, eq=False)
class Destinations:
    """Places goods go to: `code` [d] positions in `Demand.locations`, cumulative `share` [d], `days` [d, 4].

    `level_share` [d, 4] is cumulative over the service levels; levels not offered there have no share.
    """

    code: Ints
    share: Floats
    days: Floats
    level_share: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Paths:
    """Pairs of places returns move between: `origin`, `destination` [p], cumulative `share` [p]."""

    origin: Ints
    destination: Ints
    share: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Demand:
    """The facts the sample is drawn from; every share is cumulative, ready for `searchsorted`."""

    locations: tuple[str, ...]
    exporters: tuple[str, ...]
    goods: tuple[str, ...]
    hs_codes: tuple[str, ...]
    """An example for each class of goods."""
    goods_share: Floats
    is_battery: npt.NDArray[np.bool_]
    exporter_share: Floats
    battery_exporter_share: Floats
    origin: Ints
    origin_share: Floats
    zones: Destinations
    warehouses: Destinations
    homeward: Paths
    """Overseas warehouse → returns centre in China."""
    sideways: Paths
    """Overseas warehouse → another one."""


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _cumulative(weights: list[float]) -> Floats:
    shares = np.cumsum(np.asarray(weights, dtype=np.float64))
    return np.asarray(shares / shares[-1])


class _Places:
    """Codes numbered in order of appearance."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def number(self, code: str) -> int:
        return self.numbers.setdefault(code, len(self.numbers))

    def numbered(self, codes: list[str]) -> Ints:
        return np.array([self.number(code) for code in codes], dtype=np.int64)


def _destinations(rows: list[dict[str, str]], places: _Places) -> Destinations:
    days = np.array([[float(row.get(f"{level}_days") or 0) for level in LEVELS] for row in rows])
    level = np.cumsum(np.where(days > 0, LEVEL_SHARES, 0.0), axis=1)
    return Destinations(
        places.numbered([row["location"] for row in rows]),
        _cumulative([float(row["weight"]) for row in rows]),
        days,
        level / level[:, -1:],
    )


def _paths(rows: list[dict[str, str]], column: str, places: _Places) -> Paths:
    used = [row for row in rows if row[column]]
    return Paths(
        places.numbered([row["location"] for row in used]),
        places.numbered([row[column] for row in used]),
        _cumulative([float(row["weight"]) for row in used]),
    )


@cache
def demand() -> Demand:
    """The sample's tables, read once."""
    places = _Places()
    origins, exporters, goods, warehouses = (
        _rows(name) for name in ("origins", "exporters", "goods", "warehouses")
    )
    classes = tuple(row["goods_class"] for row in goods)
    return Demand(
        exporters=tuple(row["exporter"] for row in exporters),
        goods=classes,
        hs_codes=tuple(row["hs_code"] for row in goods),
        goods_share=_cumulative([float(row["share"]) for row in goods]),
        is_battery=np.array([name.startswith(("li_", "sodium_")) for name in classes]),
        exporter_share=_cumulative([float(row["weight"]) for row in exporters]),
        battery_exporter_share=_cumulative([float(row["battery_weight"]) for row in exporters]),
        origin=places.numbered([row["location"] for row in origins]),
        origin_share=_cumulative([float(row["weight"]) for row in origins]),
        zones=_destinations(_rows("zones"), places),
        warehouses=_destinations(warehouses, places),
        homeward=_paths(warehouses, "returns_to", places),
        sideways=_paths(warehouses, "transfers_to", places),
        locations=tuple(places.numbers),
    )
