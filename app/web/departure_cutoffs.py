"""Move the cut-offs of a departure: each on the clock of its place, with whom it touches shown before."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from app import auth
from app.clock import now
from app.errors import AppError, BadRequest, Conflict, FieldError, Invalid
from app.exchange.faults import CellError
from app.exchange.local_time import day_and_time, to_instant
from app.http import reading, transaction
from app.models.services import CUTOFF_CODES
from app.queries import people
from app.queries.audit import AuditFilter, list_events
from app.queries.departure_cutoffs import BoardingCall, boarding_calls
from app.queries.departures import get_departure
from app.usecases.cutoffs import ACTION, CHANGEABLE, NewCutoff, change_cutoffs, preview, put_back
from app.usecases.cutoffs_touched import Touched
from app.web import languages
from app.web.fault_labels import FAULTS, fault
from routing.cutoffs import DANGEROUS_CUTOFFS, EARLIEST_TIMES, PAPER_CUTOFFS

pages = Blueprint("departure_cutoffs", __name__)
Page = tuple[str, int] | Response
NAME = re.compile(r"at-(\d{1,4})-([A-Z]{3})")
CLOCK = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?")
MISSED_SHOWN = 50
REASON_LENGTH = 200


@dataclass
class Sent:
    """What the form says: the cut-offs that differ, the field of each, and what is wrong at which field."""

    wanted: list[NewCutoff] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)

    def note(self, found: Sequence[FieldError]) -> None:
        """Put what a use case found wrong at the fields."""
        for one in found:
            place = re.match(r"cutoffs\.(\d+)\.", one.field)
            self.errors[self.names[int(place[1])] if place else one.field] = told(one)


def shown_at(at: datetime | None, zone: str) -> str:
    """An instant as a field for date and time takes it, on the clock of a place."""
    if at is None:
        return ""
    day, clock = day_and_time(at, zone)
    return f"{day}T{clock}"


def read_form(calls: Sequence[BoardingCall]) -> Sent:
    """What is to be moved. Times that cannot be are noted at their fields; what is as it was shown is left out."""
    sent, zones = Sent(), {call.seq: call.place.time_zone for call in calls}
    there = {call.seq: call.cutoffs for call in calls}
    fields = [(name, match[1], match[2]) for name in request.form if (match := NAME.fullmatch(name))]
    if request.form.get("add-at", "").strip():
        fields.append(("add-at", request.form.get("add-call", ""), request.form.get("add-code", "")))
    for name, number, code in fields:
        seq = int(number) if number.isdecimal() else -1
        if seq not in zones or code not in CUTOFF_CODES:
            raise BadRequest("there is no such cut-off")
        if name == "add-at" and code in there[seq]:
            sent.errors[name] = gettext("The place has one already: change it above.")
            continue
        typed, seen = request.form.get(name, "").strip(), _seen(name, seq, code)
        if typed == shown_at(seen, zones[seq]):
            continue
        try:
            at = _read(typed, zones[seq])
        except CellError as error:
            sent.errors[name] = fault(FieldError(name, error.code, error.message))
            continue
        sent.wanted.append(NewCutoff(seq, code, at, (seen,)))
        sent.names.append(name)
    return sent


def _seen(name: str, seq: int, code: str) -> datetime | None:
    text = "" if name == "add-at" else request.form.get(f"was-{seq}-{code}", "")
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError as error:
        raise BadRequest("the time that was seen cannot be read") from error
    if found is not None and found.tzinfo is None:
        raise BadRequest("the time that was seen lacks its offset")
    return found


def _read(typed: str, zone: str) -> datetime | None:
    if not typed:
        return None
    try:
        if not CLOCK.fullmatch(typed):
            raise ValueError(typed)
        return to_instant(date.fromisoformat(typed[:10]), typed[11:16], zone)
    except (ValueError, OverflowError) as error:
        raise CellError("bad_time", "this is no date and time", "2026-12-04T18:00") from error


def render_form(
    public_id: str, sent: Sent | None = None, *, touched: Touched | None = None, error: AppError | None = None
) -> str:
    """The page: every cut-off, the last change, and what was typed; after a conflict the times as they are now."""
    with reading() as session:
        departure = get_departure(session, now(), public_id)
        calls = boarding_calls(session, public_id)
        last = list_events(session, AuditFilter(action=ACTION, subject=public_id), limit=1).items
        return render_template(
            "departures/cutoffs.html",
            departure=departure,
            calls=calls,
            open_calls=[call for call in calls if call.departs_at > now()],
            rows=[row for call in calls for row in rows_of(call, typed=sent is not None)],
            codes=CUTOFF_CODES,
            changeable=departure.status in CHANGEABLE,
            typed=request.form if sent is not None else {},
            errors=sent.errors if sent else {},
            last=last[0] if last else None,
            changes=changes_of(last[0], calls) if last else [],
            names=people.names(session, {one.actor for one in last}),
            error=error,
            **touched_facts(touched),
        )


def rows_of(call: BoardingCall, *, typed: bool) -> list[dict[str, Any]]:
    """The fields of a call, a line each: the time as it is or as it was typed, and what it closes."""
    rows = []
    for code, at in call.cutoffs.items():
        name = f"at-{call.seq}-{code}"
        value, seen = shown_at(at, call.place.time_zone), at.isoformat()
        if typed and name in request.form:
            value, seen = request.form[name], request.form.get(f"was-{call.seq}-{code}", seen)
        rows.append(
            {"call": call, "code": code, "name": name, "value": value, "seen": seen, "closes": kind_of(code)}
        )
    return rows


def kind_of(code: str) -> str:
    """What a cut-off closes: `dangerous`, `papers`, `goods`, or `opens` if it closes nothing."""
    kinds = {"dangerous": DANGEROUS_CUTOFFS, "papers": PAPER_CUTOFFS, "opens": EARLIEST_TIMES}
    return next((kind for kind, codes in kinds.items() if code in codes), "goods")


def changes_of(event: Any, calls: Sequence[BoardingCall]) -> list[dict[str, Any]]:  # noqa: ANN401 (a row)
    """What a change has moved: the place, the code, and both times."""
    places = {call.seq: call.place for call in calls}
    before, after = event.before or {}, event.after or {}
    return [
        {
            "place": places.get(int(seq)),
            "code": code,
            "before": _instant(at),
            "after": _instant(after.get(name)),
        }
        for name, at in before.items()
        for seq, _, code in [name.partition(" ")]
    ]


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def touched_facts(touched: Touched | None) -> dict[str, Any]:
    """Whom it touches, as the part of the page takes it: first those whose goods would come too late."""
    found = sorted(touched.bookings, key=lambda one: not one.missed) if touched else []
    return {"touched": touched, "bookings": found[:MISSED_SHOWN], "more": max(0, len(found) - MISSED_SHOWN)}


@pages.get("/departures/<public_id>/cutoffs")
@auth.allow("operator")
def show(public_id: str) -> str:
    """The cut-offs as they are, to be moved."""
    return render_form(public_id)


@pages.post("/departures/<public_id>/cutoffs/touched")
@auth.allow("operator")
def look(public_id: str) -> str:
    """Whom the times typed so far would touch."""
    facts: Mapping[str, Any] = {"touched": None, "problem": ""}
    with reading() as session:
        get_departure(session, now(), public_id)
        sent = read_form(boarding_calls(session, public_id))
        try:
            if sent.wanted and not sent.errors:
                facts = touched_facts(preview(session, now(), public_id, sent.wanted))
        except (Invalid, Conflict) as error:
            sent.note(error.errors)
            facts = {"touched": None, "problem": next(iter(sent.errors.values()), words_of(error))}
        if sent.errors and not facts.get("problem"):
            facts = {"touched": None, "problem": next(iter(sent.errors.values()))}
        return render_template("departures/cutoffs_touched.html", typed=request.form, **facts)


@pages.post("/departures/<public_id>/cutoffs")
@auth.allow("operator")
def move(public_id: str) -> Page:
    """Move them. Booked goods that would come too late are shown first, and left behind only if that is ticked."""
    with reading() as session:
        get_departure(session, now(), public_id)
        sent = read_form(boarding_calls(session, public_id))
    reason = request.form.get("reason", "").strip()
    if not reason or len(reason) > REASON_LENGTH:
        sent.errors["reason"] = gettext("This is empty or too long.")
    if not sent.wanted and not sent.errors:
        flash(gettext("Nothing was changed: every time is as it was."), "warn")
        return redirect(url_for("departure_cutoffs.show", public_id=public_id), 303)
    if sent.errors:
        return render_form(public_id, sent), 422
    try:
        with transaction() as session:
            although = request.form.get("although_missed") == "1"
            change_cutoffs(
                session, auth.actor(), now(), public_id, sent.wanted, reason, although_missed=although
            )
    except Invalid as error:
        return _refused(public_id, sent, error), error.status
    except Conflict as error:
        return render_form(public_id, error=error), error.status
    count = len(sent.wanted)
    flash(
        ngettext("%(count)s cut-off was moved.", "%(count)s cut-offs were moved.", count, count=count), "good"
    )
    return redirect(url_for("departure_cutoffs.show", public_id=public_id), 303)


def _refused(public_id: str, sent: Sent, error: Invalid) -> str:
    sent.note(error.errors)
    touched = None
    if "although_missed" in sent.errors:
        with reading() as session:
            touched = preview(session, now(), public_id, sent.wanted)
    return render_form(public_id, sent, touched=touched)


@pages.post("/departures/<public_id>/cutoffs/back")
@auth.allow("operator")
def back(public_id: str) -> Response:
    """Put back what the last change has moved."""
    change = request.form.get("change", "")
    try:
        with transaction() as session:
            number = int(change) if change.isdecimal() and len(change) < 19 else -1
            put_back(session, auth.actor(), now(), public_id, number)
    except (Invalid, Conflict) as error:
        flash(gettext("It cannot be put back: %(why)s", why=words_of(error)), "bad")
    else:
        flash(gettext("Put back: the cut-offs are as they were before."), "good")
    return redirect(url_for("departure_cutoffs.show", public_id=public_id), 303)


def told(found: FieldError) -> str:
    """What is wrong, in words that name no time in UTC: the page has the clocks of the places."""
    known = FAULTS.get(found.code)
    return str(known) if known is not None else fault(found)


def words_of(error: AppError) -> str:
    """Why it was refused, in the reader's language."""
    if error.errors:
        return told(error.errors[0])
    if languages.current() == "en":
        return error.detail
    return gettext("somebody else has changed the cut-offs meanwhile, or the departure has left")
