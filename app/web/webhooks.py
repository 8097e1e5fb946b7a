"""Webhooks in the browser: who is told of what, what was sent, and how to send it again."""

from dataclasses import dataclass, field

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from app import auth
from app.clock import now
from app.errors import Conflict, Invalid
from app.http import reading, transaction, webhook_allow
from app.queries import webhooks as queries
from app.queries.webhooks import WebhookRow
from app.schemas.reading import read
from app.schemas.webhooks import NewWebhook, WebhookChange
from app.usecases import webhooks
from app.usecases.announcing import EVENT_TYPES
from app.web import addresses, sales_labels

pages = Blueprint("webhooks", __name__)
OWNERS = ("operator", "exporter")
USUAL = ("booking.confirmed", "booking.cancelled", "departure.delayed", "departure.cancelled")
"""Ticked at first."""
Page = str | tuple[str, int] | Response


@dataclass(slots=True)
class WebhookForm:
    """The form as typed, and what is wrong with it by field."""

    url: str = ""
    event_types: tuple[str, ...] = USUAL
    test_mode: bool = False
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls) -> "WebhookForm":
        """From the request."""
        kinds = tuple(request.form.getlist("event_types"))
        return cls(request.form.get("url", "").strip(), kinds, "test_mode" in request.form)

    def refuse(self, error: Invalid) -> None:
        """Keep what is wrong beside its field."""
        self.errors = {fault.field.partition(".")[0]: sales_labels.fault(fault) for fault in error.errors}


@pages.get("/webhooks")
@auth.allow(*OWNERS)
def index() -> str:
    """The addresses so far, and the form for a new one."""
    return render_index(WebhookForm())


def render_index(form: WebhookForm) -> str:
    """The page with a form as it was typed."""
    with reading() as session:
        return render_template(
            "webhooks/index.html",
            form=form,
            page=queries.list_webhooks(session, auth.actor(), cursor=addresses.cursor()),
            started=addresses.cursor() is not None,
            kinds=list(EVENT_TYPES),
        )


@pages.post("/webhooks")
@auth.allow(*OWNERS)
def add() -> Page:
    """Have an address told, and show its secret in this answer alone."""
    form = WebhookForm.read()
    given = {"url": form.url, "event_types": list(form.event_types), "test_mode": form.test_mode}
    try:
        wanted = read(NewWebhook, given)
        with transaction() as session:
            made = webhooks.subscribe(session, auth.actor(), now(), webhook_allow(), **wanted)
            public_id, secret = made.public_id, made.secret
    except Invalid as error:
        form.refuse(error)
        return render_index(form), 422
    except Conflict as error:
        flash(error.detail, "bad")
        return render_index(form), 409
    return render_one(public_id, secret=secret)


@pages.get("/webhooks/<public_id>")
@auth.allow(*OWNERS)
def show(public_id: str) -> str:
    """One address: what it is told, and every message with its attempts."""
    return render_one(public_id)


def render_one(public_id: str, form: WebhookForm | None = None, secret: str | None = None) -> str:
    """The page of one address; `secret` is one that was just made, which is shown this once."""
    with reading() as session:
        row = queries.get_webhook(session, auth.actor(), public_id)
        return render_template(
            "webhooks/show.html",
            webhook=row,
            secret=secret,
            form=form or as_kept(row),
            page=queries.list_messages(session, auth.actor(), public_id, cursor=addresses.cursor(), limit=25),
            started=addresses.cursor() is not None,
            kinds=list(EVENT_TYPES),
        )


def as_kept(row: WebhookRow) -> WebhookForm:
    """The form as the address is."""
    return WebhookForm(row.url, tuple(row.event_types), row.test_mode)


@pages.post("/webhooks/<public_id>")
@auth.allow(*OWNERS)
def change(public_id: str) -> Page:
    """Change the address or what it is told."""
    form = WebhookForm.read()
    try:
        wanted = read(WebhookChange, {"url": form.url, "event_types": list(form.event_types)})
        with transaction() as session:
            webhooks.change_subscription(session, auth.actor(), now(), webhook_allow(), public_id, **wanted)
    except Invalid as error:
        form.refuse(error)
        return render_one(public_id, form), 422
    flash(gettext("The webhook was changed."), "good")
    return back(public_id)


@pages.post("/webhooks/<public_id>/state")
@auth.allow(*OWNERS)
def switch(public_id: str) -> Response:
    """Switch it on or off; off gives up what is on its way."""
    on = request.form.get("enabled") == "1"
    with transaction() as session:
        webhooks.change_subscription(session, auth.actor(), now(), webhook_allow(), public_id, enabled=on)
    flash(gettext("It is told again from now on.") if on else gettext("It is told nothing any more."), "good")
    return back(public_id)


@pages.post("/webhooks/<public_id>/test")
@auth.allow(*OWNERS)
def ping(public_id: str) -> Response:
    """Send a test message."""
    try:
        with transaction() as session:
            webhooks.ping(session, auth.actor(), now(), public_id)
    except Conflict as error:
        flash(error.detail, "bad")
    else:
        flash(gettext("A test is on its way; see below what comes of it."), "info")
    return back(public_id)


@pages.post("/webhooks/<public_id>/secret")
@auth.allow(*OWNERS)
def rotate(public_id: str) -> str:
    """Make a new secret, and show it in this answer alone."""
    with transaction() as session:
        secret = webhooks.rotate_secret(session, auth.actor(), now(), public_id).secret
    return render_one(public_id, secret=secret)


@pages.post("/webhooks/<public_id>/remove")
@auth.allow(*OWNERS)
def remove(public_id: str) -> Response:
    """Forget the address and its log."""
    with transaction() as session:
        webhooks.remove_subscription(session, auth.actor(), now(), public_id)
    flash(gettext("The webhook was removed."), "good")
    return redirect(url_for("webhooks.index"), 303)


@pages.post("/webhooks/<public_id>/messages/<message_id>/replay")
@auth.allow(*OWNERS)
def replay(public_id: str, message_id: str) -> Response:
    """Send a message again, the same bytes under the same id."""
    try:
        with transaction() as session:
            webhooks.replay(session, auth.actor(), now(), message_id)
    except Conflict as error:
        flash(error.detail, "bad")
    else:
        flash(gettext("The message is on its way again."), "info")
    return back(public_id)


def back(public_id: str) -> Response:
    """To the page of the address."""
    return redirect(url_for("webhooks.show", public_id=public_id), 303)
