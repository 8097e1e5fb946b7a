"""The packing list of a booking: every parcel with its size and weight."""

from dataclasses import dataclass
from datetime import datetime

from app.documents.blocks import CONSIGNEE, GROSS, PACKAGES, VOLUME, party_field, place_field
from app.documents.facts import Goods, Party, Place, both, cm, day, kg, m3
from app.documents.paper import Column, Field, Fields, Paper, Signatures, Table, papers_pdf


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedParcel:
    """A parcel of the list."""

    tracking_number: str
    reference: str
    description: str
    goods: Goods
    hs_code: str | None
    length_mm: int | None
    width_mm: int | None
    height_mm: int | None
    weight_g: int
    volume_cm3: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PackingList:
    """What a packing list says."""

    booking: str
    reference: str | None
    shipper: Party
    origin: Place
    destination: Place
    waybill_numbers: tuple[str, ...]
    parcels: tuple[PackedParcel, ...]
    made_at: datetime
    test: bool = False


def packing_list_pdf(packing: PackingList) -> bytes:
    """The packing list as PDF."""
    parcels = packing.parcels
    head = Fields(
        4,
        (
            party_field(("Shipper", "发货人"), packing.shipper, 2),
            place_field(CONSIGNEE, packing.destination, 2),
            Field(("Shipper's reference", "发货人单号"), packing.reference or "–"),
            Field(("Date", "日期"), day(packing.made_at, packing.origin.time_zone)),
            Field(("Waybill", "分运单号"), "\n".join(packing.waybill_numbers) or "–", 2),
            Field(PACKAGES, str(len(parcels)), strong=True),
            Field(GROSS, kg(sum(parcel.weight_g for parcel in parcels)), strong=True),
            Field(VOLUME, m3(sum(parcel.volume_cm3 for parcel in parcels)), strong=True),
            Field(("From", "发货地"), packing.origin.named),
        ),
    )
    paper = Paper(
        title=("Packing list", "装箱单"),
        number=packing.booking,
        blocks=(head, _table(packing), Signatures((("For the shipper", "发货人签章"),))),
        test=packing.test,
    )
    return papers_pdf([paper], packing.made_at)


def _table(packing: PackingList) -> Table:
    columns = (
        Column(("No.", "序"), 0.6, right=True),
        Column(("Tracking number, reference", "运单号、客户单号"), 3.2),
        Column(("Description", "品名"), 3),
        Column(("HS code", "编码"), 1.3),
        Column(("Size", "尺寸"), 2.4),
        Column(GROSS, 1.5, right=True),
        Column(VOLUME, 1.7, right=True),
    )
    rows = tuple(
        (
            str(number),
            f"{parcel.tracking_number}\n{parcel.reference}",
            "\n".join(
                filter(
                    None,
                    (
                        parcel.description or both(parcel.goods.name_en, parcel.goods.name_zh),
                        parcel.goods.marks,
                    ),
                )
            ),
            parcel.hs_code or "",
            cm(parcel.length_mm, parcel.width_mm, parcel.height_mm),
            kg(parcel.weight_g),
            m3(parcel.volume_cm3),
        )
        for number, parcel in enumerate(packing.parcels, start=1)
    )
    foot = (
        str(len(packing.parcels)),
        "",
        "",
        "",
        "",
        kg(sum(parcel.weight_g for parcel in packing.parcels)),
        m3(sum(parcel.volume_cm3 for parcel in packing.parcels)),
    )
    return Table(("Packages", "包裹明细"), columns, rows, foot)
