"""SSIM chapter 7: flight schedules in records of 200 characters.

The layout is that of two agreeing open parsers (the manual is sold): 1 header, 2 carrier with time mode and season,
3 flight leg, 4 segment data, 5 trailer; lines of zeros pad blocks of five. Columns below count from 1.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise

from app.exchange.cells import Code
from app.exchange.faults import CellError, refuse
from app.exchange.rows import MAX_ROWS, Row, Source, TooManyRows, open_source
from app.exchange.sailings import Journey, JourneyCall

WIDTH = 200
TITLE = "AIRLINE STANDARD SCHEDULE DATA SET"
SERVICE_DEI = "999"
"""Data element of our own in type 4 records: the code of the service, where it is no flight designator."""
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
ReadJourney = tuple[Row, list[CellError]]


@dataclass(frozen=True, slots=True)
class Leg:
    """One type 3 record. Times are minutes of the day, offsets minutes east of UTC, days count from the flight date."""

    row: int
    flight: str
    """Designator without blanks, e.g. CA0123."""
    variation: str
    seq: int
    first: date
    last: date
    weekdays: str
    fortnightly: bool
    start: str
    departs: int
    departs_offset: int
    departs_day: int
    end: str
    arrives: int
    arrives_offset: int
    arrives_day: int


@dataclass(slots=True)
class _File:
    """What was read so far."""

    mode: str = ""
    legs: dict[tuple[str, str], list[Leg]] = field(default_factory=dict)
    services: dict[tuple[str, str], str] = field(default_factory=dict)
    broken: set[tuple[str, str]] = field(default_factory=set)
    faults: list[ReadJourney] = field(default_factory=list)
    closed: bool = False


def read_flights(source: Source) -> Iterator[ReadJourney]:
    """Every flight on every date as a Row whose one value, `journey`, is a Journey; rows count lines of the file.

    Raises Unreadable where the file is not SSIM or lacks its end, TooManyRows beyond MAX_ROWS flights.
    """
    file = _File()
    for number, line in _lines(source):
        _take(file, number, line)
    if not file.closed:
        raise refuse("truncated", "the trailer (record type 5) is missing", "get the whole file again")
    yield from file.faults
    count = 0
    for key, legs in file.legs.items():
        if key in file.broken:
            continue
        for found in _expand(file, key, sorted(legs, key=lambda leg: leg.seq)):
            count += 1
            if count > MAX_ROWS:
                raise TooManyRows(f"the periods make more than {MAX_ROWS:,} flights: split the file")
            yield found


def _lines(source: Source) -> Iterator[tuple[int, str]]:
    with open_source(source) as stream:
        content = stream.read()
    if not content.strip():
        raise refuse("empty_file", "the file is empty", "give the SSIM data set")
    try:
        text = content.decode("ascii")
    except UnicodeDecodeError:
        raise refuse(
            "bad_encoding", "SSIM is plain ASCII; there are other characters", "export it again"
        ) from None
    lines = re.split(r"\r\n|\n|\r", text)
    if lines[0][:35].rstrip() != f"1{TITLE}":
        raise refuse(
            "bad_ssim", "the first record is not that of SSIM chapter 7", f"it begins with 1{TITLE}", row=1
        )
    for number, line in enumerate(lines, start=1):
        if line.strip() and line.strip("0"):
            yield number, line


def _take(file: _File, number: int, line: str) -> None:
    kind = line[0]
    if len(line) != WIDTH:
        if kind == "3":
            file.broken.add(_key(line.ljust(WIDTH)))
        fault = CellError(
            "bad_length", f"{len(line)} characters instead of {WIDTH}", "export it again", "record"
        )
        file.faults.append((Row(number, {}), [fault]))
        file.closed = file.closed or kind == "5"
        return
    if kind == "2":
        file.mode = line[1]
        if file.mode not in "LU":
            raise refuse(
                "bad_ssim", f"the time mode is {file.mode!r}", "L (local) or U (UTC) in column 2", row=number
            )
    elif kind == "3":
        _take_leg(file, number, line)
    elif kind == "4" and line[30:33] == SERVICE_DEI:
        file.services[_key(line)] = line[39:194].strip()
    elif kind == "5":
        file.closed = True
    elif kind not in "14":
        fault = CellError(
            "unknown_record", f"there is no record type {kind!r}", "types 1 to 5", "record type"
        )
        file.faults.append((Row(number, {}), [fault]))


def _key(line: str) -> tuple[str, str]:
    """Flight designator and itinerary variation: together they name the legs of one flight in one period."""
    return line[2:9].replace(" ", "") + line[1].strip(), line[9:11].strip()


def _take_leg(file: _File, number: int, line: str) -> None:
    if not file.mode:
        raise refuse(
            "bad_ssim", "a flight stands before the carrier record", "record type 2 comes first", row=number
        )
    key = _key(line)
    try:
        leg = _leg(number, line)
    except CellError as fault:
        file.broken.add(key)
        file.faults.append((Row(number, {}), [fault]))
        return
    file.legs.setdefault(key, []).append(leg)


def _leg(number: int, line: str) -> Leg:
    flight, variation = _key(line)
    if not re.fullmatch(r"[A-Z0-9]{2}[A-Z]?[0-9]{1,4}[A-Z]?", flight):
        raise CellError(
            "bad_flight", f"{flight!r} is not a flight designator", "e.g. CA 0123", "flight (2-9)"
        )
    first, last = _day(line[14:21], "period from (15-21)"), _day(line[21:28], "period to (22-28)")
    weekdays = line[28:35].replace(" ", "")
    if not re.fullmatch(r"[1-7]{1,7}", weekdays):
        raise CellError("bad_weekdays", f"{weekdays!r} are no days", "1 is Monday: 1 3 5", "days (29-35)")
    if last < first:
        raise CellError(
            "ends_before_it_begins", "the period ends before it begins", "correct it", "period to (22-28)"
        )
    return Leg(
        number, flight, variation, _digits(line[11:13], "leg (12-13)"), first, last, weekdays, line[35] == "2",
        _station(line[36:39], "departure station (37-39)"), _clock(line[43:47], "departure (44-47)"),
        _offset(line[47:52], "UTC variation (48-52)"), _shift(line[192], "date variation (193)"),
        _station(line[54:57], "arrival station (55-57)"), _clock(line[57:61], "arrival (58-61)"),
        _offset(line[65:70], "UTC variation (66-70)"), _shift(line[193], "date variation (194)"),
    )  # fmt: skip


def _day(text: str, column: str) -> date:
    month = MONTHS.index(text[2:5]) + 1 if text[2:5] in MONTHS else 0
    if text == "00XXX00":
        raise CellError("open_period", "the period has no end", "give its last day", column)
    try:
        return date(2000 + int(text[5:7]), month, int(text[:2]))
    except ValueError:
        raise CellError("not_a_date", f"{text!r} is not a day", "write it as 24NOV26", column) from None


def _digits(text: str, column: str) -> int:
    if not re.fullmatch(r"[0-9]+", text.strip(), re.ASCII):
        raise CellError("not_a_number", f"{text!r} is not a number", "digits only", column)
    return int(text)


def _station(text: str, column: str) -> str:
    try:
        return Code(3, r"[A-Z]{3}", "TAO").read(text)
    except CellError as fault:
        fault.column = column
        raise


def _clock(text: str, column: str) -> int:
    if not re.fullmatch(r"([01][0-9]|2[0-3])[0-5][0-9]|2400", text):
        raise CellError("not_a_time", f"{text!r} is not a time", "write it as 0830", column)
    return int(text[:2]) * 60 + int(text[2:])


def _offset(text: str, column: str) -> int:
    if not re.fullmatch(r"[+-](0[0-9]|1[0-4])[0-5][0-9]", text):
        raise CellError(
            "bad_utc_variation", f"{text!r} is not an offset from UTC", "write it as +0800", column
        )
    minutes = int(text[1:3]) * 60 + int(text[3:])
    return -minutes if text[0] == "-" else minutes


def _shift(text: str, column: str) -> int:
    if text == "A":
        return -1
    if text == " ":
        return 0
    if text not in "01234567":
        raise CellError(
            "bad_date_variation", f"{text!r} counts no days", "0 to 7, A for the day before", column
        )
    return int(text)


def _expand(file: _File, key: tuple[str, str], legs: list[Leg]) -> Iterator[ReadJourney]:
    """The flight on each of its dates; all its legs share period and days."""
    head = legs[0]
    if [leg.seq for leg in legs] != list(range(1, len(legs) + 1)) or any(
        (leg.first, leg.last, leg.weekdays) != (head.first, head.last, head.weekdays) for leg in legs
    ):
        fault = CellError("legs_differ", f"the legs of {head.flight} do not fit together",
                          "number them 01, 02 … with one period and the same days", "leg (12-13)")  # fmt: skip
        yield Row(head.row, {}), [fault]
        return
    broken = next((later for leg, later in pairwise(legs) if leg.end != later.start), None)
    if broken:
        fault = CellError("legs_differ", f"leg {broken.seq} does not begin where the leg before it ends",
                          "correct the station", "departure station (37-39)")  # fmt: skip
        yield Row(broken.row, {}), [fault]
        return
    code = file.services.get(key, head.flight)
    for day in dates_of(head.first, head.last, head.weekdays, 2 if head.fortnightly else 1):
        calls = tuple(_calls(legs, day, utc=file.mode == "U"))
        departs = calls[0].departs_at
        service_date = departs.date() if departs else day
        yield Row(head.row, {"journey": Journey(code, code, None, service_date, calls)}), []


def dates_of(first: date, last: date, weekdays: str, every_weeks: int = 1) -> list[date]:
    """The days of a period that fall on the weekdays; every second week counts from the first day's week."""
    monday = first - timedelta(days=first.weekday())
    days = (first + timedelta(days=count) for count in range((last - first).days + 1))
    return [
        day
        for day in days
        if str(day.isoweekday()) in weekdays and (day - monday).days // 7 % every_weeks == 0
    ]


def _calls(legs: list[Leg], day: date, *, utc: bool) -> Iterator[JourneyCall]:
    arrived: datetime | None = None
    for leg in legs:
        departs = _moment(day, leg.departs_day, leg.departs, leg.departs_offset, utc=utc)
        yield JourneyCall(leg.start, arrived, departs, at="departure (44-47)")
        arrived = _moment(day, leg.arrives_day, leg.arrives, leg.arrives_offset, utc=utc)
    yield JourneyCall(legs[-1].end, arrived, None, at="arrival (58-61)")


def _moment(day: date, shift: int, minutes: int, offset: int, *, utc: bool) -> datetime:
    """The instant in the station's offset; in UTC mode day and time are those of UTC."""
    local = timezone(timedelta(minutes=offset))
    moment = datetime(day.year, day.month, day.day, tzinfo=UTC if utc else local)
    moment += timedelta(days=shift, minutes=minutes)
    return moment.astimezone(local)
