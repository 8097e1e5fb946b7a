"""What must hold of stock at every moment, each as one query that finds its violations.

Balances, promises and the fill of bins are caches of moves and reservations: added up anew here, and compared.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, case, func, literal, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from app.models import (
    OutboundLine,
    OutboundOrder,
    Sku,
    StockBalance,
    StockLot,
    StockMove,
    StockPlace,
    StockPosting,
    StockReservation,
    WorkOrder,
    WorkOrderLine,
    Zone,
)
from warehouses.stock import OPEN_ENDED

Rows = Iterator[tuple[str, str]]
STALE = timedelta(hours=1)
KEPT = ("confirmed", "picking", "picked", "packing", "packed")
"""An order in these states has all its stock: promised in bins, or picked and kept for it."""
GONE = ("handed_over", "delivering", "delivered", "void")


def moved() -> Select[int, int, int, int]:
    """Lot, place, what moves add up to there and what the balance says, where the two differ."""
    none = literal(0)
    parts = union_all(
        select(StockMove.lot_id, StockMove.to_id.label("place_id"), StockMove.quantity.label("is"), none.label("says")),
        select(StockMove.lot_id, StockMove.from_id, -StockMove.quantity, none),
        select(StockBalance.lot_id, StockBalance.place_id, none, StockBalance.on_hand),
    ).subquery()  # fmt: skip
    return _differing(parts)


def promised() -> Select[int, int, int, int]:
    """Lot, place, what pending reservations add up to there and what the balance says, where the two differ."""
    none, one = literal(0), StockReservation
    parts = union_all(
        select(one.lot_id, one.from_id.label("place_id"), one.quantity.label("is"), none.label("says"))
        .where(one.state == "pending"),
        select(StockBalance.lot_id, StockBalance.place_id, none, StockBalance.reserved)
        .where(StockBalance.reserved != 0),
    ).subquery()  # fmt: skip
    return _differing(parts)


def filled() -> Select[int, str, int, int, int, int]:
    """Bin, its code, the g and cm3 that lie in it, and those it says do, where the two differ."""
    in_bin = StockPlace.kind == "bin"
    g, cm3 = (
        func.coalesce(func.sum(case((in_bin, StockBalance.on_hand * one), else_=0)), 0)
        for one in (Sku.weight_g, Sku.volume_cm3)
    )
    return (
        select(StockPlace.id, StockPlace.code, g, cm3, StockPlace.used_g, StockPlace.used_cm3)
        .outerjoin(StockBalance, and_(StockBalance.place_id == StockPlace.id, StockBalance.on_hand != 0))
        .outerjoin(StockLot, StockLot.id == StockBalance.lot_id)
        .outerjoin(Sku, Sku.id == StockLot.sku_id)
        .where(or_(in_bin, StockPlace.used_g != 0, StockPlace.used_cm3 != 0))
        .group_by(StockPlace.id)
        .having(or_(StockPlace.used_g != g, StockPlace.used_cm3 != cm3))
        .order_by(StockPlace.id)
    )


def wrongly_open() -> Select[int, int]:
    """Lot and place of balances that may go below zero where none may, or may not where all do."""
    open_ends = StockPlace.kind.in_(sorted(OPEN_ENDED))
    return (
        select(StockBalance.lot_id, StockBalance.place_id)
        .join(StockPlace, StockPlace.id == StockBalance.place_id)
        .where(StockBalance.open_ended != open_ends)
    )


def spot(session: Session, lot_id: int, place_id: int) -> str:
    """How people find a lot at a place."""
    sku = session.scalar(select(Sku.code).join(StockLot).where(StockLot.id == lot_id))
    place = session.scalar(select(StockPlace.code).where(StockPlace.id == place_id))
    return f"{sku or '?'} (lot {lot_id}) at {place or '?'} (place {place_id})"


def balances_are_the_sum_of_their_moves(session: Session, now: datetime) -> Rows:
    """What a balance says is there is what all moves to and from the place leave there."""
    del now
    for lot_id, place_id, there, says in session.execute(moved()):
        yield spot(session, lot_id, place_id), f"says {says} on hand, its moves leave {there}"


def balances_are_promised_as_reserved(session: Session, now: datetime) -> Rows:
    """What a balance says is reserved is what pending reservations promise of it."""
    del now
    for lot_id, place_id, there, says in session.execute(promised()):
        yield spot(session, lot_id, place_id), f"says {says} reserved, reservations promise {there}"


def stock_adds_up_to_nothing(session: Session, now: datetime) -> Rows:
    """All places together hold nothing of a SKU: what lies somewhere came from somewhere."""
    del now
    total = func.sum(StockBalance.on_hand)
    query = (
        select(Sku.code, Sku.id, total)
        .join(StockLot, StockLot.sku_id == Sku.id)
        .join(StockBalance, StockBalance.lot_id == StockLot.id)
        .group_by(Sku.id)
        .having(total != 0)
    )
    for code, sku_id, left in session.execute(query):
        yield f"{code} (SKU {sku_id})", f"{abs(left)} pieces {'out of' if left > 0 else 'gone into'} nowhere"


def no_real_place_is_below_zero(session: Session, now: datetime) -> Rows:
    """Only the outside ends of the ledger go below zero, and no place promises more than it has."""
    del now
    less = (StockBalance.reserved < 0) | (StockBalance.on_hand < StockBalance.reserved)
    query = (
        select(StockBalance)
        .join(StockPlace, StockPlace.id == StockBalance.place_id)
        .where(StockPlace.kind.not_in(OPEN_ENDED), less)
    )
    for row in session.scalars(query):
        yield spot(session, row.lot_id, row.place_id), f"{row.on_hand} on hand, {row.reserved} reserved"
    for lot_id, place_id in session.execute(wrongly_open()):
        yield spot(session, lot_id, place_id), "counts as an outside end and is none, or the other way round"


def bins_are_as_full_as_what_lies_in_them(session: Session, now: datetime) -> Rows:
    """The weight and volume a bin counts are those of the pieces in it."""
    del now
    for _, code, is_g, is_cm3, says_g, says_cm3 in session.execute(filled()):
        yield f"bin {code}", f"says {says_g} g and {says_cm3} cm3, holds {is_g} g and {is_cm3} cm3"


def stock_lies_in_its_area(session: Session, now: datetime) -> Rows:
    """What lies in a bin has the customs status of the bin's zone."""
    del now
    query = (
        select(StockBalance.lot_id, StockBalance.place_id, StockLot.customs_status, Zone.customs_status)
        .join(StockLot, StockLot.id == StockBalance.lot_id)
        .join(StockPlace, StockPlace.id == StockBalance.place_id)
        .join(Zone, Zone.id == StockPlace.zone_id)
        .where(StockBalance.on_hand != 0, Zone.customs_status != StockLot.customs_status)
    )
    for lot_id, place_id, status, area in session.execute(query):
        yield spot(session, lot_id, place_id), f"{status} stock in a bin for {area} stock"


