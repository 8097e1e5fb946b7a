"""Work orders: the list, and one of them with its lines."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.actor import Actor
from app.errors import NotFound
from app.models import (
    Location,
    Party,
    StockPlace,
    StockPosting,
    StockReservation,
    Warehouse,
    WorkOrder,
    WorkOrderLine,
)
from app.queries.paging import Keyset, Page, instant

NEWEST = Keyset(WorkOrder.created_at, WorkOrder.id, read=instant, falling=True)


@dataclass(frozen=True, slots=True)
class WorkFilter:
    """What narrows the list; None does not."""

    warehouse: str | None = None
    """Location code or public id."""
    status: str | None = None
    kind: str | None = None
    exporter: str | None = None
    """Reference or public id."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Pieces that are kept for a line, and where they lie."""

    line_seq: int
    place: str
    quantity: int


@dataclass(frozen=True, slots=True)
class WorkRow:
    """A work order; `kept` says where its stock waits, `posting_id` what was posted."""

    order: WorkOrder
    kept: Sequence[Kept] = ()
    posting_id: str | None = None


def list_work_orders(
    session: Session, actor: Actor, where: WorkFilter, *, cursor: str | None = None, limit: int = 50
) -> Page[WorkRow]:
    """Work orders the actor may see, the newest first."""
    query = _visible(actor)
    if where.warehouse:
        query = query.where((Location.code == where.warehouse) | (Warehouse.public_id == where.warehouse))
    if where.status:
        query = query.where(WorkOrder.status == where.status)
    if where.kind:
        query = query.where(WorkOrder.kind == where.kind)
    if where.exporter:
        query = query.where((Party.reference == where.exporter) | (Party.public_id == where.exporter))
    rows = [WorkRow(one) for one in session.scalars(NEWEST.slice(query, cursor, limit))]
    return NEWEST.page(rows, limit, lambda row: (row.order.created_at, row.order.id))


def get_work_order(session: Session, actor: Actor, public_id: str) -> WorkRow:
    """One work order; NotFound, also for another exporter's and for the staff of another warehouse."""
    order = session.scalar(
        _visible(actor).where(WorkOrder.public_id == public_id).execution_options(populate_existing=True)
    )
    if order is None:
        raise NotFound("there is no such work order")
    kept = session.execute(
        select(StockReservation.line_seq, StockPlace.code, StockReservation.quantity)
        .join(StockPlace, StockReservation.from_id == StockPlace.id)
        .where(StockReservation.subject == public_id, StockReservation.state == "pending")
        .order_by(StockReservation.line_seq, StockReservation.id)
    )
    posting = session.scalar(select(StockPosting.public_id).where(StockPosting.id == order.posting_id))
    return WorkRow(order, [Kept(*row) for row in kept], posting)


def _visible(actor: Actor) -> Select[WorkOrder]:
    query = (
        select(WorkOrder)
        .join(Warehouse, WorkOrder.warehouse_id == Warehouse.id)
        .join(Location, Warehouse.location_id == Location.id)
        .join(Party, WorkOrder.owner_id == Party.id)
        .options(
            joinedload(WorkOrder.owner),
            joinedload(WorkOrder.warehouse).joinedload(Warehouse.location),
            selectinload(WorkOrder.lines).joinedload(WorkOrderLine.sku),
        )
    )
    if actor.exporter_id is not None:
        query = query.where(WorkOrder.owner_id == actor.exporter_id)
    if actor.role == "warehouse":
        query = query.where(WorkOrder.warehouse_id == (actor.warehouse_id or 0))
    return query
