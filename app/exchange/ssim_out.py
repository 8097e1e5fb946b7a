"""Flights as SSIM chapter 7: dates with the same times are folded into periods and days."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from itertools import pairwise
from typing import BinaryIO

from app.exchange.sailings import Journey, JourneyCall
from app.exchange.ssim import MONTHS, SERVICE_DEI, TITLE, WIDTH, dates_of

BLOCK = 5
"""Records are written in blocks of five; what is missing is filled with zeros."""
_OWN_CARRIER = "XX"
_FIRST_OWN_NUMBER = 9000
_DESIGNATOR = re.compile(r"([A-Z0-9]{2}[A-Z]?)([0-9]{1,4})")

Shape = tuple[tuple[str, str, str], ...]
"""One leg after the other: columns 37-53 (from), 55-71 (to), 193-194 (days) of its record."""


def write_flights(
    stream: BinaryIO, journeys: Iterable[Journey], created: date, service_types: Mapping[str, str]
) -> None:
    """Write flights in local time mode. `service_types` gives the letter of column 14 by service code."""
    flights = list(journeys)
    lines = _Lines()
    lines.add(f"1{TITLE}")
    lines.pad()
    if flights:
        first = min(flight.service_date for flight in flights)
        last = max(flight.service_date for flight in flights)
        lines.add(f"2L{_OWN_CARRIER} ".ljust(14) + _day(first) + _day(last) + _day(created))
        lines.pad()
        for body in _bodies(flights, service_types):
            lines.add(body)
        lines.pad()
    lines.close(f"5 {_OWN_CARRIER} {_day(created)}")
    stream.write(lines.encode())


class _Lines:
    """Records with their serial numbers, in blocks."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._serial = 0

    def add(self, body: str) -> None:
        """One record; its last six columns are its serial number."""
        self._serial += 1
        self._lines.append(f"{body.ljust(WIDTH - 6)[: WIDTH - 6]}{self._serial:06d}")

    def pad(self) -> None:
        """Fill up the block."""
        while len(self._lines) % BLOCK:
            self._lines.append("0" * WIDTH)

    def close(self, body: str) -> None:
        """The trailer: columns 189-194 repeat the serial number before it."""
        self.add(f"{body.ljust(187)}E{self._serial:06d}")
        self.pad()

    def encode(self) -> bytes:
        """The file."""
        return "\r\n".join([*self._lines, ""]).encode("ascii")


def _bodies(flights: list[Journey], service_types: Mapping[str, str]) -> Iterator[str]:
    by_service: dict[str, dict[Shape, list[date]]] = {}
    for flight in flights:
        by_service.setdefault(flight.service_code, {}).setdefault(_shape(flight), []).append(
            flight.service_date
        )
    for index, (code, shapes) in enumerate(sorted(by_service.items())):
        carrier, number = _designator(code, index)
        periods = [(shape, period) for shape, days in shapes.items() for period in fold(sorted(days))]
        for variation, (shape, period) in enumerate(sorted(periods, key=lambda pair: pair[1]), start=1):
            designator = f" {carrier:<3}{number:>4}{variation % 100:02d}"
            yield from _records(designator, service_types.get(code, "F"), shape, period)
            if f"{carrier}{number}" != code:
                ends = shape[0][0][:3] + shape[-1][1][:3]
                yield (
                    f"4{designator}01{service_types.get(code, 'F')}".ljust(28)
                    + f"AB{SERVICE_DEI}{ends}{code}"
                )


def _records(flight: str, service_type: str, shape: Shape, period: tuple[date, date, str]) -> Iterator[str]:
    first, last, weekdays = period
    days = "".join(day if day in weekdays else " " for day in "1234567")
    for seq, (start, end, shifts) in enumerate(shape, start=1):
        head = f"3{flight}{seq:02d}{service_type}{_day(first)}{_day(last)}{days} "
        yield f"{head}{start:<18}{end:<18}".ljust(192) + shifts


def _designator(code: str, index: int) -> tuple[str, str]:
    """The service's own code where it is a flight designator, else a number of ours; type 4 then names the service."""
    found = _DESIGNATOR.fullmatch(code)
    return (found[1], f"{int(found[2]):04d}") if found else (_OWN_CARRIER, f"{_FIRST_OWN_NUMBER + index:04d}")


def _shape(flight: Journey) -> Shape:
    return tuple(_leg(flight.service_date, start, end) for start, end in pairwise(flight.calls))


def _leg(day: date, start: JourneyCall, end: JourneyCall) -> tuple[str, str, str]:
    departs, arrives = start.departs_at, end.arrives_at
    if departs is None or arrives is None:
        raise ValueError("a leg without a time is no flight")
    return (
        f"{start.place}{departs:%H%M}{departs:%H%M}{departs:%z}",
        f"{end.place}{arrives:%H%M}{arrives:%H%M}{arrives:%z}",
        f"{_shift(day, departs)}{_shift(day, arrives)}",
    )


def _shift(day: date, moment: datetime) -> str:
    count = (moment.date() - day).days
    return "A" if count == -1 else str(count)


def _day(day: date) -> str:
    return f"{day.day:02d}{MONTHS[day.month - 1]}{day.year % 100:02d}"


def fold(days: list[date]) -> list[tuple[date, date, str]]:
    """Sorted dates as few periods with weekdays; expanding them gives exactly these dates."""
    periods = []
    while days:
        best = (days[0], days[0], str(days[0].isoweekday()))
        size = 1
        for count in range(2, len(days) + 1):
            weekdays = "".join(sorted({str(day.isoweekday()) for day in days[:count]}))
            if dates_of(days[0], days[count - 1], weekdays) == days[:count]:
                best, size = (days[0], days[count - 1], weekdays), count
        periods.append(best)
        days = days[size:]
    return periods
