"""What must hold of returns at every moment."""

from collections.abc import Callable, Iterator
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from app.models import Parcel, Return, ReturnItem, StockBalance, StockPlace
from warehouses.returns import state_of

Rows = Iterator[tuple[str, str]]
LYING = ("received", "graded", "chosen")
BEFORE = ("requested", "label_issued", "in_transit", "cancelled")


def returned_stock_is_there(session: Session, now: datetime) -> Rows:
    """What items say lies in a returns place, the ledger says as well."""
    del now
    wanted = (
        select(ReturnItem.warehouse_id, ReturnItem.lot_id, func.sum(ReturnItem.quantity).label("pieces"))
        .where(ReturnItem.status.in_(LYING))
        .group_by(ReturnItem.warehouse_id, ReturnItem.lot_id)
        .subquery()
    )
    there = (
        select(StockBalance.lot_id, StockPlace.warehouse_id, StockBalance.on_hand)
        .join(StockPlace, StockPlace.id == StockBalance.place_id)
        .where(StockPlace.kind == "returns")
        .subquery()
    )
    same = (there.c.lot_id == wanted.c.lot_id) & (there.c.warehouse_id == wanted.c.warehouse_id)
    query = (
        select(wanted.c.warehouse_id, wanted.c.lot_id, wanted.c.pieces, there.c.on_hand)
        .outerjoin(there, same)
        .where(func.coalesce(there.c.on_hand, 0) < wanted.c.pieces)
    )
    for warehouse, lot, pieces, on_hand in session.execute(query):
        yield (
            f"lot {lot} in warehouse {warehouse}",
            f"{pieces} pieces of returns, {on_hand or 0} in the ledger",
        )


def returns_are_as_far_as_their_items(session: Session, now: datetime) -> Rows:
    """The state of a return that came is that of its items."""
    del now
    query = select(Return).where(Return.status.not_in(BEFORE)).options(selectinload(Return.items))
    for found in session.scalars(query.execution_options(yield_per=500)):
        derived = state_of([item.status for item in found.items])
        if derived != found.status:
            yield found.public_id, f"is {found.status}, its items say {derived}"


def decided_returns_have_one_parcel(session: Session, now: datetime) -> Rows:
    """Goods that travel fill a parcel that carries as many pieces of the lot they lie as."""
    del now
    query = (
        select(Return.public_id, ReturnItem, Parcel.contents)
        .join(Return, Return.id == ReturnItem.return_id)
        .join(Parcel, Parcel.id == ReturnItem.parcel_id)
        .where(ReturnItem.status.in_(("graded", "chosen")))
    )
    for public_id, item, contents in session.execute(query):
        if contents != [{"lot_id": item.lot_id, "quantity": item.quantity}]:
            yield (
                f"{public_id} item {item.seq}",
                f"is {item.quantity} of lot {item.lot_id}, its parcel says {contents}",
            )


INVARIANTS: tuple[Callable[[Session, datetime], Rows], ...] = (
    returned_stock_is_there,
    returns_are_as_far_as_their_items,
    decided_returns_have_one_parcel,
)
