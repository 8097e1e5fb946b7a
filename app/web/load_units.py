"""One unit that is built: scan into it and out of it, seal it, load it; and the load of a departure."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from app import auth
from app.clock import now
from app.errors import AppError, Forbidden, NotFound
from app.http import reading, transaction
from app.ids import new_id
from app.queries import departures, loading
from app.queries.departure_load import departure_load
from app.schemas.loading import Sealing, UnitScan, Unsealing
from app.schemas.reading import read
from app.usecases.loading.building import ALREADY, PUT_IN, cancel_unit, scan_in, scan_out
from app.usecases.loading.finding import Hand, own_place
from app.usecases.loading.moving import load_unit
from app.usecases.loading.sealing import seal_unit, unseal_unit
from app.usecases.warehousing.access import WORKERS
from app.web import addresses, load_labels

pages = Blueprint("load_units", __name__)
LOOKERS = (*WORKERS, "customs")
Page = tuple[str, int] | Response


@pages.get("/load-units/<public_id>")
@auth.allow(*LOOKERS)
def show(public_id: str) -> str:
    """One unit: how full it is, what is in it, what was done with it, and what can be done now."""
    return render_unit(public_id)


def render_unit(public_id: str, error: AppError | None = None, *, at: str = "") -> str:
    """The page of a unit; `error` is what stood in the way of the form `at`."""
    with reading() as session:
        row = loading.get_unit(session, auth.actor(), public_id)
        return render_template(
            "loading/unit.html",
            row=row,
            unit=row.unit,
            contents=loading.list_contents(session, row.unit, cursor=addresses.cursor()),
            started=addresses.cursor() is not None,
            history=loading.history(session, row.unit),
            works=auth.actor().may(*WORKERS),
            error=error,
            reason=load_labels.why(error) if error else "",
            words=load_labels.title(error) if error else "",
            at=at,
            typed=request.form,
            action=request.form.get("action") or request.args.get("action") or "in",
            scan_id=new_id("scn"),
        )


@pages.post("/load-units/<public_id>/scan")
@auth.allow(*WORKERS)
def scan(public_id: str) -> Page:
    """Put what was scanned in, or take it out."""
    form = request.form
    asked = {
        "scan": form.get("scan", "").strip(), "action": form.get("action", "in"),
        "scan_id": form.get("scan_id") or None,
    }  # fmt: skip
    try:
        wanted = read(UnitScan, asked)
        hand = Hand(wanted["scan"], wanted["scan_id"])
        act = scan_in if wanted["action"] == "in" else scan_out
        with transaction() as session:
            done = act(session, auth.actor(), now(), public_id, hand)
            what = done.child.number if done.child else done.parcel.reference if done.parcel else hand.text
    except AppError as error:
        return _refused(public_id, error, "scan")
    if done.outcome == ALREADY:
        flash(gettext("%(what)s is in it already.", what=what), "warn")
    elif done.outcome == PUT_IN:
        flash(gettext("%(what)s is in.", what=what), "good")
    else:
        flash(gettext("%(what)s is out.", what=what), "good")
    return redirect(url_for("load_units.show", public_id=public_id, action=wanted["action"]), 303)


@pages.post("/load-units/<public_id>/seal")
@auth.allow(*WORKERS)
def seal(public_id: str) -> Page:
    """Seal it with its weight on the scale."""
    form = request.form
    given: dict[str, Any] = {
        name: value for name in ("seal_number", "gross_kg") if (value := form.get(name, "").strip())
    }
    try:
        wanted = read(Sealing, given | {"accept_variance": form.get("accept_variance") == "1"})
        with transaction() as session:
            seal_unit(
                session, auth.actor(), now(), public_id, seal_number=wanted["seal_number"],
                gross_g=int(wanted["gross_kg"] * 1000), accept_variance=wanted["accept_variance"],
            )  # fmt: skip
    except AppError as error:
        return _refused(public_id, error, "seal")
    flash(gettext("It is sealed."), "good")
    return redirect(url_for("load_units.show", public_id=public_id), 303)


@pages.post("/load-units/<public_id>/unseal")
@auth.allow(*WORKERS)
def unseal(public_id: str) -> Page:
    """Open it again."""
    given = {"reason": reason} if (reason := request.form.get("reason", "").strip()) else {}
    try:
        wanted = read(Unsealing, given)
        with transaction() as session:
            unseal_unit(session, auth.actor(), now(), public_id, wanted["reason"])
    except AppError as error:
        return _refused(public_id, error, "unseal")
    flash(gettext("It is open again."), "good")
    return redirect(url_for("load_units.show", public_id=public_id), 303)


@pages.post("/load-units/<public_id>/load")
@auth.allow(*WORKERS)
def load(public_id: str) -> Page:
    """Load it onto its departure."""
    try:
        with transaction() as session:
            load_unit(session, auth.actor(), now(), public_id)
    except AppError as error:
        return _refused(public_id, error, "load")
    flash(gettext("It is loaded."), "good")
    return redirect(url_for("load_units.show", public_id=public_id), 303)


@pages.post("/load-units/<public_id>/cancel")
@auth.allow(*WORKERS)
def cancel(public_id: str) -> Page:
    """Give it up."""
    try:
        with transaction() as session:
            cancel_unit(session, auth.actor(), now(), public_id)
    except AppError as error:
        return _refused(public_id, error, "cancel")
    flash(gettext("It is given up."), "good")
    return redirect(url_for("load_units.show", public_id=public_id), 303)


def _refused(public_id: str, error: AppError, at: str) -> Page:
    """The page again with what stood in the way; nothing of a unit that is not theirs."""
    if isinstance(error, Forbidden):
        raise error
    if isinstance(error, NotFound):
        with reading() as session:
            loading.get_unit(session, auth.actor(), public_id)
    return render_unit(public_id, error, at=at), error.status


@pages.get("/departures/<public_id>/load")
@auth.allow(*LOOKERS)
def of_departure(public_id: str) -> str:
    """What was packed and loaded for a departure, beside what is booked."""
    with reading() as session:
        found = departure_load(session, public_id, own_place(session, auth.actor()))
        return render_template(
            "loading/departure.html",
            load=found,
            departure=departures.get_departure(session, now(), public_id),
            rows=loading.units_by_id(session, [one.id for one in found.tops]),
        )
