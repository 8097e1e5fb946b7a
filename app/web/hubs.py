"""Hubs: what is expected and received, what differs on the scale, and which units are being built."""

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app import auth
from app.clock import now
from app.errors import AppError, NotFound
from app.http import reading, transaction
from app.ids import new_id
from app.models import Warehouse
from app.queries import departures, hub, loading
from app.queries.departure_rows import DepartureRow
from app.queries.departures import DepartureFilter
from app.queries.loading import BEING_BUILT, UnitFilter
from app.schemas.hubs import NewMeasure, ParcelScan, Unpacking, VarianceDecision
from app.schemas.loading import NewLoadUnit
from app.schemas.reading import read
from app.usecases.loading.finding import Hand, find_parcel, work_place
from app.usecases.loading.measuring import decide_variance, latest_of, measure_parcel, read_sides
from app.usecases.loading.moving import unpack_unit
from app.usecases.loading.opening import NewUnit, open_unit
from app.usecases.loading.receiving import ALREADY_IN, receive_parcel
from app.usecases.loading.repricing import effect_of_parcel
from app.usecases.warehousing.access import WORKERS, may_see
from app.web import addresses, formats, load_labels
from warehouses.loading import UNIT_KINDS
from warehouses.units import unit_types

pages = Blueprint("hubs", __name__)
SIDES = ("length_cm", "width_cm", "height_cm")
Page = tuple[str, int] | Response


@pages.get("/hubs")
@auth.allow(*WORKERS)
def index() -> str | Response:
    """The places somebody may work at; with one alone, that one."""
    with reading() as session:
        found = hub.all_hubs(session, may_see(auth.actor()))
        if len(found) == 1:
            return redirect(url_for("hubs.show", code=found[0][1].code), 303)
        return render_template("loading/hubs.html", hubs=found)


@pages.get("/hubs/<code>")
@auth.allow(*WORKERS)
def show(code: str) -> str:
    """One hub today."""
    return render_hub(code)


def render_hub(code: str, error: AppError | None = None, *, at: str = "") -> str:
    """The page of a hub; `error` is what stood in the way of the form `at`."""
    with reading() as session:
        place = work_place(session, auth.actor(), code)
        where = place.location
        units = UnitFilter(place=where.code, statuses=BEING_BUILT)
        return render_template(
            "loading/hub.html",
            place=where,
            counts=hub.counts(session, where, now()),
            expected=hub.expected(session, where, now(), cursor=addresses.cursor()),
            started=addresses.cursor() is not None,
            received=hub.received(session, where, limit=10).items,
            alerts=hub.alerts(session, where).items,
            built=loading.list_units(session, auth.actor(), units, limit=100).items,
            last=_last(session, request.args.get("parcel") or request.form.get("parcel")),
            error=error,
            reason=load_labels.why(error) if error else "",
            words=load_labels.title(error) if error else "",
            at=at,
            typed=request.form,
            scan_id=new_id("scn"),
            decides=auth.actor().may("operator"),
        )


def _last(session: Session, parcel_id: str | None) -> dict[str, Any] | None:
    """The parcel that was scanned last, with its measure and what that makes of the price."""
    if not parcel_id:
        return None
    try:
        parcel = find_parcel(session, parcel_id)
    except AppError:
        return None
    return {
        "row": hub.hub_parcel(session, parcel),
        "measure": latest_of(session, [parcel.id]).get(parcel.id),
        "effect": effect_of_parcel(session, parcel.id),
    }


@pages.post("/hubs/<code>/receive")
@auth.allow(*WORKERS)
def receive(code: str) -> Page:
    """Receive what was scanned."""
    try:
        wanted = read(ParcelScan, _scan() | {"anyway": request.form.get("anyway") == "1"})
        with transaction() as session:
            hand = Hand(wanted["scan"], wanted["scan_id"])
            done = receive_parcel(session, auth.actor(), now(), code, hand, anyway=wanted["anyway"])
            parcel = done.parcel
    except AppError as error:
        return _refused(code, error, "receive")
    if done.outcome == ALREADY_IN:
        flash(gettext("%(parcel)s was received already.", parcel=parcel.reference), "warn")
    else:
        flash(gettext("%(parcel)s is received.", parcel=parcel.reference), "good")
    return redirect(url_for("hubs.show", code=code, parcel=parcel.public_id), 303)


@pages.post("/hubs/<code>/measure")
@auth.allow(*WORKERS)
def measure(code: str) -> Page:
    """Keep what the scale says of the parcel that was scanned."""
    form = request.form
    given = {name: form[name].strip() for name in ("weight_kg", *SIDES) if form.get(name, "").strip()}
    try:
        wanted = read(NewMeasure, given | {"place": code, "scan_id": form.get("scan_id") or None})
        sides = read_sides(*(None if wanted[side] is None else int(wanted[side] * 10) for side in SIDES))
        hand = Hand(form.get("parcel", ""), wanted["scan_id"])
        with transaction() as session:
            made = measure_parcel(
                session, auth.actor(), now(), code, hand, int(wanted["weight_kg"] * 1000), sides
            )
            varies = made.varies
    except AppError as error:
        return _refused(code, error, "measure")
    if varies:
        flash(gettext("It differs from what was declared: an alert stands until somebody decides."), "warn")
    else:
        flash(gettext("It is as declared."), "good")
    return redirect(url_for("hubs.show", code=code, parcel=hand.text), 303)


