"""Optimisation runs: start one, watch it, stop it."""

from collections.abc import Sequence

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app import auth
from app.actor import PLANNERS
from app.clock import now
from app.errors import Invalid
from app.http import reading, transaction
from app.models import OptimizationRun, RunProgress
from app.models.pool import DIRECTIONS
from app.models.runs import RUN_STATES
from app.queries import parcels, places, runs
from app.usecases import optimizing
from app.usecases.scoping import MAIN_MODES, MOST_PARCELS
from app.web import addresses
from app.web.bulk_edit import meant
from app.web.fault_labels import fault
from app.web.parcels import is_plain_scope
from app.web.run_form import RunForm

pages = Blueprint("runs", __name__)
LIVE = ("queued", "running")
MILESTONES = 60
"""So many lines the table beside the chart has at most: the last ones."""


@pages.get("/runs")
@auth.allow(*PLANNERS)
def index() -> str:
    """The form to start a run, for rows of the pool that the address names or all that wait, and the runs so far."""
    if not names_rows() or (request.args.get("which") == "matching" and is_plain_scope()):
        return render_index(RunForm.shown())
    with reading() as session:
        chosen = meant(session)
        waiting = parcels.waiting_among(session, chosen[:MOST_PARCELS])
    return render_index(RunForm.selected(waiting, len(chosen)))


def names_rows() -> bool:
    """Whether the address names rows of the pool; its filters are those of the pool then."""
    return bool(request.args.keys() & {"id", "which"})


def render_index(form: RunForm) -> str:
    """The page with a form as it was typed."""
    status = None if names_rows() else addresses.one_of("status", RUN_STATES)
    with reading() as session:
        return render_template(
            "runs/index.html",
            form=form,
            page=runs.list_runs(session, status=status, cursor=addresses.cursor(), limit=20),
            started=addresses.cursor() is not None,
            pool=parcels.count_pool(session),
            exporters=parcels.exporters(session),
            origins=places.origins(session),
            destinations=places.destinations(session),
            directions=DIRECTIONS,
            modes=MAIN_MODES,
            may_run=auth.actor().is_staff,
        )


@pages.post("/runs")
@auth.allow("operator")
def start() -> str | tuple[str, int] | Response:
    """Ask for a run and go to its page."""
    form = RunForm.read()
    try:
        with transaction() as session:
            run = optimizing.request_run(
                session,
                auth.actor(),
                now(),
                scope=form.scope(),
                time_limit_s=form.whole("time_limit_s"),
                gap_limit=form.gap_limit,
                seed=form.whole("seed"),
            )
    except Invalid as error:
        form.errors = {
            one.field.removeprefix("scope.").removeprefix("weights."): fault(one) for one in error.errors
        }
        return render_index(form), 422
    return redirect(url_for("runs.show", public_id=run.public_id), 303)


@pages.get("/runs/<public_id>")
@auth.allow(*PLANNERS)
def show(public_id: str) -> str:
    """One run, live while it works: phase, best plan, bound and gap."""
    with reading() as session:
        run = runs.get_run(session, public_id)
        points = runs.progress(session, run.id)
        chart = [[point.seconds, point.incumbent, point.bound] for point in points]
        return render_template(
            "runs/show.html",
            run=run,
            live=run.status in LIVE,
            chart=chart,
            milestones=milestones(points),
            seconds=points[-1].seconds if points else 0.0,
            done=share_done(run, points[-1].seconds if points else 0.0),
            may_run=auth.actor().is_staff,
        )


def milestones(points: Sequence[RunProgress]) -> list[RunProgress]:
    """The points at which the best plan or the bound got better: what the chart shows, for a table."""
    found: list[RunProgress] = []
    for point in points:
        if not found or (point.incumbent, point.bound) != (found[-1].incumbent, found[-1].bound):
            found.append(point)
    return found[-MILESTONES:]


def share_done(run: OptimizationRun, seconds: float) -> float:
    """How much of its time a run has used; a finished one has used all of it."""
    return min(seconds / run.time_limit_s, 1.0) if run.status in LIVE else 1.0


@pages.post("/runs/<public_id>/stop")
@auth.allow("operator")
def stop(public_id: str) -> Response:
    """Ask a run to stop; one that computes keeps the best plan it has."""
    with transaction() as session:
        optimizing.cancel_run(session, auth.actor(), now(), public_id)
    return redirect(url_for("runs.show", public_id=public_id), 303)
