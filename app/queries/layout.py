"""The places of a warehouse as lists show them: zones, bins and how full they are, docks and their appointments."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, joinedload

from app.actor import Actor
from app.models import Asn, Dock, DockSlot, StockBalance, StockPlace, Warehouse, Zone
from app.queries.paging import Keyset, Page, word
from warehouses.docks import slots

BY_CODE = Keyset(StockPlace.code, StockPlace.id, read=word)
ZONES_BY_CODE = Keyset(Zone.code, Zone.id, read=word)
DOCKS_BY_CODE = Keyset(Dock.code, Dock.id, read=word)


@dataclass(frozen=True, slots=True)
class ZoneRow:
    """A zone and its bins, summed up."""

    zone: Zone
    bins: int
    blocked: int
    used_g: int
    used_cm3: int
    max_cm3: int
    """Of the bins that have a limit."""
    limited_cm3: int
    """What lies in those."""


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """A place, and the pieces that lie there."""

    place: StockPlace
    lots: int
    pieces: int


@dataclass(frozen=True, slots=True)
class SlotRow:
    """A slot at a dock, and who has it; `mine` is what an exporter may know more of."""

    starts_at: datetime
    ends_at: datetime
    booked: DockSlot | None
    mine: bool


def list_zones(
    session: Session, warehouse_id: int, *, cursor: str | None = None, limit: int = 100
) -> Page[ZoneRow]:
    """The zones of a warehouse by code."""
    limited = StockPlace.max_cm3.is_not(None)
    query = (
        select(
            Zone,
            func.count(StockPlace.id),
            func.count(case((StockPlace.blocked, 1))),
            *(
                func.coalesce(func.sum(column), 0)
                for column in (StockPlace.used_g, StockPlace.used_cm3, StockPlace.max_cm3)
            ),
            func.coalesce(func.sum(case((limited, StockPlace.used_cm3))), 0),
        )
        .outerjoin(StockPlace, StockPlace.zone_id == Zone.id)
        .where(Zone.warehouse_id == warehouse_id)
        .group_by(Zone.id)
    )
    found = session.execute(ZONES_BY_CODE.slice(query, cursor, limit)).all()
    rows = [ZoneRow(zone, *map(int, sums)) for zone, *sums in found]
    return ZONES_BY_CODE.page(rows, limit, lambda row: (row.zone.code, row.zone.id))


def list_places(
    session: Session,
    warehouse_id: int,
    *,
    zone: str | None = None,
    kind: str | None = None,
    blocked: bool | None = None,
    code: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[PlaceRow]:
    """The places of a warehouse by code."""
    query = (
        select(StockPlace)
        .outerjoin(Zone, Zone.id == StockPlace.zone_id)
        .where(StockPlace.warehouse_id == warehouse_id)
        .options(joinedload(StockPlace.zone))
    )
    if zone:
        query = query.where(Zone.code == zone)
    if kind:
        query = query.where(StockPlace.kind == kind)
    if blocked is not None:
        query = query.where(StockPlace.blocked == blocked)
    if code:
        query = query.where(StockPlace.code.istartswith(code, autoescape=True))
    found = session.scalars(BY_CODE.slice(query, cursor, limit)).all()
    page = BY_CODE.page(found, limit, lambda row: (row.code, row.id))
    return Page(place_rows(session, page.items), page.next_cursor)


def place_rows(session: Session, places: Sequence[StockPlace]) -> list[PlaceRow]:
    """Places with the lots and pieces that lie there."""
    query = (
        select(StockBalance.place_id, func.count(), func.sum(StockBalance.on_hand))
        .where(StockBalance.place_id.in_([one.id for one in places]), StockBalance.here)
        .group_by(StockBalance.place_id)
    )
    known = {place: (int(lots), int(pieces)) for place, lots, pieces in session.execute(query)}
    return [PlaceRow(one, *known.get(one.id, (0, 0))) for one in places]


def list_docks(
    session: Session, warehouse_id: int, *, cursor: str | None = None, limit: int = 100
) -> Page[Dock]:
    """The docks of a warehouse by code."""
    query = select(Dock).where(Dock.warehouse_id == warehouse_id)
    found = session.scalars(DOCKS_BY_CODE.slice(query, cursor, limit)).all()
    return DOCKS_BY_CODE.page(found, limit, lambda row: (row.code, row.id))


def list_slots(session: Session, actor: Actor, warehouse: Warehouse, dock: Dock, day: date) -> list[SlotRow]:
    """Every slot of a local day, with what is booked; an exporter learns of its own appointments alone."""
    zone = ZoneInfo(warehouse.location.time_zone)
    found = list(slots(day, dock.opens_local, dock.closes_local, dock.slot_min, zone))
    if not found:
        return []
    query = select(DockSlot).where(
        DockSlot.dock_id == dock.id,
        DockSlot.starts_at >= found[0][0],
        DockSlot.starts_at < found[-1][1],
    )
    booked = {slot.starts_at: slot for slot in session.scalars(query)}
    mine = _own(session, actor, [slot.subject for slot in booked.values()])
    return [
        SlotRow(begins, ends, slot := booked.get(begins), slot is not None and slot.subject in mine)
        for begins, ends in found
    ]


def _own(session: Session, actor: Actor, subjects: Sequence[str]) -> set[str]:
    if actor.exporter_id is None:
        return set(subjects)
    query = select(Asn.public_id).where(Asn.public_id.in_(subjects), Asn.owner_id == actor.exporter_id)
    return set(session.scalars(query))
