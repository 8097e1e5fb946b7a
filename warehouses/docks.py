"""Appointments at docks: the slots of a day, in the warehouse's own time."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

END_OF_DAY = "24:00"


def slots(
    day: date, opens_local: str, closes_local: str, slot_min: int, zone: ZoneInfo
) -> Iterator[tuple[datetime, datetime]]:
    """Yield begin and end, in UTC, of each slot of a local day; the last one ends by the closing time.

    `opens_local` and `closes_local` are HH:MM, the latter also 24:00. Slots are as long as they say in real time: over
    the hour in which clocks change there are more of them, or fewer.
    """
    begins, closes = _instant(day, opens_local, zone), _instant(day, closes_local, zone)
    step = timedelta(minutes=slot_min)
    while begins + step <= closes:
        yield begins, begins + step
        begins += step


def local_day(at: datetime, zone: ZoneInfo) -> date:
    """The day on the warehouse's calendar."""
    return at.astimezone(zone).date()


def slot_at(
    starts_at: datetime, opens_local: str, closes_local: str, slot_min: int, zone: ZoneInfo
) -> tuple[datetime, datetime] | None:
    """Return the slot that begins at an instant; None where none does."""
    found = slots(local_day(starts_at, zone), opens_local, closes_local, slot_min, zone)
    return next((slot for slot in found if slot[0] == starts_at), None)


def _instant(day: date, clock: str, zone: ZoneInfo) -> datetime:
    if clock == END_OF_DAY:
        day, clock = day + timedelta(days=1), "00:00"
    return datetime.combine(day, time.fromisoformat(clock), zone).astimezone(UTC)
