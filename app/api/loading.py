"""Load building: units, what is scanned into them, and what was loaded onto a departure."""

from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from app.api.base import Download, Endpoints, answer, download
from app.api.wire import cubic_metres, kilograms, page, utc
from app.auth import actor, allow
from app.clock import now
from app.documents.unit_labels import unit_label_pdf, unit_label_zpl
from app.http import reading, settings
from app.models import LoadUnit
from app.queries.departure_load import Difference, Sums, departure_load
from app.queries.loading import (
    ContentRow,
    UnitFilter,
    UnitRow,
    get_unit,
    list_contents,
    list_units,
    units_by_id,
)
from app.queries.unit_labels import unit_label
from app.schemas.base import PageQuery
from app.schemas.loading import (
    DepartureLoadShape,
    LoadContentPage,
    LoadUnitPage,
    LoadUnitQuery,
    LoadUnitShape,
    NewLoadUnit,
    ScannedShape,
    Sealing,
    UnitScan,
    Unsealing,
)
from app.schemas.papers import PrinterQuery
from app.usecases.loading.building import cancel_unit, scan_in, scan_out
from app.usecases.loading.finding import Hand, own_place
from app.usecases.loading.moving import load_unit
from app.usecases.loading.opening import NewUnit, open_unit
from app.usecases.loading.sealing import seal_unit, unseal_unit
from app.usecases.warehousing.access import WORKERS
from warehouses.numbers import compact

blueprint = Endpoints(
    "Load building", __name__, "Bags, pallets, ULDs and containers that are built", area="stock"
)
LOOKERS = (*WORKERS, "customs")
UNIT = "/load-units/<id('lun'):lun_id>"
PDF, ZPL = "application/pdf", "application/zpl"


@blueprint.changing("/load-units", LoadUnitShape, status=201, body=NewLoadUnit, refuses=(404,))
@allow(*WORKERS)
def create_load_unit(session: Session, wanted: dict[str, Any]) -> Response:
    """Open a unit for a departure at a place.

    Bags and pallets get an SSCC; containers and ULDs bring their number, whose check digit must be right. Limits are
    those of the type, or lower ones.
    """
    new = NewUnit(
        kind=wanted["kind"], departure=wanted["departure_id"], type_code=wanted["type"], number=wanted["number"],
        handling_unit=wanted["handling_unit_id"], board=wanted["from_"], alight=wanted["to"],
        tare_g=grams(wanted["tare_kg"]), max_g=grams(wanted["max_kg"]), max_cm3=cm3(wanted["max_m3"]),
    )  # fmt: skip
    unit = open_unit(session, actor(), now(), wanted["place"], new)
    return _shown(session, unit, 201, Location=f"/api/v1/load-units/{unit.public_id}")


@blueprint.reading("/load-units", LoadUnitPage, query=LoadUnitQuery, refuses=(400,))
@allow(*LOOKERS)
def list_load_units(query: dict[str, Any]) -> Response:
    """List units, those opened last first; the staff of a place sees those of its own."""
    number = compact(query["number"]) if query["number"] else None
    where = UnitFilter(query["place"], query["departure_id"], query["status"], query["kind"], number)
    with reading() as session:
        found = list_units(session, actor(), where, cursor=query["cursor"], limit=query["limit"])
    return answer(page(found, [unit_json(row) for row in found.items]))


@blueprint.reading(UNIT, LoadUnitShape)
@allow(*LOOKERS)
def read_load_unit(lun_id: str) -> Response:
    """Read one unit."""
    with reading() as session:
        return answer(unit_json(get_unit(session, actor(), lun_id)))


@blueprint.reading(f"{UNIT}/contents", LoadContentPage, query=PageQuery, refuses=(400,))
@allow(*LOOKERS)
def list_load_unit_contents(query: dict[str, Any], lun_id: str) -> Response:
    """List what is in a unit; once it was unpacked, what it came with."""
    with reading() as session:
        unit = get_unit(session, actor(), lun_id).unit
        found = list_contents(session, unit, cursor=query["cursor"], limit=query["limit"])
    return answer(page(found, [content_json(row) for row in found.items]))


