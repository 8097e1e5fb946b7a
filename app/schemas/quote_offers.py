"""Offers on the wire, and everything they are made of."""

from typing import Any, ClassVar

from marshmallow import fields

from app.models.services import CUTOFF_CODES, MODES
from app.schemas.base import Answer

TAGS = ("cheapest", "fastest", "greenest", "only_on_time")
BANDS = ("low", "medium", "high")
TAO: dict[str, Any] = {"code": "CNTAO-PORT", "unlocode": "CNTAO", "country": "CN", "name_en": "Qingdao port",
                       "name_zh": "青岛港"}  # fmt: skip
HAM: dict[str, Any] = {"code": "DEHAM-PORT", "unlocode": "DEHAM", "country": "DE", "name_en": "Hamburg port",
                       "name_zh": "汉堡港"}  # fmt: skip
LEG: dict[str, Any] = {
    "seq": 1, "mode": "sea", "service": {"code": "LCL-EU1", "name_en": "LCL to Europe", "name_zh": "拼箱 欧洲"},
    "carrier": "example", "departure_id": "dep_0h3vk5m8q2r7t9xz", "number": "048W", "from": TAO, "to": HAM,
    "etd": "2026-12-01T02:00:00+08:00", "eta": "2027-01-04T06:00:00+01:00",
    "cutoffs": [{"code": "LCO", "at": "2026-11-29T10:00:00+08:00"}], "hand_over_by": "2026-11-29T10:00:00+08:00",
    "tariff": "SELL-LCL-EU1", "chargeable_weight_kg": "500.000", "volumetric_divisor": 1000,
}  # fmt: skip
CHARGE: dict[str, Any] = {
    "leg_seq": 1, "code": "freight", "name": "Freight by weight", "basis": "per_kg", "quantity": "500.000",
    "packages": 1, "unit_price": "0.825000", "amount": "412.50", "currency": "USD", "amount_quote_ccy": "412.50",
    "fx_rate": None,
}  # fmt: skip
OFFER: dict[str, Any] = {
    "id": "off_0h3vk5m8q2r7t9xz", "rank": 1, "tags": ["cheapest"], "modes": ["sea"], "legs": [LEG],
    "departs_at": "2026-12-01T02:00:00+08:00", "arrives_at": "2027-01-04T06:00:00+01:00",
    "bookable_until": "2026-11-24T01:30:00+00:00", "late": False, "late_risk": 0.0,
    "transit_hours": {"p50": 963.0, "p90": None, "basis": "schedule", "trips": None},
    "chargeable_weight_kg": "500.000", "volumetric_divisor": 1000, "charges": [CHARGE], "total": "412.50",
    "currency": "USD",
    "co2e": {"kg": "78.700", "factors": [
        {"mode": "sea", "g_per_tkm": "8.150", "scope": "WTW", "standing": "published", "source": "GLEC Framework"}]},
    "customs": {"mode": "9810", "duty": None, "tax": None, "currency": None, "rebate_expected": None, "lines": []},
    "capacity": {"held_until": "2026-11-23T03:30:00+00:00", "kg_left_band": "high"},
    "why": [{"code": "cheapest", "text": "costs the least of what is offered"}],
}  # fmt: skip


class FxShape(Answer):
    """One unit of `base` is `rate` of `quote`."""

    base = fields.String()
    quote = fields.String()
    rate = fields.String()
    source = fields.String()
    as_of = fields.String(metadata={"format": "date"})


class StopShape(Answer):
    """A place at the end of a leg."""

    code = fields.String()
    unlocode = fields.String(allow_none=True)
    country = fields.String()
    name_en = fields.String()
    name_zh = fields.String()


class OfferedService(Answer):
    """The service a leg is on."""

    code = fields.String()
    name_en = fields.String()
    name_zh = fields.String()


class OfferedCutoff(Answer):
    """The latest moment for one task."""

    code = fields.String(metadata={"enum": list(CUTOFF_CODES)})
    at = fields.String(metadata={"format": "date-time"})


class OfferedLeg(Answer):
    """One leg; times are in the local offset of each place."""

    seq = fields.Integer()
    mode = fields.String(metadata={"enum": list(MODES)})
    service = fields.Nested(OfferedService)
    carrier = fields.String(allow_none=True)
    departure_id = fields.String(
        allow_none=True, metadata={"description": "Null: it leaves when the goods are ready."}
    )
    number = fields.String(allow_none=True)
    from_ = fields.Nested(StopShape, data_key="from")
    to = fields.Nested(StopShape)
    etd = fields.String(metadata={"format": "date-time"})
    eta = fields.String(metadata={"format": "date-time"})
    cutoffs = fields.List(fields.Nested(OfferedCutoff))
    hand_over_by = fields.String(
        allow_none=True, metadata={"format": "date-time", "description": "The first cut-off that closes it."}
    )
    tariff = fields.String(metadata={"description": "Code of the tariff that prices it."})
    chargeable_weight_kg = fields.String()
    volumetric_divisor = fields.Integer(
        allow_none=True, metadata={"description": "cm3 per kg; null: gross weight counts."}
    )


