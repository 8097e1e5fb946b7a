"""Labels of bags and pallets with their SSCC, and placards of ULDs and containers: 100 × 150 mm, PDF and ZPL."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.documents.facts import MODES, Place, both, kg, m3, moment
from app.documents.labels import Bars, Element, Frame, Square, Text, fitting, pages_pdf
from app.documents.load_lists import UNIT_KINDS
from app.documents.zpl import pages_zpl


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitLabel:
    """What is on the label of a unit. `number` is its number as scanned, `shown` as read; `scan` is in the QR code."""

    kind: str
    type_code: str
    number: str
    shown: str
    scan: str
    origin: Place
    board: Place
    alight: Place
    mode: str
    service: str
    departure: str
    departs_at: datetime
    pieces: int
    net_g: int
    tare_g: int
    gross_g: int | None
    volume_cm3: int
    seal_number: str
    marks: tuple[str, ...]
    """What those who handle it must see: UN numbers of what is in it."""

    @property
    def has_sscc(self) -> bool:
        """Whether its number is an SSCC, which goes on a GS1-128."""
        return self.kind in ("bag", "pallet")


def unit_label_pdf(labels: Sequence[UnitLabel], made_at: datetime) -> bytes:
    """A PDF with a page for each unit."""
    return pages_pdf([fitting(_elements(label)) for label in labels], "Unit labels 单元标签", made_at)


def unit_label_zpl(labels: Sequence[UnitLabel], dots_per_inch: int = 203) -> bytes:
    """A ZPL format for each unit, ASCII only."""
    return pages_zpl((fitting(_elements(label)) for label in labels), dots_per_inch)


def _elements(label: UnitLabel) -> Iterator[Element]:
    yield from _head(label)
    yield from _way(label)
    yield from _facts(label)
    yield from _marks(label)
    if label.has_sscc:
        yield Text(4, 112, 92, 4, 7, "SSCC")
    yield Bars(6, 117, 88, 20, label.number, sscc=label.has_sscc)
    yield Text(4, 138.5, 92, 7, 13, label.shown, bold=True, align="center")


def _head(label: UnitLabel) -> Iterator[Element]:
    yield Text(4, 4, 34, 5.5, 10, "Fourport 四港", bold=True)
    yield Text(38, 4, 58, 5.5, 9, f"{both(*UNIT_KINDS[label.kind])} {label.type_code}", align="right")
    yield Frame(4, 10, 92, 0)
    yield Text(4, 10.5, 62, 17.5, 34, label.alight.unlocode or label.alight.code, bold=True)
    yield Text(66, 10.5, 30, 10.5, 20, label.alight.country, bold=True, align="right")


def _way(label: UnitLabel) -> Iterator[Element]:
    yield Frame(4, 28, 92, 0)
    yield Text(4, 29, 92, 3, 6, "BUILT AT 组装地")
    yield Text(4, 32, 92, 6.5, 9, label.origin.named, bold=True)
    yield Text(4, 39, 92, 3, 6, "LOADED – UNLOADED 装 – 卸")
    yield Text(4, 42, 92, 8.5, 9, f"{label.board.named} – {label.alight.named}")
    yield Frame(4, 51, 92, 0)
    yield Text(4, 52, 92, 3, 6, f"{both(*MODES[label.mode])} · DEPARTURE 班次")
    yield Text(4, 55, 92, 8, 13, f"{label.service} {label.departure}", bold=True)
    yield Text(4, 63.5, 92, 5.5, 9, moment(label.departs_at, label.board.time_zone))


def _facts(label: UnitLabel) -> Iterator[Element]:
    gross = label.net_g + label.tare_g if label.gross_g is None else label.gross_g
    rows = (
        (("Gross 毛重", kg(gross)), ("Net 净重", kg(label.net_g))),
        (("Tare 皮重", kg(label.tare_g)), ("Volume 体积", m3(label.volume_cm3))),
        (("Pieces 件数", str(label.pieces)), ("Seal 封号", label.seal_number or "–")),
    )
    yield Frame(4, 70, 92, 0)
    for row, columns in enumerate(rows):
        for x, (title, value) in zip((4, 39), columns, strict=True):
            yield Text(x, 71 + 9 * row, 34, 3, 6, title)
            yield Text(x, 74 + 9 * row, 34, 5.8, 10, value, bold=row == 0)
    yield Square(74, 71, 23, label.scan)


def _marks(label: UnitLabel) -> Iterator[Element]:
    yield Frame(4, 99, 92, 0)
    if label.marks:
        yield Frame(4, 100.5, 92, 10.5, 0.8)
        yield Text(6, 101, 88, 9.5, 13, "; ".join(label.marks), bold=True, align="center")
