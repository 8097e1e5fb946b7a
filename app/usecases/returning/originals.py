"""What a return refers to: the parcel or order its goods went out with, and when and how those were exported."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, selectinload

from app.models import (
    Asn,
    Booking,
    BookingLeg,
    BookingLine,
    OutboundOrder,
    OutboundPackage,
    Parcel,
    Return,
    ReturnItem,
    StockLot,
    StockMove,
    StockPosting,
)
from app.usecases.returning.finding import refused
from warehouses.outbound import LEFT


@dataclass(frozen=True, slots=True)
class Original:
    """What went out. `pieces` are how many of each SKU (by id) can still come back; None where nobody counted them.

    `place_id` is the location it was delivered at, `warehouse_id` the warehouse that sent it.
    """

    order: OutboundOrder | None = None
    parcel: Parcel | None = None
    exported_on: date | None = None
    customs_mode: str | None = None
    delivered_on: date | None = None
    place_id: int | None = None
    warehouse_id: int | None = None
    pieces: Mapping[int, int] | None = field(default=None)


def find_original(session: Session, owner_id: int, reference: str) -> Original:
    """The owner's order or parcel by public id, reference or tracking number; Invalid `original_unknown`.

    What was not sent yet cannot come back: Invalid `not_sent`.
    """
    order = _order(session, owner_id, reference)
    if order is not None:
        if order.status not in LEFT:
            raise refused(
                "original",
                "not_sent",
                f"the order is {order.status}: it has not left",
                "make it void instead",
            )
        return _of_order(session, order)
    parcel = session.scalar(
        select(Parcel).where(
            Parcel.exporter_id == owner_id,
            Parcel.direction != "return",
            or_(
                Parcel.public_id == reference,
                Parcel.reference == reference,
                Parcel.tracking_number == reference,
            ),
        )
    )
    if parcel is None:
        raise refused(
            "original", "original_unknown", "there is no such parcel or order",
            "send a public id, a reference or a tracking number of it",
        )  # fmt: skip
    return _of_parcel(session, parcel)


def _order(session: Session, owner_id: int, reference: str) -> OutboundOrder | None:
    package = select(OutboundPackage.order_id).where(OutboundPackage.tracking_number == reference)
    return session.scalar(
        select(OutboundOrder)
        .where(
            OutboundOrder.owner_id == owner_id,
            or_(
                OutboundOrder.public_id == reference,
                OutboundOrder.reference == reference,
                OutboundOrder.tracking_number == reference,
                OutboundOrder.id.in_(package),
            ),
        )
        .options(selectinload(OutboundOrder.lines))
    )


def _of_order(session: Session, order: OutboundOrder) -> Original:
    sent = Counter[int]()
    for line in order.lines:
        sent[line.sku_id] += line.quantity
    delivered = order.delivered_at or order.handed_over_at
    booking = _brought_by(session, order)
    return Original(
        order=order,
        exported_on=_left_on(session, booking.id) if booking else None,
        customs_mode=(booking.customs_mode if booking else None) or "9810",
        delivered_on=delivered.date() if delivered else None,
        warehouse_id=order.warehouse_id,
        pieces=sent - _back_already(session, Return.order_id == order.id),
    )


def _of_parcel(session: Session, parcel: Parcel) -> Original:
    booking = session.scalar(
        select(Booking)
        .join(BookingLine, BookingLine.booking_id == Booking.id)
        .where(BookingLine.id == parcel.booking_line_id)
    )
    return Original(
        parcel=parcel,
        exported_on=parcel.exported_on or (_left_on(session, booking.id) if booking else None),
        customs_mode=parcel.customs_mode or (booking.customs_mode if booking else None),
        place_id=parcel.destination_id,
    )


def _back_already(session: Session, which: object) -> Counter[int]:
    """Pieces of each SKU that come back by other returns."""
    query = (
        select(ReturnItem.sku_id, func.sum(ReturnItem.quantity))
        .join(Return, Return.id == ReturnItem.return_id)
        .where(which, Return.status != "cancelled", ReturnItem.status != "missing")  # type: ignore[arg-type]
        .group_by(ReturnItem.sku_id)
    )
    return Counter({sku: int(pieces) for sku, pieces in session.execute(query)})


def _brought_by(session: Session, order: OutboundOrder) -> Booking | None:
    """The booking that brought the oldest of the lots an order was picked from."""
    received = session.scalar(
        select(func.min(StockLot.received_on))
        .join(StockMove, StockMove.lot_id == StockLot.id)
        .join(StockPosting, StockPosting.id == StockMove.posting_id)
        .where(StockPosting.subject == order.public_id)
    )
    if received is None:
        return None
    found = session.execute(
        select(Booking, Asn.arrived_at)
        .join(Asn, Asn.booking_id == Booking.id)
        .where(Asn.owner_id == order.owner_id, Asn.warehouse_id == order.warehouse_id)
        .where(Asn.arrived_at.is_not(None))
        .order_by(Asn.arrived_at)
    ).all()
    before = [booking for booking, arrived in found if arrived is not None and arrived.date() <= received]
    return before[-1] if before else None


def _left_on(session: Session, booking_id: int) -> date | None:
    """The day the first departure of a booking left."""
    left = session.scalar(
        select(func.min(BookingLeg.departs_at)).where(
            BookingLeg.booking_id == booking_id, BookingLeg.departure_id.is_not(None)
        )
    )
    return left.date() if left else None