def lots_belong_to_the_owner_of_their_sku(session: Session, now: datetime) -> Rows:
    """A lot is of the exporter whose SKU it is."""
    del now
    query = select(StockLot.id).join(Sku, Sku.id == StockLot.sku_id).where(Sku.owner_id != StockLot.owner_id)
    for lot_id in session.scalars(query):
        yield f"lot {lot_id}", "belongs to somebody else than its SKU"


def postings_have_moves(session: Session, now: datetime) -> Rows:
    """Whatever was posted moved something."""
    del now
    none = ~select(StockMove.id).where(StockMove.posting_id == StockPosting.id).exists()
    for reference in session.scalars(select(StockPosting.public_id).where(none)):
        yield reference, "moved nothing"


def moves_stay_in_their_warehouse(session: Session, now: datetime) -> Rows:
    """Both places of a move are places of the warehouse it was posted in."""
    del now
    source, target = aliased(StockPlace), aliased(StockPlace)
    query = (
        select(StockPosting.public_id, StockMove.seq)
        .join(StockMove, StockMove.posting_id == StockPosting.id)
        .join(source, source.id == StockMove.from_id)
        .join(target, target.id == StockMove.to_id)
        .where(
            or_(
                source.warehouse_id != StockPosting.warehouse_id,
                target.warehouse_id != StockPosting.warehouse_id,
            )
        )
    )
    for reference, seq in session.execute(query):
        yield reference, f"move {seq} leads into another warehouse"


def reversals_mirror_what_they_take_back(session: Session, now: datetime) -> Rows:
    """A posting that takes another back moves every piece of it where it came from, and nothing else."""
    del now
    back, first = aliased(StockPosting), aliased(StockPosting)
    alone = select(back.public_id).where((back.kind == "reverse") != back.reverses_id.is_not(None))
    for reference in session.scalars(alone):
        yield reference, "takes something back without saying so, or says so and does not"
    elsewhere = select(back.public_id).join(first, first.id == back.reverses_id)
    for reference in session.scalars(elsewhere.where(first.warehouse_id != back.warehouse_id)):
        yield reference, "takes back what was posted in another warehouse"
    move = StockMove
    parts = union_all(
        select(
            back.id.label("back"), move.lot_id, move.from_id.label("a"), move.to_id.label("b"),
            move.quantity.label("pieces"),
        ).join(move, move.posting_id == back.reverses_id),
        select(back.id, move.lot_id, move.to_id, move.from_id, -move.quantity)
        .join(move, move.posting_id == back.id)
        .where(back.reverses_id.is_not(None)),
    ).subquery()  # fmt: skip
    left = func.sum(parts.c.pieces)
    differing = (
        select(parts.c.back)
        .group_by(parts.c.back, parts.c.lot_id, parts.c.a, parts.c.b)
        .having(left != 0)
        .distinct()
    )
    for reference in session.scalars(select(StockPosting.public_id).where(StockPosting.id.in_(differing))):
        yield reference, "does not take back exactly what it says"


