"""A plan: its proof, what rides on which departure, what each parcel does, and why."""

from collections.abc import Sequence

from flask import Blueprint, Response, render_template
from sqlalchemy.orm import Session

from app import auth
from app.actor import PLANNERS
from app.clock import now
from app.errors import Forbidden
from app.http import reading
from app.models import Plan
from app.models.runs import REASON_CODES
from app.models.services import MODES
from app.queries import plan_decisions, plan_files, plan_items, plans
from app.usecases import valuing
from app.web import addresses, deciding
from app.web.parcels import read_filter

pages = Blueprint("plans", __name__)
LEFT_ROWS = 8
"""Parcels without a way beside the departures; all of them have a list."""
SPACE_ROWS = 25
"""Departures a page; each has several rooms and units."""


@pages.get("/plans/<public_id>")
@auth.allow(*PLANNERS)
def show(public_id: str) -> str:
    """The plan by departure."""
    with reading() as session:
        plan = plans.get_plan(session, public_id)
        page = plans.planned_departures(
            session, now(), plan.id, mode=addresses.one_of("mode", MODES), cursor=addresses.cursor()
        )
        left = plan_items.plan_items(session, plan.id, assigned=False, limit=LEFT_ROWS).items
        return render_template(
            "plans/departures.html",
            plan=plan,
            page=page,
            started=addresses.cursor() is not None,
            modes=MODES,
            left=left,
            held=held(session, plan, left),
            decided=plan_decisions.decisions(session, plan.id, limit=5).items,
            may_decide=may_decide(plan),
        )


def may_decide(plan: Plan) -> bool:
    """Whether this person may change the plan, and it may be changed."""
    return auth.actor().is_staff and plan.state == "draft"


def held(session: Session, plan: Plan, rows: Sequence[plan_items.PlanItemRow]) -> dict[str, str]:
    """What people decided about the parcels of a list."""
    return plan_decisions.held(session, plan.id, [row.parcel_public_id for row in rows])


@pages.get("/plans/<public_id>/space")
@auth.allow(*PLANNERS)
def space(public_id: str) -> str:
    """What one more kilogram or cubic metre would be worth, and how full a unit must be to pay."""
    with reading() as session:
        plan = plans.get_plan(session, public_id)
        page = valuing.space_values(
            session,
            now(),
            plan,
            mode=addresses.one_of("mode", MODES),
            show=addresses.one_of("show", valuing.SHOWN),
            cursor=addresses.cursor(),
            limit=SPACE_ROWS,
        )
        return render_template(
            "plans/space.html",
            plan=plan,
            page=page,
            started=addresses.cursor() is not None,
            modes=MODES,
            shown=valuing.SHOWN,
        )


@pages.get("/plans/<public_id>/parcels")
@auth.allow(*PLANNERS)
def parcels(public_id: str) -> str:
    """The plan by parcel."""
    chosen = read_filter(default_status=None)
    with reading() as session:
        plan = plans.get_plan(session, public_id)
        departure = addresses.text("departure")
        page = plan_items.plan_items(
            session,
            plan.id,
            chosen,
            assigned=True,
            late=addresses.flag("late"),
            departure=departure,
            cursor=addresses.cursor(),
        )
        return render_template(
            "plans/parcels.html",
            plan=plan,
            page=page,
            chosen=chosen,
            departure=departure,
            started=addresses.cursor() is not None,
            held=held(session, plan, page.items),
            may_decide=may_decide(plan),
        )


@pages.get("/plans/<public_id>/unassigned")
@auth.allow(*PLANNERS)
def unassigned(public_id: str) -> str:
    """What the plan leaves, and for which reason."""
    reason = addresses.one_of("reason", REASON_CODES)
    with reading() as session:
        plan = plans.get_plan(session, public_id)
        page = plan_items.plan_items(
            session, plan.id, assigned=False, reason=reason, cursor=addresses.cursor()
        )
        return render_template(
            "plans/unassigned.html",
            plan=plan,
            page=page,
            reason=reason,
            reasons=plans.reasons(session, plan.id),
            started=addresses.cursor() is not None,
            held=held(session, plan, page.items),
        )


@pages.get("/plans/<public_id>/why/<parcel_id>")
@auth.allow(*PLANNERS)
def why(public_id: str, parcel_id: str) -> str:
    """Why one parcel goes the way it does, what the next best ways would cost, and what binds."""
    return deciding.render(public_id, parcel_id, addresses.text("departure"))


@pages.get("/plans/<public_id>/files/<any('assignments.csv', 'problem.npz', 'plan.npz'):file>")
@auth.allow(*PLANNERS)
def export(public_id: str, file: str) -> Response:
    """The plan as files: who goes how as CSV, and what `fourport verify` reads."""
    if file != "assignments.csv" and not auth.actor().is_staff:
        raise Forbidden("only operators take the problem and the proof out")
    with reading() as session:
        plan = plans.get_plan(session, public_id)
        content = plan_files.READERS[file](session, plan)
    kind = "text/csv; charset=utf-8" if file.endswith("csv") else "application/octet-stream"
    name = f"{public_id}-{file}"
    return Response(content, mimetype=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
