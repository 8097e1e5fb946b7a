"""Plans made anew on the wire: what happened, and what the new plan changes."""

from typing import Any, ClassVar

from marshmallow import fields, validate

from app.schemas.base import Answer, Page, Shape
from app.schemas.fields import Flag, Number, PublicId, Whole, Word
from app.schemas.plans import LEG, PLAN, LegShape
from app.schemas.runs import RUN
from app.usecases.optimizing import LONGEST_S
from app.usecases.replanning import CHANGES, LONGEST_DELAY_MIN, MOST_NAMED

AT_MOST = validate.Length(max=MOST_NAMED, error=f"too_many|at most {MOST_NAMED} in one request")
HAPPENED: dict[str, Any] = {
    "departure_id": LEG["departure_id"],
    "change": "cancelled",
    "delay_min": 0,
    "capacity_share": 1.0,
}
MOVE: dict[str, Any] = {
    "parcel_id": "pcl_0h3vk5m8q2r7t9xz",
    "reference": "ORDER-1001",
    "exporter": "acme",
    "affected": True,
    "cost_before": "38.40",
    "cost_after": "41.10",
    "change_price": "0.00",
    "currency": "CNY",
    "legs_before": [LEG],
    "legs_after": [],
}
REPLAN: dict[str, Any] = {
    "plan_id": PLAN["id"],
    "run_id": RUN["id"],
    "plan_before_id": "pln_5h3vk5m8q2r7t9xz",
    "departures": [HAPPENED],
    "pinned": [],
    "withdrawn": [],
    "change_price": "5.00",
    "max_changes": None,
    "currency": "CNY",
    "affected": 812,
    "changed": 815,
    "withdrawn_parcels": 0,
    "cost_before": "1250000.00",
    "cost_after": "1262500.00",
    "changes_cost": "15.00",
    "lower_bound": "1210000.00",
    "gap": 0.043401,
    "curve": [{"max_changes": 0, "changed": 812, "cost": "1263000.00"}],
}


class HappenedShape(Shape):
    """What happened to one departure."""

    departure_id = PublicId("dep", required=True)
    change = Word(*CHANGES, required=True)
    delay_min = Whole(
        least=0,
        most=LONGEST_DELAY_MIN,
        load_default=0,
        metadata={"description": "Of all its calls, if delayed."},
    )
    capacity_share = Number(
        least="0", most="1", places=6, load_default=1,
        metadata={"description": "What is left of its free room and units, if cut; 0.5 is half."},
    )  # fmt: skip


class NewReplan(Shape):
    """What happened, and what may change because of it."""

    example: ClassVar[dict[str, Any]] = {
        "departures": [{"departure_id": LEG["departure_id"], "change": "cancelled"}],
        "change_price": "5.00",
    }
    departures = fields.List(fields.Nested(HappenedShape), load_default=list, validate=AT_MOST)
    pinned = fields.List(
        PublicId("pcl"),
        load_default=list,
        validate=AT_MOST,
        metadata={"description": "Parcels that keep their way if it is still there."},
    )
    withdrawn = fields.List(
        PublicId("pcl"),
        load_default=list,
        validate=AT_MOST,
        metadata={"description": "Parcels that need no way any more."},
    )
    change_price = Number(
        least="0", most="1000000000", places=2, load_default=0,
        metadata={"description": "Of each booking that changes without having to, in the plan's currency."},
    )  # fmt: skip
    max_changes = Whole(
        least=0, most=10_000_000, load_default=None, allow_none=True,
        metadata={"description": "Bookings that may change beyond those that must; null: as many as pay."},
    )  # fmt: skip
    curve = Flag(
        load_default=False,
        metadata={"description": "Tell the cost with no, 1 %, 5 % and any number of such changes too."},
    )
    time_limit_s = Whole(least=1, most=LONGEST_S, load_default=60)
    iterations = Whole(
        least=1, most=1_000_000, load_default=None, allow_none=True,
        metadata={"description": "Instead of the time limit: the same answer on every machine."},
    )  # fmt: skip
    seed = Whole(least=0, most=2**31 - 1, load_default=1)


class StoredHappened(Answer):
    """What happened to one departure, as it was told."""

    departure_id = fields.String()
    change = fields.String(metadata={"enum": list(CHANGES)})
    delay_min = fields.Integer()
    capacity_share = fields.Float()


class CurvePoint(Answer):
    """The cost with at most so many changes beyond those that must be; price of the changes included."""

    max_changes = fields.Integer(allow_none=True, metadata={"description": "Null: any number."})
    changed = fields.Integer(metadata={"description": "Parcels that go another way, with the affected."})
    cost = fields.String(allow_none=True, metadata={"description": "Null: no plan with so few was found."})


class ReplanShape(Answer):
    """What a plan that was made anew changes of the one before."""

    example: ClassVar[dict[str, Any]] = REPLAN
    plan_id = fields.String()
    run_id = fields.String()
    plan_before_id = fields.String()
    departures = fields.List(fields.Nested(StoredHappened))
    pinned = fields.List(fields.String())
    withdrawn = fields.List(fields.String())
    change_price = fields.String()
    max_changes = fields.Integer(allow_none=True)
    currency = fields.String()
    affected = fields.Integer(metadata={"description": "Parcels whose way was gone or held them no more."})
    changed = fields.Integer(metadata={"description": "Parcels that go another way now, with the affected."})
    withdrawn_parcels = fields.Integer()
    cost_before = fields.String()
    cost_after = fields.String(metadata={"description": "Without the price of the changes."})
    changes_cost = fields.String()
    lower_bound = fields.String(
        allow_none=True, metadata={"description": "No plan of what is left costs less, its changes included."}
    )
    gap = fields.Float(allow_none=True)
    curve = fields.List(fields.Nested(CurvePoint))


class MoveShape(Answer):
    """One parcel that goes another way; without legs it stays or is left out."""

    example: ClassVar[dict[str, Any]] = MOVE
    parcel_id = fields.String()
    reference = fields.String()
    exporter = fields.String()
    affected = fields.Boolean(metadata={"description": "Whether it had to move."})
    cost_before = fields.String()
    cost_after = fields.String()
    change_price = fields.String()
    currency = fields.String()
    legs_before = fields.List(fields.Nested(LegShape))
    legs_after = fields.List(fields.Nested(LegShape))


class MovePage(Page):
    """The parcels that moved, in the order they came in."""

    example: ClassVar[dict[str, Any]] = {"items": [MOVE], "next_cursor": None}
    items = fields.List(fields.Nested(MoveShape))
