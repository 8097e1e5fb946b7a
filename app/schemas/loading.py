"""Load building on the wire: scans, measures, units and what was loaded onto a departure."""

from typing import Any, ClassVar

from marshmallow import fields

from app.models.pool import PARCEL_STATES
from app.queries.departure_load import KINDS
from app.schemas.base import Answer, Page, PageQuery, Shape
from app.schemas.fields import Flag, Instant, Number, PublicId, Text, Word
from warehouses.loading import LOAD_STATES, UNIT_KINDS
from warehouses.measuring import DECISIONS

SCAN_ID: dict[str, Any] = {
    "description": "An id the device gave the scan, e.g. a UUID: sent again, it counts once."
}
UNIT: dict[str, Any] = {
    "id": "lun_0h3vk5m8q2r7t9xz",
    "kind": "container",
    "type": "40HQ",
    "number": "CSQU3054383",
    "shown": "CSQU 305438 3",
    "status": "sealed",
    "place": "CNQIN-HUB",
    "departure_id": "dep_0h3vk5m8q2r7t9xz",
    "departure": "048W",
    "service": "SEA-EU1",
    "departs_at": "2026-12-01T02:00:00+00:00",
    "from": "CNTAO-PORT",
    "to": "DEHAM-PORT",
    "handling_unit_id": None,
    "parent_id": None,
    "tare_kg": "3900.000",
    "net_kg": "18250.500",
    "net_m3": "61.250000",
    "max_kg": "28600.000",
    "max_m3": "67.100000",
    "gross_kg": "22160.000",
    "gross_varies": False,
    "seal_number": "CN4711",
    "parcels": 412,
    "units": 18,
    "opened_at": "2026-11-26T01:00:00+00:00",
    "sealed_at": "2026-11-26T07:30:00+00:00",
    "loaded_at": None,
    "departed_at": None,
    "unpacked_at": None,
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
CONTENT = {
    "kind": "parcel", "id": "pcl_0h3vk5m8q2r7t9xz", "reference": "ORDER-1001",
    "number": "FP123456789012345678", "exporter": "acme", "goods_class": "general", "returned": False,
    "weight_kg": "2.500", "volume_m3": "0.012000", "put_by": "usr_0h3vk5m8q2r7t9xz",
    "put_at": "2026-11-26T02:10:00+00:00", "variance": False,
}  # fmt: skip
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


class UnitScan(Shape):
    """A parcel or a smaller unit that goes into a unit, or out of it."""

    example: ClassVar[dict[str, Any]] = {"scan": "FP123456789012345678", "action": "in", "scan_id": "5f0d"}
    scan = Text(longest=80, required=True)
    action = Word("in", "out", load_default="in")
    scan_id = Text(longest=64, load_default=None, allow_none=True, metadata=SCAN_ID)
    at = Instant(load_default=None, allow_none=True)


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


class NewLoadUnit(Shape):
    """A unit to be built. `type` is a unit type such as 40HQ, AKE, EURPAL or MAILBAG."""

    example: ClassVar[dict[str, Any]] = {
        "place": "CNQIN-HUB", "kind": "pallet", "type": "EURPAL", "departure_id": "dep_0h3vk5m8q2r7t9xz",
    }  # fmt: skip
    place = Text(longest=40, required=True, metadata={"description": "Code or id of the warehouse."})
    kind = Word(*UNIT_KINDS, required=True)
    departure_id = PublicId("dep", required=True)
    type = Text(longest=16, load_default=None, allow_none=True)
    number = Text(
        longest=40,
        load_default=None,
        allow_none=True,
        metadata={
            "description": "Of containers (ISO 6346) and ULDs; bags and pallets get an SSCC without one."
        },
    )
    handling_unit_id = Text(
        longest=20,
        load_default=None,
        allow_none=True,
        metadata={"description": "The open unit of the departure it is the real one of."},
    )
    from_ = Text(longest=40, load_default=None, allow_none=True, data_key="from")
    to = Text(longest=40, load_default=None, allow_none=True)
    tare_kg = Number(least="0", most="100000", places=3, load_default=None, allow_none=True)
    max_kg = Number(least="0", above=True, most="1000000", places=3, load_default=None, allow_none=True)
    max_m3 = Number(least="0", above=True, most="10000", places=6, load_default=None, allow_none=True)


class Sealing(Shape):
    """The seal, and the gross weight on the scale."""

    example: ClassVar[dict[str, Any]] = {"seal_number": "CN4711", "gross_kg": "412.5"}
    seal_number = Text(longest=20, required=True)
    gross_kg = Number(least="0", above=True, most="1000000", places=3, required=True)
    accept_variance = Flag(
        load_default=False, metadata={"description": "Seal it although the scale says something else."}
    )


class Unsealing(Shape):
    """Why a unit is opened again."""

    example: ClassVar[dict[str, Any]] = {"reason": "one parcel was forgotten"}
    reason = Text(longest=200, required=True)


class LoadUnitQuery(PageQuery):
    """What narrows the list."""

    place = Text(longest=40, load_default=None)
    departure_id = PublicId("dep", load_default=None)
    status = Word(*LOAD_STATES, load_default=None)
    kind = Word(*UNIT_KINDS, load_default=None)
    number = Text(longest=40, load_default=None)


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


class LoadUnitShape(Answer):
    """A bag, pallet, ULD or container. `parcels` and `units` are what is directly in it."""

    example: ClassVar[dict[str, Any]] = UNIT
    id = fields.String()
    kind = fields.String(metadata={"enum": list(UNIT_KINDS)})
    type = fields.String()
    number = fields.String(metadata={"description": "SSCC, ULD code or ISO 6346 number."})
    shown = fields.String(metadata={"description": "The number for reading."})
    status = fields.String(metadata={"enum": list(LOAD_STATES)})
    place = fields.String()
    departure_id = fields.String(allow_none=True)
    departure = fields.String(allow_none=True)
    service = fields.String(allow_none=True)
    departs_at = fields.String(allow_none=True, metadata={"format": "date-time"})
    from_ = fields.String(data_key="from", allow_none=True)
    to = fields.String(allow_none=True)
    handling_unit_id = fields.String(allow_none=True)
    parent_id = fields.String(allow_none=True, metadata={"description": "The larger unit it stands in."})
    tare_kg = fields.String()
    net_kg = fields.String()
    net_m3 = fields.String()
    max_kg = fields.String(allow_none=True)
    max_m3 = fields.String(allow_none=True)
    gross_kg = fields.String(allow_none=True, metadata={"description": "On the scale, once it was sealed."})
    gross_varies = fields.Boolean()
    seal_number = fields.String(allow_none=True)
    parcels = fields.Integer()
    units = fields.Integer()
    opened_at = fields.String(metadata={"format": "date-time"})
    sealed_at = fields.String(allow_none=True, metadata={"format": "date-time"})
    loaded_at = fields.String(allow_none=True, metadata={"format": "date-time"})
    departed_at = fields.String(allow_none=True, metadata={"format": "date-time"})
    unpacked_at = fields.String(allow_none=True, metadata={"format": "date-time"})


class LoadUnitPage(Page):
    """Units, those opened last first."""

    example: ClassVar[dict[str, Any]] = {"items": [UNIT], "next_cursor": None}
    items = fields.List(fields.Nested(LoadUnitShape))


class LoadContentShape(Answer):
    """A parcel or a smaller unit in a unit, as it was counted."""

    example: ClassVar[dict[str, Any]] = CONTENT
    kind = fields.String(metadata={"enum": ["parcel", *UNIT_KINDS]})
    id = fields.String()
    reference = fields.String()
    number = fields.String(allow_none=True)
    exporter = fields.String(allow_none=True)
    goods_class = fields.String(allow_none=True)
    returned = fields.Boolean()
    weight_kg = fields.String()
    volume_m3 = fields.String()
    put_by = fields.String()
    put_at = fields.String(metadata={"format": "date-time"})
    variance = fields.Boolean(
        metadata={"description": "It was measured otherwise, and nobody has decided yet."}
    )


class LoadContentPage(Page):
    """What is in a unit; what was put in last comes first."""

    example: ClassVar[dict[str, Any]] = {"items": [CONTENT], "next_cursor": None}
    items = fields.List(fields.Nested(LoadContentShape))


class ScannedShape(Answer):
    """What became of a scan, and the unit as it is now."""

    example: ClassVar[dict[str, Any]] = {"outcome": "in", "unit": UNIT}
    outcome = fields.String(metadata={"enum": ["in", "out", "already_in"]})
    unit = fields.Nested(LoadUnitShape)


class LoadSums(Answer):
    """So many packages, and what they weigh."""

    packages = fields.Integer()
    weight_kg = fields.String()
    volume_m3 = fields.String()


class LoadDifference(Answer):
    """Where load and plan differ."""

    kind = fields.String(metadata={"enum": list(KINDS)})
    id = fields.String(metadata={"description": "Of the parcel; of the booking where kind is `unfilled`."})
    reference = fields.String()
    booking_id = fields.String()
    unit = fields.String(allow_none=True, metadata={"description": "Number of the unit it is in."})
    planned = fields.String(allow_none=True, metadata={"description": "Open units its booking has room in."})
    count = fields.Integer()


class DepartureLoadShape(Answer):
    """What was packed and loaded for a departure, beside what is booked."""

    example: ClassVar[dict[str, Any]] = {
        "departure_id": "dep_0h3vk5m8q2r7t9xz",
        "number": "048W",
        "status": "open",
        "planned": {"packages": 412, "weight_kg": "18250.000", "volume_m3": "61.000000"},
        "packed": {"packages": 411, "weight_kg": "18248.000", "volume_m3": "60.990000"},
        "loaded": {"packages": 0, "weight_kg": "0.000", "volume_m3": "0.000000"},
        "units": [UNIT],
        "difference_count": 1,
        "differences": [
            {
                "kind": "missing", "id": "pcl_0h3vk5m8q2r7t9xz", "reference": "ORDER-1001",
                "booking_id": "bkg_0h3vk5m8q2r7t9xz", "unit": None, "planned": None, "count": 1,
            }
        ],
    }  # fmt: skip
    departure_id = fields.String()
    number = fields.String()
    status = fields.String()
    planned = fields.Nested(LoadSums)
    packed = fields.Nested(LoadSums)
    loaded = fields.Nested(LoadSums)
    units = fields.List(
        fields.Nested(LoadUnitShape), metadata={"description": "Those that stand in no other."}
    )
    difference_count = fields.Integer()
    differences = fields.List(fields.Nested(LoadDifference), metadata={"description": "The first 200."})
