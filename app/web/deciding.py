"""Decide about parcels of a plan: in the drawer beside its lists, or on the page that explains a parcel."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app import auth
from app.actor import PLANNERS
from app.clock import now
from app.errors import AppError, Conflict, Invalid
from app.http import reading, transaction
from app.models import PlanDecision
from app.queries import plan_decisions, plan_items, plans
from app.usecases import deciding, explaining
from app.usecases.pricing_facts import CURRENCY
from app.web import addresses, formats, labels, plan_labels

pages = Blueprint("deciding", __name__)
Page = str | tuple[str, int] | tuple[str, int, dict[str, str]] | Response
DRAWER = "drawer-body"
CHANGED = {"HX-Trigger": "plan-changed"}
"""Tells the page around the drawer to read what it shows anew."""
ALTERNATIVES = 3


def in_drawer() -> bool:
    """Whether the side drawer of a list asks, not a browser that wants a page."""
    return request.headers.get("HX-Target") == DRAWER


def explanation(
    session: Session, plan_id: str, parcel_id: str, departure: str | None = None
) -> dict[str, Any]:
    """What the drawer and the page of a parcel show; with a `departure`, ways that ride it come first."""
    plan = plans.get_plan(session, plan_id)
    item = plan_items.plan_item(session, plan.id, parcel_id)
    why = explaining.why(session, plan_id, parcel_id, alternatives=ALTERNATIVES, departure=departure)
    ways = [why["taken"], *why["alternatives"]]
    return {
        "plan": plan,
        "item": item,
        "why": why,
        "ways": ways,
        "costs": [cost_lines(way) for way in ways],
        "departure": departure,
        "chosen": _riding(why, departure),
        "held": plan_decisions.held(session, plan.id, [item.parcel_public_id]).get(item.parcel_public_id),
        "decisions": plan_decisions.decisions(session, plan.id, parcel=item.parcel_public_id, limit=20).items,
        "may_decide": auth.actor().is_staff,
        "drawer": in_drawer(),
    }


def render(plan_id: str, parcel_id: str, departure: str | None = None, **more: Any) -> str:  # noqa: ANN401 (for templates)
    """The drawer, or the page, of one parcel."""
    with reading() as session:
        shown = explanation(session, plan_id, parcel_id, departure)
        return render_template("plans/drawer.html" if in_drawer() else "plans/why.html", **shown, **more)


@pages.get("/plans/<public_id>/decisions")
@auth.allow(*PLANNERS)
def log(public_id: str) -> str:
    """All that people decided in a plan."""
    return render_log(public_id)


def render_log(public_id: str, problems: tuple[tuple[str, str], ...] = ()) -> str:
    """The log, with what could not be done."""
    with reading() as session:
        plan = plans.get_plan(session, public_id)
        return render_template(
            "plans/decisions.html",
            plan=plan,
            page=plan_decisions.decisions(session, plan.id, cursor=addresses.cursor()),
            started=addresses.cursor() is not None,
            may_decide=auth.actor().is_staff,
            problems=problems,
        )


@pages.post("/plans/<public_id>/decisions/<parcel_id>")
@auth.allow("operator")
def decide(public_id: str, parcel_id: str) -> Page:
    """Lock a parcel, send it another way, or leave it out."""
    option, kind = _whole("option"), request.form.get("kind", "")
    if kind == "override" and option == -1:
        kind = "leave"
    try:
        with transaction() as session:
            done = deciding.decide(
                session,
                auth.actor(),
                now(),
                public_id,
                parcel_id,
                kind,
                version=_whole("version") or 0,
                option=option,
            )
    except (Conflict, Invalid) as error:
        return render(public_id, parcel_id, error=error), error.status
    if in_drawer():
        return render(public_id, parcel_id, done=done), 200, CHANGED
    flash(_words(done, labels.word(plan_labels.DECISIONS)(done.kind)), "good")
    return redirect(url_for("plans.why", public_id=public_id, parcel_id=parcel_id), 303)


@pages.post("/plans/<public_id>/decisions/<int:number>/undo")
@auth.allow("operator")
def undo(public_id: str, number: int) -> Page:
    """Take a decision back."""
    parcel = request.form.get("parcel", "")
    try:
        with transaction() as session:
            deciding.undo(session, auth.actor(), now(), public_id, number, version=_whole("version") or 0)
    except Conflict as error:
        if in_drawer() and parcel:
            return render(public_id, parcel, error=error), error.status
        return render_log(public_id, (_problem(error),)), error.status
    if in_drawer() and parcel:
        return render(public_id, parcel, undone=True), 200, CHANGED
    flash(gettext("Taken back."), "good")
    return redirect(url_for("deciding.log", public_id=public_id), 303)


def cost_lines(way: dict[str, Any]) -> dict[str, int]:
    """Words → minor units of what a way costs; charges that go by the same word are added up."""
    lines: dict[str, int] = {}
    for part in way["components"]:
        name = plan_labels.cost_part(part["code"])
        lines[name] = lines.get(name, 0) + part["amount_minor"]
    if way["change_cost_minor"]:
        lines[gettext("Change of the booking")] = way["change_cost_minor"]
    return lines


def _riding(why: dict[str, Any], departure: str | None) -> int | None:
    """The cheapest possible way on a departure: what is chosen when a parcel is dropped onto it."""
    ways = [way for way in why["alternatives"] if not way["blocked"]]
    riding = (
        way["option"]
        for way in ways
        if any(leg["departure_id"] == departure for leg in way["legs"]) and departure
    )
    return next(riding, None)


def _problem(error: AppError) -> tuple[str, str]:
    return str(labels.ERROR_TITLES[error.code]) or error.title, error.detail


def _words(done: PlanDecision, title: str) -> str:
    if done.kind == "lock":
        return title
    return f"{title}. {gettext('Extra cost')}: {formats.money(done.extra_cost_minor, CURRENCY)}"


def _whole(name: str) -> int | None:
    text = request.form.get(name, "")
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdecimal() and len(digits) < 12 else None
