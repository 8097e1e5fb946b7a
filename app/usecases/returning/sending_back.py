"""Goods that travel: their stock leaves with their booking, and comes to the returns place of the next warehouse."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.actor import Actor
from app.errors import Conflict
from app.models import Location, Return, ReturnItem, Warehouse
from app.usecases import auditing
from app.usecases.returning.carrying_out import at_hand, check_decided, finish
from app.usecases.returning.finding import find_return, follow, item_of, lies_in, lot_in, refused, take
from app.usecases.returning.pool_parcels import stand_for
from app.usecases.returning.receiving_returns import tell
from app.usecases.returning.stock import arrived_lot, move
from app.usecases.returning.weighing import weigh_by_rules
from app.usecases.warehousing import ledger
from app.usecases.warehousing.access import works_in
from app.usecases.warehousing.ledger import NO_SCAN, Scan
from warehouses.returns import MOVING


def send_off(
    session: Session,
    actor: Actor,
    now: datetime,
    public_id: str,
    seqs: Sequence[int],
    *,
    scan: Scan = NO_SCAN,
) -> Return:
    """Hand items over to who carries them: their stock leaves the returns place.

    Goods for another warehouse are in transit until they arrive there; goods that are exported again are gone, and
    announced like every export. Raises NotFound, Conflict (not decided, no word, not booked).
    """
    found = find_return(session, actor, public_id)
    items = [item_of(found, seq, f"items.{nth}") for nth, seq in enumerate(seqs)]
    here = {at_hand(actor, item) for item in items}
    if len(here) != 1:
        raise refused(
            "items", "several_warehouses", "these items do not lie in one warehouse", "send them one by one"
        )
    warehouse_id = here.pop()
    if ledger.seen(session, warehouse_id, "hand_over", public_id, scan):
        return found
    for item in items:
        _check_sent(item)
    session.flush()
    moves = [
        move(session, warehouse_id, lot_in(item), ("returns", _to(item)), item.quantity) for item in items
    ]
    ledger.post(session, actor, now, warehouse_id, "hand_over", moves, subject=public_id, scan=scan)
    for item in items:
        if item.disposition == "reexport_with_exports":
            finish(session, actor, now, found, item)
        else:
            take(item, "leave")
    follow(found)
    auditing.record(session, actor, now, "return.sent_off", public_id, after={"items": list(seqs)})
    tell(session, now, "return.sent_off", found)
    return found


def _check_sent(item: ReturnItem) -> None:
    check_decided(item)
    if item.disposition not in MOVING:
        raise Conflict(f"item {item.seq} stays here: {item.disposition}")
    if item.parcel is None or item.parcel.booking_line_id is None:
        raise Conflict(f"item {item.seq} has no space yet: fill a booking with its parcel first")


def _to(item: ReturnItem) -> str:
    return "customer" if item.disposition == "reexport_with_exports" else "in_transit"


def take_in(
    session: Session,
    actor: Actor,
    now: datetime,
    public_id: str,
    seqs: Sequence[int],
    *,
    scan: Scan = NO_SCAN,
) -> Return:
    """Take in items that travelled here: graded as they were, they wait for the next decision.

    In a returns centre in China that is mostly to leave again with exports. Raises NotFound, Conflict.
    """
    found = find_return(session, actor, public_id)
    items = [item_of(found, seq, f"items.{nth}") for nth, seq in enumerate(seqs)]
    there = _ends(session, items)
    works_in(actor, there.id)
    if ledger.seen(session, there.id, "return", public_id, scan):
        return found
    for item in items:
        if item.status != "travelling":
            raise Conflict(f"item {item.seq} is {item.status}; nothing of it travels here")
    for item in items:
        _arrive(session, actor, now, found, item, there)
    session.flush()
    moves = [move(session, there.id, lot_in(item), ("customer", "returns"), item.quantity) for item in items]
    ledger.post(session, actor, now, there.id, "return", moves, subject=public_id, scan=scan)
    for item in items:
        stand_for(session, now, found, item)
        weigh_by_rules(session, found, item, now)
    follow(found)
    after = {"items": list(seqs), "warehouse": there.location.code}
    auditing.record(session, actor, now, "return.arrived", public_id, after=after)
    tell(session, now, "return.received", found)
    return found


def _ends(session: Session, items: Sequence[ReturnItem]) -> Warehouse:
    """The one warehouse these items travel to."""
    ends = {item.parcel.destination_id for item in items if item.parcel is not None}
    if len(ends) != 1:
        raise refused(
            "items", "several_warehouses", "these items do not travel to one warehouse", "name them apart"
        )
    found = session.scalar(
        select(Warehouse)
        .join(Location, Location.id == Warehouse.location_id)
        .where(Location.id == ends.pop())
        .options(joinedload(Warehouse.location))
    )
    if found is None:
        raise Conflict("they do not travel to a warehouse")
    return found


def _arrive(
    session: Session, actor: Actor, now: datetime, found: Return, item: ReturnItem, there: Warehouse
) -> None:
    """Close what the item left behind, and let it lie in the new place."""
    before = lies_in(item)
    gone = move(session, before.id, lot_in(item), ("in_transit", "customer"), item.quantity)
    ledger.post(session, actor, now, before.id, "hand_over", [gone], subject=found.public_id)
    step_ = {
        "warehouse": before.location.code,
        "disposition": item.disposition,
        "on": now.date().isoformat(),
        "parcel": item.parcel.public_id if item.parcel else None,
    }
    item.history = [*item.history, step_]
    if item.parcel is not None and item.parcel.status in ("pending", "picked_up", "in_transit"):
        item.parcel.status = "arrived_warehouse"
    take(item, "arrive")
    item.disposition, item.approval, item.proposal = None, "not_needed", None
    item.warehouse, item.warehouse_id, item.came_on = there, there.id, now.date()
    item.lot_id = arrived_lot(session, there, item, item.grade or "B", now.date()).id
