"""What is done to stock while it is measured: units of work as the product does them, each kept before it counts."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from app.db import Database
from app.ids import new_id
from app.models import OutboundLine, OutboundOrder, Sku, StockLot, StockReservation
from app.usecases.warehousing import ledger
from app.usecases.warehousing.allocating import allocate_order
from app.usecases.warehousing.lots import LotKey, lot_of
from benchmarks.warehouse.world import ACTOR, HOUSES, World
from warehouses.stock import Move

Work = Callable[[int], float]
"""Takes a number, gives seconds."""


class _Undo(Exception):
    """Ends a unit of work of which nothing is to be kept."""


@dataclass(slots=True)
class Workers:
    """One client's units of work on a world."""

    database: Database
    world: World

    def receive(self, number: int) -> float:
        """Ten pieces come in, of a lot that is new today for most."""
        lot = number % self.world.lots
        house, places = lot % HOUSES, self.world.places[lot % HOUSES]
        began = time.perf_counter()
        with self.database.transaction() as session:
            sku = session.get_one(StockLot, lot + 1)
            key = LotKey(
                sku.owner_id, sku.sku_id, batch=f"r{number % 97}", received_on=datetime.now(UTC).date()
            )
            move = Move(lot_of(session, key).id, places["supplier"], places["receiving"], 10)
            ledger.post(session, ACTOR, datetime.now(UTC), self.world.houses[house], "receive", [move])
        return time.perf_counter() - began

    def reserve(self, number: int) -> tuple[float, list[StockReservation]]:
        """One piece is promised where it lies."""
        lot = number % self.world.lots
        _, place = self.world.lot_at(lot)
        began = time.perf_counter()
        with self.database.transaction() as session:
            made = ledger.reserve(session, datetime.now(UTC), new_id("ord"), {(lot + 1, place): 1})
        return time.perf_counter() - began, made

    def pick(self, kept: list[StockReservation]) -> float:
        """What was promised is picked."""
        (one,) = kept
        house = (one.lot_id - 1) % HOUSES
        move = Move(one.lot_id, one.from_id, self.world.places[house]["staging"], 1)
        began = time.perf_counter()
        with self.database.transaction() as session:
            ledger.post(
                session, ACTOR, datetime.now(UTC), self.world.houses[house], "pick", [move], settling=kept
            )
        return time.perf_counter() - began

    def allocate(self, skus: list[int]) -> float:
        """Find and promise stock for two lines, first to expire first; only that is measured, and nothing is kept."""
        now, took = datetime.now(UTC), 0.0
        with suppress(_Undo), self.database.transaction() as session:
            order = self._order(session, skus, now)
            began = time.perf_counter()
            short = allocate_order(session, now, order)
            took = time.perf_counter() - began
            if short:
                raise RuntimeError(f"the benchmark ran out of stock: {short}")
            raise _Undo
        return took

    def _order(self, session: Session, skus: list[int], now: datetime) -> OutboundOrder:
        lines = [
            OutboundLine(seq=seq, sku=session.get_one(Sku, sku), quantity=2, picked=0, packed=0, condition="A",
                         customs_status="free")
            for seq, sku in enumerate(skus, 1)
        ]  # fmt: skip
        order = OutboundOrder(
            public_id=new_id("ord"), warehouse_id=self.world.houses[0], owner_id=self.world.owners[0],
            reference=new_id("ref"), status="confirming", consignee={}, ship_by=now, waits_for=[], created_at=now,
            created_by="bench", lines=lines,
        )  # fmt: skip
        session.add(order)
        session.flush()
        return order


def spread(lots: int) -> Callable[[int], int]:
    """Another lot each time, far from the one before."""
    step = next(number for number in itertools.count(lots * 5 // 8) if math.gcd(number, lots) == 1)
    return lambda number: number * step % lots
