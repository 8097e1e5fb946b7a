"""Rates at a glance."""

from typing import TypedDict

from fourport_client.shapes.quotes import Charge, Co2e, Fx, Message, OfferedService, Stop, Transit

RateLeg = TypedDict(
    "RateLeg",
    {
        "seq": int,
        "mode": str,
        "service": OfferedService,
        "carrier": str | None,
        "from": Stop,
        "to": Stop,
        "etd": str,
        "eta": str,
    },
)
"""One leg of the next departures."""


class Rate(TypedDict):
    """One way and what it would cost if it left next."""

    modes: list[str]
    legs: list[RateLeg]
    departs_at: str
    arrives_at: str
    transit_hours: Transit
    chargeable_weight_kg: str
    volumetric_divisor: int | None
    charges: list[Charge]
    total: str
    currency: str
    co2e: Co2e


class Rates(TypedDict):
    """Rates of today, the cheapest first; nothing is kept, and nothing of it can be booked."""

    bookable: bool
    currency: str
    fx: list[Fx]
    rates: list[Rate]
    messages: list[Message]
