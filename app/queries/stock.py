"""What lies where: by lot and place, and summed up by article."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session, joinedload

from app.actor import Actor
from app.models import Location, Party, Sku, StockBalance, StockLot, StockPlace, Warehouse, Zone
from app.queries.paging import AnySelect, Keyset, Page, whole
from app.queries.skus import BY_CODE, matches, owners
from app.usecases.warehousing.access import may_own, may_see
from warehouses.ageing import by_band
from warehouses.stock import IN_HOUSE

BY_LOT = Keyset(StockBalance.lot_id, StockBalance.place_id, read=whole)
BY_PLACE = Keyset(StockBalance.place_id, StockBalance.lot_id, read=whole)
"""Of one warehouse: its places are few, so what lies elsewhere is not looked at."""
FEW = 5000
"""Up to so many lots of a warehouse are read at once; where more lie, the next articles of it are found quickly."""
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
    query = _joined(select(*COLUMNS)).outerjoin(Zone, Zone.id == StockPlace.zone_id)
    query = query.where(*_visible(actor), *_conditions(where))
    local = where.warehouse is not None or actor.role == "warehouse"
    order = BY_PLACE if local else BY_LOT
    found = session.execute(order.slice(query, cursor, limit)).all()
    rows = [StockRow(*row) for row in found]
    if local:
        return order.page(rows, limit, lambda row: (row.place_id, row.lot_id))
    return order.page(rows, limit, lambda row: (row.lot_id, row.place_id))


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


def _joined(query: AnySelect) -> AnySelect:
    """With everything a row names, from the places on: where those of one warehouse are asked for, they are few."""
    return (
        query.select_from(StockPlace)
        .join(StockBalance, StockBalance.place_id == StockPlace.id)
        .join(StockLot, StockLot.id == StockBalance.lot_id)
        .join(Sku, Sku.id == StockLot.sku_id)
        .join(Party, Party.id == Sku.owner_id)
        .join(Warehouse, Warehouse.id == StockPlace.warehouse_id)
        .join(Location, Location.id == Warehouse.location_id)
        .where(StockBalance.here)
    )


def _visible(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    return may_own(actor, StockLot.owner_id), may_see(actor, StockPlace.warehouse_id)


def _conditions(where: StockFilter) -> Iterable[ColumnElement[bool]]:
    if where.warehouse:
        yield StockPlace.warehouse_id.in_(_warehouses(where.warehouse))
    if where.sku:
        yield StockLot.sku_id.in_(select(Sku.id).where(Sku.public_id == where.sku))
    if where.exporter:
        yield StockLot.owner_id.in_(owners(where.exporter))
    if where.q:
        yield matches(where.q)
    if where.condition:
        yield StockLot.condition == where.condition
    if where.customs_status:
        yield StockLot.customs_status == where.customs_status
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


def _lots(actor: Actor, where: StockFilter) -> Any:  # noqa: ANN401 (a select)
    """Ids of the SKUs of lots that lie where it is asked for."""
    local = StockFilter(
        warehouse=where.warehouse, condition=where.condition, customs_status=where.customs_status,
        place_kind=where.place_kind, place=where.place,
    )  # fmt: skip
    return (
        select(StockLot.sku_id)
        .select_from(StockPlace)
        .join(StockBalance, StockBalance.place_id == StockPlace.id)
        .join(StockLot, StockLot.id == StockBalance.lot_id)
        .where(StockBalance.here, *_visible(actor), *_conditions(local))
    )


def _held(session: Session, actor: Actor, where: StockFilter) -> ColumnElement[bool]:
    """The condition that something of a SKU lies where it is asked for.

    Little of it is read at once and looked up; of much, some is soon met while going through the SKUs by code.
    """
    lots = _lots(actor, where)
    if where.warehouse is None and actor.role != "warehouse":
        return exists(lots.where(StockLot.sku_id == Sku.id).correlate(Sku))
    some = session.scalars(lots.limit(FEW + 1)).all()
    if len(some) <= FEW:
        return Sku.id.in_(sorted(set(some)))
    return exists(lots.where(StockLot.sku_id == Sku.id).correlate(Sku))


def _summed(session: Session, actor: Actor, where: StockFilter, skus: Sequence[Sku]) -> list[SkuStock]:
    found = {sku.id: SkuStock(sku) for sku in skus}
    query = (
        select(
            StockLot.sku_id, StockPlace.kind, Location.code, StockLot.received_on,
            func.sum(StockBalance.on_hand), func.sum(StockBalance.reserved),
        )
        .select_from(StockPlace)
        .join(StockBalance, StockBalance.place_id == StockPlace.id)
        .join(StockLot, StockLot.id == StockBalance.lot_id)
        .join(Warehouse, Warehouse.id == StockPlace.warehouse_id)
        .join(Location, Location.id == Warehouse.location_id)
        .where(
            StockLot.sku_id.in_(found), StockBalance.here, *_visible(actor),
            *_conditions(StockFilter(warehouse=where.warehouse)),
        )
        .group_by(StockLot.sku_id, StockPlace.kind, Location.code, StockLot.received_on)
    )  # fmt: skip
    for sku_id, kind, code, received_on, on_hand, reserved in session.execute(query):
        _add(found[sku_id], kind, code, received_on, int(on_hand), int(reserved))
    return list(found.values())


def _add(row: SkuStock, kind: str, warehouse: str, received_on: date, on_hand: int, reserved: int) -> None:
    row.on_hand[kind] = row.on_hand.get(kind, 0) + on_hand
    if kind == "bin":
        row.reserved += reserved
    if kind in IN_HOUSE:
        row.warehouses[warehouse] = row.warehouses.get(warehouse, 0) + on_hand
        row.received.append((received_on, on_hand))
