"""Outbound orders and waves: lists, one of them whole, the backlog of a warehouse, and the walk of a wave."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from app.actor import Actor
from app.errors import NotFound
from app.models import (
    AuditEvent,
    Location,
    OutboundLine,
    OutboundOrder,
    OutboundPackage,
    Party,
    Sku,
    StockLot,
    StockPlace,
    StockReservation,
    Warehouse,
    Wave,
)
from app.queries.paging import AnySelect, Keyset, Page, instant
from app.usecases.warehousing.access import may_own, may_see
from app.usecases.warehousing.waving import tasks_of
from warehouses.outbound import LEFT, ORDER_STATES
from warehouses.picking import Stop, Task, pick_list
from warehouses.stock import NEVER

URGENT = Keyset(OutboundOrder.ship_by, OutboundOrder.id, read=instant)
NEWEST_WAVE = Keyset(Wave.created_at, Wave.id, read=instant, falling=True)
ON_HAND = tuple(state for state in ORDER_STATES if state not in (*LEFT, "void"))
"""States in which a warehouse still has something to do with an order."""


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """What narrows the list; None does not."""

    status: str | None = None
    warehouse: str | None = None
    """Public id or code."""
    exporter: str | None = None
    reference: str | None = None
    """Exactly this one."""


@dataclass(frozen=True, slots=True)
class Event:
    """A state an order came to."""

    at: datetime
    status: str


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order whole: pieces reserved for each line in bins, and what happened."""

    order: OutboundOrder
    reserved: Mapping[int, int]
    events: Sequence[Event]


@dataclass(frozen=True, slots=True)
class StopRow:
    """A stop of a walk, with what the picker has to see."""

    stop: Stop
    sku: Sku
    owner: str
    batch: str
    expires_on: date | None
    orders: Sequence[tuple[OutboundOrder, int]]
    """Which order gets how many pieces."""


@dataclass(frozen=True, slots=True)
class WaveRow:
    """A wave with its orders and what is left of its walk."""

    wave: Wave
    orders: Sequence[OutboundOrder]
    stops: Sequence[StopRow]


def list_orders(
    session: Session, actor: Actor, where: OrderFilter, *, cursor: str | None = None, limit: int = 50
) -> Page[OutboundOrder]:
    """Orders the actor may see, those that must leave first."""
    query = _visible(actor)
    if where.status:
        query = query.where(OutboundOrder.status == where.status)
    if where.reference:
        query = query.where(OutboundOrder.reference == where.reference)
    if where.warehouse:
        named = (Warehouse.public_id == where.warehouse) | (Location.code == where.warehouse)
        houses = select(Warehouse.id).join(Location, Location.id == Warehouse.location_id).where(named)
        query = query.where(OutboundOrder.warehouse_id.in_(houses))
    if where.exporter:
        named = (Party.reference == where.exporter) | (Party.public_id == where.exporter)
        query = query.where(OutboundOrder.owner.has(named))
    found = session.scalars(URGENT.slice(query, cursor, limit)).all()
    return URGENT.page(found, limit, lambda row: (row.ship_by, row.id))


def get_order(session: Session, actor: Actor, public_id: str) -> OrderRow:
    """One order with everything that belongs to it; NotFound, also for others'."""
    query = _visible(actor).where(OutboundOrder.public_id == public_id)
    whole = (
        selectinload(OutboundOrder.lines).selectinload(OutboundLine.sku),
        selectinload(OutboundOrder.packages),
    )
    order = session.scalar(query.options(*whole).execution_options(populate_existing=True))
    if order is None:
        raise NotFound("there is no such order")
    kept = (
        select(StockReservation.line_seq, func.sum(StockReservation.quantity))
        .join(StockPlace, StockPlace.id == StockReservation.from_id)
        .where(
            StockReservation.subject == public_id,
            StockReservation.state == "pending",
            StockPlace.kind == "bin",
        )
        .group_by(StockReservation.line_seq)
    )
    reserved = {seq: int(pieces) for seq, pieces in session.execute(kept)}
    return OrderRow(order, reserved, _events(session, public_id))


def _events(session: Session, public_id: str) -> list[Event]:
    states = {f"order.{state}": state for state in ORDER_STATES}
    query = (
        select(AuditEvent.at, AuditEvent.action)
        .where(AuditEvent.subject == public_id, AuditEvent.action.in_(states))
        .order_by(AuditEvent.id)
    )
    return [Event(at, states[action]) for at, action in session.execute(query)]


def backlog(session: Session, warehouse_id: int) -> dict[str, int]:
    """How many orders of a warehouse are in each state in which it has something to do."""
    query = (
        select(OutboundOrder.status, func.count())
        .where(OutboundOrder.warehouse_id == warehouse_id, OutboundOrder.status.in_(ON_HAND))
        .group_by(OutboundOrder.status)
    )
    counts = {status: int(count) for status, count in session.execute(query)}
    return {state: counts.get(state, 0) for state in ON_HAND}


def ready_for_wave(session: Session, warehouse_id: int, limit: int = 100) -> list[OutboundOrder]:
    """Confirmed orders that are in no wave, the most urgent first, with their lines."""
    query = (
        select(OutboundOrder)
        .where(
            OutboundOrder.warehouse_id == warehouse_id,
            OutboundOrder.status == "confirmed",
            OutboundOrder.wave_id.is_(None),
        )
        .order_by(OutboundOrder.ship_by, OutboundOrder.id)
        .limit(limit)
        .options(joinedload(OutboundOrder.owner), selectinload(OutboundOrder.lines))
    )
    return list(session.scalars(query))


