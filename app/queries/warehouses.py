"""The directory of warehouses, and the country groups it is searched by."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, String, cast, or_, select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.models import CountryGroup, Location, Warehouse
from app.queries.paging import Keyset, Page, word
from app.queries.places import COLUMNS as PLACE_COLUMNS
from app.queries.places import Place, place_of

BY_CODE = Keyset(Location.code, Location.id, read=word)


@dataclass(frozen=True, slots=True)
class WarehouseRow:
    """One warehouse of the directory, as of the day that was asked about."""

    place: Place
    public_id: str
    operator: str
    area_m2: int
    free_m2: int
    daily_parcels: int
    services: list[str]
    accepts: list[str]
    cutoff_local: str
    dwell_days: int
    display_centre: bool
    bonded: bool
    data_as_of: date
    source: str
    groups: tuple[str, ...]
    """Country groups the country belongs to on that day."""

    @property
    def free_share(self) -> float:
        """Free part of the floor."""
        return self.free_m2 / self.area_m2 if self.area_m2 else 0.0


WAREHOUSE_COLUMNS = (
    Warehouse.public_id, Warehouse.operator, Warehouse.area_m2, Warehouse.free_m2, Warehouse.daily_parcels,
    Warehouse.services, Warehouse.accepts, Warehouse.cutoff_local, Warehouse.dwell_days,
    Warehouse.display_centre, Warehouse.bonded, Warehouse.data_as_of, Warehouse.source,
)  # fmt: skip


def list_warehouses(
    session: Session,
    today: date,
    *,
    kind: str | None = "overseas",
    group: str | None = None,
    country: str | None = None,
    service: str | None = None,
    goods: str | None = None,
    free_m2: int = 0,
    cursor: str | None = None,
    limit: int = 100,
) -> Page[WarehouseRow]:
    """Warehouses by code; `kind` None lists every kind."""
    wanted: list[tuple[Any, ColumnElement[bool]]] = [
        (kind, Location.kind == kind),
        (group, Location.country.in_(select(CountryGroup.country).where(*holding(today, group)))),
        (country, Location.country == country),
        (goods, cast(Warehouse.accepts, String).contains(f'"{goods}"', autoescape=True)),
        (service, cast(Warehouse.services, String).contains(f'"{service}"', autoescape=True)),
        (free_m2, Warehouse.free_m2 >= free_m2),
    ]
    query = (
        select(*PLACE_COLUMNS, *WAREHOUSE_COLUMNS)
        .join(Warehouse, Warehouse.location_id == Location.id)
        .where(*(condition for given, condition in wanted if given))
    )
    found = session.execute(BY_CODE.slice(query, cursor, limit)).all()
    page = BY_CODE.page(found, limit, lambda row: (row.code, row.id))
    return Page(_rows(session, page.items, today), page.next_cursor)


def get_warehouse(session: Session, today: date, reference: str) -> WarehouseRow:
    """One warehouse by public id or location code; NotFound."""
    query = (
        select(*PLACE_COLUMNS, *WAREHOUSE_COLUMNS)
        .join(Warehouse, Warehouse.location_id == Location.id)
        .where(or_(Warehouse.public_id == reference, Location.code == reference))
    )
    found = session.execute(query).one_or_none()
    if found is None:
        raise NotFound(f"there is no warehouse {reference!r}")
    return _rows(session, [found], today)[0]


def countries(session: Session, *, kind: str = "overseas") -> list[str]:
    """ISO codes of the countries with a warehouse of this kind."""
    return list(
        session.scalars(
            select(Location.country)
            .join(Warehouse, Warehouse.location_id == Location.id)
            .where(Location.kind == kind)
            .distinct()
            .order_by(Location.country)
        )
    )


def groups_on(session: Session, today: date) -> dict[str, tuple[str, ...]]:
    """Country → the groups it belongs to on a day."""
    found: dict[str, tuple[str, ...]] = {}
    query = select(CountryGroup.country, CountryGroup.code).where(*holding(today)).order_by(CountryGroup.code)
    for country, code in session.execute(query):
        found[country] = (*found.get(country, ()), code)
    return found


def holding(today: date, code: str | None = None) -> list[ColumnElement[bool]]:
    """The conditions that a membership holds on a day."""
    found: list[ColumnElement[bool]] = [
        CountryGroup.effective_from <= today,
        or_(CountryGroup.effective_to.is_(None), CountryGroup.effective_to > today),
    ]
    return found if code is None else [*found, CountryGroup.code == code]


def _rows(session: Session, found: list[Any], today: date) -> list[WarehouseRow]:
    groups = groups_on(session, today) if found else {}
    split = len(PLACE_COLUMNS)
    rows = []
    for row in found:
        place = place_of(row[:split])
        facts: tuple[Any, ...] = (place, *row[split:], groups.get(place.country, ()))
        rows.append(WarehouseRow(*facts))
    return rows
