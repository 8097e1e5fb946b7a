"""Plans: what they cost, what they do with each parcel and departure, why, and the files that prove it."""

from typing import Any

from flask import Response
from sqlalchemy import select

from app.actor import PLANNERS, STAFF
from app.api.base import Download, Endpoints, answer, download
from app.api.plan_json import item_json, plan_json, planned_json, space_json, why_json
from app.api.wire import page
from app.auth import allow
from app.clock import now
from app.http import reading
from app.models import Plan, RunInput
from app.queries.parcels import ParcelFilter
from app.queries.plan_items import plan_items
from app.queries.plans import get_plan, planned_departures
from app.schemas.explanations import SpacePage, SpaceQuery, WhyQuery, WhyShape
from app.schemas.plans import (
    PlanItemPage,
    PlanItemQuery,
    PlannedDeparturePage,
    PlannedDepartureQuery,
    PlanShape,
)
from app.usecases.explaining import why
from app.usecases.valuing import space_values

blueprint = Endpoints("Plans", __name__, "Checked plans with their proven bound")

NPZ = "application/octet-stream"


@blueprint.reading("/plans/<id('pln'):pln_id>", PlanShape)
@allow(*PLANNERS)
def read_plan(pln_id: str) -> Response:
    """Read one plan: cost, proven lower bound, gap, on-time share."""
    with reading() as session:
        plan = get_plan(session, pln_id)
    return answer(plan_json(plan))


@blueprint.reading("/plans/<id('pln'):pln_id>/items", PlanItemPage, query=PlanItemQuery, refuses=(400,))
@allow(*PLANNERS)
def list_plan_items(query: dict[str, Any], pln_id: str) -> Response:
    """List what a plan does with each parcel."""
    with reading() as session:
        plan = get_plan(session, pln_id)
        found = plan_items(
            session,
            plan.id,
            ParcelFilter(exporter=query["exporter"], reference=query["reference"]),
            assigned=query["assigned"],
            late=query["late"],
            reason=query["reason"],
            departure=query["departure"],
            cursor=query["cursor"],
            limit=query["limit"],
        )
    return answer(page(found, [item_json(row, plan.currency) for row in found.items]))


@blueprint.reading(
    "/plans/<id('pln'):pln_id>/departures", PlannedDeparturePage, query=PlannedDepartureQuery, refuses=(400,)
)
@allow(*PLANNERS)
def list_planned_departures(query: dict[str, Any], pln_id: str) -> Response:
    """List the departures a plan uses, with load and opened units."""
    with reading() as session:
        plan = get_plan(session, pln_id)
        found = planned_departures(session, now(), plan.id, **query)
    return answer(page(found, [planned_json(row, plan.currency) for row in found.items]))


@blueprint.reading("/plans/<id('pln'):pln_id>/space", SpacePage, query=SpaceQuery, refuses=(400,))
@allow(*PLANNERS)
def list_space_values(query: dict[str, Any], pln_id: str) -> Response:
    """List what one more kilogram or cubic metre would save on each departure, and how full units must be to pay."""
    with reading() as session:
        plan = get_plan(session, pln_id)
        found = space_values(session, now(), plan, **query)
    return answer(page(found, [space_json(row, plan.currency) for row in found.items]))


@blueprint.reading("/plans/<id('pln'):pln_id>/why", WhyShape, query=WhyQuery)
@allow(*PLANNERS)
def explain_plan_item(query: dict[str, Any], pln_id: str) -> Response:
    """Explain one parcel of a plan: the way taken, and the ways not taken."""
    with reading() as session:
        found = why(session, pln_id, query["item"], alternatives=query["alternatives"])
    return answer(why_json(found))


@blueprint.reading(
    "/plans/<id('pln'):pln_id>/files/problem.npz",
    Download(NPZ, "What was solved: fourport-problem/1, a NumPy .npz file."),
)
@allow(*STAFF)
def download_problem(pln_id: str) -> Response:
    """Download the problem a plan answers, for `fourport verify`."""
    with reading() as session:
        run_id = get_plan(session, pln_id).run_id
        content = session.scalars(select(RunInput.problem).where(RunInput.run_id == run_id)).one()
    return download(content, NPZ, f"{pln_id}-problem.npz")


@blueprint.reading(
    "/plans/<id('pln'):pln_id>/files/plan.npz",
    Download(NPZ, "The answer with its certificate: fourport-plan/1, a NumPy .npz file."),
)
@allow(*STAFF)
def download_plan(pln_id: str) -> Response:
    """Download a plan with the certificate of its bound, for `fourport verify`."""
    with reading() as session:
        plan_id = get_plan(session, pln_id).id
        content = session.scalars(select(Plan.solution).where(Plan.id == plan_id)).one()
    return download(content, NPZ, f"{pln_id}.npz")
