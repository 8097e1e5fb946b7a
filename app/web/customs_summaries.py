"""Declarations of the customs desk, from lists merged to refunds settled, and the numbers that all messages need."""

import io
from collections.abc import Callable
from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask import Response as File
from flask_babel import gettext, ngettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app import auth
from app.clock import now
from app.errors import AppError, Conflict, FieldError, Invalid
from app.exchange.csv_file import write_csv
from app.http import reading, transaction
from app.queries import declarations as desk
from app.usecases.declaring import codes, messages, summaries
from app.usecases.declaring.candidates import day_of
from app.usecases.declaring.refunds import expected_refund
from app.web import addresses
from app.web.customs import HANDS, READERS, Page, attached, render_index
from app.web.customs_input import refuse_nul
from app.web.customs_labels import faults
from trade.declarations import OUTCOMES, SUMMARY_STEPS, next_steps, summary_due
from trade.errors import TradeError
from trade.money import Money

pages = Blueprint("customs_summaries", __name__)
pages.before_request(refuse_nul)


@pages.get("/customs/summaries")
@auth.allow(*READERS)
def index() -> str:
    """Declarations, the newest first."""
    with reading() as session:
        return render_template(
            "customs/summaries.html",
            page=desk.list_summaries(session, cursor=addresses.cursor()),
            started=addresses.cursor() is not None,
            to_declare=desk.waiting_lists(session),
            rebate_of=desk.summary_rebate,
            settled_by=desk.settled_by,
            due=summary_due,
            may_act=auth.actor().may(*HANDS),
        )


@pages.post("/customs/summaries/build")
@auth.allow(*HANDS)
def build() -> Page:
    """Merge the cleared lists of one mode, port and month."""
    form = request.form
    try:
        month = date.fromisoformat(f"{form.get('month', '')}-01")
    except ValueError:
        month = date.min
    try:
        with transaction() as session:
            made = summaries.build_summaries(
                session, auth.actor(), now(), form.get("mode", ""), form.get("port", ""), month
            )
            count, first = len(made), made[0].public_id
    except Conflict as error:
        return render_index(error), error.status
    flash(
        ngettext(
            "%(count)s declaration was built.", "%(count)s declarations were built.", count, count=count
        ),
        "good",
    )
    if count == 1:
        return redirect(url_for("customs_summaries.show", public_id=first), 303)
    return redirect(url_for("customs_summaries.index"), 303)


@pages.get("/customs/summaries/<public_id>")
@auth.allow(*READERS)
def show(public_id: str) -> str:
    """One declaration: its lists, its merged lines, its number and its refund."""
    return render_summary(public_id)


def render_summary(public_id: str, error: AppError | None = None) -> str:
    """The page of a declaration, with what stood in the way of the last step."""
    today = day_of(now())
    with reading() as session:
        found = desk.get_summary(session, public_id)
        return render_template(
            "customs/summary.html",
            found=found,
            lines=summaries.merged_lines(found),
            parts=messages.summary_parts(found),
            refund=expected_refund(session, found.lists, now()),
            steps=next_steps(SUMMARY_STEPS, found.status),
            rebate=desk.summary_rebate(found),
            settle_by=desk.settled_by(found),
            due=summary_due(found.month),
            outcomes=OUTCOMES,
            today=today,
            history=desk.history(session, public_id),
            may_act=auth.actor().may(*HANDS),
            error=error,
            errors=faults(error) if error else {},
            typed=request.form,
        )


@pages.get("/customs/summaries/<public_id>.xml")
@auth.allow(*READERS)
def message(public_id: str) -> File:
    """CEB701, to be handed over in the single window."""
    with reading() as session:
        found = desk.get_summary(session, public_id)
        parts = messages.summary_parts(found)
        part = min(max(request.args.get("part", 1, int), 1), parts)
        content = messages.summary_xml(session, now(), found, part)
    of = f"-{part}of{parts}" if parts > 1 else ""
    return attached(content, "application/xml", f"CEB701-{found.number}{of}.xml")


