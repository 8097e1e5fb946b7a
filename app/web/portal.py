"""Where exporters begin: their own rows, and what waits for them."""

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from app import auth
from app.clock import now
from app.http import reading
from app.queries.portal import desk_of
from trade.billing import book_date, last_months

pages = Blueprint("portal", __name__)
MONTHS = 3
"""Of which statements are offered: this one and those before."""


@pages.get("/portal")
@auth.allow("exporter")
def show() -> str | Response:
    """What needs attention first, then quotes, bookings, goods and money."""
    actor, moment = auth.actor(), now()
    if actor.exporter_id is None:
        # The admin may open every page, but this one is somebody's own.
        return redirect(url_for("tower.show"), 303)
    with reading() as session:
        return render_template(
            "portal/show.html",
            desk=desk_of(session, actor, actor.exporter_id, moment),
            today=moment.date(),
            months=last_months(book_date(moment), MONTHS),
        )
