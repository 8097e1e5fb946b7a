"""Grade what came, piece by piece where they differ: the grade becomes the condition of the stock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.actor import Actor
from app.models import Return, ReturnItem
from app.usecases import auditing
from app.usecases.returning.finding import find_return, follow, item_of, keep, lies_in, lot_in, refused, take
from app.usecases.returning.pool_parcels import refuse_booked, stand_for
from app.usecases.returning.receiving_returns import tell
from app.usecases.returning.stock import move, regraded_lot
from app.usecases.returning.weighing import weigh_by_rules
from app.usecases.warehousing import ledger
from app.usecases.warehousing.access import works_in
from app.usecases.warehousing.ledger import NO_SCAN, Scan
from warehouses.stock import Move


@dataclass(frozen=True, slots=True)
class Graded:
    """So many pieces of an item with a grade (A as new, B repack, C damaged, D scrap)."""

    item: int
    quantity: int
    grade: str
    note: str = ""


def grade_return(
    session: Session,
    actor: Actor,
    now: datetime,
    public_id: str,
    grades: Sequence[Graded],
    *,
    scan: Scan = NO_SCAN,
) -> Return:
    """Give pieces their grade; an item of several grades becomes several. Graded goods wait in the order pool.

    Until something is decided they may be graded again. Raises NotFound, Conflict, Invalid (`no_such_item`,
    `more_than_received`).
    """
    found = find_return(session, actor, public_id)
    here = _where(found, grades)
    works_in(actor, here)
    if ledger.seen(session, here, "regrade", public_id, scan):
        return found
    moves: list[Move] = []
    for item, one in _pieces(found, grades):
        moves += _grade(session, item, one)
    session.flush()
    if moves:
        ledger.post(session, actor, now, here, "regrade", moves, subject=public_id, scan=scan)
    for item in found.items:
        if item.status == "graded":
            stand_for(session, now, found, item)
            weigh_by_rules(session, found, item, now)
    follow(found)
    found.graded_at = now
    after = {"grades": [f"{one.item}: {one.quantity} {one.grade}" for one in grades]}
    auditing.record(session, actor, now, "return.graded", public_id, after=after)
    tell(session, now, "return.graded", found)
    return found


def _where(found: Return, grades: Sequence[Graded]) -> int:
    """The one warehouse where all of it lies; Invalid otherwise."""
    here = {item_of(found, one.item, f"items.{nth}.item").warehouse_id for nth, one in enumerate(grades)}
    if len(here) != 1 or None in here:
        raise refused(
            "items", "not_received", "these items do not lie in one warehouse", "receive them first"
        )
    return next(one for one in here if one is not None)


def _pieces(found: Return, grades: Sequence[Graded]) -> list[tuple[ReturnItem, Graded]]:
    """The items of each grade; what is not mentioned of an item stays as it is."""
    lines: list[tuple[ReturnItem, list[Graded]]] = []
    for nth, one in enumerate(grades):
        item = item_of(found, one.item, f"items.{nth}.item")
        refuse_booked(item)
        of_item = next((known for other, known in lines if other is item), None)
        if of_item is None:
            of_item = []
            lines.append((item, of_item))
        left = item.quantity - sum(other.quantity for other in of_item)
        if one.quantity > left:
            raise refused(
                f"items.{nth}.quantity",
                "more_than_received",
                f"{left} pieces of item {item.seq} are left to grade",
            )
        of_item.append(one)
    return [pair for item, of_item in lines for pair in _dealt(found, item, of_item)]


def _dealt(found: Return, item: ReturnItem, grades: Sequence[Graded]) -> list[tuple[ReturnItem, Graded]]:
    """The first grade keeps the item's number, each other one gets the next that is free."""
    dealt = []
    rest: ReturnItem | None = item
    for one in grades:
        if rest is not None:
            this, rest = rest, keep(found, rest, one.quantity)
            dealt.append((this, one))
    return dealt


def _grade(session: Session, item: ReturnItem, one: Graded) -> list[Move]:
    take(item, "grade")
    item.grade, item.note, item.vetoed = one.grade, one.note or item.note, []
    item.disposition, item.approval = None, "not_needed"
    before, here = lot_in(item), lies_in(item).id
    after = regraded_lot(session, before, one.grade)
    if after.id == before:
        return []
    item.lot_id = after.id
    return [
        move(session, here, before, ("returns", "adjustment"), item.quantity),
        move(session, here, after.id, ("adjustment", "returns"), item.quantity),
    ]
