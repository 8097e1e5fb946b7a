"""Reads the code lists in `warehouses/data`: what changes with law or market is a dated row, never code."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from importlib import resources
from typing import Protocol, TypeVar


@dataclass(frozen=True, slots=True)
class Fact:
    """When a row holds and who says so.

    `effective_to` is the first day on which it no longer holds, None while no end is known. `standing` is
    `published` where the source states the row, `example` where an operator must verify it before relying on it.
    """

    effective_from: date
    effective_to: date | None
    standing: str
    source: str

    @classmethod
    def read(cls, row: Mapping[str, str]) -> "Fact":
        """Take the four columns every dated list ends with."""
        until = row["effective_to"]
        return cls(
            date.fromisoformat(row["effective_from"]),
            date.fromisoformat(until) if until else None,
            row["standing"],
            row["source"],
        )

    def holds_on(self, day: date) -> bool:
        """Whether the row is in force on this day."""
        return self.effective_from <= day and (self.effective_to is None or day < self.effective_to)


class Dated(Protocol):
    """Any row that carries its Fact."""

    @property
    def fact(self) -> Fact:
        """When the row holds."""


Row = TypeVar("Row", bound=Dated)


def in_force(rows: Iterable[Row], on: date) -> list[Row]:
    """Return the rows that hold on one day, in file order."""
    return [row for row in rows if row.fact.holds_on(on)]


def read_rows(name: str) -> list[dict[str, str]]:
    """Read one CSV file of this package's data folder; callers keep what they make of it."""
    text = resources.files("warehouses").joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines(), strict=True))
