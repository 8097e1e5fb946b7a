"""The places of one warehouse: zones, bins, docks and the appointments at them."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from app import auth
from app.actor import ROLES
from app.clock import now
from app.errors import AppError, Conflict, Invalid
from app.http import reading, transaction
from app.queries import layout as queries
from app.queries import stock
from app.schemas.layout import BinChange, NewBins, NewDock, NewSlot, NewZone
from app.schemas.reading import read
from app.usecases.warehousing import docks
from app.usecases.warehousing import layout as places
from app.usecases.warehousing.access import WORKERS
from app.web import addresses, work_labels
from app.web.floor import ROOT, house
from app.web.quote_form import whole
from warehouses.stock import CUSTOMS_STATES

pages = Blueprint("floor_layout", __name__)
STAFF = ("operator", "warehouse", "customs", "finance", "regulator")
"""Who sees what lies in a bin whoever owns it."""
Page = str | tuple[str, int] | Response
NUMBERS = ("walk_seq", "slot_min")
BIN_FIELDS = ("walk_seq", "max_weight_kg", "max_volume_m3")
GRAMS, CM3 = 1000, 1_000_000


@pages.get(f"{ROOT}/layout")
@auth.allow(*STAFF)
def index(code: str) -> str:
    """Zones, bins and docks, and the forms for more."""
    return render_index(code)


def render_index(code: str, error: AppError | None = None, typed: dict[str, str] | None = None) -> str:
    """The page, with a form as it was filled in; `typed["form"]` says which."""
    zone, begins = addresses.text("zone"), addresses.text("bin", longest=24)
    with reading() as session:
        warehouse = house(session, code)
        zones = queries.list_zones(session, warehouse.id, limit=1000).items
        return render_template(
            "floor/layout.html",
            warehouse=warehouse,
            zones=zones,
            page=queries.list_places(
                session, warehouse.id, kind="bin", zone=zone, code=begins, cursor=addresses.cursor(), limit=25
            ),
            started=addresses.cursor() is not None,
            docks=queries.list_docks(session, warehouse.id).items,
            zone=zone,
            zone_codes=[(row.zone.code, row.zone.code) for row in zones],
            begins=begins,
            customs=CUSTOMS_STATES,
            works=auth.actor().may(*WORKERS),
            error=error,
            errors=work_labels.by_field(error),
            meaning=work_labels.meaning(error) if error else "",
            typed=typed or {},
        )


def _typed(form: str) -> dict[str, str]:
    return {name: value.strip() for name, value in request.form.items()} | {"form": form}


def _given(typed: dict[str, str]) -> dict[str, Any]:
    """What was filled in, with numbers as such."""
    given: dict[str, Any] = {name: value for name, value in typed.items() if value and name != "form"}
    return given | {name: whole(given[name]) for name in NUMBERS if name in given}


@pages.post(f"{ROOT}/layout/zones")
@auth.allow(*WORKERS)
def add_zone(code: str) -> Page:
    """Make a zone."""
    typed = _typed("zone")
    try:
        wanted = read(NewZone, _given(typed | {"code": typed.get("code", "").upper()}))
        with transaction() as session:
            places.add_zone(session, auth.actor(), now(), house(session, code), **wanted)
    except (Conflict, Invalid) as error:
        return render_index(code, error, typed), error.status
    flash(gettext("The zone %(zone)s was made.", zone=wanted["code"]), "good")
    return redirect(url_for("floor_layout.index", code=code), 303)


@pages.post(f"{ROOT}/layout/bins")
@auth.allow(*WORKERS)
def add_bins(code: str) -> Page:
    """Make bins, many at once."""
    typed = _typed("bins")
    try:
        wanted = read(NewBins, _given(typed))
        with transaction() as session:
            zone = places.find_zone(session, house(session, code).id, wanted["zone"])
            bins = places.named_bins(
                wanted["codes"], walk_from=places.last_walk(session, zone) + 1, **_limits(wanted)
            )
            count = len(places.add_bins(session, auth.actor(), now(), zone, bins))
    except (Conflict, Invalid) as error:
        return render_index(code, error, typed), error.status
    flash(ngettext("%(count)s bin was made.", "%(count)s bins were made.", count, count=count), "good")
    return redirect(url_for("floor_layout.index", code=code, zone=wanted["zone"]), 303)


@pages.post(f"{ROOT}/layout/docks")
@auth.allow(*WORKERS)
def add_dock(code: str) -> Page:
    """Make a dock."""
    typed = _typed("dock")
    try:
        wanted = read(NewDock, _given(typed | {"code": typed.get("code", "").upper()}))
        with transaction() as session:
            docks.add_dock(session, auth.actor(), now(), house(session, code), **wanted)
    except (Conflict, Invalid) as error:
        return render_index(code, error, typed), error.status
    flash(gettext("The dock %(dock)s was made.", dock=wanted["code"]), "good")
    return redirect(url_for("floor_layout.index", code=code), 303)


def _limits(wanted: dict[str, Any]) -> dict[str, int | None]:
    weight, volume = wanted.get("max_weight_kg"), wanted.get("max_volume_m3")
    return {
        "max_g": None if weight is None else int(weight * GRAMS),
        "max_cm3": None if volume is None else int(volume * CM3),
    }


@pages.get(f"{ROOT}/layout/bins/<bin_code>")
@auth.allow(*STAFF)
def show_bin(code: str, bin_code: str) -> str:
    """A place and what lies there."""
    return render_bin(code, bin_code)


def render_bin(
    code: str, bin_code: str, error: AppError | None = None, typed: dict[str, str] | None = None
) -> str:
    """The page of a place, with its form as it was filled in."""
    actor = auth.actor()
    with reading() as session:
        warehouse = house(session, code)
        place = places.find_place(session, warehouse.id, bin_code)
        rows = queries.list_places(session, warehouse.id, code=place.code).items
        where = stock.StockFilter(warehouse=code, place=place.code)
        return render_template(
            "floor/bin.html",
            warehouse=warehouse,
            row=next(row for row in rows if row.place.id == place.id),
            page=stock.list_stock(session, actor, where, cursor=addresses.cursor()),
            started=addresses.cursor() is not None,
            works=actor.may(*WORKERS) and place.kind == "bin",
            error=error,
            errors=work_labels.by_field(error),
            meaning=work_labels.meaning(error) if error else "",
            typed=typed,
        )


@pages.post(f"{ROOT}/layout/bins/<bin_code>")
@auth.allow(*WORKERS)
def change_bin(code: str, bin_code: str) -> Page:
    """Block a bin or open it again, and limit it."""
    typed = _typed("bin")
    try:
        wanted = read(BinChange, _given({name: typed.get(name, "") for name in BIN_FIELDS}))
        changes = {"blocked": "blocked" in typed, "walk_seq": wanted.get("walk_seq", 0)} | _limits(wanted)
        with transaction() as session:
            place = places.find_place(session, house(session, code).id, bin_code)
            places.change_bin(session, auth.actor(), now(), place, changes)
    except (Conflict, Invalid) as error:
        return render_bin(code, bin_code, error, typed), error.status
    flash(gettext("The bin was changed."), "good")
    return redirect(url_for("floor_layout.show_bin", code=code, bin_code=bin_code), 303)


@pages.post(f"{ROOT}/layout/bins/<bin_code>/remove")
@auth.allow(*WORKERS)
def remove_bin(code: str, bin_code: str) -> Page:
    """Take a bin away in which nothing ever lay."""
    try:
        with transaction() as session:
            place = places.find_place(session, house(session, code).id, bin_code)
            places.remove_bin(session, auth.actor(), now(), place)
    except Conflict as error:
        return render_bin(code, bin_code, error), error.status
    flash(gettext("The bin was removed."), "good")
    return redirect(url_for("floor_layout.index", code=code), 303)


@pages.get(f"{ROOT}/layout/docks/<dock_code>")
@auth.allow(*ROLES)
def show_dock(code: str, dock_code: str) -> str:
    """The slots of a dock on a day."""
    return render_dock(code, dock_code)


def render_dock(
    code: str, dock_code: str, error: AppError | None = None, typed: dict[str, str] | None = None
) -> str:
    """The page of a dock, with a slot's form as it was filled in."""
    actor = auth.actor()
    with reading() as session:
        warehouse = house(session, code)
        zone = ZoneInfo(warehouse.location.time_zone)
        day = addresses.day("day") or now().astimezone(zone).date()
        dock = docks.find_dock(session, warehouse, dock_code)
        return render_template(
            "floor/dock.html",
            warehouse=warehouse,
            dock=dock,
            day=day,
            slots=queries.list_slots(session, actor, warehouse, dock, day),
            books=actor.may(*docks.BOOKERS),
            error=error,
            errors=work_labels.by_field(error),
            meaning=work_labels.meaning(error) if error else "",
            typed=typed or {},
        )


