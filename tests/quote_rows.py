"""A small network that sells: a hub, a port, a port abroad, a warehouse there, and what it costs to go along."""

import itertools
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.models import FxRate, ServiceCall, Tariff, TariffBreak, TariffSurcharge
from tests import factories as make

_codes = itertools.count(1)


def sell(session, service, *, rate=1_000_000, **facts):
    """A sell tariff of so many micros per kg, in USD if nothing else is said."""
    extras = facts.pop("surcharges", ())
    breaks = facts.pop("breaks", ((0, rate),))
    facts = {
        "code": f"SELL-{service.code}-{next(_codes)}", "side": "sell", "currency": "USD", "source": "example",
        "valid_from": date(2026, 1, 1), "rounding_g": 1, "minimum_minor": 0, "flat_minor": 0, "per_m3_micros": 0,
        **facts,
    }  # fmt: skip
    row = Tariff(service_id=service.id, **facts)
    row.breaks = [TariffBreak(from_g=grams, rate_micros_per_kg=micros) for grams, micros in breaks]
    row.surcharges = [TariffSurcharge(code=code, basis=basis, amount_micros=n) for code, basis, n in extras]
    session.add(row)
    session.flush()
    return row


def link(session, code, start, end, mode="road", transit_min=600):
    """A service on demand between two places."""
    facts = {"schedule": "on_demand", "transit_min": transit_min, "weekdays": ""}
    service = make.make_service(session, code, mode, **facts)
    for seq, place in enumerate((start, end)):
        session.add(ServiceCall(service_id=service.id, seq=seq, location_id=place.id))
    session.flush()
    return service


def fx(session, base, quote, rate_micros, as_of=date(2026, 11, 20)):
    """A dated exchange rate."""
    session.add(FxRate(base=base, quote=quote, rate_micros=rate_micros, as_of=as_of, source="test rate"))
    session.flush()


@dataclass
class Shop:
    """The rows of the network, by name."""

    places: dict[str, Any]
    services: dict[str, Any]
    departures: dict[str, Any]
    tariffs: dict[str, Any]


def open_shop(session, *, weeks=3):
    """A sailing a week, loose, in three days first; a flight every week, dearer and faster; road at both ends."""
    spots = {
        "hub": ("CNTAO-HUB", "origin_hub", {}),
        "port": ("CNTAO-PORT", "port", {"unlocode": "CNTAO"}),
        "airport": ("CNTAO-APT", "airport", {"unlocode": "CNTAO", "iata": "TAO"}),
        "hamburg": (
            "DEHAM-PORT",
            "port",
            {"country": "DE", "unlocode": "DEHAM", "latitude": 53.5, "longitude": 9.9},
        ),
        "liege": (
            "BELGG-APT",
            "airport",
            {"country": "BE", "iata": "LGG", "latitude": 50.6, "longitude": 5.4},
        ),
        "whs": (
            "DEDUI-WHS",
            "overseas",
            {"country": "DE", "unlocode": "DEDUI", "latitude": 51.4, "longitude": 6.7},
        ),
    }
    places = {
        name: make.make_location(session, code, kind, **facts) for name, (code, kind, facts) in spots.items()
    }
    make.make_country_group(session, "EU", "DE", "BE")
    services = {
        "sea": make.make_service(session, "LCL-1", "sea"),
        "air": make.make_service(session, "AIR-1", "air", aircraft="freighter"),
        "dray": link(session, "ROAD-PORT", places["hub"], places["port"], transit_min=120),
        "feed": link(session, "ROAD-AIR", places["hub"], places["airport"], transit_min=120),
        "truck": link(session, "ROAD-DE", places["hamburg"], places["whs"]),
        "haul": link(session, "ROAD-BE", places["liege"], places["whs"], transit_min=240),
    }
    departures = {}
    for week in range(weeks):
        at = make.NOW + (3 + 7 * week) * make.DAY
        departures[f"sea{week}"] = make.make_departure(
            session, services["sea"], [places["port"], places["hamburg"]], departs_at=at, leg=30 * make.DAY
        )
        departures[f"air{week}"] = make.make_departure(
            session, services["air"], [places["airport"], places["liege"]], departs_at=at, leg=make.DAY
        )
    rates = {
        "sea": 200_000,
        "air": 4_000_000,
        "dray": 50_000,
        "feed": 60_000,
        "truck": 150_000,
        "haul": 200_000,
    }
    tariffs = {name: sell(session, services[name], rate=rate) for name, rate in rates.items()}
    for pair in (("USD", "CNY", 7_000_000), ("EUR", "USD", 1_100_000), ("EUR", "CNY", 7_700_000)):
        fx(session, *pair)
    return Shop(places, services, departures, tariffs)


def asking(**changed):
    """The body of a request: ten boxes of ten kilograms from the hub to the warehouse."""
    parcel = {"count": 10, "weight": "10", "length": 40, "width": 30, "height": 25, "description": "mugs",
              "hs_code": "691200", "value": "60", "value_currency": "USD"} | changed.pop("parcel", {})  # fmt: skip
    return {
        "origin": {"type": "warehouse", "code": "CNTAO-HUB"},
        "destination": {"type": "warehouse", "code": "DEDUI-WHS"},
        "ready_at": "2026-11-23T10:00:00+08:00",
        "currency": "USD",
        "parcels": [parcel],
    } | changed
