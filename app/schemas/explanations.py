"""Why a plan does with a parcel what it does, on the wire."""

from typing import Any, ClassVar

from marshmallow import fields

from app.models.services import MODES
from app.schemas.base import Answer, Page, PageQuery, Shape
from app.schemas.fields import Text, Whole, Word
from app.schemas.plans import BLOCK, ITEM, LEG, PLAN, RELAXATION, WAY, ReasonShape

ROOM_KINDS = ["payload", "segment", "slots", "boxes", "allotment", "throughput"]
SHOWN = ("scarce", "opened", "shut")
VERDICTS = ("needed", "pays", "does_not_pay", "would_pay", "would_not_pay")
MEASURES = ["g", "cm3", "teu", "slot20", "slot40", "slot45", "uld_position", "boxes", "parcels"]


class WhyQuery(Shape):
    """Which parcel is asked about."""

    item = Text(longest=64, required=True, metadata={"description": "Id of the parcel, or its reference."})
    alternatives = Whole(least=0, most=10, from_text=True, load_default=3)


class WayLegShape(Answer):
    """One leg of a way that is weighed."""

    mode = fields.String(metadata={"enum": list(MODES)})
    service_code = fields.String()
    service_name_en = fields.String()
    service_name_zh = fields.String()
    departure_id = fields.String(allow_none=True)
    departure_number = fields.String(allow_none=True)
    from_ = fields.String(data_key="from")
    to = fields.String()
    departs_at = fields.String(metadata={"format": "date-time"})
    arrives_at = fields.String(metadata={"format": "date-time"})


class ComponentShape(Answer):
    """A part of the cost."""

    code = fields.String()
    amount = fields.String()


class RoomShape(Answer):
    """Room on a departure or in a warehouse, in one dimension."""

    kind = fields.String(metadata={"enum": ROOM_KINDS})
    label = fields.String()
    dimension = fields.String(metadata={"enum": MEASURES, "description": "What is counted, and in what."})
    departure_id = fields.String(allow_none=True)
    departure_number = fields.String(allow_none=True)
    service_code = fields.String(allow_none=True)


class LimitShape(RoomShape):
    """The limit a way comes nearest to."""

    fill = fields.Float(metadata={"description": "Share in use with the parcel on it; 1 is full."})


class BlockShape(RoomShape):
    """Room that is missing, in the dimension's own unit."""

    missing = fields.Float()
    capacity = fields.Float()


class RelaxationShape(Answer):
    """The smallest single thing more that would open a cheaper way: room, units, or money."""

    change = fields.String(
        metadata={
            "enum": ["room", "unit", "money"],
            "description": "Room that is missing; units of a type more than may be opened; or nothing is missing, "
            "the way costs more than leaving the parcel.",
        }
    )
    kind = fields.String(allow_none=True, metadata={"enum": ROOM_KINDS})
    label = fields.String(allow_none=True)
    dimension = fields.String(allow_none=True, metadata={"enum": MEASURES})
    departure_id = fields.String(allow_none=True)
    departure_number = fields.String(allow_none=True)
    service_code = fields.String(allow_none=True)
    unit_code = fields.String(allow_none=True)
    unit_name_en = fields.String(allow_none=True)
    unit_name_zh = fields.String(allow_none=True)
    missing = fields.Float(allow_none=True)
    capacity = fields.Float(allow_none=True)
    cost = fields.String(
        metadata={"description": "Of the room at today's worth, of the units, or the money."}
    )
    saving = fields.String(
        allow_none=True,
        metadata={"description": "Less that the plan would cost before that; null: the parcel must go."},
    )


class WayShape(Answer):
    """A way a parcel can take, or `left_out`; amounts are in the currency of the plan."""

    option = fields.Integer(metadata={"description": "What a decision calls this way; -1: left out."})
    left_out = fields.Boolean()
    disposition = fields.String(allow_none=True)
    legs = fields.List(fields.Nested(WayLegShape))
    arrives_at = fields.String(allow_none=True, metadata={"format": "date-time"})
    late_min = fields.Integer()
    cost = fields.String()
    components = fields.List(fields.Nested(ComponentShape))
    change_cost = fields.String(metadata={"description": "Of changing a booking; part of the cost."})
    opening_cost = fields.String(
        metadata={"description": "Of units that would be opened for it, or are open for it alone."}
    )
    room_value = fields.String(metadata={"description": "What the room it takes is worth to other goods."})
    extra_cost = fields.String(metadata={"description": "More than the way taken, other goods staying put."})
    priced_extra_cost = fields.String(
        metadata={"description": "The same where the room taken is paid at its worth, here and there."}
    )
    binding = fields.Nested(LimitShape, allow_none=True)
    blocked = fields.List(fields.Nested(BlockShape))


