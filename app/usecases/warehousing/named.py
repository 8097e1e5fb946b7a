"""What a body names and is not there: the fault stands at its member, not at the address."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import FieldError, Invalid, NotFound
from app.models import Party, StockPlace, Warehouse
from app.usecases.warehousing.access import find_owner, find_warehouse
from app.usecases.warehousing.layout import find_place
from warehouses.barcodes import read_scan

Found = TypeVar("Found")


def named_warehouse(session: Session, actor: Actor, reference: str, at: str = "warehouse") -> Warehouse:
    """The warehouse a body names; Invalid `unknown_warehouse`, also for the staff of another one."""
    remedy = "name one of the warehouses of your list, by code or id"
    return _at(at, "unknown_warehouse", remedy, lambda: find_warehouse(session, actor, reference))


def named_owner(session: Session, actor: Actor, reference: str | None, at: str = "exporter") -> Party:
    """The exporter a body names, or the one who asks; Invalid `unknown_exporter`."""
    remedy = "name one of your exporters, by reference or id"
    return _at(at, "unknown_exporter", remedy, lambda: find_owner(session, actor, reference))


def named_place(session: Session, warehouse_id: int, code: str, at: str = "bin") -> StockPlace:
    """The place of a warehouse by its label, as scanned or typed; Invalid `unknown_bin`."""
    remedy = "look at the label again"
    return _at(at, "unknown_bin", remedy, lambda: find_place(session, warehouse_id, read_scan(code).text))


def _at(at: str, code: str, remedy: str, look: Callable[[], Found]) -> Found:
    try:
        return look()
    except NotFound as error:
        raise Invalid(error.detail, (FieldError(at, code, error.detail, remedy, f"$.{at}"),)) from error
