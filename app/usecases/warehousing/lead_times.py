"""How long goods take from an origin to a warehouse: by the network of today, by quotes of the past, or assumed."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import Invalid
from app.models import Location, Offer, Parcel, Quote, Warehouse
from app.usecases.quoting_rates import estimate_rates

TYPICAL = {"weight": Decimal(500), "weight_unit": "KG", "volume_m3": Decimal("2.5"), "goods_class": "general"}
"""What is asked for to compare ways: a few pallets, by the weight that most tariffs break at."""
HISTORY = timedelta(days=90)
MOST_OFFERS = 500
ASSUMED_DAYS = 45
"""Where no way is known: a month at sea, and a week at either end."""
CHEAPEST, FASTEST = "cheapest", "fastest"
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Way:
    """One way there: whole days from today until it lies on the shelf, by which services, at what price."""

    days: int
    services: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    total: str | None = None
    """For the goods of TYPICAL, as a decimal."""
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class LeadTime:
    """The cheapest and the fastest way, and what that rests on: `network`, `quotes` or `assumed`."""

    basis: str
    origin: str | None
    cheapest: Way
    fastest: Way


def lead_time(
    session: Session, actor: Actor, now: datetime, warehouse: Warehouse, origin: Location | None
) -> LeadTime:
    """How long goods take from an origin to a warehouse (with its location loaded); its dwell days are counted in."""
    if origin is not None and origin.id != warehouse.location_id:
        ways = _of_network(session, actor, now, warehouse, origin)
        if ways:
            return _chosen("network", origin, ways)
        ways = _of_quotes(session, actor, now, warehouse)
        if ways:
            return _chosen("quotes", origin, ways)
    assumed = Way(ASSUMED_DAYS + warehouse.dwell_days)
    return LeadTime("assumed", origin.code if origin else None, assumed, assumed)


def usual_origin(session: Session, exporter_id: int | None, warehouse: Warehouse) -> Location | None:
    """Where goods for a warehouse come from: as the exporter's last ones did, or else the first hub by its code."""
    last = (
        select(Location)
        .join(Parcel, Parcel.origin_id == Location.id)
        .where(Parcel.destination_id == warehouse.location_id, Location.kind == "origin_hub")
        .order_by(Parcel.id.desc())
        .limit(1)
    )
    if exporter_id is not None:
        last = last.where(Parcel.exporter_id == exporter_id)
    found = session.scalar(last)
    hubs = select(Location).where(Location.kind == "origin_hub").order_by(Location.code).limit(1)
    return found or session.scalar(hubs)


def _chosen(basis: str, origin: Location, ways: list[tuple[Way, Decimal]]) -> LeadTime:
    cheapest = min(ways, key=lambda way: (way[1], way[0].days))[0]
    fastest = min(ways, key=lambda way: (way[0].days, way[1]))[0]
    return LeadTime(basis, origin.code, cheapest, fastest)


def _of_network(
    session: Session, actor: Actor, now: datetime, warehouse: Warehouse, origin: Location
) -> list[tuple[Way, Decimal]]:
    ends = {"origin": origin.code, "destination": warehouse.location.code}
    request: dict[str, Any] = {
        **TYPICAL,
        **{end: {"type": "location", "code": code} for end, code in ends.items()},
        "exporter": None,
        "currency": None,
        "modes": [],
    }
    try:
        found = estimate_rates(session, actor, now, request)
    except Invalid:
        return []
    return [_way(one, now, warehouse.dwell_days) for one in found.ways]


def _way(shown: Mapping[str, Any], now: datetime, dwell_days: int) -> tuple[Way, Decimal]:
    arrives = datetime.fromisoformat(shown["arrives_at"])
    way = Way(
        days=_days(arrives - now) + dwell_days,
        services=tuple(leg["service"]["code"] for leg in shown["legs"]),
        modes=tuple(dict.fromkeys(leg["mode"] for leg in shown["legs"])),
        total=shown["total"],
        currency=shown["currency"],
    )
    return way, Decimal(shown["total"])


def _of_quotes(
    session: Session, actor: Actor, now: datetime, warehouse: Warehouse
) -> list[tuple[Way, Decimal]]:
    """The ways that quotes to this warehouse had: an exporter's own, for staff those of all."""
    query = (
        select(Offer, Quote.asked)
        .join(Quote, Offer.quote_id == Quote.id)
        .where(Quote.destination_id == warehouse.location_id, Quote.created_at >= now - HISTORY)
    )
    if actor.exporter_id is not None:
        query = query.where(Quote.exporter_id == actor.exporter_id)
    found = []
    for offer, asked in session.execute(query.order_by(Offer.id.desc()).limit(MOST_OFFERS)):
        taken = datetime.fromisoformat(offer.legs[-1]["arrives_at"]) - datetime.fromisoformat(
            asked["ready_at"]
        )
        kilograms = Decimal(sum(line["count"] * line["weight_g"] for line in asked["lines"])) / 1000
        modes = tuple(dict.fromkeys(leg["mode"] for leg in offer.legs))
        way = Way(_days(taken) + warehouse.dwell_days, modes=modes)
        found.append((way, offer.total_minor / max(kilograms, Decimal(1))))
    return found


def _days(span: timedelta) -> int:
    return max(math.ceil(span / DAY), 0)
