"""Ask for a return: what comes back, why, where it is to be sent, and until when China lets it in free of duty."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import Forbidden, NotFound, WindowClosed
from app.ids import new_id
from app.models import Location, Party, Return, ReturnItem, Sku
from app.usecases import auditing
from app.usecases.returning.finding import earliest_deadline, find_return, refused
from app.usecases.returning.nearest import Point, Receiving, choose_warehouse
from app.usecases.returning.originals import Original, find_original
from app.usecases.warehousing.lots import find_sku
from app.usecases.warehousing.refusals import step
from trade.errors import TradeError
from trade.money import Money
from trade.numbering import tracking_number
from warehouses.errors import WarehouseError
from warehouses.relief import Asked, check_window
from warehouses.returns import RETURN_STEPS


@dataclass(frozen=True, slots=True)
class WantedItem:
    """So many pieces of a SKU, by its code, id or barcode; a value of one piece other than the SKU's own, if known."""

    sku: str
    quantity: int
    value_minor: int | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReturn:
    """What is asked for. Without `label` the goods come without one of ours."""

    original: str | None
    reason: str
    items: Sequence[WantedItem]
    sender: Mapping[str, Any]
    reference: str | None = None
    condition: str | None = None
    wished: str | None = None
    note: str = ""
    warehouse: str | None = None
    exported_on: date | None = None
    customs_mode: str | None = None
    label: bool = True

    @classmethod
    def read(cls, wanted: Mapping[str, Any]) -> "NewReturn":
        """From what `schemas.returns.NewReturn` read. Invalid for a value without its currency, or one that is none."""
        items = [_wanted(nth, one) for nth, one in enumerate(wanted["items"])]
        sender = {
            name: str(value) if isinstance(value, Decimal) else value
            for name, value in wanted["sender"].items()
        }
        names = (
            "original", "reason", "reference", "condition", "wished", "note", "warehouse", "exported_on",
            "customs_mode",
            "label",
        )  # fmt: skip
        return cls(items=items, sender=sender, **{name: wanted[name] for name in names})


def _wanted(nth: int, one: Mapping[str, Any]) -> WantedItem:
    if (one["value"] is None) != (one["currency"] is None):
        raise refused(
            f"items.{nth}.currency",
            "value_incomplete",
            "a value and its currency belong together",
            "send both or neither",
        )
    if one["value"] is None:
        return WantedItem(one["sku"], one["quantity"])
    try:
        value = Money.parse(format(one["value"], "f"), one["currency"], "value")
    except TradeError as error:
        raise refused(f"items.{nth}.{error.field}", error.code, error.detail, "see ISO 4217") from error
    return WantedItem(one["sku"], one["quantity"], value.minor, value.currency)


def request_return(session: Session, actor: Actor, now: datetime, owner: Party, wanted: NewReturn) -> Return:
    """Take a return on. Its warehouse, tracking number and relief deadline are settled at once.

    Raises Invalid: `original_unknown`, `not_sent`, `sku_unknown`, `more_than_sent`, `no_returns_warehouse`,
    `warehouse_unknown`, `takes_no_returns`, `duplicate_reference`; WindowClosed where a rule says that it is too late.
    """
    if actor.test_mode:
        raise Forbidden("practice moves no goods; use a key that is not of test mode")
    original = find_original(session, owner.id, wanted.original) if wanted.original else Original()
    skus = [_sku(session, owner.id, one, nth) for nth, one in enumerate(wanted.items)]
    _check_pieces(original, wanted.items, skus)
    exported_on = wanted.exported_on or original.exported_on
    customs_mode = wanted.customs_mode or original.customs_mode
    _check_window(wanted, original, exported_on, customs_mode, now.date())
    receiving = _receiving(session, wanted, original, skus)
    public_id = new_id("rtn")
    made = Return(
        public_id=public_id, exporter_id=owner.id, reference=wanted.reference or public_id,
        original=wanted.original or "", order_id=original.order.id if original.order else None,
        original_parcel_id=original.parcel.id if original.parcel else None,
        warehouse_id=receiving.warehouse.id, status="requested", reason=wanted.reason, note=wanted.note,
        condition=wanted.condition, wished=wanted.wished, chosen_because=receiving.because,
        tracking_number=tracking_number(), exported_on=exported_on, customs_mode=customs_mode,
        delivered_on=original.delivered_on,
        sender={name: value for name, value in wanted.sender.items() if value not in (None, "")},
        created_at=now, created_by=actor.reference, items=_items(wanted.items, skus),
    )  # fmt: skip
    made.exporter, made.warehouse = owner, receiving.warehouse
    earliest_deadline(made, made.items)
    if wanted.label:
        made.status = step(RETURN_STEPS, "issue_label", made.status)
    try:
        with session.begin_nested():
            session.add(made)
            session.flush()
    except IntegrityError:
        raise refused(
            "reference",
            "duplicate_reference",
            f"there is a return {wanted.reference} already",
            "send another one",
        ) from None
    after = {"original": made.original, "reason": made.reason, "warehouse": receiving.warehouse.location.code}
    auditing.record(session, actor, now, "return.requested", public_id, after=after)
    return made


