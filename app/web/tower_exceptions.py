"""The list of exceptions: all of them or one kind, and what is put aside, taken and given to somebody."""

from datetime import datetime, timedelta

from flask import Blueprint, flash, redirect, render_template, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from app import auth
from app.actor import PLANNERS
from app.clock import now
from app.errors import BadRequest, Invalid
from app.http import reading, transaction
from app.models.exceptions import EXCEPTION_KINDS
from app.queries import choices
from app.queries.exceptions import FINDERS, find_exceptions
from app.usecases.watching_exceptions import assign, snooze
from app.web import addresses
from app.web.sign_in import inside
from app.web.tower import TowerFilter, filter_choices

pages = Blueprint("tower_exceptions", __name__)
HOURS = {"1": timedelta(hours=1), "4": timedelta(hours=4), "24": timedelta(days=1), "72": timedelta(days=3)}
"""For how long something may be put aside, by hours."""


@pages.get("/tower/exceptions")
@auth.allow(*PLANNERS)
def index() -> str:
    """Every exception, by money at risk and time left; with `snoozed`, those that were put aside."""
    chosen, moment = TowerFilter.read(), now()
    kind, aside = addresses.one_of("kind", EXCEPTION_KINDS), addresses.flag("snoozed")
    with reading() as session:
        wrong = find_exceptions(session, moment, chosen.scope, (kind,) if kind else FINDERS)
        mine = addresses.flag("mine")
        rows = wrong.snoozed if aside else wrong.rows
        if mine:
            me = auth.actor().reference
            rows = [row for row in rows if row.note and row.note.owner and row.note.owner.public_id == me]
        return render_template(
            "tower/exceptions.html",
            chosen=chosen,
            kind=kind,
            kinds=EXCEPTION_KINDS,
            aside=aside,
            mine=mine,
            wrong=wrong,
            rows=rows,
            people=choices.colleagues(session),
            **filter_choices(session),
        )


@pages.post("/tower/exceptions/<any(snooze, wake, assign):step>")
@auth.allow(*PLANNERS)
def look_after(step: str) -> Response:
    """Put one aside, bring it back, or give it to somebody; each has its reverse on the same page."""
    kind, subject = request.form.get("kind", ""), request.form.get("subject", "")
    try:
        with transaction() as session:
            if step == "assign":
                owner = request.form.get("owner", "")
                whose = auth.actor().reference if owner == "me" else owner or None
                assign(session, auth.actor(), now(), kind, subject, whose)
            else:
                snooze(session, auth.actor(), now(), kind, subject, until() if step == "snooze" else None)
    except Invalid as error:
        flash(error.detail, "bad")
    else:
        told = {
            "snooze": gettext("Put aside. It comes back by itself, and stands under “put aside” until then."),
            "wake": gettext("Back in the list."),
            "assign": gettext("Noted whose it is."),
        }
        flash(told[step], "good")
    return redirect(inside(request.form.get("back")), 303)


def until() -> datetime:
    """The moment of the form."""
    hours = request.form.get("hours", "")
    if hours not in HOURS:
        raise BadRequest("something is put aside for 1, 4, 24 or 72 hours")
    return now() + HOURS[hours]
