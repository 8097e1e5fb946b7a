"""Give returned goods to value-added work: relabelled or repacked stock comes out of it."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.actor import Actor
from app.models import Return, ReturnItem
from app.usecases.returning.finding import lies_in, lot_in, refused
from app.usecases.returning.stock import SUPERVISED
from app.usecases.warehousing import ledger
from app.usecases.warehousing.layout import places_of
from app.usecases.warehousing.refusals import step
from app.usecases.warehousing.work_orders import NewWork, WorkLine, make_work_order
from warehouses.value_added import WORK_STEPS

BETTER = {"A": "A", "B": "A", "C": "B"}
"""Grade → the condition in which goods come out of repacking and repair."""


def give_to_work(
    session: Session, actor: Actor, now: datetime, found: Return, item: ReturnItem, sku: str | None, note: str
) -> None:
    """Make a work order of the item, released: its pieces are kept for it where they lie.

    `sku` is the article they become, for goods that get another label. As-new goods of the same article need no
    work: Invalid `sku_missing`.
    """
    warehouse, lot_id = lies_in(item), lot_in(item)
    grade = item.grade or "B"
    if sku is None and BETTER[grade] == grade:
        raise refused(
            "sku", "sku_missing", "say which article the new label is for", "send its code or barcode"
        )
    comes_out = BETTER[grade] if sku is None else grade
    kind = "repack" if sku is None or item.disposition == "refurbish" else "relabel"
    work = NewWork(
        kind=kind,
        reference=f"{found.public_id}-{item.seq}",
        lines=(
            WorkLine("consume", item.sku.public_id, item.quantity, grade),
            WorkLine("produce", sku or item.sku.public_id, item.quantity, comes_out),
        ),
        instructions=note[:500] or item.note,
        source="returns",
        customs_status="supervised" if warehouse.location.kind in SUPERVISED else "free",
        subject=found.public_id,
    )
    order = make_work_order(session, actor, now, warehouse, found.exporter, work)
    # These very pieces, and not the oldest of the article that lie there: each return has its own.
    place = places_of(session, warehouse.id)["returns"]
    order.status = step(WORK_STEPS, "release", order.status)
    ledger.reserve(session, now, order.public_id, {(lot_id, place.id): item.quantity}, line_seq=1)
    item.work_order_id = order.id
