"""Commits of plans on the wire: what is left out, how far one is, what was booked and what was stale."""

from typing import Any, ClassVar

from marshmallow import fields, validate

from app.models.plan_commits import CHAIN_STATES
from app.models.runs import PLAN_STATES
from app.schemas.base import Answer, Page, PageQuery, Shape
from app.schemas.fields import Flag, PublicId, Word
from app.schemas.plans import LEG, PLAN
from app.usecases.committing import MOST_LEFT_OUT
from routing.committing import STALE_CODES

AT_MOST = validate.Length(max=MOST_LEFT_OUT, error=f"too_many|at most {MOST_LEFT_OUT} in one request")
CHAIN: dict[str, Any] = {
    "departures": [LEG["departure_id"]],
    "status": "done",
    "parcels": 120,
    "bookings": 9,
    "booked": 117,
    "kept": 0,
    "decided": 0,
    "stale": 3,
    "stale_codes": {"no_room": 2, "booked_already": 1},
    "finished_at": "2026-11-23T01:31:09+00:00",
}
STALE: dict[str, Any] = {
    "parcel_id": "pcl_0h3vk5m8q2r7t9xz",
    "reference": "ORDER-1001",
    "exporter": "acme",
    "code": "no_room",
    "fact": "segment 0 has 1200 g left of 2500 needed",
}
COMMIT: dict[str, Any] = {
    "plan_id": PLAN["id"],
    "state": "committed",
    "requested_by": "operator@example.com",
    "requested_at": "2026-11-23T01:31:05+00:00",
    "started_at": "2026-11-23T01:31:06+00:00",
    "finished_at": "2026-11-23T01:31:09+00:00",
    "failure": None,
    "left_out": {"exporters": [], "departures": []},
    "chains": 4,
    "chains_done": 4,
    "parcels": 480,
    "bookings": 31,
    "booked": 470,
    "kept": 0,
    "decided": 6,
    "stale": 4,
    "items": [CHAIN],
    "next_cursor": None,
}


class LeftOutShape(Shape):
    """What stays in the pool for the next plan."""

    exporters = fields.List(PublicId("exp"), load_default=list, validate=AT_MOST)
    departures = fields.List(
        PublicId("dep"),
        load_default=list,
        validate=AT_MOST,
        metadata={"description": "Parcels whose way rides one of these are left out."},
    )


class NewCommit(Shape):
    """A plan is to be turned into bookings."""

    example: ClassVar[dict[str, Any]] = {
        "leave_out": {"exporters": ["exp_0h3vk5m8q2r7t9xz"], "departures": []}
    }
    leave_out = fields.Nested(LeftOutShape, load_default=dict)


class Discarding(Shape):
    """A draft is put aside, or taken up again."""

    example: ClassVar[dict[str, Any]] = {"undo": False}
    undo = Flag(load_default=False, metadata={"description": "Make a discarded plan a draft again."})


class PlanStateShape(Answer):
    """Where a plan stands."""

    example: ClassVar[dict[str, Any]] = {"id": PLAN["id"], "state": "discarded"}
    id = fields.String()
    state = fields.String(metadata={"enum": list(PLAN_STATES)})


class ChainShape(Answer):
    """What became of the itineraries that ride the same departures; parcels unless it says something else."""

    departures = fields.List(
        fields.String(), metadata={"description": "In the order they are ridden; empty: nothing dated is."}
    )
    status = fields.String(metadata={"enum": list(CHAIN_STATES)})
    parcels = fields.Integer()
    bookings = fields.Integer()
    booked = fields.Integer()
    kept = fields.Integer(metadata={"description": "Had their space already, from the plan before."})
    decided = fields.Integer(metadata={"description": "Returns that stay where they are."})
    stale = fields.Integer()
    stale_codes = fields.Dict(
        keys=fields.String(metadata={"enum": list(STALE_CODES)}), values=fields.Integer()
    )
    finished_at = fields.String(allow_none=True, metadata={"format": "date-time"})


class StoredLeftOut(Answer):
    """What stayed in the pool."""

    exporters = fields.List(fields.String())
    departures = fields.List(fields.String())


class CommitShape(Page):
    """How far a commit is, with a page of its chains; before anybody asked for one only the state says something."""

    example: ClassVar[dict[str, Any]] = COMMIT
    plan_id = fields.String()
    state = fields.String(metadata={"enum": list(PLAN_STATES)})
    requested_by = fields.String(allow_none=True)
    requested_at = fields.String(allow_none=True, metadata={"format": "date-time"})
    started_at = fields.String(allow_none=True, metadata={"format": "date-time"})
    finished_at = fields.String(allow_none=True, metadata={"format": "date-time"})
    failure = fields.String(
        allow_none=True, metadata={"description": "Why no worker goes on; commit it again to resume."}
    )
    left_out = fields.Nested(StoredLeftOut)
    chains = fields.Integer()
    chains_done = fields.Integer()
    parcels = fields.Integer()
    bookings = fields.Integer()
    booked = fields.Integer()
    kept = fields.Integer()
    decided = fields.Integer()
    stale = fields.Integer()
    items = fields.List(fields.Nested(ChainShape))


class StaleQuery(PageQuery):
    """What narrows the parcels that were not booked."""

    code = Word(*STALE_CODES, load_default=None)


class StaleShape(Answer):
    """A parcel that the plan had a way for and that was not booked; docs/committing.md says what to do."""

    example: ClassVar[dict[str, Any]] = STALE
    parcel_id = fields.String()
    reference = fields.String()
    exporter = fields.String()
    code = fields.String(metadata={"enum": list(STALE_CODES)})
    fact = fields.String()


class StalePage(Page):
    """The parcels that were not booked."""

    example: ClassVar[dict[str, Any]] = {"items": [STALE], "next_cursor": None}
    items = fields.List(fields.Nested(StaleShape))


class MadeShape(Answer):
    """A booking that a plan made."""

    booking_id = fields.String()
    status = fields.String()
    exporter = fields.String()
    parcels = fields.Integer()
    currency = fields.String()
    total = fields.String()


class MadePage(Page):
    """The bookings that a plan made."""

    example: ClassVar[dict[str, Any]] = {
        "items": [
            {
                "booking_id": "bkg_0h3vk5m8q2r7t9xz",
                "status": "CONFIRMED",
                "exporter": "acme",
                "parcels": 12,
                "currency": "CNY",
                "total": "1834.20",
            }
        ],
        "next_cursor": None,
    }
    items = fields.List(fields.Nested(MadeShape))
