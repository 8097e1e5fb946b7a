"""Voiding: an order that has not left is given up, and everything it had is free stock again."""

from collections import defaultdict
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.actor import Actor
from app.errors import BinFull, Conflict, Invalid
from app.models import OutboundOrder, StockPlace, StockReservation, Warehouse, Wave
from app.usecases import auditing
from app.usecases.warehousing import ledger
from app.usecases.warehousing.access import WORKERS, refuse_practice, works_in
from app.usecases.warehousing.allocating import in_staging, release_in_bins
from app.usecases.warehousing.ordering import advance, lock_order
from app.usecases.warehousing.picking import place_named
from app.usecases.warehousing.refusals import step
from app.usecases.warehousing.waving import see_to_end
from warehouses.outbound import LEFT, ORDER_STEPS
from warehouses.stock import Move


def void_order(
    session: Session,
    actor: Actor,
    now: datetime,
    order_id: str,
    *,
    reason: str = "",
    into: str | None = None,
) -> OutboundOrder:
    """Give an order up at any stage before it was handed over; what was reserved for it is free at once.

    What is picked lies in staging: the staff who void it put it back with the same call, into the bins it came from
    or the one they name. An owner's order is `voiding` until they did. Conflict once it left: a return is the remedy.
    """
    refuse_practice(actor)
    order = lock_order(session, actor, order_id, wave=True)
    if order.status in LEFT:
        raise Conflict(
            f"the order is {order.status}: it has left the warehouse; ask for a return instead (POST /returns)"
        )
    step(ORDER_STEPS, "void", order.status)
    wave_id = order.wave_id
    kept = ledger.pending(session, order.public_id)
    ledger.lock(session, {one.lot_id for one in kept})
    release_in_bins(session, now, order)
    order.wave_id, order.waits_for = None, []
    advance(session, actor, now, order, "void")
    auditing.record(session, actor, now, "order.given_up", order.public_id, after={"reason": reason})
    if not in_staging(session, order):
        _end(session, actor, now, order)
    elif actor.may(*WORKERS):
        _put_back(session, actor, now, order, into)
    if wave_id is not None:
        query = select(Wave).where(Wave.id == wave_id).options(
            selectinload(Wave.warehouse).selectinload(Warehouse.location)
        )  # fmt: skip
        see_to_end(session, actor, now, session.scalars(query).one())
    return order


def put_back(
    session: Session, actor: Actor, now: datetime, order_id: str, into: str | None = None
) -> OutboundOrder:
    """Put what was picked for an order that is being voided back into its bins, or into one that is named."""
    refuse_practice(actor)
    order = lock_order(session, actor, order_id)
    works_in(actor, order.warehouse_id)
    step(ORDER_STEPS, "voided", order.status)
    _put_back(session, actor, now, order, into)
    return order


def _put_back(session: Session, actor: Actor, now: datetime, order: OutboundOrder, into: str | None) -> None:
    works_in(actor, order.warehouse_id)
    kept = in_staging(session, order)
    named = place_named(session, order.warehouse_id, into, "bin").id if into else None
    moves = [
        Move(one.lot_id, one.from_id, named or source, pieces)
        for one in kept
        for source, pieces in _sources(session, order, one)
    ]
    try:
        ledger.post(
            session, actor, now, order.warehouse_id, "void", _merged(moves),
            subject=order.public_id, settling=kept,
        )  # fmt: skip
    except BinFull as full:
        raise BinFull(f"{full.detail}; name the bin it goes into") from full
    except Invalid as refused:
        raise Invalid(f"{refused.detail}; name the bin it goes into", refused.errors) from refused
    _end(session, actor, now, order)


def _end(session: Session, actor: Actor, now: datetime, order: OutboundOrder) -> None:
    for line in order.lines:
        line.packed = line.picked = 0
    advance(session, actor, now, order, "voided")


def _sources(session: Session, order: OutboundOrder, kept: StockReservation) -> list[tuple[int, int]]:
    """The bins that picked pieces came from: those of the line's and lot's fulfilled reservations, and how many."""
    query = (
        select(StockReservation.from_id, StockReservation.quantity)
        .join(StockPlace, StockPlace.id == StockReservation.from_id)
        .where(
            StockReservation.subject == order.public_id,
            StockReservation.line_seq == kept.line_seq,
            StockReservation.lot_id == kept.lot_id,
            StockReservation.state == "posted",
            StockPlace.kind == "bin",
        )
        .order_by(StockReservation.id)
    )
    left, found = kept.quantity, []
    for place, quantity in session.execute(query):
        pieces = min(left, quantity)
        if pieces:
            found.append((place, pieces))
        left -= pieces
    return found


def _merged(moves: list[Move]) -> list[Move]:
    sums: dict[tuple[int, int, int], int] = defaultdict(int)
    for one in moves:
        sums[one.lot, one.source, one.target] += one.quantity
    return [Move(lot, source, target, pieces) for (lot, source, target), pieces in sums.items()]