@pages.post("/hubs/<code>/decide")
@auth.allow("operator")
def decide(code: str) -> Page:
    """Say what became of a variance."""
    try:
        wanted = read(VarianceDecision, {"decision": request.form.get("decision", "")})
        with transaction() as session:
            decide_variance(session, auth.actor(), now(), request.form.get("parcel", ""), wanted["decision"])
    except AppError as error:
        return _refused(code, error, "decide")
    flash(gettext("The decision is kept; the alert is over."), "good")
    return redirect(url_for("hubs.show", code=code), 303)


@pages.post("/hubs/<code>/unpack")
@auth.allow(*WORKERS)
def unpack(code: str) -> Page:
    """Unpack the unit that was scanned."""
    try:
        wanted = read(Unpacking, {"scan": request.form.get("unit", "").strip()})
        with transaction() as session:
            unit_id = unpack_unit(session, auth.actor(), now(), code, wanted["scan"]).public_id
    except AppError as error:
        return _refused(code, error, "unpack")
    flash(gettext("It is unpacked; receive its parcels by scanning them."), "good")
    return redirect(url_for("load_units.show", public_id=unit_id), 303)


@pages.get("/hubs/<code>/units/new")
@auth.allow(*WORKERS)
def new(code: str) -> str:
    """Ask what unit is to be built."""
    return render_new(code)


def render_new(code: str, error: AppError | None = None) -> str:
    """The form for a new unit, as it was filled if something stood in the way."""
    moment = now()
    typed = request.form if error else request.args
    with reading() as session:
        place = work_place(session, auth.actor(), code)
        upcoming = DepartureFilter(departs_from=moment, statuses=("planned", "open", "closed"))
        rows = departures.list_departures(session, moment, upcoming, limit=100).items
        first = [
            one for one in (typed.get("departure_id"), *hub.onward_departures(session, place.location)) if one
        ]
        ahead = [row for one in dict.fromkeys(first) for row in _departure(session, one)]
        rows = [*ahead, *(row for row in rows if row.public_id not in {one.public_id for one in ahead})]
        return render_template(
            "loading/new_unit.html",
            place=place.location,
            kinds=UNIT_KINDS,
            types=_types(moment.date()),
            departures=[(row.public_id, _departure_words(row)) for row in rows],
            typed=typed,
            error=error,
            words=load_labels.title(error) if error else "",
            errors={one.field: load_labels.why(AppError("", (one,))) for one in error.errors}
            if error
            else {},
        )


def _types(on: date) -> list[tuple[str, str]]:
    """Codes of unit types with their words, the small ones first."""
    kinds = {kind: at for at, kind in enumerate(UNIT_KINDS)}
    listed = [one for one in unit_types(on).values() if one.kind in kinds]
    return [
        (one.code, f"{one.code} · {formats.named(one)}")
        for one in sorted(listed, key=lambda row: kinds[row.kind])
    ]


def _departure_words(row: DepartureRow) -> str:
    way = f"{row.origin.code} → {row.destination.code}"
    return f"{row.service_code} {row.number} · {way} · {formats.moment(row.departs_at)}"


def _departure(session: Session, public_id: str) -> list[Any]:
    try:
        return [departures.get_departure(session, now(), public_id)]
    except NotFound:
        return []


@pages.post("/hubs/<code>/units/new")
@auth.allow(*WORKERS)
def open_new(code: str) -> Page:
    """Open a unit."""
    names = ("kind", "type", "number", "departure_id", "handling_unit_id", "from", "to", "max_kg", "tare_kg")
    given = {name: value for name in names if (value := request.form.get(name, "").strip())}
    try:
        wanted = read(NewLoadUnit, given | {"place": code})
        asked = NewUnit(
            kind=wanted["kind"], departure=wanted["departure_id"], type_code=wanted["type"],
            number=wanted["number"], handling_unit=wanted["handling_unit_id"], board=wanted["from_"],
            alight=wanted["to"], tare_g=_grams(wanted["tare_kg"]), max_g=_grams(wanted["max_kg"]),
        )  # fmt: skip
        with transaction() as session:
            unit_id = open_unit(session, auth.actor(), now(), code, asked).public_id
    except AppError as error:
        if isinstance(error, NotFound) and not _is_mine(code):
            raise
        return render_new(code, error), error.status
    return redirect(url_for("load_units.show", public_id=unit_id), 303)


def _grams(kg: Any) -> int | None:  # noqa: ANN401 (a decimal or nothing)
    return None if kg is None else int(kg * 1000)


def _is_mine(code: str) -> bool:
    with reading() as session:
        try:
            found: Warehouse = work_place(session, auth.actor(), code)
        except AppError:
            return False
        return found is not None


def _refused(code: str, error: AppError, at: str) -> Page:
    """The page again with what stood in the way; nothing of a place that is not theirs."""
    if not _is_mine(code):
        raise error
    return render_hub(code, error, at=at), error.status


def _scan() -> dict[str, Any]:
    return {"scan": request.form.get("scan", "").strip(), "scan_id": request.form.get("scan_id") or None}
