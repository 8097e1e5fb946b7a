"""Replenishment in the browser: what runs out when, and parcels for what is sent."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from app import auth
from app.clock import now
from app.errors import AppError, Conflict, Invalid
from app.http import reading, transaction
from app.queries import choices
from app.queries.replenishment import Replenishment, houses_with_goods, hubs, urgent_first
from app.schemas.reading import read
from app.schemas.replenishment import NewReplenishment, PolicyQuery
from app.usecases.warehousing.replenishing import Sending, send
from app.web import addresses
from app.web.formats import named
from app.web.quote_form import whole
from warehouses.replenishment import Policy

pages = Blueprint("replenishment", __name__)
SENDERS = ("operator", "exporter")
DAYS = ("history_days", "safety_days", "target_days")
Page = tuple[str, int] | Response


@pages.get("/replenishment")
@auth.allow(*SENDERS)
def index() -> str:
    """One warehouse: its best sellers, what is most urgent first."""
    return render_page()


@pages.post("/replenishment")
@auth.allow(*SENDERS)
def create() -> Page:
    """Make parcels for the ticked SKUs, and a draft of the ASN they are for."""
    form = request.form
    lines = [
        {"sku": one, "quantity": whole(form.get(f"quantity-{one}", "").strip())}
        for one in form.getlist("sku")
    ]
    asked = {"warehouse": form.get("warehouse", ""), "lines": lines}
    asked |= {name: form[name] for name in ("exporter", "origin") if form.get(name)}
    try:
        wanted = read(NewReplenishment, asked)
        sending = [Sending(**line) for line in wanted["lines"]]
        with transaction() as session:
            made = send(
                session,
                auth.actor(),
                now(),
                wanted["warehouse"],
                wanted["exporter"],
                wanted["origin"],
                sending,
            )
            public_id, count, added = made.asn.public_id, len(made.parcels), made.added
    except (Conflict, Invalid) as error:
        return render_page(error), error.status
    if added:
        flash(
            ngettext(
                "%(count)s parcel waits in the order pool; announce the draft when it leaves.",
                "%(count)s parcels wait in the order pool; announce the draft when they leave.",
                count, count=count,
            ),
            "good",
        )  # fmt: skip
    else:
        flash(gettext("The same was sent today already; nothing was added."), "info")
    return redirect(url_for("asns.show", public_id=public_id), 303)


def render_page(error: AppError | None = None) -> str:
    """The page of one warehouse; `error` is what stood in the way of sending."""
    actor = auth.actor()
    chosen = {name: addresses.text(name, longest=40) for name in ("warehouse", "exporter", "origin")}
    if error is not None:
        chosen |= {name: request.form.get(name) or None for name in chosen}
    days = {name: whole(text) for name in DAYS if (text := addresses.text(name))}
    policy = Policy(**{name: value for name, value in read(PolicyQuery, days).items() if name in DAYS})
    with reading() as session:
        found: Replenishment = urgent_first(session, actor, now(), policy, **chosen)
        places = [one.location for one in houses_with_goods(session, actor)]
        return render_template(
            "inbound/replenishment.html",
            error=error,
            found=found,
            chosen=chosen,
            policy=policy,
            warehouses=[(one.code, f"{named(one)} · {one.code}") for one in places],
            exporters=[] if actor.exporter_id else choices.all_exporters(session),
            hubs=[(code, code) for code in hubs(session)],
        )
