"""A booking is completed once everything of it has arrived where it was bound for."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import system
from app.models import Booking, BookingLine, Location, Parcel
from app.models.places import WAREHOUSE_KINDS
from app.queries.tracking_facts import events_of_departures, legs_of
from app.usecases.booking import happened
from routing.tracking import ACTUAL, ARRIVES, Event, Leg

ACTOR = system("tracking")
COMPLETABLE = ("CONFIRMED", "PENDING_AMENDMENT")
AT_DESTINATION = dict.fromkeys(WAREHOUSE_KINDS, "arrived_warehouse") | dict.fromkeys(
    ("port", "airport", "station"), "ready_for_pickup"
)
"""Kind of location → the status of a parcel that has come to it as its destination; it goes on from others."""


def complete_delivered(session: Session, now: datetime, bookings: Collection[int]) -> None:
    """Complete those of these bookings that are delivered, and tell their exporters; the rows are locked.

    A parcel is delivered where its status says so, and where the booking ends at a warehouse or a port once it
    is there; cancelled ones do not count. A booking nothing of which is known by parcel ends with its last ride.
    """
    statuses: dict[int, set[str]] = {}
    kinds: dict[int, str] = {}
    query = (
        select(Booking.id, Location.kind, Parcel.status)
        .join(Location, Location.id == Booking.destination_id)
        .join(BookingLine, BookingLine.booking_id == Booking.id)
        .outerjoin(Parcel, Parcel.booking_line_id == BookingLine.id)
        .where(Booking.id.in_(bookings), Booking.status.in_(COMPLETABLE))
        .distinct()
    )
    for booking, kind, status in session.execute(query):
        kinds[booking] = kind
        statuses.setdefault(booking, set()).update({status} - {None, "cancelled"})
    done = [one for one, found in statuses.items() if found and found <= _ended(kinds[one])]
    done += _ridden(session, [one for one, found in statuses.items() if not found])
    for one in sorted(done):
        row = session.get_one(Booking, one, populate_existing=True)
        happened(session, ACTOR, now, row, "completed", {}, tell="booking.completed")


def _ended(kind: str) -> set[str]:
    return {"delivered", AT_DESTINATION.get(kind, "delivered")}


def _ridden(session: Session, bookings: Collection[int]) -> list[int]:
    """Bookings whose last leg is a ride that has reached the call at which it ends."""
    last = {one: legs[-1] for one, legs in legs_of(session, bookings).items()}
    rides = {leg.departure for leg in last.values() if leg.departure is not None}
    events = events_of_departures(session, rides)
    return [one for one, leg in last.items() if _arrived(leg, events.get(leg.departure or 0, []))]


def _arrived(leg: Leg, events: Iterable[Event]) -> bool:
    there = (ACTUAL, ARRIVES, leg.alight)
    return any((event.classifier, event.code, event.call) == there for event in events)
