"""Quotes on the wire: what is asked, and what is offered."""

from typing import Any, ClassVar

from marshmallow import ValidationError, fields, validate, validates_schema

from app.models.pool import CUSTOMS_MODES
from app.models.services import MODES
from app.queries.quotes import QUOTE_STATES
from app.schemas.base import Answer, Page, PageQuery, Shape
from app.schemas.fields import Flag, Instant, Number, Text, Whole, Word
from app.schemas.places import CODE, COUNTRY, PLACE, PlaceShape
from app.schemas.quote_offers import OFFER, FxShape, OfferShape
from app.usecases.quoting_goods import GRAMS, MILLIMETRES
from app.usecases.quoting_places import TYPES
from routing.offers import OBJECTIVES

DIRECTIONS = ("export", "return")
INCOTERMS = ("EXW", "FCA", "CPT", "CIP", "DAP", "DPU", "DDP", "FAS", "FOB", "CFR", "CIF")
"""Incoterms 2020."""
MOST_LINES = 100
CURRENCY = r"^[A-Z]{3}$"
GOODS = r"^[a-z][a-z0-9_]*$"
HS = r"^[0-9]{6,10}$"
ORIGIN: dict[str, Any] = {"type": "unlocode", "code": "CNTAO"}
ADDRESS: dict[str, Any] = {
    "type": "address", "country_code": "DE", "city": "Duisburg", "postal_code": "47119", "lat": "51.4500",
    "lon": "6.7330",
}  # fmt: skip
PARCEL: dict[str, Any] = {
    "count": 40, "weight": "12.5", "weight_unit": "KG", "length": "40", "width": "30", "height": "30",
    "dimension_unit": "CM", "goods_class": "general", "description": "ceramic mugs", "hs_code": "691200",
    "value": "120.00", "value_currency": "USD",
}  # fmt: skip
REQUEST: dict[str, Any] = {
    "origin": ORIGIN, "destination": ADDRESS, "ready_at": "2026-11-25T10:00:00+08:00",
    "deliver_by": "2027-01-20T18:00:00+01:00", "incoterm": "DAP", "currency": "USD", "parcels": [PARCEL],
    "preferences": {"objective": "balanced", "modes": ["sea", "rail", "air"]}, "customs": {"mode": "9810"},
    "hold": True,
}  # fmt: skip
SUMMARY: dict[str, Any] = {
    "id": "qte_0h3vk5m8q2r7t9xz", "status": "offered", "exporter": "acme", "test_mode": False,
    "created_at": "2026-11-23T01:30:00+00:00", "expires_at": "2026-11-24T01:30:00+00:00", "currency": "USD",
    "origin": PLACE, "destination": {**PLACE, "code": "DEDUI-WHS", "country": "DE"}, "booking_id": None,
    "offer_count": 1, "lowest_total": "412.50",
}  # fmt: skip


class PlaceGiven(Shape):
    """Where it begins or ends: a code, or an address."""

    example: ClassVar[dict[str, Any]] = ORIGIN
    type_ = Word(*TYPES, required=True, data_key="type")
    code = Text(
        longest=24, pattern=CODE, load_default=None, allow_none=True,
        metadata={"description": "UN/LOCODE, IATA code, or our code of a station, warehouse or location."},
    )  # fmt: skip
    country_code = Text(longest=2, shortest=2, pattern=COUNTRY, load_default=None, allow_none=True)
    city = Text(longest=100, load_default=None, allow_none=True)
    postal_code = Text(longest=16, load_default=None, allow_none=True)
    address_line1 = Text(longest=200, load_default=None, allow_none=True)
    lat = Number(least="-90", most="90", places=9, load_default=None, allow_none=True)
    lon = Number(least="-180", most="180", places=9, load_default=None, allow_none=True)

    @validates_schema
    def _of_its_type(self, data: dict[str, Any], **_more: object) -> None:
        if data["type_"] != "address" and data["code"] is None:
            raise ValidationError("required|say which, as code", "code")
        if data["type_"] == "address" and data["country_code"] is None:
            raise ValidationError(
                "required|an address needs its country, and lat and lon or a city", "country_code"
            )


class QuotedParcel(Shape):
    """So many packages of one size; weight, sizes and value are of one."""

    example: ClassVar[dict[str, Any]] = PARCEL
    count = Whole(least=1, most=100_000, load_default=1)
    weight = Number(least="0", above=True, most="1000000", places=6, required=True)
    weight_unit = Word(*GRAMS, load_default="KG")
    length = Number(least="0", above=True, most="100000", places=3, load_default=None, allow_none=True)
    width = Number(least="0", above=True, most="100000", places=3, load_default=None, allow_none=True)
    height = Number(least="0", above=True, most="100000", places=3, load_default=None, allow_none=True)
    dimension_unit = Word(*MILLIMETRES, load_default="CM")
    volume_m3 = Number(
        least="0", above=True, most="1000", places=6, load_default=None, allow_none=True,
        metadata={"description": "Where there are no sides to measure."},
    )  # fmt: skip
    goods_class = Text(longest=32, pattern=GOODS, load_default="general")
    description = Text(longest=200, shortest=0, load_default="")
    hs_code = Text(longest=10, pattern=HS, load_default=None, allow_none=True)
    value = Number(least="0", most="1000000000", places=4, load_default=None, allow_none=True)
    value_currency = Text(longest=3, shortest=3, pattern=CURRENCY, load_default=None, allow_none=True)


