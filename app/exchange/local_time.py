"""Local clock time ↔ instants, with the two hours a year that do not exist or exist twice."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from app.exchange.faults import CellError


def to_instant(day: date, local: str, zone: str) -> datetime:
    """The instant at which the clock of `zone` shows `local` (HH:MM) on `day`, in UTC.

    Raises CellError `nonexistent_local_time` where the clock jumps over it, `ambiguous_local_time` where it shows
    it twice: only an explicit offset can say which is meant.
    """
    tz = ZoneInfo(zone)
    wall = datetime.combine(day, time.fromisoformat(local))
    first, second = wall.replace(tzinfo=tz, fold=0), wall.replace(tzinfo=tz, fold=1)
    if first.utcoffset() == second.utcoffset():
        return first.astimezone(UTC)
    shown = first.astimezone(UTC).astimezone(tz).replace(tzinfo=None)
    if shown != wall:
        # Across the gap the two readings are the instants just beside it.
        later = max(first.astimezone(UTC), second.astimezone(UTC)).astimezone(tz)
        raise CellError(
            "nonexistent_local_time",
            f"the clock in {zone} skips {local} on {day} (daylight saving begins)",
            f"use {later:%H:%M}, or give the instant with its offset",
        )
    options = " or ".join(f"{moment:%Y-%m-%dT%H:%M}{_offset(moment)}" for moment in (first, second))
    raise CellError(
        "ambiguous_local_time",
        f"the clock in {zone} shows {local} twice on {day} (daylight saving ends)",
        f"give the instant with its offset: {options}",
    )


def _offset(moment: datetime) -> str:
    text = f"{moment:%z}"
    return f"{text[:3]}:{text[3:5]}"


def day_and_time(instant: datetime, zone: str) -> tuple[date, str]:
    """The date and the HH:MM a clock in `zone` shows at `instant`."""
    local = instant.astimezone(ZoneInfo(zone))
    return local.date(), f"{local:%H:%M}"
