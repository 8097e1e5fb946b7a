"""The directory of public overseas warehouses for whoever looks for one, without signing in."""

from flask import Blueprint, Response, render_template

from app import auth
from app.clock import now
from app.http import reading
from app.queries.directory_files import CSV, GEOJSON, directory_csv, directory_geojson
from app.queries.warehouse_fees import price_list
from app.queries.warehouses import WarehouseRow, get_warehouse
from app.web import directory_search
from app.web.limits import limited

pages = Blueprint("directory", __name__)
RATE = "60 per minute"
"""Of one address."""


@pages.get("/directory")
@auth.public
def index() -> str:
    """Warehouses by code, or the nearest to a place first; the address holds the filters."""
    today, search = now().date(), directory_search.asked()
    with limited(RATE), reading() as session:
        shown = directory_search.context(session, search, today)
    return render_template("warehouses/directory.html", home="directory.index", **shown)


@pages.get("/directory.csv")
@auth.public
def as_csv() -> Response:
    """The same as a table, all that match."""
    return _file(directory_csv(_all(), now().date()), CSV, "warehouses.csv")


@pages.get("/directory.geojson")
@auth.public
def as_geojson() -> Response:
    """The same for a map, all that match."""
    return _file(directory_geojson(_all(), now().date()), GEOJSON, "warehouses.geojson")


@pages.get("/directory/<code>")
@auth.public
def show(code: str) -> str:
    """One warehouse: what it offers, why it has its points, and what it charges today."""
    today = now().date()
    with limited(RATE), reading() as session:
        row = get_warehouse(session, today, code)
        rows = price_list(session, row.id, today, None)
    spot = directory_search.spot(row)
    return render_template(
        "warehouses/card.html", row=row, rows=rows, readiness=row.readiness(today), today=today,
        map_data={"legs": [], "points": [spot]},
    )  # fmt: skip


def _all() -> list[WarehouseRow]:
    with limited(RATE), reading() as session:
        page, _ = directory_search.found(session, directory_search.asked(), now().date(), whole=True)
    return page.items


def _file(content: bytes, media: str, filename: str) -> Response:
    names = {"Content-Disposition": f'attachment; filename="{filename}"'}
    return Response(content, 200, names, content_type=media)
