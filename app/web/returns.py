"""Returns: the desk, one return with all its items, and the form that asks for one."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import select
from werkzeug.wrappers import Response

from app import auth
from app.actor import PLANNERS, READERS, ROLES
from app.clock import now
from app.errors import AppError, NotFound
from app.http import reading, transaction
from app.models import Return
from app.models.pool import CUSTOMS_MODES
from app.queries import choices, plans, returns
from app.queries.returns import ReturnFilter
from app.schemas.reading import read
from app.schemas.returns import NewReturn
from app.usecases.returning import requesting
from app.usecases.returning.finding import visible
from app.usecases.returning.photos import NAMED
from app.usecases.warehousing.access import WORKERS
from app.usecases.warehousing.named import named_owner
from app.web import addresses, return_labels, sales_labels
from trade.numbering import compact
from warehouses.relief import NEAR_DAYS
from warehouses.returns import DISPOSITIONS, GRADES, RETURN_REASONS, RETURN_STATES

pages = Blueprint("returns", __name__)
ASKERS = (*WORKERS, "exporter")
LINES = 5
"""Articles the form has room for at once."""
OPEN = "open"
Page = tuple[str, int] | Response


@pages.get("/returns")
@auth.allow(*ROLES)
def index() -> str:
    """Returns by item, the newest first: where each lies, how old it is, and what is proposed for it."""
    actor, today = auth.actor(), now().date()
    status = addresses.one_of("status", (OPEN, *RETURN_STATES))
    chosen = ReturnFilter(
        status=None if status == OPEN else status,
        open=status == OPEN,
        warehouse=addresses.text("warehouse"),
        exporter=addresses.text("exporter"),
        reference=addresses.text("reference"),
        grade=addresses.one_of("grade", GRADES),
        approval="waiting" if addresses.flag("waiting") else None,
        deadline_days=NEAR_DAYS if addresses.flag("near") else None,
    )
    with reading() as session:
        return render_template(
            "returns/index.html",
            chosen=chosen,
            status=status,
            page=returns.list_returns(session, actor, chosen, today, cursor=addresses.cursor()),
            started=addresses.cursor() is not None,
            counts=returns.count_open(session, actor, today),
            houses=returns.returns_warehouses(session, actor),
            exporters=choices.all_exporters(session) if actor.may(*READERS) else [],
            plan=plans.latest_plan_mark(session) if actor.may(*WORKERS) else None,
            may_ask=actor.may(*ASKERS),
            sees_cost=actor.may(*PLANNERS),
            states=RETURN_STATES,
            grades=GRADES,
        )


@pages.get("/returns/number/<number>")
@auth.allow(*ROLES)
def scanned(number: str) -> Response:
    """From the code on a label to its return."""
    with reading() as session:
        found = session.scalar(
            select(Return.public_id).where(Return.tracking_number == compact(number), visible(auth.actor()))
        )
    if found is None:
        raise NotFound("there is no return with this number")
    return redirect(url_for("returns.show", public_id=found), 303)


@pages.get("/returns/new")
@auth.allow(*ASKERS)
def compose() -> str:
    """The form that asks for a return."""
    return render_compose({})


def render_compose(typed: Any, error: AppError | None = None) -> str:  # noqa: ANN401 (a form or nothing)
    """The form, as it was typed, with what stood in the way."""
    actor = auth.actor()
    with reading() as session:
        return render_template(
            "returns/new.html",
            typed=typed,
            error=error,
            errors={fault.field: fault_text(fault) for fault in error.errors} if error else {},
            exporters=[] if actor.exporter_id else choices.all_exporters(session),
            skus=returns.skus_of(session, actor.exporter_id) if actor.exporter_id else [],
            lines=range(LINES),
            reasons=RETURN_REASONS,
            grades=GRADES,
            dispositions=DISPOSITIONS,
            modes=CUSTOMS_MODES,
        )


def fault_text(fault: Any) -> str:  # noqa: ANN401 (a field error)
    """What is wrong with a field, in words where there are some."""
    known = return_labels.PROBLEMS.get(fault.code)
    return str(known) if known is not None else sales_labels.fault(fault)


@pages.post("/returns/new")
@auth.allow(*ASKERS)
def ask() -> Page:
    """Take the return on and show it."""
    try:
        wanted = read(NewReturn, asked_for())
        with transaction() as session:
            owner = named_owner(session, auth.actor(), wanted["exporter"])
            made = requesting.request_return(
                session, auth.actor(), now(), owner, requesting.NewReturn.read(wanted)
            )
            public_id = made.public_id
    except AppError as error:
        return render_compose(request.form, error), error.status
    flash(gettext("The return was taken on. Print its label and send it to the customer."), "good")
    return redirect(url_for("returns.show", public_id=public_id), 303)


def asked_for() -> dict[str, Any]:
    """What the form says, as the API would be told; what is left empty is not said."""
    form = {name: text.strip() for name, text in request.form.items() if text.strip()}
    plain = ("original", "exporter", "reference", "reason", "condition", "wished", "note", "warehouse",
             "exported_on", "customs_mode")  # fmt: skip
    sender = ("person_name", "address_line1", "postal_code", "city", "country_code", "phone")
    items = [
        {"sku": form[f"sku-{line}"], "quantity": _whole(form.get(f"quantity-{line}", "1"))}
        for line in range(LINES)
        if f"sku-{line}" in form
    ]
    told: dict[str, Any] = {name: form[name] for name in plain if name in form}
    told["sender"] = {name: form[name] for name in sender if name in form}
    told["sender"]["country_code"] = told["sender"].get("country_code", "").upper()
    return told | {"items": items}


def _whole(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else text


@pages.get("/returns/<public_id>")
@auth.allow(*ROLES)
def show(public_id: str) -> str:
    """One return: its items with what can be done with each and what that costs, its photos, and the next steps."""
    return render_return(public_id)


def render_return(public_id: str, error: AppError | None = None) -> str:
    """The page of a return, with what stood in the way of the last step."""
    actor, today = auth.actor(), now().date()
    with reading() as session:
        row = returns.get_return(session, actor, public_id, today)
        found = row.found
        here = {item.seq: _works_at(item.warehouse_id) for item in found.items}
        return render_template(
            "returns/show.html",
            row=row,
            found=found,
            here=here,
            receives=_works_at(found.warehouse_id),
            works=actor.may(*WORKERS),
            judges=actor.may("exporter") and found.exporter.approves_returns,
            may_ask=actor.may(*ASKERS),
            sees_cost=actor.may(*PLANNERS),
            named=NAMED,
            grades=GRADES,
            houses=returns.ends(session) if actor.may(*WORKERS) else [],
            error=error,
            faults=[fault_text(fault) for fault in error.errors] if error else [],
        )


def _works_at(warehouse_id: int | None) -> bool:
    """Whether the reader works in a warehouse."""
    actor = auth.actor()
    if not actor.may(*WORKERS) or warehouse_id is None:
        return False
    return actor.role != "warehouse" or actor.warehouse_id == warehouse_id
