"""The customs and tax desk: lists with what waits for them, one list with its lines and checks, and its files."""

import io
from collections import Counter
from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask import Response as File
from flask_babel import gettext, ngettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app import auth
from app.clock import now
from app.errors import AppError, Conflict, Invalid, NotFound
from app.exchange.csv_file import write_csv
from app.http import reading, transaction
from app.models import DeclarationList
from app.models.pool import CUSTOMS_MODES
from app.queries import choices
from app.queries import declarations as desk
from app.usecases.declaring.building import build_lists
from app.usecases.declaring.candidates import day_of
from app.usecases.declaring.checking import Checked, check, problems
from app.usecases.declaring.deciding import give_mode
from app.usecases.declaring.messages import LIST_COLUMNS, list_rows, list_xml
from app.usecases.declaring.noting import goods_on, note_payments_of_all
from app.usecases.declaring.refunds import expected_refund
from app.usecases.declaring.steps import answer_list, check_list, submit_list
from app.web import addresses
from app.web.customs_input import refuse_nul
from app.web.customs_labels import problem
from trade.declaration_checks import DOCUMENTS
from trade.declarations import LIST_STATES, LIST_STEPS, may_be_given_up, next_steps

pages = Blueprint("customs", __name__)
pages.before_request(refuse_nul)
READERS = ("operator", "customs", "finance", "regulator")
HANDS = ("operator", "customs")
TO_DO = "to_do"
MANY = {"check": check_list, "submit": submit_list}
MOST_AT_ONCE = 100
Page = tuple[str, int] | Response


@pages.get("/customs")
@auth.allow(*READERS)
def index() -> str:
    """Lists, the newest first, and above them what waits to be listed, declared or settled."""
    return render_index()


def render_index(error: AppError | None = None) -> str:
    """The desk, with what stood in the way."""
    state = addresses.one_of("state", (TO_DO, *LIST_STATES))
    chosen = desk.ListFilter(
        mode=addresses.one_of("mode", CUSTOMS_MODES),
        month=addresses.month("month"),
        state=None if state == TO_DO else state,
        exporter=addresses.text("exporter"),
        port=addresses.text("port"),
        mismatch=addresses.flag("mismatch"),
        to_do=state == TO_DO,
    )
    with reading() as session:
        refunds = desk.open_refunds(session)
        return render_template(
            "customs/index.html",
            chosen=chosen,
            state=state,
            page=desk.list_lists(session, chosen, cursor=addresses.cursor()),
            started=addresses.cursor() is not None,
            counts=desk.count_states(session),
            waiting=desk.waiting_parcels(session),
            to_declare=desk.waiting_lists(session),
            refunds=refunds,
            settle_by=desk.settled_by(refunds[0]) if refunds else None,
            rebate_of=desk.rebate_state,
            settled_by=desk.settled_by,
            exporters=choices.all_exporters(session),
            ports=desk.ports(session),
            states=LIST_STATES,
            modes=CUSTOMS_MODES,
            may_act=auth.actor().may(*HANDS),
            error=error,
            typed=request.form,
        )


@pages.post("/customs/build")
@auth.allow(*HANDS)
def build() -> Page:
    """List what waits of one mode, port and month."""
    form = request.form
    try:
        month = _month(form.get("month", ""))
        with transaction() as session:
            made = build_lists(
                session,
                auth.actor(),
                now(),
                form.get("mode", ""),
                form.get("port", ""),
                month,
                form.get("flag", "B"),
            )
            count, parcels = len(made), sum(one.lines for one in made)
            failed = sum(one.status == "pre_check_failed" for one in made)
    except (Conflict, Invalid) as error:
        return render_index(error), error.status
    told = ngettext("%(count)s list was built", "%(count)s lists were built", count, count=count)
    rest = gettext(
        "%(parcels)s parcels, %(failed)s lists with something to mend.", parcels=parcels, failed=failed
    )
    flash(f"{told}: {rest}", "info" if failed else "good")
    return redirect(url_for("customs.index", state=TO_DO, mode=form.get("mode"), port=form.get("port")), 303)


