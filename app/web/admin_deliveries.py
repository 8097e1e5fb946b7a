"""What was told to which address: failing addresses first, each message to be sent again."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from app import auth
from app.clock import now
from app.errors import AppError
from app.http import reading, transaction
from app.models.webhooks import DELIVERY_STATES
from app.queries import admin_deliveries as queries
from app.queries import choices
from app.queries.admin_deliveries import OURS, DeliveryFilter
from app.usecases import webhooks
from app.usecases.announcing import EVENT_TYPES
from app.web import addresses
from app.web.admin_frame import render

pages = Blueprint("admin_deliveries", __name__)
LATELY = timedelta(days=7)
MOST_AT_ONCE = 50


@pages.get("/admin/deliveries")
@auth.allow("operator")
def index() -> str:
    """The log over all addresses."""
    chosen = DeliveryFilter(
        status=addresses.one_of("status", DELIVERY_STATES),
        exporter=addresses.text("exporter"),
        event_type=addresses.one_of("event_type", EVENT_TYPES),
        subject=addresses.text("subject"),
    )
    with reading() as session:
        return render(
            "deliveries",
            page=queries.list_deliveries(session, chosen, cursor=addresses.cursor()),
            failing=queries.failing(session, now() - LATELY),
            chosen=chosen,
            started=addresses.cursor() is not None,
            owners=[(OURS, gettext("the operation")), *choices.all_exporters(session)],
            kinds=list(EVENT_TYPES),
            statuses=DELIVERY_STATES,
        )


@pages.post("/admin/deliveries")
@auth.allow("operator")
def replay() -> Response:
    """Send the chosen messages again, the same bytes; those that cannot be are counted."""
    chosen = request.form.getlist("message")[:MOST_AT_ONCE]
    sent, left = 0, ""
    for message in chosen:
        try:
            with transaction() as session:
                webhooks.replay(session, auth.actor(), now(), message)
            sent += 1
        except AppError as error:
            left = error.detail
    if sent:
        text = ngettext(
            "%(count)s message is on its way again.",
            "%(count)s messages are on their way again.",
            sent,
            count=sent,
        )
        flash(text, "good")
    if left or not chosen:
        flash(left or gettext("Choose a message first."), "bad")
    kept: dict[str, Any] = request.args.to_dict()
    return redirect(url_for("admin_deliveries.index", **kept), 303)
