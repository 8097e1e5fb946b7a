"""Value-added work: asked for by the owner, released with its stock kept, done in one posting, taken back if need be.

What is consumed goes to the adjustment place and what is produced comes from there, in the same posting.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, selectinload

from app.actor import Actor
from app.errors import Conflict, FieldError, Invalid, NotFound, StockShort
from app.ids import new_id
from app.models import (
    Party,
    Sku,
    StockBalance,
    StockLot,
    StockPlace,
    StockPosting,
    StockReservation,
    Warehouse,
    WorkOrder,
    WorkOrderLine,
    Zone,
)
from app.usecases import auditing
from app.usecases.warehousing import ledger
from app.usecases.warehousing.access import may_own, may_see, refuse_practice, works_in
from app.usecases.warehousing.layout import places_of
from app.usecases.warehousing.ledger import NO_SCAN, Scan
from app.usecases.warehousing.lots import LotKey, find_sku, lot_of
from app.usecases.warehousing.named import named_place
from app.usecases.warehousing.refusals import refusal, step
from warehouses.errors import WarehouseError
from warehouses.stock import Available, Move, Spot, allocate
from warehouses.value_added import WORK_STEPS, Made, Part, Used, check_parts, produce


@dataclass(frozen=True, slots=True)
class WorkLine:
    """Pieces of a SKU (its code, public id or barcode) that go in (`consume`) or come out (`produce`)."""

    role: str
    sku: str
    quantity: int
    condition: str = "A"


@dataclass(frozen=True, slots=True)
class NewWork:
    """Work as it is asked for. `subject` is the public id of the return it is for.

    `source` is where its stock lies: `bin`, or `returns` for what came back and was not put away.
    """

    kind: str
    reference: str
    lines: Sequence[WorkLine]
    instructions: str = ""
    source: str = "bin"
    customs_status: str = "free"
    subject: str = ""


def make_work_order(
    session: Session, actor: Actor, now: datetime, warehouse: Warehouse, owner: Party, work: NewWork
) -> WorkOrder:
    """Make a draft of work on the owner's stock; the one place that does, for pages, API and other use cases.

    Raises Invalid where it does not add up (see `check_parts`) or a SKU is unknown, Conflict for a reference used.
    """
    refuse_practice(actor)
    _check_reference(session, owner, work.reference)
    skus = [_sku(session, owner, position, one) for position, one in enumerate(work.lines)]
    parts = [
        Part(one.role, sku.id, one.condition, one.quantity) for one, sku in zip(work.lines, skus, strict=True)
    ]
    try:
        check_parts(work.kind, parts)
    except WarehouseError as error:
        raise refusal(error) from error
    order = WorkOrder(
        public_id=new_id("wko"), warehouse_id=warehouse.id, owner_id=owner.id, reference=work.reference,
        kind=work.kind, status="draft", source=work.source, customs_status=work.customs_status,
        subject=work.subject, instructions=work.instructions, created_at=now, created_by=actor.reference,
        lines=[
            WorkOrderLine(seq=seq, role=one.role, sku=sku, condition=one.condition, quantity=one.quantity)
            for seq, (one, sku) in enumerate(zip(work.lines, skus, strict=True), 1)
        ],
    )  # fmt: skip
    session.add(order)
    session.flush()
    after = {"kind": order.kind, "reference": order.reference}
    auditing.record(session, actor, now, "work_order.made", order.public_id, after=after)
    return order


def _check_reference(session: Session, owner: Party, reference: str) -> None:
    taken = select(WorkOrder.id).where(WorkOrder.owner_id == owner.id, WorkOrder.reference == reference)
    if session.scalar(taken):
        raise Conflict(f"there is a work order {reference} already")


def _sku(session: Session, owner: Party, position: int, line: WorkLine) -> Sku:
    try:
        return find_sku(session, owner.id, line.sku)
    except NotFound as error:
        place = FieldError(
            f"lines.{position}.sku", "unknown_sku", error.detail, "use a code of the owner's articles",
            f"$.lines[{position}].sku",
        )  # fmt: skip
        raise Invalid(error.detail, (place,)) from error


def lock_work_order(session: Session, actor: Actor, public_id: str) -> WorkOrder:
    """A work order with its lines, for one who changes it; NotFound, also for what is another's."""
    query = select(WorkOrder).where(
        WorkOrder.public_id == public_id,
        may_see(actor, WorkOrder.warehouse_id),
        may_own(actor, WorkOrder.owner_id),
    )
    session.execute(query.with_only_columns(WorkOrder.id).with_for_update())
    found = session.scalar(
        query.options(selectinload(WorkOrder.lines).joinedload(WorkOrderLine.sku)).execution_options(
            populate_existing=True
        )
    )
    if found is None:
        raise NotFound("there is no such work order")
    refuse_practice(actor)
    return found


