"""From what was scanned to what it names: the article of an owner, and what its symbol says besides."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from app.errors import FieldError, Invalid
from app.models import Party, Sku, StockBalance, StockLot, StockPlace
from warehouses.barcodes import Scanned, read_scan


def sku_in_house(
    session: Session,
    warehouse_id: int,
    code: str,
    *,
    owner: str | None = None,
    first_in: Iterable[int] = (),
    at: str = "code",
) -> tuple[Sku, Scanned]:
    """The SKU a scan names (code, public id, or barcode in any of its ways), and what else the scan says.

    Several owners may use one code: what lies in the places `first_in` is meant first, then what is kept anywhere in
    the warehouse, then any; `owner` decides. Invalid `unknown_sku`, or `ambiguous_sku` where two are left.
    """
    said = read_scan(code)
    named = or_(Sku.code.in_(said.names), Sku.barcode.in_(said.names), Sku.public_id == said.text)
    query = select(Sku).where(named)
    if owner:
        query = query.join(Party, Sku.owner_id == Party.id)
        query = query.where(or_(Party.reference == owner, Party.public_id == owner))
    found = list(session.scalars(query.order_by(Sku.id).limit(100)))
    for where in (StockBalance.place_id.in_(list(first_in)), StockPlace.warehouse_id == warehouse_id):
        if len(found) > 1:
            found = _lying(session, found, where) or found
    if not found:
        why = f"nothing here is called {said.text}"
        raise _refused("unknown_sku", why, "scan or type the code of the article", at, said.text)
    if len(found) > 1:
        raise _refused(
            "ambiguous_sku", f"several exporters have {said.text}", "say whose it is", at, said.text
        )
    return found[0], said


def _lying(session: Session, found: list[Sku], where: ColumnElement[bool]) -> list[Sku]:
    query = (
        select(StockLot.sku_id)
        .join(StockBalance, StockBalance.lot_id == StockLot.id)
        .join(StockPlace, StockBalance.place_id == StockPlace.id)
        .where(StockLot.sku_id.in_([one.id for one in found]), StockBalance.on_hand > 0, where)
    )
    there = set(session.scalars(query))
    return [one for one in found if one.id in there]


def _refused(code: str, detail: str, remedy: str, at: str, scanned: str) -> Invalid:
    return Invalid(detail, (FieldError(at, code, detail, remedy, f"$.{at}"),), scanned=scanned)
