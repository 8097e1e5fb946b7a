"""The delivery history of the Supply Chain Management System: rows read, joined and counted."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from app.backtests.reading import Row, UnreadableFileError, read_csv

__all__ = ["MODES", "Consignment", "History", "Lane", "read_history"]

MODES = ("Air", "Air Charter", "Ocean", "Truck")
DIRECT_DROP = "Direct Drop"
COLUMNS = {
    "id": "ID",
    "country": "Country",
    "via": "Fulfill Via",
    "mode": "Shipment Mode",
    "quoted": "PQ First Sent to Client Date",
    "ordered": "PO Sent to Vendor Date",
    "scheduled": "Scheduled Delivery Date",
    "delivered": "Delivered to Client Date",
    "value": "Line Item Value",
    "weight": "Weight (Kilograms)",
    "freight": "Freight Cost (USD)",
}
DATE_FORMATS = ("%d-%b-%y", "%m/%d/%y")
_REFERENCE = re.compile(r"\(ID#:(\d+)\)")

JOINED = "weight stands in another row, travels with it"
NO_MODE = "no mode recorded"
NO_WEIGHT = "no weight of its own"
NO_FREIGHT = "weight, but no freight of its own (in the commodity price or invoiced apart)"
PRICED = "own weight and freight, used"


class Lane(NamedTuple):
    """A destination country and whether goods come from a regional distribution centre or straight from the maker."""

    country: str
    via: str


@dataclass(frozen=True, slots=True)
class Consignment:
    """One row: grams and US dollars, None where the row has no figure of its own.

    `start` is the day the order went to the maker (direct drop) or the request for a quote was first
    sent (distribution centre), None where it was not captured. `value_usd` counts the rows that travel with it.
    """

    row_id: str
    lane: Lane
    mode: str
    start: date | None
    scheduled: date
    delivered: date
    value_usd: float
    weight_g: int | None
    freight_usd: float | None
    joined_to: str | None

    @property
    def weight_kg(self) -> float:
        """The weight in kilograms, 0 where the row has none of its own."""
        return (self.weight_g or 0) / 1000

    @property
    def late_days(self) -> int:
        """Days delivered after the scheduled day; negative if before."""
        return (self.delivered - self.scheduled).days

    @property
    def month(self) -> str:
        """The month the goods moved in, taken as that of delivery, e.g. `2013-05`."""
        return f"{self.delivered:%Y-%m}"


@dataclass(frozen=True, slots=True)
class History:
    """All rows with a known mode, those of them with both figures, and how many rows went where."""

    known: list[Consignment]
    priced: list[Consignment]
    counts: Counter[str]


def read_history(path: Path) -> History:
    """Read the CSV file, plain or gzipped; raise `UnreadableFileError` for the first row that cannot be used."""
    rows = {}
    for row in read_csv(path, list(COLUMNS.values())):
        consignment = _consignment(row)
        if consignment.row_id in rows:
            raise UnreadableFileError(f"{row.place}: ID {consignment.row_id} stands there twice")
        rows[consignment.row_id] = consignment
    if not rows:
        raise UnreadableFileError(f"{path.name}: has no rows under its header")
    rows = _with_joined_value(rows)
    uses = {row_id: _use(row) for row_id, row in rows.items()}
    return History(
        known=[row for row in rows.values() if row.mode in MODES],
        priced=[row for row_id, row in rows.items() if uses[row_id] == PRICED],
        counts=Counter(uses.values()),
    )


def _consignment(row: Row) -> Consignment:
    lane = Lane(row.text(COLUMNS["country"]), row.text(COLUMNS["via"]))
    reference = _REFERENCE.search(row.values[COLUMNS["weight"]])
    weight_kg = _figure(row, "weight") or 0.0
    return Consignment(
        row_id=row.text(COLUMNS["id"]),
        lane=lane,
        mode=row.text(COLUMNS["mode"]),
        start=_day(row, "ordered" if lane.via == DIRECT_DROP else "quoted"),
        scheduled=_needed_day(row, "scheduled"),
        delivered=_needed_day(row, "delivered"),
        value_usd=_figure(row, "value") or 0.0,
        weight_g=round(1000 * weight_kg) or None,
        freight_usd=_figure(row, "freight"),
        joined_to=reference.group(1) if reference else None,
    )


def _figure(row: Row, name: str) -> float | None:
    """Return the number of a cell, None for the words that stand there instead of one."""
    try:
        number = float(row.values[COLUMNS[name]])
    except ValueError:
        return None
    if not 0 <= number < float("inf"):
        raise UnreadableFileError(
            f"{row.place}, column '{COLUMNS[name]}': {number} must be a finite number, 0 or more"
        )
    return number


def _day(row: Row, name: str) -> date | None:
    text = row.values[COLUMNS[name]].strip()
    for pattern in DATE_FORMATS:
        try:
            return datetime.strptime(text, pattern).date()  # noqa: DTZ007 - the file holds days, no instants
        except ValueError:
            continue
    return None


def _needed_day(row: Row, name: str) -> date:
    day = _day(row, name)
    if day is None:
        text = row.values[COLUMNS[name]]
        raise UnreadableFileError(f"{row.place}, column '{COLUMNS[name]}': '{text}' is no date like 2-Jun-06")
    return day


def _with_joined_value(rows: dict[str, Consignment]) -> dict[str, Consignment]:
    """Add the value of rows that travel with another row to that row: lateness costs all of it."""
    extra: Counter[str] = Counter()
    for row in rows.values():
        if row.joined_to is not None:
            extra[row.joined_to] += row.value_usd  # type: ignore[assignment]
    return {
        row_id: replace(row, value_usd=row.value_usd + extra[row_id]) if row_id in extra else row
        for row_id, row in rows.items()
    }


def _use(row: Consignment) -> str:
    if row.joined_to is not None:
        return JOINED
    if row.mode not in MODES:
        return NO_MODE
    if row.weight_g is None:
        return NO_WEIGHT
    return PRICED if row.freight_usd is not None else NO_FREIGHT


def split_at(rows: Iterable[Consignment], day: date) -> tuple[list[Consignment], list[Consignment]]:
    """Return the rows delivered before a day and those delivered on it or later."""
    both: tuple[list[Consignment], list[Consignment]] = ([], [])
    for row in rows:
        both[row.delivered >= day].append(row)
    return both
