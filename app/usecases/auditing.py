"""Who did what: append-only, in the transaction that did it."""

from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.actor import Actor
from app.models import AuditEvent, NetworkRevision


def record(
    session: Session,
    actor: Actor,
    now: datetime,
    action: str,
    subject: str,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Write one audit event; `before` and `after` hold the values that changed, never secrets."""
    session.add(
        AuditEvent(
            at=now,
            actor_kind=actor.kind,
            actor=actor.reference,
            action=action,
            subject=subject,
            before=before,
            after=after,
        )
    )


def touch_network(session: Session, now: datetime) -> None:
    """Count the network's revision up: whoever cached facts about it reads them again."""
    changed = session.execute(
        update(NetworkRevision)
        .where(NetworkRevision.id == 1)
        .values(value=NetworkRevision.value + 1, changed_at=now)
        .returning(NetworkRevision.id)
    ).first()
    if changed is None:
        session.add(NetworkRevision(id=1, value=1, changed_at=now))
        session.flush()
