"""The departures board: dated capacity with its fill, its calls and its cut-offs."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, String, and_, bindparam, cast, exists, or_, select
from sqlalchemy.orm import Session, aliased

from app.db import fetch
from app.errors import NotFound
from app.models import Call, CapacityPool, Departure, Location, Party, Segment, Service
from app.queries.departure_rows import COLUMNS, DepartureRow, load_rows
from app.queries.paging import Keyset, Page, instant
from app.queries.places import named

UPCOMING = ("planned", "open", "closed")
ORDER = Keyset(Departure.departs_at, Departure.id, read=instant)
HEADS = (
    select(*COLUMNS)
    .join(Service, Service.id == Departure.service_id)
    .outerjoin(Party, Party.id == Service.carrier_id)
)
BY_ID = HEADS.where(Departure.public_id == bindparam("public_id"))
BATTERY_WORDS = ("li_ion", "li_metal", "sodium_ion")


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartureFilter:
    """What narrows the board. Places are codes or UN/LOCODEs; times are of the first call's departure."""

    modes: tuple[str, ...] = ()
    charter: bool | None = None
    service: str | None = None
    origin: str | None = None
    """Boards here …"""
    destination: str | None = None
    """… and alights there, later on the way."""
    departs_from: datetime | None = None
    departs_before: datetime | None = None
    statuses: tuple[str, ...] = ()
    free: bool = False
    """Some segment has space left in every dimension."""
    batteries: bool = False
    accepts: str | None = None
    """One goods class code."""

    def conditions(self) -> list[ColumnElement[bool]]:
        """As conditions on Departure and Service."""
        found: list[ColumnElement[bool]] = []
        if self.modes:
            found.append(Service.mode.in_(self.modes))
        if self.charter is not None:
            found.append(Service.charter.is_(self.charter))
        if self.service:
            found.append(or_(Service.code == self.service, Service.public_id == self.service))
        if self.departs_from:
            found.append(Departure.departs_at >= self.departs_from)
        if self.departs_before:
            found.append(Departure.departs_at < self.departs_before)
        if self.statuses:
            found.append(Departure.status.in_(self.statuses))
        return found + self._reaching()

    def _reaching(self) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        if self.origin or self.destination:
            found.append(_calls(self.origin, self.destination))
        if self.free:
            found.append(_has_space())
        if self.batteries:
            found.append(or_(*(_accepts(f'"{word}_') for word in BATTERY_WORDS)))
        if self.accepts:
            found.append(_accepts(f'"{self.accepts}"'))
        return found


def list_departures(
    session: Session,
    now: datetime,
    where: DepartureFilter | None = None,
    *,
    exporter_id: int | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[DepartureRow]:
    """Departures by time. `exporter_id` keeps other parties' allotments out of the rows."""
    query = HEADS.where(*(where or DepartureFilter()).conditions())
    heads = fetch(session, ORDER.slice(query, cursor, limit)).all()
    page = ORDER.page(heads, limit, lambda head: (head.departs_at, head.id))
    return Page(load_rows(session, page.items, now, exporter_id), page.next_cursor)


def get_departure(
    session: Session, now: datetime, public_id: str, *, exporter_id: int | None = None
) -> DepartureRow:
    """One departure with everything about it; NotFound."""
    head = fetch(session, BY_ID, public_id=public_id).one_or_none()
    if head is None:
        raise NotFound(f"there is no departure {public_id!r}")
    return load_rows(session, [head], now, exporter_id)[0]


def departures_by_id(session: Session, now: datetime, ids: list[int]) -> dict[int, DepartureRow]:
    """The departures with these ids."""
    heads = session.execute(HEADS.where(Departure.id.in_(ids))).all() if ids else []
    return {row.id: row for row in load_rows(session, heads, now, None)}


def _calls(origin: str | None, destination: str | None) -> ColumnElement[bool]:
    board, alight = aliased(Call), aliased(Call)
    on = and_(board.departure_id == Departure.id, alight.departure_id == Departure.id, board.seq < alight.seq)
    query = select(board.id).where(on)
    if origin:
        query = query.where(board.location_id.in_(select(Location.id).where(named(origin))))
    if destination:
        query = query.where(alight.location_id.in_(select(Location.id).where(named(destination))))
    return exists(query.correlate(Departure))


def _has_space() -> ColumnElement[bool]:
    of_segment = (CapacityPool.segment_id == Segment.id) & CapacityPool.exporter_id.is_(None)
    full = CapacityPool.capacity - CapacityPool.held - CapacityPool.booked <= 0
    return exists(
        select(Segment.id)
        .where(Segment.departure_id == Departure.id)
        .where(exists(select(CapacityPool.id).where(of_segment)))
        .where(~exists(select(CapacityPool.id).where(of_segment, full)))
        .correlate(Departure)
    )


def _accepts(fragment: str) -> ColumnElement[bool]:
    # The codes are a JSON list; its text reads the same on both databases.
    return cast(Departure.accepts, String).contains(fragment, autoescape=True)
