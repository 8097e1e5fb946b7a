"""Hubs: receive parcels by scanning, weigh and measure them, unpack units."""

from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from app.actor import ROLES
from app.api.base import Endpoints, answer
from app.api.loading import unit_json
from app.api.wire import centimetres, cubic_metres, kilograms, money, page, utc
from app.auth import actor, allow
from app.clock import now
from app.http import reading
from app.models import ParcelMeasure, ParcelReceipt
from app.queries import hub
from app.queries.hub import HubParcel
from app.queries.loading import get_unit
from app.queries.parcels import get_parcel
from app.schemas.base import PageQuery
from app.schemas.hubs import (
    HubParcelPage,
    HubReceipt,
    HubReceiptPage,
    MeasureShape,
    MeasuresShape,
    NewMeasure,
    ParcelScan,
    Unpacking,
    VarianceDecision,
    VariancePage,
)
from app.schemas.loading import LoadUnitShape
from app.usecases.loading.finding import Hand, work_place
from app.usecases.loading.measuring import decide_variance, measure_parcel, read_sides
from app.usecases.loading.moving import unpack_unit
from app.usecases.loading.receiving import receive_parcel
from app.usecases.loading.repricing import Effect, effect_of_parcel
from app.usecases.warehousing.access import WORKERS

blueprint = Endpoints("Hubs", __name__, "Parcels at hubs: received, weighed, measured", area="stock")
PLACE = "/warehouses/<id('whs'):whs_id>"
PARCEL = "/parcels/<id('pcl'):pcl_id>"


@blueprint.changing(f"{PLACE}/receipts", HubReceipt, status=200, body=ParcelScan)
@allow(*WORKERS)
def receive_hub_parcel(session: Session, wanted: dict[str, Any], whs_id: str) -> Response:
    """Receive a parcel at a place by scanning it; scanned again, it is there already and nothing changes.

    Its tracking status follows, and subscribers are told: `GTIN` where its way begins, else `ARRI`.
    """
    hand = Hand(wanted["scan"], wanted["scan_id"], wanted["at"])
    done = receive_parcel(session, actor(), now(), whs_id, hand, anyway=wanted["anyway"])
    place = work_place(session, actor(), whs_id).location.code
    row = hub.hub_parcel(session, done.parcel)
    return answer({"outcome": done.outcome} | receipt_json(done.receipt, place, row))


@blueprint.reading(f"{PLACE}/receipts", HubReceiptPage, query=PageQuery, refuses=(400,))
@allow(*WORKERS)
def list_hub_receipts(query: dict[str, Any], whs_id: str) -> Response:
    """List what was received at a place, the last first."""
    with reading() as session:
        place = work_place(session, actor(), whs_id).location
        found = hub.received(session, place, cursor=query["cursor"], limit=query["limit"])
    items = [{"outcome": "received"} | receipt_json(one.receipt, place.code, one.row) for one in found.items]
    return answer(page(found, items))


@blueprint.reading(f"{PLACE}/expected-parcels", HubParcelPage, query=PageQuery, refuses=(400,))
@allow(*WORKERS)
def list_expected_parcels(query: dict[str, Any], whs_id: str) -> Response:
    """List booked parcels that should be at a place by the end of its day and were not received."""
    with reading() as session:
        place = work_place(session, actor(), whs_id).location
        found = hub.expected(session, place, now(), cursor=query["cursor"], limit=query["limit"])
    return answer(page(found, [parcel_json(row) for row in found.items]))


@blueprint.reading(f"{PLACE}/variances", VariancePage, query=PageQuery, refuses=(400,))
@allow(*WORKERS)
def list_variances(query: dict[str, Any], whs_id: str) -> Response:
    """List parcels measured at a place that differ from what was declared and wait for a decision."""
    with reading() as session:
        place = work_place(session, actor(), whs_id).location
        found = hub.alerts(session, place, cursor=query["cursor"], limit=query["limit"])
    items = [
        {"parcel": parcel_json(one.row), "measure": measure_json(one.measure, one.place.code)}
        for one in found.items
    ]
    return answer(page(found, items))


@blueprint.changing(f"{PLACE}/unpackings", LoadUnitShape, status=200, body=Unpacking)
@allow(*WORKERS)
def unpack_load_unit(session: Session, wanted: dict[str, Any], whs_id: str) -> Response:
    """Unpack a unit that has come to a place; its parcels are received by scanning them.

    Smaller units in it stay closed, and are unpacked by themselves.
    """
    unit = unpack_unit(session, actor(), now(), whs_id, wanted["scan"])
    session.flush()
    return answer(unit_json(get_unit(session, actor(), unit.public_id)))


