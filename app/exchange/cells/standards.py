"""Cells whose words a standard lists: countries, currencies, time zones, cut-off codes, weekdays."""

import re
from dataclasses import dataclass
from functools import cache
from zoneinfo import available_timezones

from app.exchange.cells.base import Cell
from app.exchange.faults import CellError, did_you_mean
from trade.facts import read_rows
from trade.money import minor_unit_exponents


@dataclass(frozen=True, slots=True)
class Cutoffs(Cell):
    """Cut-off codes with the time before departure: `FCO=48h DGC=90m`."""

    codes: tuple[str, ...]

    def read(self, text: str) -> dict[str, int]:
        """Code → minutes before departure."""
        found: dict[str, int] = {}
        for part in re.split(r"[;\s]+", text.strip()):
            shape = re.fullmatch(r"([A-Z]{3})=([0-9]{1,5})([hm])", part)
            if not shape:
                raise CellError("bad_cutoff", f"{part[:60]!r} is not a cut-off", "write it as FCO=48h")
            if shape[1] not in self.codes:
                raise CellError(
                    "unknown_cutoff", f"{shape[1]} is no cut-off code", did_you_mean(shape[1], self.codes)
                )
            found[shape[1]] = int(shape[2]) * (60 if shape[3] == "h" else 1)
        return found

    def write(self, value: dict[str, int]) -> str:
        """Hours where they are whole."""
        return " ".join(
            f"{code}={minutes // 60}h" if minutes % 60 == 0 else f"{code}={minutes}m"
            for code, minutes in value.items()
        )


@dataclass(frozen=True, slots=True)
class CutoffsOfCalls(Cell):
    """The cut-offs of each call in order, separated by `;`: `FCO=48h DGC=96h;;FCO=24h`."""

    codes: tuple[str, ...]

    def read(self, text: str) -> list[dict[str, int]]:
        """Code → minutes before departure, for each call; calls without any have none."""
        one = Cutoffs(self.codes)
        return [one.read(part) if part.strip() else {} for part in text.strip().split(";")]

    def write(self, value: list[dict[str, int]]) -> str:
        """As it is read."""
        return ";".join(Cutoffs(self.codes).write(one) for one in value)


@dataclass(frozen=True, slots=True)
class Weekdays(Cell):
    """ISO weekdays: `135` is Monday, Wednesday, Friday."""

    def read(self, text: str) -> str:
        """In order, each once."""
        text = text.strip()
        if not re.fullmatch(r"[1-7]{1,7}", text):
            raise CellError(
                "bad_weekdays", f"{text[:60]!r} is not a list of weekdays", "1 is Monday: write 135"
            )
        return "".join(sorted(set(text)))


@dataclass(frozen=True, slots=True)
class Country(Cell):
    """ISO 3166 alpha-2."""

    def read(self, text: str) -> str:
        """Two capital letters of a country that exists."""
        word = text.strip()
        if word not in countries():
            near = (
                f"use the two-letter code, e.g. {word.upper()}"
                if word.upper() in countries()
                else "e.g. CN, KR, DE"
            )
            raise CellError("unknown_country", f"{word[:60]!r} is not an ISO 3166 country code", near)
        return word


@cache
def countries() -> frozenset[str]:
    """The ISO 3166 alpha-2 codes."""
    return frozenset(row["code"] for row in read_rows("countries.csv"))


@dataclass(frozen=True, slots=True)
class Currency(Cell):
    """ISO 4217."""

    def read(self, text: str) -> str:
        """Three capital letters of a currency in use."""
        word = text.strip()
        known = minor_unit_exponents()
        if word not in known:
            raise CellError(
                "unknown_currency",
                f"{word[:60]!r} is not an ISO 4217 currency",
                lambda: did_you_mean(word.upper(), tuple(known)) or "use the three-letter code, e.g. CNY",
            )
        return word


@dataclass(frozen=True, slots=True)
class TimeZone(Cell):
    """An IANA time zone with a place in its name."""

    def read(self, text: str) -> str:
        """The name itself."""
        word = text.strip()
        if word not in _zones():
            raise CellError(
                "unknown_time_zone",
                f"{word[:60]!r} is not an IANA zone",
                lambda: did_you_mean(word, _zones()),
            )
        return word


@cache
def _zones() -> tuple[str, ...]:
    return tuple(sorted(available_timezones()))
