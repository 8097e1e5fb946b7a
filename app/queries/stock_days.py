"""What lay in a warehouse at an instant, and what was done there on a day, as the moves say: late or on time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, case, func, select, union_all
from sqlalchemy.orm import Session, aliased

from app.models import (
    Asn,
    AsnLine,
    OutboundOrder,
    OutboundPackage,
    Sku,
    StockBalance,
    StockLot,
    StockMove,
    StockPlace,
    StockPosting,
    WorkOrder,
)
from warehouses.stock import IN_HOUSE

SOURCE, TARGET = aliased(StockPlace, name="source"), aliased(StockPlace, name="target")
CHARGED_KINDS = ("receive", "pick", "hand_over", "void", "return", "work", "destroy")
"""Kinds of posting that somebody may have to pay for."""


@dataclass(frozen=True, slots=True)
class Lying:
    """Pieces of a lot that lay in the warehouse, and what they take."""

    lot_id: int
    owner_id: int
    received_on: date
    volume_cm3: int
    """Of one piece."""
    pieces: int


@dataclass(frozen=True, slots=True)
class Done:
    """A posting of the day. `facts_id` is the posting that says what was done; `sign` -1 where this takes it back."""

    public_id: str
    kind: str
    subject: str | None
    facts_id: int
    sign: int


def lying_at(session: Session, warehouse_id: int, at: datetime) -> list[Lying]:
    """The lots in a warehouse just before an instant: what lies there now, without what was moved since.

    One statement, so that nothing is moved between the balances and the moves.
    """
    in_house = sorted(IN_HOUSE)
    now_there = (
        select(StockBalance.lot_id, StockBalance.on_hand.label("pieces"))
        .join(StockPlace, StockPlace.id == StockBalance.place_id)
        .where(
            StockPlace.warehouse_id == warehouse_id,
            StockPlace.kind.in_(in_house),
            StockBalance.on_hand != 0,
        )
    )
    left = case((SOURCE.kind.in_(in_house), StockMove.quantity), else_=0)
    came = case((TARGET.kind.in_(in_house), StockMove.quantity), else_=0)
    moved_since = (
        select(StockMove.lot_id, (left - came).label("pieces"))
        .join(StockPosting, StockPosting.id == StockMove.posting_id)
        .join(SOURCE, SOURCE.id == StockMove.from_id)
        .join(TARGET, TARGET.id == StockMove.to_id)
        .where(StockPosting.warehouse_id == warehouse_id, StockPosting.at >= at)
    )
    both = union_all(now_there, moved_since).subquery()
    pieces = func.sum(both.c.pieces)
    summed = select(both.c.lot_id, pieces.label("pieces")).group_by(both.c.lot_id).having(pieces > 0)
    there = summed.subquery()
    query = (
        select(StockLot.id, StockLot.owner_id, StockLot.received_on, Sku.volume_cm3, there.c.pieces)
        .join(there, there.c.lot_id == StockLot.id)
        .join(Sku, Sku.id == StockLot.sku_id)
        .order_by(StockLot.id)
    )
    return [
        Lying(lot, owner, received_on, volume, int(count))
        for lot, owner, received_on, volume, count in session.execute(query)
    ]


def done_between(session: Session, warehouse_id: int, start: datetime, end: datetime) -> list[Done]:
    """The postings of a day that may cost something, and those that take one back, in their order."""
    before = aliased(StockPosting, name="before")
    query = (
        select(
            StockPosting.public_id, StockPosting.kind, StockPosting.subject, StockPosting.id, before.id,
            before.kind, before.subject,
        )
        .outerjoin(before, before.id == StockPosting.reverses_id)
        .where(
            StockPosting.warehouse_id == warehouse_id,
            StockPosting.at >= start,
            StockPosting.at < end,
            case((before.id.is_not(None), before.kind), else_=StockPosting.kind).in_(CHARGED_KINDS),
        )
        .order_by(StockPosting.id)
    )  # fmt: skip
    return [
        Done(public_id, old_kind, old_subject, old_id, -1)
        if old_id
        else Done(public_id, kind, subject, key, 1)
        for public_id, kind, subject, key, old_id, old_kind, old_subject in session.execute(query)
    ]


def moved_by(session: Session, posting_ids: Sequence[int]) -> list[Row[Any]]:
    """Per posting, owner, kinds of place and size of a piece, how many were moved.

    Columns: posting_id, owner_id, source, target, weight_g, volume_cm3, pieces.
    """
    columns = (
        StockMove.posting_id, StockLot.owner_id, SOURCE.kind.label("source"), TARGET.kind.label("target"),
        Sku.weight_g, Sku.volume_cm3,
    )  # fmt: skip
    query = (
        select(*columns, func.sum(StockMove.quantity).label("pieces"))
        .join(StockLot, StockLot.id == StockMove.lot_id)
        .join(Sku, Sku.id == StockLot.sku_id)
        .join(SOURCE, SOURCE.id == StockMove.from_id)
        .join(TARGET, TARGET.id == StockMove.to_id)
        .group_by(*columns)
        .order_by(*columns)
    )
    return _in_parts(session, query, StockMove.posting_id, posting_ids)


def packages_of(session: Session, orders: Iterable[str]) -> list[Row[Any]]:
    """The boxes of orders as they were measured: public_id of the order, weight_g, length_mm, width_mm, height_mm."""
    query = (
        select(
            OutboundOrder.public_id, OutboundPackage.weight_g, OutboundPackage.length_mm,
            OutboundPackage.width_mm, OutboundPackage.height_mm,
        )
        .join(OutboundPackage, OutboundPackage.order_id == OutboundOrder.id)
        .order_by(OutboundPackage.id)
    )  # fmt: skip
    return _in_parts(session, query, OutboundOrder.public_id, sorted(orders))


def kinds_of_work(session: Session, orders: Iterable[str]) -> dict[str, str]:
    """Public id of a work order → its kind."""
    query = select(WorkOrder.public_id, WorkOrder.kind)
    found = _in_parts(session, query, WorkOrder.public_id, sorted(orders))
    return {row.public_id: row.kind for row in found}


def received_between(session: Session, warehouse_id: int, start: datetime, end: datetime) -> list[Row[Any]]:
    """The ASNs whose receiving was ended on a day, each with the last posting that received something of it.

    Columns: posting (public id), owner_id, cartons, pallets, container, container_type.
    """
    last = (
        select(func.max(StockPosting.id))
        .where(StockPosting.subject == Asn.public_id, StockPosting.kind == "receive")
        .correlate(Asn)
        .scalar_subquery()
    )
    cartons = (
        select(func.coalesce(func.sum(AsnLine.cartons_received), 0))
        .where(AsnLine.asn_id == Asn.id)
        .correlate(Asn)
        .scalar_subquery()
    )
    query = (
        select(
            StockPosting.public_id.label("posting"), Asn.owner_id, cartons.label("cartons"), Asn.pallets,
            Asn.container, Asn.container_type,
        )
        .join(StockPosting, StockPosting.id == last)
        .where(Asn.warehouse_id == warehouse_id, Asn.closed_at >= start, Asn.closed_at < end)
        .order_by(Asn.id)
    )  # fmt: skip
    return list(session.execute(query))


def _in_parts(session: Session, query: Any, column: Any, values: Sequence[Any]) -> list[Row[Any]]:  # noqa: ANN401
    found: list[Row[Any]] = []
    for at in range(0, len(values), 1000):
        found += session.execute(query.where(column.in_(values[at : at + 1000]))).all()
    return found
