"""The directory of public overseas warehouses behind the door: a map, a list, and how ready each one is."""

from flask import Blueprint, render_template

from app import auth
from app.actor import READERS
from app.clock import now
from app.http import reading
from app.queries.warehouse_loads import loads_of
from app.web import directory_search

pages = Blueprint("warehouses", __name__)


@pages.get("/warehouses")
@auth.allow(*READERS)
def directory() -> str:
    """Warehouses by code, or the nearest first; filtered by the address, groups as they stand today."""
    moment, search = now(), directory_search.asked()
    with reading() as session:
        shown = directory_search.context(session, search, moment.date())
        loads = loads_of(session, auth.actor(), [row.id for row in shown["page"].items], moment)
    return render_template("warehouses/directory.html", home="warehouses.directory", loads=loads, **shown)
