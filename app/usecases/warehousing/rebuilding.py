"""Build the caches of the ledger anew: balances from moves, promises from reservations, fill of bins from balances."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import text, update
from sqlalchemy.orm import Session

from app.actor import Actor
from app.models import StockBalance, StockPlace
from app.queries.invariants_stock import filled, moved, promised, spot, wrongly_open
from app.usecases import auditing
from warehouses.stock import OPEN_ENDED, Balance, Change, Spot, short


def rebuild_balances(session: Session, actor: Actor, now: datetime) -> list[tuple[str, str]]:
    """Correct every balance and bin that is not what moves and reservations add up to; what was changed, and how.

    Where the moves themselves take more than there was, or more is promised than is there, the balance stays as it
    is, and that is said. Nobody posts meanwhile.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE stock_balance IN SHARE ROW EXCLUSIVE MODE"))
    done = [*_balances(session), *_bins(session)]
    for subject, detail in done:
        auditing.record(session, actor, now, "stock.rebuilt", subject[:40], after={"changed": detail})
    return done


def _balances(session: Session) -> Iterator[tuple[str, str]]:
    differing: dict[Spot, Change] = {}
    for lot, place, there, says in session.execute(moved()):
        differing[lot, place] = Change(on_hand=there - says)
    for lot, place, there, says in session.execute(promised()):
        before = differing.get((lot, place), Change())
        differing[lot, place] = Change(before.on_hand, there - says)
    for lot, place in session.execute(wrongly_open()):
        differing.setdefault((lot, place), Change())
    for (lot, place), change in sorted(differing.items()):
        yield spot(session, lot, place), _correct(session, (lot, place), change)


def _correct(session: Session, at: Spot, change: Change) -> str:
    lot, place = at
    open_ended = session.get_one(StockPlace, place).kind in OPEN_ENDED
    row = session.get(StockBalance, at)
    said = Balance(row.on_hand, row.reserved, open_ended) if row is not None else Balance(0, 0, open_ended)
    on_hand, reserved = said.on_hand + change.on_hand, said.reserved + change.reserved
    words = f"{said.on_hand} on hand and {said.reserved} reserved → {on_hand} and {reserved}"
    if list(short({at: said}, {at: change})):
        return f"{words}: left as it is, more was taken or promised than there was"
    if row is None:
        session.add(
            StockBalance(
                lot_id=lot, place_id=place, on_hand=on_hand, reserved=reserved, open_ended=open_ended
            )
        )
    else:
        row.on_hand, row.reserved, row.open_ended = on_hand, reserved, open_ended
    session.flush()
    return words


def _bins(session: Session) -> Iterator[tuple[str, str]]:
    for place_id, code, is_g, is_cm3, says_g, says_cm3 in session.execute(filled()).all():
        place = session.get_one(StockPlace, place_id)
        words = f"{says_g} g and {says_cm3} cm3 → {is_g} g and {is_cm3} cm3"
        if is_g > (place.max_g or is_g) or is_cm3 > (place.max_cm3 or is_cm3) or min(is_g, is_cm3) < 0:
            yield f"bin {code}", f"{words}: left as it is, that is more than it takes"
            continue
        session.execute(
            update(StockPlace).where(StockPlace.id == place_id).values(used_g=is_g, used_cm3=is_cm3)
        )
        yield f"bin {code}", words
