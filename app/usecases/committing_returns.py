"""What a plan does with returns, written where the returns desk expects it: as the disposition of their items."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import AppError
from app.models import Location, Return, ReturnItem
from app.usecases.committing_facts import Item, Way
from app.usecases.returning.deciding import Chosen, choose_dispositions
from routing.committing import Stale
from warehouses.returns import MOVING

SETTLED = ("not_needed", "approved")


def decide(
    session: Session, actor: Actor, now: datetime, way: Way, items: Sequence[Item]
) -> tuple[list[Item], list[tuple[Item, Stale]]]:
    """Write the disposition of a way to the returns that take it; return what may go on, and what may not, with why.

    What somebody decided otherwise meanwhile stays as it is; what its exporter has to approve is decided, and waits.
    Parcels without a return behind them go where they are told; those that were to stay went stale before.
    """
    if way.disposition is None:
        return list(items), []
    free: list[Item] = []
    held: list[tuple[Item, Stale]] = []
    by_return: dict[int, list[Item]] = defaultdict(list)
    for item in items:
        if item.row.item_id is not None:
            by_return[item.row.return_id].append(item)
        else:
            free.append(item)
    for return_id, some in sorted(by_return.items()):
        for item in some:
            stale = _decide(session, actor, now, way, return_id, item)
            if stale is None:
                free.append(item)
            else:
                held.append((item, stale))
    return free, held


def _decide(
    session: Session, actor: Actor, now: datetime, way: Way, return_id: int, item: Item
) -> Stale | None:
    public_id = session.scalars(
        select(Return.public_id).where(Return.id == return_id).with_for_update(of=Return)
    ).one()
    found = session.get_one(ReturnItem, item.row.item_id, populate_existing=True)
    disposition = way.disposition or ""
    if found.status == "graded":
        end = None
        if way.rows and disposition in MOVING:
            end = session.get_one(Location, way.rows[-1].to_location_id).code
        try:
            with session.begin_nested():
                chosen = Chosen(found.seq, disposition, destination=end)
                choose_dispositions(session, actor, now, public_id, [chosen])
        except AppError as error:
            return Stale("disposition_refused", error.detail)
    elif found.status != "chosen" or found.disposition != disposition:
        return Stale("decided_otherwise", found.disposition or found.status)
    return None if found.approval in SETTLED else Stale("awaits_approval", disposition)
