"""Plans on the wire."""

from typing import Any, ClassVar

from marshmallow import fields

from app.models.pool import DIRECTIONS
from app.models.runs import REASON_CODES
from app.models.services import MODES
from app.schemas.base import Answer, Page, PageQuery
from app.schemas.fields import Flag, PublicId, Text, Word
from app.schemas.runs import RUN

PLAN: dict[str, Any] = {
    "id": RUN["plan_id"],
    "run_id": RUN["id"],
    "status": "feasible",
    "currency": "CNY",
    "cost": "1250000.00",
    "lower_bound": "1200000.00",
    "bound_source": "certificate",
    "gap": 0.04,
    "seconds": 61.8,
    "items": 5000,
    "assigned": 4950,
    "on_time": 4700,
    "on_time_share": 0.949495,
    "problem_digest": "4b0e" * 16,
    "version": 0,
    "summary": {"reasons": {"NO_ROUTE": 50}},
    "created_at": "2026-11-23T01:31:04+00:00",
}
LEG: dict[str, Any] = {
    "seq": 0,
    "mode": "rail",
    "service_code": "RAIL-JZH-DUI",
    "departure_id": "dep_0h3vk5m8q2r7t9xz",
    "number": "X8020",
    "from": "CNJZH-RAIL",
    "to": "DEDUI-RAIL",
    "departs_at": "2026-11-26T20:00:00+08:00",
    "arrives_at": "2026-12-11T09:00:00+01:00",
}
ITEM: dict[str, Any] = {
    "parcel_id": "pcl_0h3vk5m8q2r7t9xz",
    "reference": "ORDER-1001",
    "exporter": "acme",
    "direction": "export",
    "origin": "CNQIN-HUB",
    "destination": "DEDUI-WH",
    "goods_class": "general",
    "weight_kg": "2.500",
    "volume_m3": "0.009000",
    "ready_at": "2026-11-25T02:00:00+00:00",
    "deliver_by": "2026-12-20T17:00:00+00:00",
    "assigned": True,
    "cost": "38.40",
    "currency": "CNY",
    "arrives_at": "2026-12-12T15:00:00+00:00",
    "late_min": 0,
    "disposition": None,
    "reason": None,
    "legs": [LEG],
}
PLANNED: dict[str, Any] = {
    "departure_id": LEG["departure_id"],
    "service_code": LEG["service_code"],
    "number": LEG["number"],
    "mode": "rail",
    "from": LEG["from"],
    "to": LEG["to"],
    "departs_at": LEG["departs_at"],
    "arrives_at": LEG["arrives_at"],
    "status": "open",
    "parcels": 812,
    "weight_kg": "9120.500",
    "volume_m3": "48.200000",
    "weight_capacity_kg": "21000.000",
    "volume_capacity_m3": "64.000000",
    "units": [{"code": "45G1", "name_en": "40-foot high cube", "name_zh": "40 英尺高箱", "opened": 1,
               "from_call": 0, "to_call": 3, "cost": "32000.00", "currency": "CNY"}],
}  # fmt: skip
WAY: dict[str, Any] = {
    "option": 1812,
    "left_out": False,
    "disposition": "deliver",
    "legs": [
        {"mode": "rail", "service_code": "RAIL-JZH-DUI", "service_name_en": "Qilu Express",
         "service_name_zh": "齐鲁号", "departure_id": LEG["departure_id"], "departure_number": "X8020",
         "from": "CNJZH-RAIL", "to": "DEDUI-RAIL",
         "departs_at": LEG["departs_at"], "arrives_at": LEG["arrives_at"]}
    ],
    "arrives_at": "2026-12-12T15:00:00+00:00",
    "late_min": 0,
    "cost": "38.40",
    "components": [{"code": "weight_kg", "amount": "38.40"}],
    "change_cost": "0.00",
    "opening_cost": "0.00",
    "room_value": "0.00",
    "extra_cost": "0.00",
    "priced_extra_cost": "0.00",
    "binding": None,
    "blocked": [],
}  # fmt: skip
BLOCK: dict[str, Any] = {
    "kind": "segment", "label": "FER-TAO-INC 0412 0–1", "dimension": "g", "departure_id": LEG["departure_id"],
    "departure_number": "0412", "service_code": "FER-TAO-INC", "missing": 2500.0, "capacity": 9000000.0,
}  # fmt: skip

RELAXATION: dict[str, Any] = BLOCK | {
    "change": "room", "unit_code": None, "unit_name_en": None, "unit_name_zh": None, "cost": "3.10",
    "saving": "14.20",
}  # fmt: skip


