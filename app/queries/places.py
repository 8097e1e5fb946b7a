"""A location as lists show it, and the choices of places for filters."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, exists, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.db import Look, fetch
from app.models import Call, Location, Parcel
from app.queries.timetable import kept


@dataclass(frozen=True, slots=True)
class Place:
    """The few facts of a location that every list needs."""

    id: int
    code: str
    kind: str
    name_en: str
    name_zh: str
    country: str
    unlocode: str | None
    time_zone: str
    latitude: float
    longitude: float


COLUMNS = (
    Location.id, Location.code, Location.kind, Location.name_en, Location.name_zh, Location.country,
    Location.unlocode, Location.time_zone, Location.latitude, Location.longitude,
)  # fmt: skip
KNOWN = "places"
"""Where a session that sees one state of the database keeps the places it was asked for."""
ORDERED = select(*COLUMNS).order_by(Location.country, Location.code)
CALLED_AT = ORDERED.where(exists().where(Call.location_id == Location.id))
BY_ID = select(*COLUMNS).where(Location.id.in_(bindparam("ids", expanding=True)))


def places(session: Session, ids: Iterable[int]) -> dict[int, Place]:
    """The locations with these ids, in one query; a session that only reads asks for each once."""
    wanted = set(ids)
    known = _known(session)
    if missing := sorted(wanted - known.keys()):
        known.update({row.id: place_of(row) for row in fetch(session, BY_ID, ids=missing).all()})
    return {one: known[one] for one in wanted if one in known}


def _known(session: Session) -> dict[int, Place]:
    """The places that a session which only reads was told of so far; nothing is kept for others."""
    kept: dict[int, Place] = session.info.setdefault(KNOWN, {}) if isinstance(session, Look) else {}
    return kept


def place_of(row: Sequence[Any]) -> Place:
    """The place from a row of COLUMNS."""
    facts: tuple[Any, ...] = tuple(row)
    return Place(*facts)


def named(code: str) -> ColumnElement[bool]:
    """The condition that a location is meant by `code`: our own code, or its UN/LOCODE."""
    return (Location.code == code) | (Location.unlocode == code)


def ids_named(code: str) -> Select[int]:
    """The ids of the locations meant by `code`; port, airport and station may share one UN/LOCODE."""
    return select(Location.id).where(named(code))


def called_at(session: Session) -> list[Place]:
    """Every place some departure calls at, by country and code."""
    found = kept(
        session, "called_at", [None], lambda _: {None: [place_of(row) for row in fetch(session, CALLED_AT)]}
    )
    return _noted(session, found[None])


def origins(session: Session, exporter_id: int | None = None) -> list[Place]:
    """Every place some parcel starts from; of one exporter's, if that is given."""
    query = _named_by(Parcel.origin_id, own=exporter_id is not None)
    return _noted(session, [place_of(row) for row in fetch(session, query, exporter=exporter_id)])


def destinations(session: Session, exporter_id: int | None = None) -> list[Place]:
    """Every place some parcel goes to; of one exporter's, if that is given."""
    query = _named_by(Parcel.destination_id, own=exporter_id is not None)
    return _noted(session, [place_of(row) for row in fetch(session, query, exporter=exporter_id)])


@cache
def _named_by(column: InstrumentedAttribute[int], *, own: bool) -> Select[*tuple[Any, ...]]:
    # One look into an index per location, however many parcels there are.
    mine = [Parcel.exporter_id == bindparam("exporter")] if own else []
    return ORDERED.where(exists().where(column == Location.id, *mine))


def _noted(session: Session, found: list[Place]) -> list[Place]:
    _known(session).update({place.id: place for place in found})
    return found
