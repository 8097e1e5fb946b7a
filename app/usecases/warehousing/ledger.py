"""Post moves of stock, reserve it, take it back: the only hand that writes balances.

Everything one call changes is locked in one order, whoever asks: the SKUs by id, then the bins by id (see `balances`).
So two calls never wait for each other in a circle, no real place goes below zero, and nothing that is reserved moves
before its reservation is settled. A transaction that makes several calls locks first what all of them touch (`lock`).
What is refused leaves nothing behind: each call is a savepoint of its own.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, selectinload

from app.actor import Actor
from app.errors import Conflict, NotFound, ScanReused
from app.ids import new_id
from app.models import StockMove, StockPosting, StockReservation
from app.usecases.warehousing.balances import (
    change_balances,
    check_areas,
    fill_bins,
    lock_bins,
    lock_lots,
    read_places,
)
from app.usecases.warehousing.refusals import refusal
from warehouses.errors import WarehouseError
from warehouses.stock import Change, Move, Spot, changes, reversal

INSERT_POSTING = {
    name: dialect.insert(StockPosting).on_conflict_do_nothing().returning(StockPosting)
    for name, dialect in (("postgresql", postgresql), ("sqlite", sqlite))
}


@dataclass(frozen=True, slots=True)
class Scan:
    """What a device sent: an id of its own, and what it asked for, so that the same scan is posted once.

    Not the moves that were made of it: asked again, the stock may lie elsewhere.
    """

    id: str | None = None
    asked: Any = None


NO_SCAN = Scan()


def lock(session: Session, lot_ids: Collection[int], place_ids: Iterable[int] = ()) -> None:
    """Lock the stock of lots, and bins, before several calls in one transaction that touch no other."""
    lock_lots(session, lot_ids)
    lock_bins(session, place_ids)


def seen(
    session: Session, warehouse_id: int, kind: str, subject: str | None, scan: Scan
) -> StockPosting | None:
    """What was posted for a scan, if it was; ScanReused where its id came with something else before.

    Whoever changes more than the ledger asks this under the lock of what it changes.
    """
    if scan.id is None:
        return None
    earlier = session.scalar(
        select(StockPosting).where(StockPosting.warehouse_id == warehouse_id, StockPosting.scan_id == scan.id)
    )
    if earlier is not None and earlier.content_sha256 != _digest(kind, subject, scan):
        raise ScanReused(f"the scan {scan.id!r} was used for something else")
    return earlier


def post(
    session: Session,
    actor: Actor,
    now: datetime,
    warehouse_id: int,
    kind: str,
    moves: Sequence[Move],
    *,
    subject: str | None = None,
    reason: str = "",
    scan: Scan = NO_SCAN,
    settling: Sequence[StockReservation] = (),
    reverses: StockPosting | None = None,
) -> StockPosting:
    """Make moves of one warehouse, all of them or none, and fulfil the pending reservations they are for.

    A scan is posted once: again it answers what was posted then. Raises StockShort (naming the SKU, the place and
    what is missing), BinFull, Invalid (`wrong_area`, `bin_blocked`, `quantity`, `same_place`), ScanReused, Conflict
    for a reservation that is settled already.
    """
    lots = lock_lots(session, {move.lot for move in moves} | {one.lot_id for one in settling})
    with session.begin_nested():
        values = {
            "public_id": new_id("pst"), "warehouse_id": warehouse_id, "kind": kind, "subject": subject,
            "reason": reason, "scan_id": scan.id, "content_sha256": _digest(kind, subject, scan),
            "reverses_id": reverses.id if reverses else None, "actor_kind": actor.kind,
            "actor": actor.reference, "at": now,
        }  # fmt: skip
        posting = session.scalar(INSERT_POSTING[session.get_bind().dialect.name], values)
        if posting is None:
            return _posted(session, warehouse_id, kind, subject, scan)
        wanted = _changes(moves, settling)
        places = read_places(session, {place for _, place in wanted}, warehouse_id)
        check_areas(moves, lots, places)
        settle(session, now, settling, "posted", posting)
        change_balances(session, wanted, lots, {place: one.kind for place, one in places.items()})
        fill_bins(session, wanted, lots, places)
        session.connection().execute(insert(StockMove), _rows(posting, moves))
    return posting


def reverse(
    session: Session,
    actor: Actor,
    now: datetime,
    posting: StockPosting,
    reason: str,
    scan: Scan = NO_SCAN,
) -> StockPosting:
    """Take a posting back by one that moves everything where it came from; Conflict if that was done already."""
    if posting.kind == "reverse":
        raise Conflict("this takes another posting back already; post what is right anew")
    earlier = seen(session, posting.warehouse_id, "reverse", posting.subject, scan)
    if earlier is not None:
        return _of_the_same(earlier, posting, scan)
    if session.scalar(select(StockPosting.id).where(StockPosting.reverses_id == posting.id)):
        raise Conflict("this posting was taken back already")
    rows = session.scalars(
        select(StockMove).where(StockMove.posting_id == posting.id).order_by(StockMove.seq)
    )
    moves = [Move(one.lot_id, one.from_id, one.to_id, one.quantity) for one in rows]
    back = post(
        session, actor, now, posting.warehouse_id, "reverse", reversal(moves),
        subject=posting.subject, reason=reason, scan=scan, reverses=posting,
    )  # fmt: skip
    return _of_the_same(back, posting, scan)


def find_posting(session: Session, public_id: str) -> StockPosting:
    """A posting with its moves; NotFound."""
    found = session.scalar(
        select(StockPosting)
        .where(StockPosting.public_id == public_id)
        .options(selectinload(StockPosting.moves))
    )
    if found is None:
        raise NotFound
    return found


def reserve(
    session: Session,
    now: datetime,
    subject: str,
    wanted: Mapping[Spot, int],
    *,
    line_seq: int = 0,
    expires_at: datetime | None = None,
) -> list[StockReservation]:
    """Promise free pieces at places to `subject`: all of it, or StockShort and nothing changed."""
    lots = lock_lots(session, {lot for lot, _ in wanted})
    change_balances(session, {spot: Change(reserved=pieces) for spot, pieces in wanted.items()}, lots, {})
    made = [
        StockReservation(
            subject=subject, line_seq=line_seq, lot_id=lot, from_id=place, quantity=pieces, state="pending",
            expires_at=expires_at, created_at=now,
        )
        for (lot, place), pieces in wanted.items()
    ]  # fmt: skip
    session.add_all(made)
    session.flush()
    return made


def release(session: Session, now: datetime, reservations: Sequence[StockReservation]) -> None:
    """Give reserved pieces back; Conflict, and nothing changed, if one of them is settled already."""
    if not reservations:
        return
    lots = lock_lots(session, {one.lot_id for one in reservations})
    with session.begin_nested():
        settle(session, now, reservations, "released", None)
        change_balances(session, _changes([], reservations), lots, {})


def release_expired(session: Session, now: datetime, lot_ids: Collection[int] | None = None) -> int:
    """Give back what was reserved until an instant that is past, of some lots or of all; return how many.

    Of some: they are locked whether there is anything to give back or not. Of all: a thousand at most.
    """
    query = select(StockReservation).where(
        StockReservation.state == "pending", StockReservation.expires_at <= now
    )
    if lot_ids is None:
        found = session.execute(
            query.with_only_columns(StockReservation.id, StockReservation.lot_id)
            .order_by(StockReservation.expires_at)
            .limit(1000)
        ).all()
        query = query.where(StockReservation.id.in_([row.id for row in found]))
        lot_ids = {row.lot_id for row in found}
    else:
        query = query.where(StockReservation.lot_id.in_(list(lot_ids)))
    if not lot_ids:
        return 0
    # Under the lock of their SKUs, and only there, is it certain which of them are still pending.
    lock_lots(session, lot_ids)
    run_out = session.scalars(query.execution_options(populate_existing=True)).all()
    release(session, now, run_out)
    return len(run_out)


def pending(session: Session, subject: str) -> list[StockReservation]:
    """The reservations of an order that are neither posted nor released, by line."""
    return list(
        session.scalars(
            select(StockReservation)
            .where(StockReservation.subject == subject, StockReservation.state == "pending")
            .order_by(StockReservation.line_seq, StockReservation.id)
        )
    )


def settle(
    session: Session,
    now: datetime,
    reservations: Sequence[StockReservation],
    state: str,
    posting: StockPosting | None,
) -> None:
    """Mark reservations as posted or released, once; Conflict where somebody did before.

    Under the lock of their SKUs, as everything about them.
    """
    if not reservations:
        return
    done = session.execute(
        update(StockReservation)
        .where(StockReservation.id.in_([one.id for one in reservations]), StockReservation.state == "pending")
        .values(state=state, settled_at=now, posting_id=posting.id if posting else None)
    )
    if done.rowcount != len(reservations):  # type: ignore[attr-defined]
        raise Conflict("what was reserved is settled already; look again")


def _digest(kind: str, subject: str | None, scan: Scan) -> str:
    return hashlib.sha256(json.dumps([kind, subject, scan.asked], default=str).encode()).hexdigest()


def _posted(session: Session, warehouse_id: int, kind: str, subject: str | None, scan: Scan) -> StockPosting:
    """What somebody else posted between our look and our turn."""
    earlier = seen(session, warehouse_id, kind, subject, scan)
    if earlier is None:
        raise Conflict("this posting was taken back already")
    return earlier


def _of_the_same(back: StockPosting, posting: StockPosting, scan: Scan) -> StockPosting:
    if back.reverses_id != posting.id:
        raise ScanReused(f"the scan {scan.id!r} took another posting back")
    return back


def _changes(moves: Sequence[Move], settling: Sequence[StockReservation]) -> dict[Spot, Change]:
    try:
        return changes(moves, [((one.lot_id, one.from_id), one.quantity) for one in settling])
    except WarehouseError as error:
        raise refusal(error) from error


def _rows(posting: StockPosting, moves: Sequence[Move]) -> list[dict[str, int]]:
    return [
        {
            "posting_id": posting.id, "seq": seq, "lot_id": move.lot, "from_id": move.source,
            "to_id": move.target, "quantity": move.quantity,
        }
        for seq, move in enumerate(moves, 1)
    ]  # fmt: skip
