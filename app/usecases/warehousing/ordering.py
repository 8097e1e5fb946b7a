"""Outbound orders: taken on, changed, confirmed once there is stock for all of it, or waiting for their owner."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload

from app.actor import Actor
from app.errors import Conflict, FieldError, Invalid, NotFound
from app.ids import new_id
from app.models import OutboundLine, OutboundOrder, Party, Sku, Warehouse, Wave
from app.usecases import auditing
from app.usecases.announcing import announce
from app.usecases.warehousing import ledger
from app.usecases.warehousing.access import may_own, may_see, refuse_practice
from app.usecases.warehousing.allocating import Shortage, allocate_order
from app.usecases.warehousing.lots import find_sku
from app.usecases.warehousing.refusals import step
from warehouses.outbound import CHANGEABLE, ORDER_STEPS, missing_members

STOCK_SHORT, ADDRESS_INCOMPLETE = "stock_short", "address_incomplete"
"""What a `waiting_seller` order waits for."""


@dataclass(frozen=True, slots=True)
class WantedLine:
    """So many pieces of a SKU, by its code, id or barcode."""

    sku: str
    quantity: int
    condition: str = "A"
    customs_status: str = "free"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """What an owner sends to whom, and until when it has to leave."""

    reference: str
    ship_by: datetime
    consignee: Mapping[str, str]
    lines: Sequence[WantedLine]
    service: str = ""
    hold_until: datetime | None = None
    """Stock is kept for the draft until then; None: not before it is confirmed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What is to be different; None stays. `consignee` names only the members that change."""

    ship_by: datetime | None = None
    service: str | None = None
    consignee: Mapping[str, str] = field(default_factory=dict)
    lines: Sequence[WantedLine] | None = None


def create_order(
    session: Session, actor: Actor, now: datetime, warehouse: Warehouse, owner: Party, wanted: NewOrder
) -> OutboundOrder:
    """Take an order on as a draft, and keep stock for it for a while if that is asked.

    Raises Invalid: `duplicate_reference`, `sku_unknown`, `hold_in_the_past`; StockShort where what is to be kept is
    not there.
    """
    refuse_practice(actor)
    if wanted.hold_until is not None and wanted.hold_until <= now:
        raise wrong("hold_until", "hold_in_the_past", "stock cannot be kept until a moment that has passed")
    if _taken(session, owner.id, wanted.reference):
        raise _duplicate(wanted.reference)
    order = OutboundOrder(
        public_id=new_id("ord"), warehouse_id=warehouse.id, owner_id=owner.id, reference=wanted.reference,
        consignee={name: text for name, text in wanted.consignee.items() if text}, service=wanted.service,
        ship_by=wanted.ship_by, waits_for=[], created_at=now, created_by=actor.reference, packages=[],
        lines=_lines(session, owner.id, wanted.lines),
    )  # fmt: skip
    try:
        with session.begin_nested():
            session.add(order)
            session.flush()
    except IntegrityError:
        raise _duplicate(wanted.reference) from None
    auditing.record(session, actor, now, "order.draft", order.public_id, after={"reference": order.reference})
    if wanted.hold_until is not None:
        short = allocate_order(session, now, order, expires_at=wanted.hold_until)
        if short:
            raise Conflict(f"stock cannot be kept: {short[0].missing} of {short[0].sku} missing")
    return order


def change_order(
    session: Session, actor: Actor, now: datetime, order_id: str, wanted: Changes
) -> OutboundOrder:
    """Change a draft, or an order that waits for its owner. Lines only before anything was picked; Conflict."""
    order = lock_order(session, actor, order_id)
    if order.status not in CHANGEABLE:
        raise Conflict(f"the order is {order.status}; only a draft or one that waits for its owner changes")
    if wanted.lines is not None:
        if any(line.picked for line in order.lines):
            raise Conflict("some of it is picked already; void the order and make a new one")
        ledger.release(session, now, ledger.pending(session, order.public_id))
        order.lines.clear()
        session.flush()
        order.lines.extend(_lines(session, order.owner_id, wanted.lines))
    if wanted.ship_by is not None:
        order.ship_by = wanted.ship_by
    if wanted.service is not None:
        order.service = wanted.service
    both = {**order.consignee, **wanted.consignee}
    order.consignee = {name: text for name, text in both.items() if text}
    order.version += 1
    session.flush()
    auditing.record(session, actor, now, "order.changed", order.public_id, after={"lines": len(order.lines)})
    return order


def confirm_order(session: Session, actor: Actor, now: datetime, order_id: str) -> OutboundOrder:
    """Confirm an order: either all of it is reserved now, or it waits and says what its owner has to do."""
    order = lock_order(session, actor, order_id)
    advance(session, actor, now, order, "confirm")
    return _settle_confirmation(session, actor, now, order)


def _settle_confirmation(
    session: Session, actor: Actor, now: datetime, order: OutboundOrder
) -> OutboundOrder:
    lacking = [{"code": ADDRESS_INCOMPLETE, "member": one} for one in missing_members(order.consignee)]
    short = [] if lacking else allocate_order(session, now, order)
    if lacking or short:
        wait(session, actor, now, order, short, lacking)
    else:
        order.waits_for = []
        advance(session, actor, now, order, "allocate")
    return order


def wait(
    session: Session,
    actor: Actor,
    now: datetime,
    order: OutboundOrder,
    short: Sequence[Shortage],
    lacking: Sequence[dict[str, Any]] = (),
) -> None:
    """Let an order wait for its owner; what is not picked yet is free for others meanwhile."""
    order.waits_for = [*lacking, *({"code": STOCK_SHORT, **one.as_dict()} for one in short)]
    order.wave_id = None
    advance(session, actor, now, order, "wait")


def lock_order(session: Session, actor: Actor, order_id: str, *, wave: bool = False) -> OutboundOrder:
    """An order the actor may see, with lines and packages, locked; with `wave` its wave is locked before it.

    NotFound; Conflict where it came into a wave at this moment.
    """
    visible = (
        OutboundOrder.public_id == order_id,
        may_see(actor, OutboundOrder.warehouse_id),
        may_own(actor, OutboundOrder.owner_id),
    )
    found = session.execute(select(OutboundOrder.id, OutboundOrder.wave_id).where(*visible)).one_or_none()
    if found is None:
        raise NotFound("there is no such order")
    if wave and found.wave_id is not None:
        session.execute(select(Wave.id).where(Wave.id == found.wave_id).with_for_update())
    order = lock_orders(session, [found.id])[0]
    if wave and order.wave_id != found.wave_id:
        raise Conflict("the order came into another wave at this moment; try again")
    return order


def lock_orders(session: Session, ids: Sequence[int]) -> list[OutboundOrder]:
    """Orders by id, locked in that order, with everything that belongs to them as it is now."""
    rows = session.execute(
        select(OutboundOrder.id).where(OutboundOrder.id.in_(ids)).order_by(OutboundOrder.id).with_for_update()
    ).all()
    query = (
        select(OutboundOrder)
        .where(OutboundOrder.id.in_([row.id for row in rows]))
        .order_by(OutboundOrder.id)
        .options(
            selectinload(OutboundOrder.lines).selectinload(OutboundLine.sku),
            selectinload(OutboundOrder.packages),
            selectinload(OutboundOrder.owner),
            selectinload(OutboundOrder.warehouse).selectinload(Warehouse.location),
        )
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(query))


def advance(session: Session, actor: Actor, now: datetime, order: OutboundOrder, name: str) -> None:
    """Take a step; Conflict where the state does not allow it. Who subscribed is told of the new state."""
    before, order.status = order.status, step(ORDER_STEPS, name, order.status)
    order.version += 1
    session.flush()
    if before == order.status:
        return
    auditing.record(
        session, actor, now, f"order.{order.status}", order.public_id,
        before={"status": before}, after={"status": order.status},
    )  # fmt: skip
    data = {
        "id": order.public_id, "reference": order.reference, "warehouse": order.warehouse.location.code,
        "status": order.status, "previous_status": before, "tracking_number": order.tracking_number,
        "waits_for": order.waits_for,
    }  # fmt: skip
    # Passing through is no news: who asks next sees the order where it came to rest.
    if order.status not in ("confirming", "voiding"):
        announce(session, now, "order.status_changed", order.owner_id, order.public_id, data)


def wrong(at: str, code: str, message: str, suggestion: str = "") -> Invalid:
    """The refusal of one value."""
    place = FieldError(at, code, message, suggestion, f"$.{at}")
    return Invalid(message, (place,))


def _taken(session: Session, owner_id: int, reference: str) -> bool:
    query = select(OutboundOrder.id).where(
        OutboundOrder.owner_id == owner_id, OutboundOrder.reference == reference
    )
    return session.scalar(query) is not None


def _duplicate(reference: str) -> Invalid:
    return wrong(
        "reference", "duplicate_reference", f"there is an order {reference} already", "give a new reference"
    )


def _lines(session: Session, owner_id: int, wanted: Sequence[WantedLine]) -> list[OutboundLine]:
    made, faults = [], []
    for at, line in enumerate(wanted):
        sku: Sku | None = None
        with suppress(NotFound):
            sku = find_sku(session, owner_id, line.sku)
        if sku is None:
            message = f"there is no SKU {line.sku!r} of this exporter"
            remedy = "use the code, id or barcode of one of the exporter's SKUs"
            faults.append(FieldError(f"lines.{at}.sku", "sku_unknown", message, remedy, f"$.lines[{at}].sku"))
            continue
        made.append(
            OutboundLine(
                seq=at + 1, sku_id=sku.id, sku=sku, condition=line.condition,
                customs_status=line.customs_status, quantity=line.quantity, picked=0, packed=0,
            )
        )  # fmt: skip
    if faults:
        raise Invalid(faults[0].message, tuple(faults))
    return made
