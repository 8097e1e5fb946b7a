"""The departures board as a chart: a line for each service, two weeks of days, bars that never cover each other."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date

from app.queries.departure_rows import DepartureRow
from app.queries.departures import DepartureFilter
from app.web import languages

DAYS = 14
DAY_PX = 64
LANE_PX = 34
LEAST_PX = 62
"""A line is at least so high as the words before it."""
LABEL_PX = 116
"""A bar takes at least so much of its lane, so that its words do not run into the next."""
SHORT_DAY = {"en": "EEE d", "zh": "d日 EEE"}
MOST = 300
"""Departures drawn at once."""


@dataclass(frozen=True, slots=True)
class Window:
    """The days that are drawn: from a Monday's midnight in the reader's zone."""

    monday: date
    start: datetime
    zone: ZoneInfo

    @property
    def days(self) -> list[date]:
        """Every day of it."""
        return [self.monday + timedelta(days=day) for day in range(DAYS)]

    @property
    def heads(self) -> list[str]:
        """What stands above each day."""
        language = languages.current()
        return [format_date(day, SHORT_DAY[language], locale=language) for day in self.days]

    @property
    def width(self) -> int:
        """In pixels."""
        return DAYS * DAY_PX

    @property
    def end(self) -> datetime:
        """The instant after it."""
        return self.start + timedelta(days=DAYS)

    def week(self, by: int) -> str:
        """The ISO week `by` weeks from its first, as the address has it."""
        year, week, _ = (self.monday + timedelta(weeks=by)).isocalendar()
        return f"{year}-W{week:02}"

    def narrowed(self, where: DepartureFilter) -> DepartureFilter:
        """The same filter for all of these days; without a status of one's own choice also for what has left."""
        statuses = where.statuses if len(where.statuses) == 1 else ()
        return replace(where, departs_from=self.start, departs_before=self.end, statuses=statuses)

    def at(self, moment: datetime) -> int:
        """Where an instant lies, in pixels, within the window."""
        return round(max(0.0, min(1.0, (moment - self.start) / (self.end - self.start))) * self.width)


@dataclass(frozen=True, slots=True)
class Bar:
    """One departure as it is drawn; `share` is how far its scarcest space is taken."""

    row: DepartureRow
    x: int
    width: int
    lane: int
    share: float
    on: bool
    """Whether it goes on after the last day."""

    @property
    def y(self) -> int:
        """Of its upper edge."""
        return self.lane * LANE_PX + 3


@dataclass(frozen=True, slots=True)
class Line:
    """The departures of one service."""

    head: DepartureRow
    bars: list[Bar]

    @property
    def height(self) -> int:
        """In pixels."""
        return max((max(bar.lane for bar in self.bars) + 1) * LANE_PX, LEAST_PX)


def lines(rows: Sequence[DepartureRow], window: Window) -> list[Line]:
    """A line for each service, in the order in which they first leave."""
    by_service: dict[str, list[DepartureRow]] = {}
    for row in rows:
        by_service.setdefault(row.service_code, []).append(row)
    return [Line(some[0], packed(some, window)) for some in by_service.values()]


def packed(rows: Iterable[DepartureRow], window: Window) -> list[Bar]:
    """Bars by time, each in the first lane that is free by then."""
    ends: list[int] = []
    bars = []
    for row in sorted(rows, key=lambda row: row.departs_at):
        x, until = window.at(row.departs_at), window.at(row.arrives_at)
        width = max(until - x, 6)
        lane = next((lane for lane, end in enumerate(ends) if end <= x), len(ends))
        ends[lane : lane + 1] = [x + max(width, LABEL_PX)]
        share = max((space.taken_share for space in row.tightest), default=0.0)
        bars.append(Bar(row, x, width, lane, share, row.arrives_at > window.end))
    return bars
