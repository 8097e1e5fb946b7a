"""Why a plan does with a parcel what it does, on the wire."""

from typing import Any, ClassVar

from marshmallow import fields

from app.models.services import MODES
from app.schemas.base import Answer, Shape
from app.schemas.fields import Text, Whole
from app.schemas.plans import BLOCK, ITEM, PLAN, WAY, ReasonShape


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
    """Room on a departure, in one dimension."""

    kind = fields.String()
    label = fields.String()
    dimension = fields.String()
    departure_id = fields.String(allow_none=True)
    departure_number = fields.String(allow_none=True)
    service_code = fields.String(allow_none=True)


class BlockShape(RoomShape):
    """Room that is missing, in the dimension's own unit."""

    missing = fields.Float()
    capacity = fields.Float()


class WayShape(Answer):
    """A way a parcel can take, or `left_out`; amounts are in the currency of the plan."""

    left_out = fields.Boolean()
    disposition = fields.String(allow_none=True)
    legs = fields.List(fields.Nested(WayLegShape))
    arrives_at = fields.String(allow_none=True, metadata={"format": "date-time"})
    late_min = fields.Integer()
    cost = fields.String()
    components = fields.List(fields.Nested(ComponentShape))
    opening_cost = fields.String(metadata={"description": "Of units that would have to be opened for it."})
    room_value = fields.String(metadata={"description": "What the room it takes is worth to other goods."})
    extra_cost = fields.String(metadata={"description": "More than the way taken, other goods staying put."})
    binding = fields.Nested(RoomShape, allow_none=True)
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
        "relaxation": BLOCK,
    }
    plan_id = fields.String()
    parcel_id = fields.String()
    reference = fields.String()
    currency = fields.String()
    reason = fields.Nested(ReasonShape, allow_none=True)
    taken = fields.Nested(WayShape)
    alternatives = fields.List(fields.Nested(WayShape))
    relaxation = fields.Nested(
        BlockShape, allow_none=True, metadata={"description": "The least room that would open a cheaper way."}
    )
