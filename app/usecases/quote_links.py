"""Links by which a customer reads one quote without an account: made, used, taken back."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import Conflict, NotFound
from app.ids import new_id
from app.models import Quote, QuoteLink
from app.usecases import auditing

LIFE = timedelta(days=14)
"""How long a link can be opened; the quote itself runs out before."""


def live_links(session: Session, quote_id: int, now: datetime) -> list[QuoteLink]:
    """The links of a quote that still open it, the newest first."""
    query = (
        select(QuoteLink)
        .where(QuoteLink.quote_id == quote_id, QuoteLink.revoked_at.is_(None), QuoteLink.expires_at > now)
        .order_by(QuoteLink.id.desc())
    )
    return list(session.scalars(query))


def share_quote(session: Session, actor: Actor, now: datetime, quote_id: str) -> QuoteLink:
    """Make a link; NotFound, also for another exporter's quote."""
    quote = _quote(session, actor, quote_id)
    link = QuoteLink(
        public_id=new_id("lnk"),
        quote_id=quote.id,
        created_at=now,
        created_by=actor.reference,
        expires_at=now + LIFE,
    )
    session.add(link)
    session.flush()
    auditing.record(session, actor, now, "quote.shared", quote.public_id, after={"link": link.public_id})
    return link


def revoke_link(session: Session, actor: Actor, now: datetime, quote_id: str, link_id: str) -> None:
    """Take a link back; whoever has it sees nothing any more. Raises NotFound, Conflict."""
    quote = _quote(session, actor, quote_id)
    link = session.scalar(
        select(QuoteLink).where(QuoteLink.quote_id == quote.id, QuoteLink.public_id == link_id)
    )
    if link is None:
        raise NotFound("there is no such link")
    if link.revoked_at is not None:
        raise Conflict("the link was taken back already")
    link.revoked_at = now
    auditing.record(session, actor, now, "quote.unshared", quote.public_id, before={"link": link.public_id})


def quote_of_link(session: Session, link_id: str, now: datetime) -> str:
    """Public id of the quote a link shows; NotFound once it has run out or was taken back."""
    found = session.execute(
        select(Quote.public_id, QuoteLink.expires_at, QuoteLink.revoked_at)
        .join(QuoteLink, QuoteLink.quote_id == Quote.id)
        .where(QuoteLink.public_id == link_id)
    ).one_or_none()
    if found is None or found.revoked_at is not None or found.expires_at <= now:
        raise NotFound("this link has run out or was taken back; ask for a new one")
    quote_id: str = found.public_id
    return quote_id


def _quote(session: Session, actor: Actor, quote_id: str) -> Quote:
    quote = session.scalar(select(Quote).where(Quote.public_id == quote_id))
    if quote is None or actor.exporter_id not in (None, quote.exporter_id):
        raise NotFound("there is no such quote")
    return quote
