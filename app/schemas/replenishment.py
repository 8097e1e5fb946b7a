"""Replenishment on the wire."""

from typing import Any, ClassVar

from marshmallow import fields

from app.schemas.base import Answer, Page, PageQuery, Shape
from app.schemas.fields import Text, Whole
from app.schemas.inbound import MOST_PIECES, some
from warehouses.replenishment import FEWEST_DAYS, STATES, USUAL

LONGEST_DAYS = 365
WAY: dict[str, Any] = {
    "days": 41, "services": ["EX-TRUCK", "SEA-EU1", "EX-TRUCK-DE"], "modes": ["road", "sea"], "total": "310.00",
    "currency": "USD",
}  # fmt: skip
TRANSIT: dict[str, Any] = {
    "basis": "network", "origin": "CNQIN-HUB", "cheapest": WAY,
    "fastest": WAY | {"days": 6, "services": ["AIR-EU"], "modes": ["air"], "total": "2450.00"},
}  # fmt: skip
ADVICE: dict[str, Any] = {
    "sku": "MUG-350", "sku_id": "sku_0h3vk5m8q2r7t9xz", "exporter": "acme", "warehouse": "DEDUI-WHS",
    "name_en": "ceramic mug", "name_zh": "陶瓷杯", "sold": 96, "per_day": "3.200", "free": 140, "coming": 0,
    "cover_days": 43, "position_days": 43, "runs_out_on": "2027-01-08", "state": "urgent", "way": "cheapest",
    "quantity": 180, "send_by": "2026-11-26",
}  # fmt: skip


class PolicyQuery(PageQuery):
    """How many days are looked at."""

    history_days = Whole(
        least=FEWEST_DAYS, most=LONGEST_DAYS, from_text=True, load_default=USUAL.history_days,
        metadata={"description": "Days of sales that count."},
    )  # fmt: skip
    safety_days = Whole(
        least=0, most=LONGEST_DAYS, from_text=True, load_default=USUAL.safety_days,
        metadata={"description": "Days that should always lie there."},
    )  # fmt: skip
    target_days = Whole(
        least=1, most=LONGEST_DAYS, from_text=True, load_default=USUAL.target_days,
        metadata={"description": "Days that what is sent should last."},
    )  # fmt: skip


class ReplenishmentQuery(PolicyQuery):
    """Of which warehouse, whose goods, and from where."""

    warehouse = Text(
        longest=24, load_default=None,
        metadata={"description": "Code or id; none: the first where goods of yours lie."},
    )  # fmt: skip
    exporter = Text(longest=40, load_default=None, metadata={"description": "Reference or id; for staff."})
    origin = Text(longest=24, load_default=None, metadata={"description": "Code of the hub it is sent from."})


class SendingLine(Shape):
    """So many pieces of a SKU."""

    sku = Text(longest=64, required=True, metadata={"description": "Code, id or barcode."})
    quantity = Whole(least=1, most=MOST_PIECES, required=True)


class NewReplenishment(Shape):
    """What is to be sent to a warehouse."""

    example: ClassVar[dict[str, Any]] = {
        "warehouse": "DEDUI-WHS", "origin": "CNQIN-HUB", "lines": [{"sku": "MUG-350", "quantity": 180}]
    }  # fmt: skip
    warehouse = Text(longest=24, required=True, metadata={"description": "Code or id."})
    exporter = Text(longest=40, load_default=None, allow_none=True, metadata={"description": "For staff."})
    origin = Text(
        longest=24, load_default=None, allow_none=True,
        metadata={"description": "Code of the hub; null: where the last goods to this warehouse came from."},
    )  # fmt: skip
    lines = some(SendingLine, required=True)


class LeadWayShape(Answer):
    """A way there: days from today until it lies on the shelf, and the price of 500 kg in 2.5 m3."""

    days = fields.Integer()
    services = fields.List(fields.String())
    modes = fields.List(fields.String())
    total = fields.String(allow_none=True)
    currency = fields.String(allow_none=True)


class LeadTimeShape(Answer):
    """The cheapest and the fastest way, and what they are known by."""

    basis = fields.String(
        metadata={
            "enum": ["network", "quotes", "assumed"],
            "description": "`network`: timetables and tariffs of today; `quotes`: those of the last 90 days; "
            "`assumed`: no way is known.",
        }
    )
    origin = fields.String(allow_none=True)
    cheapest = fields.Nested(LeadWayShape)
    fastest = fields.Nested(LeadWayShape)


class AdviceShape(Answer):
    """One SKU in one warehouse. Amounts are pieces; days are null where nothing sells."""

    sku = fields.String()
    sku_id = fields.String()
    exporter = fields.String()
    warehouse = fields.String()
    name_en = fields.String()
    name_zh = fields.String()
    sold = fields.Integer(metadata={"description": "Handed over in the window."})
    per_day = fields.String()
    free = fields.Integer(metadata={"description": "As new, in bins and in receiving, not reserved."})
    coming = fields.Integer(metadata={"description": "Announced, drafts counted in, and not yet counted in."})
    cover_days = fields.Integer(allow_none=True, metadata={"description": "How long what is free lasts."})
    position_days = fields.Integer(allow_none=True, metadata={"description": "With what is coming."})
    runs_out_on = fields.String(allow_none=True, metadata={"format": "date"})
    state = fields.String(metadata={"enum": list(STATES)})
    way = fields.String(
        metadata={"enum": ["cheapest", "fastest"], "description": "By which the days are reckoned."}
    )
    quantity = fields.Integer(metadata={"description": "What to send."})
    send_by = fields.String(allow_none=True, metadata={"format": "date"})


class ReplenishmentPage(Page):
    """The SKUs of one warehouse by code, with how long goods take there; null where there is none."""

    example: ClassVar[dict[str, Any]] = {"transit": TRANSIT, "items": [ADVICE], "next_cursor": None}
    transit = fields.Nested(LeadTimeShape, allow_none=True)
    items = fields.List(fields.Nested(AdviceShape))


class SentShape(Answer):
    """What was made: a draft of the ASN, and parcels that wait in the order pool."""

    example: ClassVar[dict[str, Any]] = {
        "asn_id": "asn_0h3vk5m8q2r7t9xz", "reference": "RPL-20261126-9F3A01BC", "expected_on": "2027-01-06",
        "parcel_ids": ["pcl_0h3vk5m8q2r7t9xz"], "added": True,
    }  # fmt: skip
    asn_id = fields.String()
    reference = fields.String()
    expected_on = fields.String(metadata={"format": "date"})
    parcel_ids = fields.List(fields.String())
    added = fields.Boolean(metadata={"description": "False: the same was asked before on this day."})
