"""Take a return in: its pieces come from the customer into the returns place, through the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.actor import Actor
from app.models import Return, ReturnItem
from app.usecases import auditing
from app.usecases.announcing import announce
from app.usecases.returning.finding import find_return, follow, item_of, keep, lot_in, refused, take
from app.usecases.returning.stock import arrived_lot, move
from app.usecases.warehousing import ledger
from app.usecases.warehousing.access import works_in
from app.usecases.warehousing.ledger import NO_SCAN, Scan
from app.usecases.warehousing.refusals import step
from warehouses.returns import RETURN_STEPS

TO_COME = ("expected", "missing")
UNGRADED = "B"
"""As what goods lie there until somebody has looked at them, if their sender says nothing."""


@dataclass(frozen=True, slots=True)
class Came:
    """So many pieces of an item that came."""

    item: int
    quantity: int


def receive_return(
    session: Session,
    actor: Actor,
    now: datetime,
    public_id: str,
    came: Sequence[Came] | None = None,
    *,
    complete: bool = True,
    scan: Scan = NO_SCAN,
) -> Return:
    """Take in what came; without `came` all of it. `complete`: what did not come is missing, until it turns up.

    Raises NotFound, Conflict, Invalid (`no_such_item`, `more_than_expected`, `nothing_came`).
    """
    found = find_return(session, actor, public_id)
    works_in(actor, found.warehouse_id)
    if ledger.seen(session, found.warehouse_id, "return", public_id, scan):
        return found
    step(RETURN_STEPS, "receive", found.status)
    lines = _lines(found, came)
    taken = [_take_in(session, found, item, pieces, now) for item, pieces in lines]
    session.flush()
    moves = [
        move(session, found.warehouse_id, lot_in(item), ("customer", "returns"), item.quantity)
        for item in taken
    ]
    ledger.post(
        session,
        actor,
        now,
        found.warehouse_id,
        "return",
        moves,
        subject=public_id,
        reason=found.reason,
        scan=scan,
    )
    for item in found.items if complete else ():
        if item.status == "expected":
            take(item, "miss")
    follow(found)
    found.received_at = found.received_at or now
    pieces = sum(item.quantity for item in taken)
    auditing.record(session, actor, now, "return.received", public_id, after={"pieces": pieces})
    tell(session, now, "return.received", found)
    return found


def _lines(found: Return, came: Sequence[Came] | None) -> list[tuple[ReturnItem, int]]:
    if came is None:
        lines = [(item, item.quantity) for item in found.items if item.status in TO_COME]
    else:
        lines = [
            (item_of(found, one.item, f"items.{nth}.item"), one.quantity) for nth, one in enumerate(came)
        ]
    if not lines:
        raise refused("items", "nothing_came", "nothing of this return is expected any more", "see its items")
    for nth, (item, quantity) in enumerate(lines):
        twice = [other for other, _ in lines].count(item) > 1
        if item.status not in TO_COME or quantity > item.quantity or twice:
            expected = item.quantity if item.status in TO_COME and not twice else 0
            raise refused(
                f"items.{nth}.quantity", "more_than_expected",
                f"{expected} of item {item.seq} are still expected", "ask for a return of what else came",
            )  # fmt: skip
    return lines


def _take_in(session: Session, found: Return, item: ReturnItem, quantity: int, now: datetime) -> ReturnItem:
    """Let the item be the pieces that came, with those that did not as an item of their own."""
    keep(found, item, quantity)
    take(item, "receive")
    item.warehouse, item.warehouse_id, item.came_on = found.warehouse, found.warehouse_id, now.date()
    item.lot_id = arrived_lot(session, found.warehouse, item, found.condition or UNGRADED, now.date()).id
    return item


def tell(session: Session, now: datetime, event: str, found: Return) -> None:
    """Tell the exporter and the operation what became of a return."""
    data = {
        "id": found.public_id,
        "reference": found.reference,
        "tracking_number": found.tracking_number,
        "warehouse": found.warehouse.location.code,
        "status": found.status,
        "items": [
            {
                "item": item.seq, "sku": item.sku.code, "quantity": item.quantity, "status": item.status,
                "grade": item.grade, "disposition": item.disposition, "approval": item.approval,
            }
            for item in found.items
        ],
    }  # fmt: skip
    announce(session, now, event, found.exporter_id, found.public_id, data)
