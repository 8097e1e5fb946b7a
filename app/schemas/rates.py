"""Rates at a glance on the wire."""

import re
from typing import Any, ClassVar

from marshmallow import ValidationError, fields, validate, validates_schema

from app.models.services import MODES
from app.schemas.base import Answer, Shape
from app.schemas.fields import Number, Text, Word
from app.schemas.places import CODE, COUNTRY
from app.schemas.quote_offers import (
    CHARGE,
    LEG,
    OFFER,
    ChargeShape,
    Co2eShape,
    FxShape,
    OfferedService,
    StopShape,
    TransitShape,
)
from app.schemas.quotes import CURRENCY, GOODS, MessageShape
from app.usecases.quoting_goods import GRAMS

TYPES = ("country", "unlocode", "iata", "station", "warehouse", "location")
RIDE = {name: LEG[name] for name in ("seq", "mode", "service", "carrier", "from", "to", "etd", "eta")}
RATE: dict[str, Any] = {
    name: OFFER[name]
    for name in ("modes", "departs_at", "arrives_at", "transit_hours", "chargeable_weight_kg", "volumetric_divisor",
                 "total", "currency", "co2e")
} | {"legs": [RIDE], "charges": [CHARGE]}  # fmt: skip


class RoughPlace(Shape):
    """A country or a place by its code."""

    type_ = Word(*TYPES, required=True, data_key="type")
    code = Text(longest=24, pattern=CODE, required=True)

    @validates_schema
    def _of_its_type(self, data: dict[str, Any], **_more: object) -> None:
        if data["type_"] == "country" and not re.fullmatch(COUNTRY, data["code"]):
            raise ValidationError("bad_shape|two capital letters, ISO 3166-1", "code")


class RateRequest(Shape):
    """How much of what, and between which places or countries."""

    example: ClassVar[dict[str, Any]] = {
        "origin": {"type": "country", "code": "CN"}, "destination": {"type": "country", "code": "DE"},
        "weight": "500", "volume_m3": "2.4", "currency": "USD",
    }  # fmt: skip
    exporter = Text(
        longest=40, load_default=None, allow_none=True,
        metadata={"description": "Whose tariffs count; for staff. None: those for everybody."},
    )  # fmt: skip
    origin = fields.Nested(RoughPlace, required=True)
    destination = fields.Nested(RoughPlace, required=True)
    weight = Number(least="0", above=True, most="1000000", places=6, required=True)
    weight_unit = Word(*GRAMS, load_default="KG")
    volume_m3 = Number(least="0", above=True, most="10000", places=6, load_default=None, allow_none=True)
    goods_class = Text(longest=32, pattern=GOODS, load_default="general")
    modes = fields.List(
        Word(*MODES),
        load_default=list,
        validate=validate.Length(max=len(MODES), error="bad_length|each once"),
    )
    currency = Text(longest=3, shortest=3, pattern=CURRENCY, load_default=None, allow_none=True)


class RateLeg(Answer):
    """One leg of the next departures."""

    seq = fields.Integer()
    mode = fields.String(metadata={"enum": list(MODES)})
    service = fields.Nested(OfferedService)
    carrier = fields.String(allow_none=True)
    from_ = fields.Nested(StopShape, data_key="from")
    to = fields.Nested(StopShape)
    etd = fields.String(metadata={"format": "date-time"})
    eta = fields.String(metadata={"format": "date-time"})


class RateShape(Answer):
    """One way and what it would cost if it left next."""

    modes = fields.List(fields.String())
    legs = fields.List(fields.Nested(RateLeg))
    departs_at = fields.String(metadata={"format": "date-time"})
    arrives_at = fields.String(metadata={"format": "date-time"})
    transit_hours = fields.Nested(TransitShape)
    chargeable_weight_kg = fields.String()
    volumetric_divisor = fields.Integer(allow_none=True)
    charges = fields.List(fields.Nested(ChargeShape))
    total = fields.String()
    currency = fields.String()
    co2e = fields.Nested(Co2eShape)


class RatesShape(Answer):
    """Rates of today, the cheapest first; nothing is kept, and nothing of it can be booked."""

    example: ClassVar[dict[str, Any]] = {
        "bookable": False, "currency": "USD", "fx": [], "rates": [RATE], "messages": [],
    }  # fmt: skip
    bookable = fields.Boolean(metadata={"description": "Never: ask for a quote."})
    currency = fields.String()
    fx = fields.List(fields.Nested(FxShape))
    rates = fields.List(fields.Nested(RateShape))
    messages = fields.List(fields.Nested(MessageShape))
