"""What-if on the wire: what is assumed of a plan, and what it would change."""

from typing import Any, ClassVar

from marshmallow import fields, validate

from app.models.runs import RUN_STATES
from app.models.services import MODES
from app.schemas.base import Answer, Page, Shape
from app.schemas.fields import Number, PublicId, Text, Whole, Word
from app.schemas.plans import LEG, PLAN
from app.schemas.runs import RUN
from app.usecases.optimizing import LONGEST_S
from app.usecases.scenarios import LONGEST_NAME, MOST_PATCHES
from app.usecases.scenarios_patching import KINDS, LEAST_CHANGE, LONGEST_MIN, MOST_PERCENT
from app.usecases.scenarios_warehouses import MOST_PARCELS

SEVERAL = validate.Length(max=MOST_PATCHES, error=f"too_many|at most {MOST_PATCHES} in one scenario")
NEEDED = (
    "Which of the others a kind needs stands in docs/scenarios.md; those it does not need are left alone."
)
PATCH: dict[str, Any] = {
    "kind": "cancelled", "departure_id": LEG["departure_id"], "mode": None, "location": None, "currency": None,
    "delay_min": None, "before_min": None, "percent": None, "daily_parcels": None,
}  # fmt: skip
SCENARIO: dict[str, Any] = {
    "id": "scn_0h3vk5m8q2r7t9xz",
    "name": "Without the train of Thursday",
    "plan_id": PLAN["id"],
    "run_id": "run_5h3vk5m8q2r7t9xz",
    "status": "completed",
    "answer_id": "pln_5h3vk5m8q2r7t9xz",
    "patches": [PATCH],
    "currency": "CNY",
    "cost_before": "1250000.00",
    "cost_after": "1262500.00",
    "cost_kept": "1281000.00",
    "moved": 815,
    "affected": 812,
    "through_new_warehouses": None,
    "by_later_cutoff": None,
    "created_at": RUN["created_at"],
    "promoted_at": None,
    "archived_at": None,
}


class PatchWanted(Shape):
    """One thing that is assumed."""

    kind = Word(*KINDS, required=True, metadata={"description": NEEDED})
    departure_id = PublicId("dep", load_default=None, allow_none=True)
    mode = Word(*MODES, load_default=None, allow_none=True)
    location = Text(longest=24, load_default=None, allow_none=True, metadata={"description": "Its code."})
    currency = Text(longest=3, shortest=3, load_default=None, allow_none=True)
    delay_min = Whole(least=1, most=LONGEST_MIN, load_default=None, allow_none=True)
    before_min = Whole(
        least=0, most=LONGEST_MIN, load_default=None, allow_none=True,
        metadata={"description": "So long before it leaves a departure closes."},
    )  # fmt: skip
    percent = Number(
        least=f"{LEAST_CHANGE:.0f}", most=f"{MOST_PERCENT:.0f}", places=3, load_default=None, allow_none=True,
        metadata={"description": "Of a capacity or an intake what there is, 100 is as it is; otherwise dearer by."},
    )  # fmt: skip
    daily_parcels = Whole(least=1, most=MOST_PARCELS, load_default=None, allow_none=True)


class NewScenario(Shape):
    """What is assumed, and how long it is solved."""

    example: ClassVar[dict[str, Any]] = {
        "name": SCENARIO["name"],
        "patches": [{"kind": "cancelled", "departure_id": LEG["departure_id"]}],
    }
    name = Text(longest=LONGEST_NAME, required=True)
    patches = fields.List(fields.Nested(PatchWanted), required=True, validate=SEVERAL)
    time_limit_s = Whole(least=1, most=LONGEST_S, load_default=60)
    iterations = Whole(
        least=1, most=1_000_000, load_default=None, allow_none=True,
        metadata={"description": "Instead of the time limit: the same answer on every machine."},
    )  # fmt: skip
    seed = Whole(least=0, most=2**31 - 1, load_default=1)


class PatchShape(Answer):
    """One thing that is assumed, as it was asked; null where the kind does not need it."""

    example: ClassVar[dict[str, Any]] = PATCH
    kind = fields.String(metadata={"enum": list(KINDS)})
    departure_id = fields.String(allow_none=True)
    mode = fields.String(allow_none=True)
    location = fields.String(allow_none=True)
    currency = fields.String(allow_none=True)
    delay_min = fields.Integer(allow_none=True)
    before_min = fields.Integer(allow_none=True)
    percent = fields.Float(allow_none=True)
    daily_parcels = fields.Integer(allow_none=True)


class ScenarioShape(Answer):
    """A what-if: the plan it asks about, what it assumes, and what that changes once it is solved."""

    example: ClassVar[dict[str, Any]] = SCENARIO
    id = fields.String()
    name = fields.String()
    plan_id = fields.String(metadata={"description": "The baseline."})
    run_id = fields.String()
    status = fields.String(metadata={"enum": list(RUN_STATES), "description": "Of its run."})
    answer_id = fields.String(
        allow_none=True, metadata={"description": "Its plan, read like any other; null until it is solved."}
    )
    patches = fields.List(fields.Nested(PatchShape))
    currency = fields.String()
    cost_before = fields.String()
    cost_after = fields.String(allow_none=True)
    cost_kept = fields.String(
        allow_none=True,
        metadata={
            "description": "The baseline with nobody placed anew; null where some goods must go and cannot."
        },
    )
    moved = fields.Integer(allow_none=True, metadata={"description": "Parcels that go another way."})
    affected = fields.Integer(allow_none=True, metadata={"description": "Parcels whose way is gone."})
    through_new_warehouses = fields.Integer(
        allow_none=True, metadata={"description": "Parcels; null where no new warehouse is assumed."}
    )
    by_later_cutoff = fields.Integer(
        allow_none=True,
        metadata={"description": "Parcels that only a later cut-off lets ride; null where none is assumed."},
    )
    created_at = fields.String()
    promoted_at = fields.String(allow_none=True)
    archived_at = fields.String(allow_none=True)


class ScenarioPage(Page):
    """The scenarios of a plan that were not put aside, the newest first."""

    example: ClassVar[dict[str, Any]] = {"items": [SCENARIO], "next_cursor": None}
    items = fields.List(fields.Nested(ScenarioShape))
