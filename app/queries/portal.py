"""What an exporter begins with: its own quotes, bookings, goods and money, and what waits for its word."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.models import Booking, Party
from app.queries import api_keys, billing, parcels, quotes, webhooks
from app.queries.billing import InvoiceRow
from app.queries.bookings import BookingFilter, BookingRow, list_bookings
from app.queries.credit import Credit, credit_of
from app.queries.quotes import QuoteRow
from app.queries.returns import ReturnFilter, ReturnRow, count_open, list_returns
from app.queries.shipment_papers import PaperRow, checklists
from trade.bookings import FINAL

FEW = 5
LOOKED_AT = 50
"""Bookings whose papers are looked through for what is missing."""


@dataclass(frozen=True, slots=True)
class PapersWanted:
    """A booking, and the papers its exporter still has to send."""

    booking: Booking
    papers: tuple[PaperRow, ...]

    @property
    def late(self) -> bool:
        """Whether the cut-off of one has passed."""
        return any(paper.late for paper in self.papers)


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything on the start page of one exporter."""

    credit: Credit
    papers: Sequence[PapersWanted]
    approvals: Sequence[ReturnRow]
    quotes: Sequence[QuoteRow]
    offered: Sequence[QuoteRow]
    """Those that can still be booked."""
    bookings: Sequence[BookingRow]
    waiting: int
    """Parcels of the pool."""
    returns: int
    near: int
    """Returns whose relief ends soon."""
    invoices: Sequence[InvoiceRow]
    hooks: int
    silent_hooks: int
    """Webhooks that were given up."""
    keys: int


def desk_of(session: Session, actor: Actor, exporter_id: int, now: datetime) -> Desk:
    """Look all of it up, for this exporter alone."""
    asked = quotes.list_quotes(session, now, exporter_id=exporter_id, limit=FEW).items
    open_returns = dict(count_open(session, actor, now.date()))
    near = open_returns.pop("near", 0)
    hooks = webhooks.list_webhooks(session, actor).items
    keys = api_keys.list_keys(session, actor).items
    return Desk(
        credit=credit_of(session, session.get_one(Party, exporter_id), now),
        papers=papers_wanted(session, exporter_id, now),
        approvals=list_returns(
            session, actor, ReturnFilter(approval="waiting", open=True), now.date(), limit=FEW
        ).items,
        quotes=asked,
        offered=[one for one in asked if one.status == "offered"],
        bookings=list_bookings(session, actor, BookingFilter(), limit=FEW).items,
        waiting=parcels.count_pool(session, exporter_id=exporter_id).parcels,
        returns=sum(open_returns.values()),
        near=near,
        invoices=billing.list_invoices(
            session, billing.InvoiceFilter(), exporter_id=exporter_id, limit=FEW
        ).items,
        hooks=len(hooks),
        silent_hooks=sum(not one.enabled and bool(one.disabled_reason) for one in hooks),
        keys=sum(one.revoked_at is None for one in keys),
    )


def papers_wanted(session: Session, exporter_id: int, now: datetime) -> list[PapersWanted]:
    """The newest bookings that still lack a paper of the exporter's, the late ones first."""
    query = (
        select(Booking)
        .where(Booking.exporter_id == exporter_id, Booking.status.not_in(FINAL))
        .order_by(Booking.created_at.desc(), Booking.id.desc())
        .limit(LOOKED_AT)
    )
    bookings = list(session.scalars(query))
    found = checklists(session, bookings, now)
    rows = [
        PapersWanted(one, tuple(paper for paper in found[one.id] if paper.missing and _theirs(paper)))
        for one in bookings
    ]
    return sorted((row for row in rows if row.papers), key=lambda row: not row.late)


def _theirs(paper: PaperRow) -> bool:
    """Whether the exporter can see to it: it sends the paper in, or fills and values what it is printed of."""
    return paper.from_whom == "exporter" or paper.kind in ("parcels", "values")
