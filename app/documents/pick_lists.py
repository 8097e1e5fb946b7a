"""The pick list of a wave on A4: bins in walking order, what is taken there, and for which orders."""

from dataclasses import dataclass
from datetime import datetime

from app.documents.facts import Place, moment
from app.documents.paper import Column, Field, Fields, Paper, Signatures, Table, papers_pdf


@dataclass(frozen=True, slots=True, kw_only=True)
class PickLine:
    """A stop of the walk; `orders` are references with the pieces each gets."""

    bin: str
    sku: str
    name: str
    barcode: str
    lot: str
    quantity: int
    orders: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PickList:
    """What a pick list says."""

    wave: str
    warehouse: Place
    orders: tuple[str, ...]
    lines: tuple[PickLine, ...]
    made_at: datetime


def pick_list_pdf(picking: PickList) -> bytes:
    """The pick list as PDF."""
    head = Fields(
        4,
        (
            Field(("Warehouse", "仓库"), picking.warehouse.named, 2),
            Field(("Printed", "打印时间"), moment(picking.made_at, picking.warehouse.time_zone)),
            Field(("Orders", "出库单数"), str(len(picking.orders)), strong=True),
        ),
    )
    paper = Paper(
        title=("Pick list", "拣货单"),
        number=picking.wave,
        barcode=picking.wave,
        blocks=(head, _table(picking), Signatures((("Picked by", "拣货人"),))),
    )
    return papers_pdf([paper], picking.made_at)


def _table(picking: PickList) -> Table:
    columns = (
        Column(("No.", "序"), 0.6, right=True),
        Column(("Bin", "库位"), 1.4),
        Column(("Article, barcode", "货品、条码"), 3.6),
        Column(("Lot, expiry", "批次、效期"), 1.6),
        Column(("Pieces", "件数"), 1, right=True),
        Column(("For orders", "出库单"), 2.6),
        Column(("Done", "完成"), 0.8),
    )
    rows = tuple(
        (
            str(number),
            line.bin,
            "\n".join(filter(None, (line.sku, line.name, line.barcode))),
            line.lot,
            str(line.quantity),
            "\n".join(f"{reference}: {pieces}" for reference, pieces in line.orders),
            "☐",
        )
        for number, line in enumerate(picking.lines, start=1)
    )
    foot = ("", "", "", "", str(sum(line.quantity for line in picking.lines)), "", "")
    return Table(("In walking order", "按行走顺序"), columns, rows, foot)