def reservations_are_settled_as_they_say(session: Session, now: datetime) -> Rows:
    """A posted reservation names its posting, of the same warehouse; only what is pending is not settled."""
    del now
    one = StockReservation
    wrong = or_(
        (one.state == "posted") != one.posting_id.is_not(None),
        (one.state == "pending") != one.settled_at.is_(None),
        StockPosting.warehouse_id != StockPlace.warehouse_id,
    )
    query = (
        select(one.id, one.subject, one.state)
        .join(StockPlace, StockPlace.id == one.from_id)
        .outerjoin(StockPosting, StockPosting.id == one.posting_id)
        .where(wrong)
    )
    for number, subject, state in session.execute(query):
        yield f"reservation {number} of {subject}", f"is {state}, and its posting or time says otherwise"


def expired_reservations_are_swept(session: Session, now: datetime) -> Rows:
    """What was promised until an instant long past has been given back."""
    query = select(StockReservation).where(
        StockReservation.state == "pending", StockReservation.expires_at < now - STALE
    )
    for row in session.scalars(query):
        yield f"reservation {row.id} of {row.subject}", f"ran out at {row.expires_at} and is still pending"


def orders_keep_their_stock(session: Session, now: datetime) -> Rows:
    """A confirmed order has every piece promised to it until it leaves; one that left or is void has none."""
    del now
    order, line = OutboundOrder, OutboundLine
    query = select(order.public_id, order.status, line.seq, line.quantity).join(
        line, line.order_id == order.id
    )
    yield from _promises(session, query, order.status.in_(KEPT), order.status.in_(GONE))


def work_orders_keep_their_stock(session: Session, now: datetime) -> Rows:
    """Released work has every piece promised that it consumes; what is done or cancelled has none."""
    del now
    order, line = WorkOrder, WorkOrderLine
    query = select(order.public_id, order.status, line.seq, line.quantity).join(
        line, line.order_id == order.id
    )
    needs = (order.status == "released") & (order.kind != "photo")
    over = order.status.in_(("done", "cancelled"))
    yield from _promises(session, query.where(line.role == "consume"), needs, over)


INVARIANTS: tuple[Callable[[Session, datetime], Rows], ...] = (
    balances_are_the_sum_of_their_moves,
    balances_are_promised_as_reserved,
    stock_adds_up_to_nothing,
    no_real_place_is_below_zero,
    bins_are_as_full_as_what_lies_in_them,
    stock_lies_in_its_area,
    lots_belong_to_the_owner_of_their_sku,
    postings_have_moves,
    moves_stay_in_their_warehouse,
    reversals_mirror_what_they_take_back,
    reservations_are_settled_as_they_say,
    expired_reservations_are_swept,
    orders_keep_their_stock,
    work_orders_keep_their_stock,
)


def _promises(session: Session, lines: Any, needs: Any, over: Any) -> Rows:  # noqa: ANN401 (statements)
    """Lines (subject, status, number, pieces) that need all their pieces promised or, once it is over, none of them."""
    reservation = StockReservation
    kept = (
        select(reservation.subject, reservation.line_seq, func.sum(reservation.quantity).label("pieces"))
        .where(reservation.state == "pending")
        .group_by(reservation.subject, reservation.line_seq)
        .subquery()
    )
    subject, _, seq, quantity = lines.selected_columns
    pieces = func.coalesce(kept.c.pieces, 0)
    query = (
        lines.add_columns(pieces)
        .outerjoin(kept, and_(kept.c.subject == subject, kept.c.line_seq == seq))
        .where(or_(needs & (pieces != quantity), over & (pieces != 0)))
    )
    for reference, status, number, wanted, has in session.execute(query):
        yield reference, f"is {status}, and line {number} of {wanted} has {has} promised to it"


def _differing(parts: Any) -> Select[int, int, int, int]:  # noqa: ANN401 (a subquery)
    there, says = func.sum(parts.c["is"]), func.sum(parts.c.says)
    return (
        select(parts.c.lot_id, parts.c.place_id, there.label("there"), says.label("says"))
        .group_by(parts.c.lot_id, parts.c.place_id)
        .having(there != says)
        .order_by(parts.c.lot_id, parts.c.place_id)
    )
