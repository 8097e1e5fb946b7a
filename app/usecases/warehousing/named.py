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
    return _at(at, "unknown_warehouse", lambda: find_warehouse(session, actor, reference))


def named_owner(session: Session, actor: Actor, reference: str | None, at: str = "exporter") -> Party:
    """The exporter a body names, or the one who asks; Invalid `unknown_exporter`."""
    return _at(at, "unknown_exporter", lambda: find_owner(session, actor, reference))


def named_place(session: Session, warehouse_id: int, code: str, at: str = "bin") -> StockPlace:
    """The place of a warehouse by its label, as scanned or typed; Invalid `unknown_bin`."""
    return _at(at, "unknown_bin", lambda: find_place(session, warehouse_id, read_scan(code).text))


def _at(at: str, code: str, look: Callable[[], Found]) -> Found:
    try:
        return look()
    except NotFound as error:
        raise Invalid(
            error.detail, (FieldError(at, code, error.detail, "look at the label again", f"$.{at}"),)
        ) from error
