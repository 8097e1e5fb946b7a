"""Every night, invoices for the bookings whose goods have left, and for those that changed since."""

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import system
from app.clock import now
from app.db import Database
from app.jobs import Work
from app.models import Booking, Job
from app.queries.billing import bookings_to_invoice
from app.usecases import working
from app.usecases.billing import invoice_booking
from trade.billing import book_date

log = structlog.get_logger(__name__)

KIND = "invoice_bookings"
ACTOR = system("invoicing")


def invoice_bookings(work: Work) -> None:
    """Invoice what waits, a transaction each. Run twice, the second time finds nothing left to do."""
    with work.database.reading() as session:
        waiting = bookings_to_invoice(session, now())
    for booking_id in waiting:
        with work.database.transaction() as session:
            if not work.still_ours(session):
                return
            invoice_booking(session, ACTOR, session.get_one(Booking, booking_id), now())
    with work.database.transaction() as session:
        working.finish(session, work.claim, now())


def give_up(session: Session, subject: str, reason: str) -> None:
    """Say that a night's invoices are not all there; the next night makes up for it."""
    del session
    log.error("bookings_not_invoiced", day=subject, reason=reason)


def ring_nightly(database: Database) -> None:
    """Ask for the invoices once a day of the books, from its midnight on, where there are bookings at all.

    Two supervisors that ask at the same moment do no harm.
    """
    today = book_date(now()).isoformat()
    with database.reading() as session:
        asked = session.scalar(select(Job.id).where(Job.subject == today, Job.kind == KIND).limit(1))
        nothing = asked is not None or session.scalar(select(Booking.id).limit(1)) is None
    if not nothing:
        with database.transaction() as session:
            working.enqueue(session, KIND, "default", today, now())