def release_work(session: Session, actor: Actor, now: datetime, public_id: str) -> WorkOrder:
    """Keep the stock for it: all that it consumes, or StockShort naming the SKU. A photo keeps none."""
    order = lock_work_order(session, actor, public_id)
    works_in(actor, order.warehouse_id)
    order.status = step(WORK_STEPS, "release", order.status)
    if order.kind != "photo":
        lines = _lines(order, "consume")
        lots = session.scalars(select(StockLot.id).where(StockLot.sku_id.in_([one.sku_id for one in lines])))
        # Of all lines at once, so that two orders for the same articles never wait for each other.
        ledger.release_expired(session, now, lots.all())
        for line in lines:
            ledger.reserve(session, now, order.public_id, _wanted(session, order, line), line_seq=line.seq)
    _changed(session, actor, now, order, "work_order.released")
    return order


def _lines(order: WorkOrder, role: str) -> list[WorkOrderLine]:
    return [line for line in order.lines if line.role == role]


def _wanted(session: Session, order: WorkOrder, line: WorkOrderLine) -> dict[Spot, int]:
    """What to take for a line, by the owner's issue rule."""
    stock = [
        Available(lot.id, place, on_hand - reserved, lot.expires_on, lot.received_on, (zone_walk or 0, walk))
        for lot, place, on_hand, reserved, zone_walk, walk in session.execute(_lying(order, line))
    ]
    taken, missing = allocate(stock, line.quantity, line.sku.issue_rule, date.min)
    if missing:
        raise StockShort(
            f"{missing} of {line.sku.code} missing: {line.quantity - missing} free in condition {line.condition}",
            sku=line.sku.code, missing=missing,
        )  # fmt: skip
    return {(one.lot, one.place): pieces for one, pieces in taken}


def _lying(order: WorkOrder, line: WorkOrderLine) -> Select[StockLot, int, int, int, int | None, int]:
    """The lots a line may take: their places, what is on hand and reserved there, and where these are walked past."""
    return (
        select(
            StockLot, StockPlace.id, StockBalance.on_hand, StockBalance.reserved, Zone.walk_seq,
            StockPlace.walk_seq,
        )
        .join(StockBalance, StockBalance.lot_id == StockLot.id)
        .join(StockPlace, StockBalance.place_id == StockPlace.id)
        .outerjoin(Zone, StockPlace.zone_id == Zone.id)
        .where(
            # From the lots of the article to their places: from the warehouse on, all its bins would be walked.
            StockPlace.warehouse_id + 0 == order.warehouse_id,
            StockPlace.kind == order.source,
            StockLot.sku_id == line.sku_id,
            StockLot.condition == line.condition,
            StockLot.customs_status == order.customs_status,
            StockBalance.on_hand > StockBalance.reserved,
        )
    )  # fmt: skip