@pages.get("/customs/summaries/<public_id>.csv")
@auth.allow(*READERS)
def table(public_id: str) -> File:
    """Its merged lines as a table."""
    stream = io.BytesIO()
    with reading() as session:
        found = desk.get_summary(session, public_id)
        write_csv(stream, messages.SUMMARY_COLUMNS, messages.summary_rows(found))
    return attached(stream.getvalue(), "text/csv; charset=utf-8", f"{found.number}.csv")


@pages.post("/customs/summaries/<public_id>/<any(submit, accept, reject, reopen, refund, settle, undo):step>")
@auth.allow(*HANDS)
def take(public_id: str, step: str) -> Page | Response:
    """One step of it; undo at its beginning gives it up."""
    try:
        with transaction() as session:
            left = STEPS[step](session, public_id)
    except (Conflict, Invalid) as error:
        return render_summary(public_id, error), error.status
    if left is None:
        flash(gettext("The declaration was given up. Its lists wait to be declared again."), "good")
        return redirect(url_for("customs.index"), 303)
    flash(gettext("Noted."), "good")
    return redirect(url_for("customs_summaries.show", public_id=public_id), 303)


def _said(name: str) -> str:
    return request.form.get(name, "").strip()


def _day(name: str) -> date:
    try:
        return date.fromisoformat(_said(name))
    except ValueError:
        raise Invalid("there is no day", (FieldError(name, "required", "write the day"),)) from None


def _refund(session: Session, public_id: str) -> object:
    try:
        amount = Money.parse(_said("amount"), "CNY").minor
    except TradeError as error:
        raise Invalid(error.detail, (FieldError("amount", error.code, error.detail),)) from error
    return summaries.note_refund(session, auth.actor(), now(), public_id, amount, _day("on"))


STEPS: dict[str, Callable[[Session, str], object]] = {
    "submit": lambda session, name: summaries.submit_summary(session, auth.actor(), now(), name),
    "accept": lambda session, name: summaries.accept_summary(session, auth.actor(), now(), name, _said("entry_id")),
    "reject": lambda session, name: summaries.reject_summary(session, auth.actor(), now(), name, _said("answer")),
    "reopen": lambda session, name: summaries.reopen_summary(session, auth.actor(), now(), name),
    "refund": _refund,
    "settle": lambda session, name: summaries.settle_refund(
        session, auth.actor(), now(), name, _said("outcome"), _day("on")
    ),
    "undo": lambda session, name: summaries.undo_summary_step(session, auth.actor(), now(), name),
}  # fmt: skip


@pages.get("/customs/codes")
@auth.allow(*READERS)
def numbers() -> str:
    """The numbers customs knows the house, its exporters and its ports by."""
    return render_numbers()


def render_numbers(subject: str = "", error: AppError | None = None) -> str:
    """The page of numbers, with what was wrong with those of one subject."""
    with reading() as session:
        owners, ports = list(desk.exporters(session)), desk.ports_of_exit(session)
        subjects = [one.public_id for one in owners] + [one.public_id for one in ports]
        known = codes.read_codes(session, subjects)
        return render_template(
            "customs/codes.html",
            house=codes.HOUSE,
            owners=owners,
            ports=ports,
            known=known,
            kinds=(codes.OF_HOUSE, codes.OF_EXPORTER, codes.OF_PORT),
            may_act=auth.actor().may(*HANDS),
            wrong=subject,
            error=error,
            errors=faults(error) if error else {},
            typed=request.form,
        )


@pages.post("/customs/codes/<subject>")
@auth.allow(*HANDS)
def set_numbers(subject: str) -> Page:
    """Note numbers; what is left empty is taken away."""
    values = {kind: text.strip() for kind, text in request.form.items() if kind in codes.SHAPES}
    try:
        with transaction() as session:
            changed = codes.set_codes(session, auth.actor(), now(), subject, values)
    except (Conflict, Invalid) as error:
        return render_numbers(subject, error), error.status
    flash(
        gettext("The numbers are kept. Check lists again that lacked them.")
        if changed
        else gettext("Nothing changed."),
        "good" if changed else "info",
    )
    return redirect(url_for("customs_summaries.numbers"), 303)
