"""Places: locations of every kind, and the directory of public overseas warehouses."""

from datetime import date
from typing import Any

from flask import Response

from app.actor import ROLES
from app.api.base import Endpoints, answer
from app.api.wire import page, place
from app.auth import allow
from app.clock import now
from app.http import reading
from app.queries.api_locations import LocationRow
from app.queries.api_locations import list_locations as find_locations
from app.queries.warehouses import WarehouseRow, get_warehouse
from app.queries.warehouses import list_warehouses as find_warehouses
from app.schemas.places import LocationPage, LocationQuery, WarehouseDetail, WarehousePage, WarehouseQuery
from warehouses.directory import Readiness, WarehouseProfile, readiness

blueprint = Endpoints(
    "Places", __name__, "Locations, and the directory of public overseas warehouses", area="network"
)


@blueprint.reading("/locations", LocationPage, query=LocationQuery, refuses=(400,))
@allow(*ROLES)
def list_locations(query: dict[str, Any]) -> Response:
    """List places by code."""
    with reading() as session:
        found = find_locations(session, **query)
    return answer(page(found, [location_json(row) for row in found.items]))


@blueprint.reading("/warehouses", WarehousePage, query=WarehouseQuery, refuses=(400,))
@allow(*ROLES)
def list_warehouses(query: dict[str, Any]) -> Response:
    """List public overseas warehouses by code."""
    today = now().date()
    with reading() as session:
        found = find_warehouses(session, today, **query)
    return answer(page(found, [warehouse_item(row, score(row, today)) for row in found.items]))


@blueprint.reading("/warehouses/<id('whs'):whs_id>", WarehouseDetail)
@allow(*ROLES)
def read_warehouse(whs_id: str) -> Response:
    """Read one warehouse, with the reasons of its readiness score."""
    today = now().date()
    with reading() as session:
        row = get_warehouse(session, today, whs_id)
    return answer(warehouse_detail(row, score(row, today)))


def location_json(row: LocationRow) -> dict[str, Any]:
    """A location as it is shown."""
    return place(row.place) | {
        "id": row.public_id,
        "iata": row.iata,
        "latitude": row.place.latitude,
        "longitude": row.place.longitude,
        "min_transfer_min": row.min_transfer_min,
        "source": row.source,
    }


def score(row: WarehouseRow, today: date) -> Readiness:
    """How ready a warehouse is for an exporter, today."""
    hours, _, minutes = row.cutoff_local.partition(":")
    profile = WarehouseProfile(
        area_m2=row.area_m2,
        free_m2=row.free_m2,
        services=frozenset(row.services),
        cutoff_min=int(hours) * 60 + int(minutes) if hours and minutes else None,
        display_centre=row.display_centre,
        bonded=row.bonded,
        data_as_of=row.data_as_of,
    )
    return readiness(profile, today)


def warehouse_item(row: WarehouseRow, found: Readiness) -> dict[str, Any]:
    """A warehouse as lists show it."""
    return {
        "id": row.public_id,
        "place": place(row.place),
        "operator": row.operator,
        "area_m2": row.area_m2,
        "free_m2": row.free_m2,
        "daily_parcels": row.daily_parcels,
        "services": row.services,
        "accepts": row.accepts,
        "cutoff_local": row.cutoff_local,
        "dwell_days": row.dwell_days,
        "display_centre": row.display_centre,
        "bonded": row.bonded,
        "groups": list(row.groups),
        "data_as_of": row.data_as_of.isoformat(),
        "source": row.source,
        "readiness": found.score,
    }


def warehouse_detail(row: WarehouseRow, found: Readiness) -> dict[str, Any]:
    """A warehouse with the reasons of its score."""
    parts = [
        {
            "code": part.code,
            "points": part.points,
            "max_points": part.max_points,
            "why": part.why,
            "measured": part.measured,
            "zero_at": part.zero_at,
            "full_at": part.full_at,
            "unit": part.unit,
        }
        for part in found.parts
    ]
    return warehouse_item(row, found) | {"readiness_parts": parts}
