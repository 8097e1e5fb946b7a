"""Fill three warehouses of the sample, so that there is something to work with."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import Conflict
from app.exchange.rows import Source
from app.models import Dock, StockPosting
from app.seeds.sample_stock import HOUSES, SKUS, SampleHouse, bin_rows, stock_rows
from app.usecases.importing.running import import_file
from app.usecases.warehousing.access import find_warehouse
from app.usecases.warehousing.docks import add_dock


@dataclass(frozen=True, slots=True)
class StockSeed:
    """What loading the sample stock changed."""

    skus: int
    bins: int
    lots: int

    def __str__(self) -> str:
        """One line for the terminal."""
        return f"{self.skus} articles, {self.bins} bins and {self.lots} lots of stock added"


def seed_sample_stock(session: Session, actor: Actor, now: datetime) -> StockSeed:
    """Load articles, bins, docks and opening balances of three warehouses; again it adds only what is missing.

    A warehouse in which anything was posted keeps the stock it has. Raises Conflict naming what does not fit.
    """
    skus = _load(session, actor, now, "skus", SKUS)
    rows = list(csv.DictReader(io.StringIO(SKUS.read_text(encoding="utf-8"))))
    bins = _load(session, actor, now, "bins", _file(row for house in HOUSES for row in bin_rows(house)))
    lots = 0
    for house in HOUSES:
        warehouse = find_warehouse(session, actor, house.code)
        _docks(session, actor, now, house)
        if not session.scalar(select(exists().where(StockPosting.warehouse_id == warehouse.id))):
            lots += _load(session, actor, now, "stock", _file(stock_rows(house, rows, now.date())))
    return StockSeed(skus, bins, lots)


def _docks(session: Session, actor: Actor, now: datetime, house: SampleHouse) -> None:
    warehouse = find_warehouse(session, actor, house.code)
    there = set(session.scalars(select(Dock.code).where(Dock.warehouse_id == warehouse.id)))
    for code in (f"D{number}" for number in range(1, house.docks + 1)):
        if code not in there:
            hours = {"opens_local": "07:00", "closes_local": "19:00"}
            add_dock(session, actor, now, warehouse, code=code, slot_min=60, **hours)


def _file(rows: Iterable[dict[str, Any]]) -> bytes:
    found = list(rows)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys(name for row in found for name in row)), restval="")
    writer.writeheader()
    writer.writerows(found)
    return text.getvalue().encode()


def _load(session: Session, actor: Actor, now: datetime, kind: str, content: Source) -> int:
    result = import_file(session, actor, now, kind, f"sample/{kind}.csv", content)
    if not result.saved:
        first = result.errors[0]
        raise Conflict(
            f"sample/{kind}.csv, row {first.row}, {first.column}: {first.message}; {first.suggestion}"
        )
    return result.added
