"""Whose returns, and which of their items: found under a lock that whoever changes them takes first."""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.actor import Actor
from app.errors import Conflict, FieldError, Invalid, NotFound
from app.models import Parcel, Return, ReturnItem, Warehouse
from app.usecases.warehousing.refusals import step
from warehouses.returns import ITEM_STEPS, ReturnedGoods, relief_deadline, state_of

OPEN_STATES = ("requested", "label_issued", "in_transit")
"""Of returns whose goods have not come."""


def visible(actor: Actor) -> ColumnElement[bool]:
    """The condition on returns: an exporter's own; for staff of a warehouse what is there, or comes or came there."""
    if actor.exporter_id is not None:
        return Return.exporter_id == actor.exporter_id
    if actor.role != "warehouse":
        return Return.id.is_not(None)
    here = actor.warehouse_id or 0
    place = select(Warehouse.location_id).where(Warehouse.id == here).scalar_subquery()
    on_its_way = and_(
        ReturnItem.status == "travelling",
        ReturnItem.parcel_id.in_(select(Parcel.id).where(Parcel.destination_id == place)),
    )
    touched = select(ReturnItem.id).where(
        ReturnItem.return_id == Return.id, or_(ReturnItem.warehouse_id == here, on_its_way)
    )
    return or_(Return.warehouse_id == here, touched.exists())


def find_return(session: Session, actor: Actor, public_id: str) -> Return:
    """The return, locked, with exporter, warehouse and items; NotFound, also for what the actor may not see."""
    found = session.scalar(
        select(Return).where(Return.public_id == public_id, visible(actor)).with_for_update(of=Return)
    )
    if found is None:
        raise NotFound("there is no such return")
    return load_return(session, found.id)


def load_return(session: Session, return_id: int) -> Return:
    """The return with everything that its use cases look at, as it is in the database now."""
    session.flush()
    return session.scalars(
        select(Return)
        .where(Return.id == return_id)
        .options(
            joinedload(Return.exporter),
            joinedload(Return.warehouse).joinedload(Warehouse.location),
            selectinload(Return.items).joinedload(ReturnItem.sku),
            selectinload(Return.items).joinedload(ReturnItem.warehouse).joinedload(Warehouse.location),
            selectinload(Return.items).joinedload(ReturnItem.parcel),
        )
        .execution_options(populate_existing=True)
    ).one()


def item_of(found: Return, seq: int, at: str = "item") -> ReturnItem:
    """The item with this number; Invalid naming the place where it was given."""
    for item in found.items:
        if item.seq == seq:
            return item
    raise refused(at, "no_such_item", f"the return has no item {seq}", "see its items")


def refused(field: str, code: str, message: str, suggestion: str = "") -> Invalid:
    """One thing wrong with what was sent."""
    return Invalid(f"{field}: {message}", (FieldError(field, code, message, suggestion, f"$.{field}"),))


def take(item: ReturnItem, name: str) -> None:
    """Take a step with an item; Conflict where it cannot be taken now."""
    item.status = step(ITEM_STEPS, name, item.status)


def follow(found: Return) -> None:
    """Give a return the state of its items."""
    found.status = state_of([item.status for item in found.items])


ALIKE = (
    "sku_id", "status", "warehouse_id", "lot_id", "came_on", "value_minor", "currency", "grade", "disposition",
    "decided_at", "decided_by", "approval", "vetoed", "proposal", "history", "note",
)  # fmt: skip
"""What pieces that were one item have in common."""


def keep(found: Return, item: ReturnItem, quantity: int) -> ReturnItem | None:
    """Leave an item so many pieces; the rest, if there is one, becomes an item of its own, alike in everything."""
    if quantity == item.quantity:
        return None
    seq = max(one.seq for one in found.items) + 1
    rest = ReturnItem(
        seq=seq, quantity=item.quantity - quantity, **{name: getattr(item, name) for name in ALIKE}
    )
    rest.sku, rest.warehouse = item.sku, item.warehouse
    item.quantity = quantity
    found.items.append(rest)
    return rest


def lies_in(item: ReturnItem) -> Warehouse:
    """The warehouse an item lies in; Conflict where it lies nowhere."""
    if item.warehouse is None:
        raise Conflict(f"item {item.seq} has not come yet")
    return item.warehouse


def lot_in(item: ReturnItem) -> int:
    """The lot an item lies there as; Conflict where it lies nowhere."""
    if item.lot_id is None:
        raise Conflict(f"item {item.seq} has not come yet")
    return item.lot_id


def traits_of(goods_class: str) -> frozenset[str]:
    """What the rules of returns speak of: the class itself, and that it is a battery."""
    battery = goods_class.startswith(("li_", "sodium_"))
    return frozenset({goods_class} | ({"battery"} if battery else set()))


def goods_of(found: Return, item: ReturnItem) -> ReturnedGoods:
    """An item as the rules see it; ungraded goods count as to be repacked."""
    return ReturnedGoods(
        grade=item.grade or "B",
        value_minor=item.value_minor * item.quantity,
        traits=traits_of(item.sku.goods_class),
        exported_on=found.exported_on,
        customs_mode=found.customs_mode,
    )


def earliest_deadline(found: Return, items: Iterable[ReturnItem]) -> None:
    """Note the first relief deadline of some items."""
    deadlines = [day for item in items if (day := relief_deadline(goods_of(found, item)))]
    found.relief_deadline = min(deadlines, default=None)


def lying(items: Sequence[ReturnItem], warehouse_id: int) -> list[ReturnItem]:
    """The items that lie in the returns place of a warehouse."""
    there = ("received", "graded", "chosen")
    return [item for item in items if item.warehouse_id == warehouse_id and item.status in there]
