"""Hubs on the wire: parcels that are received, weighed and measured."""

from typing import Any, ClassVar

from marshmallow import fields

from app.models.pool import PARCEL_STATES
from app.schemas.base import Answer, Page, Shape
from app.schemas.fields import Flag, Instant, Number, Text, Word
from warehouses.measuring import DECISIONS

SCAN_ID: dict[str, Any] = {
    "description": "An id the device gave the scan, e.g. a UUID: sent again, it counts once."
}
HUB_PARCEL = {
    "id": "pcl_0h3vk5m8q2r7t9xz",
    "reference": "ORDER-1001",
    "tracking_number": "FP123456789012345678",
    "exporter": "acme",
    "status": "picked_up",
    "origin": "CNQIN-HUB",
    "destination": "DEDUI-WH",
    "weight_kg": "2.500",
    "volume_m3": "0.012000",
    "goods_class": "general",
    "booking_id": "bkg_0h3vk5m8q2r7t9xz",
    "departure_id": "dep_0h3vk5m8q2r7t9xz",
    "departure": "048W",
    "cutoff_at": "2026-11-30T02:00:00+00:00",
}
MEASURE = {
    "place": "CNQIN-HUB", "at": "2026-11-26T02:05:00+00:00", "by": "usr_0h3vk5m8q2r7t9xz",
    "weight_kg": "2.900", "length_cm": "30.0", "width_cm": "20.0", "height_cm": "20.0", "volume_m3": "0.012000",
    "declared_kg": "2.500", "declared_m3": "0.012000", "varies": True, "latest": True, "decision": None,
}  # fmt: skip
EFFECT = {
    "booking_id": "bkg_0h3vk5m8q2r7t9xz", "measured": 1, "currency": "USD", "difference": "3.20",
    "legs": [
        {"leg": 1, "chargeable_before_kg": "2.500", "chargeable_after_kg": "2.900", "before": "20.00", "after": "23.20"}
    ],
}  # fmt: skip


class ParcelScan(Shape):
    """A parcel as a scanner reads it: tracking number, id, or the exporter's own reference."""

    example: ClassVar[dict[str, Any]] = {"scan": "FP123456789012345678", "scan_id": "5f0c"}
    scan = Text(longest=80, required=True)
    scan_id = Text(longest=64, load_default=None, allow_none=True, metadata=SCAN_ID)
    at = Instant(
        load_default=None, allow_none=True, metadata={"description": "When it was scanned, if not just now."}
    )
    anyway = Flag(
        load_default=False, metadata={"description": "Receive it although it does not come by here."}
    )


class Unpacking(Shape):
    """A unit that has come: its number as scanned, or its id."""

    example: ClassVar[dict[str, Any]] = {"scan": "CSQU3054383"}
    scan = Text(longest=80, required=True)


class NewMeasure(Shape):
    """What the scale says, and the sides if they were taken: all three of them or none."""

    example: ClassVar[dict[str, Any]] = {
        "place": "CNQIN-HUB", "weight_kg": "2.9", "length_cm": "30", "width_cm": "20", "height_cm": "20",
    }  # fmt: skip
    place = Text(longest=40, required=True, metadata={"description": "Code or id of the warehouse."})
    weight_kg = Number(least="0", above=True, most="100000", places=3, required=True)
    length_cm = Number(least="0", above=True, most="2000", places=1, load_default=None, allow_none=True)
    width_cm = Number(least="0", above=True, most="2000", places=1, load_default=None, allow_none=True)
    height_cm = Number(least="0", above=True, most="2000", places=1, load_default=None, allow_none=True)
    scan_id = Text(longest=64, load_default=None, allow_none=True, metadata=SCAN_ID)
    at = Instant(load_default=None, allow_none=True)


class VarianceDecision(Shape):
    """What was decided about a variance."""

    example: ClassVar[dict[str, Any]] = {"decision": "accepted", "note": "agreed by phone"}
    decision = Word(*DECISIONS, required=True)
    note = Text(longest=500, load_default="")


