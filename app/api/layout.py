"""The places of a warehouse: zones, bins, docks and their slots."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response
from sqlalchemy.orm import Session

from app.actor import ROLES
from app.api.base import Endpoints, answer
from app.api.wire import cubic_metres, kilograms, page
from app.auth import actor, allow
from app.clock import now
from app.http import reading
from app.models import Dock, DockSlot, Warehouse
from app.queries import layout as queries
from app.schemas.base import PageQuery
from app.schemas.layout import (
    AddedBins,
    BinChange,
    BinPage,
    BinShape,
    DockPage,
    DockShape,
    NewBins,
    NewDock,
    NewSlot,
    NewZone,
    PlaceQuery,
    SlotPage,
    SlotQuery,
    SlotShape,
    ZoneChange,
    ZonePage,
    ZoneShape,
)
from app.usecases.warehousing import docks
from app.usecases.warehousing import layout as places
from app.usecases.warehousing.access import WORKERS, find_warehouse

blueprint = Endpoints("Layout", __name__, "Zones, bins and docks of a warehouse", area="stock")
HOUSE = "/warehouses/<id('whs'):whs_id>"
ZONE = f"{HOUSE}/zones/<code:zone_code>"
BIN = f"{HOUSE}/bins/<code:bin_code>"
DOCK = f"{HOUSE}/docks/<code:dock_code>"
LIMITS = {"max_weight_kg": ("max_g", 1000), "max_volume_m3": ("max_cm3", 1_000_000)}
"""Member → column, and how many of its unit make one of the member's."""


def _house(session: Session, whs_id: str) -> Warehouse:
    return find_warehouse(session, actor(), whs_id)


@blueprint.reading(f"{HOUSE}/zones", ZonePage, query=PageQuery, refuses=(400,))
@allow(*ROLES)
def list_zones(query: dict[str, Any], whs_id: str) -> Response:
    """List the zones of a warehouse, by code."""
    with reading() as session:
        found = queries.list_zones(session, _house(session, whs_id).id, **query)
    return answer(page(found, [zone_json(row) for row in found.items]))


@blueprint.changing(f"{HOUSE}/zones", ZoneShape, status=201, body=NewZone)
@allow(*WORKERS)
def create_zone(session: Session, wanted: dict[str, Any], whs_id: str) -> Response:
    """Make a zone. A bonded one needs a warehouse that is bonded."""
    zone = places.add_zone(session, actor(), now(), _house(session, whs_id), **wanted)
    shown = zone_json(queries.ZoneRow(zone, 0, 0, 0, 0, 0, 0))
    return answer(shown, 201, Location=f"/api/v1/warehouses/{whs_id}/zones")


@blueprint.changing(ZONE, ZoneShape, status=200, method="PATCH", body=ZoneChange)
@allow(*WORKERS)
def change_zone(session: Session, wanted: dict[str, Any], whs_id: str, zone_code: str) -> Response:
    """Change the name of a zone, or when it is walked."""
    house = _house(session, whs_id)
    zone = places.find_zone(session, house.id, zone_code)
    facts: dict[str, Any] = {"name": zone.name, "walk_seq": zone.walk_seq} | wanted
    places.change_zone(session, actor(), now(), zone, **facts)
    session.flush()
    row = next(
        one for one in queries.list_zones(session, house.id, limit=10_000).items if one.zone.id == zone.id
    )
    return answer(zone_json(row))


@blueprint.changing(ZONE, None, status=204, method="DELETE")
@allow(*WORKERS)
def delete_zone(session: Session, whs_id: str, zone_code: str) -> Response:
    """Remove a zone without bins."""
    zone = places.find_zone(session, _house(session, whs_id).id, zone_code)
    places.remove_zone(session, actor(), now(), zone)
    return Response(status=204)


