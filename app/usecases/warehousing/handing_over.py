"""Handing over: packed orders leave with their labels, travel, and are delivered."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from app.actor import Actor
from app.models import OutboundOrder
from app.usecases.warehousing import ledger
from app.usecases.warehousing.access import refuse_practice, works_in
from app.usecases.warehousing.allocating import in_staging
from app.usecases.warehousing.layout import places_of
from app.usecases.warehousing.ordering import advance, lock_order, wrong
from app.usecases.warehousing.refusals import step
from warehouses.outbound import LEFT, ORDER_STEPS
from warehouses.stock import Move


def hand_over(
    session: Session, actor: Actor, now: datetime, order_id: str, labels: Collection[str] = ()
) -> OutboundOrder:
    """Give a packed order to the carrier: its goods leave the house, and it can no longer be made void.

    `labels` are the tracking numbers scanned at the door: all boxes of the order, or Invalid `wrong_boxes`.
    """
    refuse_practice(actor)
    order = lock_order(session, actor, order_id)
    works_in(actor, order.warehouse_id)
    step(ORDER_STEPS, "hand_over", order.status)
    boxes = {one.tracking_number for one in order.packages}
    if labels and set(labels) != boxes:
        strange, missing = set(labels) - boxes, boxes - set(labels)
        why = f"{min(strange)} is not of this order" if strange else f"{min(missing)} is missing"
        raise wrong("labels", "wrong_boxes", why, f"hand over exactly: {', '.join(sorted(boxes))}")
    customer = places_of(session, order.warehouse_id)["customer"].id
    kept = in_staging(session, order)
    moves = [Move(one.lot_id, one.from_id, customer, one.quantity) for one in kept]
    ledger.post(
        session, actor, now, order.warehouse_id, "hand_over", moves, subject=order.public_id, settling=kept
    )
    order.handed_over_at = now
    advance(session, actor, now, order, "hand_over")
    return order


def follow(
    session: Session, actor: Actor, now: datetime, order_id: str, status: str, at: datetime | None = None
) -> OutboundOrder:
    """Say that an order that left is on its way (`delivering`) or there (`delivered`), now or at a moment before.

    Twice does no harm. Raises Conflict, Invalid `bad_moment` for one before it left or ahead of now.
    """
    refuse_practice(actor)
    order = lock_order(session, actor, order_id)
    works_in(actor, order.warehouse_id)
    if status == order.status and status in LEFT:
        return order
    step(ORDER_STEPS, "on_the_way" if status == "delivering" else "deliver", order.status)
    moment = at or now
    if moment > now or (order.handed_over_at is not None and moment < order.handed_over_at):
        raise wrong("at", "bad_moment", "it lies between the hand-over and now", "leave it out for now")
    if status == "delivered":
        order.delivered_at = moment
    advance(session, actor, now, order, "on_the_way" if status == "delivering" else "deliver")
    return order
