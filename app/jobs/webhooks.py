"""Messages to webhook addresses, one attempt a job; what failed is put on again when its time comes."""

from sqlalchemy.orm import Session

from app.carriers.addresses import Allowed
from app.carriers.webhooks import Reply, send
from app.clock import now
from app.db import Database
from app.jobs import Work
from app.usecases import delivering, working


def deliver_webhook(work: Work) -> None:
    """Try once to deliver the message that `work` is about.

    A worker that dies after sending leaves no trace, and the message is sent again: receivers know it by its id.
    """
    at = now()
    with work.database.reading() as session:
        delivery = delivering.next_delivery(session, work.subject, at)
    reply = None
    if delivery is not None:
        allowed = Allowed.read(work.webhook_allow)
        reply = send(delivery.url, delivery.headers, delivery.body, allowed)
    with work.database.transaction() as session:
        if working.finish(session, work.claim, now()) and reply is not None:
            delivering.note_reply(session, work.subject, at, now(), reply)


def give_up(session: Session, subject: str, reason: str) -> None:
    """Count what never got as far as sending as an attempt that failed."""
    delivering.note_reply(session, subject, now(), now(), Reply(took_ms=0, error=f"not_sent: {reason}"))


def ring_due(database: Database) -> None:
    """Put on the messages whose time has come. Nothing is locked where there is none."""
    with database.reading() as session:
        found = delivering.any_due(session, now())
    if found:
        with database.transaction() as session:
            delivering.ring_due(session, now())
