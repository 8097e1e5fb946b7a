"""How figures of the control tower were before, as far as dated rows tell it afterwards."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import Session

from app.models import Call, Cutoff, Departure, Service
from app.queries.departures import DepartureFilter

POINTS = 14
"""Steps of a small chart, beside the point of this moment."""
DAY = timedelta(days=1)


def departures_over_time(
    session: Session, where: DepartureFilter, begin: datetime, end: datetime
) -> list[int]:
    """What leaves within a period as long as from `begin` to `end`, which moves up to it from the one before.

    The last number is of the period itself and of the states asked for; those before count what was not cancelled.
    """
    step = (end - begin) / POINTS
    some = replace(where, departs_from=begin - (end - begin), departs_before=end, statuses=())
    columns = []
    for back in range(POINTS, -1, -1):
        within = Departure.departs_at >= begin - back * step, Departure.departs_at < end - back * step
        columns.append(func.count(case((and_(*within, _as_it_was(where, back)), 1))))
    query = select(*columns).select_from(Departure).join(Service, Service.id == Departure.service_id)
    return [int(number) for number in session.execute(query.where(*some.conditions())).one()]


def cutoffs_over_time(
    session: Session, where: DepartureFilter, now: datetime, within: timedelta
) -> list[int]:
    """Departures with a cut-off within so long: so many days ago, and at last now, of the states asked for."""
    some = replace(where, cutoff_from=None, cutoff_before=None, statuses=())
    columns = []
    for back in range(POINTS, -1, -1):
        ahead = Cutoff.at > now - back * DAY, Cutoff.at <= now - back * DAY + within
        condition = and_(*ahead, _as_it_was(where, back))
        columns.append(func.count(case((condition, Departure.id)).distinct()))
    query = (
        select(*columns)
        .select_from(Cutoff)
        .join(Call, Call.id == Cutoff.call_id)
        .join(Departure, Departure.id == Call.departure_id)
        .join(Service, Service.id == Departure.service_id)
        .where(Cutoff.at > now - POINTS * DAY, Cutoff.at <= now + within, *some.conditions())
    )
    return [int(number) for number in session.execute(query).one()]


def _as_it_was(where: DepartureFilter, back: int) -> ColumnElement[bool]:
    if where.statuses and not back:
        return Departure.status.in_(where.statuses)
    return Departure.status != "cancelled"
