"""The price lists of warehouses as the rules know them: published for everybody, and agreed with one exporter."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.models import WarehouseFee
from trade.warehouse_fees import FeeRow, Price, prices_on


def fee_row(row: WarehouseFee) -> FeeRow:
    """A stored row as the rules know it."""
    return FeeRow(
        row.code, row.basis, row.band_from, row.band_to, row.price_micros, row.currency, row.effective_from,
        row.effective_to, row.exporter_id is not None, row.free_days, row.minimum_minor, row.divisor,
    )  # fmt: skip


def rows_on(session: Session, warehouse_id: int, on: date) -> list[WarehouseFee]:
    """The rows of a warehouse that hold on a day, published and agreed, by code and band."""
    query = (
        select(WarehouseFee)
        .where(
            WarehouseFee.warehouse_id == warehouse_id,
            WarehouseFee.effective_from <= on,
            or_(WarehouseFee.effective_to.is_(None), WarehouseFee.effective_to > on),
        )
        .order_by(WarehouseFee.code, WarehouseFee.band_from, WarehouseFee.id)
    )
    return list(session.scalars(query))


class PriceBook:
    """What a warehouse charges on one day, by exporter; read once, and worked out once for each of them."""

    def __init__(self, rows: Iterable[WarehouseFee], on: date) -> None:
        self._on = on
        self._published: list[FeeRow] = []
        self._own: dict[int, list[FeeRow]] = defaultdict(list)
        self._prices: dict[int, dict[str, Price]] = {}
        for row in rows:
            into = self._published if row.exporter_id is None else self._own[row.exporter_id]
            into.append(fee_row(row))

    def __bool__(self) -> bool:
        return bool(self._published or self._own)

    def of(self, exporter_id: int) -> dict[str, Price]:
        """The price of every fee for an exporter, by code; TradeError where rows contradict each other."""
        if exporter_id not in self._prices:
            own = self._own.get(exporter_id, [])
            self._prices[exporter_id] = prices_on([*self._published, *own], self._on)
        return self._prices[exporter_id]


def price_books(session: Session, on: date) -> dict[int, PriceBook]:
    """The price list of every warehouse that has one on a day, by its row id, in one query."""
    found: defaultdict[int, list[WarehouseFee]] = defaultdict(list)
    query = select(WarehouseFee).where(
        WarehouseFee.effective_from <= on,
        or_(WarehouseFee.effective_to.is_(None), WarehouseFee.effective_to > on),
    )
    for row in session.scalars(query.order_by(WarehouseFee.id)):
        found[row.warehouse_id].append(row)
    return {warehouse_id: PriceBook(rows, on) for warehouse_id, rows in found.items()}
