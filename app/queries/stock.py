"""What lies where: by lot and place, and summed up by article."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session, joinedload

from app.actor import Actor
from app.models import Location, Party, Sku, StockBalance, StockLot, StockPlace, Warehouse, Zone
from app.queries.paging import AnySelect, Keyset, Page, decode, whole
from app.queries.skus import BY_CODE, matches, owners
from app.usecases.warehousing.access import may_own, may_see
from warehouses.ageing import by_band
from warehouses.stock import IN_HOUSE

BY_LOT = Keyset(StockBalance.lot_id, StockBalance.place_id, read=whole)
BY_PLACE = Keyset(StockBalance.place_id, StockBalance.lot_id, read=whole)
"""Of one warehouse: its places are few, so what lies elsewhere is not looked at."""
FEW = 1000
"""Up to so many lots of a warehouse are read at once; where more lie, the next articles of it are found quickly."""
FIRST, MOST = 16, 1024
"""Places or lots that are looked at together, at first and in the end."""
COLUMNS = (
    StockBalance.lot_id, StockBalance.place_id, StockBalance.on_hand, StockBalance.reserved, StockLot.batch,
    StockLot.expires_on, StockLot.condition, StockLot.customs_status, StockLot.received_on, Sku.public_id, Sku.code,
    Sku.name_en, Sku.name_zh, Sku.weight_g, Sku.volume_cm3, Party.reference, Warehouse.public_id, Location.code,
    StockPlace.kind, StockPlace.code, Zone.code,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class StockFilter:
    """What narrows the list; None does not."""

    warehouse: str | None = None
    """Public id or code."""
    sku: str | None = None
    """Public id."""
    exporter: str | None = None
    """Reference or public id."""
    q: str | None = None
    """Begins the SKU's code, is in its name, or is its barcode."""
    condition: str | None = None
    customs_status: str | None = None
    place_kind: str | None = None
    place: str | None = None
    """Code of a place."""

    @property
    def is_local(self) -> bool:
        """Whether it is about few places."""
        return bool(self.warehouse or self.place or (self.place_kind and self.place_kind != "bin"))


@dataclass(frozen=True, slots=True)
class StockRow:
    """Pieces of a lot at a place."""

    lot_id: int
    place_id: int
    on_hand: int
    reserved: int
    batch: str
    expires_on: date
    condition: str
    customs_status: str
    received_on: date
    sku_id: str
    sku: str
    name_en: str
    name_zh: str
    weight_g: int
    volume_cm3: int
    exporter: str
    warehouse_id: str
    warehouse: str
    place_kind: str
    place: str
    zone: str | None

    @property
    def free(self) -> int:
        """Pieces that may be moved or promised."""
        return self.on_hand - self.reserved


@dataclass(slots=True)
class SkuStock:
    """All pieces of an article, in one warehouse or in all of them."""

    sku: Sku
    on_hand: dict[str, int] = field(default_factory=dict)
    """By kind of place."""
    reserved: int = 0
    warehouses: dict[str, int] = field(default_factory=dict)
    """Pieces in the house, by code of the warehouse."""
    received: list[tuple[date, int]] = field(default_factory=list)
    """Pieces in the house with the day they came."""

    @property
    def in_house(self) -> int:
        """Pieces that lie in a warehouse."""
        return sum(self.on_hand.get(kind, 0) for kind in IN_HOUSE)

    @property
    def free(self) -> int:
        """Pieces in bins that may be promised."""
        return self.on_hand.get("bin", 0) - self.reserved

    def ages(self, today: date) -> dict[tuple[int, int | None], int]:
        """Pieces in the house by how long they have lain."""
        return by_band(self.received, today)


def list_stock(
    session: Session, actor: Actor, where: StockFilter, *, cursor: str | None = None, limit: int = 50
) -> Page[StockRow]:
    """What lies where, by lot; in one warehouse by place."""
    query = _joined(select(*COLUMNS)).where(*_conditions(actor, where))
    if actor.exporter_id is not None or where.exporter or where.sku:
        few = select(StockLot.id).where(may_own(actor, StockLot.owner_id), *_of(where), *_alike(where))
        return _listed(session, query, BY_LOT, few, cursor, limit)
    if actor.role == "warehouse" or where.is_local:
        few = select(StockPlace.id).where(may_see(actor, StockPlace.warehouse_id), *_at(where))
        return _listed(session, query, BY_PLACE, few, cursor, limit)
    return _cut(BY_LOT, [_row(row) for row in session.execute(BY_LOT.slice(query, cursor, limit))], limit)


