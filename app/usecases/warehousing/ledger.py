"""Post moves of stock, reserve it, take it back: the only hand that writes balances.

Everything one posting changes is locked in one order, whoever asks: the SKUs by id, then their balances, then the
bins by id, both by conditional UPDATE. So two postings never wait for each other in a circle, no real place goes
below zero, and nothing that is reserved moves before its reservation is settled.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, or_, select, tuple_, update
from sqlalchemy.orm import Session, joinedload, selectinload

from app.actor import Actor
from app.errors import BinFull, Conflict, FieldError, Invalid, NotFound, ScanReused, StockShort
from app.ids import new_id
from app.models import (
    Sku,
    StockBalance,
    StockLot,
    StockMove,
    StockPlace,
    StockPosting,
    StockReservation,
)
from app.usecases.warehousing.lots import insert_missing
from app.usecases.warehousing.refusals import refusal
from warehouses.errors import WarehouseError
from warehouses.stock import OPEN_ENDED, Balance, Change, Move, Spot, changes, may_lie, reversal, short

CHANGE_BALANCE = (
    update(StockBalance)
    .where(
        StockBalance.lot_id == bindparam("lot"),
        StockBalance.place_id == bindparam("place"),
        or_(
            StockBalance.open_ended,
            (StockBalance.reserved + bindparam("more_reserved") >= 0)
            & (
                StockBalance.on_hand + bindparam("more_on_hand")
                >= StockBalance.reserved + bindparam("more_reserved")
            ),
        ),
    )
    .values(
        on_hand=StockBalance.on_hand + bindparam("more_on_hand"),
        reserved=StockBalance.reserved + bindparam("more_reserved"),
    )
    .execution_options(synchronize_session=False)
)


@dataclass(frozen=True, slots=True)
class Scan:
    """What a device sent: an id of its own, and what it asked for, so that the same scan is posted once.

    Not the moves that were made of it: asked again, the stock may lie elsewhere.
    """

    id: str | None = None
    asked: Any = None


NO_SCAN = Scan()


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
    lots = _lock_lots(session, {move.lot for move in moves})
    places = _places(session, warehouse_id, moves)
    _check_areas(moves, lots, places)
    values = {
        "public_id": new_id("pst"), "warehouse_id": warehouse_id, "kind": kind, "subject": subject,
        "reason": reason, "scan_id": scan.id, "content_sha256": _digest(kind, subject, scan),
        "reverses_id": reverses.id if reverses else None, "actor_kind": actor.kind, "actor": actor.reference,
        "at": now,
    }  # fmt: skip
    new = insert_missing(session, StockPosting, [values]).returning(StockPosting)
    posting = session.scalar(new)
    if posting is None:
        return _posted(session, warehouse_id, kind, subject, scan)
    wanted = _changes(moves, [((one.lot_id, one.from_id), one.quantity) for one in settling])
    _change_balances(session, wanted, lots, places)
    _fill_bins(session, wanted, lots, places)
    rows = [
        {
            "posting_id": posting.id, "seq": seq, "lot_id": move.lot, "from_id": move.source,
            "to_id": move.target, "quantity": move.quantity,
        }
        for seq, move in enumerate(moves, 1)
    ]  # fmt: skip
    session.execute(insert(StockMove), rows)
    settle(session, now, settling, "posted", posting)
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
    if session.scalar(select(StockPosting.id).where(StockPosting.reverses_id == posting.id)):
        raise Conflict("this posting was taken back already")
    rows = session.scalars(
        select(StockMove).where(StockMove.posting_id == posting.id).order_by(StockMove.seq)
    )
    moves = [Move(one.lot_id, one.from_id, one.to_id, one.quantity) for one in rows]
    return post(
        session, actor, now, posting.warehouse_id, "reverse", reversal(moves),
        subject=posting.subject, reason=reason, scan=scan, reverses=posting,
    )  # fmt: skip


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
    lots = _lock_lots(session, {lot for lot, _ in wanted})
    place_ids = {place for _, place in wanted}
    places = {one.id: one for one in session.scalars(select(StockPlace).where(StockPlace.id.in_(place_ids)))}
    changed = {spot: Change(reserved=pieces) for spot, pieces in sorted(wanted.items(), key=_by_place)}
    _change_balances(session, changed, lots, places)
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
    """Give reserved pieces back; Conflict if one of them is settled already."""
    if not reservations:
        return
    lots = _lock_lots(session, {one.lot_id for one in reservations})
    settle(session, now, reservations, "released", None)
    wanted = _changes([], [((one.lot_id, one.from_id), one.quantity) for one in reservations])
    _change_balances(session, wanted, lots, {})


def release_expired(session: Session, now: datetime, lot_ids: Iterable[int] | None = None) -> int:
    """Give back what was reserved until an instant that is past, of some lots or of all; return how many."""
    query = select(StockReservation).where(
        StockReservation.state == "pending", StockReservation.expires_at <= now
    )
    if lot_ids is not None:
        query = query.where(StockReservation.lot_id.in_(list(lot_ids)))
    run_out = session.scalars(
        query.order_by(StockReservation.id).limit(1000).with_for_update(skip_locked=True)
    ).all()
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
    """Mark reservations as posted or released, once; Conflict where somebody did before."""
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


def _changes(moves: Sequence[Move], settled: Sequence[tuple[Spot, int]]) -> dict[Spot, Change]:
    try:
        return changes(moves, settled)
    except WarehouseError as error:
        raise refusal(error) from error


def _by_place(item: tuple[Spot, int]) -> tuple[int, int]:
    (lot, place), _ = item
    return place, lot


def _lock_lots(session: Session, lot_ids: set[int]) -> dict[int, tuple[StockLot, Sku]]:
    """The lots, after their SKUs were locked in the order of ids."""
    rows = session.execute(
        select(StockLot, Sku).join(Sku, StockLot.sku_id == Sku.id).where(StockLot.id.in_(lot_ids))
    ).all()
    sku_ids = {sku.id for _, sku in rows}
    session.execute(
        select(Sku.id).where(Sku.id.in_(sku_ids)).order_by(Sku.id).with_for_update(key_share=True)
    )
    return {lot.id: (lot, sku) for lot, sku in rows}


def _places(session: Session, warehouse_id: int, moves: Sequence[Move]) -> dict[int, StockPlace]:
    ids = {place for move in moves for place in (move.source, move.target)}
    query = select(StockPlace).where(StockPlace.id.in_(ids)).options(joinedload(StockPlace.zone))
    found = {one.id: one for one in session.scalars(query)}
    if any(one.warehouse_id != warehouse_id for one in found.values()) or len(found) < len(ids):
        raise NotFound("there is no such place in this warehouse")
    return found


def _check_areas(
    moves: Sequence[Move], lots: Mapping[int, tuple[StockLot, Sku]], places: Mapping[int, StockPlace]
) -> None:
    for move in moves:
        target, status = places[move.target], lots[move.lot][0].customs_status
        if target.zone_id is None:
            continue
        zone = target.zone
        area = zone.customs_status if zone is not None else None
        if target.blocked or not may_lie(target.kind, area, status):
            why = "is blocked" if target.blocked else f"is for {area} stock, and this is {status}"
            code = "bin_blocked" if target.blocked else "wrong_area"
            place = FieldError("to", code, f"{target.code} {why}", "choose another bin", "$.to")
            raise Invalid(f"{target.code} {why}", (place,))


def _fill_bins(
    session: Session,
    wanted: Mapping[Spot, Change],
    lots: Mapping[int, tuple[StockLot, Sku]],
    places: Mapping[int, StockPlace],
) -> None:
    more: dict[int, list[int]] = {}
    for (lot, place), change in wanted.items():
        if place in places and places[place].kind == "bin" and change.on_hand:
            sku = lots[lot][1]
            sums = more.setdefault(place, [0, 0])
            sums[0] += change.on_hand * sku.weight_g
            sums[1] += change.on_hand * sku.volume_cm3
    for place_id, (more_g, more_cm3) in sorted(more.items()):
        fits = or_(StockPlace.max_g.is_(None), StockPlace.used_g + more_g <= StockPlace.max_g) & or_(
            StockPlace.max_cm3.is_(None), StockPlace.used_cm3 + more_cm3 <= StockPlace.max_cm3
        )
        done = session.execute(
            update(StockPlace)
            .where(StockPlace.id == place_id, fits)
            .values(used_g=StockPlace.used_g + more_g, used_cm3=StockPlace.used_cm3 + more_cm3)
            .execution_options(synchronize_session=False)
        )
        if not done.rowcount:  # type: ignore[attr-defined]
            code = places[place_id].code
            raise BinFull(
                f"{code} cannot take this: {more_g / 1000:g} kg and {more_cm3 / 1000:g} l more; "
                "put it into another bin or in smaller parts",
                place=code,
            )


def _change_balances(
    session: Session,
    wanted: Mapping[Spot, Change],
    lots: Mapping[int, tuple[StockLot, Sku]],
    places: Mapping[int, StockPlace],
) -> None:
    new = [
        {
            "lot_id": lot, "place_id": place, "on_hand": 0, "reserved": 0,
            "open_ended": places[place].kind in OPEN_ENDED,
        }
        for lot, place in wanted
        if place in places
    ]  # fmt: skip
    if new:
        session.execute(insert_missing(session, StockBalance, new))
    session.flush()
    connection = session.connection()
    for (lot, place), change in wanted.items():
        values = {
            "lot": lot,
            "place": place,
            "more_on_hand": change.on_hand,
            "more_reserved": change.reserved,
        }
        if not connection.execute(CHANGE_BALANCE, values).rowcount:
            raise _shortage(session, wanted, lots)


def _shortage(
    session: Session, wanted: Mapping[Spot, Change], lots: Mapping[int, tuple[StockLot, Sku]]
) -> StockShort:
    rows = session.scalars(
        select(StockBalance)
        .where(tuple_(StockBalance.lot_id, StockBalance.place_id).in_(list(wanted)))
        .execution_options(populate_existing=True)
    )
    seen = {(row.lot_id, row.place_id): Balance(row.on_hand, row.reserved, row.open_ended) for row in rows}
    for (lot, place), missing in short(seen, wanted):
        code = session.scalar(select(StockPlace.code).where(StockPlace.id == place))
        sku, free = lots[lot][1], seen.get((lot, place), Balance()).free
        return StockShort(
            f"{missing} of {sku.code} missing at {code}: {free} free there", sku=sku.code, missing=missing
        )
    return StockShort("the stock changed meanwhile; look again")
