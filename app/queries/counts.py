"""Counts: the list, and one of them; what the ledger expected is shown to those alone who did not count."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.actor import Actor
from app.errors import NotFound
from app.models import (
    Location,
    Party,
    StockCount,
    StockCountBin,
    StockCountLine,
    StockLot,
    StockMove,
    StockPlace,
    StockPosting,
    Warehouse,
    Zone,
)
from app.queries.paging import Keyset, Page, instant

NEWEST = Keyset(StockCount.created_at, StockCount.id, read=instant, falling=True)
DECIDED = ("counted", "approved", "cancelled")
"""States in which nobody counts."""
Spot = tuple[int, int]


@dataclass(frozen=True, slots=True)
class CountFilter:
    """What narrows the list; None does not."""

    warehouse: str | None = None
    """Location code or public id."""
    status: str | None = None


@dataclass(frozen=True, slots=True)
class CountedLine:
    """One lot in one bin as it was expected and found, and whether stock of it moved since."""

    line: StockCountLine
    bin: str
    owner: str
    moved_since: bool


@dataclass(frozen=True, slots=True)
class CountRow:
    """A count; `lines` is None for those who must not see what was expected."""

    count: StockCount
    lines: Sequence[CountedLine] | None
    posting_id: str | None = None

    @property
    def left(self) -> int:
        """Bins that are still to be counted, or again."""
        return sum(one.state != "counted" for one in self.count.bins)


def list_counts(
    session: Session, actor: Actor, where: CountFilter, *, cursor: str | None = None, limit: int = 50
) -> Page[CountRow]:
    """Counts of the warehouses the actor works in, the newest first."""
    query = (
        select(StockCount)
        .join(Warehouse, StockCount.warehouse_id == Warehouse.id)
        .join(Location, Warehouse.location_id == Location.id)
        .options(
            joinedload(StockCount.warehouse).joinedload(Warehouse.location), selectinload(StockCount.bins)
        )
    )
    if actor.role == "warehouse":
        query = query.where(StockCount.warehouse_id == (actor.warehouse_id or 0))
    if where.warehouse:
        query = query.where((Location.code == where.warehouse) | (Warehouse.public_id == where.warehouse))
    if where.status:
        query = query.where(StockCount.status == where.status)
    rows = [CountRow(one, None) for one in session.scalars(NEWEST.slice(query, cursor, limit))]
    return NEWEST.page(rows, limit, lambda row: (row.count.created_at, row.count.id))


def get_count(session: Session, actor: Actor, public_id: str) -> CountRow:
    """One count with its bins; NotFound, also for the staff of another warehouse."""
    query = (
        select(StockCount)
        .where(StockCount.public_id == public_id)
        .options(
            joinedload(StockCount.warehouse).joinedload(Warehouse.location),
            selectinload(StockCount.bins).joinedload(StockCountBin.place),
            selectinload(StockCount.lines).joinedload(StockCountLine.lot).joinedload(StockLot.sku),
            selectinload(StockCount.lines).joinedload(StockCountLine.place),
        )
        .execution_options(populate_existing=True)
    )
    if actor.role == "warehouse":
        query = query.where(StockCount.warehouse_id == (actor.warehouse_id or 0))
    count = session.scalar(query)
    if count is None:
        raise NotFound("there is no such count")
    if not sees_numbers(count, actor):
        return CountRow(count, None)
    posting = session.scalar(select(StockPosting.public_id).where(StockPosting.id == count.posting_id))
    return CountRow(count, _lines(session, count), posting)


def sees_numbers(count: StockCount, actor: Actor) -> bool:
    """Whether somebody may see what was expected: nobody while it is counted, and never who counted."""
    counters = {name for one in count.bins for name in (one.counted_by, one.recounted_by)}
    return count.status in DECIDED and actor.reference not in counters


def _lines(session: Session, count: StockCount) -> list[CountedLine]:
    owners = _owners(session, count)
    moved = _moved(session, count) if count.status == "counted" else {}
    when = {one.place_id: one.recounted_at or one.counted_at for one in count.bins}
    return [
        CountedLine(
            line,
            line.place.code,
            owners[line.lot.owner_id],
            _after(moved.get((line.lot_id, line.place_id)), when[line.place_id]),
        )
        for line in sorted(count.lines, key=lambda one: (one.place.walk_seq, one.place.code, one.lot_id))
    ]


def _after(moved_at: datetime | None, counted_at: datetime | None) -> bool:
    return moved_at is not None and counted_at is not None and moved_at > counted_at


def _owners(session: Session, count: StockCount) -> dict[int, str]:
    ids = {line.lot.owner_id for line in count.lines}
    rows = session.execute(select(Party.id, Party.reference).where(Party.id.in_(ids)))
    return {row[0]: row[1] for row in rows}


def _moved(session: Session, count: StockCount) -> dict[Spot, datetime]:
    """When each lot last came to or left each bin of the count since it was begun."""
    places = [one.place_id for one in count.bins]
    found: dict[Spot, datetime] = {}
    for end in (StockMove.from_id, StockMove.to_id):
        rows = session.execute(
            select(StockMove.lot_id, end, StockPosting.at)
            .join(StockPosting, StockMove.posting_id == StockPosting.id)
            .where(
                StockPosting.warehouse_id == count.warehouse_id,
                StockPosting.at > count.created_at,
                end.in_(places),
            )
        )
        for lot, place, at in rows:
            found[lot, place] = max(at, found.get((lot, place), at))
    return found


def open_counts(session: Session, warehouse_id: int) -> list[CountRow]:
    """What is to be counted in a warehouse now, the oldest first, with its bins."""
    query = (
        select(StockCount)
        .where(StockCount.warehouse_id == warehouse_id, StockCount.status.in_(["open", "recount"]))
        .options(selectinload(StockCount.bins).joinedload(StockCountBin.place))
        .order_by(StockCount.created_at, StockCount.id)
    )
    return [CountRow(one, None) for one in session.scalars(query)]


def bins_never_counted(session: Session, warehouse_id: int) -> tuple[int, int]:
    """How many bins a warehouse has, and how many of them were never counted."""
    bins = StockPlace.warehouse_id == warehouse_id, StockPlace.kind == "bin"
    never = StockPlace.id.not_in(select(StockCountBin.place_id).where(StockCountBin.counted_at.is_not(None)))
    every = select(func.count()).select_from(StockPlace)
    return session.scalar(every.where(*bins)) or 0, session.scalar(every.where(*bins, never)) or 0


def zones(session: Session, warehouse_id: int) -> list[tuple[str, str]]:
    """(code, code and name) of the zones of a warehouse, as they are walked."""
    rows = session.scalars(
        select(Zone).where(Zone.warehouse_id == warehouse_id).order_by(Zone.walk_seq, Zone.code)
    )
    return [(one.code, f"{one.code} · {one.name}" if one.name else one.code) for one in rows]