@pages.post(f"{ROOT}/layout/docks/<dock_code>")
@auth.allow(*docks.BOOKERS)
def book(code: str, dock_code: str) -> Page:
    """Book a slot."""
    typed = _typed("slot")
    try:
        wanted = read(NewSlot, _given(typed))
        with transaction() as session:
            warehouse = house(session, code)
            docks.book_slot(
                session, auth.actor(), now(), warehouse, dock_code, wanted["starts_at"], wanted["subject"]
            )
            day = _local_day(wanted["starts_at"], warehouse.location.time_zone)
    except (Conflict, Invalid) as error:
        return render_dock(code, dock_code, error, typed), error.status
    flash(gettext("The slot is yours."), "good")
    return redirect(url_for("floor_layout.show_dock", code=code, dock_code=dock_code, day=day), 303)


@pages.post(f"{ROOT}/layout/docks/<dock_code>/<slot_id>/cancel")
@auth.allow(*docks.BOOKERS)
def cancel(code: str, dock_code: str, slot_id: str) -> Page:
    """Give a slot back."""
    try:
        with transaction() as session:
            house(session, code)
            docks.cancel_slot(session, auth.actor(), now(), slot_id)
    except Conflict as error:
        return render_dock(code, dock_code, error), error.status
    flash(gettext("The slot is free again."), "good")
    day = addresses.day("day")
    return redirect(url_for("floor_layout.show_dock", code=code, dock_code=dock_code, day=day), 303)


@pages.post(f"{ROOT}/layout/docks/<dock_code>/remove")
@auth.allow(*WORKERS)
def remove_dock(code: str, dock_code: str) -> Page:
    """Take a dock away at which no appointment is to come."""
    try:
        with transaction() as session:
            docks.remove_dock(session, auth.actor(), now(), house(session, code), dock_code)
    except Conflict as error:
        return render_dock(code, dock_code, error), error.status
    flash(gettext("The dock was removed."), "good")
    return redirect(url_for("floor_layout.index", code=code), 303)


def _local_day(at: datetime, zone: str) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d}"
