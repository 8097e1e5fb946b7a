"""Zones, bins and docks on the wire."""

from typing import Any, ClassVar

from marshmallow import fields

from app.schemas.base import Answer, Page, PageQuery, Shape
from app.schemas.fields import Day, Flag, Instant, Number, Text, Whole, Word
from app.schemas.stock import PLACE
from warehouses.stock import CUSTOMS_STATES, PLACE_KINDS

ZONE_CODE = r"^[A-Z0-9][A-Z0-9._-]*$"
CLOCK = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
CLOSING = r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"
MOST_WALK = 1_000_000
ZONE: dict[str, Any] = {
    "code": "A",
    "name": "shelves",
    "customs_status": "free",
    "walk_seq": 1,
    "bins": 20,
    "blocked": 1,
    "used_kg": "812.400",
    "used_m3": "3.114000",
}
BIN: dict[str, Any] = {
    "code": "A-01",
    "kind": "bin",
    "zone": "A",
    "customs_status": "free",
    "walk_seq": 1,
    "blocked": False,
    "max_weight_kg": "500.000",
    "max_volume_m3": "1.200000",
    "used_kg": "40.600",
    "used_m3": "0.155000",
    "lots": 2,
    "pieces": 96,
}
DOCK: dict[str, Any] = {
    "code": "D1",
    "opens_local": "08:00",
    "closes_local": "17:00",
    "slot_min": 60,
    "time_zone": "Europe/Berlin",
}
SLOT: dict[str, Any] = {
    "id": "slt_0h3vk5m8q2r7t9xz",
    "starts_at": "2026-11-27T09:00:00+01:00",
    "ends_at": "2026-11-27T10:00:00+01:00",
    "free": False,
    "subject": "asn_0h3vk5m8q2r7t9xz",
}


def _limit(most: str, places: int) -> Number:
    words = {"description": "Of all that may lie in one bin; null: not limited."}
    return Number(least="0", above=True, most=most, places=places, allow_none=True, metadata=words)


class NewZone(Shape):
    """A part of a warehouse. Bonded (1210) and supervised stock lies in zones of its own."""

    example: ClassVar[dict[str, Any]] = {
        "code": "A",
        "name": "shelves",
        "customs_status": "free",
        "walk_seq": 1,
    }
    code = Text(longest=16, pattern=ZONE_CODE, required=True)
    name = Text(longest=80, shortest=0, load_default="")
    customs_status = Word(*CUSTOMS_STATES, load_default="free")
    walk_seq = Whole(
        least=0, most=MOST_WALK, load_default=0, metadata={"description": "Zones are walked in this order."}
    )


class ZoneChange(Shape):
    """What is to be different about a zone; what is not named stays."""

    example: ClassVar[dict[str, Any]] = {"name": "high shelves"}
    name = Text(longest=80, shortest=0)
    walk_seq = Whole(least=0, most=MOST_WALK)


class ZoneShape(Answer):
    """A zone, and its bins summed up."""

    example: ClassVar[dict[str, Any]] = ZONE
    code = fields.String()
    name = fields.String()
    customs_status = fields.String(metadata={"enum": list(CUSTOMS_STATES)})
    walk_seq = fields.Integer()
    bins = fields.Integer()
    blocked = fields.Integer(metadata={"description": "Bins nothing is put into any more."})
    used_kg = fields.String()
    used_m3 = fields.String()


class ZonePage(Page):
    """Zones by code."""

    example: ClassVar[dict[str, Any]] = {"items": [ZONE], "next_cursor": None}
    items = fields.List(fields.Nested(ZoneShape))


class NewBins(Shape):
    """Bins of one zone, many at once."""

    example: ClassVar[dict[str, Any]] = {
        "zone": "A", "codes": "A-01..A-20", "max_weight_kg": "500", "max_volume_m3": "1.2",
    }  # fmt: skip
    zone = Text(longest=16, pattern=ZONE_CODE, required=True)
    codes = Text(
        longest=4000, required=True,
        metadata={"description": "Codes and ranges: `A-01..A-20`, `A-01-1..A-20-4`, `B-01, B-02`. 2000 at most."},
    )  # fmt: skip
    max_weight_kg = _limit("1000000", 3)
    max_volume_m3 = _limit("1000", 6)


