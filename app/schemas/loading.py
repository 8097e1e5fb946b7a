"""Load building on the wire: units, what is in them, and what was loaded onto a departure."""

from typing import Any, ClassVar

from marshmallow import fields

from app.queries.departure_load import KINDS
from app.schemas.base import Answer, Page, PageQuery, Shape
from app.schemas.fields import Flag, Instant, Number, PublicId, Text, Word
from app.schemas.hubs import SCAN_ID
from warehouses.loading import LOAD_STATES, UNIT_KINDS

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
CONTENT = {
    "kind": "parcel", "id": "pcl_0h3vk5m8q2r7t9xz", "reference": "ORDER-1001",
    "number": "FP123456789012345678", "exporter": "acme", "goods_class": "general", "returned": False,
    "weight_kg": "2.500", "volume_m3": "0.012000", "put_by": "usr_0h3vk5m8q2r7t9xz",
    "put_at": "2026-11-26T02:10:00+00:00", "variance": False,
}  # fmt: skip


class UnitScan(Shape):
    """A parcel or a smaller unit that goes into a unit, or out of it."""

    example: ClassVar[dict[str, Any]] = {"scan": "FP123456789012345678", "action": "in", "scan_id": "5f0d"}
    scan = Text(longest=80, required=True)
    action = Word("in", "out", load_default="in")
    scan_id = Text(longest=64, load_default=None, allow_none=True, metadata=SCAN_ID)
    at = Instant(load_default=None, allow_none=True)


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
