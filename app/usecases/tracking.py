"""Take reports of what is expected and what happened, each once, and let statuses follow.

Events that are there already, that come late or in another order change nothing wrongly: what follows from them is
derived anew from all events, under locks on the departures, bookings and parcels they are about, in that order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.ids import new_id
from app.models import Departure, TrackingEvent
from app.queries.tracking_facts import runs_of
from app.usecases.loading.following import follow_departed
from app.usecases.tracking_effects import follow_departures, follow_parcels
from app.usecases.tracking_subjects import Refused, Report, Source, Subject, find_subjects
from routing.tracking import ACTUAL, ARRIVES, DEPARTS, STATUS_OF_CODE

MOST_EVENTS = 500
"""In one report."""
SHIPMENT_CODES = ("CUSS", "CUSI", "CUSR", "HOLD", "RELS")
ACCEPTED, DUPLICATE, REJECTED = OUTCOMES = ("accepted", "duplicate", "rejected")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one event; `code`, `message` and `suggestion` say why it was rejected."""

    event_id: str
    outcome: str
    code: str = ""
    message: str = ""
    suggestion: str = ""


def record_events(
    session: Session, source: Source, now: datetime, reports: Sequence[Report]
) -> list[Outcome]:
    """Keep each event that is new and can be told what it is about; one outcome for each, in order.

    An event is known by its source and its id: sent again it is a duplicate, whatever it says now. Parcels and
    departures get the status that all events give them, and subscribers are told of changes and delays.
    """
    found = find_subjects(session, source, now, reports)
    taken = {
        report.event_id: (report, subject)
        for report, subject in reversed(list(zip(reports, found, strict=True)))
        if isinstance(subject, Subject)
    }
    departures = {one.departure_id for _, one in taken.values() if one.departure_id is not None}
    _lock_departures(session, departures)
    before = runs_of(session, departures)
    new = _insert(session, source, now, [taken[event_id] for event_id in sorted(taken)])
    _follow(session, now, [taken[event_id] for event_id in new], before)
    outcomes, fresh = [], set(new)
    for report, subject in zip(reports, found, strict=True):
        if isinstance(subject, Refused):
            refused = (subject.code, subject.message, subject.suggestion)
            outcomes.append(Outcome(report.event_id, REJECTED, *refused))
        else:
            outcomes.append(Outcome(report.event_id, ACCEPTED if report.event_id in fresh else DUPLICATE))
            fresh.discard(report.event_id)
    return outcomes


def _follow(
    session: Session, now: datetime, new: list[tuple[Report, Subject]], before: dict[int, Any]
) -> None:
    """Derive anew what the new events are about."""
    moved = {one.departure_id for _, one in new if one.departure_id is not None}
    follow_departures(session, now, {one: before[one] for one in moved})
    follow_departed(session, now, moved)
    happened = [one for report, one in new if report.classifier == ACTUAL]
    follow_parcels(
        session,
        now,
        {one.parcel_id for one in happened if one.parcel_id is not None},
        {one.departure_id for one in happened if one.departure_id is not None},
    )


def _lock_departures(session: Session, departures: set[int]) -> None:
    # Not against bookings, which refer to them: only reports of the same departure wait for each other.
    query = select(Departure.id).where(Departure.id.in_(departures)).order_by(Departure.id)
    session.execute(query.with_for_update(key_share=True)).all()


def _insert(
    session: Session, source: Source, now: datetime, events: list[tuple[Report, Subject]]
) -> list[str]:
    """Write the events that are not there yet and give back their ids.

    They come sorted: two transactions that bring the same ones wait for each other, never in a circle.
    """
    if not events:
        return []
    rows = [_row(source, now, report, subject) for report, subject in events]
    dialect = {"postgresql": postgresql, "sqlite": sqlite}[session.connection().dialect.name]
    statement = (
        dialect.insert(TrackingEvent)
        .values(rows)
        .on_conflict_do_nothing(index_elements=["source", "source_id"])
        .returning(TrackingEvent.source_id)
    )
    return list(session.scalars(statement))


def _row(source: Source, now: datetime, report: Report, subject: Subject) -> dict[str, Any]:
    return {
        "public_id": new_id("evt"),
        "departure_id": subject.departure_id,
        "call_seq": subject.call_seq,
        "parcel_id": subject.parcel_id,
        "location_id": subject.location_id,
        "event_type": event_type(report.code),
        "classifier": report.classifier,
        "code": report.code,
        "happens_at": report.happens_at,
        # A sender whose clock is ahead has no last word on everything that comes after.
        "reported_at": min(report.created_at or now, now),
        "received_at": now,
        "source": source.name,
        "source_id": report.event_id,
        "detail": {"text": report.text} if report.text else {},
    }


def event_type(code: str) -> str:
    """The DCSA event type of a code; our own statuses are of the shipment."""
    if code in (ARRIVES, DEPARTS):
        return "TRANSPORT"
    return "EQUIPMENT" if code in STATUS_OF_CODE and code not in SHIPMENT_CODES else "SHIPMENT"
