"""Carry out what was decided for goods that stay: back on the shelf, given to work, or destroyed with proof."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import Conflict
from app.models import Return, ReturnItem, ReturnPhoto, StockPlace
from app.usecases import auditing
from app.usecases.returning.finding import find_return, follow, item_of, lies_in, lot_in, refused, take
from app.usecases.returning.pool_parcels import leave_pool
from app.usecases.returning.receiving_returns import tell
from app.usecases.returning.stock import move
from app.usecases.returning.working_on import give_to_work
from app.usecases.warehousing import ledger
from app.usecases.warehousing.access import works_in
from app.usecases.warehousing.ledger import NO_SCAN, Scan
from app.usecases.warehousing.named import named_place
from warehouses.stock import Move

KINDS = {"restock": "put_away", "destroy": "destroy"}
"""Disposition → kind of posting."""


def carry_out(
    session: Session,
    actor: Actor,
    now: datetime,
    public_id: str,
    seq: int,
    *,
    place: str | None = None,
    sku: str | None = None,
    note: str = "",
    scan: Scan = NO_SCAN,
) -> Return:
    """Do with an item what was decided.

    `restock` puts it into the bin `place`; `relabel` and `refurbish` make a work order, of the article `sku` where it
    becomes another; `destroy` moves it to scrap, with a note and a photo as proof.

    Raises NotFound, Conflict (nothing is decided, a word is missing, goods that travel are sent off instead), BinFull,
    Invalid (`place_missing`, `sku_missing`, `proof_missing`).
    """
    found = find_return(session, actor, public_id)
    item = item_of(found, seq)
    here = at_hand(actor, item)
    disposition = item.disposition or ""
    kind = KINDS.get(disposition, "move")
    if ledger.seen(session, here, kind, public_id, scan):
        return found
    check_decided(item)
    leave_pool(item)
    if disposition == "restock":
        target = _bin(session, item, here, place)
        _post(session, actor, now, found, item, kind, target, note, scan)
    elif disposition == "destroy":
        _check_proof(session, found, item, note)
        item.note = note
        moves = [move(session, here, lot_in(item), ("returns", "scrap"), item.quantity)]
        ledger.post(session, actor, now, here, kind, moves, subject=public_id, reason=note[:200], scan=scan)
    elif disposition in ("relabel", "refurbish"):
        give_to_work(session, actor, now, found, item, sku, note)
    else:
        raise Conflict(f"goods that travel ({disposition}) are sent off with their booking")
    finish(session, actor, now, found, item)
    return found


def at_hand(actor: Actor, item: ReturnItem) -> int:
    """The warehouse an item lies in, where the actor works; Conflict where it lies nowhere."""
    here = lies_in(item).id
    works_in(actor, here)
    return here


def check_decided(item: ReturnItem) -> None:
    """Conflict unless it is decided what becomes of an item, and its exporter agrees where it must."""
    if item.status != "chosen" or item.disposition is None:
        raise Conflict(f"item {item.seq} is {item.status}: choose first what becomes of it")
    if item.approval not in ("not_needed", "approved"):
        raise Conflict(f"item {item.seq} waits for the exporter's word ({item.approval})")


def finish(session: Session, actor: Actor, now: datetime, found: Return, item: ReturnItem) -> None:
    """The item is where it shall be; with the last one the return is closed."""
    take(item, "finish")
    follow(found)
    if found.status == "closed":
        found.closed_at = now
    what = {"item": item.seq, "disposition": item.disposition, "quantity": item.quantity}
    auditing.record(session, actor, now, "return.carried_out", found.public_id, after=what)
    if found.status == "closed":
        tell(session, now, "return.closed", found)


def _bin(session: Session, item: ReturnItem, here: int, code: str | None) -> StockPlace:
    if not code:
        raise refused(
            "place", "place_missing", f"say which bin item {item.seq} is put into", "scan its label"
        )
    target = named_place(session, here, code, "place")
    if target.kind != "bin":
        raise refused("place", "not_a_bin", f"{code} is not a bin", "scan the label of a bin")
    return target


def _post(
    session: Session, actor: Actor, now: datetime, found: Return, item: ReturnItem, kind: str, target: StockPlace,
    note: str, scan: Scan,
) -> None:  # fmt: skip
    start = move(session, target.warehouse_id, lot_in(item), ("returns", "scrap"), item.quantity)
    moves = [Move(start.lot, start.source, target.id, item.quantity)]
    ledger.post(
        session,
        actor,
        now,
        target.warehouse_id,
        kind,
        moves,
        subject=found.public_id,
        reason=note[:200],
        scan=scan,
    )


def _check_proof(session: Session, found: Return, item: ReturnItem, note: str) -> None:
    pictures = session.scalar(
        select(func.count(ReturnPhoto.id)).where(
            ReturnPhoto.return_id == found.id, ReturnPhoto.item_seq.in_((0, item.seq))
        )
    )
    if not note.strip():
        raise refused(
            "note", "proof_missing", "what is destroyed needs a note: how, where and by whom", "write it down"
        )
    if not pictures:
        raise refused(
            "photo", "proof_missing", f"what is destroyed needs a photo of item {item.seq}", "upload it first"
        )
