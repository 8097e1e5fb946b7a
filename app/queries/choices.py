"""What forms offer to choose from."""

from sqlalchemy import Row, exists, select
from sqlalchemy.orm import Session

from app.models import Location, Party, Service, ServiceCall
from app.queries.places import COLUMNS, Place, place_of


def served_places(session: Session) -> list[Place]:
    """Every place that some service calls at, by country and code."""
    called = exists().where(ServiceCall.location_id == Location.id)
    query = select(*COLUMNS).where(called).order_by(Location.country, Location.code)
    return [place_of(row) for row in session.execute(query)]


def all_exporters(session: Session) -> list[tuple[str, str]]:
    """(reference, name) of every exporter, by reference."""
    query = select(Party.reference, Party.name, Party.roles).order_by(Party.reference)
    return [(reference, name) for reference, name, roles in session.execute(query) if "exporter" in roles]


def dated_services(session: Session) -> list[Row[tuple[str, str, str, str, str]]]:
    """Code, names, mode and weekdays of every service with a timetable, by mode and code."""
    query = select(Service.code, Service.name_en, Service.name_zh, Service.mode, Service.weekdays)
    found = session.execute(query.where(Service.schedule == "dated").order_by(Service.mode, Service.code))
    return list(found.all())