def finish_work(
    session: Session,
    actor: Actor,
    now: datetime,
    public_id: str,
    *,
    bin_code: str | None = None,
    scan: Scan = NO_SCAN,
) -> WorkOrder:
    """Consume what was kept and produce what was asked for, in one posting, into a bin; a photo needs none.

    Raises NotFound, Conflict, BinFull, ScanReused, Invalid (`bin_missing`, `unknown_bin`, `not_a_bin`,
    `wrong_area`, `bin_blocked`, `customs_mixed`).
    """
    order = lock_work_order(session, actor, public_id)
    works_in(actor, order.warehouse_id)
    if ledger.seen(session, order.warehouse_id, "work", order.public_id, scan) is not None:
        return order
    order.status = step(WORK_STEPS, "finish", order.status)
    if order.kind != "photo":
        target = _target(session, order, bin_code)
        adjustment = places_of(session, order.warehouse_id)["adjustment"].id
        kept = ledger.pending(session, order.public_id)
        moves = [Move(one.lot_id, one.from_id, adjustment, one.quantity) for one in kept]
        made = [(_lot(session, order, one), one.quantity) for one in _made(session, order, kept)]
        moves += [Move(lot, adjustment, target.id, pieces) for lot, pieces in made]
        posting = ledger.post(
            session, actor, now, order.warehouse_id, "work", moves,
            subject=order.public_id, scan=scan, settling=kept,
        )  # fmt: skip
        order.posting_id = posting.id
    order.done_at, order.done_by = now, actor.reference
    _changed(session, actor, now, order, "work_order.done")
    return order


def _target(session: Session, order: WorkOrder, code: str | None) -> StockPlace:
    if not code:
        why = "say into which bin it was put"
        raise Invalid(why, (FieldError("bin", "bin_missing", why, "scan the label of a bin", "$.bin"),))
    place = named_place(session, order.warehouse_id, code)
    if place.kind != "bin":
        why = f"{place.code} is no bin"
        raise Invalid(why, (FieldError("bin", "not_a_bin", why, "scan the label of a bin", "$.bin"),))
    return place


def _made(session: Session, order: WorkOrder, kept: Sequence[StockReservation]) -> list[Made]:
    query = select(StockLot).where(StockLot.id.in_({one.lot_id for one in kept}))
    lots = {lot.id: lot for lot in session.scalars(query)}
    used = [_used(lots[one.lot_id], one.quantity) for one in kept]
    wanted = [
        Part(line.role, line.sku_id, line.condition, line.quantity) for line in _lines(order, "produce")
    ]
    try:
        return produce(order.kind, used, wanted, order.reference[:40])
    except WarehouseError as error:
        raise refusal(error) from error


def _used(lot: StockLot, quantity: int) -> Used:
    return Used(
        lot.sku_id, lot.condition, lot.batch, lot.expires_on, lot.customs_status, lot.received_on, quantity
    )


def _lot(session: Session, order: WorkOrder, made: Made) -> int:
    key = LotKey(
        order.owner_id, made.sku, made.batch, made.expires_on, made.condition, made.customs_status,
        made.received_on,
    )  # fmt: skip
    return lot_of(session, key).id


def cancel_work(session: Session, actor: Actor, now: datetime, public_id: str, reason: str = "") -> WorkOrder:
    """Give work up before it is done; what was kept for it is free again. The owner may, and the staff."""
    order = lock_work_order(session, actor, public_id)
    if actor.exporter_id is None:
        works_in(actor, order.warehouse_id)
    elif order.subject:
        raise Conflict("it is the warehouse's work on a return; ask the warehouse")
    order.status = step(WORK_STEPS, "cancel", order.status)
    ledger.release(session, now, ledger.pending(session, order.public_id))
    _changed(session, actor, now, order, "work_order.cancelled", reason)
    return order


def take_back_work(
    session: Session, actor: Actor, now: datetime, public_id: str, reason: str, scan: Scan = NO_SCAN
) -> WorkOrder:
    """Take back work that was posted: what came out goes in again. StockShort where that has moved on."""
    order = lock_work_order(session, actor, public_id)
    works_in(actor, order.warehouse_id)
    if ledger.seen(session, order.warehouse_id, "reverse", order.public_id, scan) is not None:
        return order
    order.status = step(WORK_STEPS, "take_back", order.status)
    if order.posting_id is not None:
        posting = session.get_one(StockPosting, order.posting_id)
        ledger.reverse(session, actor, now, posting, reason, scan)
    _changed(session, actor, now, order, "work_order.taken_back", reason)
    return order


def _changed(
    session: Session, actor: Actor, now: datetime, order: WorkOrder, action: str, reason: str = ""
) -> None:
    after = {"status": order.status, "reason": reason}
    auditing.record(session, actor, now, action, order.public_id, after=after)
    session.flush()
