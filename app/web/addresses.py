"""Addresses that keep a list's filters: a list is what its address says, and nothing else."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import request, url_for

from app.errors import BadRequest, FieldError

DAY = timedelta(days=1)
WEEK = timedelta(days=7)


def with_changes(**changes: object) -> str:
    """The address of this page with some parameters changed; None removes one, and the cursor goes with any change."""
    kept = {name: request.args.getlist(name) for name in request.args if name != "cursor"}
    kept.update({name: [str(value)] for name, value in changes.items() if value is not None})
    for name, value in changes.items():
        if value is None:
            kept.pop(name, None)
    endpoint = request.endpoint or "tower.show"
    return url_for(endpoint, **(request.view_args or {}), **kept)  # type: ignore[arg-type]


def text(name: str, *, longest: int = 64) -> str | None:
    """A filter as typed; None if it is empty."""
    value = request.args.get(name, "").strip()
    if len(value) > longest or "\0" in value:
        raise _unreadable(name)
    return value or None


def one_of(name: str, known: object) -> str | None:
    """A filter with a fixed list of values; BadRequest for any other."""
    value = text(name)
    if value is not None and value not in known:  # type: ignore[operator]
        raise _unreadable(name)
    return value


def whole(name: str, most: int) -> int | None:
    """A field with a whole number from 0 to `most`."""
    value = text(name, longest=12)
    if value is None:
        return None
    if not (value.isascii() and value.isdigit() and int(value) <= most):
        raise _unreadable(name)
    return int(value)


def flag(name: str) -> bool:
    """A checkbox."""
    return request.args.get(name) in ("1", "on", "true")


def day(name: str) -> date | None:
    """A date field."""
    value = text(name)
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        raise _unreadable(name) from None


def month(name: str) -> date | None:
    """The first day of a month such as 2026-11."""
    value = text(name)
    try:
        return date.fromisoformat(f"{value}-01") if value else None
    except ValueError:
        raise _unreadable(name) from None


def week(name: str = "week") -> date | None:
    """The Monday of an ISO week such as 2026-W48."""
    value = text(name)
    try:
        return date.fromisoformat(f"{value}-1") if value else None
    except ValueError:
        raise _unreadable(name) from None


def cursor() -> str | None:
    """Where the page of a list begins."""
    return text("cursor", longest=200)


def midnight(on: date, zone: ZoneInfo) -> datetime:
    """The instant a day begins in a zone; days at the end of the calendar are cut off."""
    try:
        return datetime.combine(on, time(), zone).astimezone(UTC)
    except OverflowError:
        raise _unreadable("date") from None


def _unreadable(name: str) -> BadRequest:
    fault = FieldError(name, "invalid", "this value cannot be read", json_path=f"$.{name}")
    return BadRequest(f"the filter {name!r} has a value that cannot be read", (fault,))
