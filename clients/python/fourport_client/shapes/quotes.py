"""Quotes and what they offer."""

from typing import TypedDict

from fourport_client.shapes.places import Location


class QuoteSummary(TypedDict):
    """A quote as lists show it."""

    id: str
    status: str
    exporter: str
    test_mode: bool
    created_at: str
    expires_at: str
    currency: str
    origin: Location
    destination: Location
    booking_id: str | None
    offer_count: int
    lowest_total: str | None


class Distance(TypedDict):
    """How far the addresses are from the places served."""

    origin: str | None
    destination: str | None


class Fx(TypedDict):
    """One unit of `base` is `rate` of `quote`."""

    base: str
    quote: str
    rate: str
    source: str
    as_of: str


class OfferedService(TypedDict):
    """The service a leg is on."""

    code: str
    name_en: str
    name_zh: str


class Stop(TypedDict):
    """A place at the end of a leg."""

    code: str
    unlocode: str | None
    country: str
    name_en: str
    name_zh: str


class OfferedCutoff(TypedDict):
    """The latest moment for one task."""

    code: str
    at: str


OfferedLeg = TypedDict(
    "OfferedLeg",
    {
        "seq": int,
        "mode": str,
        "service": OfferedService,
        "carrier": str | None,
        "departure_id": str | None,
        "number": str | None,
        "from": Stop,
        "to": Stop,
        "etd": str,
        "eta": str,
        "cutoffs": list[OfferedCutoff],
        "hand_over_by": str | None,
        "tariff": str,
        "chargeable_weight_kg": str,
        "volumetric_divisor": int | None,
    },
)
"""One leg; times are in the local offset of each place."""


class Transit(TypedDict):
    """Hours from ready to arrival; p90 only where every stretch has 30 completed trips behind it."""

    p50: float
    p90: float | None
    basis: str
    trips: int | None


class Charge(TypedDict):
    """One charge line: amount = quantity × unit price, rounded half up once (per package where there are several)."""

    leg_seq: int
    code: str
    name: str
    basis: str
    quantity: str
    packages: int
    unit_price: str
    amount: str
    currency: str
    amount_quote_ccy: str
    fx_rate: str | None


class Factor(TypedDict):
    """The emission factor of a mode."""

    mode: str
    g_per_tkm: str
    scope: str
    standing: str
    source: str


class Co2e(TypedDict):
    """Greenhouse gases, an estimate."""

    kg: str
    factors: list[Factor]


class DutyLine(TypedDict):
    """A duty or tax that a dated row of law states."""

    code: str
    basis: str
    quantity: str
    unit_price: str
    amount: str
    currency: str
    amount_quote_ccy: str | None
    standing: str
    effective_from: str
    source: str


class Customs(TypedDict):
    """Duty and tax as estimates, not part of the total; null where no rate is on record."""

    mode: str | None
    duty: str | None
    tax: str | None
    currency: str | None
    rebate_expected: str | None
    lines: list[DutyLine]


class Capacity(TypedDict):
    """What is held, and roughly what is left."""

    held_until: str | None
    kg_left_band: str | None


class OfferReason(TypedDict):
    """Why the offer is what it is."""

    code: str
    text: str


class Offer(TypedDict):
    """One way to move the goods at one price."""

    id: str
    rank: int
    tags: list[str]
    modes: list[str]
    legs: list[OfferedLeg]
    departs_at: str
    arrives_at: str
    bookable_until: str
    late: bool
    late_risk: float | None
    transit_hours: Transit
    chargeable_weight_kg: str
    volumetric_divisor: int | None
    charges: list[Charge]
    total: str
    currency: str
    co2e: Co2e
    customs: Customs
    capacity: Capacity
    why: list[OfferReason]


class Message(TypedDict):
    """Which channel could not be offered and why, or what is not known."""

    channel: str | None
    code: str
    severity: str
    text: str


class Quote(QuoteSummary):
    """A quote with its offers, the best first for the objective asked for. It never changes, but for its status."""

    ready_at: str
    deliver_by: str | None
    distance_km: Distance
    fx: list[Fx]
    offers: list[Offer]
    messages: list[Message]
