"""The stock of returned goods: what comes to the returns place of a warehouse, changes there, and leaves it."""

from datetime import date

from sqlalchemy.orm import Session

from app.models import ReturnItem, StockLot, Warehouse
from app.usecases.warehousing.layout import places_of
from app.usecases.warehousing.lots import LotKey, lot_of
from warehouses.stock import Move

SUPERVISED = ("returns_centre", "supervised_site")
"""Kinds of place where returned goods lie under customs' eyes until they leave again or are cleared."""


def arrived_lot(
    session: Session, warehouse: Warehouse, item: ReturnItem, condition: str, on: date
) -> StockLot:
    """The lot of pieces that come to a warehouse: their age there begins, and they begin there in this condition."""
    status = "supervised" if warehouse.location.kind in SUPERVISED else "free"
    key = LotKey(item.sku.owner_id, item.sku_id, condition=condition, customs_status=status, received_on=on)
    return lot_of(session, key)


def regraded_lot(session: Session, lot_id: int, grade: str) -> StockLot:
    """The same pieces in another condition."""
    lot = session.get_one(StockLot, lot_id)
    return lot_of(session, LotKey.of(lot).but(condition=grade))


def move(session: Session, warehouse_id: int, lot_id: int, kinds: tuple[str, str], quantity: int) -> Move:
    """A move between two of the places a warehouse has one of each."""
    places = places_of(session, warehouse_id)
    return Move(lot_id, places[kinds[0]].id, places[kinds[1]].id, quantity)
