"""Tracking for whoever has a parcel's number in hand, without signing in: where it is and when, and nothing else."""

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from app import auth
from app.clock import now
from app.errors import NotFound
from app.http import reading
from app.queries.outbound import BoxRow, track_box
from app.queries.tracking import track_publicly
from app.web import labels
from app.web.languages import lazy as _l
from app.web.limits import limited
from trade.numbering import check_number, compact, spaced

pages = Blueprint("track", __name__)
RATE = "60 per minute"
"""Of one address; a number is found by guessing once in 10^10 tries at best."""
LONGEST = 60
EVENTS: labels.Words = {
    **labels.STATUSES,
    "DEPA": _l("Departure"),
    "ARRI": _l("Arrival"),
    "PICK": _l("Picked up"),
    "STUF": _l("Packed for the journey"),
    "GTIN": _l("Entered the terminal"),
    "GTOT": _l("Left the terminal"),
    "LOAD": _l("Loaded"),
    "DISC": _l("Unloaded"),
    "CUSS": _l("Selected for a customs check"),
    "CUSI": _l("Checked by customs"),
    "CUSR": _l("Released by customs"),
    "HOLD": _l("Put on hold"),
    "RELS": _l("Hold lifted"),
}
CLASSIFIERS: labels.Words = {"PLN": _l("planned"), "EST": _l("expected")}
BASES: labels.Words = {
    "actual": _l("arrived"),
    "estimate": _l("as last reported"),
    "history": _l("as half of the trips before it"),
    "schedule": _l("by the timetable"),
}


@pages.get("/track")
@auth.public
def search() -> AnyResponse:
    """Ask for a tracking number, and go to its page."""
    typed = request.args.get("number", "")[:LONGEST]
    number = compact(typed)
    if check_number(number):
        return redirect(url_for("track.show", number=number), 303)
    error = gettext("This is no tracking number: one of its digits is wrong or missing.") if number else None
    return _hidden(render_template("track/search.html", typed=typed, error=error), 404 if number else 200)


@pages.get("/track/<number>")
@auth.public
def show(number: str) -> AnyResponse:
    """Where the parcel with this number is: status, places, times and events; no names, values or references."""
    with limited(RATE):
        try:
            with reading() as session:
                found = track_publicly(session, number, now())
        except NotFound:
            if (box := _box(compact(number))) is not None:
                return _hidden(render_template("track/box.html", box=box, number=spaced(box.number)))
            error = gettext("No parcel has this number.")
            return _hidden(render_template("track/search.html", typed=number[:LONGEST], error=error), 404)
    return _hidden(
        render_template(
            "track/show.html",
            found=found,
            number=spaced(compact(number)),
            event_word=labels.word(EVENTS),
            classifier_word=labels.word(CLASSIFIERS),
            basis_word=labels.word(BASES),
        )
    )


def _box(number: str) -> BoxRow | None:
    """A box of an order out of a warehouse."""
    with reading() as session:
        try:
            return track_box(session, number) if check_number(number) else None
        except NotFound:
            return None


def _hidden(body: str, status: int = 200) -> Response:
    """A page that search engines leave alone."""
    response = make_response(body, status)
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
