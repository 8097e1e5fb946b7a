"""Notes on a booking: written, edited by a note that replaces the old one, taken back and brought back."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import Conflict, FieldError, Invalid, NotFound
from app.ids import new_id
from app.models import Booking, ShipmentNote
from app.usecases import auditing
from app.usecases.booking import lock_booking

LONGEST = 2000


def add_note(
    session: Session, actor: Actor, now: datetime, booking_id: str, text: str, *, for_exporter: bool
) -> ShipmentNote:
    """Write a note; an exporter's own is always one it reads. Raises NotFound, Invalid."""
    booking = lock_booking(session, actor, booking_id)
    note = _written(session, actor, now, booking, text, for_exporter=for_exporter)
    _audit(session, actor, now, booking, "note_added", None, note)
    return note


def edit_note(
    session: Session,
    actor: Actor,
    now: datetime,
    booking_id: str,
    note_id: str,
    text: str,
    *,
    for_exporter: bool,
) -> ShipmentNote:
    """Put another note in the place of one; the old one stays behind it. Raises NotFound, Conflict, Invalid."""
    booking, old = _in_force(session, actor, booking_id, note_id)
    note = _written(session, actor, now, booking, text, for_exporter=for_exporter)
    note.replaces_id = old.id
    _audit(session, actor, now, booking, "note_edited", old, note)
    return note


def withdraw_note(session: Session, actor: Actor, now: datetime, booking_id: str, note_id: str) -> None:
    """Take a note back. Raises NotFound, Conflict."""
    booking, note = _in_force(session, actor, booking_id, note_id)
    note.withdrawn_at, note.withdrawn_by = now, actor.reference
    _audit(session, actor, now, booking, "note_withdrawn", note, None)


def restore_note(session: Session, actor: Actor, now: datetime, booking_id: str, note_id: str) -> None:
    """Undo that. Raises NotFound, Conflict."""
    booking, note = _locked(session, actor, booking_id, note_id)
    if note.withdrawn_at is None:
        raise Conflict("the note is there")
    note.withdrawn_at = note.withdrawn_by = None
    _audit(session, actor, now, booking, "note_restored", None, note)


def _written(
    session: Session, actor: Actor, now: datetime, booking: Booking, text: str, *, for_exporter: bool
) -> ShipmentNote:
    text = text.strip()
    if not text:
        raise _wrong("required", "write something")
    if len(text) > LONGEST:
        raise _wrong("bad_length", f"a note has {LONGEST} characters at most")
    own = actor.exporter_id is not None
    note = ShipmentNote(
        public_id=new_id("nte"),
        booking_id=booking.id,
        text=text,
        for_exporter=for_exporter or own,
        by_exporter=own,
        written_at=now,
        written_by=actor.reference,
    )
    session.add(note)
    session.flush()
    return note


def _in_force(session: Session, actor: Actor, booking_id: str, note_id: str) -> tuple[Booking, ShipmentNote]:
    booking, note = _locked(session, actor, booking_id, note_id)
    if note.withdrawn_at is not None:
        raise Conflict("the note was taken back")
    if session.scalar(select(ShipmentNote.id).where(ShipmentNote.replaces_id == note.id)) is not None:
        raise Conflict("another note stands in its place by now")
    return booking, note


def _locked(session: Session, actor: Actor, booking_id: str, note_id: str) -> tuple[Booking, ShipmentNote]:
    """The booking, locked, and a note on it; what the other side wrote is there, but not to be changed."""
    booking = lock_booking(session, actor, booking_id)
    own = actor.exporter_id is not None
    note = session.scalar(
        select(ShipmentNote).where(ShipmentNote.booking_id == booking.id, ShipmentNote.public_id == note_id)
    )
    if note is None or (own and not note.for_exporter):
        raise NotFound("there is no such note")
    if note.by_exporter != own:
        raise Conflict("a note is changed by the side that wrote it")
    return booking, note


def _audit(
    session: Session,
    actor: Actor,
    now: datetime,
    booking: Booking,
    verb: str,
    before: ShipmentNote | None,
    after: ShipmentNote | None,
) -> None:
    said = [
        None if note is None else {"note": note.text, "for_exporter": note.for_exporter}
        for note in (before, after)
    ]
    auditing.record(session, actor, now, f"booking.{verb}", booking.public_id, before=said[0], after=said[1])


def _wrong(code: str, message: str) -> Invalid:
    return Invalid(message, (FieldError("text", code, message),))
