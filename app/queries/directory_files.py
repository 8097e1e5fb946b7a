"""The directory of warehouses as files: CSV for spreadsheets, GeoJSON for maps."""

import io
from collections.abc import Iterable
from datetime import date
from typing import Any

import orjson

from app.exchange.cells import escape
from app.exchange.csv_file import write_csv
from app.queries.warehouses import WarehouseRow

CSV = "text/csv; charset=utf-8"
GEOJSON = "application/geo+json"
COLUMNS = (
    "code", "id", "name_en", "name_zh", "country", "groups", "operator", "area_m2", "free_m2", "daily_parcels",
    "services", "accepts", "cutoff_local", "time_zone", "dwell_days", "display_centre", "pre_exhibition", "bonded",
    "readiness", "distance_km", "latitude", "longitude", "data_as_of", "source",
)  # fmt: skip


def facts_of(row: WarehouseRow, today: date) -> dict[str, Any]:
    """What a file says of a warehouse, by column."""
    place = row.place
    return {
        "code": place.code, "id": row.public_id, "name_en": place.name_en, "name_zh": place.name_zh,
        "country": place.country, "groups": list(row.groups), "operator": row.operator, "area_m2": row.area_m2,
        "free_m2": row.free_m2, "daily_parcels": row.daily_parcels, "services": row.services,
        "accepts": row.accepts, "cutoff_local": row.cutoff_local, "time_zone": place.time_zone,
        "dwell_days": row.dwell_days, "display_centre": row.display_centre, "pre_exhibition": row.pre_exhibition,
        "bonded": row.bonded, "readiness": row.readiness(today).score, "distance_km": kilometres(row.distance_m),
        "latitude": place.latitude, "longitude": place.longitude, "data_as_of": row.data_as_of.isoformat(),
        "source": row.source,
    }  # fmt: skip


def kilometres(distance_m: int | None) -> float | None:
    """Metres as kilometres, to the tenth."""
    return None if distance_m is None else round(distance_m / 1000, 1)


def directory_csv(rows: Iterable[WarehouseRow], today: date) -> bytes:
    """One row a warehouse; lists are joined by `;`, and no cell is run as a formula."""
    stream = io.BytesIO()
    write_csv(stream, COLUMNS, [[_cell(value) for value in facts_of(row, today).values()] for row in rows])
    return stream.getvalue()


def directory_geojson(rows: Iterable[WarehouseRow], today: date) -> bytes:
    """One point a warehouse (RFC 7946: longitude first), with the columns of the CSV as its properties."""
    return orjson.dumps(
        {
            "type": "FeatureCollection",
            "features": [_feature(row, today) for row in rows],
        }
    )


def _feature(row: WarehouseRow, today: date) -> dict[str, Any]:
    facts = facts_of(row, today)
    at = [facts.pop("longitude"), facts.pop("latitude")]
    return {
        "type": "Feature",
        "id": row.public_id,
        "geometry": {"type": "Point", "coordinates": at},
        "properties": facts,
    }


def _cell(value: Any) -> str:  # noqa: ANN401 (whatever a column holds)
    if isinstance(value, list):
        return ";".join(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return escape(value) if isinstance(value, str) else "" if value is None else str(value)
