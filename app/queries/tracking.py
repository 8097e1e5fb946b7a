"""Where a parcel, the goods of a waybill or a booking are: status, legs with their times, and the events behind it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.models import (
    Booking,
    BookingLeg,
    BookingLine,
    Consignment,
    Departure,
    Parcel,
    Service,
    TrackingEvent,
)
from app.queries.places import Place, places
from app.queries.tracking_events import EventRow, Viewer, events_of, planned_events
from app.queries.tracking_facts import events_of_bookings, events_of_parcels, legs_of, runs_of
from app.queries.trips import trips
from routing.punctuality import FEWEST_TRIPS
from routing.tracking import ACTUAL, Leg, LegTimes, leg_times, together
from trade.numbering import check_number, compact

HISTORY = timedelta(days=365)
"""How far back trips count for what is to be expected."""


@dataclass(frozen=True, slots=True)
class Eta:
    """When the goods are expected at their destination, or came there, and what that rests on."""

    at: datetime
    basis: str
    """`actual`, `estimate`, `history` (half of the completed trips were no later) or `schedule`."""


@dataclass(frozen=True, slots=True)
class LegRow:
    """One leg with its times as planned, as estimated and as they were."""

    seq: int
    mode: str
    service_id: int
    service: str
    name_en: str
    name_zh: str
    departure: str | None
    """Public id; none on demand, as the number."""
    number: str | None
    origin: Place
    destination: Place
    ride: bool
    times: LegTimes


@dataclass(frozen=True, slots=True)
class Tracked:
    """What is known of one number."""

    number: str
    kind: str
    """`parcel`, `waybill` or `booking`."""
    status: str
    """Of a group: where the parcel furthest behind is."""
    counts: dict[str, int]
    """Status → parcels."""
    booking: str | None
    origin: Place
    destination: Place
    legs: list[LegRow]
    events: list[EventRow]
    """By the time they happen; of a group those of its departures and of itself, not those of each parcel."""
    eta: Eta | None


@dataclass(frozen=True, slots=True)
class _Found:
    kind: str
    origin_id: int
    destination_id: int
    parcels: Select[int]
    """Ids of its parcels."""
    parcel_id: int | None = None
    booking_id: int | None = None
    booking: str | None = None
    booked_at: datetime | None = None


def track(session: Session, number: str, viewer: Viewer, now: datetime) -> Tracked:
    """Everything about a tracking number, a waybill number, or the id of a booking or a parcel.

    NotFound where there is none, or it is another exporter's.
    """
    found = _find(session, number, viewer)
    if found is None:
        raise NotFound("nothing is known under this number")
    return _tracked(session, number, found, now)


def track_publicly(session: Session, number: str, now: datetime) -> Tracked:
    """The same for anybody who has a parcel's tracking number in hand; NotFound for every other number."""
    number = compact(number)
    found = _parcel(session, Viewer(), Parcel.tracking_number == number) if check_number(number) else None
    if found is None:
        raise NotFound("no parcel has this number")
    return _tracked(session, number, found, now)


def _find(session: Session, number: str, viewer: Viewer) -> _Found | None:
    if number.startswith("bkg_"):
        return _booking(session, viewer, Booking.public_id == number)
    if number.startswith("pcl_"):
        return _parcel(session, viewer, Parcel.public_id == number)
    number = compact(number)
    if not check_number(number):
        return None
    return _parcel(session, viewer, Parcel.tracking_number == number) or _waybill(session, viewer, number)


def _parcel(session: Session, viewer: Viewer, which: Any) -> _Found | None:  # noqa: ANN401 (a condition)
    query = (
        select(
            Parcel.id, Parcel.origin_id, Parcel.destination_id, Booking.id.label("booking_id"),
            Booking.public_id, Booking.created_at,
        )
        .outerjoin(BookingLine, BookingLine.id == Parcel.booking_line_id)
        .outerjoin(Booking, Booking.id == BookingLine.booking_id)
        .where(which)
    )  # fmt: skip
    if viewer.exporter_id is not None:
        query = query.where(Parcel.exporter_id == viewer.exporter_id)
    if viewer.test_mode is not None:
        query = query.where(func.coalesce(Booking.test_mode, False) == viewer.test_mode)
    row = session.execute(query).first()
    if row is None:
        return None
    ids = select(Parcel.id).where(Parcel.id == row.id)
    booked = (row.booking_id, row.public_id, row.created_at)
    return _Found("parcel", row.origin_id, row.destination_id, ids, row.id, *booked)


def _booking(session: Session, viewer: Viewer, which: Any) -> _Found | None:  # noqa: ANN401 (a condition)
    row = session.scalar(select(Booking).where(which, *viewer.sees()))
    if row is None:
        return None
    ids = select(Parcel.id).join(BookingLine).where(BookingLine.booking_id == row.id)
    booked = (row.id, row.public_id, row.created_at)
    return _Found("booking", row.origin_id, row.destination_id, ids, None, *booked)


