"""A plan: its proof, what rides on which departure, what each parcel does, and why."""

from typing import Any

from flask import Blueprint, render_template
from flask_babel import gettext

from app import auth
from app.actor import PLANNERS
from app.clock import now
from app.http import reading
from app.models.runs import REASON_CODES
from app.models.services import MODES
from app.queries import plan_items, plans
from app.usecases import explaining, valuing
from app.web import addresses, labels
from app.web.parcels import read_filter

pages = Blueprint("plans", __name__)
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
        return render_template(
            "plans/departures.html", plan=plan, page=page, started=addresses.cursor() is not None, modes=MODES
        )


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
        )


@pages.get("/plans/<public_id>/why/<parcel_id>")
@auth.allow(*PLANNERS)
def why(public_id: str, parcel_id: str) -> str:
    """Why one parcel goes the way it does, what the next best ways would cost, and what binds."""
    with reading() as session:
        plan = plans.get_plan(session, public_id)
        item = plan_items.plan_item(session, plan.id, parcel_id)
        why = explaining.why(session, public_id, parcel_id)
        ways = [why["taken"], *why["alternatives"]]
        return render_template(
            "plans/why.html",
            plan=plan,
            item=item,
            why=why,
            ways=ways,
            costs=[cost_lines(way) for way in ways],
        )


def cost_lines(way: dict[str, Any]) -> dict[str, int]:
    """Words → minor units of what a way costs; charges that go by the same word are added up."""
    lines: dict[str, int] = {}
    for part in way["components"]:
        name = labels.cost_part(part["code"])
        lines[name] = lines.get(name, 0) + part["amount_minor"]
    if way["change_cost_minor"]:
        lines[gettext("Change of the booking")] = way["change_cost_minor"]
    return lines
