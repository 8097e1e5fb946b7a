"""Rates at a glance: what goods of some weight cost between two ports or countries. Nothing of it can be booked."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from itertools import product
from typing import Any

from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import Invalid
from app.usecases.quoting import Exporter, ends_of, exporter_of, invalid, wish_of
from app.usecases.quoting_goods import lines_of
from app.usecases.quoting_network import SellNetwork, sell_network
from app.usecases.quoting_notes import Notes
from app.usecases.quoting_places import busiest, country_pairs
from app.usecases.quoting_search import Search
from app.usecases.quoting_shape import Shaper
from app.usecases.quoting_table import Way
from app.usecases.quoting_words import fx_shown
from trade.money import minor_unit_exponents

PLAIN: dict[str, Any] = {
    "count": 1, "length": None, "width": None, "height": None, "dimension_unit": "CM", "description": "",
    "hs_code": None, "value": None, "value_currency": None,
}  # fmt: skip
"""A package of which nothing but weight and volume is known."""
DEFAULT_CURRENCY = "USD"
PREFERENCES = {"objective": "cost", "max_transit_days": None, "allow_charter": True}


@dataclass(frozen=True, slots=True)
class Estimate:
    """What was found: ways as offers show them, exchange rates used, and messages."""

    currency: str
    ways: list[dict[str, Any]]
    fx: list[dict[str, Any]]
    messages: list[dict[str, str | None]]


def estimate_rates(session: Session, actor: Actor, now: datetime, request: Mapping[str, Any]) -> Estimate:
    """Return what a shipment would cost by the tariffs of today, without a look at free space.

    `request` has the members of `app.schemas.rates.RateRequest`; a place may be a whole country. An exporter's own
    tariffs count, for staff those of the exporter they name. Raises Invalid as quotes do.
    """
    exporter = _exporter(session, actor, request["exporter"])
    currency = request["currency"] or (exporter.credit_currency if exporter else DEFAULT_CURRENCY)
    if currency not in minor_unit_exponents():
        raise invalid("currency", "currency_unknown", f"{currency} is not in ISO 4217")
    notes = Notes()
    net = sell_network(session, now)
    parcel = PLAIN | {name: request[name] for name in ("weight", "weight_unit", "volume_m3", "goods_class")}
    if parcel["volume_m3"] is None:
        parcel["volume_m3"] = Decimal(0)
        notes.add("volume_missing")
    asked = {
        "lines": _lines(parcel, currency, now),
        "ready_at": now.isoformat(),
        "deliver_by": None,
        "hard_deadline": False,
        "currency": currency,
        "preferences": PREFERENCES | {"modes": request["modes"]},
    }
    wish = wish_of(net, asked, exporter.id if exporter else None, now, live=False)
    search = Search(session, net, wish, notes)
    ways = search.run(_pairs(net, request, notes))
    shaper = Shaper(net, wish, search.pricing)
    fx = {one.fx for way in ways for one in way.priced if one.fx is not None}
    rates = [fx_shown(one) for one in sorted(fx, key=lambda one: (one.base, one.quote))]
    return Estimate(currency, [_shown(shaper, way) for way in ways], rates, notes.listed())


def _lines(parcel: Mapping[str, Any], currency: str, now: datetime) -> list[dict[str, Any]]:
    """Return the goods as one line; what is wrong with it is named as the request has it."""
    try:
        return lines_of([parcel], currency, now.date())
    except Invalid as wrong:
        places = [replace(one, field=one.field.split(".")[-1]) for one in wrong.errors]
        named = tuple(replace(one, json_path=f"$.{one.field}") for one in places)
        raise Invalid("; ".join(f"{one.field}: {one.message}" for one in named), named) from wrong


def _exporter(session: Session, actor: Actor, reference: str | None) -> Exporter | None:
    if actor.exporter_id is None and reference is None:
        return None
    return exporter_of(session, actor, reference)


def _pairs(net: SellNetwork, request: Mapping[str, Any], notes: Notes) -> list[tuple[int, int]]:
    ends = ("origin", "destination")
    countries = [request[end]["code"] if request[end]["type"] == "country" else None for end in ends]
    for end, country in zip(ends, countries, strict=True):
        if country is not None and not busiest(net, country, end):
            raise invalid(end, "place_not_served", f"nothing that is sold begins or ends in {country}")
    if None not in countries:
        return country_pairs(net, str(countries[0]), str(countries[1]))
    chosen = [
        busiest(net, country, end) if country is not None else ends_of(net, request[end], end, notes).places
        for end, country in zip(ends, countries, strict=True)
    ]
    return list(product(chosen[0], chosen[1]))


def _shown(shaper: Shaper, way: Way) -> dict[str, Any]:
    """Return a way as an estimate shows it: what an offer says, but for what only a booking needs."""
    full = shaper.shown(way, shaper.legs(way)[1], [], {})
    kept = (
        "modes", "departs_at", "arrives_at", "transit_hours", "chargeable_weight_kg", "volumetric_divisor", "charges",
        "total", "currency", "co2e",
    )  # fmt: skip
    found = {name: full[name] for name in kept}
    found["legs"] = [
        {name: leg[name] for name in ("seq", "mode", "service", "carrier", "from", "to", "etd", "eta")}
        for leg in full["legs"]
    ]
    return found
