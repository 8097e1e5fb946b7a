"""What-if: assume something of a plan, and read what it would change. Promoting stays with a person, on a page."""

from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from app.actor import PLANNERS, STAFF
from app.api.base import Endpoints, answer
from app.api.batches import accepted
from app.api.wire import cost, page, utc
from app.auth import actor, allow
from app.clock import now
from app.http import reading
from app.models import Scenario
from app.queries.plans import get_plan
from app.queries.scenarios import get_scenario, list_scenarios
from app.schemas.base import Accepted, PageQuery
from app.schemas.scenarios import NewScenario, ScenarioPage, ScenarioShape
from app.usecases.scenarios import Patch, request_scenario
from app.usecases.scenarios_patching import check_patches

blueprint = Endpoints("Scenarios", __name__, "Ask what a plan would be under other facts", area="plans")
MEMBERS = (
    "kind", "departure_id", "mode", "location", "currency", "delay_min", "before_min", "percent", "daily_parcels",
)  # fmt: skip


@blueprint.changing("/plans/<id('pln'):pln_id>/scenarios", Accepted, status=202, body=NewScenario)
@allow(*STAFF)
def create_scenario(session: Session, wanted: dict[str, Any], pln_id: str) -> Response:
    """Have a plan solved anew under other facts. Nothing of the operation changes by it."""
    patches = check_patches(session, get_plan(session, pln_id), map(_patch, wanted["patches"]), now())
    scenario = request_scenario(
        session,
        actor(),
        now(),
        pln_id,
        wanted["name"],
        patches,
        time_limit_s=wanted["time_limit_s"],
        seed=wanted["seed"],
        iterations=wanted["iterations"],
    )
    return accepted(scenario.public_id, f"/api/v1/scenarios/{scenario.public_id}", "queued")


@blueprint.reading("/plans/<id('pln'):pln_id>/scenarios", ScenarioPage, query=PageQuery, refuses=(400,))
@allow(*PLANNERS)
def list_plan_scenarios(query: dict[str, Any], pln_id: str) -> Response:
    """List what was asked of a plan, the newest first, without what was put aside."""
    with reading() as session:
        plan = get_plan(session, pln_id)
        found = list_scenarios(session, plan_id=plan.id, **query)
        return answer(page(found, [scenario_json(one) for one in found.items]))


@blueprint.reading("/scenarios/<id('scn'):scn_id>", ScenarioShape)
@allow(*PLANNERS)
def read_scenario(scn_id: str) -> Response:
    """Read what a scenario assumes, how far its run is, and what it would change."""
    with reading() as session:
        return answer(scenario_json(get_scenario(session, scn_id)))


def _patch(sent: dict[str, Any]) -> Patch:
    percent = sent["percent"]
    return Patch(**sent | {"percent": None if percent is None else float(percent)})


def scenario_json(found: Scenario) -> dict[str, Any]:
    """A scenario, with its figures where it is solved."""
    plan, result, currency = found.run.plan, found.result or {}, found.plan.currency
    kept, new = result.get("kept_minor"), result.get("new_warehouses")
    return {
        "id": found.public_id,
        "name": found.name,
        "plan_id": found.plan.public_id,
        "run_id": found.run.public_id,
        "status": found.run.status,
        "answer_id": plan.public_id if plan else None,
        "patches": [{name: patch.get(name) for name in MEMBERS} for patch in found.patches],
        "currency": currency,
        "cost_before": cost(found.plan.objective, currency),
        "cost_after": cost(plan.objective, currency) if plan else None,
        "cost_kept": None if kept is None else cost(kept, currency),
        "moved": result.get("moved"),
        "affected": result.get("affected"),
        "through_new_warehouses": sum(new.values()) if new else None,
        "by_later_cutoff": result.get("by_later_cutoff"),
        "created_at": utc(found.created_at),
        "promoted_at": utc(found.promoted_at),
        "archived_at": utc(found.archived_at),
    }
