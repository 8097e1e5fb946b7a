"""Outbound orders: owners ask for them, confirm them and follow them; the warehouse packs and hands over."""

from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from app.api.base import Download, Endpoints, answer, download
from app.api.wire import centimetres, cubic_metres, kilograms, page, utc
from app.auth import actor, allow
from app.clock import now
from app.documents.labels import label_pdf
from app.documents.zpl import label_zpl
from app.http import reading, settings
from app.models import OutboundOrder, OutboundPackage
from app.queries.outbound import OrderFilter, OrderRow, get_order
from app.queries.outbound import list_orders as find_orders
from app.queries.outbound_papers import order_labels
from app.schemas.outbound import (
    HandOver,
    NewBox,
    NewOutboundOrder,
    OrderChanges,
    OrderQuery,
    OrderTracking,
    OrderVoid,
    OutboundBox,
    OutboundOrderDetail,
    OutboundOrderPage,
    PutBack,
)
from app.schemas.papers import PrinterQuery
from app.usecases.warehousing import handing_over, ordering, packing, voiding
from app.usecases.warehousing.access import WORKERS
from app.usecases.warehousing.asking import box_asked, order_asked
from app.usecases.warehousing.ordering import Changes, WantedLine

blueprint = Endpoints(
    "Outbound", __name__, "Orders out of a warehouse, and the waves they are picked in", area="stock"
)
OWNERS = ("operator", "exporter")
EVERYBODY = ("operator", "warehouse", "exporter")
READERS = ("operator", "warehouse", "customs", "finance", "exporter")
PDF, ZPL = "application/pdf", "application/zpl"


@blueprint.changing(
    "/outbound-orders", OutboundOrderDetail, status=201, body=NewOutboundOrder, refuses=(404,)
)
@allow(*OWNERS)
def create_outbound_order(session: Session, wanted: dict[str, Any]) -> Response:
    """Ask a warehouse to send goods: a draft, or with `confirm` an order at once.

    Confirmed, its stock is reserved until it leaves; what is short or missing makes it `waiting_seller`, and
    `waits_for` says what to do. It goes on by itself once stock has come.
    """
    order = order_asked(session, actor(), now(), wanted)
    return _shown(session, order, 201, Location=f"/api/v1/outbound-orders/{order.public_id}")


@blueprint.reading("/outbound-orders", OutboundOrderPage, query=OrderQuery, refuses=(400,))
@allow(*READERS)
def list_outbound_orders(query: dict[str, Any]) -> Response:
    """List orders, those first that must leave first; an exporter sees its own, a warehouse those it serves."""
    cursor, limit = query.pop("cursor"), query.pop("limit")
    with reading() as session:
        found = find_orders(session, actor(), OrderFilter(**query), cursor=cursor, limit=limit)
    return answer(page(found, [order_item(row) for row in found.items]))


@blueprint.reading("/outbound-orders/<id('ord'):ord_id>", OutboundOrderDetail)
@allow(*READERS)
def read_outbound_order(ord_id: str) -> Response:
    """Read one order: lines, boxes and what happened."""
    with reading() as session:
        row = get_order(session, actor(), ord_id)
    return answer(order_detail(row))


@blueprint.changing(
    "/outbound-orders/<id('ord'):ord_id>", OutboundOrderDetail, status=200, method="PATCH", body=OrderChanges
)
@allow(*OWNERS)
def change_outbound_order(session: Session, wanted: dict[str, Any], ord_id: str) -> Response:
    """Change a draft, or an order that waits for its owner; confirm it afterwards."""
    lines = wanted["lines"]
    changes = Changes(
        ship_by=wanted["ship_by"],
        service=wanted["service"],
        consignee={name: text for name, text in wanted["consignee"].items() if text is not None},
        lines=None if lines is None else [WantedLine(**line) for line in lines],
    )
    return _shown(session, ordering.change_order(session, actor(), now(), ord_id, changes))


@blueprint.changing("/outbound-orders/<id('ord'):ord_id>/confirm", OutboundOrderDetail, status=200)
@allow(*OWNERS)
def confirm_outbound_order(session: Session, ord_id: str) -> Response:
    """Confirm a draft, or an order that waited: all of it is reserved now, or it says what it waits for."""
    return _shown(session, ordering.confirm_order(session, actor(), now(), ord_id))


@blueprint.changing(
    "/outbound-orders/<id('ord'):ord_id>/void", OutboundOrderDetail, status=200, body=OrderVoid
)
@allow(*EVERYBODY)
def void_outbound_order(session: Session, wanted: dict[str, Any], ord_id: str) -> Response:
    """Give an order up at any stage before it was handed over; its stock is free again.

    What was picked lies in staging: staff put it back with this call, for others the order is `voiding` until they
    did. After the hand-over this is 409: ask for a return.
    """
    order = voiding.void_order(session, actor(), now(), ord_id, reason=wanted["reason"], into=wanted["bin"])
    return _shown(session, order)


@blueprint.changing(
    "/outbound-orders/<id('ord'):ord_id>/put-back", OutboundOrderDetail, status=200, body=PutBack
)
@allow(*WORKERS)
def put_back_outbound_order(session: Session, wanted: dict[str, Any], ord_id: str) -> Response:
    """Put what was picked for an order that is `voiding` back into the bins it came from, or into one named."""
    return _shown(session, voiding.put_back(session, actor(), now(), ord_id, wanted["bin"]))


