"""The way out of a warehouse for its staff: backlog, waves, picking, the pack bench and the door."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app import auth
from app.clock import now
from app.errors import AppError, Conflict, Forbidden, Invalid, NotFound
from app.http import reading, transaction
from app.queries import outbound
from app.queries.outbound import OrderFilter
from app.schemas.outbound import HandOver, NewBox, OrderTracking, OrderVoid, PutBack
from app.schemas.reading import read
from app.schemas.waves import NewPick, NewWave
from app.usecases.warehousing import handing_over, packing, picking, voiding, waving
from app.usecases.warehousing.access import WORKERS
from app.usecases.warehousing.asking import box_asked
from app.usecases.warehousing.picking import Picked
from app.web import addresses, outbound_labels
from app.web.floor import house
from app.web.quote_form import whole
from warehouses.outbound import ORDER_STATES, VOIDABLE

pages = Blueprint("outbound", __name__)
pages.add_app_template_global(outbound_labels.told, "told")
for name, say in outbound_labels.FILTERS.items():
    pages.add_app_template_filter(say, name)
ROOT = "/warehouses/<code>/outbound"
REFUSED = (Conflict, Invalid, Forbidden)
Page = str | tuple[str, int] | Response


@pages.get(ROOT)
@auth.allow(*WORKERS)
def backlog(code: str) -> str:
    """Orders of one warehouse, those first that must leave first, and how many are in each state."""
    chosen = OrderFilter(
        status=addresses.one_of("status", ORDER_STATES),
        warehouse=code,
        exporter=addresses.text("exporter"),
        reference=addresses.text("reference"),
    )
    with reading() as session:
        warehouse = house(session, code)
        return render_template(
            "outbound/backlog.html",
            warehouse=warehouse,
            chosen=chosen,
            states=ORDER_STATES,
            counts=outbound.backlog(session, warehouse.id),
            page=outbound.list_orders(session, auth.actor(), chosen, cursor=addresses.cursor()),
            started=addresses.cursor() is not None,
        )


@pages.get(f"{ROOT}/waves")
@auth.allow(*WORKERS)
def waves(code: str) -> str:
    """Waves, and the orders one can be made of."""
    return _waves(code)


def _waves(code: str, error: AppError | None = None) -> str:
    with reading() as session:
        warehouse = house(session, code)
        return render_template(
            "outbound/waves.html",
            warehouse=warehouse,
            ready=outbound.ready_for_wave(session, warehouse.id),
            page=outbound.list_waves(session, auth.actor(), warehouse=code, cursor=addresses.cursor()),
            started=addresses.cursor() is not None,
            error=error,
            ticked=set(request.form.getlist("order")),
        )


@pages.post(f"{ROOT}/waves")
@auth.allow(*WORKERS)
def make_wave(code: str) -> Page:
    """Make a wave of the ticked orders."""
    try:
        wanted = read(NewWave, {"warehouse": code, "order_ids": request.form.getlist("order")})
        with transaction() as session:
            wave = waving.create_wave(
                session, auth.actor(), now(), house(session, code), order_ids=wanted["order_ids"]
            )
    except REFUSED as error:
        return _waves(code, error), error.status
    return redirect(url_for("outbound.wave", code=code, wave_id=wave.public_id), 303)


@pages.get(f"{ROOT}/waves/<wave_id>")
@auth.allow(*WORKERS)
def wave(code: str, wave_id: str) -> str:
    """The pick list of a wave, and where scans go."""
    return _wave(code, wave_id)


def _wave(code: str, wave_id: str, error: AppError | None = None) -> str:
    with reading() as session:
        warehouse = house(session, code)
        row = outbound.get_wave(session, auth.actor(), wave_id)
        if row.wave.warehouse_id != warehouse.id:
            raise NotFound
        typed = request.form if error else {}
        facts = {"error": error, "errors": outbound_labels.by_field(error) if error else {}, "typed": typed}
        return render_template("outbound/wave.html", warehouse=warehouse, row=row, **facts)


@pages.post(f"{ROOT}/waves/<wave_id>/picks")
@auth.allow(*WORKERS)
def pick(code: str, wave_id: str) -> Page:
    """One scan at the rack."""
    form = request.form
    given = {
        "bin": form.get("bin", "").strip(), "sku": form.get("sku", "").strip(),
        "quantity": whole(form.get("quantity", "").strip()), "short": "short" in form,
    }  # fmt: skip
    try:
        picked = Picked(**read(NewPick, given))
        with transaction() as session:
            picking.pick(session, auth.actor(), now(), wave_id, picked)
    except REFUSED as error:
        return _wave(code, wave_id, error), error.status
    flash(
        gettext("%(count)s × %(sku)s from %(bin)s.", count=picked.quantity, sku=picked.sku, bin=picked.bin),
        "good",
    )
    return redirect(url_for("outbound.wave", code=code, wave_id=wave_id), 303)


@pages.post(f"{ROOT}/waves/<wave_id>/cancel")
@auth.allow(*WORKERS)
def cancel_wave(code: str, wave_id: str) -> Page:
    """Give up a wave nobody began."""
    try:
        with transaction() as session:
            waving.cancel_wave(session, auth.actor(), now(), wave_id)
    except REFUSED as error:
        return _wave(code, wave_id, error), error.status
    flash(gettext("The wave was given up; its orders wait for another one."), "good")
    return redirect(url_for("outbound.waves", code=code), 303)


@pages.get(f"{ROOT}/orders/<order_id>")
@auth.allow(*WORKERS)
def bench(code: str, order_id: str) -> str:
    """One order at the bench: what is picked, its boxes, and what may be done with it now."""
    return _bench(code, order_id)


def _bench(code: str, order_id: str, error: AppError | None = None) -> str:
    with reading() as session:
        warehouse = house(session, code)
        row = outbound.get_order(session, auth.actor(), order_id)
        if row.order.warehouse_id != warehouse.id:
            raise NotFound
        return render_template(
            "outbound/bench.html",
            warehouse=warehouse,
            row=row,
            order=row.order,
            may_void=row.order.status in VOIDABLE,
            error=error,
            errors=outbound_labels.by_field(error) if error else {},
            typed=request.form if error else {},
        )


@pages.post(f"{ROOT}/orders/<order_id>/<any(pack, unpack, hand_over, follow, void, put_back):what>")
@auth.allow(*WORKERS)
def work(code: str, order_id: str, what: str) -> Page:
    """Do one thing with an order."""
    try:
        with transaction() as session:
            said = DOING[what](session, order_id)
    except REFUSED as error:
        return _bench(code, order_id, error), error.status
    flash(said, "good")
    return redirect(url_for("outbound.bench", code=code, order_id=order_id), 303)


def _pack(session: Session, order_id: str) -> str:
    form = request.form
    sizes = {name: form.get(name, "").strip() for name in ("weight_kg", "length_cm", "width_cm", "height_cm")}
    pieces = {sku: form.get(f"pieces-{sku}", "").strip() for sku in form.getlist("sku")}
    contents = [
        {"sku": sku, "quantity": whole(count)} for sku, count in pieces.items() if count not in ("", "0")
    ]
    given = read(NewBox, sizes | {"contents": contents})
    box = packing.pack(session, auth.actor(), now(), order_id, box_asked(given))
    if box.varies:
        flash(
            gettext("Look again: this box weighs or measures something else than its goods should."), "warn"
        )
    return gettext("Box %(number)s is closed.", number=box.tracking_number)


def _unpack(session: Session, order_id: str) -> str:
    number = request.form.get("box", "")
    packing.unpack(session, auth.actor(), now(), order_id, number)
    return gettext("Box %(number)s is open again; its label is void.", number=number)


def _hand_over(session: Session, order_id: str) -> str:
    labels = read(HandOver, {"labels": request.form.get("labels", "").split()})["labels"]
    handing_over.hand_over(session, auth.actor(), now(), order_id, labels)
    return gettext("The order was handed over.")


def _follow(session: Session, order_id: str) -> str:
    status = read(OrderTracking, {"status": request.form.get("status", "")})["status"]
    handing_over.follow(session, auth.actor(), now(), order_id, status)
    return gettext("Noted.")


def _void(session: Session, order_id: str) -> str:
    form = request.form
    given = read(OrderVoid, {"reason": form.get("reason", ""), "bin": form.get("bin", "").strip() or None})
    voiding.void_order(session, auth.actor(), now(), order_id, reason=given["reason"], into=given["bin"])
    return gettext("The order is void; its goods are free stock again.")


def _put_back(session: Session, order_id: str) -> str:
    into = read(PutBack, {"bin": request.form.get("bin", "").strip() or None})["bin"]
    voiding.put_back(session, auth.actor(), now(), order_id, into)
    return gettext("The goods are back, and the order is void.")


DOING = {
    "pack": _pack, "unpack": _unpack, "hand_over": _hand_over, "follow": _follow, "void": _void,
    "put_back": _put_back,
}  # fmt: skip


@pages.get(f"{ROOT}/hand-over")
@auth.allow(*WORKERS)
def door(code: str) -> str:
    """Packed orders, and where the labels of what leaves are scanned."""
    return _door(code)


def _door(code: str, error: AppError | None = None) -> str:
    with reading() as session:
        warehouse = house(session, code)
        where = OrderFilter(status="packed", warehouse=code)
        return render_template(
            "outbound/door.html",
            warehouse=warehouse,
            page=outbound.list_orders(session, auth.actor(), where, cursor=addresses.cursor()),
            started=addresses.cursor() is not None,
            error=error,
            typed=request.form.get("labels", "") if error else "",
        )


@pages.post(f"{ROOT}/hand-over")
@auth.allow(*WORKERS)
def hand_over(code: str) -> Page:
    """Hand over every order whose labels were scanned: all its boxes, or none."""
    scanned = dict.fromkeys(request.form.get("labels", "").upper().split())
    try:
        with transaction() as session:
            warehouse = house(session, code)
            boxes = outbound.orders_of_boxes(session, warehouse.id, scanned)
            count = _hand_over_all(session, scanned, boxes)
    except REFUSED as error:
        return _door(code, error), error.status
    flash(ngettext("%(count)s order left.", "%(count)s orders left.", count, count=count), "good")
    return redirect(url_for("outbound.door", code=code), 303)


def _hand_over_all(session: Session, scanned: dict[str, None], order_of: dict[str, str]) -> int:
    strange = [number for number in scanned if number not in order_of]
    if strange or not scanned:
        why = gettext("%(number)s is no box of this warehouse.", number=strange[0]) if strange else ""
        raise Invalid(why or gettext("Scan the labels of what leaves."))
    orders = sorted(set(order_of.values()))
    for order in orders:
        labels = [number for number, of in order_of.items() if of == order]
        handing_over.hand_over(session, auth.actor(), now(), order, labels)
    return len(orders)
