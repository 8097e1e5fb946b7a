"""Tracking events, timetables and booked legs as the rules of `routing.tracking` take them."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.models import BookingLeg, Call, TrackingEvent
from app.queries.paging import AnySelect
from routing.tracking import Event, Leg, Run, Stop, follow

CHUNK = 2_000
"""Ids in one query: databases take only so many."""
_EVENT = (
    TrackingEvent.source, TrackingEvent.source_id, TrackingEvent.classifier, TrackingEvent.code,
    TrackingEvent.happens_at, TrackingEvent.reported_at, TrackingEvent.departure_id, TrackingEvent.call_seq,
    TrackingEvent.location_id,
)  # fmt: skip


def stops_of(session: Session, departures: Collection[int]) -> dict[int, list[Stop]]:
    """The timetable of each departure, by row id, first call first."""
    columns = (Call.departure_id, Call.seq, Call.arrives_at, Call.departs_at)
    found: dict[int, list[Stop]] = defaultdict(list)
    for row in _in_chunks(session, select(*columns).order_by(Call.seq), Call.departure_id, departures):
        found[row.departure_id].append(Stop(row.seq, row.arrives_at, row.departs_at))
    return dict(found)


def events_of_departures(session: Session, departures: Collection[int]) -> dict[int, list[Event]]:
    """What was reported of each departure, by row id."""
    return _grouped(session, TrackingEvent.departure_id, departures)


def events_of_parcels(session: Session, parcels: Collection[int]) -> dict[int, list[Event]]:
    """What was reported of each parcel itself, by row id."""
    return _grouped(session, TrackingEvent.parcel_id, parcels)


def events_of_bookings(session: Session, bookings: Collection[int]) -> dict[int, list[Event]]:
    """What was reported of each booking as a whole, by row id."""
    return _grouped(session, TrackingEvent.booking_id, bookings)


def runs_of(session: Session, departures: Collection[int]) -> dict[int, Run]:
    """The moments of each departure, by row id."""
    events = events_of_departures(session, departures)
    return {one: follow(stops, events.get(one, [])) for one, stops in stops_of(session, departures).items()}


def legs_of(session: Session, bookings: Collection[int]) -> dict[int, list[Leg]]:
    """The legs of each booking, by row id, first leg first."""
    columns = (
        BookingLeg.booking_id, BookingLeg.departs_at, BookingLeg.arrives_at, BookingLeg.from_id,
        BookingLeg.to_id, BookingLeg.departure_id, BookingLeg.board_seq, BookingLeg.alight_seq,
    )  # fmt: skip
    found: dict[int, list[Leg]] = defaultdict(list)
    query = select(*columns).order_by(BookingLeg.seq)
    for row in _in_chunks(session, query, BookingLeg.booking_id, bookings):
        seqs = (row.departure_id, row.board_seq or 0, row.alight_seq or 0)
        found[row.booking_id].append(Leg(row.departs_at, row.arrives_at, row.from_id, row.to_id, *seqs))
    return dict(found)


def _grouped(
    session: Session, column: InstrumentedAttribute[Any], ids: Collection[int]
) -> dict[int, list[Event]]:
    found: dict[int, list[Event]] = defaultdict(list)
    for subject, source, source_id, *facts in _in_chunks(session, select(column, *_EVENT), column, ids):
        found[subject].append(Event(f"{source} {source_id}", *facts))
    return dict(found)


def _in_chunks(
    session: Session, query: AnySelect, column: InstrumentedAttribute[Any], ids: Collection[int]
) -> list[Any]:
    wanted, rows = sorted(ids), list[Any]()
    for start in range(0, len(wanted), CHUNK):
        rows += session.execute(query.where(column.in_(wanted[start : start + CHUNK]))).all()
    return rows