class BinChange(Shape):
    """What is to be different about a bin; what is not named stays."""

    example: ClassVar[dict[str, Any]] = {"blocked": True}
    blocked = Flag(metadata={"description": "Nothing is put there any more; what lies there may leave."})
    walk_seq = Whole(least=0, most=MOST_WALK)
    max_weight_kg = _limit("1000000", 3)
    max_volume_m3 = _limit("1000", 6)


class PlaceQuery(PageQuery):
    """What narrows the list of places."""

    zone = Text(longest=16, pattern=ZONE_CODE, load_default=None)
    kind = Word(*PLACE_KINDS, load_default=None)
    blocked = Flag(from_text=True, load_default=None)
    code = Text(longest=24, pattern=PLACE, load_default=None, metadata={"description": "Begins with this."})


class BinShape(Answer):
    """A place of the warehouse and what lies there; all but bins are there once."""

    example: ClassVar[dict[str, Any]] = BIN
    code = fields.String()
    kind = fields.String(metadata={"enum": list(PLACE_KINDS)})
    zone = fields.String(allow_none=True)
    customs_status = fields.String(allow_none=True, metadata={"enum": [*CUSTOMS_STATES, None]})
    walk_seq = fields.Integer()
    blocked = fields.Boolean()
    max_weight_kg = fields.String(allow_none=True)
    max_volume_m3 = fields.String(allow_none=True)
    used_kg = fields.String()
    used_m3 = fields.String()
    lots = fields.Integer()
    pieces = fields.Integer()


class BinPage(Page):
    """Places by code."""

    example: ClassVar[dict[str, Any]] = {"items": [BIN], "next_cursor": None}
    items = fields.List(fields.Nested(BinShape))


class AddedBins(Answer):
    """What was made."""

    example: ClassVar[dict[str, Any]] = {"zone": "A", "codes": ["A-01", "A-02"]}
    zone = fields.String()
    codes = fields.List(fields.String())


class NewDock(Shape):
    """A door trucks come to, in slots of so many minutes between two local times."""

    example: ClassVar[dict[str, Any]] = {
        "code": "D1", "opens_local": "08:00", "closes_local": "17:00", "slot_min": 60,
    }  # fmt: skip
    code = Text(longest=16, pattern=ZONE_CODE, required=True)
    opens_local = Text(
        longest=5, pattern=CLOCK, required=True, metadata={"description": "HH:MM at the warehouse."}
    )
    closes_local = Text(
        longest=5, pattern=CLOSING, required=True, metadata={"description": "HH:MM, also 24:00."}
    )
    slot_min = Whole(least=5, most=1440, required=True)


class DockShape(Answer):
    """A dock and its hours."""

    example: ClassVar[dict[str, Any]] = DOCK
    code = fields.String()
    opens_local = fields.String()
    closes_local = fields.String()
    slot_min = fields.Integer()
    time_zone = fields.String(metadata={"description": "IANA name; its hours are in it."})


class DockPage(Page):
    """Docks by code."""

    example: ClassVar[dict[str, Any]] = {"items": [DOCK], "next_cursor": None}
    items = fields.List(fields.Nested(DockShape))


class SlotQuery(Shape):
    """Which day."""

    day = Day(required=True, metadata={"description": "On the warehouse's calendar."})


class NewSlot(Shape):
    """An appointment at a dock."""

    example: ClassVar[dict[str, Any]] = {
        "starts_at": "2026-11-27T09:00:00+01:00", "subject": "asn_0h3vk5m8q2r7t9xz",
    }  # fmt: skip
    starts_at = Instant(required=True, metadata={"description": "When a slot begins."})
    subject = Text(
        longest=40, required=True, pattern=r"^[a-z]{3}_[0-9a-z]+$",
        metadata={"description": "Id of the announced goods or of the load unit that comes."},
    )  # fmt: skip


class SlotShape(Answer):
    """A slot of a day, with the local offset; of others' appointments an exporter sees only that they are there."""

    example: ClassVar[dict[str, Any]] = SLOT
    id = fields.String(allow_none=True, metadata={"description": "Of the appointment."})
    starts_at = fields.String(metadata={"format": "date-time"})
    ends_at = fields.String(metadata={"format": "date-time"})
    free = fields.Boolean()
    subject = fields.String(allow_none=True)


class SlotPage(Page):
    """All slots of a day."""

    example: ClassVar[dict[str, Any]] = {"items": [SLOT], "next_cursor": None}
    items = fields.List(fields.Nested(SlotShape))
