"""Look after an exception of the control tower: take it, give it to somebody, or put it aside until later."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import READERS, Actor
from app.errors import FieldError, Invalid, NotFound
from app.models import ExceptionNote, User
from app.models.exceptions import EXCEPTION_KINDS
from app.usecases import auditing

LONGEST_SNOOZE = timedelta(days=31)


def snooze(
    session: Session, actor: Actor, now: datetime, kind: str, subject: str, until: datetime | None
) -> ExceptionNote:
    """Put it aside until then; None wakes it. Invalid for a moment that is past, or more than a month away."""
    if until is not None and not now < until <= now + LONGEST_SNOOZE:
        message = f"put it aside for at most {LONGEST_SNOOZE.days} days from now"
        raise Invalid(message, (FieldError("until", "out_of_range", message),))
    note = _note(session, now, kind, subject)
    before, note.snoozed_until, note.changed_at = note.snoozed_until, until, now
    auditing.record(
        session, actor, now, "exception.snoozed" if until else "exception.woken", subject,
        before={"kind": kind, "until": _text(before)}, after={"kind": kind, "until": _text(until)},
    )  # fmt: skip
    return note


def assign(
    session: Session, actor: Actor, now: datetime, kind: str, subject: str, owner: str | None
) -> ExceptionNote:
    """Give it to a person (public id); None takes it from whoever has it. Invalid for who does not work here."""
    person = None
    if owner is not None:
        working = User.public_id == owner, User.role.in_(READERS), User.disabled.is_(False)
        person = session.scalar(select(User).where(*working))
        if person is None:
            raise Invalid(
                "nobody here goes by this id", (FieldError("owner", "unknown_user", "choose a person"),)
            )
    note = _note(session, now, kind, subject)
    before = session.scalar(select(User.public_id).where(User.id == note.owner_id))
    note.owner_id, note.changed_at = person.id if person else None, now
    auditing.record(
        session, actor, now, "exception.assigned", subject,
        before={"kind": kind, "owner": before}, after={"kind": kind, "owner": owner},
    )  # fmt: skip
    return note


def _note(session: Session, now: datetime, kind: str, subject: str) -> ExceptionNote:
    """The row of an exception, locked; made where there is none."""
    if kind not in EXCEPTION_KINDS or not 0 < len(subject) <= ExceptionNote.subject.type.length:
        raise NotFound("there is no such exception")
    query = select(ExceptionNote).where(ExceptionNote.kind == kind, ExceptionNote.subject == subject)
    note = session.scalar(query.with_for_update(of=ExceptionNote))
    if note is None:
        note = ExceptionNote(kind=kind, subject=subject, changed_at=now)
        session.add(note)
        session.flush()
    return note


def _text(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