@blueprint.changing(f"{UNIT}/contents", ScannedShape, status=200, body=UnitScan)
@allow(*WORKERS)
def scan_load_unit(session: Session, wanted: dict[str, Any], lun_id: str) -> Response:
    """Scan a parcel or a smaller unit into a unit, or out of it.

    It goes in where its booking goes with the departure of the unit, the departure and its neighbours take its goods,
    and the unit and all larger ones have room; else `errors` name each reason and remedy. A full unit is 409
    `bin_full`.
    """
    hand = Hand(wanted["scan"], wanted["scan_id"], wanted["at"])
    scan = scan_in if wanted["action"] == "in" else scan_out
    done = scan(session, actor(), now(), lun_id, hand)
    session.flush()
    return answer({"outcome": done.outcome, "unit": unit_json(get_unit(session, actor(), lun_id))})


@blueprint.changing(f"{UNIT}/seal", LoadUnitShape, status=200, body=Sealing)
@allow(*WORKERS)
def seal_load_unit(session: Session, wanted: dict[str, Any], lun_id: str) -> Response:
    """Seal a unit with its weight on the scale; smaller units in it are sealed before."""
    unit = seal_unit(
        session, actor(), now(), lun_id, seal_number=wanted["seal_number"],
        gross_g=int(wanted["gross_kg"] * 1000), accept_variance=wanted["accept_variance"],
    )  # fmt: skip
    return _shown(session, unit)


@blueprint.changing(f"{UNIT}/unseal", LoadUnitShape, status=200, body=Unsealing)
@allow(*WORKERS)
def unseal_load_unit(session: Session, wanted: dict[str, Any], lun_id: str) -> Response:
    """Open a sealed unit again, with a reason."""
    return _shown(session, unseal_unit(session, actor(), now(), lun_id, wanted["reason"]))


@blueprint.changing(f"{UNIT}/load", LoadUnitShape, status=200)
@allow(*WORKERS)
def load_load_unit(session: Session, lun_id: str) -> Response:
    """Load a sealed unit onto its departure: every parcel in it is under way.

    It departs with the departure's own event.
    """
    return _shown(session, load_unit(session, actor(), now(), lun_id))


@blueprint.changing(f"{UNIT}/cancel", LoadUnitShape, status=200)
@allow(*WORKERS)
def cancel_load_unit(session: Session, lun_id: str) -> Response:
    """Give up an open unit that nothing is in."""
    return _shown(session, cancel_unit(session, actor(), now(), lun_id))


@blueprint.reading(
    f"{UNIT}/label.pdf",
    Download(
        PDF, "A page of 100 × 150 mm: the SSCC of a bag or pallet as GS1-128, the placard of other units."
    ),
    refuses=(409,),
)
@allow(*LOOKERS)
def download_load_unit_label(lun_id: str) -> Response:
    """Download the label or placard of a unit as PDF."""
    with reading() as session:
        label = unit_label(session, actor(), lun_id, settings().base_url)
    return download(unit_label_pdf([label], now()), PDF, f"{lun_id}-label.pdf")


@blueprint.reading(
    f"{UNIT}/label.zpl", Download(ZPL, "A ZPL II format, ASCII."), query=PrinterQuery, refuses=(409,)
)
@allow(*LOOKERS)
def download_load_unit_label_zpl(query: dict[str, Any], lun_id: str) -> Response:
    """Download the label or placard of a unit for a thermal printer."""
    with reading() as session:
        label = unit_label(session, actor(), lun_id, settings().base_url)
    return download(unit_label_zpl([label], int(query["dpi"])), ZPL, f"{lun_id}-label.zpl")