def _waybill(session: Session, viewer: Viewer, number: str) -> _Found | None:
    consignment = session.scalar(select(Consignment).where(Consignment.waybill_number == number))
    if consignment is None:
        return None
    found = _booking(session, viewer, Booking.id == consignment.booking_id)
    ids = select(Parcel.id).where(Parcel.consignment_id == consignment.id)
    return found and replace(found, kind="waybill", parcels=ids)


def _tracked(session: Session, number: str, found: _Found, now: datetime) -> Tracked:
    query = select(Parcel.status, func.count()).where(Parcel.id.in_(found.parcels)).group_by(Parcel.status)
    counts = {row[0]: row[1] for row in session.execute(query)}
    booked = legs_of(session, [found.booking_id]).get(found.booking_id, []) if found.booking_id else []
    ends = {place for leg in booked for place in (leg.from_place, leg.to_place)}
    known = places(session, ends | {found.origin_id, found.destination_id})
    legs = _legs(session, found, booked, known)
    events = events_of(session, booked, found.parcel_id, found.booking_id)
    if found.booking and found.booked_at:
        events += planned_events(found.booking, booked, known, found.booked_at)
    return Tracked(
        number=number,
        kind=found.kind,
        status=together(counts) if counts else _without_parcels(legs),
        counts=counts,
        booking=found.booking,
        origin=known[found.origin_id],
        destination=known[found.destination_id],
        legs=legs,
        events=sorted(events, key=lambda event: event.order),
        eta=_eta(session, found, legs, counts, now),
    )


def _without_parcels(legs: Sequence[LegRow]) -> str:
    moved = any(leg.times.departs.actual or leg.times.arrives.actual for leg in legs)
    return "in_transit" if moved else "pending"


def _legs(session: Session, found: _Found, booked: Sequence[Leg], known: dict[int, Place]) -> list[LegRow]:
    if not booked:
        return []
    query = (
        select(
            BookingLeg.seq, BookingLeg.mode, Service.id, Service.code, Service.name_en, Service.name_zh,
            Departure.public_id, Departure.number,
        )
        .join(Service, Service.id == BookingLeg.service_id)
        .outerjoin(Departure, Departure.id == BookingLeg.departure_id)
        .where(BookingLeg.booking_id == found.booking_id)
        .order_by(BookingLeg.seq)
    )  # fmt: skip
    told = [event for some in events_of_bookings(session, [found.booking_id or 0]).values() for event in some]
    if found.parcel_id is not None:
        told += events_of_parcels(session, [found.parcel_id]).get(found.parcel_id, [])
    runs = runs_of(session, {leg.departure for leg in booked if leg.departure is not None})
    return [
        LegRow(*row, known[leg.from_place], known[leg.to_place], leg.departure is not None, times)
        for row, leg, times in zip(session.execute(query), booked, leg_times(booked, runs, told), strict=True)
    ]


def _eta(
    session: Session, found: _Found, legs: Sequence[LegRow], counts: dict[str, int], now: datetime
) -> Eta | None:
    if set(counts) - {"cancelled"} == {"delivered"}:
        delivered = _delivered_at(session, found)
        if delivered is not None:
            return Eta(delivered, "actual")
    if not legs:
        return None
    arrives = legs[-1].times.arrives
    if arrives.actual or arrives.estimated:
        return Eta(arrives.expected, "actual" if arrives.actual else "estimate")
    usual = _usual_delay(session, legs, now)
    return Eta(arrives.planned, "schedule") if usual is None else Eta(arrives.planned + usual, "history")


def _delivered_at(session: Session, found: _Found) -> datetime | None:
    delivered = (TrackingEvent.classifier == ACTUAL, TrackingEvent.code == "delivered")
    last = select(func.max(TrackingEvent.happens_at)).where(
        TrackingEvent.parcel_id.in_(found.parcels), *delivered
    )
    return session.scalar(last)


def _usual_delay(session: Session, legs: Sequence[LegRow], now: datetime) -> timedelta | None:
    """The median delay on the last ride, if enough trips tell it and nothing is known yet of this one."""
    rides = [leg for leg in legs if leg.ride]
    if not rides or rides[-1].times.arrives.actual or rides[-1].times.arrives.estimated:
        return None
    lane = (rides[-1].service_id, rides[-1].origin.id, rides[-1].destination.id)
    history = trips(session, [lane], now - HISTORY, now)[lane]
    if len(history) < FEWEST_TRIPS:
        return None
    usual = timedelta(seconds=median((trip.actual - trip.planned).total_seconds() for trip in history))
    # What waits for a ride does not begin earlier because the ride is early.
    return usual if rides[-1] is legs[-1] else max(usual, timedelta())
