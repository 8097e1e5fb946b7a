"""Replenishment: how long stock lasts, what to send by when, and parcels that send it."""

from dataclasses import asdict
from datetime import date
from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from app.api.base import Endpoints, answer
from app.api.wire import page
from app.auth import actor, allow
from app.clock import now
from app.http import reading
from app.queries.replenishment import list_replenishment as find_replenishment
from app.schemas.replenishment import NewReplenishment, ReplenishmentPage, ReplenishmentQuery, SentShape
from app.usecases.warehousing.lead_times import LeadTime, Way
from app.usecases.warehousing.replenishing import Advised, Sending, send
from trade.numbers import format_scaled
from warehouses.replenishment import Policy

blueprint = Endpoints("Replenishment", __name__, "What to send to which warehouse, and by when", area="stock")
DAYS = ("history_days", "safety_days", "target_days")


@blueprint.reading("/replenishment", ReplenishmentPage, query=ReplenishmentQuery, refuses=(400, 404))
@allow("operator", "exporter")
def list_replenishment(query: dict[str, Any]) -> Response:
    """List the SKUs of a warehouse: how long they last at the pace they sell, and what to send by when.

    Days on the way are those of the cheapest way; where that is too late already, those of the fastest.
    """
    policy = Policy(**{name: query.pop(name) for name in DAYS})
    with reading() as session:
        found = find_replenishment(session, actor(), now(), policy, **query)
    code = found.warehouse.location.code if found.warehouse else ""
    body = page(found.page, [_advice(row, code) for row in found.page.items])
    return answer(body | {"transit": _transit(found.lead) if found.lead else None})


@blueprint.changing("/replenishment", SentShape, status=201, body=NewReplenishment)
@allow("operator", "exporter")
def create_replenishment(session: Session, wanted: dict[str, Any]) -> Response:
    """Send goods to a warehouse: parcels in the order pool (stock transfers, 9810), and a draft of their ASN.

    Asked again on the same day it answers what was made before and adds nothing.
    """
    lines = [Sending(**line) for line in wanted["lines"]]
    made = send(session, actor(), now(), wanted["warehouse"], wanted["exporter"], wanted["origin"], lines)
    body = {
        "asn_id": made.asn.public_id,
        "reference": made.asn.reference,
        "expected_on": made.asn.expected_on.isoformat(),
        "parcel_ids": made.parcels,
        "added": made.added,
    }
    return answer(body, 201, Location=f"/api/v1/asns/{made.asn.public_id}")


def _transit(lead: LeadTime) -> dict[str, Any]:
    return {
        "basis": lead.basis,
        "origin": lead.origin,
        "cheapest": _way(lead.cheapest),
        "fastest": _way(lead.fastest),
    }


def _way(way: Way) -> dict[str, Any]:
    return asdict(way)


def _advice(row: Advised, warehouse: str) -> dict[str, Any]:
    advice, position = row.advice, row.position
    thousandths = advice.per_day * 1000
    return {
        "sku": row.sku.code,
        "sku_id": row.sku.public_id,
        "exporter": row.owner,
        "warehouse": warehouse,
        "name_en": row.sku.name_en,
        "name_zh": row.sku.name_zh,
        "sold": position.sold,
        "per_day": format_scaled(round(thousandths), 3),
        "free": position.free,
        "coming": position.coming,
        "cover_days": advice.cover_days,
        "position_days": advice.position_days,
        "runs_out_on": _day(advice.runs_out_on),
        "state": advice.state,
        "way": row.way,
        "quantity": advice.quantity,
        "send_by": _day(advice.send_by),
    }


def _day(on: date | None) -> str | None:
    return on.isoformat() if on else None
