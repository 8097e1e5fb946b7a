"""Inbound at one warehouse: what is due, counting it in, putting it away."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app import auth
from app.clock import now
from app.errors import AppError, BadRequest, NotFound
from app.http import reading, transaction
from app.ids import new_id
from app.models import StockPlace
from app.queries import choices
from app.queries.inbound import DUE, AsnFilter, counts_by_state, get_asn, list_asns
from app.schemas.inbound import AsnReason, CloseBody, PutAwayBody, ReceiptBody
from app.schemas.reading import read
from app.usecases.warehousing.announcing_goods import arrive_asn
from app.usecases.warehousing.ledger import Scan
from app.usecases.warehousing.putting_away import PutAway, PutAwayPlan, plan_put_away, put_away
from app.usecases.warehousing.receiving import Count, close_receiving, receive, take_receipt_back
from app.web import addresses, asns, floor, inbound_labels
from app.web.quote_form import WHOLE, whole
from warehouses.inbound import ASN_STATES
from warehouses.stock import NEVER

pages = Blueprint("inbound", __name__)
ROOT = f"{floor.ROOT}/inbound"
READERS = ("operator", "warehouse", "customs")
STAFF = ("operator", "warehouse")
MOST_BINS = 1000
COUNTS = ("good", "damaged", "cartons")
COUNT_FIELDS = (*COUNTS, "batch", "expires_on")
PUT_FIELDS = ("sku", "condition", "batch", "expires_on", "received_on", "quantity", "to")
NEW = "new"
"""The row of the form for goods that nobody announced."""
Page = tuple[str, int] | Response


@pages.get(ROOT)
@auth.allow(*READERS)
def due(code: str) -> str:
    """What is due at a warehouse, what comes first at the top; other states by the address."""
    actor, status = auth.actor(), addresses.one_of("status", ASN_STATES)
    chosen = AsnFilter(
        status=status,
        states=() if status else DUE,
        exporter=addresses.text("exporter"),
        reference=addresses.text("reference"),
        warehouse=code,
    )
    with reading() as session:
        warehouse = floor.house(session, code)
        return render_template(
            "inbound/due.html",
            warehouse=warehouse,
            chosen=chosen,
            counts=counts_by_state(session, actor, warehouse.id),
            states=ASN_STATES,
            page=list_asns(session, actor, chosen, cursor=addresses.cursor()),
            started=addresses.cursor() is not None,
            exporters=choices.all_exporters(session),
            today=now().date(),
        )


@pages.get(f"{ROOT}/<public_id>")
@auth.allow(*READERS)
def show(code: str, public_id: str) -> str:
    """One ASN with what may be done about it."""
    return render_page("asn", code, public_id)


@pages.get(f"{ROOT}/<public_id>/receive")
@auth.allow(*STAFF)
def receive_form(code: str, public_id: str) -> str:
    """The form in which goods are counted."""
    return render_page("receive", code, public_id, typed={}, scan_id=new_id("scn"))


@pages.get(f"{ROOT}/<public_id>/put-away")
@auth.allow(*STAFF)
def put_away_form(code: str, public_id: str) -> str:
    """What lies in receiving, and where it should go."""
    return render_put_away(code, public_id)


@pages.post(f"{ROOT}/<public_id>/arrive")
@auth.allow(*STAFF)
def arrive(code: str, public_id: str) -> Page:
    """Say that it is at the door."""

    def step(session: Session) -> None:
        arrive_asn(session, auth.actor(), now(), public_id)

    return _do(step, gettext("It is at the door."), code, public_id)


@pages.post(f"{ROOT}/<public_id>/receive")
@auth.allow(*STAFF)
def count_in(code: str, public_id: str) -> Page:
    """Count goods in; a form that is sent twice is posted once."""
    typed = {name: text.strip() for name, text in request.form.items()}
    try:
        with transaction() as session:
            asked = {"scan_id": typed.get("scan_id"), "lines": _counted(session, public_id, typed)}
            wanted = read(ReceiptBody, asked)
            counts = [Count(**line) for line in wanted["lines"]]
            receive(session, auth.actor(), now(), public_id, counts, Scan(wanted["scan_id"]))
    except (NotFound, BadRequest):
        raise
    except AppError as error:
        facts = {
            "typed": typed,
            "scan_id": new_id("scn"),
            "error": error,
            "errors": _count_errors(error, typed),
        }
        return render_page("receive", code, public_id, **facts), error.status
    flash(gettext("It is counted in."), "good")
    return _back(code, public_id)


@pages.post(f"{ROOT}/<public_id>/receipts/<posting_id>/take-back")
@auth.allow(*STAFF)
def take_back(code: str, public_id: str, posting_id: str) -> Page:
    """Take a count back that was wrong."""

    def step(session: Session) -> None:
        reason = _reason() or gettext("counted wrongly")
        take_receipt_back(session, auth.actor(), now(), public_id, posting_id, reason)

    return _do(step, gettext("The count was taken back."), code, public_id)


@pages.post(f"{ROOT}/<public_id>/close")
@auth.allow(*STAFF)
def close(code: str, public_id: str) -> Page:
    """End receiving, for today or for good."""

    def step(session: Session) -> None:
        more, reason = "more_to_come" in request.form, _reason()
        wanted = read(CloseBody, {"more_to_come": more} | ({"reason": reason} if reason else {}))
        close_receiving(session, auth.actor(), now(), public_id, **wanted)

    return _do(step, gettext("Receiving is ended."), code, public_id)


@pages.post(f"{ROOT}/<public_id>/put-away")
@auth.allow(*STAFF)
def put(code: str, public_id: str) -> Page:
    """Put goods away as it was written; rows without a bin stay in receiving."""
    typed = {name: text.strip() for name, text in request.form.items()}
    try:
        lines, numbers = _placed(typed)
        wanted = read(PutAwayBody, {"scan_id": typed.get("scan_id"), "lines": lines})
        with transaction() as session:
            if wanted["lines"]:
                asked = [PutAway(**line) for line in wanted["lines"]]
                put_away(session, auth.actor(), now(), public_id, asked, Scan(wanted["scan_id"]))
    except NotFound:
        raise
    except AppError as error:
        errors = {_put_field(one.field, numbers): inbound_labels.fault(one) for one in error.errors}
        return render_put_away(code, public_id, typed=typed, error=error, errors=errors), error.status
    flash(gettext("It is put away."), "good")
    return _back(code, public_id)


def render_page(template: str, code: str, public_id: str, **facts: Any) -> str:  # noqa: ANN401
    """A page of one ASN at the warehouse it comes to; NotFound at another."""
    with reading() as session:
        warehouse = floor.house(session, code)
        given = {"error": None, "errors": {}} | asns.facts_of(session, public_id) | facts
        if given["asn"].warehouse_id != warehouse.id:
            raise NotFound
        return render_template(f"inbound/{template}.html", **given | {"warehouse": warehouse})


def render_put_away(code: str, public_id: str, **facts: Any) -> str:  # noqa: ANN401
    """The put-away form: the suggestion, or what was typed."""
    with reading() as session:
        plan = plan_put_away(session, auth.actor(), public_id)
        codes = _bins(session, code)
    given = {"rows": suggested_rows(plan), "typed": {}, "bins": codes, "scan_id": new_id("scn")}
    return render_page("put_away", code, public_id, **given | facts)


def suggested_rows(plan: PutAwayPlan) -> list[dict[str, Any]]:
    """A row of the form for each part of a lot; without a bin for what finds no room."""
    lots = {one.lot.id: one for one in plan.waiting}
    parts = [(one.lot, one.quantity, plan.bins[one.place], one.why) for one in plan.suggestions]
    parts += [(lot, pieces, "", "no_room") for lot, pieces in plan.homeless.items()]
    return [
        {
            "sku": lots[lot].sku.code,
            "name": lots[lot].sku,
            "condition": lots[lot].lot.condition,
            "batch": lots[lot].lot.batch,
            "expires_on": "" if lots[lot].lot.expires_on == NEVER else lots[lot].lot.expires_on.isoformat(),
            "received_on": lots[lot].lot.received_on.isoformat(),
            "quantity": quantity,
            "to": to,
            "why": why,
        }
        for lot, quantity, to, why in parts
    ]


def _do(step: Callable[[Session], None], said: str, code: str, public_id: str) -> Page:
    try:
        with transaction() as session:
            step(session)
    except NotFound:
        raise
    except AppError as error:
        return render_page("asn", code, public_id, error=error), error.status
    flash(said, "good")
    return _back(code, public_id)


def _back(code: str, public_id: str) -> Response:
    return redirect(url_for("inbound.show", code=code, public_id=public_id), 303)


def _reason() -> str:
    typed = request.form.get("reason", "").strip()
    return str(read(AsnReason, {"reason": typed})["reason"]) if typed else ""


def _counted(session: Session, public_id: str, typed: dict[str, str]) -> list[dict[str, Any]]:
    """The rows of the form in which something was counted."""
    asn = get_asn(session, auth.actor(), public_id).asn
    rows: list[tuple[str, dict[str, Any]]] = [
        (str(line.seq), {"sku": line.sku.code, "line": line.seq}) for line in asn.lines
    ]
    rows += [(NEW, {"sku": typed[f"sku-{NEW}"]})] if typed.get(f"sku-{NEW}") else []
    found = []
    for number, row in rows:
        given = {name: typed.get(f"{name}-{number}", "") for name in COUNT_FIELDS}
        if given["good"] or given["damaged"]:
            values = {name: whole(text) if name in COUNTS else text for name, text in given.items() if text}
            found.append(row | values)
    return found


def _count_errors(error: AppError, typed: dict[str, str]) -> dict[str, str]:
    """Words by field of the form: lines.0.good is the first row in which something was counted."""
    names = [name.partition("-")[2] for name in typed if name.startswith("good-")]
    rows = [one for one in names if typed.get(f"good-{one}") or typed.get(f"damaged-{one}")]
    found = {}
    for fault in error.errors:
        _, *rest = fault.field.split(".")
        name = (
            f"{rest[1]}-{rows[int(rest[0])]}" if len(rest) > 1 and int(rest[0]) < len(rows) else f"good-{NEW}"
        )
        found[name] = inbound_labels.fault(fault)
    return found


def _placed(typed: dict[str, str]) -> tuple[list[dict[str, Any]], list[str]]:
    """The rows of the form that name a bin, and their numbers."""
    numbers = [name.partition("-")[2] for name, text in typed.items() if name.startswith("to-") and text]
    numbers = [one for one in numbers if WHOLE.fullmatch(one)]
    lines = []
    for number in numbers:
        given = {name: typed.get(f"{name}-{number}", "") for name in PUT_FIELDS}
        lines.append({
            name: whole(text) if name == "quantity" else text for name, text in given.items() if text
        })  # fmt: skip
    return lines, numbers


def _put_field(path: str, numbers: list[str]) -> str:
    _, *rest = path.split(".")
    return f"{rest[1]}-{numbers[int(rest[0])]}" if len(rest) > 1 else path


def _bins(session: Session, code: str) -> list[str]:
    warehouse = floor.house(session, code)
    query = select(StockPlace.code).where(
        StockPlace.warehouse_id == warehouse.id, StockPlace.kind == "bin", ~StockPlace.blocked
    )
    return list(session.scalars(query.order_by(StockPlace.code).limit(MOST_BINS)))
