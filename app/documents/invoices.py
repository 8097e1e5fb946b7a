"""The operator's invoice or credit note for the charges of a booking."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from app.documents.facts import NO_BREAK, Bilingual, Party, both, money
from app.documents.paper import Column, Field, Fields, Note, Paper, Table, papers_pdf
from trade.billing import BilledLine, written_quantity
from trade.money import exponent_of
from trade.numbers import format_scaled

CHARGES: dict[str, Bilingual] = {
    "freight": ("Freight by weight", "按重量运费"),
    "weight_band": ("Weight band", "重量段费用"),
    "volume": ("Freight by volume", "按体积运费"),
    "minimum": ("Up to the minimum", "补足最低收费"),
    "shipment": ("Per shipment", "每票费"),
    "cancellation": ("Cancellation fee", "取消费"),
    "import_duty": ("Import duty", "进口关税"),
}
"""Surcharges go by the code of the tariff, such as BAF."""
FEES: dict[str, Bilingual] = {
    "storage": ("Storage", "仓储费"),
    "receive_order": ("Receiving, per delivery", "入库费（按票）"),
    "receive_carton": ("Receiving, per carton", "入库费（按箱）"),
    "receive_pallet": ("Receiving, per pallet", "入库费（按托）"),
    "receive_container_20": ("Unloading a 20-foot container", "卸 20 尺柜"),
    "receive_container_40": ("Unloading a 40-foot container", "卸 40 尺柜"),
    "receive_container_45": ("Unloading a 45-foot container", "卸 45 尺柜"),
    "receive_unit": ("Receiving, per piece", "入库费（按件）"),
    "receive_weight": ("Receiving, by weight", "入库费（按重量）"),
    "pick": ("Picking", "拣货费"),
    "outbound_order": ("Order sent out", "订单出库费"),
    "outbound_unit": ("Piece sent out", "出库费（按件）"),
    "outbound_weight": ("Package sent out, by weight", "出库费（按包裹重量）"),
    "void_order": ("Order voided", "订单作废费"),
    "return_unit": ("Return received, per piece", "退货收货费（按件）"),
    "return_weight": ("Return received, by weight", "退货收货费（按重量）"),
    "work_relabel": ("Relabelling", "换标费"),
    "work_kit": ("Kitting", "组套费"),
    "work_photo": ("Photos", "拍照费"),
    "work_repack": ("Repacking", "换包装费"),
    "destroy_unit": ("Destruction, per piece", "销毁费（按件）"),
    "destroy_weight": ("Destruction, by weight", "销毁费（按重量）"),
}
"""What warehouses charge."""
WORDS = CHARGES | FEES
TITLES: dict[str, Bilingual] = {"invoice": ("Invoice", "账单"), "credit_note": ("Credit note", "贷记单")}
UNITS = {"per_kg": f"{NO_BREAK}kg", "per_m3": f"{NO_BREAK}m³", "m3_day": f"{NO_BREAK}m³·d"}
PRICE_DECIMALS, PERCENT_DECIMALS = 6, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicePaper:
    """What an invoice says. `kind` is `invoice` or `credit_note`, which names what it `corrects`.

    `issuer` is the operator, `reference` the exporter's own for the booking. The total is the sum of the lines.
    """

    number: str
    kind: str
    issuer: str
    billed_to: Party
    booking: str | None
    reference: str | None
    corrects: str | None
    currency: str
    lines: tuple[BilledLine, ...]
    total_minor: int
    issued_on: date
    due_on: date


def render_invoice(data: InvoicePaper) -> bytes:
    """The invoice as PDF, in both languages."""
    due = Field(("Due", "付款期限"), f"{data.due_on:%Y-%m-%d}", strong=True)
    dates = (
        Field(("Date", "日期"), f"{data.issued_on:%Y-%m-%d}"),
        *((due,) if data.kind == "invoice" else ()),
    )
    corrects = (Field(("Corrects", "更正"), data.corrects),) if data.corrects else ()
    facts = (
        Field(("From", "开具方"), data.issuer, 2),
        Field(("To", "客户"), f"{data.billed_to.name}\n{_known(data.billed_to)}", 2),
        Field(("Booking", "订舱号"), data.booking or "–"),
        Field(("Your reference", "客户单号"), data.reference or "–"),
        *dates,
        *corrects,
    )
    total = Fields(1, (Field(("Total", "合计"), money(data.total_minor, data.currency), strong=True),))
    paper = Paper(
        title=TITLES[data.kind],
        number=data.number,
        blocks=(Fields(4, facts), _table(data), total, NOTE if data.booking else FEE_NOTE),
    )
    # A paper bears the day it was issued on; the hour it was printed says nothing.
    return papers_pdf(
        [paper], datetime(data.issued_on.year, data.issued_on.month, data.issued_on.day, tzinfo=UTC)
    )


NOTE = Note(
    (
        "Charges as quoted when the space was booked, exchange rates included. This is not a VAT invoice.",
        "费用及汇率均以订舱时报价为准。本账单不作为增值税发票。",
    )
)
FEE_NOTE = Note(
    (
        "Storage and work as stated for the month, by the warehouse's price list. This is not a VAT invoice.",
        "仓储与作业费用按仓库价目表及月度对账单计收。本账单不作为增值税发票。",
    )
)


def _known(party: Party) -> str:
    return " · ".join(filter(None, (party.reference, party.country)))


def _table(data: InvoicePaper) -> Table:
    columns = (
        Column(("No.", "序"), 0.5, right=True),
        Column(("Charge", "费用"), 2.6),
        Column(("Leg", "段"), 0.5, right=True),
        Column(("Quantity", "数量"), 1.8, right=True),
        Column(("Price of one", "单价"), 2, right=True),
        Column(("As priced", "原币金额"), 1.8, right=True),
        Column(("Amount", "金额"), 1.8, right=True),
    )
    rows = tuple(
        (
            str(number),
            both(*WORDS.get(line.code, (line.code, ""))),
            str(line.leg_seq or "–"),
            quantity(line),
            unit_price(line),
            money(line.priced_minor, line.priced_currency),
            money(line.amount_minor, data.currency),
        )
        for number, line in enumerate(data.lines, start=1)
    )
    foot = ("", "", "", "", "", "", money(data.total_minor, data.currency))
    return Table(("Charges", "费用明细"), columns, rows, foot)


def quantity(line: BilledLine) -> str:
    """How much was charged for, with its unit; for a percentage, the money it is of."""
    if line.basis == "percent":
        return money(line.quantity, line.priced_currency)
    return f"{written_quantity(line)}{UNITS.get(line.basis, '')}"


def unit_price(line: BilledLine) -> str:
    """The price of one, with at least the decimals of its currency; for a percentage, the per cent."""
    if line.basis == "percent":
        return f"{_trimmed(format_scaled(line.unit_price_micros, PERCENT_DECIMALS), 0)}{NO_BREAK}%"
    decimals = exponent_of(line.priced_currency)
    price = _trimmed(format_scaled(line.unit_price_micros, PRICE_DECIMALS), decimals)
    return f"{line.priced_currency}{NO_BREAK}{price}"


def _trimmed(number: str, decimals: int) -> str:
    whole, _, rest = number.partition(".")
    kept = rest.rstrip("0").ljust(decimals, "0")
    return f"{whole}.{kept}" if kept else whole
