"""Searching the directory: one set of filters in the address, for the public page and the one behind the door."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask_babel import gettext
from sqlalchemy.orm import Session

from app.errors import Invalid
from app.queries import warehouses
from app.queries.paging import Page
from app.queries.points import Point, find_point
from app.queries.warehouses import MOST, WarehouseRow
from app.web import addresses, formats, labels
from trade.goods import goods_classes

FARTHEST_KM = 20_100


@dataclass(frozen=True, slots=True)
class Search:
    """What is searched for, as the address says; `filters` go to the query as they are."""

    filters: dict[str, Any]
    near: str | None
    max_km: int | None
    faults: dict[str, str] = field(default_factory=dict)


def asked() -> Search:
    """Read the address; BadRequest for a filter nobody could mean."""
    filters = {
        "group": addresses.one_of("group", labels.GROUPS),
        "country": addresses.text("country", longest=2),
        "service": addresses.text("service"),
        "goods": addresses.text("goods"),
        "free_m2": addresses.whole("free_m2", 10**9) or 0,
        "display_centre": addresses.flag("display_centre"),
        "pre_exhibition": addresses.flag("pre_exhibition"),
    }
    return Search(filters, addresses.text("near", longest=200), addresses.whole("max_km", FARTHEST_KM))


def found(
    session: Session, search: Search, today: date, *, whole: bool = False
) -> tuple[Page[WarehouseRow], Point | None]:
    """The warehouses that match, the nearest first where a place is named; what nobody knows is a fault."""
    point = None
    if search.near:
        try:
            point = find_point(session, search.near)
        except Invalid:
            search.faults["near"] = gettext(
                "This place is not known here. Name a larger city near it, a UN/LOCODE, or coordinates such as "
                "51.43, 6.76."
            )
    more: dict[str, Any] = {"near": point.at, "max_km": search.max_km} if point else {}
    limits: dict[str, Any] = {"limit": MOST} if whole else {"cursor": addresses.cursor()}
    return warehouses.list_warehouses(session, today, **search.filters, **more, **limits), point


def context(session: Session, search: Search, today: date) -> dict[str, Any]:
    """What both pages show."""
    page, point = found(session, search, today)
    return {
        "page": page,
        "search": search,
        "point": point,
        "started": addresses.cursor() is not None,
        "scores": {row.public_id: row.readiness(today) for row in page.items},
        "tabs": [
            (None, gettext("All"), None),
            *((code, str(text), None) for code, text in labels.GROUPS.items()),
        ],
        "countries": warehouses.countries(session),
        "services": sorted(labels.SERVICES),
        "goods": sorted(goods_classes(today)),
        "map_data": {"legs": [], "points": [spot(row) for row in page.items]},
        "today": today,
    }


def spot(row: WarehouseRow) -> dict[str, object]:
    """A warehouse for the map."""
    place = row.place
    return {"name": formats.named(place), "code": place.code, "at": [place.longitude, place.latitude]}
