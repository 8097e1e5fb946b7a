"""Places: locations of every kind, and the directory of public overseas warehouses."""

from datetime import date
from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from app.actor import ROLES
from app.api.base import Download, Endpoints, answer, download
from app.api.wire import page, place
from app.auth import allow
from app.clock import now
from app.errors import FieldError, Invalid
from app.http import reading
from app.queries.api_locations import LocationRow
from app.queries.api_locations import list_locations as find_locations
from app.queries.directory_files import CSV, GEOJSON, directory_csv, directory_geojson, kilometres
from app.queries.points import find_point
from app.queries.warehouses import MOST, WarehouseRow, get_warehouse
from app.queries.warehouses import list_warehouses as find_warehouses
from app.schemas.places import (
    DirectoryQuery,
    LocationPage,
    LocationQuery,
    WarehouseDetail,
    WarehousePage,
    WarehouseQuery,
)

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
    """List public overseas warehouses by code, or the nearest to a point first.

    An address is placed in the city it names, among the places known here; nobody outside is asked.
    """
    today = now().date()
    with reading() as session:
        found = find_warehouses(session, today, **_located(session, query))
    return answer(page(found, [warehouse_item(row, today) for row in found.items]))


@blueprint.reading(
    "/warehouses.csv", Download(CSV, "The same as CSV; no cell is run as a formula."), query=DirectoryQuery
)
@allow(*ROLES)
def download_warehouses(query: dict[str, Any]) -> Response:
    """Download public overseas warehouses as CSV, all that match."""
    return download(directory_csv(_all(query), now().date()), CSV, "warehouses.csv")


@blueprint.reading(
    "/warehouses.geojson",
    Download(GEOJSON, "The same as GeoJSON, a point each.", {"type": "FeatureCollection", "features": []}),
    query=DirectoryQuery,
)
@allow(*ROLES)
def map_warehouses(query: dict[str, Any]) -> Response:
    """Download public overseas warehouses as GeoJSON, all that match."""
    return download(directory_geojson(_all(query), now().date()), GEOJSON, "warehouses.geojson")


def _all(query: dict[str, Any]) -> list[WarehouseRow]:
    with reading() as session:
        found = find_warehouses(session, now().date(), **_located(session, query), limit=MOST)
    return found.items


def _located(session: Session, query: dict[str, Any]) -> dict[str, Any]:
    """The filters, with coordinates for what was written as `near`."""
    if query["near"] is not None:
        return query | {"near": find_point(session, query["near"]).at}
    if query["max_km"] is not None:
        place = FieldError("max_km", "near_needed", "far from what?", "give near as well", "$.max_km")
        raise Invalid("max_km says nothing without near", (place,))
    return query


@blueprint.reading("/warehouses/<id('whs'):whs_id>", WarehouseDetail)
@allow(*ROLES)
def read_warehouse(whs_id: str) -> Response:
    """Read one warehouse, with the reasons of its readiness score."""
    today = now().date()
    with reading() as session:
        row = get_warehouse(session, today, whs_id)
    return answer(warehouse_detail(row, today))


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


def warehouse_item(row: WarehouseRow, today: date) -> dict[str, Any]:
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
        "pre_exhibition": row.pre_exhibition,
        "bonded": row.bonded,
        "groups": list(row.groups),
        "data_as_of": row.data_as_of.isoformat(),
        "source": row.source,
        "readiness": row.readiness(today).score,
        "distance_km": kilometres(row.distance_m),
    }


def warehouse_detail(row: WarehouseRow, today: date) -> dict[str, Any]:
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
        for part in row.readiness(today).parts
    ]
    return warehouse_item(row, today) | {"readiness_parts": parts}
