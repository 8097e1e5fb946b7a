"""Packing: boxes as they were weighed and measured, never with more in them than was picked."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import FieldError, Invalid, NotFound
from app.models import OutboundLine, OutboundOrder, OutboundPackage
from app.usecases import auditing
from app.usecases.warehousing.access import refuse_practice, works_in
from app.usecases.warehousing.ordering import advance, lock_order, wrong
from app.usecases.warehousing.refusals import refusal, step
from trade.numbering import tracking_number
from warehouses.errors import WarehouseError
from warehouses.outbound import ORDER_STEPS
from warehouses.packing import deviations

MM3_PER_CM3 = 1000


@dataclass(frozen=True, slots=True)
class Content:
    """So many pieces of a SKU (code, id or barcode) in a box."""

    sku: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Box:
    """A box on the bench; no contents: everything that is not packed yet."""

    weight_g: int
    length_mm: int
    width_mm: int
    height_mm: int
    contents: Sequence[Content] = ()

    @property
    def volume_cm3(self) -> int:
        """Outside, rounded up."""
        return -(-self.length_mm * self.width_mm * self.height_mm // MM3_PER_CM3)


def pack(session: Session, actor: Actor, now: datetime, order_id: str, box: Box) -> OutboundPackage:
    """Close a box of a picked order; with the last piece in a box the order is packed.

    A box that weighs or measures something else than its goods should is kept as one that varies. Raises Conflict,
    Invalid: `sku_unknown`, `more_than_picked`, `nothing_to_pack`.
    """
    refuse_practice(actor)
    order = lock_order(session, actor, order_id)
    works_in(actor, order.warehouse_id)
    step(ORDER_STEPS, "pack", order.status)
    inside = _inside(order, box.contents)
    expected_g = sum(line.sku.weight_g * pieces for line, pieces in inside)
    expected_cm3 = sum(line.sku.volume_cm3 * pieces for line, pieces in inside)
    today = now.astimezone(ZoneInfo(order.warehouse.location.time_zone)).date()
    try:
        found = deviations(expected_g, expected_cm3, box.weight_g, box.volume_cm3, today)
    except WarehouseError as error:
        raise refusal(error) from error
    package = OutboundPackage(
        order_id=order.id, seq=max((one.seq for one in order.packages), default=0) + 1, weight_g=box.weight_g,
        length_mm=box.length_mm, width_mm=box.width_mm, height_mm=box.height_mm, expected_g=expected_g,
        expected_cm3=expected_cm3, varies=bool(found), tracking_number=tracking_number(), packed_at=now,
        packed_by=actor.reference,
        contents=[
            {"line_seq": line.seq, "sku": line.sku.code, "quantity": pieces} for line, pieces in inside
        ],
    )  # fmt: skip
    order.packages.append(package)
    for line, pieces in inside:
        line.packed += pieces
    order.tracking_number = order.packages[0].tracking_number
    advance(session, actor, now, order, "pack")
    if all(line.packed == line.quantity for line in order.lines):
        advance(session, actor, now, order, "packed")
    auditing.record(session, actor, now, "order.box_closed", order.public_id, after=_told(package))
    return package


def unpack(session: Session, actor: Actor, now: datetime, order_id: str, number: str) -> OutboundOrder:
    """Open a box again, by its tracking number: what was in it is to be packed anew, and its label is void."""
    refuse_practice(actor)
    order = lock_order(session, actor, order_id)
    works_in(actor, order.warehouse_id)
    box = next((one for one in order.packages if one.tracking_number == number), None)
    if box is None:
        raise NotFound("there is no such box in this order")
    step(ORDER_STEPS, "unpack", order.status)
    packed = {line.seq: line for line in order.lines}
    for one in box.contents:
        packed[one["line_seq"]].packed -= one["quantity"]
    order.packages.remove(box)
    order.tracking_number = order.packages[0].tracking_number if order.packages else None
    advance(session, actor, now, order, "unpack")
    auditing.record(session, actor, now, "order.box_opened", order.public_id, before=_told(box))
    return order


def _told(package: OutboundPackage) -> dict[str, Any]:
    return {
        "tracking_number": package.tracking_number, "weight_g": package.weight_g, "varies": package.varies,
    }  # fmt: skip


def _inside(order: OutboundOrder, contents: Sequence[Content]) -> list[tuple[OutboundLine, int]]:
    """What a box takes of which line."""
    left = {line.seq: line.picked - line.packed for line in order.lines}
    if not contents:
        inside = [(line, left[line.seq]) for line in order.lines if left[line.seq]]
    else:
        taken: Counter[int] = Counter()
        for at, one in enumerate(contents):
            taken += _of_lines(order, one, at, left)
        inside = [(line, taken[line.seq]) for line in order.lines if taken[line.seq]]
    if not inside:
        raise wrong("contents", "nothing_to_pack", "everything that was picked is in a box already")
    return inside


def _of_lines(order: OutboundOrder, one: Content, at: int, left: dict[int, int]) -> Counter[int]:
    lines = [line for line in order.lines if one.sku in (line.sku.code, line.sku.public_id, line.sku.barcode)]
    if not lines:
        raise _fault(at, "sku", "sku_unknown", f"the order has no {one.sku}", "scan what was picked for it")
    taken: Counter[int] = Counter()
    for line in lines:
        pieces = min(left[line.seq], one.quantity - taken.total())
        left[line.seq] -= pieces
        taken[line.seq] += pieces
    if taken.total() < one.quantity:
        remedy = f"{taken.total()} are left to pack"
        raise _fault(at, "quantity", "more_than_picked", f"fewer {one.sku} were picked", remedy)
    return taken


def _fault(at: int, member: str, code: str, message: str, suggestion: str) -> Invalid:
    path = f"$.contents[{at}].{member}"
    return Invalid(message, (FieldError(f"contents.{at}.{member}", code, message, suggestion, path),))
