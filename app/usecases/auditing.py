"""Who did what: append-only, in the transaction that did it."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.actor import Actor
from app.models import AuditEvent


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
