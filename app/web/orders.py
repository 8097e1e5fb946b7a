"""Orders as their owners see them: ask for them, follow them, change them, give them up, and try a promise first."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app import auth
from app.clock import now
from app.errors import AppError, Conflict, Forbidden, Invalid, NotFound
from app.http import reading, transaction
from app.queries import choices, outbound
from app.queries.outbound import OrderFilter
from app.schemas.outbound import NewOutboundOrder, OrderChanges, OrderVoid
from app.schemas.promises import PromiseRequest
from app.schemas.reading import read
from app.usecases.warehousing import ordering, voiding
from app.usecases.warehousing.asking import order_asked, promise_asked
from app.usecases.warehousing.ordering import Changes
from app.web import addresses, languages, order_form, outbound_labels
from warehouses.outbound import CHANGEABLE, ORDER_STATES, VOIDABLE

pages = Blueprint("orders", __name__)
OWNERS = ("operator", "exporter")
READERS = ("operator", "customs", "finance", "exporter")
REFUSED = (Conflict, Invalid, Forbidden)
Page = str | tuple[str, int] | Response


@pages.get("/orders")
@auth.allow(*READERS)
def index() -> str:
    """Orders, those first that must leave first."""
    actor = auth.actor()
    chosen = OrderFilter(
        status=addresses.one_of("status", ORDER_STATES),
        warehouse=addresses.text("warehouse"),
        exporter=addresses.text("exporter"),
        reference=addresses.text("reference"),
    )
    with reading() as session:
        return render_template(
            "outbound/orders.html",
            chosen=chosen,
            states=ORDER_STATES,
            page=outbound.list_orders(session, actor, chosen, cursor=addresses.cursor()),
            started=addresses.cursor() is not None,
            warehouses=outbound.warehouse_choices(session),
            exporters=[] if actor.exporter_id else choices.all_exporters(session),
            may=actor.may(*OWNERS),
        )


@pages.get("/orders/new")
@auth.allow(*OWNERS)
def compose() -> str:
    """The form of an order; the address may fill in fields."""
    return _form()


def _form(error: AppError | None = None) -> str:
    values = order_form.typed()
    errors = outbound_labels.by_field(error) if error else {}
    with reading() as session:
        return render_template(
            "outbound/new.html",
            typed=values,
            numbers=order_form.line_numbers(values),
            errors=order_form.named(errors, order_form.numbers_of(values)),
            error=error,
            **_choices(session),
        )


def _choices(session: Session) -> dict[str, object]:
    actor = auth.actor()
    return {
        "warehouses": outbound.warehouse_choices(session),
        "exporters": [] if actor.exporter_id else choices.all_exporters(session),
        "skus": outbound.sku_choices(session, actor.exporter_id) if actor.exporter_id else [],
    }


@pages.post("/orders/new")
@auth.allow(*OWNERS)
def create() -> Page:
    """Take the order on: as a draft, or confirmed."""
    values = order_form.typed()
    try:
        given = order_form.asked(values, languages.zone(), confirm=request.form.get("wish") == "confirm")
        wanted = read(NewOutboundOrder, given)
        with transaction() as session:
            order = order_asked(session, auth.actor(), now(), wanted)
    except (*REFUSED, NotFound) as error:
        return _form(error), error.status
    flash(gettext("The order is taken on."), "good")
    return redirect(url_for("orders.show", order_id=order.public_id), 303)


@pages.get("/orders/<order_id>")
@auth.allow(*READERS)
def show(order_id: str) -> str:
    """One order: goods, boxes, what it waits for and what happened."""
    return _show(order_id)


def _show(order_id: str, error: AppError | None = None) -> str:
    actor = auth.actor()
    with reading() as session:
        row = outbound.get_order(session, actor, order_id)
        may = actor.may(*OWNERS)
        return render_template(
            "outbound/order.html",
            row=row,
            order=row.order,
            error=error,
            errors=outbound_labels.by_field(error) if error else {},
            typed=request.form if error else row.order.consignee,
            members=order_form.CONSIGNEE,
            may_change=may and row.order.status in CHANGEABLE,
            may_void=may and row.order.status in VOIDABLE,
        )


@pages.post("/orders/<order_id>/confirm")
@auth.allow(*OWNERS)
def confirm(order_id: str) -> Page:
    """Confirm a draft, or an order that waited."""
    try:
        with transaction() as session:
            order = ordering.confirm_order(session, auth.actor(), now(), order_id)
    except REFUSED as error:
        return _show(order_id, error), error.status
    if order.status == "confirmed":
        flash(gettext("The order is confirmed, and its goods are reserved."), "good")
    return redirect(url_for("orders.show", order_id=order_id), 303)


@pages.post("/orders/<order_id>/consignee")
@auth.allow(*OWNERS)
def change(order_id: str) -> Page:
    """Change to whom it goes."""
    try:
        given = {"consignee": order_form.consignee(order_form.typed())}
        wanted = read(OrderChanges, given)["consignee"]
        with transaction() as session:
            ordering.change_order(
                session, auth.actor(), now(), order_id,
                Changes(consignee={name: wanted.get(name) or "" for name in order_form.CONSIGNEE}),
            )  # fmt: skip
    except REFUSED as error:
        return _show(order_id, error), error.status
    flash(gettext("The consignee was changed."), "good")
    return redirect(url_for("orders.show", order_id=order_id), 303)


@pages.post("/orders/<order_id>/void")
@auth.allow(*OWNERS)
def void(order_id: str) -> Page:
    """Give it up."""
    try:
        reason = read(OrderVoid, {"reason": request.form.get("reason", "").strip()})["reason"]
        with transaction() as session:
            order = voiding.void_order(session, auth.actor(), now(), order_id, reason=reason)
    except REFUSED as error:
        return _show(order_id, error), error.status
    if order.status == "void":
        flash(gettext("The order is void; its goods are free stock again."), "good")
    else:
        flash(gettext("The order was given up; the warehouse puts back what it had picked."), "good")
    return redirect(url_for("orders.show", order_id=order_id), 303)


@pages.get("/orders/promise")
@auth.allow(*OWNERS)
def promise() -> Page:
    """Which warehouse would serve an order, and what that costs; the address holds the question."""
    values = order_form.typed()
    answer, error, status = None, None, 200
    with reading() as session:
        if "country_code" in request.args:
            try:
                wanted = read(PromiseRequest, order_form.question(values, languages.zone()))
                answer = promise_asked(session, auth.actor(), now(), wanted)
            except REFUSED as refused:
                error, status = refused, refused.status
        errors = outbound_labels.by_field(error) if error else {}
        page = render_template(
            "outbound/promise.html",
            typed=values,
            numbers=order_form.line_numbers(values),
            errors=order_form.named(errors, order_form.numbers_of(values)),
            error=error,
            answer=answer,
            filled={name: text for name, text in values.items() if text},
            **_choices(session),
        )
    return page, status