@blueprint.changing(f"{PARCEL}/measures", MeasureShape, status=201, body=NewMeasure)
@allow(*WORKERS)
def create_measure(session: Session, wanted: dict[str, Any], pcl_id: str) -> Response:
    """Keep what the scale says of a parcel, at any place; `varies` raises an alert until somebody decides.

    Parcel and booking stay as they are: see the effect in `GET`, and amend the booking if that is wanted.
    """
    place = work_place(session, actor(), wanted["place"]).location
    sides = read_sides(*(_mm(wanted[name]) for name in ("length_cm", "width_cm", "height_cm")))
    hand = Hand(pcl_id, wanted["scan_id"], wanted["at"])
    weight_g = int(wanted["weight_kg"] * 1000)
    measure = measure_parcel(session, actor(), now(), place.code, hand, weight_g, sides)
    path = f"/api/v1/parcels/{pcl_id}/measures"
    return answer(measure_json(measure, place.code), 201, Location=path)


@blueprint.reading(f"{PARCEL}/measures", MeasuresShape)
@allow(*ROLES, scope="parcels:read")
def list_measures(pcl_id: str) -> Response:
    """List the measures of a parcel, the last first, and what they make of its booking's price.

    Chargeable weight and money are those of the whole booking, by the tariffs of the day it was made.
    """
    with reading() as session:
        parcel = get_parcel(session, pcl_id, exporter_id=actor().exporter_id)
        measures = hub.measures_of(session, parcel.id)
        effect = effect_of_parcel(session, parcel.id)
    items = [measure_json(one, place.code) for one, place in measures]
    return answer({"items": items, "effect": effect_json(effect) if effect else None})


@blueprint.changing(f"{PARCEL}/variance", MeasureShape, status=200, body=VarianceDecision)
@allow("operator")
def decide_parcel_variance(session: Session, wanted: dict[str, Any], pcl_id: str) -> Response:
    """Say that somebody looked at a variance: the booking stays, or it was amended. Ends the alert."""
    measure = decide_variance(session, actor(), now(), pcl_id, wanted["decision"], wanted["note"])
    places = {one.id: place for one, place in hub.measures_of(session, measure.parcel_id)}
    return answer(measure_json(measure, places[measure.id].code))


def _mm(centimetre: Any) -> int | None:  # noqa: ANN401 (a decimal or nothing)
    return None if centimetre is None else int(centimetre * 10)


def receipt_json(receipt: ParcelReceipt, place: str, row: HubParcel) -> dict[str, Any]:
    """A receipt."""
    return {
        "place": place,
        "at": utc(receipt.at),
        "by": receipt.received_by,
        "off_its_way": receipt.off_its_way,
        "parcel": parcel_json(row),
    }


def parcel_json(row: HubParcel) -> dict[str, Any]:
    """A parcel as a place sees it."""
    parcel = row.parcel
    return {
        "id": parcel.public_id,
        "reference": parcel.reference,
        "tracking_number": parcel.tracking_number,
        "exporter": row.exporter,
        "status": parcel.status,
        "origin": row.origin.code,
        "destination": row.destination.code,
        "weight_kg": kilograms(parcel.weight_g),
        "volume_m3": cubic_metres(parcel.volume_cm3),
        "goods_class": parcel.goods_class,
        "booking_id": row.booking,
        "departure_id": row.departure_id,
        "departure": row.departure_number,
        "cutoff_at": utc(row.cutoff_at),
    }


def measure_json(measure: ParcelMeasure, place: str) -> dict[str, Any]:
    """A measure."""
    return {
        "place": place,
        "at": utc(measure.at),
        "by": measure.measured_by,
        "weight_kg": kilograms(measure.weight_g),
        "length_cm": centimetres(measure.length_mm),
        "width_cm": centimetres(measure.width_mm),
        "height_cm": centimetres(measure.height_mm),
        "volume_m3": cubic_metres(measure.volume_cm3),
        "declared_kg": kilograms(measure.declared_g),
        "declared_m3": cubic_metres(measure.declared_cm3),
        "varies": measure.varies,
        "latest": measure.latest,
        "decision": measure.decision,
    }


def effect_json(effect: Effect) -> dict[str, Any]:
    """What the scale makes of a booking's price."""
    return {
        "booking_id": effect.booking,
        "measured": effect.measured,
        "currency": effect.currency,
        "difference": money(effect.difference_minor, effect.currency),
        "legs": [
            {
                "leg": leg.leg,
                "chargeable_before_kg": kilograms(leg.chargeable_before_g),
                "chargeable_after_kg": kilograms(leg.chargeable_after_g),
                "before": money(leg.before_minor, effect.currency),
                "after": money(leg.after_minor, effect.currency),
            }
            for leg in effect.legs
        ],
    }
