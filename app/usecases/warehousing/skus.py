"""Articles: add one, and change what is known of it, also while pieces of it lie in bins."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.db import fetch
from app.errors import Conflict, FieldError, Invalid, NotFound
from app.ids import new_id
from app.models import Party, Sku, StockBalance, StockLot, StockPlace
from app.usecases import auditing
from app.usecases.warehousing.access import may_own, taken_means
from app.usecases.warehousing.balances import Goods, Spotted, fill_bins, lock_bins
from trade.errors import TradeError
from trade.goods import goods_classes
from trade.money import Money
from trade.weight import box_volume_cm3
from warehouses.stock import Change

SIDES = {"length_cm": "length_mm", "width_cm": "width_mm", "height_cm": "height_mm"}
KEPT = ("name_en", "name_zh", "barcode", "goods_class", "hs_code", "origin_country", "currency", "issue_rule")
IN_BINS = (
    select(StockBalance.lot_id, StockBalance.place_id, StockBalance.on_hand, StockLot.customs_status)
    .join(StockLot, StockLot.id == StockBalance.lot_id)
    .join(StockPlace, StockPlace.id == StockBalance.place_id)
    .where(StockBalance.here, StockPlace.kind == "bin")
)


def get_sku(session: Session, actor: Actor, public_id: str, *, lock: bool = False) -> Sku:
    """An article by its public id; NotFound, also for another exporter's."""
    query = select(Sku).where(Sku.public_id == public_id, may_own(actor, Sku.owner_id))
    if lock:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    found = session.scalar(query)
    if found is None:
        raise NotFound("there is no such SKU")
    return found


def add_sku(session: Session, actor: Actor, now: datetime, owner: Party, wanted: Mapping[str, Any]) -> Sku:
    """Add an article of an owner.

    `wanted` has the members of the API: `code`, names, `barcode`, `weight_kg`, sides in cm or `volume_m3`, `value`
    and so on, numbers as Decimal. Conflict where the owner has the code or the barcode already; Invalid.
    """
    _check_barcode(session, owner.id, wanted.get("barcode"), None)
    sku = Sku(
        public_id=new_id("sku"),
        owner_id=owner.id,
        code=wanted["code"],
        created_at=now,
        **facts_of(wanted, now.date()),
    )
    with taken_means(session, f"{owner.reference} has a SKU {sku.code} already"):
        session.add(sku)
    after = {"code": sku.code, "owner": owner.reference}
    auditing.record(session, actor, now, "sku.added", sku.public_id, after=after)
    return sku


def change_sku(
    session: Session, actor: Actor, now: datetime, public_id: str, wanted: Mapping[str, Any]
) -> Sku:
    """Change what is named in `wanted`; what is not stays as it is.

    Another size counts at once for the bins in which pieces lie: BinFull where they would be too heavy or too large.
    """
    sku = get_sku(session, actor, public_id, lock=True)
    if wanted.get("barcode"):
        _check_barcode(session, sku.owner_id, wanted["barcode"], sku.id)
    facts = facts_of(as_wanted(sku) | _sizes_apart(wanted), now.date())
    before = {name: getattr(sku, name) for name, value in facts.items() if getattr(sku, name) != value}
    more_g, more_cm3 = facts["weight_g"] - sku.weight_g, facts["volume_cm3"] - sku.volume_cm3
    if more_g or more_cm3:
        _refill(session, sku, more_g, more_cm3)
    for name in before:
        setattr(sku, name, facts[name])
    if before:
        after = {name: facts[name] for name in before}
        auditing.record(session, actor, now, "sku.changed", sku.public_id, before=before, after=after)
    session.flush()
    return sku


