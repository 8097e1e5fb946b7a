"""Issue the through document of a booking, and make it void once the booking says something else."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.actor import Actor
from app.documents.facts import Leg
from app.documents.transport_documents import TransportPaper, content_of, digest_of
from app.errors import Conflict
from app.models import Booking, TransportDocument
from app.queries.paper_facts import BookingFacts, facts_of
from app.usecases.booking import lock_booking
from trade.numbering import document_number, leg_document_number

PRINTED = ("CONFIRMED", "PENDING_AMENDMENT", "COMPLETED")
"""Statuses of a booking that documents can be issued for."""


def issue_documents(session: Session, booking: Booking, now: datetime) -> TransportDocument:
    """Issue the through document for the legs and lines a booking has now, and one for each leg as its child.

    What was issued before becomes void; each version has a number of its own. The caller has locked the booking.
    """
    session.flush()
    void_documents(session, booking, now)
    before = session.execute(
        select(TransportDocument.number, TransportDocument.version)
        .where(TransportDocument.booking_id == booking.id, TransportDocument.leg_seq == 0)
        .order_by(TransportDocument.version.desc())
        .limit(1)
    ).one_or_none()
    facts = facts_of(session, booking.id)
    paper = _paper(
        facts,
        document_number(),
        version=before.version + 1 if before else 1,
        replaces=before.number if before else None,
        now=now,
    )
    through = _kept(paper, booking, leg_seq=0)
    session.add(through)
    session.flush()
    for leg in facts.legs:
        child = _kept(_of_leg(paper, leg), booking, leg_seq=leg.seq)
        child.parent_id = through.id
        session.add(child)
    session.flush()
    return through


def issue_on_request(
    session: Session, actor: Actor, now: datetime, booking_id: str
) -> list[TransportDocument]:
    """Issue the documents of a booking, the through one first; those in force are given again, not made anew.

    Raises NotFound, Conflict where the booking is not confirmed.
    """
    booking = lock_booking(session, actor, booking_id)
    found = in_force(session, booking)
    if found:
        return found
    if booking.status not in PRINTED:
        raise Conflict(f"a booking that is {booking.status} has no transport document")
    issue_documents(session, booking, now)
    return in_force(session, booking)


def in_force(session: Session, booking: Booking) -> list[TransportDocument]:
    """Return the documents of a booking that hold now, the through one first."""
    query = select(TransportDocument).where(
        TransportDocument.booking_id == booking.id, TransportDocument.void_at.is_(None)
    )
    return list(session.scalars(query.order_by(TransportDocument.leg_seq)))


def replace_documents(session: Session, booking: Booking, now: datetime) -> None:
    """After a change: whoever had documents of the booking gets new ones, and the old ones become void."""
    if in_force(session, booking):
        issue_documents(session, booking, now)


def void_documents(session: Session, booking: Booking, now: datetime) -> None:
    """Make every document of a booking void: its holder learns so when checking it. Twice does no harm."""
    session.execute(
        update(TransportDocument)
        .where(TransportDocument.booking_id == booking.id, TransportDocument.void_at.is_(None))
        .values(void_at=now)
    )


def _paper(
    facts: BookingFacts, number: str, *, version: int, replaces: str | None, now: datetime
) -> TransportPaper:
    return TransportPaper(
        number=number,
        through=None,
        version=version,
        replaces=replaces,
        booking=facts.booking.public_id,
        consignor=facts.consignor,
        origin=facts.origin,
        destination=facts.destination,
        legs=facts.legs,
        goods=facts.booked,
        customs_mode=facts.booking.customs_mode,
        issued_at=now,
        test=facts.booking.test_mode,
    )


def _of_leg(paper: TransportPaper, leg: Leg) -> TransportPaper:
    return replace(
        paper,
        number=leg_document_number(paper.number, leg.seq),
        through=paper.number,
        replaces=None,
        origin=leg.origin,
        destination=leg.destination,
        legs=(leg,),
    )


def _kept(paper: TransportPaper, booking: Booking, *, leg_seq: int) -> TransportDocument:
    content = content_of(paper)
    return TransportDocument(
        booking_id=booking.id,
        number=paper.number,
        leg_seq=leg_seq,
        version=paper.version,
        content=content,
        digest=digest_of(content),
        issued_at=paper.issued_at,
    )
