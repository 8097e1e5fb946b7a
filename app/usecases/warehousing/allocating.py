"""Which pieces an order gets: free stock in bins, first to expire or first received as the SKU's owner wishes."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.models import (
    Location,
    OutboundLine,
    OutboundOrder,
    Sku,
    StockBalance,
    StockCount,
    StockCountBin,
    StockLot,
    StockPlace,
    StockReservation,
    Warehouse,
    Zone,
)
from app.usecases.warehousing import ledger
from warehouses.counting import LIVE
from warehouses.stock import Available, Spot, allocate

SHORT_PICK = "short pick"
"""Reason of the count of a bin that held less than the ledger says: until it is decided nothing there is promised."""


@dataclass(frozen=True, slots=True)
class Shortage:
    """What a line lacks, in pieces."""

    sku: str
    wanted: int
    missing: int

    def as_dict(self) -> dict[str, str | int]:
        """As orders keep it."""
        return {"sku": self.sku, "wanted": self.wanted, "missing": self.missing}


def allocate_order(
    session: Session, now: datetime, order: OutboundOrder, *, expires_at: datetime | None = None
) -> list[Shortage]:
    """Reserve everything the lines of a locked order still need, or nothing of it and say what is missing.

    What was kept for it before is given back first, but for what is picked already.
    """
    lock_skus(session, {line.sku_id for line in order.lines})
    release_in_bins(session, now, order)
    return reserve_lines(session, now, order, order.lines, expires_at=expires_at)


def reserve_lines(
    session: Session,
    now: datetime,
    order: OutboundOrder,
    lines: Sequence[OutboundLine],
    *,
    expires_at: datetime | None = None,
    without: Collection[Spot] = (),
) -> list[Shortage]:
    """Reserve what some lines lack from stock that is free in bins, `without` these spots; all or nothing."""
    needed = {line.seq: line.quantity - line.picked for line in lines}
    for kept in ledger.pending(session, order.public_id):
        if kept.line_seq in needed and kept.from_id not in _staging(session, order.warehouse_id):
            needed[kept.line_seq] -= kept.quantity
    _release_expired(session, now, {line.sku_id for line in lines})
    free = _free(session, order.warehouse_id, lines, without)
    today = _today(session, order.warehouse_id, now)
    wanted: dict[int, dict[Spot, int]] = defaultdict(dict)
    short = []
    for line in lines:
        pool = free[line.sku_id, line.condition, line.customs_status]
        taken, missing = allocate(pool.values(), needed[line.seq], line.sku.issue_rule, today)
        for one, pieces in taken:
            wanted[line.seq][one.lot, one.place] = pieces
            pool[one.lot, one.place] = Available(
                one.lot, one.place, one.free - pieces, one.expires_on, one.received_on, one.walk
            )
        if missing:
            short.append(Shortage(line.sku.code, line.quantity, missing))
    if not short:
        for seq, spots in wanted.items():
            ledger.reserve(session, now, order.public_id, spots, line_seq=seq, expires_at=expires_at)
    return short


def lock_skus(session: Session, sku_ids: Collection[int]) -> None:
    """Let nobody else promise or move these SKUs before this transaction ends; in the order of the ledger."""
    query = select(Sku.id).where(Sku.id.in_(sku_ids)).order_by(Sku.id)
    session.execute(query.with_for_update(key_share=True)).all()


def release_in_bins(session: Session, now: datetime, order: OutboundOrder) -> None:
    """Give back what is kept for an order in bins; what is picked stays its own."""
    staging = _staging(session, order.warehouse_id)
    kept = ledger.pending(session, order.public_id)
    ledger.release(session, now, [one for one in kept if one.from_id not in staging])


def in_staging(session: Session, order: OutboundOrder) -> list[StockReservation]:
    """What was picked for an order and is still in the house, as it is kept for it."""
    staging = _staging(session, order.warehouse_id)
    return [one for one in ledger.pending(session, order.public_id) if one.from_id in staging]


def _release_expired(session: Session, now: datetime, sku_ids: Collection[int]) -> None:
    run_out = (
        select(StockReservation.lot_id)
        .join(StockLot, StockLot.id == StockReservation.lot_id)
        .where(
            StockLot.sku_id.in_(sku_ids),
            StockReservation.state == "pending",
            StockReservation.expires_at <= now,
        )
    )
    lots = set(session.scalars(run_out))
    if lots:
        ledger.release_expired(session, now, lots)


def _staging(session: Session, warehouse_id: int) -> set[int]:
    query = select(StockPlace.id).where(StockPlace.warehouse_id == warehouse_id, StockPlace.kind == "staging")
    return set(session.scalars(query))


Pool = dict[Spot, Available]


def _free(
    session: Session, warehouse_id: int, lines: Sequence[OutboundLine], without: Collection[Spot]
) -> dict[tuple[int, str, str], Pool]:
    """Free pieces in the bins of a warehouse, by SKU, condition and customs status."""
    found: dict[tuple[int, str, str], Pool] = defaultdict(dict)
    query = (
        select(
            StockBalance.lot_id, StockBalance.place_id, StockBalance.on_hand, StockBalance.reserved,
            StockLot.sku_id, StockLot.condition, StockLot.customs_status, StockLot.expires_on,
            StockLot.received_on, Zone.walk_seq, StockPlace.walk_seq.label("bin_walk"),
        )
        .join(StockLot, StockLot.id == StockBalance.lot_id)
        .join(StockPlace, StockPlace.id == StockBalance.place_id)
        .join(Zone, Zone.id == StockPlace.zone_id)
        .where(
            StockLot.sku_id.in_({line.sku_id for line in lines}),
            # From the lots of the articles to their places: from the warehouse on, all its bins would be walked.
            StockPlace.warehouse_id + 0 == warehouse_id,
            StockBalance.on_hand > StockBalance.reserved,
            not_counted(),
        )
    )  # fmt: skip
    for row in session.execute(query):
        spot = (row.lot_id, row.place_id)
        if spot not in without:
            found[row.sku_id, row.condition, row.customs_status][spot] = Available(
                row.lot_id, row.place_id, row.on_hand - row.reserved, row.expires_on, row.received_on,
                (row.walk_seq, row.bin_walk),
            )  # fmt: skip
    return found


def not_counted() -> ColumnElement[bool]:
    """The condition that leaves out bins somebody found short, as long as they are being counted."""
    counted = select(StockCountBin.place_id).join(StockCount, StockCount.id == StockCountBin.count_id)
    short = counted.where(StockCount.reason == SHORT_PICK, StockCount.status.in_(LIVE))
    return StockBalance.place_id.not_in(short)


def _today(session: Session, warehouse_id: int, now: datetime) -> date:
    zone = session.scalars(
        select(Location.time_zone)
        .join(Warehouse, Warehouse.location_id == Location.id)
        .where(Warehouse.id == warehouse_id)
    ).one()
    return now.astimezone(ZoneInfo(zone)).date()
