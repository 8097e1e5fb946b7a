"""Whether a through document that somebody holds is genuine and still valid."""

import hmac
from dataclasses import dataclass

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from app.documents.transport_documents import CODE_LENGTH, TransportPaper, digest_of, read_content
from app.models import TransportDocument
from trade.numbering import check_number, compact

STATES = ("genuine", "test", "superseded", "void", "unknown")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known of a document. `state` is one of STATES; `paper` is None where it is unknown.

    `test`: genuine, but made for practice. `superseded`: there is a newer version. `void`: there is none.
    """

    state: str
    paper: TransportPaper | None = None


UNKNOWN = Verdict("unknown")


def check_document(session: Session, number: str, code: str) -> Verdict:
    """The verdict on a number and the beginning of the digest beside it; both must be right to learn anything."""
    number, code = compact(number), compact(code).lower()
    if not check_number(number) or len(code) != CODE_LENGTH or not code.isascii():
        return UNKNOWN
    newer = aliased(TransportDocument)
    in_force = exists().where(
        newer.booking_id == TransportDocument.booking_id, newer.leg_seq == 0, newer.void_at.is_(None)
    )
    row = session.execute(
        select(TransportDocument, in_force).where(TransportDocument.number == number)
    ).one_or_none()
    if row is None:
        return UNKNOWN
    document, replaced = row
    # What is stored must still be what was signed, or the paper in hand proves nothing.
    genuine = hmac.compare_digest(document.digest[:CODE_LENGTH], code)
    if not genuine or digest_of(document.content) != document.digest:
        return UNKNOWN
    paper = read_content(document.content)
    if document.void_at is not None:
        return Verdict("superseded" if replaced else "void", paper)
    return Verdict("test" if paper.test else "genuine", paper)