def list_waves(
    session: Session,
    actor: Actor,
    *,
    warehouse: str | None = None,
    status: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Wave]:
    """Waves of the actor's warehouse or of all, the newest first."""
    query = select(Wave).where(may_see(actor, Wave.warehouse_id)).options(_house(Wave.warehouse))
    if status:
        query = query.where(Wave.status == status)
    if warehouse:
        named = (Warehouse.public_id == warehouse) | (Location.code == warehouse)
        houses = select(Warehouse.id).join(Location, Location.id == Warehouse.location_id).where(named)
        query = query.where(Wave.warehouse_id.in_(houses))
    found = session.scalars(NEWEST_WAVE.slice(query, cursor, limit)).all()
    return NEWEST_WAVE.page(found, limit, lambda row: (row.created_at, row.id))


def get_wave(session: Session, actor: Actor, public_id: str) -> WaveRow:
    """One wave with its orders and its walk; NotFound."""
    wave = session.scalar(
        select(Wave)
        .where(Wave.public_id == public_id, may_see(actor, Wave.warehouse_id))
        .options(_house(Wave.warehouse))
        .execution_options(populate_existing=True)
    )
    if wave is None:
        raise NotFound("there is no such wave")
    orders = session.scalars(
        select(OutboundOrder)
        .where(OutboundOrder.wave_id == wave.id)
        .order_by(OutboundOrder.ship_by, OutboundOrder.id)
        .options(joinedload(OutboundOrder.owner))
        .execution_options(populate_existing=True)
    ).all()
    return WaveRow(wave, orders, _stops(session, tasks_of(session, wave), orders))


def _stops(session: Session, tasks: Sequence[Task], orders: Sequence[OutboundOrder]) -> list[StopRow]:
    by_id = {one.id: one for one in orders}
    query = (
        select(StockLot, Party.reference)
        .join(Party, Party.id == StockLot.owner_id)
        .where(StockLot.id.in_({task.lot for task in tasks}))
        .options(joinedload(StockLot.sku))
    )
    lots = {lot.id: (lot, owner) for lot, owner in session.execute(query)}
    found = []
    for stop in pick_list(tasks):
        lot, owner = lots[stop.lot]
        pieces: dict[int, int] = {}
        for task in stop.tasks:
            pieces[task.order] = pieces.get(task.order, 0) + task.quantity
        shared = [(by_id[order], count) for order, count in pieces.items()]
        expires_on = None if lot.expires_on == NEVER else lot.expires_on
        found.append(StopRow(stop, lot.sku, owner, lot.batch, expires_on, shared))
    return found


def orders_of_boxes(session: Session, warehouse_id: int, numbers: Iterable[str]) -> dict[str, str]:
    """Tracking numbers of boxes of a warehouse, with the ids of their orders."""
    query = (
        select(OutboundPackage.tracking_number, OutboundOrder.public_id)
        .join(OutboundOrder, OutboundOrder.id == OutboundPackage.order_id)
        .where(OutboundPackage.tracking_number.in_(list(numbers)), OutboundOrder.warehouse_id == warehouse_id)
    )
    return dict(session.execute(query).all())


@dataclass(frozen=True, slots=True)
class BoxRow:
    """What anybody with a label in hand may know of its box: status, country and times; no names."""

    number: str
    status: str
    warehouse: Location
    country: str
    handed_over_at: datetime | None
    delivered_at: datetime | None


def track_box(session: Session, number: str) -> BoxRow:
    """A box of an order that has left or is about to; NotFound for every other number, and for void orders."""
    query = (
        select(OutboundOrder)
        .join(OutboundPackage, OutboundPackage.order_id == OutboundOrder.id)
        .where(OutboundPackage.tracking_number == number, OutboundOrder.status.in_(("packed", *LEFT)))
        .options(_house(OutboundOrder.warehouse))
    )
    order = session.scalar(query)
    if order is None:
        raise NotFound("no parcel has this number")
    country = order.consignee.get("country_code", "")
    return BoxRow(
        number, order.status, order.warehouse.location, country, order.handed_over_at, order.delivered_at
    )


def _visible(actor: Actor) -> AnySelect:
    return (
        select(OutboundOrder)
        .where(may_see(actor, OutboundOrder.warehouse_id), may_own(actor, OutboundOrder.owner_id))
        .options(
            joinedload(OutboundOrder.owner), joinedload(OutboundOrder.wave), _house(OutboundOrder.warehouse)
        )
    )


def _house(column: InstrumentedAttribute[Warehouse]) -> ExecutableOption:
    return joinedload(column).joinedload(Warehouse.location)


def warehouse_choices(session: Session) -> list[Warehouse]:
    """Warehouses in which anything can be kept, by code, for forms."""
    keeping = select(StockPlace.warehouse_id).where(StockPlace.kind == "bin")
    query = (
        select(Warehouse)
        .join(Location, Location.id == Warehouse.location_id)
        .where(Warehouse.id.in_(keeping))
        .order_by(Location.code)
        .options(joinedload(Warehouse.location))
    )
    return list(session.scalars(query))


def sku_choices(session: Session, owner_id: int, limit: int = 500) -> list[Sku]:
    """SKUs of an owner by code, for forms."""
    return list(session.scalars(select(Sku).where(Sku.owner_id == owner_id).order_by(Sku.code).limit(limit)))