class Preferences(Shape):
    """What matters, and what is out of the question."""

    objective = Word(*OBJECTIVES, load_default="balanced")
    max_transit_days = Whole(
        least=1, most=365, load_default=None, allow_none=True,
        metadata={"description": "From ready to arrival; slower ways are not offered."},
    )  # fmt: skip
    modes = fields.List(
        Word(*MODES), load_default=list, validate=validate.Length(max=len(MODES), error="bad_length|each once"),
        metadata={"description": "Of departures; none named: all. Drayage and last mile are free."},
    )  # fmt: skip
    allow_charter = Flag(load_default=True)


class CustomsGiven(Shape):
    """What is known of clearance; it decides which duty can be estimated."""

    mode = Word(*CUSTOMS_MODES, load_default=None, allow_none=True)
    ioss = Flag(load_default=False, metadata={"description": "Sold to consumers in the EU under IOSS."})


class QuoteRequest(Shape):
    """What is to be moved, from where to where, and by when."""

    example: ClassVar[dict[str, Any]] = REQUEST
    exporter = Text(
        longest=40, load_default=None, allow_none=True,
        metadata={"description": "Reference or id of the exporter; staff must name it."},
    )  # fmt: skip
    origin = fields.Nested(PlaceGiven, required=True)
    destination = fields.Nested(PlaceGiven, required=True)
    ready_at = Instant(required=True)
    deliver_by = Instant(load_default=None, allow_none=True)
    hard_deadline = Flag(
        load_default=False,
        metadata={"description": "Better not at all than late: late ways are not offered."},
    )
    incoterm = Word(*INCOTERMS, load_default=None, allow_none=True)
    currency = Text(
        longest=3, shortest=3, pattern=CURRENCY, load_default=None, allow_none=True,
        metadata={"description": "Of the totals; the exporter's own currency if left out."},
    )  # fmt: skip
    parcels = fields.List(
        fields.Nested(QuotedParcel), required=True,
        validate=validate.Length(min=1, max=MOST_LINES, error=f"bad_length|1 to {MOST_LINES} lines"),
    )  # fmt: skip
    direction = Word(*DIRECTIONS, load_default="export")
    preferences = fields.Nested(Preferences, load_default=None, allow_none=True)
    customs = fields.Nested(CustomsGiven, load_default=None, allow_none=True)
    hold = Flag(
        load_default=False, metadata={"description": "Hold space for the first offer, for two hours at most."}
    )


class MessageShape(Answer):
    """Which channel could not be offered and why, or what is not known."""

    channel = fields.String(
        allow_none=True, metadata={"description": "Code of a service; null: the whole quote."}
    )
    code = fields.String(metadata={"description": "Stable; see docs/quotes.md."})
    severity = fields.String(metadata={"enum": ["info", "warning"]})
    text = fields.String()


class QuoteSummary(Answer):
    """A quote as lists show it."""

    example: ClassVar[dict[str, Any]] = SUMMARY
    id = fields.String()
    status = fields.String(metadata={"enum": list(QUOTE_STATES)})
    exporter = fields.String(metadata={"description": "Reference of the exporter."})
    test_mode = fields.Boolean()
    created_at = fields.String(metadata={"format": "date-time"})
    expires_at = fields.String(metadata={"format": "date-time"})
    currency = fields.String()
    origin = fields.Nested(PlaceShape, metadata={"description": "Where the first offer begins."})
    destination = fields.Nested(PlaceShape)
    booking_id = fields.String(allow_none=True)
    offer_count = fields.Integer()
    lowest_total = fields.String(allow_none=True)


class DistanceShape(Answer):
    """How far the addresses are from the places served."""

    origin = fields.String(allow_none=True)
    destination = fields.String(allow_none=True)


class QuoteShape(QuoteSummary):
    """A quote with its offers, the best first for the objective asked for. It never changes, but for its status."""

    example: ClassVar[dict[str, Any]] = SUMMARY | {
        "fx": [], "offers": [OFFER], "messages": [
            {"channel": None, "code": "duty_unknown", "severity": "info",
             "text": "duty and tax are not known: no rate is on record for these goods in DE"}
        ], "distance_km": {"origin": None, "destination": "7.4"},
        "deliver_by": "2027-01-20T17:00:00+00:00", "ready_at": "2026-11-25T02:00:00+00:00",
    }  # fmt: skip
    ready_at = fields.String(metadata={"format": "date-time"})
    deliver_by = fields.String(allow_none=True, metadata={"format": "date-time"})
    distance_km = fields.Nested(
        DistanceShape, metadata={"description": "From an address to the place served; null for codes."}
    )
    fx = fields.List(fields.Nested(FxShape))
    offers = fields.List(fields.Nested(OfferShape))
    messages = fields.List(fields.Nested(MessageShape))


class QuotePage(Page):
    """Quotes, the newest first."""

    example: ClassVar[dict[str, Any]] = {"items": [SUMMARY], "next_cursor": None}
    items = fields.List(fields.Nested(QuoteSummary))


class QuoteQuery(PageQuery):
    """What narrows the quotes."""

    status = Word(*QUOTE_STATES, load_default=None)
    exporter = Text(longest=40, load_default=None, metadata={"description": "Reference or id; for staff."})