def as_wanted(sku: Sku) -> dict[str, Any]:
    """An article as `add_sku` wants it."""
    sides = {
        name: None if getattr(sku, column) is None else Decimal(getattr(sku, column)) / 10
        for name, column in SIDES.items()
    }
    return {name: getattr(sku, name) for name in KEPT} | sides | {
        "weight_kg": Decimal(sku.weight_g) / 1000,
        "volume_m3": None if sides["length_cm"] else Decimal(sku.volume_cm3) / 1_000_000,
        "value": Decimal(Money(sku.value_minor, sku.currency).format()),
    }  # fmt: skip


def _sizes_apart(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Sides that are given replace a volume, and the other way round."""
    changed = dict(wanted)
    if any(changed.get(side) is not None for side in SIDES):
        changed.setdefault("volume_m3", None)
    elif changed.get("volume_m3") is not None:
        changed |= {side: changed.get(side) for side in SIDES}
    return changed


def facts_of(wanted: Mapping[str, Any], on: date) -> dict[str, Any]:
    """The columns of an article; Invalid names every place at fault.

    Codes: `goods_class_unknown`, `size_missing`, `size_incomplete`, and those of money.
    """
    faults: list[FieldError] = []
    if wanted["goods_class"] not in goods_classes(on):
        known = ", ".join(goods_classes(on))
        faults.append(
            _fault("goods_class", "goods_class_unknown", f"there is no {wanted['goods_class']!r}", known)
        )
    sides = {
        column: None if wanted.get(name) is None else int(wanted[name] * 10) for name, column in SIDES.items()
    }
    volume_cm3 = _volume_cm3(sides, wanted.get("volume_m3"), faults)
    value_minor = 0
    try:
        value_minor = Money.parse(format(wanted["value"], "f"), wanted["currency"], "value").minor
    except TradeError as error:
        faults.append(_fault(error.field, error.code, error.detail, ""))
    if faults:
        raise Invalid("; ".join(f"{one.field}: {one.message}" for one in faults), tuple(faults))
    return {name: wanted[name] for name in KEPT} | sides | {
        "weight_g": int(wanted["weight_kg"] * 1000),
        "volume_cm3": volume_cm3,
        "value_minor": value_minor,
    }  # fmt: skip


def _volume_cm3(sides: Mapping[str, int | None], volume_m3: Decimal | None, faults: list[FieldError]) -> int:
    given = [side for side in sides.values() if side is not None]
    if len(given) == len(sides):
        return box_volume_cm3(*given)
    if given:
        faults.append(
            _fault("length_cm", "size_incomplete", "one or two of three sides", "give all three or none")
        )
    elif volume_m3 is None:
        faults.append(
            _fault("volume_m3", "size_missing", "neither sides nor volume", "give the sides, or volume_m3")
        )
    else:
        return int(volume_m3 * 1_000_000)
    return 0


def _refill(session: Session, sku: Sku, more_g: int, more_cm3: int) -> None:
    """What lies in bins weighs and measures so much more a piece; the SKU is locked."""
    rows = fetch(session, IN_BINS.where(StockLot.sku_id == sku.id)).all()
    place_ids = {row.place_id for row in rows}
    lock_bins(session, place_ids)
    bins = session.scalars(select(StockPlace).where(StockPlace.id.in_(place_ids)))
    fill_bins(
        session,
        {(row.lot_id, row.place_id): Change(row.on_hand) for row in rows},
        {row.lot_id: Goods(row.customs_status, sku.code, more_g, more_cm3) for row in rows},
        {one.id: Spotted(one.warehouse_id, one.kind, one.code, one.blocked, None) for one in bins},
    )


def _check_barcode(session: Session, owner_id: int, barcode: str | None, but: int | None) -> None:
    if not barcode:
        return
    query = select(Sku.code).where(Sku.owner_id == owner_id, Sku.barcode == barcode)
    taken = session.scalar(query if but is None else query.where(Sku.id != but))
    if taken is not None:
        raise Conflict(f"the SKU {taken} has the barcode {barcode} already")


def _fault(field: str, code: str, message: str, suggestion: str) -> FieldError:
    return FieldError(field, code, message, suggestion, f"$.{field}")
