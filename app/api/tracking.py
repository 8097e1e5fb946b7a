"""Tracking: where goods are, what was reported of them, and reports by staff."""

from datetime import datetime
from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from app.actor import ROLES
from app.api.base import Endpoints, answer
from app.api.wire import local, page, place, utc
from app.auth import actor, allow
from app.clock import now
from app.errors import FieldError, Forbidden, Invalid
from app.http import reading
from app.ids import new_id
from app.queries.departures import get_departure
from app.queries.parcels import get_parcel
from app.queries.places import Place
from app.queries.tracking import Eta, LegRow, Tracked, track
from app.queries.tracking_events import EventRow, Viewer
from app.queries.tracking_events import list_events as find_events
from app.schemas.carriers import EventOutcome, NewEvent
from app.schemas.tracking import EventPage, EventQuery, TrackingShape
from app.usecases.tracking import REJECTED, Outcome, Report, Source, record_events
from routing.tracking import Moment

blueprint = Endpoints("Tracking", __name__, "Where goods are, and what was reported of them")


@blueprint.reading("/tracking/<code:number>", TrackingShape)
@allow(*ROLES)
def read_tracking(number: str) -> Response:
    """Track a parcel, a waybill or a booking.

    `number` is a tracking number, a waybill number, or the id of a booking or parcel. Times are planned, estimated
    (by the last report, or because something before it is late) and actual, in the offset of each place.
    """
    with reading() as session:
        found = track(session, number, viewer(), now())
    return answer(tracked_json(found))


@blueprint.reading("/events", EventPage, query=EventQuery, refuses=(400,))
@allow(*ROLES)
def list_events(query: dict[str, Any]) -> Response:
    """List what was reported, in the order in which it was received.

    An exporter sees events of its parcels and bookings, and of departures while its goods are aboard. Ask again
    with the last `next_cursor`, or with a `since` some minutes back: events that come twice have the same id.
    """
    with reading() as session:
        found = find_events(
            session, viewer(), since=query["since"], cursor=query["cursor"], limit=query["limit"]
        )
    return answer(page(found, [event_json(row) for row in found.items]))


@blueprint.changing("/departures/<id('dep'):dep_id>/events", EventOutcome, status=200, body=NewEvent)
@allow("operator")
def report_departure_event(session: Session, event: dict[str, Any], dep_id: str) -> Response:
    """Report what a departure does at one of its calls: `ARRI` or `DEPA`, expected (`EST`) or done (`ACT`)."""
    get_departure(session, now(), dep_id)
    return answer(outcome_json(_report(session, event | {"departure": dep_id})))


@blueprint.changing("/parcels/<id('pcl'):pcl_id>/events", EventOutcome, status=200, body=NewEvent)
@allow("operator", "warehouse", "customs")
def report_parcel_event(session: Session, event: dict[str, Any], pcl_id: str) -> Response:
    """Report what is expected of a parcel, or happened to it: a DCSA event code, or a tracking status."""
    get_parcel(session, pcl_id)
    return answer(outcome_json(_report(session, event | {"parcel": pcl_id})))


def _report(session: Session, event: dict[str, Any]) -> Outcome:
    who = actor()
    if who.test_mode:
        raise Forbidden("a key of test mode reports nothing of what is real")
    known = event | {"event_id": event["event_id"] or new_id("evt")}
    (outcome,) = record_events(session, Source(who.reference), now(), [Report(**known)])
    if outcome.outcome == REJECTED:
        place_ = FieldError("$", outcome.code, outcome.message, outcome.suggestion, "$")
        raise Invalid(outcome.message, (place_,))
    return outcome


def viewer() -> Viewer:
    """What the one who asks may see: keys either what is real or, in test mode, practice."""
    who = actor()
    return Viewer(who.exporter_id, who.test_mode if who.kind == "key" else None)


def outcome_json(outcome: Outcome) -> dict[str, Any]:
    """What became of one event."""
    return {
        "eventID": outcome.event_id,
        "outcome": outcome.outcome,
        "code": outcome.code,
        "message": outcome.message,
        "suggestion": outcome.suggestion,
    }


def event_json(row: EventRow) -> dict[str, Any]:
    """An event, with DCSA's names."""
    return {
        "eventID": row.id,
        "eventType": row.event_type,
        "eventClassifierCode": row.classifier,
        "code": row.code,
        "eventDateTime": _at(row.happens_at, row.place),
        "eventCreatedDateTime": utc(row.reported_at),
        "location": _location(row.place) if row.place else None,
        "departure": row.departure,
        "service": row.service,
        "number": row.number,
        "booking": row.booking,
        "trackingNumber": row.parcel,
        "text": row.text,
        "source": row.source,
    }


def tracked_json(found: Tracked) -> dict[str, Any]:
    """A journey as it is shown to whom it belongs."""
    return {
        "number": found.number,
        "kind": found.kind,
        "status": found.status,
        "parcels": [{"status": status, "parcels": count} for status, count in sorted(found.counts.items())],
        "booking": found.booking,
        "origin": place(found.origin),
        "destination": place(found.destination),
        "eta": _eta(found.eta, found.destination) if found.eta else None,
        "legs": [_leg(row) for row in found.legs],
        "events": [event_json(row) for row in found.events],
    }


def _leg(row: LegRow) -> dict[str, Any]:
    return {
        "seq": row.seq,
        "mode": row.mode,
        "service": row.service,
        "departure_id": row.departure,
        "number": row.number,
        "from": place(row.origin),
        "to": place(row.destination),
        "departs": _moment(row.times.departs, row.origin),
        "arrives": _moment(row.times.arrives, row.destination),
        "connection_missed": row.times.missed,
    }


def _moment(moment: Moment, where: Place) -> dict[str, Any]:
    return {
        "planned": local(moment.planned, where),
        "estimated": local(moment.estimated, where),
        "actual": local(moment.actual, where),
        "late_min": int(moment.late.total_seconds() // 60),
    }


def _eta(eta: Eta, where: Place) -> dict[str, Any]:
    return {"p50": local(eta.at, where), "basis": eta.basis}


def _at(at: datetime, where: Place | None) -> str | None:
    return local(at, where) if where else utc(at)


def _location(found: Place) -> dict[str, Any]:
    return {
        "locationName": found.name_en,
        "locationCode": found.code,
        "UNLocationCode": found.unlocode,
        "countryCode": found.country,
        "latitude": found.latitude,
        "longitude": found.longitude,
    }