@blueprint.changing("/outbound-orders/<id('ord'):ord_id>/packages", OutboundBox, status=201, body=NewBox)
@allow(*WORKERS)
def pack_outbound_order(session: Session, wanted: dict[str, Any], ord_id: str) -> Response:
    """Close a box: weighed and measured again, `varies` where that is not what its goods make.

    Never holds more than was picked (422 `more_than_picked`). With the last piece the order is packed.
    """
    box = packing.pack(session, actor(), now(), ord_id, box_asked(wanted))
    return answer(box_json(box), 201, Location=f"/api/v1/outbound-orders/{ord_id}")


@blueprint.changing(
    "/outbound-orders/<id('ord'):ord_id>/packages/<code:box_number>",
    OutboundOrderDetail,
    status=200,
    method="DELETE",
)
@allow(*WORKERS)
def unpack_outbound_order(session: Session, ord_id: str, box_number: str) -> Response:
    """Open a box again before it leaves, by its tracking number; its label is void."""
    return _shown(session, packing.unpack(session, actor(), now(), ord_id, box_number))


@blueprint.changing(
    "/outbound-orders/<id('ord'):ord_id>/hand-over", OutboundOrderDetail, status=200, body=HandOver
)
@allow(*WORKERS)
def hand_over_outbound_order(session: Session, wanted: dict[str, Any], ord_id: str) -> Response:
    """Hand a packed order over with its labels: the goods leave the warehouse."""
    return _shown(session, handing_over.hand_over(session, actor(), now(), ord_id, wanted["labels"]))


@blueprint.changing(
    "/outbound-orders/<id('ord'):ord_id>/tracking", OutboundOrderDetail, status=200, body=OrderTracking
)
@allow(*WORKERS)
def track_outbound_order(session: Session, wanted: dict[str, Any], ord_id: str) -> Response:
    """Say that an order that left is on its way, or was delivered."""
    order = handing_over.follow(session, actor(), now(), ord_id, wanted["status"], wanted["at"])
    return _shown(session, order)


@blueprint.reading(
    "/outbound-orders/<id('ord'):ord_id>/labels.pdf",
    Download(PDF, "A page of 100 × 150 mm for each box."),
    refuses=(409,),
)
@allow(*EVERYBODY)
def download_order_labels(ord_id: str) -> Response:
    """Download the labels of an order's boxes as PDF."""
    with reading() as session:
        labels = order_labels(session, actor(), ord_id, settings().base_url)
    return download(label_pdf(labels, now()), PDF, f"{ord_id}-labels.pdf")


@blueprint.reading(
    "/outbound-orders/<id('ord'):ord_id>/labels.zpl",
    Download(ZPL, "A ZPL II format for each box."),
    query=PrinterQuery,
    refuses=(409,),
)
@allow(*EVERYBODY)
def download_order_labels_zpl(query: dict[str, Any], ord_id: str) -> Response:
    """Download the labels of an order's boxes for a thermal printer."""
    with reading() as session:
        labels = order_labels(session, actor(), ord_id, settings().base_url)
    return download(label_zpl(labels, int(query["dpi"])), ZPL, f"{ord_id}-labels.zpl")


def _shown(session: Session, order: OutboundOrder, status: int = 200, **headers: str) -> Response:
    session.flush()
    return answer(order_detail(get_order(session, actor(), order.public_id)), status, **headers)


WAITS = ("code", "sku", "wanted", "missing", "member")
CONSIGNEE = (
    "person_name", "company_name", "address_line1", "address_line2", "city", "state_code", "postal_code",
    "country_code", "phone",
)  # fmt: skip


def order_item(order: OutboundOrder) -> dict[str, Any]:
    """An order as lists show it."""
    return {
        "id": order.public_id,
        "reference": order.reference,
        "exporter": order.owner.reference,
        "warehouse": order.warehouse.location.code,
        "status": order.status,
        "consignee": {name: order.consignee.get(name) for name in CONSIGNEE},
        "service": order.service,
        "ship_by": utc(order.ship_by),
        "wave_id": order.wave.public_id if order.wave_id and order.wave else None,
        "tracking_number": order.tracking_number,
        "waits_for": [{name: one.get(name) for name in WAITS} for one in order.waits_for],
        "created_at": utc(order.created_at),
        "handed_over_at": utc(order.handed_over_at),
        "delivered_at": utc(order.delivered_at),
    }


def order_detail(row: OrderRow) -> dict[str, Any]:
    """An order with everything that belongs to it."""
    return order_item(row.order) | {
        "lines": [
            {
                "seq": line.seq, "sku": line.sku.code, "name_en": line.sku.name_en, "name_zh": line.sku.name_zh,
                "condition": line.condition, "customs_status": line.customs_status, "quantity": line.quantity,
                "reserved": row.reserved.get(line.seq, 0), "picked": line.picked, "packed": line.packed,
            }
            for line in row.order.lines
        ],
        "packages": [box_json(box) for box in row.order.packages],
        "events": [{"at": utc(event.at), "status": event.status} for event in row.events],
    }  # fmt: skip


def box_json(box: OutboundPackage) -> dict[str, Any]:
    """A box as measured."""
    return {
        "tracking_number": box.tracking_number,
        "seq": box.seq,
        "weight_kg": kilograms(box.weight_g),
        "length_cm": centimetres(box.length_mm),
        "width_cm": centimetres(box.width_mm),
        "height_cm": centimetres(box.height_mm),
        "expected_weight_kg": kilograms(box.expected_g),
        "expected_volume_m3": cubic_metres(box.expected_cm3),
        "varies": box.varies,
        "contents": box.contents,
        "packed_at": utc(box.packed_at),
    }
