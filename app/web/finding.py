"""Find by what somebody has in hand: an id of ours, the id of a refused request, a tracking number or a reference."""

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from app import auth
from app.actor import ROLES
from app.ids import SHAPE
from trade.numbering import check_number, compact

pages = Blueprint("finding", __name__)
LONGEST = 60
PAGES = {
    "asn": "asns.show", "bkg": "bookings.show", "dep": "departures.show", "edt": "bulk_edit.show",
    "imp": "imports.show", "pcl": "parcels.show", "pln": "plans.show", "qte": "quotes.show", "rtn": "returns.show",
    "run": "runs.show", "scn": "scenarios.moved",
}  # fmt: skip
"""Prefix of an id → its page."""
REQUEST = "req"
LISTS = ("bookings.index", "parcels.pool")
"""Lists that have a filter for a reference."""


@pages.get("/find")
@auth.allow(*ROLES)
def find() -> str | tuple[str, int] | Response:
    """Go to what is meant, or offer the lists in which a reference is looked for."""
    typed = " ".join(request.args.get("q", "")[:LONGEST].split())
    if not typed:
        return render_template("finding/find.html", typed="", lists=[], error=None)
    found = _address_of(typed.lower()) or _tracked(typed)
    if found is not None:
        return redirect(found, 303)
    if SHAPE.match(typed.lower()):
        error = gettext("There is nothing of this id that you may open.")
        return render_template("finding/find.html", typed=typed, lists=[], error=error), 404
    lists = [(endpoint, url_for(endpoint, reference=typed)) for endpoint in LISTS if _may_open(endpoint)]
    return render_template("finding/find.html", typed=typed, lists=lists, error=None)


def _address_of(typed: str) -> str | None:
    """The page of an id, if there is one for this person; whether there is such a row, the page itself says."""
    if not SHAPE.match(typed):
        return None
    kind = typed[:3]
    if kind == REQUEST:
        listed = "admin_failures.index"
        return url_for(listed, request_id=typed) if _may_open(listed) else None
    endpoint = PAGES.get(kind)
    return url_for(endpoint, public_id=typed) if endpoint and _may_open(endpoint) else None


def _tracked(typed: str) -> str | None:
    number = compact(typed)
    return url_for("track.show", number=number) if check_number(number) else None


def _may_open(endpoint: str) -> bool:
    return auth.actor().may(*getattr(current_app.view_functions[endpoint], "access", ()))
