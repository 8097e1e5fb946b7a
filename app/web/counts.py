"""Cycle counts of a warehouse: start one, see how far it is, decide on what differs."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app import auth
from app.clock import now
from app.errors import AppError, Conflict, Invalid, NotFound
from app.http import reading, transaction
from app.models import StockCount
from app.queries import counts, people
from app.queries.counts import CountFilter, CountRow
from app.schemas.counts import CountAgain, CountDecision, NewCount
from app.schemas.reading import read
from app.usecases.warehousing.access import WORKERS, find_warehouse
from app.usecases.warehousing.count_decisions import approve_count, cancel_count, counters, reopen_count
from app.usecases.warehousing.counting import Choice, start_count
from app.web import addresses, work_labels
from app.web.quote_form import whole
from warehouses.counting import COUNT_STATES, TOLERANCE_PERMILLE

pages = Blueprint("counts", __name__)
for name, say in work_labels.FILTERS.items():
    pages.add_app_template_filter(say, name)
Page = tuple[str, int] | Response
"""What a form answers."""


@pages.get("/warehouses/<code>/counts")
@auth.allow(*WORKERS)
def index(code: str) -> str:
    """Counts of a warehouse, the newest first, and the form for another one."""
    return render_index(code, {})


def render_index(code: str, typed: dict[str, str], error: AppError | None = None) -> str:
    """The page of the list, with the form as it was filled in."""
    chosen = CountFilter(warehouse=code, status=addresses.one_of("status", COUNT_STATES))
    with reading() as session:
        warehouse = find_warehouse(session, auth.actor(), code)
        page = counts.list_counts(session, auth.actor(), chosen, cursor=addresses.cursor())
        bins, never = counts.bins_never_counted(session, warehouse.id)
        return render_template(
            "counts/index.html",
            warehouse=warehouse,
            page=page,
            chosen=chosen,
            states=COUNT_STATES,
            started=addresses.cursor() is not None,
            zones=counts.zones(session, warehouse.id),
            bins=bins,
            never=never,
            typed=typed,
            error=error,
            errors=work_labels.by_field(error),
            tolerance=TOLERANCE_PERMILLE,
        )


@pages.post("/warehouses/<code>/counts")
@auth.allow(*WORKERS)
def start(code: str) -> Page:
    """Start a count."""
    typed = {name: request.form.get(name, "").strip() for name in (*FIELDS, "bins")}
    given: dict[str, Any] = {name: typed[name] for name in FIELDS if typed[name]}
    for name in ("most", "tolerance_permille"):
        if name in given:
            given[name] = whole(given[name])
    given |= {"warehouse": code, "bins": typed["bins"].replace(",", " ").split()}
    try:
        wanted = read(NewCount, given)
        with transaction() as session:
            count = start_count(
                session,
                auth.actor(),
                now(),
                find_warehouse(session, auth.actor(), code),
                Choice(
                    tuple(wanted["bins"]),
                    wanted["zone"],
                    wanted["sku"],
                    wanted["not_counted_since"],
                    wanted["most"],
                ),
                reason=wanted["reason"],
                tolerance_permille=wanted["tolerance_permille"],
            )
            public_id = count.public_id
    except (Conflict, Invalid) as error:
        return render_index(code, typed, error), error.status
    flash(gettext("The count was started. Its bins can be counted at the rack."), "good")
    return redirect(url_for("counts.show", code=code, public_id=public_id), 303)


FIELDS = ("zone", "sku", "not_counted_since", "most", "tolerance_permille", "reason")


@pages.get("/warehouses/<code>/counts/<public_id>")
@auth.allow(*WORKERS)
def show(code: str, public_id: str) -> str:
    """One count: its bins, and for those who did not count what differs."""
    return render_show(code, public_id)


def render_show(code: str, public_id: str, error: AppError | None = None) -> str:
    """The page of a count."""
    with reading() as session:
        warehouse = find_warehouse(session, auth.actor(), code)
        row = counts.get_count(session, auth.actor(), public_id)
        _check_house(row.count, warehouse.id)
        return render_template(
            "counts/show.html",
            warehouse=warehouse,
            row=row,
            count=row.count,
            names=people.names(session, _everybody(row)),
            counted_in=auth.actor().reference in counters(row.count),
            error=error,
            told=work_labels.meaning(error) if error else "",
        )


def _everybody(row: CountRow) -> set[str]:
    named = {row.count.created_by, row.count.decided_by}
    for one in row.count.bins:
        named |= {one.counted_by, one.recounted_by}
    return {name for name in named if name}


def _check_house(count: StockCount, warehouse_id: int) -> None:
    if count.warehouse_id != warehouse_id:
        raise NotFound("there is no such count")


@pages.post("/warehouses/<code>/counts/<public_id>/<any(approve, reopen, cancel):what>")
@auth.allow(*WORKERS)
def decide(code: str, public_id: str, what: str) -> Page:
    """Approve a count, have bins counted again, or give it up."""
    reason = request.form.get("reason", "").strip()
    try:
        with transaction() as session:
            warehouse = find_warehouse(session, auth.actor(), code)
            _check_house(counts.get_count(session, auth.actor(), public_id).count, warehouse.id)
            told = _decided(session, public_id, what, reason)
    except (Conflict, Invalid) as error:
        return render_show(code, public_id, error), error.status
    flash(told, "good")
    return redirect(url_for("counts.show", code=code, public_id=public_id), 303)


def _decided(session: Session, public_id: str, what: str, reason: str) -> str:
    if what == "reopen":
        wanted = read(CountAgain, {"bins": request.form.getlist("bin"), "reason": reason})
        reopen_count(session, auth.actor(), now(), public_id, wanted["bins"], wanted["reason"])
        return gettext("The bins are to be counted again.")
    reason = read(CountDecision, {"reason": reason})["reason"]
    if what == "cancel":
        cancel_count(session, auth.actor(), now(), public_id, reason)
        return gettext("The count was cancelled; nothing was adjusted.")
    count = approve_count(session, auth.actor(), now(), public_id, reason)
    if count.posting_id is None:
        return gettext("The count was approved; nothing differed.")
    return gettext("The count was approved, and its differences were posted.")
