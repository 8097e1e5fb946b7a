"""Plans made anew: tell what happened to a plan, and read what the new one changes."""

from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from app.actor import PLANNERS, STAFF
from app.api.base import Endpoints, answer
from app.api.batches import accepted
from app.api.plan_json import leg_json
from app.api.wire import bound, cost, money, page
from app.auth import actor, allow
from app.clock import now
from app.http import reading
from app.models import Plan, Replan
from app.queries.plans import get_plan
from app.queries.replans import MoveRow, get_replan, moves
from app.schemas.base import Accepted, PageQuery
from app.schemas.replans import MovePage, NewReplan, ReplanShape
from app.usecases.replanning import DepartureChange, Wanted, request_replan
from trade.money import minor_per_major

blueprint = Endpoints(
    "Re-plans", __name__, "Plan anew after something happened, with few changes", area="plans"
)


@blueprint.changing("/plans/<id('pln'):pln_id>/replans", Accepted, status=202, body=NewReplan)
@allow(*STAFF)
def create_replan(session: Session, wanted: dict[str, Any], pln_id: str) -> Response:
    """Plan anew after departures were cancelled, delayed or cut, with as few changes as pay out."""
    plan = get_plan(session, pln_id)
    run = request_replan(
        session,
        actor(),
        now(),
        pln_id,
        wanted_from(wanted, plan.currency),
        time_limit_s=wanted["time_limit_s"],
        seed=wanted["seed"],
        iterations=wanted["iterations"],
    )
    return accepted(run.public_id, f"/api/v1/optimization-runs/{run.public_id}", run.status)


@blueprint.reading("/plans/<id('pln'):pln_id>/replan", ReplanShape)
@allow(*PLANNERS)
def read_replan(pln_id: str) -> Response:
    """Read what a plan made anew changes: parcels, costs before and after, bound and trade-off curve."""
    with reading() as session:
        plan = get_plan(session, pln_id)
        found = get_replan(session, plan)
    return answer(replan_json(plan, found))


@blueprint.reading("/plans/<id('pln'):pln_id>/replan/moves", MovePage, query=PageQuery, refuses=(400,))
@allow(*PLANNERS)
def list_moves(query: dict[str, Any], pln_id: str) -> Response:
    """List the parcels that go another way, with the price of each changed booking."""
    with reading() as session:
        plan = get_plan(session, pln_id)
        found = moves(session, get_replan(session, plan), plan.id, **query)
    return answer(page(found, [move_json(row, plan.currency) for row in found.items]))


def wanted_from(sent: dict[str, Any], currency: str) -> Wanted:
    """What was sent, as the use case takes it: money in minor units of the plan's currency."""
    changes = tuple(
        DepartureChange(one["departure_id"], one["change"], one["delay_min"], float(one["capacity_share"]))
        for one in sent["departures"]
    )
    return Wanted(
        departures=changes,
        pinned=tuple(sent["pinned"]),
        withdrawn=tuple(sent["withdrawn"]),
        change_price_minor=int(sent["change_price"] * minor_per_major(currency)),
        max_changes=sent["max_changes"],
        curve=sent["curve"],
    )


def replan_json(plan: Plan, found: Replan) -> dict[str, Any]:
    """What a plan changes of the one before."""
    wanted, result, currency = Wanted.from_dict(found.wanted), found.result or {}, plan.currency
    return {
        "plan_id": plan.public_id,
        "run_id": plan.run.public_id,
        "plan_before_id": found.plan.public_id,
        "departures": found.wanted["departures"],
        "pinned": list(wanted.pinned),
        "withdrawn": list(wanted.withdrawn),
        "change_price": money(wanted.change_price_minor, currency),
        "max_changes": wanted.max_changes,
        "currency": currency,
        "affected": result["affected"],
        "changed": result["changed"],
        "withdrawn_parcels": result["withdrawn"],
        "cost_before": cost(result["before_minor"], currency),
        "cost_after": cost(result["after_minor"], currency),
        "changes_cost": cost(result["changes_minor"], currency),
        "lower_bound": bound(plan.lower_bound, currency),
        "gap": plan.gap,
        "curve": [_point(one, currency) for one in result["curve"]],
    }


def _point(one: dict[str, Any], currency: str) -> dict[str, Any]:
    known = one["cost_minor"]
    return {
        "max_changes": one["max_changes"],
        "changed": one["changed"],
        "cost": None if known is None else cost(known, currency),
    }


def move_json(row: MoveRow, currency: str) -> dict[str, Any]:
    """One parcel that goes another way."""
    return {
        "parcel_id": row.parcel_public_id,
        "reference": row.reference,
        "exporter": row.exporter_reference,
        "affected": row.affected,
        "cost_before": money(row.before_minor, currency),
        "cost_after": money(row.after_minor, currency),
        "change_price": money(row.price_minor, currency),
        "currency": currency,
        "legs_before": [leg_json(leg) for leg in row.before],
        "legs_after": [leg_json(leg) for leg in row.after],
    }
