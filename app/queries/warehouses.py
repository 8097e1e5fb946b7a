"""The directory of warehouses, and the country groups it is searched by."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from geopy.distance import great_circle
from sqlalchemy import ColumnElement, String, cast, or_, select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.models import CountryGroup, Location, Warehouse
from app.queries.paging import Keyset, Page, decode, encode, whole, word
from app.queries.places import COLUMNS as PLACE_COLUMNS
from app.queries.places import Place, place_of
from warehouses.directory import Readiness, WarehouseProfile, readiness

BY_CODE = Keyset(Location.code, Location.id, read=word)
PRE_EXHIBITION = "pre_exhibition"
"""The service of keeping stock that is shown before it is sold."""
MOST = 5_000
"""Warehouses that are looked at where the nearest are asked for, and that a file holds."""


@dataclass(frozen=True, slots=True)
class WarehouseRow:
    """One warehouse of the directory, as of the day that was asked about."""

    place: Place
    id: int
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
    distance_m: int | None = None
    """As the crow flies, where a point was asked about."""

    @property
    def pre_exhibition(self) -> bool:
        """Whether stock is kept here that is shown before it is sold."""
        return PRE_EXHIBITION in self.services

    def readiness(self, on: date) -> Readiness:
        """How ready it is for an exporter, each point explained."""
        hours, _, minutes = self.cutoff_local.partition(":")
        profile = WarehouseProfile(
            area_m2=self.area_m2,
            free_m2=self.free_m2,
            services=frozenset(self.services),
            cutoff_min=int(hours) * 60 + int(minutes) if hours and minutes else None,
            display_centre=self.display_centre,
            bonded=self.bonded,
            data_as_of=self.data_as_of,
        )
        return readiness(profile, on)

    @property
    def free_share(self) -> float:
        """Free part of the floor."""
        return self.free_m2 / self.area_m2 if self.area_m2 else 0.0


WAREHOUSE_COLUMNS = (
    Warehouse.id, Warehouse.public_id, Warehouse.operator, Warehouse.area_m2, Warehouse.free_m2,
    Warehouse.daily_parcels, Warehouse.services, Warehouse.accepts, Warehouse.cutoff_local, Warehouse.dwell_days,
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
    display_centre: bool = False,
    pre_exhibition: bool = False,
    near: tuple[float, float] | None = None,
    max_km: int | None = None,
    cursor: str | None = None,
    limit: int = 100,
) -> Page[WarehouseRow]:
    """Warehouses by code, or the nearest to `near` (latitude, longitude) first; `kind` None lists every kind."""
    none_named = cast(Warehouse.accepts, String) == "[]"
    wanted: list[tuple[Any, ColumnElement[bool]]] = [
        (kind, Location.kind == kind),
        (group, Location.country.in_(select(CountryGroup.country).where(*holding(today, group)))),
        (country, Location.country == country),
        (goods, or_(none_named, _lists(Warehouse.accepts, goods))),
        (service, _lists(Warehouse.services, service)),
        (pre_exhibition, _lists(Warehouse.services, PRE_EXHIBITION)),
        (display_centre, Warehouse.display_centre.is_(True)),
        (free_m2, Warehouse.free_m2 >= free_m2),
    ]
    query = (
        select(*PLACE_COLUMNS, *WAREHOUSE_COLUMNS)
        .join(Warehouse, Warehouse.location_id == Location.id)
        .where(*(condition for given, condition in wanted if given))
    )
    if near is not None:
        rows = _rows(session, list(session.execute(query.order_by(Location.code).limit(MOST))), today)
        return _nearest(rows, near, max_km, cursor, limit)
    found = session.execute(BY_CODE.slice(query, cursor, limit)).all()
    page = BY_CODE.page(found, limit, lambda row: (row.code, row[0]))
    return Page(_rows(session, page.items, today), page.next_cursor)


def _lists(column: Any, code: str | None) -> ColumnElement[bool]:  # noqa: ANN401 (a column of lists)
    return cast(column, String).contains(f'"{code}"', autoescape=True)


def _nearest(
    rows: list[WarehouseRow], near: tuple[float, float], max_km: int | None, cursor: str | None, limit: int
) -> Page[WarehouseRow]:
    """The earth is round and the rows are few: distances are worked out here, not in the database."""
    measured = [
        replace(row, distance_m=round(great_circle(near, (row.place.latitude, row.place.longitude)).meters))
        for row in rows
    ]
    within = [row for row in measured if max_km is None or _place(row)[0] <= max_km * 1000]
    after = decode(cursor, whole) if cursor else (-1, -1)
    left = sorted((row for row in within if _place(row) > after), key=_place)
    more = len(left) > limit
    return Page(left[:limit], encode(*_place(left[limit - 1])) if more else None)


def _place(row: WarehouseRow) -> tuple[int, int]:
    return row.distance_m or 0, row.id


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


def memberships(session: Session, code: str | None = None) -> list[CountryGroup]:
    """Every membership, past and present, by group and country; of one group, if it is given."""
    query = select(CountryGroup).order_by(
        CountryGroup.code, CountryGroup.country, CountryGroup.effective_from, CountryGroup.id
    )
    return list(session.scalars(query if code is None else query.where(CountryGroup.code == code)))


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
