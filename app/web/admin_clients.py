"""Exporters as clients: balance, limit, what is late, holds, and how each reaches the product."""

from decimal import Decimal

from babel.numbers import get_currency_precision
from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from app import auth
from app.clock import now
from app.errors import Conflict, Invalid
from app.http import reading, transaction
from app.queries import admin_clients as queries
from app.queries import audit, people
from app.queries.admin_clients import Client, ClientFilter
from app.queries.billing import InvoiceFilter, find_exporter, list_invoices
from app.usecases import administering_credit
from app.usecases.billing_accounts import CreditChange, set_credit
from app.web import addresses
from app.web.admin_frame import faults, render, typed
from app.web.labels import Words
from app.web.languages import lazy as _l
from trade.billing import book_date, last_months

pages = Blueprint("admin_clients", __name__)
Page = str | tuple[str, int] | Response
STATES: Words = {"hold": _l("On hold"), "free": _l("Not on hold")}
MONTHS = 3
LAST = 10


@pages.get("/admin/clients")
@auth.allow("finance", "operator")
def index() -> str:
    """Every exporter, with what it owes and may owe."""
    chosen = ClientFilter(q=addresses.text("q", longest=80), state=addresses.one_of("state", STATES))
    with reading() as session:
        return render(
            "clients",
            page=queries.list_clients(session, now(), chosen, cursor=addresses.cursor()),
            chosen=chosen,
            started=addresses.cursor() is not None,
            states=[(code, str(text)) for code, text in STATES.items()],
        )


@pages.get("/admin/clients/<reference>")
@auth.allow("finance", "operator")
def show(reference: str) -> str:
    """One exporter: its account, its credit and the hands that changed it."""
    return render_one(reference)


def render_one(reference: str, errors: dict[str, str] | None = None) -> str:
    """The page, with what was wrong about the last try by field."""
    with reading() as session:
        exporter = find_exporter(session, reference)
        client = queries.clients_of(session, [exporter], now())[0]
        events = audit.list_events(session, audit.AuditFilter(subject=exporter.public_id), limit=LAST).items
        return render(
            "client",
            client=client,
            limit=request.form.get("limit", limit_of(client)),
            currency=request.form.get("currency", client.credit.currency),
            reason=request.form.get("reason", ""),
            errors=errors or {},
            reach=queries.reach_of(session, exporter.id),
            people=people.people_of(session, exporter.id),
            invoices=list_invoices(session, InvoiceFilter(exporter=exporter.reference), limit=LAST).items,
            events=events,
            names=people.names(session, {event.actor for event in events}),
            may_audit=auth.actor().may("regulator"),
            may_set=auth.actor().may("finance"),
            months=last_months(book_date(now()), MONTHS),
        )


def limit_of(client: Client) -> str:
    """The limit as it is typed; empty: none."""
    minor, currency = client.credit.limit_minor, client.credit.currency
    return "" if minor is None else str(Decimal(minor).scaleb(-get_currency_precision(currency)))


@pages.post("/admin/clients/<reference>/credit")
@auth.allow("finance")
def change_limit(reference: str) -> Page:
    """Set the limit, in a currency; an empty one is none."""
    limit, currency = typed("limit", 30), typed("currency", 3)
    wanted: CreditChange = {"limit": limit, "currency": (currency or "").upper()}
    try:
        with transaction() as session:
            set_credit(session, auth.actor(), now(), find_exporter(session, reference), wanted)
    except Invalid as error:
        return render_one(reference, faults(error)), error.status
    flash(gettext("The limit was changed; it holds for the next booking."), "good")
    return back(reference)


@pages.post("/admin/clients/<reference>/<any(hold, lift):step>")
@auth.allow("finance")
def decide(reference: str, step: str) -> Page:
    """Put on hold, or lift the hold."""
    change = administering_credit.hold if step == "hold" else administering_credit.lift
    try:
        with transaction() as session:
            exporter = find_exporter(session, reference)
            change(session, auth.actor(), now(), exporter, typed("reason") or "")
    except Invalid as error:
        return render_one(reference, faults(error)), error.status
    except Conflict as error:
        flash(error.detail, "bad")
    else:
        held = gettext("On hold: nothing is booked, and the optimiser leaves the goods where they are.")
        flash(held if step == "hold" else gettext("The hold was lifted."), "good")
    return back(reference)


@pages.post("/admin/clients/<reference>/ask")
@auth.allow("operator")
def ask(reference: str) -> Page:
    """Ask finance for a hold, or for its end."""
    try:
        with transaction() as session:
            exporter = find_exporter(session, reference)
            what = "lift" if exporter.credit_hold else "hold"
            administering_credit.ask(session, auth.actor(), now(), exporter, what, typed("reason") or "")
    except Invalid as error:
        return render_one(reference, faults(error)), error.status
    flash(gettext("Finance sees your wish here, with your reason."), "good")
    return back(reference)


def back(reference: str) -> Response:
    """To the page of the exporter."""
    return redirect(url_for("admin_clients.show", reference=reference), 303)