@blueprint.reading(f"{HOUSE}/places", BinPage, query=PlaceQuery, refuses=(400,))
@allow(*ROLES)
def list_places(query: dict[str, Any], whs_id: str) -> Response:
    """List the places of a warehouse by code: its bins, and the others it has one of each.

    To an exporter they are shown without what lies there.
    """
    with reading() as session:
        found = queries.list_places(session, _house(session, whs_id).id, **query)
    return answer(page(found, [bin_json(row) for row in found.items]))


@blueprint.changing(f"{HOUSE}/bins", AddedBins, status=201, body=NewBins)
@allow(*WORKERS)
def create_bins(session: Session, wanted: dict[str, Any], whs_id: str) -> Response:
    """Make bins in a zone, many at once; they are walked in the order in which they are named."""
    house = _house(session, whs_id)
    zone = places.find_zone(session, house.id, wanted["zone"])
    limits = _limits(wanted)
    bins = places.named_bins(wanted["codes"], walk_from=places.last_walk(session, zone) + 1, **limits)
    made = places.add_bins(session, actor(), now(), zone, bins)
    shown = {"zone": zone.code, "codes": [one.code for one in made]}
    return answer(shown, 201, Location=f"/api/v1/warehouses/{whs_id}/places")


@blueprint.changing(BIN, BinShape, status=200, method="PATCH", body=BinChange)
@allow(*WORKERS)
def change_bin(session: Session, wanted: dict[str, Any], whs_id: str, bin_code: str) -> Response:
    """Block a bin or open it again, limit it, or say when it is walked past."""
    house = _house(session, whs_id)
    place = places.find_place(session, house.id, bin_code)
    kept = {name: value for name, value in wanted.items() if name not in LIMITS}
    places.change_bin(session, actor(), now(), place, kept | _limits(wanted))
    session.flush()
    rows = queries.list_places(session, house.id, code=place.code).items
    return answer(bin_json(next(row for row in rows if row.place.id == place.id)))


@blueprint.changing(BIN, None, status=204, method="DELETE")
@allow(*WORKERS)
def delete_bin(session: Session, whs_id: str, bin_code: str) -> Response:
    """Remove a bin nothing ever lay in; others are blocked."""
    place = places.find_place(session, _house(session, whs_id).id, bin_code)
    places.remove_bin(session, actor(), now(), place)
    return Response(status=204)


@blueprint.reading(f"{HOUSE}/docks", DockPage, query=PageQuery, refuses=(400,))
@allow(*ROLES)
def list_docks(query: dict[str, Any], whs_id: str) -> Response:
    """List the docks of a warehouse, by code."""
    with reading() as session:
        house = _house(session, whs_id)
        found = queries.list_docks(session, house.id, **query)
    return answer(page(found, [dock_json(dock, house) for dock in found.items]))


@blueprint.changing(f"{HOUSE}/docks", DockShape, status=201, body=NewDock)
@allow(*WORKERS)
def create_dock(session: Session, wanted: dict[str, Any], whs_id: str) -> Response:
    """Make a dock with bookable slots."""
    house = _house(session, whs_id)
    dock = docks.add_dock(session, actor(), now(), house, **wanted)
    return answer(dock_json(dock, house), 201, Location=f"/api/v1/warehouses/{whs_id}/docks")


@blueprint.changing(DOCK, None, status=204, method="DELETE")
@allow(*WORKERS)
def delete_dock(session: Session, whs_id: str, dock_code: str) -> Response:
    """Remove a dock at which there is no appointment to come."""
    docks.remove_dock(session, actor(), now(), _house(session, whs_id), dock_code)
    return Response(status=204)


@blueprint.reading(f"{DOCK}/slots", SlotPage, query=SlotQuery)
@allow(*ROLES)
def list_slots(query: dict[str, Any], whs_id: str, dock_code: str) -> Response:
    """List all slots of a dock on a day, free and taken, in the warehouse's own time."""
    with reading() as session:
        house = _house(session, whs_id)
        dock = docks.find_dock(session, house, dock_code)
        rows = queries.list_slots(session, actor(), house, dock, query["day"])
    return answer({"items": [slot_row_json(row, house) for row in rows], "next_cursor": None})


