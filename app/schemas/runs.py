"""Optimisation runs on the wire."""

from typing import Any, ClassVar

from marshmallow import fields, validate

from app.models.pool import DIRECTIONS
from app.models.runs import RUN_STATES
from app.schemas.base import Answer, Page, PageQuery, Shape
from app.schemas.fields import Number, PublicId, Text, Whole, Word
from app.usecases.optimizing import LONGEST_S
from app.usecases.scoping import HORIZON_DAYS, MAIN_MODES, MOST_PARCELS

SCOPE: dict[str, Any] = {
    "directions": ["export", "return"],
    "horizon_days": 56,
    "exporter": None,
    "origin": None,
    "destination": "USLAX-WH",
    "modes": ["air", "sea", "rail", "ferry", "road"],
    "weights": {"time": 1.0, "co2e_per_tonne": 80.0},
}
FINDING = {"code": "no_buy_tariff", "subject": "RAIL-JZH-DUI", "text": "no buy tariff is in force"}
RUN: dict[str, Any] = {
    "id": "run_0h3vk5m8q2r7t9xz",
    "status": "completed",
    "phase": "completed",
    "requested_by": "usr_0h3vk5m8q2r7t9xz",
    "scope": SCOPE,
    "time_limit_s": 60,
    "gap_limit": 0.01,
    "iterations": None,
    "seed": 1,
    "parcels_named": None,
    "items": 5000,
    "progress": {"incumbent": "1250000.00", "bound": "1200000.00", "currency": "CNY", "gap": 0.04},
    "cancel_requested": False,
    "failure": None,
    "problem_digest": "4b0e" * 16,
    "code_version": "0.1.0",
    "plan_id": "pln_0h3vk5m8q2r7t9xz",
    "created_at": "2026-11-23T01:30:00+00:00",
    "started_at": "2026-11-23T01:30:01+00:00",
    "finished_at": "2026-11-23T01:31:04+00:00",
}


class WeightsShape(Shape):
    """What counts beside what is paid."""

    time = Number(
        least="0", most="10", places=3, load_default=1,
        metadata={"description": "Times the planning price of a day under way and of a day late; 0: not counted."},
    )  # fmt: skip
    co2e_per_tonne = Number(
        least="0", most="100000", places=2, load_default=0,
        metadata={"description": "Price of a tonne CO2e in CNY, which every way pays; 0: not counted."},
    )  # fmt: skip


class ScopeShape(Shape):
    """Which goods and which departures a run considers, and how it weighs them."""

    directions = fields.List(Word(*DIRECTIONS))
    horizon_days = Whole(least=1, most=365, load_default=HORIZON_DAYS)
    exporter = Text(
        longest=40, load_default=None, allow_none=True, metadata={"description": "Reference or id."}
    )
    origin = Text(
        longest=40, load_default=None, allow_none=True, metadata={"description": "Code or UN/LOCODE."}
    )
    destination = Text(
        longest=40, load_default=None, allow_none=True, metadata={"description": "Code or UN/LOCODE."}
    )
    modes = fields.List(
        Word(*MAIN_MODES), metadata={"description": "Which modes may be used; all if it is empty."}
    )
    weights = fields.Nested(WeightsShape, load_default=dict)
    parcels = fields.List(
        PublicId("pcl"),
        load_default=None,
        allow_none=True,
        validate=validate.Length(1, MOST_PARCELS, error=f"bad_length|1 to {MOST_PARCELS} parcels"),
        metadata={
            "description": "These parcels and no others. All must wait to be planned; not together with "
            "directions, exporter, origin or destination."
        },
    )


class NewRun(Shape):
    """What to plan, and for how long."""

    example: ClassVar[dict[str, Any]] = {"time_limit_s": 60, "gap_limit": 0.01, "scope": SCOPE}
    scope = fields.Nested(ScopeShape, load_default=dict)
    time_limit_s = Whole(least=1, most=LONGEST_S, load_default=60)
    gap_limit = Number(
        least="0", most="0.999999", places=6, load_default=0,
        metadata={"description": "Stop at this gap to the proven bound; 0.01 is one per cent."},
    )  # fmt: skip
    iterations = Whole(
        least=1, most=1_000_000, load_default=None, allow_none=True,
        metadata={"description": "Instead of the time limit: the same answer on every machine."},
    )  # fmt: skip
    seed = Whole(least=0, most=2**31 - 1, load_default=1)


class RunQuery(PageQuery):
    """What narrows the runs."""

    status = Word(*RUN_STATES, load_default=None)


class StoredWeights(Answer):
    """The weights a run was asked with."""

    time = fields.Float()
    co2e_per_tonne = fields.Float()


class StoredScope(Answer):
    """The scope a run was asked with."""

    directions = fields.List(fields.String())
    horizon_days = fields.Integer()
    exporter = fields.String(allow_none=True)
    origin = fields.String(allow_none=True)
    destination = fields.String(allow_none=True)
    modes = fields.List(fields.String())
    weights = fields.Nested(StoredWeights)


class WholeScope(StoredScope):
    """The scope a run was asked with, and the parcels that it names."""

    parcels = fields.List(
        fields.String(), allow_none=True, metadata={"description": "Null: none were named."}
    )


class ProgressShape(Answer):
    """The best plan so far, and the bound below which no plan can be."""

    incumbent = fields.String(allow_none=True)
    bound = fields.String(allow_none=True)
    currency = fields.String()
    gap = fields.Float(allow_none=True)


class FailureShape(Answer):
    """Why there is no plan."""

    code = fields.String()
    detail = fields.String()


class FindingShape(Answer):
    """Something that the run could not consider, and why."""

    code = fields.String()
    subject = fields.String()
    text = fields.String()


class RunShape(Answer):
    """One optimisation run."""

    example: ClassVar[dict[str, Any]] = RUN
    id = fields.String()
    status = fields.String(metadata={"enum": list(RUN_STATES)})
    phase = fields.String()
    requested_by = fields.String()
    scope = fields.Nested(StoredScope)
    time_limit_s = fields.Integer()
    gap_limit = fields.Float()
    iterations = fields.Integer(allow_none=True)
    seed = fields.Integer()
    parcels_named = fields.Integer(
        allow_none=True, metadata={"description": "How many parcels the scope names; null: it names none."}
    )
    items = fields.Integer(metadata={"description": "Parcels and returns in the problem."})
    progress = fields.Nested(ProgressShape)
    cancel_requested = fields.Boolean()
    failure = fields.Nested(FailureShape, allow_none=True)
    problem_digest = fields.String(allow_none=True)
    code_version = fields.String()
    plan_id = fields.String(allow_none=True)
    created_at = fields.String(metadata={"format": "date-time"})
    started_at = fields.String(allow_none=True, metadata={"format": "date-time"})
    finished_at = fields.String(allow_none=True, metadata={"format": "date-time"})


class RunDetail(RunShape):
    """One optimisation run, with its whole scope and what it could not consider."""

    example: ClassVar[dict[str, Any]] = {**RUN, "scope": {**SCOPE, "parcels": None}, "findings": [FINDING]}
    scope = fields.Nested(WholeScope)
    findings = fields.List(fields.Nested(FindingShape), metadata={"description": "The first thousand."})


class RunPage(Page):
    """Runs, the newest first."""

    example: ClassVar[dict[str, Any]] = {"items": [RUN], "next_cursor": None}
    items = fields.List(fields.Nested(RunShape))
