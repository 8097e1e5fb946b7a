"""Announced goods as their owner sees them: announce them, follow them, see what came."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app import auth
from app.actor import Actor
from app.clock import now
from app.errors import AppError, Conflict, Invalid
from app.http import reading, transaction
from app.models import Asn, Booking, Location, Party, Sku, Warehouse
from app.queries import choices
from app.queries.inbound import AsnFilter, get_asn, list_asns
from app.queries.paper_facts import DEAD
from app.queries.tracking import Tracked, track
from app.queries.tracking_events import Viewer
from app.schemas.inbound import AsnBody, AsnReason, NewAsn
from app.schemas.reading import read
from app.usecases.warehousing.access import WORKERS, may_see
from app.usecases.warehousing.announcing_goods import announce_asn, cancel_asn, depart_asn
from app.usecases.warehousing.asns import Announcement, change_asn, create_asn, find_asn
from app.web import addresses
from app.web.asn_form import AsnForm
from warehouses.inbound import ASN_STATES, ASN_STEPS
from warehouses.stock import CONDITIONS, CUSTOMS_STATES, NEVER

pages = Blueprint("asns", __name__)
READERS = ("operator", "warehouse", "customs", "exporter")
OWNERS = ("operator", "warehouse", "exporter")
OWNERS_STEPS = ("change", "announce", "depart", "cancel")
MOST_CHOICES = 500
Page = tuple[str, int] | Response


@pages.get("/inbound")
@auth.allow(*READERS)
def index() -> str:
    """What was announced, what comes first at the top."""
    actor = auth.actor()
    chosen = AsnFilter(
        status=addresses.one_of("status", ASN_STATES),
        warehouse=addresses.text("warehouse"),
        exporter=addresses.text("exporter"),
        reference=addresses.text("reference"),
        booking=addresses.text("booking"),
    )
    with reading() as session:
        return render_template(
            "inbound/index.html",
            chosen=chosen,
            states=ASN_STATES,
            page=list_asns(session, actor, chosen, cursor=addresses.cursor()),
            started=addresses.cursor() is not None,
            warehouses=houses(session, actor),
            exporters=[] if actor.exporter_id else choices.all_exporters(session),
            may_announce=actor.may(*OWNERS),
        )


@pages.get("/inbound/new")
@auth.allow(*OWNERS)
def compose() -> str:
    """The form in which goods are announced."""
    return render_form(AsnForm.empty())


@pages.post("/inbound")
@auth.allow(*OWNERS)
def create() -> Page:
    """Write goods down, as a draft or announced at once; a button of the lines only changes the form."""
    form, wish = AsnForm.read(), request.form.get("lines", "")
    if wish:
        form.change_lines(wish)
        return render_form(form), 200
    try:
        left_out = ("exporter",) if auth.actor().exporter_id else ()
        wanted = read(NewAsn, form.asked(*left_out))
        with transaction() as session:
            asn = create_asn(
                session,
                auth.actor(),
                now(),
                wanted["warehouse"],
                wanted["exporter"],
                Announcement.read(wanted),
            )
            if "announce" in request.form:
                announce_asn(session, auth.actor(), now(), asn.public_id)
            public_id = asn.public_id
    except Invalid as error:
        form.refuse(error.errors)
        return render_form(form), error.status
    flash(gettext("It is written down."), "good")
    return redirect(url_for("asns.show", public_id=public_id), 303)


@pages.get("/inbound/<public_id>/edit")
@auth.allow(*OWNERS)
def edit_form(public_id: str) -> str:
    """A draft, to be changed."""
    with reading() as session:
        form = AsnForm.of(find_asn(session, auth.actor(), public_id))
    return render_form(form, public_id)


@pages.post("/inbound/<public_id>/edit")
@auth.allow(*OWNERS)
def edit(public_id: str) -> Page:
    """Make a draft say what was typed."""
    form, wish = AsnForm.read(), request.form.get("lines", "")
    if wish:
        form.change_lines(wish)
        return render_form(form, public_id), 200
    try:
        wanted = read(AsnBody, form.asked("exporter", "warehouse"))
        with transaction() as session:
            change_asn(session, auth.actor(), now(), public_id, Announcement.read(wanted))
    except (Conflict, Invalid) as error:
        form.refuse(error.errors)
        return render_form(form, public_id, error), error.status
    flash(gettext("The draft was changed."), "good")
    return redirect(url_for("asns.show", public_id=public_id), 303)


@pages.get("/inbound/<public_id>")
@auth.allow(*READERS)
def show(public_id: str) -> str:
    """One ASN: its lines, the way it travels, what came and what did not."""
    return render_show(public_id)


@pages.post("/inbound/<public_id>/announce")
@auth.allow(*OWNERS)
def announce(public_id: str) -> Page:
    """Announce a draft."""
    return _do(public_id, announce_asn, gettext("It is announced; the warehouse expects it."))


@pages.post("/inbound/<public_id>/depart")
@auth.allow(*OWNERS)
def depart(public_id: str) -> Page:
    """Say that it left."""
    return _do(public_id, depart_asn, gettext("It is on its way."))


@pages.post("/inbound/<public_id>/cancel")
@auth.allow(*OWNERS)
def cancel(public_id: str) -> Page:
    """Call it off."""

    def called_off(session: Session, actor: Actor, at: datetime, asn_id: str) -> Asn:
        typed = request.form.get("reason", "").strip()
        wanted = read(AsnReason, {"reason": typed} if typed else {})
        return cancel_asn(session, actor, at, asn_id, wanted["reason"])

    return _do(public_id, called_off, gettext("It is called off."))


def _do(public_id: str, step: Callable[[Session, Actor, datetime, str], Asn], said: str) -> Page:
    try:
        with transaction() as session:
            step(session, auth.actor(), now(), public_id)
    except (Conflict, Invalid) as error:
        return render_show(public_id, error), error.status
    flash(said, "good")
    return redirect(url_for("asns.show", public_id=public_id), 303)


def render_show(public_id: str, error: AppError | None = None) -> str:
    """The page of one ASN; `error` is what stood in the way of a step."""
    with reading() as session:
        return render_template("inbound/show.html", error=error, **facts_of(session, public_id))


def render_form(form: AsnForm, public_id: str | None = None, error: AppError | None = None) -> str:
    """The form as it was typed; with an id it changes a draft."""
    actor = auth.actor()
    with reading() as session:
        return render_template(
            "inbound/form.html",
            form=form,
            public_id=public_id,
            error=error,
            exporters=[] if actor.exporter_id else choices.all_exporters(session),
            warehouses=houses(session, actor),
            skus=_skus(session, actor, form.values["exporter"]),
            bookings=_bookings(session, actor, form.values["exporter"]),
            conditions=CONDITIONS,
            customs_states=CUSTOMS_STATES,
        )


def facts_of(session: Session, public_id: str) -> dict[str, Any]:
    """What pages of an ASN show: everything about it, the way it travels, and which steps may be taken."""
    actor = auth.actor()
    found = get_asn(session, actor, public_id)
    asn = found.asn
    steps = {name for name, (start, _) in ASN_STEPS.items() if asn.status in start}
    return {
        "found": found,
        "asn": asn,
        "warehouse": asn.warehouse,
        "tracked": way_of(session, actor, asn),
        "may": steps & set(OWNERS_STEPS) if actor.may(*OWNERS) else set(),
        "works_here": actor.may(*WORKERS),
        "works": steps - set(OWNERS_STEPS) if actor.may(*WORKERS) else set(),
        "never": NEVER,
    }


def way_of(session: Session, actor: Actor, asn: Asn) -> Tracked | None:
    """The way the booking takes, as far as it is known; None without a booking."""
    if asn.booking is None:
        return None
    return track(session, asn.booking.public_id, Viewer(actor.exporter_id), now())


def houses(session: Session, actor: Actor) -> list[tuple[str, str]]:
    """(code, code) of the warehouses goods can be announced to."""
    query = select(Location.code).join(Warehouse).where(may_see(actor, Warehouse.id)).order_by(Location.code)
    return [(code, code) for code in session.scalars(query)]


def _owner(session: Session, actor: Actor, reference: str) -> int | None:
    if actor.exporter_id is not None:
        return actor.exporter_id
    return session.scalar(select(Party.id).where(Party.reference == reference))


def _skus(session: Session, actor: Actor, exporter: str) -> list[Sku]:
    query = select(Sku).where(Sku.owner_id == _owner(session, actor, exporter))
    return list(session.scalars(query.order_by(Sku.code).limit(MOST_CHOICES)))


def _bookings(session: Session, actor: Actor, exporter: str) -> list[tuple[str, str | None]]:
    query = select(Booking.public_id, Booking.reference).where(
        Booking.exporter_id == _owner(session, actor, exporter), Booking.status.not_in(DEAD)
    )
    rows = session.execute(query.order_by(Booking.created_at.desc()).limit(MOST_CHOICES))
    return [(public_id, reference) for public_id, reference in rows]
