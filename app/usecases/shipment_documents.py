"""Papers of a booking that come in: with a file or ticked off, and taken back if it was the wrong one."""

from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import Conflict, FieldError, Invalid, NotFound, TooLarge, UnsupportedMedia
from app.ids import new_id
from app.models import Booking, ShipmentDocument
from app.usecases import auditing
from app.usecases.booking import lock_booking
from app.usecases.returning.photos import PhotoStore
from trade.paperwork import papers

MOST_BYTES = 10 * 1024 * 1024
LONGEST_NAME = 120
MEDIA = {"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png"}
BEGINNINGS = {b"%PDF-": "application/pdf", b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}


class PaperStore(PhotoStore):
    """Files of papers, kept as photos are: by digest, written once, whole or not at all."""

    def __init__(self, data_dir: Path) -> None:
        self._root = data_dir / "papers"

    def path(self, sha256: str, media_type: str) -> Path:
        """Where a paper lies."""
        return self._root / sha256[:2] / f"{sha256}{MEDIA[media_type]}"


def media_type_of(content: bytes) -> str:
    """What kind of file it is by its first bytes, whatever it is called; UnsupportedMedia for all others."""
    for beginning, media_type in BEGINNINGS.items():
        if content.startswith(beginning):
            return media_type
    raise UnsupportedMedia("a paper is a PDF, JPEG or PNG file")


def receive_document(
    session: Session,
    actor: Actor,
    now: datetime,
    store: PaperStore,
    booking_id: str,
    code: str,
    *,
    content: bytes = b"",
    name: str = "",
) -> ShipmentDocument:
    """Note that a paper of a booking is there; without content it is ticked off, which exporters cannot do.

    Raises NotFound, Invalid (`paper_unknown`, `required`), TooLarge, UnsupportedMedia.
    """
    if len(content) > MOST_BYTES:
        raise TooLarge(f"a paper may have {MOST_BYTES // 1024 // 1024} MB at most")
    booking = lock_booking(session, actor, booking_id)
    if code not in papers(booking.created_at.date()):
        raise _wrong("code", "paper_unknown", f"there is no paper {code!r}")
    if not content and actor.exporter_id is not None:
        raise _wrong("file", "required", "send the file of the paper")
    media_type = media_type_of(content) if content else None
    document = ShipmentDocument(
        public_id=new_id("doc"),
        booking_id=booking.id,
        code=code,
        received_at=now,
        received_by=actor.reference,
        sha256=store.keep(content, media_type) if media_type else None,
        media_type=media_type,
        size=len(content),
        name=name.strip()[-LONGEST_NAME:],
    )
    session.add(document)
    session.flush()
    _noted(session, actor, now, booking, "paper_received", document)
    return document


def withdraw_document(
    session: Session, actor: Actor, now: datetime, booking_id: str, document_id: str
) -> ShipmentDocument:
    """Take a paper back; the row and its file stay. Raises NotFound, Conflict."""
    booking, document = _locked(session, actor, booking_id, document_id)
    if document.withdrawn_at is not None:
        raise Conflict("the paper was taken back already")
    document.withdrawn_at, document.withdrawn_by = now, actor.reference
    _noted(session, actor, now, booking, "paper_withdrawn", document)
    return document


def restore_document(
    session: Session, actor: Actor, now: datetime, booking_id: str, document_id: str
) -> ShipmentDocument:
    """Undo that: the paper is there again. Raises NotFound, Conflict."""
    booking, document = _locked(session, actor, booking_id, document_id)
    if document.withdrawn_at is None:
        raise Conflict("the paper is there")
    document.withdrawn_at = document.withdrawn_by = None
    _noted(session, actor, now, booking, "paper_restored", document)
    return document


def _locked(
    session: Session, actor: Actor, booking_id: str, document_id: str
) -> tuple[Booking, ShipmentDocument]:
    """The booking, locked, and its paper. What the operation ticked off is not the exporter's to take back."""
    booking = lock_booking(session, actor, booking_id)
    document = session.scalar(
        select(ShipmentDocument).where(
            ShipmentDocument.booking_id == booking.id, ShipmentDocument.public_id == document_id
        )
    )
    if document is None:
        raise NotFound("there is no such paper")
    if actor.exporter_id is not None and document.received_by != actor.reference:
        raise Conflict("somebody else received this paper")
    return booking, document


def _noted(
    session: Session, actor: Actor, now: datetime, booking: Booking, verb: str, document: ShipmentDocument
) -> None:
    there = {"paper": document.code, "document": document.public_id}
    before, after = (there, None) if verb == "paper_withdrawn" else (None, there)
    auditing.record(session, actor, now, f"booking.{verb}", booking.public_id, before=before, after=after)


def _wrong(field: str, code: str, message: str) -> Invalid:
    return Invalid(message, (FieldError(field, code, message),))
