"""Quotes and their offers, and what has become of them."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam, case, exists, func, select
from sqlalchemy.orm import Session

from app.db import fetch
from app.errors import NotFound
from app.models import Booking, Offer, Party, Quote
from app.queries.paging import AnySelect, Keyset, Page, instant
from app.queries.places import Place, places

QUOTE_STATES = ("offered", "accepted", "expired", "failed")
NEWEST = Keyset(Quote.created_at, Quote.id, read=instant, falling=True)
STATUS = case(
    (exists().where(Booking.quote_id == Quote.id), "accepted"),
    (~exists().where(Offer.quote_id == Quote.id), "failed"),
    (Quote.expires_at <= bindparam("now"), "expired"),
    else_="offered",
)
LOOKED_AT = 60
"""Quotes that are looked at for the lanes somebody asks about."""
SHOWN = select(Offer.shown).where(Offer.quote_id == bindparam("quote_id")).order_by(Offer.seq)


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
    asked: dict[str, Any] = field(hash=False)
    fx: list[dict[str, Any]] = field(hash=False)
    messages: list[dict[str, Any]] = field(hash=False)


@cache
def _base(*, own: bool, one_mode: bool) -> AnySelect:
    """Quotes as they are `:now`; only those of `:exporter_id`, only those of `:test_mode`."""
    booking = select(Booking.public_id).where(Booking.quote_id == Quote.id).scalar_subquery()
    mine = Offer.quote_id == Quote.id
    query = select(
        Quote.id,
        Quote.public_id,
        Party.reference.label("exporter_reference"),
        Quote.test_mode,
        STATUS.label("status"),
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
    if own:
        query = query.where(Quote.exporter_id == bindparam("exporter_id"))
    return query.where(Quote.test_mode == bindparam("test_mode")) if one_mode else query


@cache
def _by_id(*, own: bool, one_mode: bool) -> AnySelect:
    return _base(own=own, one_mode=one_mode).where(Quote.public_id == bindparam("public_id"))


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
    query = _base(own=exporter_id is not None, one_mode=test_mode is not None)
    if exporter is not None:
        query = query.where((Party.reference == exporter) | (Party.public_id == exporter))
    if status is not None:
        query = query.where(STATUS.in_((status,)))
    asked = {"now": now, "exporter_id": exporter_id, "test_mode": test_mode}
    found = fetch(session, NEWEST.slice(query, cursor, limit), **asked).all()
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
    query = _by_id(own=exporter_id is not None, one_mode=test_mode is not None)
    asked = {"now": now, "exporter_id": exporter_id, "test_mode": test_mode, "public_id": public_id}
    found = fetch(session, query, **asked).one_or_none()
    if found is None:
        raise NotFound(f"there is no quote {public_id!r}")
    offers = fetch(session, SHOWN, quote_id=found.id).scalars()
    return _rows(session, [found])[0], list(offers)


@dataclass(frozen=True, slots=True)
class Lane:
    """Somebody's goods from one place to another, as they were asked about last."""

    quote: str
    """Public id."""
    exporter_reference: str
    exporter_name: str
    origin: Place
    destination: Place


def recent_lanes(session: Session, *, exporter_id: int | None = None, most: int = 6) -> list[Lane]:
    """Who asked last for what lane, each once, the newest first; an exporter's are its own."""
    columns = (Quote.public_id, Party.reference, Party.name, Quote.origin_id, Quote.destination_id)
    query = select(*columns).join(Party, Party.id == Quote.exporter_id).where(Quote.test_mode.is_(False))
    if exporter_id is not None:
        query = query.where(Quote.exporter_id == exporter_id)
    found: dict[tuple[str, int, int], Any] = {}
    for row in session.execute(query.order_by(Quote.created_at.desc(), Quote.id.desc()).limit(LOOKED_AT)):
        found.setdefault((row.reference, row.origin_id, row.destination_id), row)
    rows = list(found.values())[:most]
    known = places(session, [place for row in rows for place in (row.origin_id, row.destination_id)])
    return [
        Lane(row.public_id, row.reference, row.name, known[row.origin_id], known[row.destination_id])
        for row in rows
    ]


def _rows(session: Session, found: list[Any]) -> list[QuoteRow]:
    known = places(session, [row.origin_id for row in found] + [row.destination_id for row in found])
    rows = []
    for row in found:
        facts = row._asdict()
        origin, destination = known[facts.pop("origin_id")], known[facts.pop("destination_id")]
        rows.append(QuoteRow(**facts, origin=origin, destination=destination))
    return rows