@blueprint.reading("/departures/<id('dep'):dep_id>/load", DepartureLoadShape)
@allow(*LOOKERS)
def read_departure_load(dep_id: str) -> Response:
    """Read what was packed and loaded for a departure beside what is booked, and where they differ.

    The staff of a place sees what is built there, and the parcels that begin there or were received there.
    """
    with reading() as session:
        found = departure_load(session, dep_id, own_place(session, actor()))
        rows = units_by_id(session, [one.id for one in found.tops])
    return answer(
        {
            "departure_id": found.departure.public_id,
            "number": found.departure.number,
            "status": found.departure.status,
            "planned": sums_json(found.planned),
            "packed": sums_json(found.packed),
            "loaded": sums_json(found.loaded),
            "units": [unit_json(row) for row in rows],
            "difference_count": sum(found.counts.values()),
            "differences": [difference_json(one) for one in found.differences],
        }
    )


def _shown(session: Session, unit: LoadUnit, status: int = 200, **headers: str) -> Response:
    session.flush()
    return answer(unit_json(get_unit(session, actor(), unit.public_id)), status, **headers)


def grams(kg: Any) -> int | None:  # noqa: ANN401 (a decimal or nothing)
    """Kilograms as grams."""
    return None if kg is None else int(kg * 1000)


def cm3(m3: Any) -> int | None:  # noqa: ANN401 (a decimal or nothing)
    """Cubic metres as cm3."""
    return None if m3 is None else int(m3 * 1_000_000)


def unit_json(row: UnitRow) -> dict[str, Any]:
    """A unit as it is shown."""
    unit = row.unit
    moments = ("opened_at", "sealed_at", "loaded_at", "departed_at", "unpacked_at")
    return {
        "id": unit.public_id,
        "kind": unit.kind,
        "type": unit.type_code,
        "number": unit.number,
        "shown": row.number,
        "status": unit.status,
        "place": row.place.code,
        "departure_id": row.departure_id,
        "departure": row.departure_number,
        "service": row.service_code,
        "departs_at": utc(row.departs_at),
        "from": row.board.code if row.board else None,
        "to": row.alight.code if row.alight else None,
        "handling_unit_id": row.handling_unit,
        "parent_id": row.parent_id,
        "tare_kg": kilograms(unit.tare_g),
        "net_kg": kilograms(unit.net_g),
        "net_m3": cubic_metres(unit.net_cm3),
        "max_kg": kilograms(unit.max_g),
        "max_m3": cubic_metres(unit.max_cm3),
        "gross_kg": kilograms(unit.gross_g),
        "gross_varies": unit.gross_varies,
        "seal_number": unit.seal_number,
        "parcels": row.parcels,
        "units": row.units,
        **{name: utc(getattr(unit, name)) for name in moments},
    }


def content_json(row: ContentRow) -> dict[str, Any]:
    """Something in a unit."""
    return {
        "kind": row.kind,
        "id": row.public_id,
        "reference": row.reference,
        "number": row.number,
        "exporter": row.exporter,
        "goods_class": row.goods_class,
        "returned": row.returned,
        "weight_kg": kilograms(row.weight_g),
        "volume_m3": cubic_metres(row.volume_cm3),
        "put_by": row.put_by,
        "put_at": utc(row.put_at),
        "variance": row.alert,
    }


def sums_json(sums: Sums) -> dict[str, Any]:
    """Packages with their weight and volume."""
    return {
        "packages": sums.packages,
        "weight_kg": kilograms(sums.weight_g),
        "volume_m3": cubic_metres(sums.volume_cm3),
    }


def difference_json(one: Difference) -> dict[str, Any]:
    """Where load and plan differ."""
    return {
        "kind": one.kind,
        "id": one.subject,
        "reference": one.reference,
        "booking_id": one.booking,
        "unit": one.unit,
        "planned": one.planned,
        "count": one.count,
    }
