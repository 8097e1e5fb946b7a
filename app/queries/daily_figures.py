"""Figures of the control tower whose past no row tells: what they are now, and what was noted of earlier days."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import DailyFigure
from app.queries import tower
from app.queries.exceptions import find_exceptions
from app.queries.exceptions_rows import Scope
from app.queries.parcels import count_pool

DAYS = 14
"""So far back a small chart reaches."""
ALL = Scope()


def _holds(session: Session, now: datetime) -> int:
    return find_exceptions(session, now, ALL, ("hold_expiring",)).of_kind("hold_expiring")


FIGURES: dict[str, Callable[[Session, datetime], int]] = {
    "holds": _holds,
    "customs": lambda session, _now: tower.count_customs_holds(session, ALL),
    "relief": lambda session, now: tower.count_near_relief(session, ALL, now.date()),
    "pool": lambda session, _now: count_pool(session).parcels,
}
"""Of the whole operation, each as its tile counts it without a filter."""
Noted = dict[datetime, int]
"""When a figure was noted → what it was."""


def unnoted(session: Session, day: date) -> list[str]:
    """The figures that nobody has noted on this day."""
    known = set(session.scalars(select(DailyFigure.figure).where(DailyFigure.day == day)))
    return [name for name in FIGURES if name not in known]


def history(session: Session, now: datetime) -> dict[str, Noted]:
    """What was noted of each figure lately, from the oldest on; which of it was yesterday, the reader's clock says."""
    query = (
        select(DailyFigure.figure, DailyFigure.noted_at, DailyFigure.value)
        .where(DailyFigure.day >= now.date() - timedelta(days=DAYS + 1))
        .order_by(DailyFigure.day)
    )
    found: dict[str, Noted] = {name: {} for name in FIGURES}
    for figure, at, value in session.execute(query):
        found.setdefault(figure, {})[at] = value
    return found
