"""The shipper's commercial invoice: what the goods are worth, for customs."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.documents.blocks import CONSIGNEE, CUSTOMS_MODE, party_field, place_field
from app.documents.facts import Bilingual, Goods, Party, Place, both, day, kg, money
from app.documents.paper import Column, Field, Fields, Note, Paper, Signatures, Table, papers_pdf


@dataclass(frozen=True, slots=True, kw_only=True)
class SoldLine:
    """So many like packages; `unit_minor` is the value of one in `currency`, `weight_g` of all."""

    packages: int
    description: str
    goods: Goods
    hs_code: str | None
    weight_g: int
    unit_minor: int
    currency: str
    returned: bool = False
    """Goods that came back and leave again: they stand apart, under customs lines of their own."""
    customs_mode: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommercialInvoice:
    """What a commercial invoice says. Goods come from where they are dispatched, unless the shipper says otherwise."""

    booking: str
    reference: str | None
    shipper: Party
    origin: Place
    destination: Place
    incoterm: str | None
    customs_mode: str | None
    lines: tuple[SoldLine, ...]
    made_at: datetime
    test: bool = False


ORIGIN = Note(
    (
        "* Country of dispatch. Where the goods were made elsewhere, the shipper corrects it before signing.",
        "* 启运国；原产国不同的，由发货人在签章前更正。",
    )
)
DECLARED = Note(
    (
        "The shipper declares that this invoice is true and complete.",
        "发货人声明本发票内容真实、完整。",
    )
)


def commercial_invoice_pdf(invoice: CommercialInvoice) -> bytes:
    """The commercial invoice as PDF."""
    head = Fields(
        4,
        (
            party_field(("Seller, shipper", "卖方、发货人"), invoice.shipper, 2),
            place_field(CONSIGNEE, invoice.destination, 2),
            Field(("Shipper's reference", "发货人单号"), invoice.reference or "–"),
            Field(("Date", "日期"), day(invoice.made_at, invoice.origin.time_zone)),
            Field(("Incoterm", "贸易术语"), invoice.incoterm or "–"),
            Field(CUSTOMS_MODE, invoice.customs_mode or "–"),
        ),
    )
    total = Fields(1, (Field(("Total value", "总值"), "\n".join(_totals(invoice)) or "–", strong=True),))
    paper = Paper(
        title=("Commercial invoice", "商业发票"),
        number=invoice.booking,
        blocks=(
            head,
            *_tables(invoice),
            total,
            ORIGIN,
            DECLARED,
            Signatures((("For the shipper", "发货人签章"),)),
        ),
        test=invoice.test,
    )
    return papers_pdf([paper], invoice.made_at)


def _tables(invoice: CommercialInvoice) -> Iterator[Table]:
    apart = [line for line in invoice.lines if line.returned]
    rest = [line for line in invoice.lines if not line.returned]
    if rest or not apart:
        yield _table(invoice, rest, ("Goods", "货物"), 1)
    if apart:
        title = ("Returned goods, separate customs lines", "退运货物（单独申报）")
        yield _table(invoice, apart, title, len(rest) + 1)


def _table(invoice: CommercialInvoice, lines: Sequence[SoldLine], title: Bilingual, first: int) -> Table:
    columns = (
        Column(("No.", "序"), 0.5, right=True),
        Column(("Description", "品名"), 3.4),
        Column(("HS code", "编码"), 1.3),
        Column(("Origin*", "原产国*"), 0.9),
        Column(("Packages", "件数"), 1, right=True),
        Column(("Gross weight", "毛重"), 1.4, right=True),
        Column(("Value of one", "单价"), 1.7, right=True),
        Column(("Amount", "金额"), 1.8, right=True),
    )
    rows = tuple(
        (
            str(number),
            _described(line),
            line.hs_code or "",
            invoice.origin.country,
            str(line.packages),
            kg(line.weight_g),
            money(line.unit_minor, line.currency),
            money(line.unit_minor * line.packages, line.currency),
        )
        for number, line in enumerate(lines, start=first)
    )
    return Table(title, columns, rows)


def _described(line: SoldLine) -> str:
    """What it is; of returned goods with the customs mode they were first exported under."""
    text = line.description or both(line.goods.name_en, line.goods.name_zh)
    return f"{text}\n{line.customs_mode}" if line.returned and line.customs_mode else text


def _totals(invoice: CommercialInvoice) -> list[str]:
    """A sum for each currency: amounts of different ones are not added."""
    sums: defaultdict[str, int] = defaultdict(int)
    for line in invoice.lines:
        sums[line.currency] += line.unit_minor * line.packages
    return [money(minor, currency) for currency, minor in sorted(sums.items())]
