"""What becomes of a count: approved by somebody who did not count, counted again, or cancelled."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import Conflict, CountUnclear, FieldError, Invalid, StockShort
from app.models import StockCount
from app.usecases import auditing
from app.usecases.warehousing import ledger
from app.usecases.warehousing.counting import lock_count
from app.usecases.warehousing.layout import places_of
from app.usecases.warehousing.refusals import refusal, step
from warehouses.counting import COUNT_STEPS, check_approver
from warehouses.errors import WarehouseError
from warehouses.stock import Move


def counters(count: StockCount) -> set[str]:
    """Everybody who counted one of its bins."""
    return {name for one in count.bins for name in (one.counted_by, one.recounted_by) if name}


def approve_count(
    session: Session, actor: Actor, now: datetime, public_id: str, reason: str = ""
) -> StockCount:
    """Post the differences: what is missing goes to the adjustment place, what is too much comes from there.

    Only the differences as they were when counted, so that what moved since stays moved. Raises NotFound, Conflict,
    Invalid (`same_counter`), and CountUnclear where what is missing is no longer there to be taken away.
    """
    count = lock_count(session, actor, public_id)
    _check_decider(count, actor)
    count.status = step(COUNT_STEPS, "approve", count.status)
    adjustment = places_of(session, count.warehouse_id)["adjustment"].id
    moves = [_adjusting(line.lot_id, line.place_id, adjustment, line.difference) for line in count.lines]
    wanted = [move for move in moves if move.quantity]
    if wanted:
        try:
            posting = ledger.post(
                session,
                actor,
                now,
                count.warehouse_id,
                "count",
                wanted,
                subject=count.public_id,
                reason=reason,
            )
        except StockShort as error:
            raise CountUnclear(
                f"{error.detail}: what is missing was moved or promised since it was counted; "
                "give the bin back to be counted again, or free what is promised"
            ) from error
        count.posting_id = posting.id
    _decided(session, actor, now, count, "count.approved", reason)
    return count


def _adjusting(lot: int, place: int, adjustment: int, difference: int) -> Move:
    if difference < 0:
        return Move(lot, place, adjustment, -difference)
    return Move(lot, adjustment, place, difference)


def reopen_count(
    session: Session, actor: Actor, now: datetime, public_id: str, bins: Sequence[str] = (), reason: str = ""
) -> StockCount:
    """Have bins counted again, those named or all that differ; by others than who counted first or decides now."""
    count = lock_count(session, actor, public_id)
    _check_decider(count, actor)
    count.status = step(COUNT_STEPS, "reopen", count.status)
    differing = {line.place_id for line in count.lines if line.difference}
    known = {one.place.code: one for one in count.bins}
    for code in bins:
        if code not in known:
            why = f"{code} is not in this count"
            raise Invalid(
                why, (FieldError("bins", "not_in_count", why, "name bins of this count", "$.bins"),)
            )
    again = [known[code] for code in bins] or [one for one in count.bins if one.place_id in differing]
    if not again:
        raise Conflict("nothing differs; approve it")
    for one in again:
        one.state = "recount"
    _decided(session, actor, now, count, "count.reopened", reason)
    return count


def cancel_count(
    session: Session, actor: Actor, now: datetime, public_id: str, reason: str = ""
) -> StockCount:
    """Give a count up; nothing is adjusted."""
    count = lock_count(session, actor, public_id)
    count.status = step(COUNT_STEPS, "cancel", count.status)
    _decided(session, actor, now, count, "count.cancelled", reason)
    return count


def _check_decider(count: StockCount, actor: Actor) -> None:
    try:
        check_approver(actor.reference, counters(count))
    except WarehouseError as error:
        raise refusal(error, suggestion="ask somebody who did not count") from error


def _decided(
    session: Session, actor: Actor, now: datetime, count: StockCount, action: str, reason: str
) -> None:
    count.decided_by, count.decided_at = actor.reference, now
    after = {"status": count.status, "reason": reason}
    auditing.record(session, actor, now, action, count.public_id, after=after)
    session.flush()
