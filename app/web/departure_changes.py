"""Change a departure: open, close, cancel, roll its cargo, repeat it. Each page says first what it will do."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from app import auth
from app.clock import now
from app.errors import Conflict, Invalid, NotFound
from app.http import reading, transaction
from app.queries.departure_changes import concerned_bookings, sister_departures
from app.queries.departures import get_departure
from app.schemas.departures import CancelledDeparture, CargoRoll, WeeklySeries
from app.schemas.reading import read
from app.usecases.departing import change_departure, repeat_weekly, roll_cargo

pages = Blueprint("departure_changes", __name__)
Page = tuple[str, int] | Response


def back(public_id: str) -> Response:
    """To the page of the departure."""
    return redirect(url_for("departures.show", public_id=public_id), 303)


def render_change(template: str, public_id: str, error: Exception | None = None) -> str:
    """One of the pages, with the bookings it is about and where they could go."""
    with reading() as session:
        departure = get_departure(session, now(), public_id)
        return render_template(
            f"departures/{template}.html",
            departure=departure,
            bookings=concerned_bookings(session, public_id),
            sisters=sister_departures(session, public_id, now()),
            error=error,
            reason=request.form.get("reason", ""),
        )


@pages.post("/departures/<public_id>/<any(open, close):step>")
@auth.allow("operator")
def switch(public_id: str, step: str) -> Response:
    """Open it for booking, or close it; the page has the other button then."""
    try:
        with transaction() as session:
            change_departure(session, auth.actor(), now(), public_id, step)
    except Conflict as error:
        flash(error.detail, "bad")
        return back(public_id)
    flash(gettext("Opened for booking.") if step == "open" else gettext("Closed for booking."), "good")
    return back(public_id)


@pages.get("/departures/<public_id>/cancel")
@auth.allow("operator")
def ask(public_id: str) -> str:
    """Which bookings it would leave behind."""
    return render_change("cancel_form", public_id)


@pages.post("/departures/<public_id>/cancel")
@auth.allow("operator")
def cancel(public_id: str) -> Page:
    """Cancel it, tell the exporters, and go on to roll what was on it."""
    try:
        wanted = read(CancelledDeparture, {"reason": request.form.get("reason", "").strip()})
        with transaction() as session:
            change_departure(session, auth.actor(), now(), public_id, "cancel", wanted["reason"])
        with reading() as session:
            left = len(concerned_bookings(session, public_id))
    except (Conflict, Invalid) as error:
        return render_change("cancel_form", public_id, error), error.status
    text = ngettext(
        "Cancelled. %(count)s booking waits to be rolled.",
        "Cancelled. %(count)s bookings wait to be rolled.",
        left,
        count=left,
    )
    flash(text if left else gettext("Cancelled. Nothing was booked on it."), "good")
    return (
        redirect(url_for("departure_changes.choose", public_id=public_id), 303) if left else back(public_id)
    )


@pages.get("/departures/<public_id>/roll")
@auth.allow("operator")
def choose(public_id: str) -> str:
    """Where its cargo could go instead."""
    return render_change("roll_form", public_id)


@pages.post("/departures/<public_id>/roll")
@auth.allow("operator")
def roll(public_id: str) -> Page:
    """Roll what has room on the other departure; the rest is listed with its reason."""
    sent = {name: request.form.get(name, "").strip() for name in ("onto", "reason")}
    try:
        wanted = read(CargoRoll, {name: text for name, text in sent.items() if text})
        with transaction() as session:
            rolled = roll_cargo(session, auth.actor(), now(), public_id, wanted["onto"], wanted["reason"])
    except (Conflict, Invalid, NotFound) as error:
        return render_change("roll_form", public_id, error), error.status
    with reading() as session:
        departure = get_departure(session, now(), public_id)
    return render_template("departures/rolled.html", departure=departure, rolled=rolled), 200


@pages.post("/departures/<public_id>/repeat")
@auth.allow("operator")
def repeat(public_id: str) -> Response:
    """Make the same departure in the weeks that follow."""
    try:
        weeks = request.form.get("weeks", "")
        wanted = read(WeeklySeries, {"weeks": int(weeks) if weeks.isdecimal() and len(weeks) < 4 else weeks})
        with transaction() as session:
            made = repeat_weekly(session, auth.actor(), now(), public_id, wanted["weeks"])
    except (Conflict, Invalid) as error:
        flash(error.detail, "bad")
        return back(public_id)
    count = len(made)
    text = ngettext("%(count)s departure was added.", "%(count)s departures were added.", count, count=count)
    flash(text if made else gettext("Each of these weeks has one already."), "good")
    return back(public_id)
