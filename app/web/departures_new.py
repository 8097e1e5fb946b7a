"""Add a departure of a service, and open or close several at once."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request
from flask_babel import gettext, ngettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app import auth
from app.clock import now
from app.errors import BadRequest, Conflict, Invalid, NotFound
from app.http import reading, transaction
from app.queries.choices import dated_services
from app.schemas.departures import NewDeparture
from app.schemas.reading import read
from app.usecases import adding_departures
from app.usecases.adding_departures import STATES, add_departure
from app.usecases.departing import change_departure
from app.web.departure_changes import back
from app.web.sign_in import inside

pages = Blueprint("departures_new", __name__)
FIELDS = ("service", "departs_on", "departs_local", "number", "status")
MOST = 100
"""Departures of one page."""


@pages.get("/departures/new")
@auth.allow("operator")
def compose() -> str:
    """The form: a service, a day, and what differs from its pattern."""
    first = {"service": request.args.get("service", ""), "departs_on": f"{now().date()}", "status": "open"}
    return render_form(first)


def render_form(typed: dict[str, Any], error: Invalid | None = None) -> str:
    """The form as typed, with what is wrong at its field."""
    with reading() as session:
        return render_template(
            "departures/new.html",
            typed=typed,
            services=dated_services(session),
            states=STATES,
            faults={fault.field: fault for fault in error.errors} if error else {},
        )


@pages.post("/departures/new")
@auth.allow("operator")
def add() -> Response | tuple[str, int]:
    """Make it, and go there."""
    typed = {name: request.form.get(name, "").strip() for name in FIELDS}
    try:
        wanted = read(NewDeparture, {name: text for name, text in typed.items() if text})
        with transaction() as session:
            made = add_departure(session, auth.actor(), now(), adding_departures.NewDeparture(**wanted))
    except Invalid as error:
        return render_form(typed, error), error.status
    flash(gettext("Added. If it is not wanted after all, cancel it here."), "good")
    return back(made.public_id)


@pages.post("/departures/switch")
@auth.allow("operator")
def switch_many() -> Response:
    """Open or close the chosen departures; those that cannot be are named and stay as they are."""
    step, chosen = request.form.get("step", ""), request.form.getlist("departure")[:MOST]
    if step not in ("open", "close"):
        raise BadRequest("departures are opened or closed")
    with transaction() as session:
        refused = [one for one in chosen if not switched(session, one, step)]
    done = len(chosen) - len(refused)
    if step == "open":
        text = ngettext("Opened %(count)s departure.", "Opened %(count)s departures.", done, count=done)
    else:
        text = ngettext("Closed %(count)s departure.", "Closed %(count)s departures.", done, count=done)
    flash(text if chosen else gettext("Choose departures first."), "good" if done else "warn")
    if refused:
        flash(gettext("Not possible in their state: %(ids)s", ids=", ".join(refused)), "warn")
    return redirect(inside(request.form.get("back")), 303)


def switched(session: Session, public_id: str, step: str) -> bool:
    """Whether the step could be taken."""
    try:
        change_departure(session, auth.actor(), now(), public_id, step)
    except (Conflict, NotFound):
        return False
    return True
