"""What was said and done about a booking: notes, and who changed what, before and after."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from app.actor import Actor
from app.models import ApiKey, AuditEvent, Booking, ShipmentNote, User

MOST = 200


@dataclass(frozen=True, slots=True)
class NoteRow:
    """A note as it stands."""

    note: ShipmentNote
    author: str
    edited: bool
    mine: bool
    """Whether the side that looks wrote it."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a booking: who, when, before and after."""

    at: datetime
    action: str
    who: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


def notes_of(session: Session, actor: Actor, booking: Booking) -> list[NoteRow]:
    """The notes that stand, the newest first; exporters read those that are for them."""
    newer = aliased(ShipmentNote)
    query = (
        select(ShipmentNote)
        .outerjoin(newer, newer.replaces_id == ShipmentNote.id)
        .where(ShipmentNote.booking_id == booking.id, newer.id.is_(None), ShipmentNote.withdrawn_at.is_(None))
        .order_by(ShipmentNote.id.desc())
        .limit(MOST)
    )
    own = actor.exporter_id is not None
    if own:
        query = query.where(ShipmentNote.for_exporter.is_(True))
    found = list(session.scalars(query))
    known = names_of(session, (note.written_by for note in found))
    return [
        NoteRow(
            note,
            "" if own and not note.by_exporter else known.get(note.written_by, note.written_by),
            note.replaces_id is not None,
            note.by_exporter == own,
        )
        for note in found
    ]


def names_of(session: Session, references: Iterable[str]) -> dict[str, str]:
    """Public id → the address of the person, or the name of the API key."""
    wanted = set(references)
    people = select(User.public_id, User.email).where(User.public_id.in_(wanted))
    keys = select(ApiKey.public_id, ApiKey.name).where(ApiKey.public_id.in_(wanted), ApiKey.name.is_not(None))
    rows = [*session.execute(people), *session.execute(keys)] if wanted else []
    return {row[0]: row[1] for row in rows}


def changes_of(session: Session, booking: Booking) -> list[Change]:
    """What was changed about a booking, the newest first: its audit rows and its own events."""
    query = select(AuditEvent).where(AuditEvent.subject == booking.public_id)
    audited = list(session.scalars(query.order_by(AuditEvent.id.desc()).limit(MOST)))
    known = names_of(session, [*(one.actor for one in audited), *(one.actor for one in booking.events)])
    rows = [
        Change(one.at, one.action.partition(".")[2], known.get(one.actor, one.actor), one.before, one.after)
        for one in audited
    ]
    for event in booking.events:
        before, after = _sides(event.detail)
        rows.append(Change(event.at, event.kind, known.get(event.actor, event.actor), before, after))
    return sorted(rows, key=lambda row: row.at, reverse=True)


def _sides(detail: dict[str, Any]) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """The two sides of what an event says: what names a `before` is before, all else is after."""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for name, value in detail.items():
        if isinstance(value, dict) and {"before", "after"} <= set(value):
            before[name], after[name] = value["before"], value["after"]
        elif "_before" in name:
            before[name.replace("_before", "")] = value
        else:
            after[name] = value
    return before or None, after or None
