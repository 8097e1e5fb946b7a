"""Why a plan does with a parcel what it does, on the wire."""

from typing import Any, ClassVar

from marshmallow import fields

from app.models.services import MODES
from app.schemas.base import Answer, Shape
from app.schemas.fields import Text, Whole
from app.schemas.plans import BLOCK, ITEM, PLAN, RELAXATION, WAY, ReasonShape

ROOM_KINDS = ["payload", "segment", "slots", "boxes", "allotment", "throughput"]
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
