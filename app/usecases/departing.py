"""Change a departure that has not left: open it for booking, close it, cancel it, roll its cargo, repeat it weekly."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import AppError, Conflict, NotFound
from app.exchange.faults import CellError
from app.models import Booking, BookingLeg, Departure, Party, Service
from app.usecases import auditing
from app.usecases.announcing import announce
from app.usecases.booking import happened, lock_booking
from app.usecases.booking_changes import Onward, roll_booking
from app.usecases.scheduling import link_allotments, load_patterns, materialise_departure
from routing.departures import after
from trade.bookings import FINAL

LONGEST_SERIES_WEEKS = 26


@dataclass(frozen=True, slots=True)
class Rolled:
    """What became of one booking whose cargo was to be rolled; `detail` says why it stays, empty if it does not."""

    booking: str
    exporter: str
    detail: str = ""


def change_departure(
    session: Session, actor: Actor, now: datetime, public_id: str, step: str, reason: str = ""
) -> Departure:
    """Take a step of `routing.departures.STEPS`; Conflict where the departure is not in a state for it.

    Cancelling tells every exporter with live bookings on it, once, and notes it on each of them: they keep what they
    have elsewhere, and are rolled, amended or cancelled by a person or a new plan.
    """
    departure = _lock(session, public_id)
    state = after(step, departure.status)
    if state is None:
        raise Conflict(f"departure {departure.number} is {departure.status}")
    before, departure.status = departure.status, state
    auditing.record(
        session, actor, now, f"departure.{step}", departure.public_id,
        before={"status": before}, after={"status": state, "reason": reason},
    )  # fmt: skip
    if step == "cancel":
        _tell(session, actor, now, departure, reason)
    return departure


def roll_cargo(
    session: Session, actor: Actor, now: datetime, public_id: str, onto_id: str, reason: str
) -> list[Rolled]:
    """Roll every live booking from one departure to another of its service, each for itself.

    What cannot go along (no room, a missed connection, a passed cut-off) stays where it is, and says why.
    """
    departure = _find(session, public_id)
    found = []
    for booking_id, exporter in _aboard(session, departure):
        legs = session.scalars(
            select(BookingLeg.seq)
            .join(Booking, Booking.id == BookingLeg.booking_id)
            .where(Booking.public_id == booking_id, BookingLeg.departure_id == departure.id)
        ).all()
        try:
            with session.begin_nested():
                onward = [Onward(seq, onto_id) for seq in legs]
                roll_booking(session, actor, now, booking_id, onward, reason)
            found.append(Rolled(booking_id, exporter))
        except AppError as error:
            found.append(Rolled(booking_id, exporter, error.detail))
    stayed = [one.booking for one in found if one.detail]
    auditing.record(
        session, actor, now, "departure.cargo_rolled", departure.public_id,
        after={"onto": onto_id, "rolled": len(found) - len(stayed), "stayed": stayed, "reason": reason},
    )  # fmt: skip
    return found


def repeat_weekly(
    session: Session, actor: Actor, now: datetime, public_id: str, weeks: int
) -> list[Departure]:
    """Make the same departure on the same weekday of the next `weeks` weeks, by its service's pattern.

    Weeks that have one already are left alone. Conflict where its service keeps no timetable or ends before, or local
    times cannot be (daylight saving).
    """
    pattern = _find(session, public_id)
    service = load_patterns(session, [pattern.service_id])[pattern.service_id]
    days = [pattern.service_date + timedelta(weeks=week) for week in range(1, weeks + 1)]
    there = set(
        session.scalars(
            select(Departure.service_date).where(
                Departure.service_id == service.id, Departure.service_date.in_(days)
            )
        )
    )
    made = []
    for day in days:
        if day in there:
            continue
        if service.valid_to is not None and day >= service.valid_to:
            raise Conflict(f"service {service.code} ends on {service.valid_to}: no departure on {day}")
        try:
            made.append(
                materialise_departure(session, service, day, f"{day:%Y%m%d}", accepts=pattern.accepts)
            )
        except CellError as fault:
            raise Conflict(f"no departure on {day}: {fault.message}; {fault.suggestion}") from fault
    session.flush()
    link_allotments(session, made)
    dates = [one.service_date.isoformat() for one in made]
    auditing.record(session, actor, now, "departure.repeated", pattern.public_id, after={"dates": dates})
    return made


def _tell(session: Session, actor: Actor, now: datetime, departure: Departure, reason: str) -> None:
    facts = {"departure": departure.public_id, "number": departure.number, "reason": reason}
    aboard: dict[tuple[int, bool], list[str]] = {}
    for booking_id, _ in _aboard(session, departure):
        booking = lock_booking(session, actor, booking_id, practice=True)
        happened(session, actor, now, booking, "noted", {"note": "departure_cancelled"} | facts)
        aboard.setdefault((booking.exporter_id, booking.test_mode), []).append(booking_id)
    tell_exporters(session, now, "departure.cancelled", departure, reason, aboard)


def tell_exporters(
    session: Session,
    now: datetime,
    event_type: str,
    departure: Departure,
    reason: str,
    aboard: Mapping[tuple[int, bool], Sequence[Any]],
) -> None:
    """Announce what became of a departure; `aboard` has what each exporter is told of its bookings, by mode."""
    code = session.scalars(select(Service.code).where(Service.id == departure.service_id)).one()
    for (exporter, test_mode), bookings in aboard.items():
        data = {
            "id": departure.public_id, "service": code, "number": departure.number, "reason": reason,
            "bookings": bookings,
        }  # fmt: skip
        announce(session, now, event_type, exporter, departure.public_id, data, test_mode=test_mode)


def _aboard(session: Session, departure: Departure) -> Sequence[tuple[str, str]]:
    """Public ids of the live bookings on a departure, and whose they are, the oldest first."""
    query = (
        select(Booking.public_id, Party.reference)
        .join(BookingLeg, BookingLeg.booking_id == Booking.id)
        .join(Party, Party.id == Booking.exporter_id)
        .where(BookingLeg.departure_id == departure.id, Booking.status.not_in(FINAL))
        .order_by(Booking.id)
        .distinct()
        .add_columns(Booking.id)
    )
    return [(booking, exporter) for booking, exporter, _ in session.execute(query)]


def _find(session: Session, public_id: str) -> Departure:
    found = session.scalar(select(Departure).where(Departure.public_id == public_id))
    if found is None:
        raise NotFound("there is no such departure")
    return found


def _lock(session: Session, public_id: str) -> Departure:
    found = session.scalar(
        select(Departure)
        .where(Departure.public_id == public_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound("there is no such departure")
    return found
