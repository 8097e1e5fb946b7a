"""Exceptions of goods on their way: departures that fail them, holds that run out, bookings that come too late."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models import (
    Booking,
    BookingLeg,
    BookingLine,
    Departure,
    DepartureUnit,
    HandlingUnit,
    Offer,
    Parcel,
    Party,
    Quote,
    Service,
    SpaceAllocation,
)
from app.queries.exceptions_rows import MOST, Found, Scope
from app.queries.places import ids_named
from app.queries.tower import OPEN
from app.queries.tracking_facts import legs_of, runs_of
from routing.tracking import leg_times
from trade.bookings import FINAL

HOLDS_WITHIN = timedelta(hours=2)
CLOSING = timedelta(hours=24)
BACK = timedelta(days=30)
"""Departures that were to leave longer ago are past helping."""
LATE_AHEAD = timedelta(days=14)
HALF = 0.5
"""Units less full than this lose most of what they cost."""
DELIVERED = ("delivered", "cancelled", "return_to_sender")
LIVE = (Booking.status.not_in(FINAL), Booking.test_mode.is_(False))


def cancelled_departures(session: Session, now: datetime, scope: Scope) -> list[Found]:
    """Cancelled departures with live bookings on them; at risk is what these bookings are charged."""
    where = scope.departures(statuses=("cancelled",), departs_from=now - BACK)
    on_it = (
        select(BookingLeg.departure_id, BookingLeg.booking_id)
        .where(BookingLeg.departure_id.is_not(None))
        .distinct()
        .subquery()
    )
    query = (
        select(
            Departure.public_id, Departure.number, Service.code, Departure.departs_at, Booking.currency,
            func.count(Booking.id), func.sum(Booking.total_minor),
        )
        .join(Service, Service.id == Departure.service_id)
        .join(on_it, on_it.c.departure_id == Departure.id)
        .join(Booking, Booking.id == on_it.c.booking_id)
        .where(*where.conditions(), *LIVE)
        .group_by(
            Departure.id, Departure.public_id, Departure.number, Service.code, Departure.departs_at,
            Booking.currency,
        )
        .order_by(Departure.departs_at)
        .limit(MOST)
    )  # fmt: skip
    found: dict[str, Found] = {}
    for public_id, number, service, departs_at, currency, bookings, total in session.execute(query):
        facts: dict[str, Any] = {"number": number, "service": service, "bookings": 0}
        one = found.setdefault(public_id, Found(public_id, facts, {}, departs_at))
        one.facts["bookings"] += bookings
        found[public_id] = Found(public_id, one.facts, {**one.amounts, currency: int(total)}, departs_at)
    return list(found.values())


def underfilled_departures(session: Session, now: datetime, scope: Scope) -> list[Found]:
    """Departures that close within a day with opened units less than half full; at risk is what is paid for air."""
    where = scope.departures(statuses=OPEN, cutoff_from=now, cutoff_before=now + CLOSING)
    query = (
        select(
            Departure.public_id, Departure.number, Service.code, Departure.departs_at, HandlingUnit.payload_g,
            HandlingUnit.held_g, HandlingUnit.booked_g, HandlingUnit.volume_cm3, HandlingUnit.held_cm3,
            HandlingUnit.booked_cm3, DepartureUnit.cost_minor, DepartureUnit.currency,
        )
        .join(Service, Service.id == Departure.service_id)
        .join(HandlingUnit, HandlingUnit.departure_id == Departure.id)
        .join(
            DepartureUnit,
            (DepartureUnit.departure_id == Departure.id)
            & (DepartureUnit.unit_type_id == HandlingUnit.unit_type_id),
        )
        .where(*where.conditions(), HandlingUnit.closed_at.is_(None))
        .order_by(Departure.departs_at, Departure.id)
    )  # fmt: skip
    by_departure: dict[str, list[Any]] = {}
    for row in session.execute(query):
        by_departure.setdefault(row.public_id, []).append(row)
    found = [_underfilled(public_id, rows) for public_id, rows in by_departure.items()]
    return [one for one in found if one.facts["fill"] < HALF][:MOST]


def _underfilled(public_id: str, rows: list[Any]) -> Found:
    fills = [
        max((row.held_g + row.booked_g) / row.payload_g, (row.held_cm3 + row.booked_cm3) / row.volume_cm3)
        for row in rows
    ]
    amounts: dict[str, int] = {}
    for row, fill in zip(rows, fills, strict=True):
        amounts[row.currency] = amounts.get(row.currency, 0) + round(row.cost_minor * max(0.0, 1 - fill))
    first = rows[0]
    facts = {
        "number": first.number, "service": first.code, "units": len(rows), "fill": sum(fills) / len(fills),
    }  # fmt: skip
    return Found(public_id, facts, amounts, first.departs_at)


def expiring_holds(session: Session, now: datetime, scope: Scope) -> list[Found]:
    """Offers whose held space is given back within two hours; at risk is their price."""
    ends_at = func.min(SpaceAllocation.expires_at)
    query = (
        select(Quote.public_id, Party.reference, Offer.total_minor, Offer.currency, ends_at)
        .join(Offer, Offer.id == SpaceAllocation.offer_id)
        .join(Quote, Quote.id == Offer.quote_id)
        .join(Party, Party.id == Quote.exporter_id)
        .where(SpaceAllocation.state == "held", Quote.test_mode.is_(False))
        .where(SpaceAllocation.expires_at > now, SpaceAllocation.expires_at <= now + HOLDS_WITHIN)
        .where(*scope.of_client())
        .group_by(Offer.id, Quote.public_id, Party.reference, Offer.total_minor, Offer.currency)
        .order_by(ends_at)
        .limit(MOST)
    )
    if scope.origin:
        query = query.where(Quote.origin_id.in_(ids_named(scope.origin)))
    if scope.destination:
        query = query.where(Quote.destination_id.in_(ids_named(scope.destination)))
    found: dict[str, Found] = {}
    for quote, client, total, currency, until in session.execute(query):
        # Of a quote with several offers that are held, one can be booked: the dearest is at risk.
        known = found.get(quote)
        if known is None or known.amounts.get(currency, total) < total:
            found[quote] = Found(
                quote, {"client": client}, {currency: total}, known.until if known else until
            )
    return list(found.values())


def late_bookings(session: Session, now: datetime, scope: Scope) -> list[Found]:
    """Bookings whose goods are expected after they were to be delivered, or should be there and are not.

    Expected is what the timetable and the last word of each departure say; at risk is what the booking is charged.
    """
    due = func.min(Parcel.deliver_by)
    query = (
        select(
            Booking.id, Booking.public_id, Party.reference, Booking.currency, Booking.total_minor, due,
            func.count(Parcel.id),
        )
        .join(BookingLine, BookingLine.booking_id == Booking.id)
        .join(Parcel, Parcel.booking_line_id == BookingLine.id)
        .join(Party, Party.id == Booking.exporter_id)
        .where(*LIVE, Parcel.status.not_in(DELIVERED), *scope.of_client())
        .where(Parcel.deliver_by > now - BACK, Parcel.deliver_by <= now + LATE_AHEAD)
        .group_by(Booking.id, Booking.public_id, Party.reference, Booking.currency, Booking.total_minor)
        .order_by(due)
        .limit(MOST)
    )  # fmt: skip
    if scope.of_transport or scope.charter is not None:
        query = query.where(Booking.id.in_(_bookings_on(scope)))
    rows: Sequence[Any] = session.execute(query).all()
    expected = _expected(session, [row[0] for row in rows])
    found = []
    for booking_id, public_id, client, currency, total, due_at, parcels in rows:
        arrives = expected.get(booking_id)
        late = max(now, arrives) if arrives else now
        if late > due_at:
            facts = {
                "client": client, "parcels": parcels, "due": due_at, "expected": arrives,
                "late": late - due_at,
            }  # fmt: skip
            found.append(Found(public_id, facts, {currency: total}, due_at))
    return found


def _bookings_on(scope: Scope) -> Any:  # noqa: ANN401 (a select)
    where = Scope(scope.modes, scope.charter, scope.origin, scope.destination).departures()
    return (
        select(BookingLeg.booking_id)
        .join(Departure, Departure.id == BookingLeg.departure_id)
        .join(Service, Service.id == Departure.service_id)
        .where(*where.conditions())
    )


def _expected(session: Session, bookings: Iterable[int]) -> dict[int, datetime]:
    """Id of a booking → when its last leg is expected to end."""
    legs = legs_of(session, list(bookings))
    rides = {leg.departure for some in legs.values() for leg in some if leg.departure is not None}
    runs = runs_of(session, rides)
    return {booking: leg_times(some, runs)[-1].arrives.expected for booking, some in legs.items() if some}
