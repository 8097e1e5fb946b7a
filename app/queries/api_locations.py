"""Every location, by code."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from app.models import Location
from app.queries.paging import Keyset, Page, word
from app.queries.places import COLUMNS, Place, named, place_of

BY_CODE = Keyset(Location.code, Location.id, read=word)


@dataclass(frozen=True, slots=True)
class LocationRow:
    """One place goods can be at."""

    place: Place
    public_id: str
    iata: str | None
    min_transfer_min: int
    source: str


def list_locations(
    session: Session,
    *,
    code: str | None = None,
    kind: str | None = None,
    country: str | None = None,
    q: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[LocationRow]:
    """Locations by code; `code` is ours or a UN/LOCODE, `q` a part of a code or name, whatever its case."""
    wanted: list[tuple[str | None, ColumnElement[bool]]] = [
        (code, named(code or "")),
        (kind, Location.kind == kind),
        (country, Location.country == country),
        (q, _mentions(q or "")),
    ]
    query = select(
        *COLUMNS, Location.public_id, Location.iata, Location.min_transfer_min, Location.source
    ).where(*(condition for given, condition in wanted if given))
    found = session.execute(BY_CODE.slice(query, cursor, limit)).all()
    page = BY_CODE.page(found, limit, lambda row: (row.code, row.id))
    split = len(COLUMNS)
    return Page([LocationRow(place_of(row[:split]), *row[split:]) for row in page.items], page.next_cursor)


def _mentions(text: str) -> ColumnElement[bool]:
    columns = (Location.code, Location.name_en, Location.name_zh)
    return or_(*(column.icontains(text, autoescape=True) for column in columns))
