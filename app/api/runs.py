"""Optimisation runs: ask for a plan, follow it, stop it."""

from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from app.actor import PLANNERS, STAFF
from app.api.base import Endpoints, answer
from app.api.batches import accepted
from app.api.wire import bound, cost, page, utc
from app.auth import actor, allow
from app.clock import now
from app.http import reading
from app.models import OptimizationRun
from app.queries.runs import get_run
from app.queries.runs import list_runs as find_runs
from app.schemas.base import Accepted
from app.schemas.runs import NewRun, RunDetail, RunPage, RunQuery
from app.usecases.optimizing import cancel_run as stop_run
from app.usecases.optimizing import request_run
from app.usecases.pricing_facts import CURRENCY
from app.usecases.scoping import Scope

blueprint = Endpoints(
    "Optimization runs", __name__, "Ask for a plan in the background, and follow it", area="plans"
)


@blueprint.changing("/optimization-runs", Accepted, status=202, body=NewRun)
@allow(*STAFF)
def create_run(session: Session, wanted: dict[str, Any]) -> Response:
    """Start an optimisation run in the background."""
    run = request_run(
        session,
        actor(),
        now(),
        scope=wanted["scope"]
        | {"weights": {name: float(one) for name, one in wanted["scope"].get("weights", {}).items()}},
        time_limit_s=wanted["time_limit_s"],
        gap_limit=float(wanted["gap_limit"]),
        seed=wanted["seed"],
        iterations=wanted["iterations"],
    )
    return accepted(run.public_id, f"/api/v1/optimization-runs/{run.public_id}", run.status)


@blueprint.reading("/optimization-runs", RunPage, query=RunQuery, refuses=(400,))
@allow(*PLANNERS)
def list_runs(query: dict[str, Any]) -> Response:
    """List runs, the newest first."""
    with reading() as session:
        found = find_runs(session, status=query["status"], cursor=query["cursor"], limit=query["limit"])
    return answer(page(found, [run_json(run) for run in found.items]))


@blueprint.reading("/optimization-runs/<id('run'):run_id>", RunDetail)
@allow(*PLANNERS)
def read_run(run_id: str) -> Response:
    """Read one run: how far it is, how it ended, and its plan."""
    with reading() as session:
        run = get_run(session, run_id)
    return answer(run_detail(run))


@blueprint.changing("/optimization-runs/<id('run'):run_id>/cancel", RunDetail, status=200)
@allow(*STAFF)
def cancel_run(session: Session, run_id: str) -> Response:
    """Stop a run.

    One that waits ends at once; one that computes keeps the best plan it has. A run that is over is 409.
    """
    stop_run(session, actor(), now(), run_id)
    return answer(run_detail(get_run(session, run_id)))


def run_detail(run: OptimizationRun) -> dict[str, Any]:
    """A run with the parcels that were named and what it could not consider."""
    return run_json(run) | {"scope": Scope().to_dict() | run.scope, "findings": run.findings}


def run_json(run: OptimizationRun) -> dict[str, Any]:
    """A run as lists show it."""
    currency = run.plan.currency if run.plan else CURRENCY
    scope = Scope().to_dict() | run.scope
    parcels = scope.pop("parcels")
    failure = {"code": run.failure_code, "detail": run.failure_detail or ""} if run.failure_code else None
    return {
        "id": run.public_id,
        "status": run.status,
        "phase": run.phase,
        "requested_by": run.requested_by,
        "scope": scope,
        "time_limit_s": run.time_limit_s,
        "gap_limit": run.gap_limit,
        "iterations": run.iterations,
        "seed": run.seed,
        "parcels_named": len(parcels) if parcels else None,
        "items": run.items,
        "progress": {
            "incumbent": None if run.incumbent is None else cost(run.incumbent, currency),
            "bound": bound(run.bound, currency),
            "currency": currency,
            "gap": run.gap,
        },
        "cancel_requested": run.cancel_requested,
        "failure": failure,
        "problem_digest": run.problem_digest,
        "code_version": run.code_version,
        "plan_id": run.plan.public_id if run.plan else None,
        "created_at": utc(run.created_at),
        "started_at": utc(run.started_at),
        "finished_at": utc(run.finished_at),
    }
