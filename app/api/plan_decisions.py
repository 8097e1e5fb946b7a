"""Decide about parcels of a draft plan: lock, override, leave out, and take that back."""

from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from app.actor import PLANNERS, STAFF
from app.api.base import Endpoints, answer
from app.api.wire import money, page, utc
from app.auth import actor, allow
from app.clock import now
from app.errors import FieldError, Invalid
from app.http import reading
from app.models import Plan
from app.queries.plan_decisions import DecisionRow, decisions
from app.queries.plans import get_plan
from app.schemas.base import PageQuery
from app.schemas.plan_decisions import UNDO, DecisionPage, DecisionShape, NewDecision
from app.usecases import deciding

blueprint = Endpoints(
    "Plan decisions", __name__, "Lock, override or leave parcels of a draft plan", area="plans"
)


@blueprint.changing("/plans/<id('pln'):pln_id>/decisions", DecisionShape, status=200, body=NewDecision)
@allow(*STAFF)
def create_plan_decision(session: Session, wanted: dict[str, Any], pln_id: str) -> Response:
    """Decide about one parcel of a draft plan, or take a decision back.

    What breaks a rule of the problem is refused with 409 and changes nothing.
    """
    plan = get_plan(session, pln_id)
    if wanted["kind"] == UNDO:
        number = _needed(wanted, "number")
        done = deciding.undo(session, actor(), now(), pln_id, number, version=wanted["version"])
    else:
        parcel = _needed(wanted, "parcel_id")
        done = deciding.decide(
            session,
            actor(),
            now(),
            pln_id,
            parcel,
            wanted["kind"],
            version=wanted["version"],
            option=wanted["option"],
        )
    found = decisions(session, plan.id, number=done.number).items[0]
    return answer(decision_json(plan, found))


@blueprint.reading("/plans/<id('pln'):pln_id>/decisions", DecisionPage, query=PageQuery, refuses=(400,))
@allow(*PLANNERS)
def list_plan_decisions(query: dict[str, Any], pln_id: str) -> Response:
    """List what people decided in a plan, the newest first."""
    with reading() as session:
        plan = get_plan(session, pln_id)
        found = decisions(session, plan.id, **query)
    return answer(page(found, [decision_json(plan, row) for row in found.items]))


def _needed(wanted: dict[str, Any], name: str) -> Any:  # noqa: ANN401 - a member of the body
    if wanted[name] is None:
        message = f"is needed for {wanted['kind']}"
        raise Invalid(f"{name} {message}", (FieldError(name, "required", message, json_path=f"$.{name}"),))
    return wanted[name]


def decision_json(plan: Plan, row: DecisionRow) -> dict[str, Any]:
    """One decision."""
    return {
        "number": row.number,
        "plan_id": plan.public_id,
        "plan_version": plan.version,
        "kind": row.kind,
        "parcel_id": row.parcel_public_id,
        "reference": row.reference,
        "option_before": row.before["option"],
        "option_after": row.after["option"],
        "extra_cost": money(row.extra_cost_minor, plan.currency),
        "currency": plan.currency,
        "decided_by": row.decided_by,
        "decided_at": utc(row.decided_at),
        "undone_by": row.undone_by,
        "undone_at": utc(row.undone_at),
    }
