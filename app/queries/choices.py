"""What forms offer to choose from."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.actor import READERS
from app.db import fetch
from app.models import Location, Party, Service, ServiceCall, User
from app.queries.places import COLUMNS, Place, place_of

PARTIES = select(Party.reference, Party.name, Party.roles).order_by(Party.reference)


class WarehouseChoice(NamedTuple):
    """A warehouse as filters name it."""

    code: str
    name_en: str
    name_zh: str


def served_places(session: Session) -> list[Place]:
    """Every place that some service calls at, by country and code."""
    called = exists().where(ServiceCall.location_id == Location.id)
    query = select(*COLUMNS).where(called).order_by(Location.country, Location.code)
    return [place_of(row) for row in session.execute(query)]


def all_exporters(session: Session) -> list[tuple[str, str]]:
    """(reference, name) of every exporter, by reference."""
    return [(reference, name) for reference, name, roles in fetch(session, PARTIES) if "exporter" in roles]


def dated_services(session: Session) -> Sequence[Any]:
    """Code, names, mode and weekdays of every service with a timetable, by mode and code."""
    query = select(Service.code, Service.name_en, Service.name_zh, Service.mode, Service.weekdays)
    return session.execute(
        query.where(Service.schedule == "dated").order_by(Service.mode, Service.code)
    ).all()


def colleagues(session: Session) -> list[tuple[str, str]]:
    """(public id, e-mail address) of everybody who works here, by address."""
    here = User.role.in_(READERS), User.disabled.is_(False)
    query = select(User.public_id, User.email).where(*here).order_by(User.email)
    return [(public_id, email) for public_id, email in session.execute(query)]
