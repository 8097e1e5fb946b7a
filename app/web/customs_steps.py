"""What is done with one list, step by step: each form of its page, answered by the page as it is then."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext, ngettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app import auth
from app.clock import now
from app.errors import Conflict, Invalid
from app.http import transaction
from app.usecases.declaring import building, noting, steps
from app.usecases.declaring.numbering import note_customs_numbers
from app.web.customs import HANDS, Page, render_list
from app.web.customs_input import refuse_nul

pages = Blueprint("customs_steps", __name__)
pages.before_request(refuse_nul)
PLAIN: dict[str, Callable[..., object]] = {
    "check": steps.check_list,
    "submit": steps.submit_list,
    "reopen": steps.reopen_list,
    "undo": steps.undo_list_step,
    "refresh": building.refresh_list,
}
"""Steps that need no more than the list."""


def done(public_id: str, step: Callable[[Session], object], words: Callable[[], str]) -> Page:
    """Take a step and go back to the page of the list; or show it with what stood in the way."""
    try:
        with transaction() as session:
            step(session)
    except (Conflict, Invalid) as error:
        return render_list(public_id, error), error.status
    flash(words(), "good")
    return redirect(url_for("customs.show", public_id=public_id), 303)


@pages.post("/customs/<public_id>/<any(check, submit, reopen, undo, refresh):step>")
@auth.allow(*HANDS)
def plain(public_id: str, step: str) -> Page:
    """Check it, hand it over, open it again, undo the last step, or bring it up to date."""
    words = {
        "check": gettext("Checked."),
        "submit": gettext("Handed over. Note what customs answers next."),
        "reopen": gettext("Open again: correct it, and hand it over as a change."),
        "undo": gettext("The last step was undone."),
        "refresh": gettext("It says now what is booked."),
    }
    return done(
        public_id,
        lambda session: PLAIN[step](session, auth.actor(), now(), public_id),
        lambda: words[step],
    )


@pages.post("/customs/<public_id>/answer")
@auth.allow(*HANDS)
def answer(public_id: str) -> Page:
    """What customs answered."""
    form = request.form
    told = {name: form.get(name, "").strip() for name in ("number", "answer", "lines")}
    return done(
        public_id,
        lambda session: steps.answer_list(
            session, auth.actor(), now(), public_id, form.get("step", ""), **told
        ),
        lambda: gettext("The answer is noted."),
    )


@pages.post("/customs/<public_id>/payments")
@auth.allow(*HANDS)
def payments(public_id: str) -> Page:
    """Payments, pasted a line each."""
    noted: list[int] = []
    text = request.form.get("payments", "")
    return done(
        public_id,
        lambda session: noted.append(noting.note_payments(session, auth.actor(), now(), public_id, text)),
        lambda: ngettext(
            "%(count)s payment was noted.", "%(count)s payments were noted.", noted[0], count=noted[0]
        ),
    )


@pages.post("/customs/<public_id>/payments/<int:seq>/take-back")
@auth.allow(*HANDS)
def take_back(public_id: str, seq: int) -> Page:
    """One that was noted by mistake."""
    return done(
        public_id,
        lambda session: noting.take_payment_back(session, auth.actor(), now(), public_id, seq),
        lambda: gettext("The payment was taken back."),
    )


@pages.post("/customs/<public_id>/numbers")
@auth.allow(*HANDS)
def numbers(public_id: str) -> Page:
    """What customs calls each parcel, pasted a line each."""
    text = request.form.get("numbers", "")
    return done(
        public_id,
        lambda session: note_customs_numbers(session, auth.actor(), now(), public_id, text),
        lambda: gettext("The numbers are noted."),
    )


@pages.post("/customs/<public_id>/hs-code")
@auth.allow(*HANDS)
def hs_code(public_id: str) -> Page:
    """A code for all lines of a goods class that need one, or for the lines that are named."""
    given: list[int] = []
    code, goods, lines = (request.form.get(name, "").strip() for name in ("hs_code", "goods", "lines"))
    replace = "replace" in request.form
    return done(
        public_id,
        lambda session: given.append(
            noting.set_hs_code(
                session, auth.actor(), now(), public_id, code, goods, replace=replace, lines=lines
            )
        ),
        lambda: ngettext(
            "%(count)s line has its code.", "%(count)s lines have their code.", given[0], count=given[0]
        ),
    )


@pages.post("/customs/<public_id>/discard")
@auth.allow(*HANDS)
def discard(public_id: str) -> Page | Response:
    """Give it up; its parcels wait again."""
    try:
        with transaction() as session:
            building.discard_list(session, auth.actor(), now(), public_id)
    except Conflict as error:
        return render_list(public_id, error), error.status
    flash(gettext("The list was given up. Its parcels wait to be listed again."), "good")
    return redirect(url_for("customs.index"), 303)
