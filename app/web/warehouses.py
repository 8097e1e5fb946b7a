"""The directory of public overseas warehouses: a map, a list, and how ready each one is."""

from datetime import date

from flask import Blueprint, render_template
from flask_babel import gettext

from app import auth
from app.actor import READERS
from app.clock import now
from app.http import reading
from app.queries import warehouses
from app.queries.warehouses import WarehouseRow
from app.web import addresses, formats, labels
from warehouses.directory import Readiness, WarehouseProfile, readiness

pages = Blueprint("warehouses", __name__)


@pages.get("/warehouses")
@auth.allow(*READERS)
def directory() -> str:
    """Warehouses by code, filtered by the address; groups as they stand today."""
    today = now().date()
    group, country = addresses.one_of("group", labels.GROUPS), addresses.text("country", longest=2)
    service = addresses.text("service")
    with reading() as session:
        page = warehouses.list_warehouses(
            session, today, group=group, country=country, service=service, cursor=addresses.cursor()
        )
        return render_template(
            "warehouses/directory.html",
            page=page,
            started=addresses.cursor() is not None,
            scores={row.public_id: score(row, today) for row in page.items},
            group=group,
            country=country,
            service=service,
            tabs=[
                (None, gettext("All"), None),
                *((code, str(text), None) for code, text in labels.GROUPS.items()),
            ],
            countries=warehouses.countries(session),
            services=sorted(
                {code for row in page.items for code in row.services} | set(filter(None, [service]))
            ),
            map_data={"legs": [], "points": [point(row) for row in page.items]},
            today=today,
        )


def score(row: WarehouseRow, today: date) -> Readiness:
    """The readiness of a warehouse, each point explained."""
    hours, _, minutes = row.cutoff_local.partition(":")
    profile = WarehouseProfile(
        area_m2=row.area_m2,
        free_m2=row.free_m2,
        services=frozenset(row.services),
        cutoff_min=int(hours) * 60 + int(minutes or 0),
        display_centre=row.display_centre,
        bonded=row.bonded,
        data_as_of=row.data_as_of,
    )
    return readiness(profile, today)


def point(row: WarehouseRow) -> dict[str, object]:
    """A warehouse for the map."""
    place = row.place
    return {"name": formats.named(place), "code": place.code, "at": [place.longitude, place.latitude]}