class ChargeShape(Answer):
    """One charge line: amount = quantity × unit price, rounded half up once (per package where there are several)."""

    leg_seq = fields.Integer()
    code = fields.String()
    name = fields.String()
    basis = fields.String(metadata={"enum": ["flat", "minimum", "per_unit", "per_kg", "per_m3", "percent"]})
    quantity = fields.String(
        metadata={"description": "Pieces, kg, m3, or for percent the freight it is taken of."}
    )
    packages = fields.Integer(
        metadata={"description": "How many packages were priced one by one; 1: all as one."}
    )
    unit_price = fields.String()
    amount = fields.String()
    currency = fields.String()
    amount_quote_ccy = fields.String()
    fx_rate = fields.String(
        allow_none=True, metadata={"description": "As in `fx` of the quote; null: same currency."}
    )


class TransitShape(Answer):
    """Hours from ready to arrival; p90 only where every stretch has 30 completed trips behind it."""

    p50 = fields.Float()
    p90 = fields.Float(allow_none=True)
    basis = fields.String(metadata={"enum": ["schedule", "history"]})
    trips = fields.Integer(
        allow_none=True, metadata={"description": "Completed trips on the stretch with the fewest."}
    )


class FactorShape(Answer):
    """The emission factor of a mode."""

    mode = fields.String()
    g_per_tkm = fields.String()
    scope = fields.String(metadata={"description": "WTW well to wheel, TTW tank to wheel."})
    standing = fields.String(metadata={"enum": ["published", "example"]})
    source = fields.String()


class Co2eShape(Answer):
    """Greenhouse gases, an estimate."""

    kg = fields.String()
    factors = fields.List(fields.Nested(FactorShape))


class DutyLine(Answer):
    """A duty or tax that a dated row of law states."""

    code = fields.String()
    basis = fields.String()
    quantity = fields.String()
    unit_price = fields.String()
    amount = fields.String()
    currency = fields.String()
    amount_quote_ccy = fields.String(allow_none=True)
    standing = fields.String()
    effective_from = fields.String(metadata={"format": "date"})
    source = fields.String()


class CustomsShape(Answer):
    """Duty and tax as estimates, not part of the total; null where no rate is on record."""

    mode = fields.String(allow_none=True)
    duty = fields.String(allow_none=True)
    tax = fields.String(allow_none=True)
    currency = fields.String(allow_none=True)
    rebate_expected = fields.String(allow_none=True)
    lines = fields.List(fields.Nested(DutyLine))


class CapacityShape(Answer):
    """What is held, and roughly what is left."""

    held_until = fields.String(allow_none=True, metadata={"format": "date-time"})
    kg_left_band = fields.String(allow_none=True, metadata={"enum": [*BANDS, None]})


class OfferReasonShape(Answer):
    """Why the offer is what it is."""

    code = fields.String()
    text = fields.String()


class OfferShape(Answer):
    """One way to move the goods at one price."""

    example: ClassVar[dict[str, Any]] = OFFER
    id = fields.String()
    rank = fields.Integer()
    tags = fields.List(fields.String(metadata={"enum": list(TAGS)}))
    modes = fields.List(fields.String())
    legs = fields.List(fields.Nested(OfferedLeg))
    departs_at = fields.String(metadata={"format": "date-time"})
    arrives_at = fields.String(metadata={"format": "date-time"})
    bookable_until = fields.String(
        metadata={
            "format": "date-time",
            "description": "Later than this goods or papers miss a cut-off, or the quote has run out.",
        }
    )
    late = fields.Boolean(metadata={"description": "By the schedule it arrives after the deadline."})
    late_risk = fields.Float(
        allow_none=True,
        metadata={
            "description": "Share of trips that would be late: by history, else 0 or 1 by the schedule."
        },
    )
    transit_hours = fields.Nested(TransitShape)
    chargeable_weight_kg = fields.String(metadata={"description": "The largest of its legs."})
    volumetric_divisor = fields.Integer(allow_none=True)
    charges = fields.List(fields.Nested(ChargeShape))
    total = fields.String()
    currency = fields.String()
    co2e = fields.Nested(Co2eShape)
    customs = fields.Nested(CustomsShape)
    capacity = fields.Nested(CapacityShape)
    why = fields.List(fields.Nested(OfferReasonShape))
