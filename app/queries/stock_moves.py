"""The ledger to be read: moves of an article, and postings of a warehouse, the newest first."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from app.actor import Actor
from app.errors import NotFound
from app.models import (
    Location,
    Party,
    Sku,
    StockLot,
    StockMove,
    StockPlace,
    StockPosting,
    Warehouse,
)
from app.queries.paging import AnySelect, Keyset, Page, decode, instant, whole
from app.usecases.warehousing.access import may_own, may_see

NEWEST = Keyset(StockPosting.at, StockPosting.id, read=instant, falling=True)
LATEST = Keyset(StockMove.id, StockMove.id, read=whole, falling=True)
FROM, TO = aliased(StockPlace), aliased(StockPlace)
BACK = aliased(StockPosting)


@dataclass(frozen=True, slots=True)
class MoveFilter:
    """What narrows the moves of an article; None does not."""

    warehouse: str | None = None
    """Public id or code."""
    kind: str | None = None
    batch: str | None = None
    condition: str | None = None
    customs_status: str | None = None


@dataclass(frozen=True, slots=True)
class MoveRow:
    """Pieces of a lot from one place to another."""

    id: int
    posting_id: str
    kind: str
    at: datetime
    subject: str | None
    reason: str
    actor: str
    warehouse: str
    sku_id: str
    sku: str
    exporter: str
    batch: str
    expires_on: date
    condition: str
    customs_status: str
    received_on: date
    from_kind: str
    from_code: str
    to_kind: str
    to_code: str
    quantity: int


@dataclass(frozen=True, slots=True)
class PostingRow:
    """A posting beside what belongs to it; `moves` of lists are summed up only."""

    public_id: str
    kind: str
    at: datetime
    subject: str | None
    reason: str
    scan_id: str | None
    actor_kind: str
    actor: str
    warehouse_id: str
    warehouse: str
    reverses: str | None
    reversed_by: str | None
    move_count: int = 0
    pieces: int = 0
    moves: Sequence[MoveRow] = field(default=())


MOVES = (
    select(
        StockMove.id, StockPosting.public_id, StockPosting.kind, StockPosting.at, StockPosting.subject,
        StockPosting.reason, StockPosting.actor, Location.code, Sku.public_id, Sku.code, Party.reference,
        StockLot.batch, StockLot.expires_on, StockLot.condition, StockLot.customs_status, StockLot.received_on,
        FROM.kind, FROM.code, TO.kind, TO.code, StockMove.quantity,
    )
    .select_from(StockMove)
    .join(StockPosting, StockPosting.id == StockMove.posting_id)
    .join(StockLot, StockLot.id == StockMove.lot_id)
    .join(Sku, Sku.id == StockLot.sku_id)
    .join(Party, Party.id == Sku.owner_id)
    .join(FROM, FROM.id == StockMove.from_id)
    .join(TO, TO.id == StockMove.to_id)
    .join(Warehouse, Warehouse.id == StockPosting.warehouse_id)
    .join(Location, Location.id == Warehouse.location_id)
)  # fmt: skip


def list_moves(
    session: Session,
    actor: Actor,
    sku: Sku,
    where: MoveFilter,
    *,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[MoveRow]:
    """What was moved of an article, the newest first, in the warehouses the actor may see."""
    lots = select(StockLot.id).where(StockLot.sku_id == sku.id)
    for name in ("batch", "condition", "customs_status"):
        wanted = getattr(where, name)
        if wanted is not None:
            lots = lots.where(getattr(StockLot, name) == wanted)
    query = (
        select(StockMove.id)
        .join(StockPosting, StockPosting.id == StockMove.posting_id)
        .where(StockMove.lot_id.in_(session.scalars(lots).all()), may_see(actor, StockPosting.warehouse_id))
    )
    if where.kind:
        query = query.where(StockPosting.kind == where.kind)
    if where.warehouse:
        named = select(Warehouse.id).join(Location, Location.id == Warehouse.location_id)
        query = query.where(StockPosting.warehouse_id.in_(named.where(_named(where.warehouse))))
    if cursor:
        query = query.where(StockMove.id < decode(cursor, whole)[1])
    # The sum keeps the databases from reading the whole ledger from its end until enough of the article came by.
    ids = session.scalars(query.order_by((StockMove.id + 0).desc()).limit(limit + 1)).all()
    moves = MOVES.where(StockMove.id.in_(ids)).order_by(StockMove.id.desc())
    rows = [_move(row) for row in session.execute(moves)]
    return LATEST.page(rows, limit, lambda row: (row.id, row.id))


def list_postings(
    session: Session,
    warehouse_id: int,
    *,
    kind: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[PostingRow]:
    """What was posted in a warehouse, the newest first; the actor was let in before."""
    query = _postings().add_columns(StockPosting.id).where(StockPosting.warehouse_id == warehouse_id)
    if kind:
        query = query.where(StockPosting.kind == kind)
    found = session.execute(NEWEST.slice(query, cursor, limit)).all()
    page = NEWEST.page(found, limit, lambda row: (row.at, row.id))
    sums = select(StockMove.posting_id, func.count(), func.sum(StockMove.quantity)).where(
        StockMove.posting_id.in_([row.id for row in page.items])
    )
    known = {row[0]: (row[1], int(row[2])) for row in session.execute(sums.group_by(StockMove.posting_id))}
    rows = [_posting(row[:-1], known.get(row.id, (0, 0))) for row in page.items]
    return Page(rows, page.next_cursor)


def get_posting(session: Session, actor: Actor, public_id: str) -> PostingRow:
    """One posting with those of its moves the actor may see; NotFound where there are none."""
    query = _postings().where(StockPosting.public_id == public_id, may_see(actor, StockPosting.warehouse_id))
    found = session.execute(query).one_or_none()
    own = may_own(actor, StockLot.owner_id)
    moves = MOVES.where(StockPosting.public_id == public_id, own).order_by(StockMove.seq)
    rows = [_move(row) for row in session.execute(moves)] if found else []
    if found is None or not rows:
        raise NotFound("there is no such posting")
    return _posting(found, (len(rows), sum(row.quantity for row in rows), rows))


def _postings() -> AnySelect:
    earlier = aliased(StockPosting)
    return (
        select(
            StockPosting.public_id, StockPosting.kind, StockPosting.at, StockPosting.subject, StockPosting.reason,
            StockPosting.scan_id, StockPosting.actor_kind, StockPosting.actor, Warehouse.public_id, Location.code,
            earlier.public_id, BACK.public_id,
        )
        .select_from(StockPosting)
        .join(Warehouse, Warehouse.id == StockPosting.warehouse_id)
        .join(Location, Location.id == Warehouse.location_id)
        .outerjoin(earlier, earlier.id == StockPosting.reverses_id)
        .outerjoin(BACK, BACK.reverses_id == StockPosting.id)
    )  # fmt: skip


def _named(reference: str) -> ColumnElement[bool]:
    return (Warehouse.public_id == reference) | (Location.code == reference)


def _move(row: Sequence[Any]) -> MoveRow:
    facts: tuple[Any, ...] = tuple(row)
    return MoveRow(*facts)


def _posting(row: Sequence[Any], more: tuple[Any, ...]) -> PostingRow:
    facts: tuple[Any, ...] = (*row, *more)
    return PostingRow(*facts)
