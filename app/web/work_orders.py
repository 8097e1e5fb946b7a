"""Work orders of a warehouse: the owner asks for work, the staff releases it, does it, and takes it back if need be."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app import auth
from app.clock import now
from app.errors import AppError, Conflict, FieldError, Invalid, NotFound
from app.http import reading, transaction
from app.queries import choices, people, work_orders
from app.queries.work_orders import WorkFilter
from app.schemas.reading import read
from app.schemas.work_orders import Finished, NewWorkOrder, WorkReason
from app.usecases.warehousing.access import WORKERS, find_warehouse
from app.usecases.warehousing.named import named_owner
from app.usecases.warehousing.work_orders import (
    NewWork,
    WorkLine,
    cancel_work,
    finish_work,
    make_work_order,
    release_work,
    take_back_work,
)
from app.web import addresses, work_labels
from app.web.quote_form import whole
from warehouses.stock import CONDITIONS, CUSTOMS_STATES
from warehouses.value_added import WORK_KINDS, WORK_ROLES, WORK_SOURCES, WORK_STATES

pages = Blueprint("work_orders", __name__)
ASKERS = (*WORKERS, "exporter")
HEAD = ("exporter", "reference", "kind", "instructions", "source", "customs_status")
CELLS = ("role", "sku", "condition", "quantity")
ROWS = 6
"""Lines the form offers; more come by the API."""
Page = tuple[str, int] | Response


@pages.get("/warehouses/<code>/work-orders")
@auth.allow(*ASKERS)
def index(code: str) -> str:
    """Work orders of a warehouse, the newest first."""
    actor = auth.actor()
    chosen = WorkFilter(
        warehouse=code,
        status=addresses.one_of("status", WORK_STATES),
        kind=addresses.one_of("kind", WORK_KINDS),
    )
    with reading() as session:
        return render_template(
            "work_orders/index.html",
            warehouse=find_warehouse(session, actor, code),
            page=work_orders.list_work_orders(session, actor, chosen, cursor=addresses.cursor()),
            chosen=chosen,
            started=addresses.cursor() is not None,
            states=WORK_STATES,
            kinds=WORK_KINDS,
        )


@pages.get("/warehouses/<code>/work-orders/new")
@auth.allow(*ASKERS)
def compose(code: str) -> str:
    """The form that asks for work."""
    return render_form(code, {})


def render_form(code: str, typed: dict[str, str], error: AppError | None = None) -> str:
    """The form as it was filled in."""
    actor = auth.actor()
    with reading() as session:
        return render_template(
            "work_orders/new.html",
            warehouse=find_warehouse(session, actor, code),
            exporters=[] if actor.exporter_id else choices.all_exporters(session),
            typed=typed,
            rows=range(ROWS),
            error=error,
            errors=_errors(error, typed),
            kinds=WORK_KINDS,
            roles=WORK_ROLES,
            sources=WORK_SOURCES,
            conditions=CONDITIONS,
            customs=CUSTOMS_STATES,
        )


def _errors(error: AppError | None, typed: dict[str, str]) -> dict[str, str]:
    """Words by field of the form: lines.0.sku is that of the first row in which something stands."""
    filled, found = _filled(typed), {}
    for name, words in work_labels.by_field(error).items():
        first, *rest = name.split(".")
        known = first == "lines" and len(rest) > 1 and int(rest[0]) < len(filled)
        found[f"{rest[1]}-{filled[int(rest[0])]}" if known else first] = words
    return found


def _filled(typed: dict[str, str]) -> list[int]:
    return [row for row in range(ROWS) if typed.get(f"sku-{row}") or typed.get(f"quantity-{row}")]


@pages.post("/warehouses/<code>/work-orders/new")
@auth.allow(*ASKERS)
def ask(code: str) -> Page:
    """Make a draft."""
    names = [*HEAD, *(f"{cell}-{row}" for cell in CELLS for row in range(ROWS))]
    typed = {name: request.form.get(name, "").strip() for name in names}
    given: dict[str, Any] = {name: typed[name] for name in HEAD if typed[name]}
    given |= {"warehouse": code, "lines": [_line(typed, row) for row in _filled(typed)]}
    try:
        wanted = read(NewWorkOrder, given)
        with transaction() as session:
            public_id = _made(session, code, wanted)
    except (Conflict, Invalid) as error:
        return render_form(code, typed, error), error.status
    flash(gettext("The work was asked for."), "good")
    return redirect(url_for("work_orders.show", code=code, public_id=public_id), 303)


def _line(typed: dict[str, str], row: int) -> dict[str, str | int]:
    said = {cell: typed[f"{cell}-{row}"] for cell in CELLS}
    return {cell: whole(text) if cell == "quantity" else text for cell, text in said.items() if text}


def _made(session: Session, code: str, wanted: dict[str, Any]) -> str:
    actor = auth.actor()
    warehouse = find_warehouse(session, actor, code)
    owner = named_owner(session, actor, wanted["exporter"])
    lines = [WorkLine(one["role"], one["sku"], one["quantity"], one["condition"]) for one in wanted["lines"]]
    work = NewWork(
        wanted["kind"], wanted["reference"], lines, wanted["instructions"], wanted["source"],
        wanted["customs_status"],
    )  # fmt: skip
    return make_work_order(session, actor, now(), warehouse, owner, work).public_id


@pages.get("/warehouses/<code>/work-orders/<public_id>")
@auth.allow(*ASKERS)
def show(code: str, public_id: str) -> str:
    """One work order, and what may be done with it."""
    return render_show(code, public_id)


def render_show(code: str, public_id: str, error: AppError | None = None) -> str:
    """The page of a work order."""
    actor = auth.actor()
    with reading() as session:
        warehouse = find_warehouse(session, actor, code)
        row = work_orders.get_work_order(session, actor, public_id)
        _check_house(row.order.warehouse_id, warehouse.id)
        named = {name for name in (row.order.created_by, row.order.done_by) if name}
        return render_template(
            "work_orders/show.html",
            warehouse=warehouse,
            row=row,
            order=row.order,
            names=people.names(session, named),
            works=actor.may(*WORKERS),
            error=error,
            told=work_labels.meaning(error) if error else "",
            typed=request.form.get("bin", ""),
        )


def _check_house(there: int, here: int) -> None:
    if there != here:
        raise NotFound("there is no such work order")


@pages.post("/warehouses/<code>/work-orders/<public_id>/cancel")
@auth.allow(*ASKERS)
def cancel(code: str, public_id: str) -> Page:
    """Give it up before it is done."""
    return _changed(code, public_id, "cancel")


@pages.post("/warehouses/<code>/work-orders/<public_id>/<any(release, finish, take_back):what>")
@auth.allow(*WORKERS)
def change(code: str, public_id: str, what: str) -> Page:
    """Release it, say that it is done, or take it back."""
    return _changed(code, public_id, what)


def _changed(code: str, public_id: str, what: str) -> Page:
    try:
        with transaction() as session:
            warehouse = find_warehouse(session, auth.actor(), code)
            order = work_orders.get_work_order(session, auth.actor(), public_id).order
            _check_house(order.warehouse_id, warehouse.id)
            told = _done(session, public_id, what)
    except (Conflict, Invalid) as error:
        return render_show(code, public_id, error), error.status
    flash(told, "good")
    return redirect(url_for("work_orders.show", code=code, public_id=public_id), 303)


def _done(session: Session, public_id: str, what: str) -> str:
    actor, moment = auth.actor(), now()
    if what == "release":
        release_work(session, actor, moment, public_id)
        return gettext("The work was released, and its stock is kept for it.")
    if what == "finish":
        typed = request.form.get("bin", "").strip()
        place = read(Finished, {"bin": typed} if typed else {})["bin"]
        finish_work(session, actor, moment, public_id, bin_code=place)
        return gettext("The work is done, and the stock follows.")
    reason = read(WorkReason, {"reason": request.form.get("reason", "").strip()})["reason"]
    if what == "take_back":
        if not reason:
            words = gettext("Say why.")
            raise Invalid(words, (FieldError("reason", "required", words, "", "$.reason"),))
        take_back_work(session, actor, moment, public_id, reason)
        return gettext("The work was taken back.")
    cancel_work(session, actor, moment, public_id, reason)
    return gettext("The work was cancelled; what was kept for it is free again.")