class PlanShape(Answer):
    """A checked plan: what it costs, and the bound below which no plan can be."""

    example: ClassVar[dict[str, Any]] = PLAN
    id = fields.String()
    run_id = fields.String()
    status = fields.String(metadata={"enum": ["optimal", "feasible", "infeasible", "unknown"]})
    currency = fields.String()
    cost = fields.String(metadata={"description": "A planning cost, not an invoice."})
    lower_bound = fields.String(allow_none=True, metadata={"description": "Proven; rounded down."})
    bound_source = fields.String(
        metadata={
            "enum": ["certificate", "solver", "none"],
            "description": "Proof: multipliers in the plan file, which anyone can recompute; the integer solver; "
            "or nothing is proven.",
        }
    )
    gap = fields.Float(allow_none=True, metadata={"description": "Cost / bound − 1."})
    seconds = fields.Float()
    items = fields.Integer()
    assigned = fields.Integer()
    on_time = fields.Integer(
        metadata={"description": "Assigned, and there by their deliver-by if they have one."}
    )
    on_time_share = fields.Float(allow_none=True, metadata={"description": "Of the assigned."})
    problem_digest = fields.String(
        metadata={"description": "SHA-256 of what was solved; `fourport verify` says it."}
    )
    version = fields.Integer(
        metadata={
            "description": "Counts what people changed; a decision names the version that was looked at."
        }
    )
    summary = fields.Dict(metadata={"description": "Counts and minor units by mode, reason and direction."})
    created_at = fields.String(metadata={"format": "date-time"})


class PlanItemQuery(PageQuery):
    """What narrows the items of a plan."""

    assigned = Flag(from_text=True, load_default=None)
    late = Flag(from_text=True, load_default=False)
    reason = Word(*REASON_CODES, load_default=None)
    departure = PublicId(
        "dep", load_default=None, metadata={"description": "Id of a departure they travel on."}
    )
    exporter = Text(longest=40, load_default=None)
    reference = Text(longest=64, load_default=None, metadata={"description": "Begins with this."})


class LegShape(Answer):
    """One leg; times are in the local offset of the place."""

    seq = fields.Integer()
    mode = fields.String(metadata={"enum": list(MODES)})
    service_code = fields.String()
    departure_id = fields.String(allow_none=True, metadata={"description": "Null: it leaves when asked."})
    number = fields.String(allow_none=True)
    from_ = fields.String(data_key="from")
    to = fields.String()
    departs_at = fields.String(metadata={"format": "date-time"})
    arrives_at = fields.String(metadata={"format": "date-time"})


class ReasonShape(Answer):
    """Why a parcel is left, with the fact it rests on."""

    code = fields.String(metadata={"enum": list(REASON_CODES)})
    fact = fields.String()


class PlanItemShape(Answer):
    """What a plan does with one parcel."""

    example: ClassVar[dict[str, Any]] = ITEM
    parcel_id = fields.String()
    reference = fields.String()
    exporter = fields.String()
    direction = fields.String(metadata={"enum": list(DIRECTIONS)})
    origin = fields.String()
    destination = fields.String()
    goods_class = fields.String()
    weight_kg = fields.String()
    volume_m3 = fields.String()
    ready_at = fields.String(metadata={"format": "date-time"})
    deliver_by = fields.String(allow_none=True, metadata={"format": "date-time"})
    assigned = fields.Boolean()
    cost = fields.String(metadata={"description": "Its own; what opening a unit costs is not split."})
    currency = fields.String()
    arrives_at = fields.String(allow_none=True, metadata={"format": "date-time"})
    late_min = fields.Integer()
    disposition = fields.String(
        allow_none=True, metadata={"description": "What is done with a return; null: plain transport."}
    )
    reason = fields.Nested(ReasonShape, allow_none=True)
    legs = fields.List(fields.Nested(LegShape))


class PlanItemPage(Page):
    """Items in the order of the problem file."""

    example: ClassVar[dict[str, Any]] = {"items": [ITEM], "next_cursor": None}
    items = fields.List(fields.Nested(PlanItemShape))


class PlannedDepartureQuery(PageQuery):
    """What narrows the departures of a plan."""

    mode = Word(*MODES, load_default=None)


class PlannedUnitShape(Answer):
    """Units opened between two calls; the cost is of all of them."""

    code = fields.String()
    name_en = fields.String()
    name_zh = fields.String()
    opened = fields.Integer()
    from_call = fields.Integer()
    to_call = fields.Integer()
    cost = fields.String()
    currency = fields.String()


class PlannedDepartureShape(Answer):
    """What a plan puts on one departure, on its fullest segment."""

    departure_id = fields.String()
    service_code = fields.String()
    number = fields.String()
    mode = fields.String(metadata={"enum": list(MODES)})
    from_ = fields.String(data_key="from")
    to = fields.String()
    departs_at = fields.String(metadata={"format": "date-time"})
    arrives_at = fields.String(metadata={"format": "date-time"})
    status = fields.String()
    parcels = fields.Integer()
    weight_kg = fields.String()
    volume_m3 = fields.String()
    weight_capacity_kg = fields.String(allow_none=True)
    volume_capacity_m3 = fields.String(allow_none=True)
    units = fields.List(fields.Nested(PlannedUnitShape))


class PlannedDeparturePage(Page):
    """The departures a plan uses, by time."""

    example: ClassVar[dict[str, Any]] = {"items": [PLANNED], "next_cursor": None}
    items = fields.List(fields.Nested(PlannedDepartureShape))
