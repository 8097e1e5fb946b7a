"""Receive announced goods: count what came in several goes, and close the count with what is short."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.actor import Actor
from app.errors import Conflict, NotFound
from app.models import Asn, AsnLine, AsnReceipt, Sku, StockPosting
from app.queries.inbound import discrepancies_of
from app.usecases import auditing
from app.usecases.announcing import announce
from app.usecases.warehousing import ledger
from app.usecases.warehousing.access import refuse_practice, works_in
from app.usecases.warehousing.announcing_goods import announced_lot
from app.usecases.warehousing.asns import fault, lock_asn, owners_sku, refuse
from app.usecases.warehousing.layout import places_of
from app.usecases.warehousing.ledger import NO_SCAN, Scan
from app.usecases.warehousing.lots import LotKey, lot_of
from app.usecases.warehousing.putting_away import settle_put_away
from app.usecases.warehousing.refusals import refusal, step
from warehouses.errors import WarehouseError
from warehouses.inbound import ASN_STEPS, Counted, condition_of, split
from warehouses.stock import NEVER, Move


@dataclass(frozen=True, slots=True)
class Count:
    """Pieces of a SKU that came: in good order, and damaged. Batch and expiry as found; None: as announced.

    `line` says which line of the ASN it is; without it the line of the SKU that still lacks pieces.
    """

    sku: str
    good: int
    damaged: int = 0
    cartons: int = 0
    batch: str | None = None
    expires_on: date | None = None
    line: int | None = None


def receive(
    session: Session, actor: Actor, now: datetime, asn_id: str, counts: Sequence[Count], scan: Scan = NO_SCAN
) -> tuple[Asn, StockPosting]:
    """Count goods in: those in good order and those that are damaged, line by line, surplus and strangers too.

    What was announced leaves the lot that is on its way for one of today; the rest comes from the supplier. The same
    scan is posted once. Raises NotFound, Conflict, ScanReused, Invalid: `sku_unknown`, `line_unknown`,
    `nothing_counted`.
    """
    refuse_practice(actor)
    asn = lock_asn(session, actor, asn_id)
    works_in(actor, asn.warehouse_id)
    scan = scan if scan.asked is not None else Scan(scan.id, [asdict(one) for one in counts])
    earlier = ledger.seen(session, asn.warehouse_id, "receive", asn.public_id, scan)
    if earlier is not None:
        return asn, earlier
    asn.status = step(ASN_STEPS, "receive", asn.status)
    moves: list[Move] = []
    told = []
    for line, count, at in _matched(session, asn, counts):
        moves += _moves(session, asn, line, count, now, at)
        line.received += count.good
        line.damaged += count.damaged
        line.cartons_received += count.cartons
        told.append(_told(line, count))
    posting = ledger.post(
        session, actor, now, asn.warehouse_id, "receive", moves, subject=asn.public_id, scan=scan
    )
    session.add(AsnReceipt(asn_id=asn.id, posting_id=posting.id, counts=told))
    session.flush()
    return asn, posting


def take_receipt_back(
    session: Session, actor: Actor, now: datetime, asn_id: str, posting_id: str, reason: str
) -> Asn:
    """Take a count back that was wrong, as long as its goods lie in receiving and it is not closed.

    Raises NotFound, Conflict (closed, or taken back already), StockShort where some of it was put away.
    """
    refuse_practice(actor)
    asn = lock_asn(session, actor, asn_id)
    works_in(actor, asn.warehouse_id)
    receipt = session.scalar(
        select(AsnReceipt)
        .join(StockPosting, AsnReceipt.posting_id == StockPosting.id)
        .where(AsnReceipt.asn_id == asn.id, StockPosting.public_id == posting_id)
        .options(joinedload(AsnReceipt.posting))
    )
    if receipt is None:
        raise NotFound("there is no such receipt of this ASN")
    if receipt.taken_back:
        raise Conflict("this receipt was taken back already")
    asn.status = step(ASN_STEPS, "take_back", asn.status)
    ledger.reverse(session, actor, now, receipt.posting, reason)
    receipt.taken_back = True
    lines = {line.seq: line for line in asn.lines}
    for count in receipt.counts:
        line = lines[count["line"]]
        line.received -= count["good"]
        line.damaged -= count["damaged"]
        line.cartons_received -= count["cartons"]
    session.flush()
    return asn


def close_receiving(
    session: Session,
    actor: Actor,
    now: datetime,
    asn_id: str,
    *,
    more_to_come: bool = False,
    reason: str = "",
) -> Asn:
    """End receiving. What has not come is short and is no longer in transit, unless `more_to_come`.

    The exporter is told of every discrepancy by `inbound.received`. Raises NotFound, Conflict.
    """
    refuse_practice(actor)
    asn = lock_asn(session, actor, asn_id)
    works_in(actor, asn.warehouse_id)
    before = asn.status
    asn.status = step(ASN_STEPS, "close_partial" if more_to_come else "close", before)
    if not more_to_come:
        _write_off_missing(session, actor, now, asn, reason)
        asn.closed_at = now
    session.flush()
    auditing.record(
        session, actor, now, f"asn.{asn.status}", asn.public_id,
        before={"status": before}, after={"status": asn.status, "reason": reason},
    )  # fmt: skip
    announce(session, now, "inbound.received", asn.owner_id, asn.public_id, news(asn))
    settle_put_away(session, actor, now, asn)
    return asn


def news(asn: Asn) -> dict[str, Any]:
    """What subscribers of `inbound.received` are told."""
    return {
        "id": asn.public_id, "reference": asn.reference, "warehouse": asn.warehouse.location.code,
        "status": asn.status, "expected": sum(line.expected for line in asn.lines),
        "received": sum(line.received for line in asn.lines),
        "damaged": sum(line.damaged for line in asn.lines), "discrepancies": discrepancies_of(asn),
    }  # fmt: skip


def _matched(session: Session, asn: Asn, counts: Sequence[Count]) -> list[tuple[AsnLine, Count, int]]:
    """The line of each count; a SKU that was not announced gets a line of its own."""
    faults, found = [], []
    for at, count in enumerate(counts):
        sku = owners_sku(session, asn.owner_id, count.sku)
        if sku is None:
            text = f"there is no SKU {count.sku!r} of this exporter"
            faults.append(fault(f"lines.{at}.sku", "sku_unknown", text, "have it registered first"))
            continue
        line = _line(session, asn, sku, count)
        if line is None:
            text = f"line {count.line} is not one of {sku.code}"
            faults.append(fault(f"lines.{at}.line", "line_unknown", text, "leave it out, or give its number"))
        else:
            found.append((line, count, at))
    refuse(faults)
    return found


def _line(session: Session, asn: Asn, sku: Sku, count: Count) -> AsnLine | None:
    same = [line for line in asn.lines if line.sku_id == sku.id]
    if count.line is not None:
        return next((line for line in same if line.seq == count.line), None)
    fitting = [line for line in same if count.batch is None or line.batch == count.batch] or same
    lacking = [line for line in fitting if line.received + line.damaged < line.expected]
    if fitting:
        return (lacking or fitting)[0]
    line = AsnLine(
        seq=max((one.seq for one in asn.lines), default=0) + 1, sku_id=sku.id, sku=sku, batch="",
        expires_on=NEVER, condition="A", cartons=0, cartons_received=0, expected=0, received=0, damaged=0,
    )  # fmt: skip
    asn.lines.append(line)
    session.flush()
    return line


def _moves(session: Session, asn: Asn, line: AsnLine, count: Count, now: datetime, at: int) -> list[Move]:
    """The moves of one count. A lot never changes: the one on its way is written off, and one of today comes in."""
    try:
        parts = split(Counted(line.expected, line.received, line.damaged), count.good, count.damaged)
    except WarehouseError as error:
        raise refusal(error, f"lines.{at}.") from error
    places = {kind: place.id for kind, place in places_of(session, asn.warehouse_id).items()}
    coming, moves = lot_of(session, announced_lot(asn, line.seq)).id, []
    if parts.announced:
        moves.append(Move(coming, places["in_transit"], places["adjustment"], parts.announced))
    announced = parts.announced
    for damaged, pieces in ((False, parts.good), (True, parts.damaged)):
        lot = lot_of(session, _dated(asn, line, count, now, damaged=damaged)).id if pieces else 0
        known = min(announced, pieces)
        announced -= known
        for source, share in (("adjustment", known), ("supplier", pieces - known)):
            if share:
                moves.append(Move(lot, places[source], places["receiving"], share))
    return moves


def _dated(asn: Asn, line: AsnLine, count: Count, now: datetime, *, damaged: bool) -> LotKey:
    return announced_lot(asn, line.seq).but(
        batch=line.batch if count.batch is None else count.batch,
        expires_on=count.expires_on or line.expires_on,
        condition=condition_of(line.condition, damaged=damaged),
        received_on=now.astimezone(ZoneInfo(asn.warehouse.location.time_zone)).date(),
    )


def _told(line: AsnLine, count: Count) -> dict[str, Any]:
    day = count.expires_on or (None if line.expires_on == NEVER else line.expires_on)
    return {
        "line": line.seq, "sku": line.sku.code, "good": count.good, "damaged": count.damaged,
        "cartons": count.cartons, "batch": line.batch if count.batch is None else count.batch,
        "expires_on": day.isoformat() if day else None,
    }  # fmt: skip


def _write_off_missing(session: Session, actor: Actor, now: datetime, asn: Asn, reason: str) -> None:
    places = places_of(session, asn.warehouse_id)
    moves = []
    for line in asn.lines:
        missing = Counted(line.expected, line.received, line.damaged).missing
        if missing:
            lot = lot_of(session, announced_lot(asn, line.seq)).id
            moves.append(Move(lot, places["in_transit"].id, places["adjustment"].id, missing))
    if moves:
        ledger.post(
            session, actor, now, asn.warehouse_id, "receive", moves,
            subject=asn.public_id, reason=reason or "short: announced, but did not come",
        )  # fmt: skip
