"""Optimisation runs: start one, watch it, stop it."""

from dataclasses import dataclass, field

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app import auth
from app.actor import PLANNERS
from app.clock import now
from app.errors import Invalid
from app.http import reading, transaction
from app.models import OptimizationRun
from app.models.pool import DIRECTIONS
from app.models.runs import RUN_STATES
from app.queries import parcels, runs
from app.usecases import optimizing
from app.web import addresses

pages = Blueprint("runs", __name__)
DEFAULTS = {
    "time_limit_s": "60",
    "gap_percent": "0",
    "seed": "1",
    "horizon_days": str(optimizing.HORIZON_DAYS),
}
LIVE = ("queued", "running")
PER_CENT = 100.0


@dataclass(slots=True)
class RunForm:
    """The form as typed, and what is wrong with it by field."""

    values: dict[str, str] = field(default_factory=lambda: dict(DEFAULTS))
    directions: tuple[str, ...] = DIRECTIONS
    exporter: str = ""
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls) -> "RunForm":
        """From the request."""
        values = {name: request.form.get(name, default) for name, default in DEFAULTS.items()}
        return cls(values, tuple(request.form.getlist("directions")), request.form.get("exporter", ""))

    def number(self, name: str) -> float:
        """A field as a number; what is none becomes a value every rule refuses."""
        try:
            return float(self.values[name])
        except ValueError:
            return -1.0

    def whole(self, name: str) -> int:
        """A field as a whole number; what is none becomes a value every rule refuses."""
        return int(self.values[name]) if self.values[name].isascii() and self.values[name].isdecimal() else -1


@pages.get("/runs")
@auth.allow(*PLANNERS)
def index() -> str:
    """The form to start a run, and the runs so far."""
    return render_index(RunForm())


def render_index(form: RunForm) -> str:
    """The page with a form as it was typed."""
    with reading() as session:
        return render_template(
            "runs/index.html",
            form=form,
            page=runs.list_runs(
                session, status=addresses.one_of("status", RUN_STATES), cursor=addresses.cursor(), limit=20
            ),
            started=addresses.cursor() is not None,
            pool=parcels.count_pool(session),
            exporters=parcels.exporters(session),
            directions=DIRECTIONS,
            may_run=auth.actor().is_staff,
        )


@pages.post("/runs")
@auth.allow("operator")
def start() -> str | tuple[str, int] | Response:
    """Ask for a run and go to its page."""
    form = RunForm.read()
    scope = {
        "directions": list(form.directions),
        "horizon_days": form.whole("horizon_days"),
        "exporter": form.exporter or None,
    }
    try:
        with transaction() as session:
            run = optimizing.request_run(
                session,
                auth.actor(),
                now(),
                scope=scope,
                time_limit_s=form.whole("time_limit_s"),
                gap_limit=form.number("gap_percent") / PER_CENT,
                seed=form.whole("seed"),
            )
    except Invalid as error:
        form.errors = {fault.field.removeprefix("scope."): fault.message for fault in error.errors}
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
            seconds=points[-1].seconds if points else 0.0,
            done=share_done(run, points[-1].seconds if points else 0.0),
            may_run=auth.actor().is_staff,
        )


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