@blueprint.changing(f"{DOCK}/slots", SlotShape, status=201, body=NewSlot)
@allow(*docks.BOOKERS)
def book_slot(session: Session, wanted: dict[str, Any], whs_id: str, dock_code: str) -> Response:
    """Book a slot for announced goods or a load unit. Whoever comes first has it: 409 `slot_taken` for others."""
    house = _house(session, whs_id)
    made = docks.book_slot(session, actor(), now(), house, dock_code, wanted["starts_at"], wanted["subject"])
    day = f"{made.starts_at.astimezone(_zone(house)):%Y-%m-%d}"
    path = f"/api/v1/warehouses/{whs_id}/docks/{dock_code}/slots?day={day}"
    return answer(slot_json(made, house), 201, Location=path)


@blueprint.changing("/dock-slots/<id('slt'):slt_id>", None, status=204, method="DELETE")
@allow(*docks.BOOKERS)
def cancel_slot(session: Session, slt_id: str) -> Response:
    """Give a slot back before it begins."""
    docks.cancel_slot(session, actor(), now(), slt_id)
    return Response(status=204)


def _limits(wanted: dict[str, Any]) -> dict[str, Any]:
    """The limits that are named, in g and cm3."""

    def whole(value: Decimal | None, units: int) -> int | None:
        return None if value is None else int(value * units)

    return {column: whole(wanted[name], units) for name, (column, units) in LIMITS.items() if name in wanted}


def zone_json(row: queries.ZoneRow) -> dict[str, Any]:
    """A zone as it is shown; an exporter does not learn how full it is."""
    hidden = actor().exporter_id is not None
    return {
        "code": row.zone.code,
        "name": row.zone.name,
        "customs_status": row.zone.customs_status,
        "walk_seq": row.zone.walk_seq,
        "bins": row.bins,
        "blocked": row.blocked,
        "used_kg": kilograms(0 if hidden else row.used_g),
        "used_m3": cubic_metres(0 if hidden else row.used_cm3),
    }


def bin_json(row: queries.PlaceRow) -> dict[str, Any]:
    """A place as it is shown; an exporter does not learn what lies there."""
    place, hidden = row.place, actor().exporter_id is not None
    return {
        "code": place.code,
        "kind": place.kind,
        "zone": place.zone.code if place.zone else None,
        "customs_status": place.zone.customs_status if place.zone else None,
        "walk_seq": place.walk_seq,
        "blocked": place.blocked,
        "max_weight_kg": kilograms(place.max_g),
        "max_volume_m3": cubic_metres(place.max_cm3),
        "used_kg": kilograms(0 if hidden else place.used_g),
        "used_m3": cubic_metres(0 if hidden else place.used_cm3),
        "lots": 0 if hidden else row.lots,
        "pieces": 0 if hidden else row.pieces,
    }


def dock_json(dock: Dock, house: Warehouse) -> dict[str, Any]:
    """A dock as it is shown."""
    return {
        "code": dock.code,
        "opens_local": dock.opens_local,
        "closes_local": dock.closes_local,
        "slot_min": dock.slot_min,
        "time_zone": house.location.time_zone,
    }


def slot_row_json(row: queries.SlotRow, house: Warehouse) -> dict[str, Any]:
    """A slot of a day as it is shown."""
    known = row.booked if row.mine else None
    return {
        "id": known.public_id if known else None,
        "starts_at": _local(row.starts_at, house),
        "ends_at": _local(row.ends_at, house),
        "free": row.booked is None,
        "subject": known.subject if known else None,
    }


def slot_json(slot: DockSlot, house: Warehouse) -> dict[str, Any]:
    """An appointment as it is shown."""
    return slot_row_json(queries.SlotRow(slot.starts_at, slot.ends_at, slot, mine=True), house)


def _zone(house: Warehouse) -> ZoneInfo:
    return ZoneInfo(house.location.time_zone)


def _local(at: datetime, house: Warehouse) -> str:
    return at.astimezone(_zone(house)).isoformat(timespec="seconds")
