"""Plans committed and discarded: turn a plan into bookings, follow it, see what was stale."""

from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from app.actor import PLANNERS, STAFF
from app.api.base import Endpoints, answer
from app.api.batches import accepted
from app.api.wire import money, page, utc
from app.auth import actor, allow
from app.clock import now
from app.http import reading
from app.models import Plan
from app.queries.plan_commits import ChainRow, CommitRow, chain_page, find_commit, made_page, stale_page
from app.queries.plans import get_plan
from app.schemas.base import Accepted, PageQuery
from app.schemas.plan_commits import (
    CommitShape,
    Discarding,
    MadePage,
    NewCommit,
    PlanStateShape,
    StalePage,
    StaleQuery,
)
from app.usecases.committing import LeftOut, discard_plan, request_commit

blueprint = Endpoints(
    "Plan commits", __name__, "Turn a plan into bookings, or discard it; a person decides", area="plans"
)
COUNTS = ("chains", "chains_done", "parcels", "bookings", "booked", "kept", "decided", "stale")


@blueprint.changing("/plans/<id('pln'):pln_id>/commit", Accepted, status=202, body=NewCommit)
@allow(*STAFF)
def commit_plan(session: Session, wanted: dict[str, Any], pln_id: str) -> Response:
    """Turn a draft into bookings in the background: one for each exporter and itinerary, chain by chain.

    A commit that stopped is resumed by asking again.
    """
    left_out = {name: tuple(wanted["leave_out"].get(name, ())) for name in ("exporters", "departures")}
    request_commit(session, actor(), now(), pln_id, LeftOut(**left_out))
    return accepted(pln_id, f"/api/v1/plans/{pln_id}/commit", "committing")


@blueprint.reading("/plans/<id('pln'):pln_id>/commit", CommitShape, query=PageQuery, refuses=(400,))
@allow(*PLANNERS)
def read_commit(query: dict[str, Any], pln_id: str) -> Response:
    """Read how far the commit of a plan is, and what came of each chain of departures."""
    with reading() as session:
        plan = get_plan(session, pln_id)
        commit = find_commit(session, plan.id)
        if commit is None:
            return answer(commit_json(plan, None) | {"items": [], "next_cursor": None})
        found = chain_page(session, commit.id, **query)
    return answer(commit_json(plan, commit) | page(found, [chain_json(row) for row in found.items]))


@blueprint.changing("/plans/<id('pln'):pln_id>/discard", PlanStateShape, status=200, body=Discarding)
@allow(*STAFF)
def discard_draft(session: Session, wanted: dict[str, Any], pln_id: str) -> Response:
    """Put a draft aside, or with `undo` make a discarded plan a draft again."""
    plan = discard_plan(session, actor(), now(), pln_id, undo=wanted["undo"])
    return answer({"id": plan.public_id, "state": plan.state})


@blueprint.reading("/plans/<id('pln'):pln_id>/commit/stale", StalePage, query=StaleQuery, refuses=(400,))
@allow(*PLANNERS)
def list_stale_parcels(query: dict[str, Any], pln_id: str) -> Response:
    """List the parcels a committed plan had a way for and that were not booked, with the reason."""
    with reading() as session:
        found = stale_page(session, get_plan(session, pln_id).id, **query)
    rows = [
        {"parcel_id": row.parcel_public_id, "reference": row.reference, "exporter": row.exporter}
        | {"code": row.code, "fact": row.fact}
        for row in found.items
    ]
    return answer(page(found, rows))


@blueprint.reading("/plans/<id('pln'):pln_id>/commit/bookings", MadePage, query=PageQuery, refuses=(400,))
@allow(*PLANNERS)
def list_planned_bookings(query: dict[str, Any], pln_id: str) -> Response:
    """List the bookings a plan made."""
    with reading() as session:
        found = made_page(session, get_plan(session, pln_id).id, **query)
    rows: list[dict[str, Any]] = [
        {
            "booking_id": row.public_id,
            "status": row.status,
            "exporter": row.exporter,
            "parcels": row.parcels,
            "currency": row.currency,
            "total": money(row.total_minor, row.currency),
        }
        for row in found.items
    ]
    return answer(page(found, rows))


def commit_json(plan: Plan, commit: CommitRow | None) -> dict[str, Any]:
    """Where a plan stands, and how far its commit is."""
    scope = commit.scope if commit else {}
    return {
        "plan_id": plan.public_id,
        "state": plan.state,
        "requested_by": commit.requested_by if commit else None,
        "requested_at": utc(commit.requested_at) if commit else None,
        "started_at": utc(commit.started_at) if commit else None,
        "finished_at": utc(commit.finished_at) if commit else None,
        "failure": commit.failure if commit else None,
        "left_out": {name: scope.get(name, []) for name in ("exporters", "departures")},
    } | {name: getattr(commit, name) if commit else 0 for name in COUNTS}


def chain_json(row: ChainRow) -> dict[str, Any]:
    """What became of one chain."""
    return {
        "departures": [one.public_id for one in row.departures],
        "status": row.status,
        "parcels": row.parcels,
        "bookings": row.bookings,
        "booked": row.booked,
        "kept": row.kept,
        "decided": row.decided,
        "stale": row.stale,
        "stale_codes": row.codes,
        "finished_at": utc(row.finished_at),
    }
