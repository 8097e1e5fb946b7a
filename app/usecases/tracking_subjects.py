"""What a reported event is about: the departure and its call, or the parcel and the place, found by their names.

A carrier reaches only departures it runs and parcels that travel with it; all others look as if they were not there.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select, tuple_
from sqlalchemy.orm import Session

from app.models import BookingLeg, BookingLine, Call, Departure, Location, Parcel, Service
from routing.tracking import ACTUAL, ARRIVES, CODES, DEPARTS

AHEAD = timedelta(minutes=15)
"""How far a sender's clock may be ahead of ours: nothing has happened later than that."""
TRANSPORT = (ARRIVES, DEPARTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One event as its sender tells it: of a departure (its id, or service and number), or of a parcel.

    `location` is our code, a UN/LOCODE or an airport's IATA code; of a departure it names the call, and
    `call` its number where a place is called at twice. `created_at` is when the sender wrote it.
    """

    event_id: str
    code: str
    happens_at: datetime
    classifier: str = ACTUAL
    created_at: datetime | None = None
    departure: str | None = None
    service: str | None = None
    number: str | None = None
    call: int | None = None
    parcel: str | None = None
    """Tracking number or public id."""
    location: str | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """Who reports: its name in the events, and for a carrier the row id of its party, which limits it."""

    name: str
    carrier_id: int | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """Row ids of what an event is about."""

    departure_id: int | None = None
    call_seq: int | None = None
    parcel_id: int | None = None
    location_id: int | None = None


class Refused(Exception):
    """An event that cannot be taken, why, and what to do about it."""

    def __init__(self, code: str, message: str, suggestion: str = "") -> None:
        super().__init__(message)
        self.code, self.message, self.suggestion = code, message, suggestion


@dataclass(frozen=True, slots=True)
class _Stop:
    seq: int
    location_id: int
    codes: frozenset[str]
    moments: dict[str, datetime]


@dataclass(frozen=True, slots=True)
class _Known:
    """What the events of one batch name, as far as it is there and may be named."""

    departures: dict[str, int]
    sailings: dict[tuple[str, str], int]
    stops: dict[int, list[_Stop]]
    parcels: dict[str, tuple[int, frozenset[int]]]
    """Tracking number or public id → row id, and the places on its way."""
    places: dict[str, frozenset[int]]


def find_subjects(
    session: Session, source: Source, now: datetime, reports: Sequence[Report]
) -> list[Subject | Refused]:
    """The subject of each report, or why it has none; a handful of queries for all of them."""
    departures, sailings = _departures(session, source, reports)
    known = _Known(
        departures,
        sailings,
        _stops(session, {*departures.values(), *sailings.values()}),
        _parcels(session, source, {one.parcel for one in reports if one.parcel}),
        _places(session, {one.location for one in reports if one.location}),
    )
    return [_subject(one, known, now) for one in reports]


def _subject(report: Report, known: _Known, now: datetime) -> Subject | Refused:
    try:
        if report.classifier == ACTUAL and report.happens_at > now + AHEAD:
            raise Refused("actual_in_future", "this has not happened yet", "send what is expected as EST")
        if report.parcel:
            return _of_parcel(report, known)
        return _of_departure(report, known)
    except Refused as refused:
        return refused


def _of_parcel(report: Report, known: _Known) -> Subject:
    if report.departure or report.service or report.number or report.call is not None:
        raise Refused("two_subjects", "it names a parcel and a departure", "send one event for each")
    found = known.parcels.get(report.parcel or "")
    if found is None:
        raise Refused("unknown_parcel", f"there is no parcel {report.parcel}", "check its tracking number")
    if report.code not in CODES:
        raise Refused("unknown_code", f"{report.code} says nothing of a parcel", "see docs/tracking.md")
    parcel_id, on_its_way = found
    return Subject(parcel_id=parcel_id, location_id=_place(report.location, known, on_its_way))


def _place(name: str | None, known: _Known, on_its_way: frozenset[int]) -> int | None:
    if name is None:
        return None
    found = known.places.get(name, frozenset())
    if not found:
        raise Refused("unknown_location", f"there is no location {name}", "send our code or a UN/LOCODE")
    likely = found & on_its_way or found
    if len(likely) > 1:
        raise Refused("ambiguous_location", f"{name} is more than one location", "send our own code for it")
    return min(likely)


def _of_departure(report: Report, known: _Known) -> Subject:
    if report.departure:
        found = known.departures.get(report.departure)
    elif report.service and report.number:
        found = known.sailings.get((report.service, report.number))
    else:
        raise Refused("no_subject", "it names neither a departure nor a parcel", "name one of the two")
    if found is None:
        named = report.departure or f"{report.service} {report.number}"
        raise Refused("unknown_departure", f"there is no departure {named}", "check service and number")
    if report.code not in TRANSPORT:
        raise Refused("unknown_code", f"a departure has {' and '.join(TRANSPORT)}, not {report.code}")
    stop = _call(report, known.stops[found])
    return Subject(departure_id=found, call_seq=stop.seq, location_id=stop.location_id)


def _call(report: Report, stops: list[_Stop]) -> _Stop:
    """The call that is meant: by number and place; of several the nearest in time; without a name the end."""
    meant = [
        stop
        for stop in stops
        if report.call in (None, stop.seq) and (report.location is None or report.location in stop.codes)
    ]
    if not meant:
        raise Refused(
            "not_called_at", "the departure does not call there", "see its calls in GET /departures/{id}"
        )
    able = [stop for stop in meant if report.code in stop.moments]
    if not able:
        wrong = "arrive at its first call" if report.code == ARRIVES else "leave its last call"
        raise Refused("not_of_this_departure", f"a departure does not {wrong}")
    if report.call is None and report.location is None:
        return able[-1 if report.code == ARRIVES else 0]
    return min(able, key=lambda stop: abs(stop.moments[report.code] - report.happens_at))


def _departures(
    session: Session, source: Source, reports: Iterable[Report]
) -> tuple[dict[str, int], dict[tuple[str, str], int]]:
    ids = {one.departure for one in reports if one.departure}
    pairs = {(one.service, one.number) for one in reports if one.service and one.number}
    if not ids and not pairs:
        return {}, {}
    query = select(Departure.id, Departure.public_id, Service.code, Departure.number).join(Service)
    query = query.where(
        or_(Departure.public_id.in_(ids), tuple_(Service.code, Departure.number).in_(sorted(pairs)))
    )
    if source.carrier_id is not None:
        query = query.where(Service.carrier_id == source.carrier_id)
    rows = session.execute(query).all()
    return {row.public_id: row.id for row in rows}, {(row.code, row.number): row.id for row in rows}


def _stops(session: Session, departures: set[int]) -> dict[int, list[_Stop]]:
    query = (
        select(Call, Location.code, Location.unlocode, Location.iata)
        .join(Location, Location.id == Call.location_id)
        .where(Call.departure_id.in_(departures))
        .order_by(Call.seq)
    )
    found: dict[int, list[_Stop]] = defaultdict(list)
    for call, *codes in session.execute(query):
        moments = {ARRIVES: call.arrives_at, DEPARTS: call.departs_at}
        known = {code: at for code, at in moments.items() if at is not None}
        found[call.departure_id].append(
            _Stop(call.seq, call.location_id, frozenset(filter(None, codes)), known)
        )
    return found


def _parcels(session: Session, source: Source, names: set[str]) -> dict[str, tuple[int, frozenset[int]]]:
    if not names:
        return {}
    query = (
        select(
            Parcel.id, Parcel.tracking_number, Parcel.public_id, Parcel.origin_id, Parcel.destination_id,
            BookingLine.booking_id,
        )
        .outerjoin(BookingLine, BookingLine.id == Parcel.booking_line_id)
        .where(or_(Parcel.tracking_number.in_(names), Parcel.public_id.in_(names)))
    )  # fmt: skip
    if source.carrier_id is not None:
        query = query.where(_carried_by(source.carrier_id))
    rows = session.execute(query).all()
    ways = _ways(session, {row.booking_id for row in rows if row.booking_id is not None})
    found: dict[str, tuple[int, frozenset[int]]] = {}
    for row in rows:
        places = frozenset({row.origin_id, row.destination_id} | ways[row.booking_id])
        found |= {name: (row.id, places) for name in (row.tracking_number, row.public_id) if name in names}
    return found


def _carried_by(carrier_id: int) -> ColumnElement[bool]:
    leg = select(BookingLeg.id).join(Service, Service.id == BookingLeg.service_id)
    return leg.where(
        BookingLeg.booking_id == BookingLine.booking_id, Service.carrier_id == carrier_id
    ).exists()


def _ways(session: Session, bookings: set[int]) -> dict[int | None, set[int]]:
    query = select(BookingLeg.booking_id, BookingLeg.from_id, BookingLeg.to_id)
    found: dict[int | None, set[int]] = defaultdict(set)
    for booking, start, end in session.execute(query.where(BookingLeg.booking_id.in_(bookings))):
        found[booking] |= {start, end}
    return found


def _places(session: Session, names: set[str]) -> dict[str, frozenset[int]]:
    """Name → the locations it may mean: the one whose own code it is, else all with that UN/LOCODE or IATA code."""
    query = select(Location.id, Location.code, Location.unlocode, Location.iata)
    condition = or_(Location.code.in_(names), Location.unlocode.in_(names), Location.iata.in_(names))
    rows = session.execute(query.where(condition)).all()
    found = {}
    for name in names:
        own = frozenset(row.id for row in rows if row.code == name)
        found[name] = own or frozenset(row.id for row in rows if name in (row.unlocode, row.iata))
    return found
