"""The house waybill of a consignment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.documents.blocks import (
    CONSIGNEE,
    CONSIGNOR,
    CUSTOMS_MODE,
    DELIVERY,
    RECEIPT,
    goods_table,
    legs_table,
    party_field,
    place_field,
)
from app.documents.facts import GoodsLine, Leg, Party, Place, utc
from app.documents.paper import Field, Fields, Note, Paper, Signatures, papers_pdf


@dataclass(frozen=True, slots=True, kw_only=True)
class Waybill:
    """What a house waybill says. `as_booked`: no parcels yet, the goods are those that were booked."""

    number: str
    booking: str
    reference: str | None
    consignor: Party
    origin: Place
    destination: Place
    legs: tuple[Leg, ...]
    goods: tuple[GoodsLine, ...]
    customs_mode: str | None
    incoterm: str | None
    issued_at: datetime
    as_booked: bool = False
    test: bool = False


NOTES = (
    Note(
        (
            "Not negotiable. Weights and volumes as stated by the consignor.",
            "不可转让。重量和体积以托运人申报为准。",
        )
    ),
)
AS_BOOKED = Note(("Goods as booked; no parcels have been handed in yet.", "货物为订舱数据，尚未录入包裹。"))


def waybills_pdf(waybills: Sequence[Waybill], made_at: datetime) -> bytes:
    """One PDF with the house waybills, each from a fresh page."""
    return papers_pdf([_paper(waybill) for waybill in waybills], made_at)


def _paper(waybill: Waybill) -> Paper:
    facts = Fields(
        4,
        (
            party_field(CONSIGNOR, waybill.consignor, 2),
            place_field(CONSIGNEE, waybill.destination, 2),
            place_field(RECEIPT, waybill.origin, 2),
            place_field(DELIVERY, waybill.destination, 2),
            Field(("Booking", "订舱号"), waybill.booking),
            Field(("Consignor's reference", "托运人单号"), waybill.reference or "–"),
            Field(CUSTOMS_MODE, waybill.customs_mode or "–"),
            Field(("Incoterm", "贸易术语"), waybill.incoterm or "–"),
        ),
    )
    issued = Fields(
        2,
        (
            Field(("Issued", "签发时间"), utc(waybill.issued_at)),
            Field(("Charges", "运费"), "As agreed 按约定"),
        ),
    )
    notes = (*((AS_BOOKED,) if waybill.as_booked else ()), *NOTES)
    signed = Signatures((("For the consignor", "托运人签章"), ("For the carrier", "承运人签章")))
    return Paper(
        title=("House waybill", "分运单"),
        number=waybill.number,
        barcode=waybill.number,
        blocks=(facts, legs_table(waybill.legs), goods_table(waybill.goods), issued, *notes, signed),
        test=waybill.test,
    )
