"""The departures board: dated capacity with its fill, its calls and its cut-offs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, String, and_, bindparam, cast, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.db import fetch
from app.errors import NotFound
from app.models import (
    Booking,
    BookingLeg,
    Call,
    CapacityPool,
    Cutoff,
    Departure,
    Location,
    Party,
    Segment,
    Service,
)
from app.queries.departure_rows import COLUMNS, DepartureRow, load_rows
from app.queries.paging import MOST_PREPARED, AnySelect, Keyset, Page, instant, with_times, without_times
from app.queries.places import named
from trade.bookings import FINAL

UPCOMING = ("planned", "open", "closed")
ORDER = Keyset(Departure.departs_at, Departure.id, read=instant)
HEADS = (
    select(*COLUMNS)
    .join(Service, Service.id == Departure.service_id)
    .outerjoin(Party, Party.id == Service.carrier_id)
)
BY_ID = HEADS.where(Departure.public_id == bindparam("public_id"))
TIMES: dict[str, Any] = {
    name: bindparam(name, type_=Departure.departs_at.type)
    for name in ("departs_from", "departs_before", "cutoff_from", "cutoff_before")
}
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
    cutoff_from: datetime | None = None
    cutoff_before: datetime | None = None
    """Some cut-off lies between these two."""
    client: str | None = None
    """Reference or public id of an exporter with a live booking on it."""

    def conditions(self) -> list[ColumnElement[bool]]:
        """As conditions on Departure and Service."""
        found: list[ColumnElement[bool]] = []
        if self.modes:
            found.append(Service.mode.in_(self.modes))
        if self.charter is not None:
            found.append(Service.charter.is_(self.charter))
        if self.service:
            found.append(or_(Service.code == self.service, Service.public_id == self.service))
        if self.departs_from is not None:
            found.append(Departure.departs_at >= self.departs_from)
        if self.departs_before is not None:
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
        if self.cutoff_from is not None and self.cutoff_before is not None:
            found.append(_cutoff_between(self.cutoff_from, self.cutoff_before))
        if self.client:
            found.append(_carries_goods_of(self.client))
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
    rest, times, values = without_times(where or DepartureFilter(), TIMES)
    query = _heads(rest, times, limit, begun=bool(cursor))
    heads = fetch(session, query, **values, **ORDER.place(cursor)).all()
    page = ORDER.page(heads, limit, lambda head: (head.departs_at, head.id))
    return Page(load_rows(session, page.items, now, exporter_id), page.next_cursor)


def count_departures(session: Session, where: DepartureFilter) -> int:
    """How many departures there are in the whole list."""
    rest, times, values = without_times(where, TIMES)
    return int(fetch(session, _count(rest, times), **values).scalar_one())


@lru_cache(MOST_PREPARED)
def _heads(rest: DepartureFilter, times: tuple[str, ...], limit: int, *, begun: bool) -> AnySelect:
    return ORDER.prepared(HEADS.where(*with_times(rest, TIMES, times).conditions()), limit, begun=begun)


@lru_cache(MOST_PREPARED)
def _count(rest: DepartureFilter, times: tuple[str, ...]) -> AnySelect:
    query = select(func.count()).select_from(Departure)
    if rest.modes or rest.charter is not None or rest.service:
        query = query.join(Service, Service.id == Departure.service_id)
    return query.where(*with_times(rest, TIMES, times).conditions())


def get_departure(
    session: Session, now: datetime, public_id: str, *, exporter_id: int | None = None
) -> DepartureRow:
    """One departure with everything about it; NotFound."""
    head = fetch(session, BY_ID, public_id=public_id).one_or_none()
    if head is None:
        raise NotFound(f"there is no departure {public_id!r}")
    return load_rows(session, [head], now, exporter_id)[0]


def departures_named(session: Session, now: datetime, public_ids: Sequence[str]) -> list[DepartureRow]:
    """The departures with these public ids, by time; what is unknown is left out."""
    query = HEADS.where(Departure.public_id.in_(public_ids)).order_by(Departure.departs_at, Departure.id)
    return load_rows(session, session.execute(query).all(), now, None)


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


def _cutoff_between(first: datetime, last: datetime) -> ColumnElement[bool]:
    query = select(Cutoff.id).join(Call, Call.id == Cutoff.call_id).where(Call.departure_id == Departure.id)
    return exists(query.where(Cutoff.at > first, Cutoff.at <= last).correlate(Departure))


def _carries_goods_of(client: str) -> ColumnElement[bool]:
    query = (
        select(BookingLeg.id)
        .join(Booking, Booking.id == BookingLeg.booking_id)
        .join(Party, Party.id == Booking.exporter_id)
        .where(BookingLeg.departure_id == Departure.id, Booking.status.not_in(FINAL))
        .where(or_(Party.reference == client, Party.public_id == client))
    )
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