def cancel_return(session: Session, actor: Actor, now: datetime, public_id: str) -> Return:
    """Give a return up before its goods came. Raises NotFound, Conflict."""
    found = find_return(session, actor, public_id)
    found.status = step(RETURN_STEPS, "cancel", found.status)
    found.closed_at = now
    auditing.record(session, actor, now, "return.cancelled", public_id)
    return found


def send_return(session: Session, actor: Actor, now: datetime, public_id: str) -> Return:
    """Note that its sender handed it over, and that it is on its way. Raises NotFound, Conflict."""
    found = find_return(session, actor, public_id)
    found.status = step(RETURN_STEPS, "depart", found.status)
    auditing.record(session, actor, now, "return.sent", public_id)
    return found


def _sku(session: Session, owner_id: int, one: WantedItem, nth: int) -> Sku:
    try:
        return find_sku(session, owner_id, one.sku)
    except NotFound:
        raise refused(
            f"items.{nth}.sku",
            "sku_unknown",
            f"the exporter has no SKU {one.sku!r}",
            "send a code or barcode of it",
        ) from None


def _check_pieces(original: Original, wanted: Sequence[WantedItem], skus: Sequence[Sku]) -> None:
    """Refuse more pieces than went out and are not on their way back already."""
    if original.pieces is None:
        return
    left = Counter(original.pieces)
    for nth, (one, sku) in enumerate(zip(wanted, skus, strict=True)):
        if one.quantity > left[sku.id]:
            raise refused(
                f"items.{nth}.quantity", "more_than_sent",
                f"{left[sku.id]} of {sku.code} went out with this order and have not come back",
                "send fewer, or name another order",
            )  # fmt: skip
        left[sku.id] -= one.quantity


def _check_window(
    wanted: NewReturn, original: Original, exported_on: date | None, customs_mode: str | None, today: date
) -> None:
    asked = Asked(wanted.reason, wanted.wished, customs_mode, exported_on, original.delivered_on)
    try:
        check_window(asked, today)
    except WarehouseError as error:
        place = refused(
            error.field, error.code, error.detail, "agree on it with the seller, or give another reason"
        )
        raise WindowClosed(error.detail, place.errors) from error


def _receiving(session: Session, wanted: NewReturn, original: Original, skus: Sequence[Sku]) -> Receiving:
    point: Point | None = None
    if original.place_id is not None:
        place = session.get_one(Location, original.place_id)
        point = (place.latitude, place.longitude)
    goods = [sku.goods_class for sku in skus]
    return choose_warehouse(session, wanted.sender, goods, wanted.warehouse, point)


def _items(wanted: Sequence[WantedItem], skus: Sequence[Sku]) -> list[ReturnItem]:
    made = []
    for seq, (one, sku) in enumerate(zip(wanted, skus, strict=True), 1):
        value, currency = one.value_minor, one.currency
        if value is None or currency is None:
            value, currency = sku.value_minor, sku.currency
        item = ReturnItem(
            seq=seq, sku_id=sku.id, status="expected", quantity=one.quantity, value_minor=value, currency=currency,
            vetoed=[], history=[],
        )  # fmt: skip
        item.sku = sku
        made.append(item)
    return made