def _listed(
    session: Session, query: AnySelect, order: Keyset, few: AnySelect, cursor: str | None, limit: int
) -> Page[StockRow]:
    """A page of what lies at some places, or of some lots: `few` are their ids, read a handful at a time.

    Neither database finds out by itself that the first of them fill the page: it sorts all there is.
    """
    (column,) = few.selected_columns
    first, size = decode(cursor, whole)[0] if cursor else 0, FIRST
    rows: list[StockRow] = []
    while len(rows) <= limit:
        ids = session.scalars(few.where(column >= first).order_by(column).limit(size)).all()
        if ids:
            near = query.where(order.key.in_(ids))
            rows += [_row(row) for row in session.execute(order.slice(near, cursor, limit - len(rows)))]
        if len(ids) < size:
            break
        first, size = ids[-1] + 1, min(size * 4, MOST)
    return _cut(order, rows, limit)


def _cut(order: Keyset, rows: list[StockRow], limit: int) -> Page[StockRow]:
    by_place = order is BY_PLACE
    return order.page(
        rows, limit, lambda row: (row.place_id, row.lot_id) if by_place else (row.lot_id, row.place_id)
    )


def list_by_sku(
    session: Session, actor: Actor, where: StockFilter, *, cursor: str | None = None, limit: int = 50
) -> Page[SkuStock]:
    """The articles of which something lies there or is on its way, by code."""
    query = select(Sku).where(may_own(actor, Sku.owner_id)).options(joinedload(Sku.owner))
    if where.exporter:
        query = query.where(Sku.owner_id.in_(owners(where.exporter)))
    if where.q:
        query = query.where(matches(where.q))
    if where.sku:
        query = query.where(Sku.public_id == where.sku)
    query = query.where(_held(session, actor, where))
    found = session.scalars(BY_CODE.slice(query, cursor, limit)).all()
    page = BY_CODE.page(found, limit, lambda row: (row.code, row.id))
    return Page(_summed(session, actor, where, page.items), page.next_cursor)


def ages_of(session: Session, actor: Actor, warehouse_id: int) -> list[tuple[date, int, int]]:
    """Day of receipt, pieces and cm3 of all that lies in a warehouse; of an exporter its own."""
    query = (
        select(
            StockLot.received_on,
            func.sum(StockBalance.on_hand),
            func.sum(StockBalance.on_hand * Sku.volume_cm3),
        )
        .join(StockBalance, StockBalance.place_id == StockPlace.id)
        .join(StockLot, StockLot.id == StockBalance.lot_id)
        .join(Sku, Sku.id == StockLot.sku_id)
        .where(
            StockPlace.warehouse_id == warehouse_id,
            StockPlace.kind.in_(IN_HOUSE),
            StockBalance.here,
            may_own(actor, StockLot.owner_id),
        )
        .group_by(StockLot.received_on)
    )
    return [(row[0], int(row[1]), int(row[2])) for row in session.execute(query.select_from(StockPlace))]


def _row(row: Sequence[Any]) -> StockRow:
    facts: tuple[Any, ...] = tuple(row)
    return StockRow(*facts)


def _joined(query: AnySelect) -> AnySelect:
    """With everything a row names."""
    return (
        query.select_from(StockBalance)
        .join(StockLot, StockLot.id == StockBalance.lot_id)
        .join(Sku, Sku.id == StockLot.sku_id)
        .join(Party, Party.id == Sku.owner_id)
        .join(StockPlace, StockPlace.id == StockBalance.place_id)
        .join(Warehouse, Warehouse.id == StockPlace.warehouse_id)
        .join(Location, Location.id == Warehouse.location_id)
        .outerjoin(Zone, Zone.id == StockPlace.zone_id)
        .where(StockBalance.here)
    )


def _conditions(actor: Actor, where: StockFilter) -> Iterable[ColumnElement[bool]]:
    """All conditions of a row.

    The sum keeps the databases from beginning with the whole warehouse where a few lots or places were named before.
    """
    yield may_own(actor, StockLot.owner_id)
    house = StockPlace.warehouse_id + 0
    if actor.role == "warehouse":
        yield house == (actor.warehouse_id or 0)
    if where.warehouse:
        yield house.in_(_warehouses(where.warehouse))
    if where.place_kind:
        yield StockPlace.kind == where.place_kind
    if where.place:
        yield StockPlace.code == where.place
    yield from _of(where)
    if where.q:
        yield matches(where.q)
    yield from _alike(where)


def _of(where: StockFilter) -> Iterable[ColumnElement[bool]]:
    """The conditions that name the article or the owner of a lot."""
    if where.sku:
        yield StockLot.sku_id.in_(select(Sku.id).where(Sku.public_id == where.sku))
    if where.exporter:
        yield StockLot.owner_id.in_(owners(where.exporter))


