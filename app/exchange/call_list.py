"""The calls of one departure in one cell: `CNTAO-PORT@/2026-12-01T08:00Z;KRINC-PORT@2026-12-02T08:00Z/`."""

from dataclasses import dataclass
from datetime import datetime

from app.exchange.cells import Cell, Code, Instant
from app.exchange.faults import CellError

GivenCall = tuple[str, datetime | None, datetime | None]
"""Code of the location, arrival and departure."""


@dataclass(frozen=True, slots=True)
class CallList(Cell):
    """`CODE@arrival/departure`, separated by `;`; the first has no arrival, the last no departure."""

    def read(self, text: str) -> list[GivenCall]:
        """The calls in order."""
        return [_call(part.strip()) for part in text.split(";") if part.strip()]

    def write(self, value: list[GivenCall]) -> str:
        """The same as text, in UTC."""
        return ";".join(f"{code}@{_text(arrives)}/{_text(departs)}" for code, arrives, departs in value)


def _text(moment: datetime | None) -> str:
    return Instant().write(moment) if moment else ""


def _call(part: str) -> GivenCall:
    code, at, times = part.partition("@")
    arrival, slash, departure = times.partition("/")
    if not at or not slash:
        raise CellError("bad_call", f"{part[:60]!r} is not a call", "write it as CODE@arrival/departure")
    return Code().read(code), _moment(arrival), _moment(departure)


def _moment(text: str) -> datetime | None:
    return Instant().read(text) if text.strip() else None