@pages.post("/customs/mode")
@auth.allow(*HANDS)
def mode() -> Page:
    """Give what waits without a mode one, or take it back."""
    form = {name: request.form.get(name, "") for name in ("port", "mode", "was")}
    try:
        month = _month(request.form.get("month", ""))
        with transaction() as session:
            count = give_mode(session, auth.actor(), now(), month=month, **form)
    except (Conflict, Invalid) as error:
        return render_index(error), error.status
    told = ngettext("%(count)s parcel was changed.", "%(count)s parcels were changed.", count, count=count)
    flash(told, "good")
    return redirect(url_for("customs.index", _anchor="waiting"), 303)


def _month(text: str) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise Invalid("write the month as 2026-11") from None


@pages.post("/customs/payments")
@auth.allow(*HANDS)
def payments() -> Page:
    """Payments of orders on any list, pasted a line each."""
    text = request.form.get("payments", "")
    try:
        with transaction() as session:
            count = note_payments_of_all(session, auth.actor(), now(), text)
    except Invalid as error:
        return render_index(error), error.status
    flash(
        ngettext("%(count)s payment was noted.", "%(count)s payments were noted.", count, count=count), "good"
    )
    return redirect(url_for("customs.index"), 303)


@pages.post("/customs/steps")
@auth.allow(*HANDS)
def step_many() -> Response:
    """Take one step with every list that is ticked; those that cannot take it are counted and stay."""
    step, done, kept = request.form.get("step", ""), 0, Counter[str]()
    ticked = request.form.getlist("list")[:MOST_AT_ONCE]
    for public_id in ticked:
        try:
            with transaction() as session:
                if step in MANY:
                    MANY[step](session, auth.actor(), now(), public_id)
                else:
                    answer_list(session, auth.actor(), now(), public_id, step)
            done += 1
        except (Conflict, Invalid, NotFound) as error:
            kept[problem(error)] += 1
    if not ticked:
        flash(gettext("Tick the lists first."), "info")
    elif done:
        flash(ngettext("Done with %(count)s list.", "Done with %(count)s lists.", done, count=done), "good")
    for words, _count in kept.most_common(5):
        flash(words, "bad")
    return redirect(_back(request.form.get("back", "")), 303)


def _back(address: str) -> str:
    """An address of the desk: nobody is sent elsewhere by a form."""
    return address if address.startswith("/customs?") else url_for("customs.index")


@pages.get("/customs/<public_id>")
@auth.allow(*READERS)
def show(public_id: str) -> str:
    """One list: where it stands, what is in its way, its lines, and what was done with it."""
    return render_list(public_id)


def render_list(public_id: str, error: AppError | None = None) -> str:
    """The page of a list, with what stood in the way of the last step."""
    with reading() as session:
        found = desk.get_list(session, public_id)
        checked = check(session, found, day_of(now()))
        return render_template(
            "customs/show.html",
            found=found,
            checked=checked,
            problems=list(problems(checked)),
            documents=DOCUMENTS,
            steps=next_steps(LIST_STEPS, found.status),
            rebate=desk.rebate_state(found),
            settle_by=desk.settled_by(found.summary),
            refund=expected_refund(session, [found], now()),
            goods=goods_on(found),
            may_be_given_up=may_be_given_up(found.path),
            history=desk.history(session, public_id),
            may_act=auth.actor().may(*HANDS),
            error=error,
            typed=request.form,
        )


@pages.get("/customs/<public_id>.xml")
@auth.allow(*READERS)
def message(public_id: str) -> File:
    """CEB603, to be handed over in the single window."""
    with reading() as session:
        found, checked = _checked(session, public_id)
        content = list_xml(session, now(), found, checked)
    return attached(content, "application/xml", f"CEB603-{found.number}.xml")


@pages.get("/customs/<public_id>.csv")
@auth.allow(*READERS)
def table(public_id: str) -> File:
    """Its lines as a table."""
    stream = io.BytesIO()
    with reading() as session:
        found, checked = _checked(session, public_id)
        write_csv(stream, LIST_COLUMNS, list_rows(found, checked))
    return attached(stream.getvalue(), "text/csv; charset=utf-8", f"{found.number}.csv")


def _checked(session: Session, public_id: str) -> tuple[DeclarationList, Checked]:
    found = desk.get_list(session, public_id)
    return found, check(session, found, day_of(now()))


def attached(content: bytes, media_type: str, name: str) -> File:
    """A file to keep."""
    return File(
        content, content_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
