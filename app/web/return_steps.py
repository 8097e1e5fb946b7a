"""What is done with a return, step by step: each form of its page, answered by the page as it is then."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext, ngettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app import auth
from app.clock import now
from app.errors import AppError, NotFound
from app.http import settings, transaction
from app.queries.returns import undecided
from app.usecases.returning import requesting
from app.usecases.returning.carrying_out import carry_out
from app.usecases.returning.deciding import Chosen, adopt_plan, choose_dispositions, judge
from app.usecases.returning.grading import Graded, grade_return
from app.usecases.returning.photos import MOST_BYTES, PhotoStore, add_photo
from app.usecases.returning.receiving_returns import Came, receive_return
from app.usecases.returning.sending_back import send_off, take_in
from app.usecases.warehousing.access import WORKERS
from app.web.returns import ASKERS, Page, render_return
from warehouses.returns import GRADES

pages = Blueprint("return_steps", __name__)


def done(public_id: str, step: Callable[[Session], object], words: str) -> Page:
    """Take a step and go back to the page of the return; or show it with what stood in the way."""
    try:
        with transaction() as session:
            step(session)
    except NotFound:
        raise
    except AppError as error:
        return render_return(public_id, error), error.status
    flash(words, "good")
    return redirect(url_for("returns.show", public_id=public_id), 303)


@pages.post("/returns/<public_id>/cancel")
@auth.allow(*ASKERS)
def cancel(public_id: str) -> Page:
    """Give it up."""
    words = gettext("The return was cancelled.")
    return done(
        public_id, lambda session: requesting.cancel_return(session, auth.actor(), now(), public_id), words
    )


@pages.post("/returns/<public_id>/sent")
@auth.allow(*ASKERS)
def sent(public_id: str) -> Page:
    """Its sender handed it over."""
    words = gettext("It is on its way.")
    return done(
        public_id, lambda session: requesting.send_return(session, auth.actor(), now(), public_id), words
    )


@pages.post("/returns/<public_id>/receive")
@auth.allow(*WORKERS)
def receive(public_id: str) -> Page:
    """Take in so many pieces of each item."""
    came = [Came(seq, count) for seq, count in _counts("came")]
    complete = "complete" in request.form
    words = gettext("What came lies in the returns place. Grade it next.")
    return done(
        public_id,
        lambda session: receive_return(session, auth.actor(), now(), public_id, came, complete=complete),
        words,
    )


@pages.post("/returns/<public_id>/grade")
@auth.allow(*WORKERS)
def grade(public_id: str) -> Page:
    """Give pieces their grade."""
    grades = [
        Graded(seq, count, letter, request.form.get(f"note-{seq}", "").strip()[:500])
        for letter in GRADES
        for seq, count in _counts(f"grade-{letter}")
    ]
    grades.sort(key=lambda one: (one.item, one.grade))
    words = gettext("The pieces were graded. The next plan weighs what could be done with them.")
    return done(
        public_id, lambda session: grade_return(session, auth.actor(), now(), public_id, grades), words
    )


@pages.post("/returns/<public_id>/choose")
@auth.allow(*WORKERS)
def choose(public_id: str) -> Page:
    """Choose what becomes of an item, or of some of its pieces."""
    form = request.form
    chosen = Chosen(
        _number("item") or 0,
        form.get("disposition", ""),
        _number("quantity"),
        form.get("destination") or None,
        form.get("note", "").strip()[:500],
    )
    words = gettext("It is decided. Nothing has moved yet.")
    return done(
        public_id,
        lambda session: choose_dispositions(session, auth.actor(), now(), public_id, [chosen]),
        words,
    )


@pages.post("/returns/<public_id>/judge")
@auth.allow("exporter")
def decide(public_id: str) -> Page:
    """The exporter's word."""
    approved = request.form.get("word") == "approve"
    note = request.form.get("note", "").strip()[:500]
    seq = _number("item") or 0
    words = gettext("You approved it.") if approved else gettext("You vetoed it; it will not be carried out.")
    return done(
        public_id,
        lambda session: judge(session, auth.actor(), now(), public_id, seq, approved=approved, note=note),
        words,
    )


@pages.post("/returns/<public_id>/carry-out")
@auth.allow(*WORKERS)
def carry(public_id: str) -> Page:
    """Do what was decided with goods that stay."""
    told = {name: request.form.get(name, "").strip() for name in ("place", "sku", "note")}
    seq = _number("item") or 0
    words = gettext("It is done, and the stock ledger says so.")
    return done(
        public_id,
        lambda session: carry_out(
            session, auth.actor(), now(), public_id, seq, place=told["place"] or None, sku=told["sku"] or None,
            note=told["note"][:500],
        ),
        words,
    )  # fmt: skip


@pages.post("/returns/<public_id>/send-off")
@auth.allow(*WORKERS)
def leave(public_id: str) -> Page:
    """Hand goods over to who carries them."""
    seqs = [_number("item") or 0]
    words = gettext("Its stock has left the warehouse.")
    return done(public_id, lambda session: send_off(session, auth.actor(), now(), public_id, seqs), words)


@pages.post("/returns/<public_id>/arrive")
@auth.allow(*WORKERS)
def arrive(public_id: str) -> Page:
    """Take in goods that travelled here."""
    seqs = [_number("item") or 0]
    words = gettext("It lies here now. Decide what becomes of it next.")
    return done(public_id, lambda session: take_in(session, auth.actor(), now(), public_id, seqs), words)


@pages.post("/returns/<public_id>/photos")
@auth.allow(*WORKERS)
def photograph(public_id: str) -> Page:
    """Keep a picture."""
    file = request.files.get("file")
    content = b""
    if file is not None:
        with file.stream as stream:
            content = stream.read(MOST_BYTES + 1)
    seq, store = _number("item") or 0, PhotoStore(settings().data_dir)
    words = gettext("The photo is kept.")
    return done(
        public_id,
        lambda session: add_photo(session, auth.actor(), now(), store, public_id, seq, content),
        words,
    )


@pages.post("/returns/adopt")
@auth.allow(*WORKERS)
def adopt() -> Response:
    """Choose for every graded item what the plan that looked at it last proposes."""
    with transaction() as session:
        count = len(adopt_plan(session, auth.actor(), now()))
        waiting, proposed = undecided(session, auth.actor())
    if count:
        text = ngettext(
            "%(count)s return was decided as the plan proposes.",
            "%(count)s returns were decided as the plan proposes.", count, count=count,
        )  # fmt: skip
    else:
        text = _why_nothing(waiting, proposed)
    flash(text, "good" if count else "info")
    return redirect(url_for("returns.index"), 303)


def _why_nothing(waiting: int, proposed: int) -> str:
    """Why no plan decided anything, and the next step."""
    if not waiting:
        return gettext("Nothing was decided: no graded item waits for a decision.")
    if not proposed:
        return gettext(
            "Nothing was decided: no plan has looked at what waits. Start a run with returns in it."
        )
    return gettext(
        "Nothing was decided: what the plans propose is booked, vetoed or not allowed any more. Decide it one by one."
    )


def _counts(prefix: str) -> list[tuple[int, int]]:
    """(item, pieces) of the fields `prefix-item` that hold a number above 0."""
    found = []
    for name in request.form:
        start, _, seq = name.rpartition("-")
        count = _number(name)
        if start == prefix and seq.isdigit() and count:
            found.append((int(seq), count))
    return found


def _number(name: str) -> int | None:
    text = request.form.get(name, "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None
