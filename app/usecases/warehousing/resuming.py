"""Orders that wait for stock go on by themselves once it is there."""

from collections import defaultdict
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.models import OutboundLine, OutboundOrder, StockBalance, StockLot, StockPlace
from app.usecases.warehousing.allocating import allocate_order, not_counted
from app.usecases.warehousing.ordering import STOCK_SHORT, advance, lock_orders

MOST_AT_ONCE = 200
Goods = tuple[int, int, str, str]
"""Warehouse, SKU, condition and customs status."""


def resume_all(session: Session, actor: Actor, now: datetime) -> int:
    """Confirm the orders that wait for stock alone and can have all of it now, the most urgent first; how many."""
    waiting = session.execute(
        select(OutboundOrder.id, OutboundOrder.waits_for)
        .where(OutboundOrder.status == "waiting_seller")
        .order_by(OutboundOrder.ship_by, OutboundOrder.id)
        .limit(MOST_AT_ONCE)
    ).all()
    ids = [
        row.id
        for row in waiting
        if row.waits_for and all(one["code"] == STOCK_SHORT for one in row.waits_for)
    ]
    return sum(_resume(session, actor, now, order_id) for order_id in _possible(session, ids))


def _resume(session: Session, actor: Actor, now: datetime, order_id: int) -> bool:
    (order,) = lock_orders(session, [order_id])
    if order.status != "waiting_seller" or allocate_order(session, now, order):
        return False
    order.waits_for = []
    advance(session, actor, now, order, "allocate")
    return True


def _possible(session: Session, ids: list[int]) -> list[int]:
    """Those whose lines are free in bins now; what one takes may still leave the next one short."""
    if not ids:
        return []
    wanted: dict[int, dict[Goods, int]] = defaultdict(lambda: defaultdict(int))
    lines = (
        select(OutboundLine, OutboundOrder.warehouse_id)
        .join(OutboundOrder, OutboundOrder.id == OutboundLine.order_id)
        .where(OutboundOrder.id.in_(ids))
    )
    for line, warehouse in session.execute(lines):
        goods = (warehouse, line.sku_id, line.condition, line.customs_status)
        wanted[line.order_id][goods] += line.quantity - line.picked
    free = _free(session, {goods[1] for some in wanted.values() for goods in some})
    return [one for one in ids if all(free.get(goods, 0) >= pieces for goods, pieces in wanted[one].items())]


def _free(session: Session, sku_ids: set[int]) -> dict[Goods, int]:
    query = (
        select(
            StockPlace.warehouse_id, StockLot.sku_id, StockLot.condition, StockLot.customs_status,
            func.sum(StockBalance.on_hand - StockBalance.reserved),
        )
        .join(StockLot, StockLot.id == StockBalance.lot_id)
        .join(StockPlace, StockPlace.id == StockBalance.place_id)
        .where(StockLot.sku_id.in_(sku_ids), StockPlace.kind == "bin", not_counted())
        .group_by(StockPlace.warehouse_id, StockLot.sku_id, StockLot.condition, StockLot.customs_status)
    )  # fmt: skip
    rows = session.execute(query)
    return {(house, sku, condition, status): int(pieces) for house, sku, condition, status, pieces in rows}
