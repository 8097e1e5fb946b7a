"""What follows from new events: statuses of departures, parcels and bookings, and who is told."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.models import Booking, BookingLeg, BookingLine, Call, Departure, Location, Parcel, Service
from app.queries.paging import AnySelect
from app.queries.tracking_facts import (
    CHUNK,
    events_of_bookings,
    events_of_departures,
    events_of_parcels,
    legs_of,
    runs_of,
    stops_of,
)
from app.usecases.announcing import News, announce, announce_all
from app.usecases.completing import AT_DESTINATION, complete_delivered
from routing.tracking import ARRIVES, DEPARTS, Moment, Run, departure_status, newly_late, parcel_status
from trade.bookings import FINAL


def follow_departures(session: Session, now: datetime, before: Mapping[int, Run]) -> None:
    """Give departures the status their events say, and tell exporters of calls that became later.

    `before` holds the moments of each as they were before the new events; the departures are locked.
    """
    if not before:
        return
    stops, events = stops_of(session, before), events_of_departures(session, before)
    after = runs_of(session, before)
    query = select(Departure.id, Departure.status).where(Departure.id.in_(before))
    for departure, status in session.execute(query.order_by(Departure.id)).all():
        derived = departure_status(stops[departure], events.get(departure, []))
        if derived not in (None, status) and status != "cancelled":
            _set(session, Departure, [departure], derived)
        later = newly_late(before[departure], after[departure])
        if later:
            _tell_of_delay(session, now, departure, after[departure], set(later))


def follow_parcels(session: Session, now: datetime, parcels: set[int], departures: set[int]) -> None:
    """Give parcels the status their events say: these, and those aboard these departures."""
    aboard = select(BookingLeg.booking_id).where(BookingLeg.departure_id.in_(departures))
    bookings = set(session.scalars(aboard)) if departures else set()
    line = select(BookingLine.id).where(BookingLine.booking_id.in_(bookings))
    parcels = parcels | set(session.scalars(select(Parcel.id).where(Parcel.booking_line_id.in_(line))))
    filled = select(BookingLine.booking_id).join(Parcel, Parcel.booking_line_id == BookingLine.id)
    bookings |= set(session.scalars(filled.where(Parcel.id.in_(parcels))))
    _lock(session, select(Booking.id).where(Booking.id.in_(bookings)).order_by(Booking.id))
    wanted = sorted(parcels)
    for start in range(0, len(wanted), CHUNK):
        _follow_some(session, now, wanted[start : start + CHUNK])
    complete_delivered(session, now, bookings)


def _follow_some(session: Session, now: datetime, parcels: list[int]) -> None:
    rows = _locked_parcels(session, parcels)
    bookings = {row.booking_id for row in rows if row.booking_id is not None}
    own, whole = events_of_parcels(session, parcels), events_of_bookings(session, bookings)
    legs = legs_of(session, bookings)
    rides = {leg.departure for some in legs.values() for leg in some if leg.departure is not None}
    transport = events_of_departures(session, rides)
    changed: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        way = legs.get(row.booking_id, [])
        events = [*own.get(row.id, []), *whole.get(row.booking_id, [])]
        events += [event for leg in way for event in transport.get(leg.departure or 0, [])]
        there = AT_DESTINATION.get(row.kind, "in_transit")
        status = parcel_status(events, way, destination=row.destination_id, at_destination=there)
        # What its owner cancelled stays so; pending is what is said where nothing is known.
        if status not in ("pending", row.status) and row.status != "cancelled":
            changed[status].append(row)
    for status, some in changed.items():
        _set(session, Parcel, [row.id for row in some], status)
        news = [_news_of_status(row, status) for row in some]
        announce_all(session, now, "parcel.status_changed", news)


def _locked_parcels(session: Session, parcels: list[int]) -> list[Any]:
    query = (
        select(
            Parcel.id, Parcel.public_id, Parcel.reference, Parcel.tracking_number, Parcel.exporter_id,
            Parcel.status, Parcel.destination_id, Location.kind, BookingLine.booking_id,
            Booking.public_id.label("booking"), Booking.test_mode,
        )
        .join(Location, Location.id == Parcel.destination_id)
        .outerjoin(BookingLine, BookingLine.id == Parcel.booking_line_id)
        .outerjoin(Booking, Booking.id == BookingLine.booking_id)
        .where(Parcel.id.in_(parcels))
        .order_by(Parcel.id)
    )  # fmt: skip
    # Locked first and read then: what is read with the lock may be older than what the lock waited for.
    _lock(session, select(Parcel.id).where(Parcel.id.in_(parcels)).order_by(Parcel.id))
    return list(session.execute(query))


def _lock(session: Session, query: AnySelect) -> None:
    session.execute(query.with_for_update(key_share=True)).all()


def _set(session: Session, model: type[Departure | Parcel], ids: list[int], status: str | None) -> None:
    changing = update(model).where(model.id.in_(ids)).values(status=status)
    session.execute(changing.execution_options(synchronize_session="fetch"))


def _news_of_status(row: Any, status: str) -> News:  # noqa: ANN401 (a row)
    data = {
        "id": row.public_id,
        "tracking_number": row.tracking_number,
        "reference": row.reference,
        "booking": row.booking,
        "status": status,
        "previous_status": row.status,
    }
    return News(row.exporter_id, row.public_id, data, test_mode=bool(row.test_mode))


def _tell_of_delay(
    session: Session, now: datetime, departure: int, run: Run, later: set[tuple[int, str]]
) -> None:
    """Tell each exporter with goods aboard of the calls that concern them, once."""
    head = session.execute(
        select(Departure.public_id, Departure.number, Service.code)
        .join(Service)
        .where(Departure.id == departure)
    ).one()
    codes = _codes(session, departure)
    for (exporter, test_mode), (bookings, moments) in _concerned(session, departure, later).items():
        data = {
            "id": head.public_id,
            "service": head.code,
            "number": head.number,
            "bookings": sorted(bookings),
            "calls": [_delay(codes[call], code, run[call, code]) for call, code in sorted(moments)],
        }
        announce(session, now, "departure.delayed", exporter, head.public_id, data, test_mode=test_mode)


def _codes(session: Session, departure: int) -> dict[int, str]:
    query = select(Call.seq, Location.code).join(Location, Location.id == Call.location_id)
    return {row.seq: row.code for row in session.execute(query.where(Call.departure_id == departure))}


def _concerned(
    session: Session, departure: int, later: set[tuple[int, str]]
) -> dict[tuple[int, bool], tuple[set[str], set[tuple[int, str]]]]:
    """Exporter and mode → their bookings, and the late moments at which those board and alight."""
    query = (
        select(
            Booking.exporter_id,
            Booking.test_mode,
            Booking.public_id,
            BookingLeg.board_seq,
            BookingLeg.alight_seq,
        )
        .join(BookingLeg, BookingLeg.booking_id == Booking.id)
        .where(BookingLeg.departure_id == departure, Booking.status.not_in(FINAL))
        .order_by(Booking.exporter_id, Booking.id)
    )
    found: dict[tuple[int, bool], tuple[set[str], set[tuple[int, str]]]] = {}
    for exporter, test_mode, booking, board, alight in session.execute(query):
        moments = {key for key in later if key in ((board, DEPARTS), (alight, ARRIVES))}
        if moments:
            bookings, calls = found.setdefault((exporter, test_mode), (set(), set()))
            bookings.add(booking)
            calls |= moments
    return found


def _delay(location: str, code: str, moment: Moment) -> dict[str, Any]:
    return {
        "location": location,
        "code": code,
        "planned": _text(moment.planned),
        "estimated": _text(moment.estimated),
        "actual": _text(moment.actual),
        "late_min": int(moment.late.total_seconds() // 60),
    }


def _text(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None
