"""Promises: which warehouse serves an order cheapest within the time that was promised."""

from datetime import datetime
from typing import Any

from flask import Response

from app.api.base import Endpoints, answer
from app.api.wire import money
from app.auth import actor, allow
from app.clock import now
from app.http import reading
from app.schemas.promises import PromiseAnswer, PromiseRequest
from app.usecases.warehousing.asking import promise_asked
from app.usecases.warehousing.promising import Answer
from warehouses.promise import Offer, Pieces

blueprint = Endpoints(
    "Promises", __name__, "Which warehouse serves an order, and when it is there", area="stock"
)


@blueprint.asking("/promises", PromiseAnswer, body=PromiseRequest)
@allow("operator", "exporter", scope="stock:read")
def ask_promise(wanted: dict[str, Any]) -> Response:
    """Ask which warehouse serves an order cheapest within the promise; nothing is reserved by asking.

    Every warehouse that keeps stock is named with the reason why it is not the one. With `split` several share the
    order where none can serve it alone.
    """
    with reading() as session:
        found = promise_asked(session, actor(), now(), wanted)
    return answer(promise_json(found))


def promise_json(found: Answer) -> dict[str, Any]:
    """A promise as it is shown."""
    promise, currency = found.promise, found.currency
    return {
        "exporter": found.owner.reference,
        "currency": currency,
        "cost": money(promise.cost_minor, currency) if promise.parts else None,
        "arrives_at": _moment(promise.arrives_at),
        "parts": [
            {"warehouse": part.code, "lines": _pieces(part.pieces), **_offer(part.offer, currency)}
            for part in promise.parts
        ],
        "warehouses": [
            {
                "warehouse": one.code, "reason": one.reason, "missing": _pieces(one.missing),
                **_offer(one.offer, currency),
            }
            for one in promise.judged
        ],
    }  # fmt: skip


def _pieces(pieces: Pieces) -> list[dict[str, Any]]:
    return [{"sku": sku, "quantity": count} for sku, count in pieces.items()]


def _offer(offer: Offer | None, currency: str) -> dict[str, Any]:
    there = offer is not None and not offer.refused
    return {
        "service": offer.service if offer and there else None,
        "leaves_at": _moment(offer.leaves_at) if offer and there else None,
        "arrives_at": _moment(offer.arrives_at) if offer and there else None,
        "handling": money(offer.handling_minor, currency) if offer and there else None,
        "delivery": money(offer.delivery_minor, currency) if offer and there else None,
        "cost": money(offer.cost_minor, currency) if offer and there else None,
    }


def _moment(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None
