"""Bookings: the list, and one of them with everything that belongs to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, bindparam, select
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.orm.attributes import set_committed_value

from app.actor import Actor
from app.db import fetch
from app.errors import NotFound
from app.models import (
    Booking,
    BookingEvent,
    BookingLeg,
    BookingLine,
    Consignment,
    Departure,
    Offer,
    Party,
    Quote,
    Service,
)
from app.queries.paging import AnySelect, Keyset, Page, instant
from app.queries.places import Place, places

NEWEST = Keyset(Booking.created_at, Booking.id, read=instant, falling=True)
FRESH = {"populate_existing": True}
WHOLE = {
    name: select(model)
    .where(model.booking_id == bindparam("booking_id"))
    .order_by(model.seq)
    .execution_options(**FRESH)
    for name, model in (("lines", BookingLine), ("events", BookingEvent))
}
"""What belongs to a booking, each in one prepared statement: the ORM's own loading takes three times as long."""
LEGS = (
    select(BookingLeg, Service.code, Departure.public_id, Departure.number)
    .join(Service, Service.id == BookingLeg.service_id)
    .outerjoin(Departure, Departure.id == BookingLeg.departure_id)
    .where(BookingLeg.booking_id == bindparam("booking_id"))
    .order_by(BookingLeg.seq)
    .execution_options(**FRESH)
)
WAYBILLS = (
    select(Consignment.waybill_number)
    .where(Consignment.booking_id == bindparam("booking_id"))
    .order_by(Consignment.id)
)


@dataclass(frozen=True, slots=True)
class BookingFilter:
    """What narrows the list; None does not."""

    status: str | None = None
    reference: str | None = None
    exporter: str | None = None
    """Reference or public id."""
    departure: str | None = None
    """Public id."""


@dataclass(frozen=True, slots=True)
class Carried:
    """The departure or the service on demand that a leg travels with."""

    service_code: str
    departure_id: str | None = None
    number: str | None = None


@dataclass(frozen=True, slots=True)
class BookingRow:
    """A booking beside what it refers to: public ids of quote and offer, places by row id."""

    booking: Booking
    quote_id: str | None
    offer_id: str | None
    places: Mapping[int, Place]
    carried: Mapping[int, Carried] = field(default_factory=dict)
    """By number of the leg."""
    waybills: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BookingSummary:
    """A booking as lists show it."""

    origin: Place
    destination: Place
    id: int
    public_id: str
    reference: str | None
    exporter: str
    """Its reference."""
    created_at: datetime
    total_minor: int
    currency: str
    status: str
    test_mode: bool


SUMMARY = (
    Booking.origin_id, Booking.destination_id, Booking.id, Booking.public_id, Booking.reference, Party.reference,
    Booking.created_at, Booking.total_minor, Booking.currency, Booking.status, Booking.test_mode,
)  # fmt: skip


def list_bookings(
    session: Session, actor: Actor, where: BookingFilter, *, cursor: str | None = None, limit: int = 50
) -> Page[BookingRow]:
    """Bookings the actor may see, the newest first."""
    query = _narrowed(_visible(own=actor.exporter_id is not None, one_mode=actor.kind == "key"), where)
    found = session.execute(NEWEST.slice(query, cursor, limit), _asking(actor)).all()
    known = places(session, [one for row in found for one in (row[0].origin_id, row[0].destination_id)])
    rows = [BookingRow(booking, quote_id, offer_id, known) for booking, quote_id, offer_id in found]
    return NEWEST.page(rows, limit, lambda row: (row.booking.created_at, row.booking.id))


def list_summaries(
    session: Session, actor: Actor, where: BookingFilter, *, cursor: str | None = None, limit: int = 50
) -> Page[BookingSummary]:
    """The same, with the few facts that a list shows, past the ORM."""
    query = _narrowed(_summaries(own=actor.exporter_id is not None, one_mode=actor.kind == "key"), where)
    found = fetch(session, NEWEST.slice(query, cursor, limit), **_asking(actor)).all()
    known = places(session, [one for row in found for one in row[:2]])
    rows = []
    for row in found:
        origin, destination, *facts = tuple[Any, ...](row)
        rows.append(BookingSummary(known[origin], known[destination], *facts))
    return NEWEST.page(rows, limit, lambda row: (row.created_at, row.id))


def _narrowed(query: AnySelect, where: BookingFilter) -> AnySelect:
    if where.status:
        query = query.where(Booking.status == where.status)
    if where.reference:
        query = query.where(Booking.reference == where.reference)
    if where.exporter:
        query = query.where(Booking.exporter.has(_named(where.exporter)))
    if where.departure:
        on_it = select(BookingLeg.booking_id).join(Departure).where(Departure.public_id == where.departure)
        query = query.where(Booking.id.in_(on_it))
    return query


def get_booking(session: Session, actor: Actor, public_id: str) -> BookingRow:
    """One booking with lines, legs and events; NotFound, also for another exporter's."""
    query = _by_id(own=actor.exporter_id is not None, one_mode=actor.kind == "key")
    found = session.execute(query, _asking(actor) | {"public_id": public_id}).one_or_none()
    if found is None:
        raise NotFound("there is no such booking")
    booking, quote_id, offer_id = found
    for name, statement in WHOLE.items():
        set_committed_value(booking, name, session.scalars(statement, {"booking_id": booking.id}).all())
    legs = session.execute(LEGS, {"booking_id": booking.id}).all()
    set_committed_value(booking, "legs", [leg for leg, *_ in legs])
    ends = [booking.origin_id, booking.destination_id]
    ends += [place for leg in booking.legs for place in (leg.from_id, leg.to_id)]
    return BookingRow(
        booking,
        quote_id,
        offer_id,
        places(session, ends),
        {leg.seq: Carried(service, departure, number) for leg, service, departure, number in legs},
        tuple(fetch(session, WAYBILLS, booking_id=booking.id).scalars()),
    )


def free_cancellation_until(booking: Booking) -> datetime | None:
    """The first cut-off of a booking, up to which cancelling is free; None where nothing is dated."""
    return min((leg.cutoff_at for leg in booking.legs if leg.cutoff_at), default=None)


def _asking(actor: Actor) -> dict[str, object]:
    """What `_visible` is asked with."""
    return {"exporter_id": actor.exporter_id, "test_mode": actor.test_mode}


@cache
def _visible(*, own: bool, one_mode: bool) -> AnySelect:
    """Bookings an actor may see: only its own, only those of real life or of practice."""
    query = (
        select(Booking, Quote.public_id, Offer.public_id)
        .outerjoin(Quote, Quote.id == Booking.quote_id)
        .outerjoin(Offer, Offer.id == Booking.offer_id)
        .options(joinedload(Booking.exporter))
    )
    return _seen(query, own=own, one_mode=one_mode)


@cache
def _summaries(*, own: bool, one_mode: bool) -> AnySelect:
    query = select(*SUMMARY).join(Party, Party.id == Booking.exporter_id)
    return _seen(query, own=own, one_mode=one_mode)


def _seen(query: AnySelect, *, own: bool, one_mode: bool) -> AnySelect:
    if own:
        query = query.where(Booking.exporter_id == bindparam("exporter_id"))
    return query.where(Booking.test_mode == bindparam("test_mode")) if one_mode else query


@cache
def _by_id(*, own: bool, one_mode: bool) -> AnySelect:
    query = _visible(own=own, one_mode=one_mode).where(Booking.public_id == bindparam("public_id"))
    return query.execution_options(**FRESH)


def _named(exporter: str) -> ColumnElement[bool]:
    return (Party.reference == exporter) | (Party.public_id == exporter)
