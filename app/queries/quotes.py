"""Quotes and their offers, and what has become of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, exists, func, select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.models import Booking, Offer, Party, Quote
from app.queries.paging import AnySelect, Keyset, Page, instant
from app.queries.places import Place, places

QUOTE_STATES = ("offered", "accepted", "expired", "failed")
NEWEST = Keyset(Quote.created_at, Quote.id, read=instant, falling=True)


@dataclass(frozen=True, slots=True)
class QuoteRow:
    """One quote; `status` is what has become of it by now."""

    id: int
    public_id: str
    exporter_reference: str
    test_mode: bool
    status: str
    currency: str
    created_at: datetime
    expires_at: datetime
    origin: Place
    destination: Place
    booking: str | None
    """Public id of the booking that was made of it."""
    offers: int
    best_total_minor: int | None
    asked: dict[str, Any]
    fx: list[dict[str, Any]]
    messages: list[dict[str, Any]]


def _status(now: datetime) -> ColumnElement[str]:
    booked = exists().where(Booking.quote_id == Quote.id)
    offered = exists().where(Offer.quote_id == Quote.id)
    return case(
        (booked, "accepted"), (~offered, "failed"), (Quote.expires_at <= now, "expired"), else_="offered"
    )


def _base(now: datetime, exporter_id: int | None, *, test_mode: bool | None) -> AnySelect:
    booking = select(Booking.public_id).where(Booking.quote_id == Quote.id).scalar_subquery()
    mine = Offer.quote_id == Quote.id
    query = select(
        Quote.id,
        Quote.public_id,
        Party.reference.label("exporter_reference"),
        Quote.test_mode,
        _status(now).label("status"),
        Quote.currency,
        Quote.created_at,
        Quote.expires_at,
        Quote.origin_id,
        Quote.destination_id,
        booking.label("booking"),
        select(func.count()).where(mine).scalar_subquery().label("offers"),
        select(func.min(Offer.total_minor)).where(mine).scalar_subquery().label("best_total_minor"),
        Quote.asked,
        Quote.fx,
        Quote.messages,
    ).join(Party, Party.id == Quote.exporter_id)
    if exporter_id is not None:
        query = query.where(Quote.exporter_id == exporter_id)
    return query if test_mode is None else query.where(Quote.test_mode == test_mode)


def list_quotes(
    session: Session,
    now: datetime,
    *,
    exporter_id: int | None = None,
    exporter: str | None = None,
    status: str | None = None,
    test_mode: bool | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[QuoteRow]:
    """Quotes, the newest first; `exporter_id` sees only its own. `exporter` is a reference or public id."""
    query = _base(now, exporter_id, test_mode=test_mode)
    if exporter is not None:
        query = query.where((Party.reference == exporter) | (Party.public_id == exporter))
    if status is not None:
        query = query.where(_status(now) == status)
    found = session.execute(NEWEST.slice(query, cursor, limit)).all()
    page = NEWEST.page(found, limit, lambda row: (row.created_at.isoformat(), row.id))
    return Page(_rows(session, page.items), page.next_cursor)


def get_quote(
    session: Session,
    now: datetime,
    public_id: str,
    *,
    exporter_id: int | None = None,
    test_mode: bool | None = None,
) -> tuple[QuoteRow, list[dict[str, Any]]]:
    """One quote, and its offers as they were shown, best first; NotFound, also for somebody else's."""
    query = _base(now, exporter_id, test_mode=test_mode).where(Quote.public_id == public_id)
    found = session.execute(query).one_or_none()
    if found is None:
        raise NotFound(f"there is no quote {public_id!r}")
    offers = session.scalars(select(Offer.shown).where(Offer.quote_id == found.id).order_by(Offer.seq))
    return _rows(session, [found])[0], list(offers)


def _rows(session: Session, found: list[Any]) -> list[QuoteRow]:
    known = places(session, [row.origin_id for row in found] + [row.destination_id for row in found])
    rows = []
    for row in found:
        facts = row._asdict()
        origin, destination = known[facts.pop("origin_id")], known[facts.pop("destination_id")]
        rows.append(QuoteRow(**facts, origin=origin, destination=destination))
    return rows
