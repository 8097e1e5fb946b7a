"""The receiving list of an ASN: what should come, and room to write down what came."""

from dataclasses import dataclass
from datetime import date, datetime

from app.documents.blocks import party_field, place_field
from app.documents.facts import Party, Place, both, day
from app.documents.paper import Column, Field, Fields, Note, Paper, Signatures, Table, papers_pdf

TO_COUNT = "__________"
"""Where somebody writes with a pen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivingLine:
    """A line: what is announced, and what was counted so far (none: nothing was)."""

    seq: int
    sku: str
    barcode: str | None
    name_en: str
    name_zh: str
    condition: str
    batch: str
    expires_on: date | None
    cartons: int
    expected: int
    received: int
    damaged: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivingList:
    """What a receiving list says."""

    asn: str
    reference: str
    owner: Party
    warehouse: Place
    expected_on: date
    booking: str | None
    container: str | None
    container_type: str | None
    pallets: int
    customs_status: tuple[str, str]
    lines: tuple[ReceivingLine, ...]
    made_at: datetime


def receiving_list_pdf(receiving: ReceivingList) -> bytes:
    """The receiving list as PDF."""
    paper = Paper(
        title=("Receiving list", "收货单"),
        number=receiving.reference,
        barcode=receiving.asn,
        landscape=True,
        blocks=(
            _head(receiving),
            _lines(receiving),
            Note((
                "Count pieces in good order and damaged ones apart. Write down what came without being announced, too.",
                "完好件与残损件分开清点；未预报的货物也请记录。",
            )),
            Signatures((("Counted by", "清点"), ("Handed over by", "送货"))),
        ),
    )  # fmt: skip
    return papers_pdf([paper], receiving.made_at)


def _head(receiving: ReceivingList) -> Fields:
    container = " ".join(filter(None, (receiving.container, receiving.container_type)))
    return Fields(
        4,
        (
            party_field(("Owner", "货主"), receiving.owner),
            place_field(("Warehouse", "仓库"), receiving.warehouse),
            Field(("Expected on", "预计到仓"), receiving.expected_on.isoformat(), strong=True),
            Field(("Made", "制表时间"), day(receiving.made_at, receiving.warehouse.time_zone)),
            Field(("Booking", "订舱"), receiving.booking or "–"),
            Field(("Container", "集装箱"), container or "–", strong=True),
            Field(("Pallets", "托盘"), str(receiving.pallets or "–")),
            Field(("Customs status", "监管状态"), both(*receiving.customs_status)),
        ),
    )


def _lines(receiving: ReceivingList) -> Table:
    columns = (
        Column(("No.", "序"), 0.5, right=True),
        Column(("SKU, barcode", "货号、条码"), 2.6),
        Column(("Description", "品名"), 3),
        Column(("Batch, expiry", "批次、效期"), 1.6),
        Column(("Cartons", "箱数"), 1, right=True),
        Column(("Pieces announced", "预报件数"), 1.2, right=True),
        Column(("In good order", "完好"), 1.4, right=True),
        Column(("Damaged", "残损"), 1.4, right=True),
    )
    rows = tuple(
        (
            str(line.seq),
            "\n".join(filter(None, (line.sku, line.barcode))),
            both(line.name_en, line.name_zh or line.name_en),
            "\n".join(filter(None, (line.batch, line.expires_on.isoformat() if line.expires_on else "")))
            or "–",
            str(line.cartons or "–"),
            str(line.expected),
            _counted(line, line.received),
            _counted(line, line.damaged),
        )
        for line in receiving.lines
    )
    sums = (
        str(sum(line.cartons for line in receiving.lines)),
        str(sum(line.expected for line in receiving.lines)),
    )
    return Table(("Goods", "货物"), columns, rows, ("", "", "", "", *sums, "", ""))


def _counted(line: ReceivingLine, pieces: int) -> str:
    return str(pieces) if line.received or line.damaged else TO_COUNT