class HubParcelShape(Answer):
    """A parcel as a place sees it, with the departure it goes on with."""

    example: ClassVar[dict[str, Any]] = HUB_PARCEL
    id = fields.String()
    reference = fields.String()
    tracking_number = fields.String(allow_none=True)
    exporter = fields.String()
    status = fields.String(metadata={"enum": list(PARCEL_STATES)})
    origin = fields.String()
    destination = fields.String()
    weight_kg = fields.String(metadata={"description": "As declared."})
    volume_m3 = fields.String()
    goods_class = fields.String()
    booking_id = fields.String(allow_none=True)
    departure_id = fields.String(allow_none=True)
    departure = fields.String(allow_none=True)
    cutoff_at = fields.String(allow_none=True, metadata={"format": "date-time"})


class HubParcelPage(Page):
    """Parcels that should be here by the end of the day."""

    example: ClassVar[dict[str, Any]] = {"items": [HUB_PARCEL], "next_cursor": None}
    items = fields.List(fields.Nested(HubParcelShape))


class HubReceipt(Answer):
    """A parcel that was received; `outcome` says whether this scan did it."""

    example: ClassVar[dict[str, Any]] = {
        "outcome": "received", "place": "CNQIN-HUB", "at": "2026-11-26T02:00:00+00:00",
        "by": "usr_0h3vk5m8q2r7t9xz", "off_its_way": False, "parcel": HUB_PARCEL,
    }  # fmt: skip
    outcome = fields.String(metadata={"enum": ["received", "already_received"]})
    place = fields.String()
    at = fields.String(metadata={"format": "date-time"})
    by = fields.String()
    off_its_way = fields.Boolean()
    parcel = fields.Nested(HubParcelShape)


class HubReceiptPage(Page):
    """What was received, the last first."""

    example: ClassVar[dict[str, Any]] = {"items": [HubReceipt.example], "next_cursor": None}
    items = fields.List(fields.Nested(HubReceipt))


class MeasureShape(Answer):
    """A parcel on the scale at one place, beside what was declared then."""

    example: ClassVar[dict[str, Any]] = MEASURE
    place = fields.String()
    at = fields.String(metadata={"format": "date-time"})
    by = fields.String()
    weight_kg = fields.String()
    length_cm = fields.String(allow_none=True)
    width_cm = fields.String(allow_none=True)
    height_cm = fields.String(allow_none=True)
    volume_m3 = fields.String()
    declared_kg = fields.String()
    declared_m3 = fields.String()
    varies = fields.Boolean(metadata={"description": "By more than the rule of the day allows."})
    latest = fields.Boolean()
    decision = fields.String(
        allow_none=True,
        metadata={"enum": [*DECISIONS, None], "description": "Null while a variance waits for a person."},
    )


class LegEffectShape(Answer):
    """What a leg charges by and costs, before and after."""

    leg = fields.Integer()
    chargeable_before_kg = fields.String()
    chargeable_after_kg = fields.String()
    before = fields.String()
    after = fields.String()


class EffectShape(Answer):
    """What the booking would cost with what was measured. `legs` is empty where a leg has no price any more."""

    example: ClassVar[dict[str, Any]] = EFFECT
    booking_id = fields.String()
    measured = fields.Integer()
    currency = fields.String()
    difference = fields.String()
    legs = fields.List(fields.Nested(LegEffectShape))


class MeasuresShape(Answer):
    """Every measure of a parcel, the last first, and what they make of its booking's price."""

    example: ClassVar[dict[str, Any]] = {"items": [MEASURE], "effect": EFFECT}
    items = fields.List(fields.Nested(MeasureShape))
    effect = fields.Nested(EffectShape, allow_none=True)


class VarianceRow(Answer):
    """A parcel that weighs or measures otherwise than declared."""

    parcel = fields.Nested(HubParcelShape)
    measure = fields.Nested(MeasureShape)


class VariancePage(Page):
    """Variances that wait for a decision, the last first."""

    example: ClassVar[dict[str, Any]] = {
        "items": [{"parcel": HUB_PARCEL, "measure": MEASURE}],
        "next_cursor": None,
    }
    items = fields.List(fields.Nested(VarianceRow))