def _alike(where: StockFilter) -> Iterable[ColumnElement[bool]]:
    """The conditions that a lot meets."""
    if where.condition:
        yield StockLot.condition == where.condition
    if where.customs_status:
        yield StockLot.customs_status == where.customs_status


def _at(where: StockFilter) -> Iterable[ColumnElement[bool]]:
    """The conditions that a place meets."""
    if where.warehouse:
        yield StockPlace.warehouse_id.in_(_warehouses(where.warehouse))
    if where.place_kind:
        yield StockPlace.kind == where.place_kind
    if where.place:
        yield StockPlace.code == where.place


def _warehouses(reference: str) -> Any:  # noqa: ANN401 (a select)
    return (
        select(Warehouse.id)
        .join(Location, Location.id == Warehouse.location_id)
        .where((Warehouse.public_id == reference) | (Location.code == reference))
    )


def _held(session: Session, actor: Actor, where: StockFilter) -> ColumnElement[bool]:
    """The condition that something of a SKU lies where it is asked for.

    Little of it is read at once and looked up; of much, some is soon met while going through the SKUs by code.
    """
    local = StockFilter(
        warehouse=where.warehouse, condition=where.condition, customs_status=where.customs_status,
        place_kind=where.place_kind, place=where.place,
    )  # fmt: skip
    lots = (
        select(StockLot.sku_id)
        .select_from(StockLot)
        .join(StockBalance, StockBalance.lot_id == StockLot.id)
        .where(StockBalance.here, may_own(actor, StockLot.owner_id), *_alike(local))
    )
    if local.is_local or actor.role == "warehouse":
        places = select(StockPlace.id).where(may_see(actor, StockPlace.warehouse_id), *_at(local))
        there = select(StockBalance.lot_id).where(StockBalance.here, StockBalance.place_id.in_(places))
        some = session.scalars(there.limit(FEW + 1)).all()
        if len(some) <= FEW:
            there = there.where(StockBalance.lot_id.in_(set(some)))
            found = session.scalars(lots.where(StockLot.id.in_(there)).distinct())
            return Sku.id.in_(sorted(found))
        # The sum keeps the databases from beginning with all bins of the warehouse, for each article anew.
        lots = lots.where((StockBalance.place_id + 0).in_(places))
    return exists(lots.where(StockLot.sku_id == Sku.id).correlate(Sku))


def _summed(session: Session, actor: Actor, where: StockFilter, skus: Sequence[Sku]) -> list[SkuStock]:
    """The articles with what lies there of each; warehouses are sorted out here, since an article is in few."""
    found = {sku.id: SkuStock(sku) for sku in skus}
    lots = select(StockLot.id).where(StockLot.sku_id.in_(found))
    houses = set(
        session.scalars(
            select(Warehouse.id).where(may_see(actor), Warehouse.id.in_(_warehouses(where.warehouse)))
        )
        if where.warehouse
        else session.scalars(select(Warehouse.id).where(may_see(actor)))
    )
    query = (
        select(
            StockLot.sku_id, StockPlace.kind, Location.code, StockLot.received_on,
            func.sum(StockBalance.on_hand), func.sum(StockBalance.reserved), StockPlace.warehouse_id,
        )
        .select_from(StockBalance)
        .join(StockLot, StockLot.id == StockBalance.lot_id)
        .join(StockPlace, StockPlace.id == StockBalance.place_id)
        .join(Warehouse, Warehouse.id == StockPlace.warehouse_id)
        .join(Location, Location.id == Warehouse.location_id)
        .where(StockBalance.lot_id.in_(lots), StockBalance.here, may_own(actor, StockLot.owner_id))
        .group_by(StockLot.sku_id, StockPlace.kind, Location.code, StockLot.received_on, StockPlace.warehouse_id)
    )  # fmt: skip
    for sku_id, kind, code, received_on, on_hand, reserved, house in session.execute(query):
        if house in houses:
            _add(found[sku_id], kind, code, received_on, int(on_hand), int(reserved))
    return list(found.values())


def _add(row: SkuStock, kind: str, warehouse: str, received_on: date, on_hand: int, reserved: int) -> None:
    row.on_hand[kind] = row.on_hand.get(kind, 0) + on_hand
    if kind == "bin":
        row.reserved += reserved
    if kind in IN_HOUSE:
        row.warehouses[warehouse] = row.warehouses.get(warehouse, 0) + on_hand
        row.received.append((received_on, on_hand))
