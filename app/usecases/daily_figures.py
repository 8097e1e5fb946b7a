"""Note once a day what figures of the control tower are whose past could not be told otherwise."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.models import DailyFigure
from app.usecases.warehousing.lots import insert_missing

KEPT = timedelta(days=366)


def note_figures(session: Session, now: datetime, values: Mapping[str, int]) -> None:
    """Keep the values as those of this day, unless it has some, and forget what is older than a year."""
    rows = [
        {"day": now.date(), "figure": name, "value": value, "noted_at": now} for name, value in values.items()
    ]
    if rows:
        session.execute(insert_missing(session, DailyFigure, rows))
    session.execute(delete(DailyFigure).where(DailyFigure.day < (now - KEPT).date()))