class WhyShape(Answer):
    """The way taken, the ways not taken, and what stands between."""

    example: ClassVar[dict[str, Any]] = {
        "plan_id": PLAN["id"],
        "parcel_id": ITEM["parcel_id"],
        "reference": ITEM["reference"],
        "currency": "CNY",
        "reason": None,
        "taken": WAY,
        "alternatives": [WAY | {"cost": "61.20", "extra_cost": "22.80", "blocked": [BLOCK]}],
        "relaxation": RELAXATION,
    }
    plan_id = fields.String()
    parcel_id = fields.String()
    reference = fields.String()
    currency = fields.String()
    reason = fields.Nested(ReasonShape, allow_none=True)
    taken = fields.Nested(WayShape)
    alternatives = fields.List(fields.Nested(WayShape))
    relaxation = fields.Nested(RelaxationShape, allow_none=True)


SPACE: dict[str, Any] = {
    "departure_id": LEG["departure_id"],
    "service_code": LEG["service_code"],
    "number": LEG["number"],
    "mode": "rail",
    "departs_at": LEG["departs_at"],
    "rooms": [
        {
            "kind": "boxes",
            "label": "boxes",
            "from": LEG["from"],
            "to": LEG["to"],
            "certified": False,
            "values": [{"dimension": "cm3", "fill": 0.82, "one_more": "1 m3", "value": "310.00"}],
            "units": [
                {"code": "45G1", "name_en": "40-foot high cube", "name_zh": "40 英尺高箱", "opened": 1, "at_most": 4,
                 "cost": "32000.00", "fill": 0.82, "goods": 640, "captive": 0, "gain": "51000.00",
                 "break_even": 0.627451, "verdict": "pays"}
            ],
        }
    ],
}  # fmt: skip


class SpaceQuery(PageQuery):
    """What narrows the departures whose space is valued."""

    mode = Word(*MODES, load_default=None)
    show = Word(
        *SHOWN,
        load_default=None,
        metadata={
            "description": "Where more room would save, where units were opened, or where some stay shut."
        },
    )


class RoomValueShape(Answer):
    """One dimension of room."""

    dimension = fields.String(metadata={"enum": MEASURES})
    fill = fields.Float(metadata={"description": "Share in use."})
    one_more = fields.String(
        metadata={"description": "What `value` is for: 1 kg, 1 m3, 1 of what is counted."}
    )
    value = fields.String(
        allow_none=True,
        metadata={"description": "What it would save; null where nothing is opened to add it to."},
    )


class UnitValueShape(Answer):
    """Units of a type that are opened, or could be, and how full one must be to pay for itself."""

    code = fields.String()
    name_en = fields.String()
    name_zh = fields.String()
    opened = fields.Integer()
    at_most = fields.Integer()
    cost = fields.String(metadata={"description": "Of one."})
    fill = fields.Float(
        metadata={
            "description": "How full the opened ones are; for a shut type, how far `goods` would fill one."
        }
    )
    goods = fields.Integer(
        metadata={"description": "Parcels in them; for a shut type, those that would gain."}
    )
    captive = fields.Integer(metadata={"description": "Of them, those that have no other way."})
    gain = fields.String(metadata={"description": "What a full one saves against their next best ways."})
    break_even = fields.Float(
        allow_none=True,
        metadata={
            "description": "Share of one that must be filled to pay; above 1: never; null: nothing is saved."
        },
    )
    verdict = fields.String(metadata={"enum": list(VERDICTS)})


class RoomRowShape(Answer):
    """Room on a departure between two calls."""

    kind = fields.String(metadata={"enum": ROOM_KINDS})
    label = fields.String()
    from_ = fields.String(data_key="from")
    to = fields.String()
    certified = fields.Boolean(
        metadata={"description": "Values are prices of the proof; else what goods kept out would save."}
    )
    values = fields.List(fields.Nested(RoomValueShape))
    units = fields.List(fields.Nested(UnitValueShape))


class DepartureValueShape(Answer):
    """What the space of a departure is worth under a plan."""

    departure_id = fields.String()
    service_code = fields.String()
    number = fields.String()
    mode = fields.String(metadata={"enum": list(MODES)})
    departs_at = fields.String(metadata={"format": "date-time"})
    rooms = fields.List(fields.Nested(RoomRowShape))


class SpacePage(Page):
    """The departures a plan could use, by time, with the worth of their space."""

    example: ClassVar[dict[str, Any]] = {"items": [SPACE], "next_cursor": None}
    items = fields.List(fields.Nested(DepartureValueShape))
