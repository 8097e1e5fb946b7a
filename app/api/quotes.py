"""Quotes: firm offers for goods, and what they cost at a glance."""

from typing import Any

from flask import Response, g
from sqlalchemy.orm import Session

from app.api.base import Endpoints, answer
from app.api.wire import money, page, place, utc
from app.auth import actor, allow
from app.clock import now
from app.http import reading
from app.queries.quotes import QuoteRow, get_quote
from app.queries.quotes import list_quotes as find_quotes
from app.schemas.quotes import QuotePage, QuoteQuery, QuoteRequest, QuoteShape
from app.schemas.rates import RateRequest, RatesShape
from app.usecases.quoting import request_quote
from app.usecases.quoting_network import NetworkUnread, sell_network
from app.usecases.quoting_rates import estimate_rates as find_rates
from trade.numbers import format_scaled

blueprint = Endpoints("Quotes", __name__, "Ranked offers that can be booked as they are")


def know_network() -> None:
    """Read the network, which has changed, outside of any transaction: on SQLite others would wait for its end."""
    with reading() as session:
        sell_network(session, now())
    g.network_was_read = True


@blueprint.changing(
    "/quotes", QuoteShape, status=201, body=QuoteRequest, prepare=(NetworkUnread, know_network)
)
@allow("operator", "exporter")
def create_quote(session: Session, wanted: dict[str, Any]) -> Response:
    """Ask for a quote.

    Every offer that no other beats on cost, time, lateness and emissions, with room at this moment. What could not be
    offered stands in `messages`; no price is ever made up. Goods that are ready count as ready now.
    """
    made = request_quote(session, actor(), now(), _plain(wanted), may_read=g.get("network_was_read", False))
    return answer(quote_json(made.row, made.offers), 201, Location=f"/api/v1/quotes/{made.public_id}")


@blueprint.reading("/quotes", QuotePage, query=QuoteQuery, refuses=(400,))
@allow("operator", "finance", "exporter")
def list_quotes(query: dict[str, Any]) -> Response:
    """List quotes, the newest first; an exporter sees its own."""
    with reading() as session:
        found = find_quotes(session, now(), **_seen(), **query)
    return answer(page(found, [summary_json(row) for row in found.items]))


@blueprint.reading("/quotes/<id('qte'):qte_id>", QuoteShape)
@allow("operator", "finance", "exporter")
def read_quote(qte_id: str) -> Response:
    """Read one quote as it was made, with its status by now; one that ran out is read like any other."""
    with reading() as session:
        row, offers = get_quote(session, now(), qte_id, **_seen())
    return answer(quote_json(row, offers))


@blueprint.asking("/rates/estimate", RatesShape, body=RateRequest)
@allow("operator", "finance", "exporter")
def estimate_rates(wanted: dict[str, Any]) -> Response:
    """Ask what goods of some weight would cost between two ports or countries.

    Tariffs and departures of today, without a look at free space. Nothing is kept or held; to book, ask for a quote.
    """
    with reading() as session:
        found = find_rates(session, actor(), now(), _plain(wanted))
    body = {"bookable": False, "currency": found.currency, "fx": found.fx, "rates": found.ways}
    return answer(body | {"messages": found.messages})


def _seen() -> dict[str, Any]:
    """What the caller may see: an exporter its own, and keys of test mode what was made for practice."""
    who = actor()
    return {"exporter_id": who.exporter_id, "test_mode": who.test_mode if who.kind == "key" else None}


def _plain(wanted: dict[str, Any]) -> dict[str, Any]:
    ends = {
        end: {name.rstrip("_"): value for name, value in wanted[end].items()}
        for end in ("origin", "destination")
    }
    return wanted | ends


def summary_json(row: QuoteRow) -> dict[str, Any]:
    """A quote as lists show it."""
    return {
        "id": row.public_id,
        "status": row.status,
        "exporter": row.exporter_reference,
        "test_mode": row.test_mode,
        "created_at": utc(row.created_at),
        "expires_at": utc(row.expires_at),
        "currency": row.currency,
        "origin": place(row.origin),
        "destination": place(row.destination),
        "booking_id": row.booking,
        "offer_count": row.offers,
        "lowest_total": money(row.best_total_minor, row.currency),
    }


def quote_json(row: QuoteRow, offers: list[dict[str, Any]]) -> dict[str, Any]:
    """A quote with everything it says."""
    apart = row.asked["apart_m"]
    return summary_json(row) | {
        "ready_at": row.asked["ready_at"],
        "deliver_by": row.asked["deliver_by"],
        "distance_km": {end: None if far is None else format_scaled(far, 3) for end, far in apart.items()},
        "fx": row.fx,
        "offers": offers,
        "messages": row.messages,
    }
