"""What-if: ask it, compare the answers side by side, see who moves, promote a plan by hand, put scenarios aside."""

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session, object_session
from werkzeug.wrappers import Response

from app import auth
from app.actor import PLANNERS
from app.clock import now
from app.errors import Conflict, Invalid
from app.http import reading, transaction
from app.models import Plan, Scenario
from app.queries import plans, replans
from app.queries import scenarios as queries
from app.usecases import scenarios, scenarios_patching, scenarios_promoting, scenarios_warehouses
from app.web import addresses, scenario_labels
from app.web.scenario_form import ScenarioForm, whole
from app.web.scenario_rows import Column, rows_of

pages = Blueprint("scenarios", __name__)
LIVE = ("queued", "running")
MOST_COMPARED = 6
"""Scenarios side by side; more would be unreadable."""
for name, says in scenario_labels.FILTERS.items():
    pages.add_app_template_filter(says, name)


@pages.app_template_global("scenario_of")
def scenario_of(plan: Plan) -> Scenario | None:
    """The scenario a plan answers; None for a plan of the operation."""
    session = object_session(plan)
    return None if session is None else queries.scenario_of(session, plan.run_id)


def named_departures(session: Session, found: Iterable[Scenario]) -> dict[str, replans.NamedDeparture]:
    """The departures that scenarios are about, by public id."""
    ids = {patch["departure_id"] for one in found for patch in one.patches if "departure_id" in patch}
    return replans.departures_named(session, sorted(ids))


@pages.get("/scenarios")
@auth.allow(*PLANNERS)
def index() -> str:
    """Scenarios of all plans, or of one; those put aside by a filter."""
    archived = addresses.flag("archived")
    with reading() as session:
        plan = plans.get_plan(session, asked) if (asked := addresses.text("plan")) else None
        page = queries.list_scenarios(
            session, plan_id=plan.id if plan else None, archived=archived, cursor=addresses.cursor()
        )
        return render_template(
            "scenarios/index.html",
            page=page,
            plan=plan,
            latest=plans.latest_plan(session),
            archived=archived,
            named=named_departures(session, page.items),
            started=addresses.cursor() is not None,
            may_change=auth.actor().is_staff,
        )


@pages.get("/plans/<public_id>/compare")
@auth.allow(*PLANNERS)
def compare(public_id: str) -> str:
    """The baseline and its scenarios side by side; which ones stands in the address."""
    with reading() as session:
        plan = plans.get_plan(session, public_id)
        known = queries.list_scenarios(session, plan_id=plan.id, limit=20).items
        wished = [one[:20] for one in request.args.getlist("with")][:MOST_COMPARED]
        chosen = queries.scenarios_named(session, plan.id, wished) or known[:MOST_COMPARED][::-1]
        solved = [one.run.plan for one in chosen if one.run.plan is not None]
        figures = queries.figures(session, [plan, *solved])
        columns = [
            Column(None, figures[plan.id]),
            *(Column(one, figures.get(one.run.plan.id) if one.run.plan else None) for one in chosen),
        ]
        return render_template(
            "scenarios/compare.html",
            plan=plan,
            known=known,
            chosen=chosen,
            columns=columns,
            rows=rows_of(columns),
            named=named_departures(session, [*known, *chosen]),
            live=any(one.run.status in LIVE for one in chosen),
            may_change=auth.actor().is_staff,
        )


@pages.get("/plans/<public_id>/what-if")
@auth.allow("operator")
def compose(public_id: str) -> str:
    """The form that asks what if."""
    return render_form(public_id, ScenarioForm.empty())


def render_form(public_id: str, form: ScenarioForm) -> str:
    """The form as it was typed, with what the kept problem knows to choose from."""
    with reading() as session:
        plan = plans.get_plan(session, public_id)
        snapshot = scenarios_patching.snapshot_of(session, plan)
        return render_template(
            "scenarios/form.html",
            plan=plan,
            form=form,
            kinds=scenarios_patching.KINDS,
            departures=replans.departures_of(session, plan.id),
            others=_others(session, plan, form),
            modes=snapshot.modes,
            places=sorted(snapshot.places),
            warehouses=scenarios_warehouses.warehouses_of(session, snapshot),
            intakes=sorted(snapshot.intakes),
            currencies=[(one, one) for one in scenarios_patching.currencies_of(session, snapshot)],
        )


