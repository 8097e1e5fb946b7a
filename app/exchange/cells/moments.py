"""Days, times of day and instants."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache

from app.exchange.cells.base import Cell
from app.exchange.faults import CellError

YEARS = range(1990, 2101)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(?P<zone>Z|[+-][0-9]{2}:[0-9]{2})?"
)


@dataclass(frozen=True, slots=True)
class Date(Cell):
    """A calendar day, YYYY-MM-DD."""

    def read(self, text: str) -> date:
        """The day; years from 1990 to 2100."""
        text = text.strip()
        try:
            day = date.fromisoformat(text) if _DATE.fullmatch(text) else None
        except ValueError:
            day = None
        if day is None or day.year not in YEARS:
            raise CellError("not_a_date", f"{text[:60]!r} is not a date", "write it as 2026-12-31")
        return day

    def write(self, value: date) -> str:
        """YYYY-MM-DD."""
        return value.isoformat()


@dataclass(frozen=True, slots=True)
class LocalTime(Cell):
    """A time of day in the place's own zone, HH:MM."""

    def read(self, text: str) -> str:
        """The same, two digits each."""
        text = text.strip()
        padded = f"0{text}" if len(text) == 4 else text
        if not _TIME.fullmatch(padded):
            raise CellError("not_a_time", f"{text[:60]!r} is not a time of day", "write it as 08:30")
        return padded


@dataclass(frozen=True, slots=True)
class Instant(Cell):
    """A moment, RFC 3339 with its offset from UTC."""

    def read(self, text: str) -> datetime:
        """In UTC. Without an offset it is refused: it would be another moment in each zone."""
        return _instant(text.strip())

    def write(self, value: datetime) -> str:
        """In UTC, ending in Z."""
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


@lru_cache(maxsize=8192)
def _instant(text: str) -> datetime:
    shape = _INSTANT.fullmatch(text)
    try:
        moment = datetime.fromisoformat(text) if shape else None
    except ValueError:
        moment = None
    if shape is None or moment is None or moment.year not in YEARS:
        raise CellError(
            "not_an_instant", f"{text[:60]!r} is not a date with a time", "write it as 2026-12-31T08:30+08:00"
        )
    if not shape["zone"]:
        raise CellError(
            "naive_time",
            f"{text} does not say in which time zone",
            f"add the offset from UTC, e.g. {text}+08:00",
        )
    return moment.astimezone(UTC)
