"""Waves: confirmed orders that are picked on one walk."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session, selectinload

from app.actor import Actor
from app.errors import Conflict, NotFound
from app.ids import new_id
from app.models import (
    OutboundOrder,
    Sku,
    StockLot,
    StockPlace,
    StockReservation,
    Warehouse,
    Wave,
    Zone,
)
from app.usecases import auditing
from app.usecases.warehousing.access import may_see, refuse_practice, works_in
from app.usecases.warehousing.refusals import step
from warehouses.outbound import WAVE_STEPS
from warehouses.picking import Task

MOST_ORDERS = 200
"""In one wave."""


def create_wave(
    session: Session,
    actor: Actor,
    now: datetime,
    warehouse: Warehouse,
    *,
    order_ids: Sequence[str] = (),
    most: int = 40,
) -> Wave:
    """Put confirmed orders on one walk: these, or those that must leave first and are in no wave yet, up to `most`.

    Two who make waves at once share the orders between them. Raises NotFound and Conflict for orders named that are
    not there, not confirmed or in a wave already, and Conflict where none waits.
    """
    refuse_practice(actor)
    works_in(actor, warehouse.id)
    wanted = select(OutboundOrder).where(OutboundOrder.warehouse_id == warehouse.id)
    if order_ids:
        wanted = wanted.where(OutboundOrder.public_id.in_(order_ids)).order_by(OutboundOrder.id)
        wanted = wanted.with_for_update()
    else:
        wanted = wanted.where(OutboundOrder.status == "confirmed", OutboundOrder.wave_id.is_(None))
        wanted = wanted.order_by(OutboundOrder.ship_by, OutboundOrder.id).limit(most)
        wanted = wanted.with_for_update(skip_locked=True)
    orders = session.scalars(wanted.execution_options(populate_existing=True)).all()
    _check(orders, order_ids)
    wave = Wave(
        public_id=new_id("wav"), warehouse_id=warehouse.id, status="open", created_at=now,
        created_by=actor.reference,
    )  # fmt: skip
    session.add(wave)
    session.flush()
    for order in orders:
        order.wave_id = wave.id
        order.version += 1
    session.flush()
    after = {"orders": [order.public_id for order in orders]}
    auditing.record(session, actor, now, "wave.created", wave.public_id, after=after)
    return wave


def _check(orders: Sequence[OutboundOrder], order_ids: Sequence[str]) -> None:
    missing = set(order_ids) - {order.public_id for order in orders}
    if missing:
        raise NotFound(f"there is no order {min(missing)} in this warehouse")
    for order in orders:
        if order.status != "confirmed":
            raise Conflict(f"{order.public_id} is {order.status}; only confirmed orders are picked")
        if order.wave_id is not None:
            raise Conflict(f"{order.public_id} is in a wave already")
    if not orders:
        raise Conflict("no confirmed order waits for a wave")


def cancel_wave(session: Session, actor: Actor, now: datetime, wave_id: str) -> Wave:
    """Give up a wave nobody has begun to pick; its orders wait for another one."""
    wave = lock_wave(session, actor, wave_id)
    wave.status = step(WAVE_STEPS, "cancel", wave.status)
    wave.done_at = now
    leave = update(OutboundOrder).where(OutboundOrder.wave_id == wave.id)
    session.execute(leave.values(wave_id=None, version=OutboundOrder.version + 1))
    session.flush()
    auditing.record(session, actor, now, "wave.cancelled", wave.public_id)
    return wave


def lock_wave(session: Session, actor: Actor, wave_id: str) -> Wave:
    """A wave of the actor's warehouse, locked; NotFound."""
    wave = session.scalar(
        select(Wave)
        .where(Wave.public_id == wave_id, may_see(actor, Wave.warehouse_id))
        .options(selectinload(Wave.warehouse).selectinload(Warehouse.location))
        .with_for_update(of=Wave)
        .execution_options(populate_existing=True)
    )
    if wave is None:
        raise NotFound("there is no such wave")
    works_in(actor, wave.warehouse_id)
    return wave


def tasks_of(session: Session, wave: Wave) -> list[Task]:
    """What is still to be fetched for the orders of a wave, from which bins."""
    query = (
        select(
            StockReservation.id, OutboundOrder.id, OutboundOrder.ship_by, Sku.id, StockLot.id, StockPlace.id,
            StockPlace.code, Zone.walk_seq, StockPlace.walk_seq, StockReservation.quantity,
        )
        .join(OutboundOrder, OutboundOrder.public_id == StockReservation.subject)
        .join(StockLot, StockLot.id == StockReservation.lot_id)
        .join(Sku, Sku.id == StockLot.sku_id)
        .join(StockPlace, StockPlace.id == StockReservation.from_id)
        .join(Zone, Zone.id == StockPlace.zone_id)
        .where(OutboundOrder.wave_id == wave.id, StockReservation.state == "pending")
        .order_by(StockReservation.id)
    )  # fmt: skip
    return [
        Task(id_, order, ship_by, sku, lot, place, bin_, (zone_walk, walk), quantity)
        for id_, order, ship_by, sku, lot, place, bin_, zone_walk, walk, quantity in session.execute(query)
    ]


def see_to_end(session: Session, actor: Actor, now: datetime, wave: Wave) -> None:
    """End a locked wave in which nothing is left to fetch."""
    if wave.status in ("open", "picking") and not tasks_of(session, wave):
        wave.status, wave.done_at = step(WAVE_STEPS, "finish", wave.status), now
        session.flush()
        auditing.record(session, actor, now, "wave.done", wave.public_id)