def _others(session: Session, plan: Plan, form: ScenarioForm) -> list[replans.NamedDeparture]:
    """Departures the plan does not use: one of them may be reached if it closes later."""
    if all(row["kind"] != "cutoff" for row in form.rows):
        return []
    used = {one.public_id for one in replans.departures_of(session, plan.id)}
    return [one for one in replans.departures_open(session, now()) if one.public_id not in used]


@pages.post("/plans/<public_id>/what-if")
@auth.allow("operator")
def ask(public_id: str) -> str | tuple[str, int] | Response:
    """Have it solved, and go where its answer will stand; or add or take away one thing that is assumed."""
    form = ScenarioForm.read()
    if form.edits_rows:
        return render_form(public_id, form)
    try:
        with transaction() as session:
            plan = plans.get_plan(session, public_id)
            scenario = scenarios.request_scenario(
                session,
                auth.actor(),
                now(),
                public_id,
                form.values["name"],
                scenarios_patching.check_patches(session, plan, form.patches(), now()),
                time_limit_s=whole(form.values["time_limit_s"]),
                seed=whole(form.values["seed"]),
            )
            beside = [
                one.public_id for one in queries.list_scenarios(session, plan_id=plan.id, limit=3).items
            ]
    except Invalid as error:
        form.refuse(error)
        return render_form(public_id, form), 422
    shown = [one for one in beside[::-1] if one != scenario.public_id]
    wanted: dict[str, Any] = {"with": [*shown, scenario.public_id]}
    return redirect(url_for("scenarios.compare", public_id=public_id, **wanted), 303)


@pages.get("/scenarios/<public_id>/moved")
@auth.allow(*PLANNERS)
def moved(public_id: str) -> str:
    """Each parcel that goes another way, with both ways and both costs."""
    with reading() as session:
        scenario = queries.get_scenario(session, public_id)
        plan = scenario.run.plan
        page = queries.moves(session, scenario, plan.id, cursor=addresses.cursor()) if plan else None
        return render_template(
            "scenarios/moved.html",
            scenario=scenario,
            plan=plan,
            page=page,
            named=named_departures(session, [scenario]),
            started=addresses.cursor() is not None,
        )


@pages.get("/scenarios/<public_id>/promote")
@auth.allow("operator")
def consider(public_id: str) -> str:
    """What promoting means, and whether all that the scenario assumes is true."""
    return render_promotion(public_id)


def render_promotion(public_id: str, error: Conflict | None = None) -> str:
    """The page before the plan is promoted."""
    with reading() as session:
        scenario = queries.get_scenario(session, public_id)
        plan = scenario.run.plan
        return render_template(
            "scenarios/promote.html",
            scenario=scenario,
            plan=plan,
            checks=scenarios_promoting.checks(session, scenario, now()),
            named=named_departures(session, scenarios.built_on(session, plan) if plan else [scenario]),
            error=error,
        )


@pages.post("/scenarios/<public_id>/promote")
@auth.allow("operator")
def promote(public_id: str) -> tuple[str, int] | Response:
    """Make its plan a draft of the operation; nothing is committed by that."""
    try:
        with transaction() as session:
            plan = scenarios_promoting.promote(session, auth.actor(), now(), public_id).public_id
    except Conflict as error:
        return render_promotion(public_id, error), error.status
    flash(gettext("Promoted: the plan is a draft now. Commit it when you are sure."), "good")
    return redirect(url_for("plans.show", public_id=plan), 303)


@pages.post("/scenarios/<public_id>/<any('take-back', archive, restore):step>")
@auth.allow("operator")
def change(public_id: str, step: str) -> Response:
    """Take a promotion back, put a scenario aside, or bring it back: each is the other's undo."""
    do, text = {
        "take-back": (
            scenarios_promoting.take_back,
            gettext("Taken back: its plan only asks what if again."),
        ),
        "archive": (scenarios.archive, gettext("Put aside. Bring it back from the list below at any time.")),
        "restore": (scenarios.restore, gettext("Brought back.")),
    }[step]
    try:
        with transaction() as session:
            do(session, auth.actor(), now(), public_id)
        flash(text, "good")
    except Conflict as error:
        flash(error.detail, "bad")
    with reading() as session:
        baseline = queries.get_scenario(session, public_id).plan.public_id
    archived = "1" if step == "archive" else None
    return redirect(url_for("scenarios.index", plan=baseline, archived=archived), 303)
