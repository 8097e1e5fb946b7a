"""What people decide about parcels of a plan, on the wire."""

from typing import Any, ClassVar

from marshmallow import fields

from app.models.plan_decisions import DECISIONS
from app.schemas.base import Answer, Page, Shape
from app.schemas.fields import PublicId, Whole, Word
from app.schemas.plans import ITEM, PLAN

UNDO = "undo"
DECISION: dict[str, Any] = {
    "number": 3,
    "plan_id": PLAN["id"],
    "plan_version": 4,
    "kind": "override",
    "parcel_id": ITEM["parcel_id"],
    "reference": ITEM["reference"],
    "option_before": 1812,
    "option_after": 1815,
    "extra_cost": "22.80",
    "currency": "CNY",
    "decided_by": "usr_0h3vk5m8q2r7t9xz",
    "decided_at": "2026-11-23T02:10:00+00:00",
    "undone_by": None,
    "undone_at": None,
}


class NewDecision(Shape):
    """What to do: lock a parcel's way, override it, leave the parcel out, or undo a decision by its number."""

    example: ClassVar[dict[str, Any]] = {
        "kind": "override", "version": 3, "parcel_id": ITEM["parcel_id"], "option": 1815,
    }  # fmt: skip
    kind = Word(*DECISIONS, UNDO, required=True)
    version = Whole(
        least=0, most=2**31 - 1, required=True,
        metadata={"description": "Of the plan that was looked at; 409 if it was changed since."},
    )  # fmt: skip
    parcel_id = PublicId("pcl", load_default=None, allow_none=True)
    option = Whole(
        least=0, most=2**31 - 1, load_default=None, allow_none=True,
        metadata={"description": "For `override`: the `option` of one of the ways that `why` lists."},
    )  # fmt: skip
    number = Whole(
        least=1, most=2**31 - 1, load_default=None, allow_none=True,
        metadata={"description": "For `undo`: the decision to take back."},
    )  # fmt: skip


class DecisionShape(Answer):
    """One decision; options are those of the problem, -1: left out."""

    example: ClassVar[dict[str, Any]] = DECISION
    number = fields.Integer()
    plan_id = fields.String()
    plan_version = fields.Integer(metadata={"description": "Send it with the next decision."})
    kind = fields.String(metadata={"enum": list(DECISIONS)})
    parcel_id = fields.String()
    reference = fields.String()
    option_before = fields.Integer()
    option_after = fields.Integer()
    extra_cost = fields.String()
    currency = fields.String()
    decided_by = fields.String()
    decided_at = fields.String(metadata={"format": "date-time"})
    undone_by = fields.String(allow_none=True)
    undone_at = fields.String(allow_none=True, metadata={"format": "date-time"})


class DecisionPage(Page):
    """Decisions, the newest first."""

    example: ClassVar[dict[str, Any]] = {"items": [DECISION], "next_cursor": None}
    items = fields.List(fields.Nested(DecisionShape))
