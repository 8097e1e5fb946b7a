"""Papers of orders that leave: a label for each box, and the pick list of a wave."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.actor import Actor
from app.documents.facts import Place, both
from app.documents.labels import Label
from app.documents.pick_lists import PickLine, PickList
from app.errors import NothingToPrint
from app.models import OutboundOrder, OutboundPackage, Warehouse
from app.queries.outbound import OrderRow, get_order, get_wave
from app.queries.paper_facts import goods_of
from app.queries.paper_labels import TRACKING_PAGE

NO_LABELS = ("voiding", "void")


def order_labels(session: Session, actor: Actor, order_id: str, base_url: str) -> list[Label]:
    """The labels of an order's boxes. Raises NotFound, and NothingToPrint where it has none or was given up."""
    row = get_order(session, actor, order_id)
    if row.order.status in NO_LABELS:
        raise NothingToPrint("the order was given up")
    if not row.order.packages:
        raise NothingToPrint("no box of this order is closed yet")
    return [_label(row, box, number, base_url) for number, box in enumerate(row.order.packages, start=1)]


def _label(row: OrderRow, box: OutboundPackage, number: int, base_url: str) -> Label:
    order = row.order
    inside = {one["line_seq"] for one in box.contents}
    classes = [line.sku.goods_class for line in order.lines if line.seq in inside]
    shown = max(classes, key=lambda code: (code != "general", code), default="general")
    return Label(
        tracking_number=box.tracking_number,
        scan=f"{base_url}{TRACKING_PAGE}{box.tracking_number}",
        sender=order.owner.name,
        origin=_house(order.warehouse),
        destination=_consignee(order),
        service=order.service,
        weight_g=box.weight_g,
        length_mm=box.length_mm,
        width_mm=box.width_mm,
        height_mm=box.height_mm,
        goods=goods_of(shown, order.created_at.date(), flies=False),
        reference=order.reference,
        booking=order.public_id,
        booking_title="Order 出库单号",
        waybill_number=None,
        customs_mode=None,
        number=number,
        count=len(order.packages),
    )


def _house(warehouse: Warehouse) -> Place:
    place = warehouse.location
    return Place(
        code=place.code, name_en=place.name_en, name_zh=place.name_zh, country=place.country,
        unlocode=place.unlocode, time_zone=place.time_zone,
    )  # fmt: skip


def _consignee(order: OutboundOrder) -> Place:
    to = order.consignee
    names = filter(None, (to.get("person_name"), to.get("company_name")))
    street = filter(
        None, (to.get("address_line1"), to.get("address_line2"), to.get("city"), to.get("state_code"))
    )
    return Place(
        code=to.get("postal_code") or to.get("city", ""),
        name_en=f"{', '.join(names)}: {', '.join(street)}",
        name_zh="",
        country=to.get("country_code", ""),
        unlocode=None,
        time_zone=order.warehouse.location.time_zone,
    )


def pick_list(session: Session, actor: Actor, wave_id: str, now: datetime) -> PickList:
    """The pick list of a wave. Raises NotFound, and NothingToPrint where nothing is left to pick."""
    row = get_wave(session, actor, wave_id)
    if not row.stops:
        raise NothingToPrint("nothing is left to pick in this wave")
    return PickList(
        wave=row.wave.public_id,
        warehouse=_house(row.wave.warehouse),
        orders=tuple(order.reference for order in row.orders),
        lines=tuple(
            PickLine(
                bin=one.stop.bin,
                sku=one.sku.code,
                name=both(one.sku.name_en, one.sku.name_zh),
                barcode=one.sku.barcode or "",
                lot=" ".join(filter(None, (one.batch, one.expires_on.isoformat() if one.expires_on else ""))),
                quantity=one.stop.quantity,
                orders=tuple((order.reference, pieces) for order, pieces in one.orders),
            )
            for one in row.stops
        ),
        made_at=now,
    )
