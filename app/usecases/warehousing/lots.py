"""SKUs and lots: what is kept, and which pieces of it are alike."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.models import Sku, StockLot
from warehouses.stock import NEVER


@dataclass(frozen=True, slots=True)
class LotKey:
    """What tells one lot from another."""

    owner_id: int
    sku_id: int
    batch: str = ""
    expires_on: date = NEVER
    condition: str = "A"
    customs_status: str = "free"
    received_on: date = NEVER

    @classmethod
    def of(cls, lot: StockLot) -> "LotKey":
        """The key of a lot."""
        return cls(
            lot.owner_id, lot.sku_id, lot.batch, lot.expires_on, lot.condition, lot.customs_status,
            lot.received_on,
        )  # fmt: skip

    def but(self, **changed: Any) -> "LotKey":  # noqa: ANN401 (any of the fields)
        """The same pieces with something different about them."""
        return replace(self, **changed)


def lot_of(session: Session, key: LotKey) -> StockLot:
    """The lot with this key, made if it is the first of its kind."""
    query = select(StockLot).where(
        StockLot.sku_id == key.sku_id,
        StockLot.batch == key.batch,
        StockLot.expires_on == key.expires_on,
        StockLot.condition == key.condition,
        StockLot.customs_status == key.customs_status,
        StockLot.received_on == key.received_on,
    )
    found = session.scalar(query)
    if found is None:
        session.execute(insert_missing(session, StockLot, [_values(key)]))
        found = session.scalars(query).one()
    return found


def lots_of(session: Session, keys: Iterable[LotKey], *, make: bool = True) -> dict[LotKey, int]:
    """Ids of the lots with these keys; those that are not there are made, or left out."""
    wanted = set(keys)
    found = _known(session, wanted)
    missing = sorted(wanted - found.keys(), key=repr)
    if missing and make:
        session.execute(insert_missing(session, StockLot, [_values(key) for key in missing]))
        found |= _known(session, set(missing))
    return found


def _known(session: Session, keys: set[LotKey]) -> dict[LotKey, int]:
    query = select(StockLot).where(StockLot.sku_id.in_({key.sku_id for key in keys}))
    return {key: lot.id for lot in session.scalars(query) if (key := LotKey.of(lot)) in keys}


def find_sku(session: Session, owner_id: int, code: str) -> Sku:
    """A SKU of an owner by its code, its public id or its barcode; NotFound."""
    found = session.scalar(
        select(Sku)
        .where(Sku.owner_id == owner_id, or_(Sku.code == code, Sku.public_id == code, Sku.barcode == code))
        .order_by((Sku.code != code), Sku.id)
        .limit(1)
    )
    if found is None:
        raise NotFound(f"there is no SKU {code!r}")
    return found


def insert_missing(session: Session, model: Any, rows: list[dict[str, Any]]) -> Any:  # noqa: ANN401
    """An INSERT that leaves what is there already as it is: two who come first at once both go on."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    return dialect.insert(model).values(rows).on_conflict_do_nothing()


def _values(key: LotKey) -> dict[str, Any]:
    return {name: getattr(key, name) for name in LotKey.__slots__}
