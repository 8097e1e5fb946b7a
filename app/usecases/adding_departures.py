"""Add one departure of a service: the pattern's calls on another day, earlier or later if it is said so."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import FieldError, Invalid
from app.exchange.faults import CellError
from app.exchange.local_time import to_instant
from app.models import Departure, Service
from app.usecases import auditing
from app.usecases.scheduling import (
    Stop,
    link_allotments,
    load_patterns,
    materialise_departure,
    pattern_stops,
)

STATES = ("planned", "open")
"""What a new departure may be: sold at once, or opened later."""


@dataclass(frozen=True, slots=True)
class NewDeparture:
    """One more departure. `departs_local` is HH:MM on the clock of the first call; None: the pattern's."""

    service: str
    """Code or public id."""
    departs_on: date
    number: str | None = None
    """None: the date as digits, as rolling departures are numbered."""
    departs_local: str | None = None
    status: str = "open"


def add_departure(session: Session, actor: Actor, now: datetime, wanted: NewDeparture) -> Departure:
    """Make a departure with calls, cut-offs, space and units as its service's pattern says.

    Another time of departure moves every call by as much. Raises Invalid, which names the field.
    """
    service = _service(session, wanted.service)
    number = wanted.number or f"{wanted.departs_on:%Y%m%d}"
    taken = select(Departure.id).where(Departure.service_id == service.id, Departure.number == number)
    if session.scalar(taken) is not None:
        raise _invalid("number", "taken", f"service {service.code} has a departure {number} already")
    try:
        made = materialise_departure(
            session, service, wanted.departs_on, number, stops=_stops(service, wanted), status=wanted.status
        )
    except CellError as fault:
        raise _invalid("departs_on", fault.code, f"{fault.message}; {fault.suggestion}") from fault
    if made.departs_at <= now:
        raise _invalid("departs_on", "past", "it would have left already")
    session.flush()
    link_allotments(session, [made])
    after = {"service": service.code, "number": number, "departs_at": made.departs_at.isoformat()}
    auditing.record(session, actor, now, "departure.added", made.public_id, after=after)
    return made


def _service(session: Session, name: str) -> Service:
    """The service with its pattern; only one with a timetable has departures."""
    found = session.scalar(
        select(Service.id)
        .where((Service.code == name) | (Service.public_id == name))
        .where(Service.schedule == "dated")
    )
    if found is None:
        raise _invalid("service", "unknown_service", f"there is no service {name!r} with a timetable")
    return load_patterns(session, [found])[found]


def _stops(service: Service, wanted: NewDeparture) -> Sequence[Stop]:
    stops = pattern_stops(service, wanted.departs_on)
    first = stops[0].departs_at if stops else None
    if wanted.departs_local is None or first is None:
        return stops
    shift = to_instant(wanted.departs_on, wanted.departs_local, stops[0].location.time_zone) - first
    return [
        replace(stop, arrives_at=_moved(stop.arrives_at, shift), departs_at=_moved(stop.departs_at, shift))
        for stop in stops
    ]


def _moved(at: datetime | None, shift: timedelta) -> datetime | None:
    return None if at is None else at + shift


def _invalid(field: str, code: str, message: str) -> Invalid:
    return Invalid(message, (FieldError(field, code, message),))
