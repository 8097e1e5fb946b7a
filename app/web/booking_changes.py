"""Change a booking: fill it, amend it, roll it, cancel it. Each has a page that says first what it will do."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app import auth
from app.clock import now
from app.errors import AppError, Conflict, Invalid, NotFound
from app.http import reading, transaction
from app.models import BookingLeg, BookingLine
from app.queries.booking_page import other_departures, parcels_waiting
from app.queries.bookings import BookingRow, free_cancellation_until, get_booking
from app.schemas.bookings import AddedParcels, BookingAmendment, Cancellation, Roll
from app.schemas.reading import read
from app.usecases.booking_amend import Amendment, amend_booking
from app.usecases.booking_changes import Onward, cancel_booking, fee_now, roll_booking
from app.usecases.booking_parcels import add_parcels, remove_parcel
from app.web import sales_labels
from app.web.bookings import BOOKERS
from app.web.quote_form import GRAMS, MILLIMETRES, plain, whole

pages = Blueprint("booking_changes", __name__)
SIDES = ("length_cm", "width_cm", "height_cm")
Page = tuple[str, int] | Response


def render_form(template: str, session: Session, public_id: str, **facts: Any) -> str:  # noqa: ANN401
    """One of the pages; `error` is what stood in the way, `errors` are words by field."""
    given = {"row": get_booking(session, auth.actor(), public_id), "error": None, "errors": {}} | facts
    return render_template(f"bookings/{template}.html", booking=given["row"].booking, **given)


def back(public_id: str, tab: str | None = None) -> Response:
    """To the page of the booking, or one side of it."""
    return redirect(url_for("bookings.show", public_id=public_id, tab=tab), 303)


@pages.get("/bookings/<public_id>/parcels")
@auth.allow(*BOOKERS)
def pick(public_id: str) -> str:
    """Parcels of the pool that fit; as many as there is room for are ticked."""
    return render_parcels(public_id)


def render_parcels(public_id: str, error: AppError | None = None) -> str:
    """The page that offers parcels, as it was ticked before if something stood in the way."""
    with reading() as session:
        booking = get_booking(session, auth.actor(), public_id).booking
        waiting = parcels_waiting(session, booking)
        free = sum(line.count - line.filled for line in booking.lines)
        ticked = request.form.getlist("parcel") if error else [one.public_id for one in waiting[:free]]
        facts = {"waiting": waiting, "free": free, "chosen": set(ticked)}
        return render_form("parcels_form", session, public_id, error=error, **facts)


@pages.post("/bookings/<public_id>/parcels")
@auth.allow(*BOOKERS)
def add(public_id: str) -> Page:
    """Fill the booking with the ticked parcels."""
    try:
        ids = read(AddedParcels, {"parcel_ids": request.form.getlist("parcel")})["parcel_ids"]
        with transaction() as session:
            count = len(add_parcels(session, auth.actor(), now(), public_id, ids)) if ids else 0
    except (Conflict, Invalid) as error:
        return render_parcels(public_id, error), error.status
    flash(
        ngettext("%(count)s parcel was added.", "%(count)s parcels were added.", count, count=count), "good"
    )
    return back(public_id, "goods")


@pages.post("/bookings/<public_id>/parcels/<parcel_id>/remove")
@auth.allow(*BOOKERS)
def take_out(public_id: str, parcel_id: str) -> Response:
    """Take one parcel out; it waits in the pool again."""
    try:
        with transaction() as session:
            remove_parcel(session, auth.actor(), now(), public_id, parcel_id)
    except Conflict as error:
        flash(error.detail, "bad")
    else:
        flash(gettext("The parcel was taken out and waits in the order pool again."), "good")
    return back(public_id, "goods")


@pages.get("/bookings/<public_id>/amend")
@auth.allow(*BOOKERS)
def amend_form(public_id: str) -> str:
    """The lines as they are, to be changed."""
    with reading() as session:
        typed = as_booked(get_booking(session, auth.actor(), public_id))
        return render_form("amend_form", session, public_id, typed=typed)


def as_booked(row: BookingRow) -> dict[str, str]:
    """The fields of the form as the booking has them."""
    typed = {"reference": row.booking.reference or ""}
    for line in row.booking.lines:
        typed |= {f"{name}-{line.seq}": text for name, text in _line_fields(line).items()}
    return typed


def _line_fields(line: BookingLine) -> dict[str, str]:
    sides = zip(SIDES, (line.length_mm, line.width_mm, line.height_mm), strict=True)
    return {
        "count": str(line.count),
        "weight_kg": plain(line.weight_g, GRAMS),
        **{name: "" if mm is None else plain(mm, MILLIMETRES) for name, mm in sides},
    }


@pages.post("/bookings/<public_id>/amend")
@auth.allow(*BOOKERS)
def amend(public_id: str) -> Page:
    """Change what differs from the booking."""
    with reading() as session:
        row = get_booking(session, auth.actor(), public_id)
        before = as_booked(row)
        seqs = [line.seq for line in row.booking.lines]
    typed = {name: request.form.get(name, text).strip() for name, text in before.items()}
    lines = [given for seq in seqs if len(given := _changed(seq, before, typed)) > 1]
    renamed = typed["reference"] not in ("", before["reference"])
    if not lines and not renamed:
        return back(public_id)
    try:
        wanted = read(
            BookingAmendment, {"reference": typed["reference"] if renamed else None, "lines": lines}
        )
        with transaction() as session:
            amend_booking(session, auth.actor(), now(), public_id, Amendment.read(wanted))
    except NotFound:
        raise
    except AppError as error:
        facts = {"typed": typed, "error": error, "errors": _amend_errors(error, lines)}
        with reading() as session:
            return render_form("amend_form", session, public_id, **facts), error.status
    flash(gettext("The booking was amended."), "good")
    return back(public_id)


def _changed(seq: int, before: Mapping[str, str], typed: Mapping[str, str]) -> dict[str, Any]:
    """What one line is to be: its number, and the fields that are not as they were."""
    given: dict[str, Any] = {"seq": seq}
    for name in ("count", "weight_kg", *SIDES):
        text = typed[f"{name}-{seq}"]
        if text != before[f"{name}-{seq}"]:
            given[name] = whole(text) if name == "count" else text
    return given


def _amend_errors(error: AppError, lines: list[dict[str, Any]]) -> dict[str, str]:
    """Words by field of the form: lines.0.count is the count of the first line that was changed."""
    found = {}
    for fault in error.errors:
        first, *rest = fault.field.split(".")
        in_line = first == "lines" and len(rest) > 1
        name = f"{rest[1]}-{lines[int(rest[0])]['seq']}" if in_line else first
        found[name] = sales_labels.fault(fault)
    return found


@pages.get("/bookings/<public_id>/roll")
@auth.allow(*BOOKERS)
def roll_form(public_id: str) -> str:
    """For each leg the departures it could go with instead."""
    return render_roll(public_id, {"reason": ""})


def render_roll(public_id: str, typed: Mapping[Any, str], error: AppError | None = None) -> str:
    """The page that offers other departures."""
    moment = now()
    with reading() as session:
        booking = get_booking(session, auth.actor(), public_id).booking
        legs = [(leg, other_departures(session, leg, moment)) for leg in rollable(booking.legs)]
        moved = [seq for seq in typed if seq != "reason"]
        errors = {} if error is None else _roll_errors(error, moved)
        facts = {"legs": legs, "typed": typed, "error": error, "errors": errors}
        return render_form("roll_form", session, public_id, **facts)


def rollable(legs: list[BookingLeg]) -> list[BookingLeg]:
    """The legs on a departure that has not left."""
    return [leg for leg in legs if leg.departure_id is not None and now() < leg.departs_at]


def _roll_errors(error: AppError, moved: list[Any]) -> dict[Any, str]:
    """Words by number of the leg: legs.0.departure_id is the first leg that was to be moved."""
    found = {}
    for fault in error.errors:
        first, *rest = fault.field.split(".")
        if first == "legs" and rest:
            found[moved[int(rest[0])]] = sales_labels.fault(fault)
    return found


@pages.post("/bookings/<public_id>/roll")
@auth.allow(*BOOKERS)
def roll(public_id: str) -> Page:
    """Move the legs for which another departure was chosen."""
    with reading() as session:
        legs = rollable(get_booking(session, auth.actor(), public_id).booking.legs)
    chosen = {leg.seq: request.form.get(f"leg-{leg.seq}", "") for leg in legs}
    typed: dict[Any, str] = {seq: departure for seq, departure in chosen.items() if departure}
    asked = {"legs": [{"leg": seq, "departure_id": departure} for seq, departure in typed.items()]}
    typed["reason"] = request.form.get("reason", "").strip()
    if not asked["legs"]:
        return back(public_id)
    try:
        wanted = read(Roll, asked | _reason(typed["reason"]))
        onward = [Onward(one["leg"], one["departure_id"]) for one in wanted["legs"]]
        with transaction() as session:
            roll_booking(session, auth.actor(), now(), public_id, onward, wanted["reason"])
    except (Conflict, Invalid) as error:
        return render_roll(public_id, typed, error), error.status
    flash(gettext("The booking was rolled."), "good")
    return back(public_id)


def _reason(text: str) -> dict[str, str]:
    return {"reason": text} if text else {}


@pages.get("/bookings/<public_id>/cancel")
@auth.allow(*BOOKERS)
def cancel_form(public_id: str) -> str:
    """Ask whether to cancel, with what it costs at this moment."""
    return render_cancel(public_id)


def render_cancel(public_id: str, error: AppError | None = None) -> str:
    """The page that asks."""
    with reading() as session:
        booking = get_booking(session, auth.actor(), public_id).booking
        facts = {"fee": fee_now(booking, now()), "free_until": free_cancellation_until(booking)}
        reason = request.form.get("reason", "")
        return render_form("cancel_form", session, public_id, error=error, reason=reason, **facts)


@pages.post("/bookings/<public_id>/cancel")
@auth.allow(*BOOKERS)
def cancel(public_id: str) -> Page:
    """Cancel for the fee that was shown; where it has risen since, ask again."""
    moment = now()
    try:
        reason = read(Cancellation, _reason(request.form.get("reason", "").strip()))["reason"]
        with transaction() as session:
            booking = cancel_booking(session, auth.actor(), moment, public_id, reason)
            if str(booking.total_minor) != request.form.get("fee"):
                raise Conflict(gettext("The fee is another one now; see below, and decide again."))
    except (Conflict, Invalid) as error:
        return render_cancel(public_id, error), error.status
    flash(gettext("The booking was cancelled."), "good")
    return back(public_id)
