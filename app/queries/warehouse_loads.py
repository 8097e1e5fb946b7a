"""How busy each warehouse of a list is: stock by age, what comes, what has to go. Three queries for all of them."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.models import Asn, OutboundOrder, StockBalance, StockLot, StockPlace
from app.queries.floor import AWAITED, DONE, DUE, Band
from warehouses.ageing import by_band
from warehouses.stock import IN_HOUSE

OLD_DAYS = 180
"""From then on stock is called old."""


@dataclass(frozen=True, slots=True)
class WarehouseLoad:
    """Sums of one warehouse."""

    bands: dict[Band, int] = field(default_factory=dict)
    """Pieces by days since they were received."""
    due: int = 0
    """Announced goods that are expected within a week, or were expected before and have not come."""
    backlog: int = 0
    """Orders that have not left."""
    late: int = 0
    """Those that should have."""

    @property
    def pieces(self) -> int:
        """All that lies there."""
        return sum(self.bands.values())

    @property
    def old_share(self) -> float:
        """How much of it is old."""
        old = sum(count for (first, _last), count in self.bands.items() if first > OLD_DAYS)
        return old / self.pieces if self.pieces else 0.0


def loads_of(
    session: Session, actor: Actor, warehouses: Collection[int], now: datetime
) -> dict[int, WarehouseLoad]:
    """By row id; whoever works in one warehouse is told of that one alone."""
    ids = [one for one in warehouses if actor.warehouse_id in (None, one)]
    stock = _stock(session, ids)
    due = {
        row[0]: int(row[1])
        for row in session.execute(
            select(Asn.warehouse_id, func.count())
            .where(Asn.warehouse_id.in_(ids), Asn.status.in_(AWAITED), Asn.expected_on <= now.date() + DUE)
            .group_by(Asn.warehouse_id)
        )
    }
    waiting = OutboundOrder.status.not_in((*DONE, "draft", "delivered"))
    late = func.count().filter(OutboundOrder.ship_by < now)
    orders = {
        row[0]: (int(row[1]), int(row[2]))
        for row in session.execute(
            select(OutboundOrder.warehouse_id, func.count(), late)
            .where(OutboundOrder.warehouse_id.in_(ids), waiting)
            .group_by(OutboundOrder.warehouse_id)
        )
    }
    return {
        one: WarehouseLoad(by_band(stock.get(one, ()), now.date()), due.get(one, 0), *orders.get(one, (0, 0)))
        for one in ids
    }


def _stock(session: Session, ids: Collection[int]) -> dict[int, list[tuple[date, int]]]:
    query = (
        select(StockPlace.warehouse_id, StockLot.received_on, func.sum(StockBalance.on_hand))
        .select_from(StockPlace)
        .join(StockBalance, StockBalance.place_id == StockPlace.id)
        .join(StockLot, StockLot.id == StockBalance.lot_id)
        .where(StockPlace.warehouse_id.in_(ids), StockPlace.kind.in_(IN_HOUSE), StockBalance.here)
        .group_by(StockPlace.warehouse_id, StockLot.received_on)
    )
    found: dict[int, list[tuple[date, int]]] = {}
    for warehouse_id, received_on, pieces in session.execute(query):
        found.setdefault(warehouse_id, []).append((received_on, int(pieces)))
    return found
