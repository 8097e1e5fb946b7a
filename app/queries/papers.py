"""Papers of a booking: waybills, packing list, commercial invoice, through document, and the operator's invoice."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.documents.commercial_invoices import CommercialInvoice, SoldLine
from app.documents.facts import GoodsLine, Party
from app.documents.invoices import InvoicePaper
from app.documents.packing_lists import PackedParcel, PackingList
from app.documents.transport_documents import TransportPaper, read_content
from app.documents.waybills import Waybill
from app.errors import NothingToPrint
from app.models import Booking, BookingLine, Consignment, Invoice, Parcel, TransportDocument
from app.models import Party as PartyRow
from app.queries.billing import get_invoice
from app.queries.paper_facts import BookingFacts, live, visible_booking, waybill_numbers

ISSUER = "Fourport 四港"
RETURNED = (Parcel.direction == "return") | Parcel.return_id.is_not(None)
"""Goods that came back: customs wants them on lines of their own."""
NO_PARCELS = "no parcels fill this booking yet; add them first"


def booking_waybills(session: Session, actor: Actor, booking_id: str) -> list[Waybill]:
    """The house waybill of each consignment with its parcels; before there are any, with the goods as booked.

    Raises NotFound, and NothingToPrint where the booking is over or has no consignment.
    """
    facts = live(visible_booking(session, actor, booking_id))
    packed = session.execute(
        select(
            Parcel.consignment_id,
            Parcel.booking_line_id,
            func.count(),
            func.sum(Parcel.weight_g),
            func.sum(Parcel.volume_cm3),
        )
        .where(facts.filling)
        .group_by(Parcel.consignment_id, Parcel.booking_line_id)
        .order_by(Parcel.booking_line_id)
    ).all()
    query = select(Consignment).where(Consignment.booking_id == facts.booking.id).order_by(Consignment.id)
    waybills = []
    for consignment in session.scalars(query):
        goods = tuple(
            facts.line(facts.lines[line or 0], count, int(weight), int(volume))
            for key, line, count, weight, volume in packed
            if key == consignment.id
        )
        if goods or not packed:
            waybills.append(_waybill(facts, consignment, goods or facts.booked, as_booked=not goods))
    if not waybills:
        raise NothingToPrint("the booking has no consignment")
    return waybills


def _waybill(
    facts: BookingFacts, consignment: Consignment, goods: tuple[GoodsLine, ...], *, as_booked: bool
) -> Waybill:
    return Waybill(
        number=consignment.waybill_number,
        booking=facts.booking.public_id,
        reference=facts.booking.reference,
        consignor=facts.consignor,
        origin=facts.origin,
        destination=facts.destination,
        legs=facts.legs,
        goods=goods,
        customs_mode=consignment.customs_mode or facts.booking.customs_mode,
        incoterm=facts.incoterm,
        issued_at=consignment.created_at,
        as_booked=as_booked,
        test=facts.booking.test_mode,
    )


def packing_list(session: Session, actor: Actor, booking_id: str, now: datetime) -> PackingList:
    """Every parcel of a booking. Raises NotFound, and NothingToPrint where there are none."""
    facts = live(visible_booking(session, actor, booking_id))
    parcels = session.scalars(select(Parcel).where(facts.filling).order_by(Parcel.id)).all()
    if not parcels:
        raise NothingToPrint(NO_PARCELS)
    return PackingList(
        booking=facts.booking.public_id,
        reference=facts.booking.reference,
        shipper=facts.consignor,
        origin=facts.origin,
        destination=facts.destination,
        waybill_numbers=tuple(waybill_numbers(session, facts).values()),
        parcels=tuple(_packed(facts, parcel) for parcel in parcels),
        made_at=now,
        test=facts.booking.test_mode,
    )


def _packed(facts: BookingFacts, parcel: Parcel) -> PackedParcel:
    line = facts.lines[parcel.booking_line_id or 0]
    return PackedParcel(
        tracking_number=parcel.tracking_number or "",
        reference=parcel.reference,
        description=line.description,
        goods=facts.goods(parcel.goods_class),
        hs_code=line.hs_code,
        length_mm=parcel.length_mm,
        width_mm=parcel.width_mm,
        height_mm=parcel.height_mm,
        weight_g=parcel.weight_g,
        volume_cm3=parcel.volume_cm3,
    )


def commercial_invoice(session: Session, actor: Actor, booking_id: str, now: datetime) -> CommercialInvoice:
    """What the goods of a booking are worth: its parcels by value, or before there are any, its lines.

    Raises NotFound, and NothingToPrint where the booking is over.
    """
    facts = live(visible_booking(session, actor, booking_id))
    # A query of its own, because what is grouped by holds values that are bound.
    parcels = (
        select(
            case((RETURNED, 1), else_=0).label("returned"), Parcel.booking_line_id, Parcel.value_minor,
            Parcel.currency, case((RETURNED, Parcel.customs_mode)).label("mode"), Parcel.weight_g,
        )
        .where(facts.filling)
        .subquery()
    )  # fmt: skip
    names = ("returned", "booking_line_id", "value_minor", "currency", "mode")
    worth = [parcels.c[name] for name in names]
    packed: Sequence[Any] = session.execute(
        select(*worth, func.count(), func.sum(parcels.c.weight_g)).group_by(*worth).order_by(*worth)
    ).all()
    lines = tuple(
        replace(
            _sold(facts, facts.lines[line or 0], count, int(weight), minor, currency),
            returned=bool(back),
            customs_mode=mode,
        )
        for back, line, minor, currency, mode, count, weight in packed
    )
    return CommercialInvoice(
        booking=facts.booking.public_id,
        reference=facts.booking.reference,
        shipper=facts.consignor,
        origin=facts.origin,
        destination=facts.destination,
        incoterm=facts.incoterm,
        customs_mode=facts.booking.customs_mode,
        lines=lines
        or tuple(
            _sold(facts, line, line.count, line.count * line.weight_g, line.value_minor, line.value_currency)
            for line in facts.lines.values()
        ),
        made_at=now,
        test=facts.booking.test_mode,
    )


def _sold(
    facts: BookingFacts, line: BookingLine, count: int, weight_g: int, minor: int, currency: str
) -> SoldLine:
    return SoldLine(
        packages=count,
        description=line.description,
        goods=facts.goods(line.goods_class),
        hs_code=line.hs_code,
        weight_g=weight_g,
        unit_minor=minor,
        currency=currency,
    )


def current_transport_document(session: Session, actor: Actor, booking_id: str) -> tuple[TransportPaper, str]:
    """The through document of a booking that is in force, and its digest.

    Raises NotFound, and NothingToPrint where none is in force.
    """
    booking = visible_booking(session, actor, booking_id).booking
    document = session.scalar(
        select(TransportDocument).where(
            TransportDocument.booking_id == booking.id,
            TransportDocument.leg_seq == 0,
            TransportDocument.void_at.is_(None),
        )
    )
    if document is None:
        raise NothingToPrint("no through transport document is in force for this booking")
    return read_content(document.content), document.digest


def invoice_paper(session: Session, actor: Actor, invoice_id: str) -> InvoicePaper:
    """The operator's invoice or credit note. Raises NotFound, also for another exporter's."""
    row = get_invoice(session, invoice_id, exporter_id=actor.exporter_id)
    country, reference = session.execute(
        select(PartyRow.country, Booking.reference)
        .select_from(Invoice)
        .join(PartyRow, PartyRow.id == Invoice.exporter_id)
        .outerjoin(Booking, Booking.id == Invoice.booking_id)
        .where(Invoice.public_id == invoice_id)
    ).one()
    corrected = session.scalar(select(Invoice.number).where(Invoice.public_id == row.corrects))
    return InvoicePaper(
        number=row.number,
        kind=row.kind,
        issuer=ISSUER,
        billed_to=Party(name=row.exporter_name, reference=row.exporter, country=country),
        booking=row.booking,
        reference=reference,
        corrects=corrected,
        currency=row.currency,
        lines=row.lines,
        total_minor=row.total_minor,
        issued_on=row.issued_on,
        due_on=row.due_on,
    )
