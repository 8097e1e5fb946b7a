"""Labels of 100 × 150 mm: one layout in millimetres, written as PDF here and as ZPL by `zpl`."""

import math
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.documents.barcodes import code128_svg, gs1_128_svg, qr_svg
from app.documents.facts import Goods, Place, both, cm, kg
from app.documents.typesetting import pdf, printable
from trade.numbering import spaced

WIDTH_MM, HEIGHT_MM, MARGIN_MM = 100, 150, 4
MM_PER_POINT = 25.4 / 72
LINE_HEIGHT = 1.45
"""Of the font size: that of Noto Sans CJK, the taller of the two fonts."""
SMALLEST = 5.5
"""Points a text may shrink to before it is cut."""
SPARE = 0.92
"""Share of a line that words fill, as they do not break everywhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What is on the label of one parcel. `number` of `count` parcels of the booking; `scan` is in the QR code."""

    tracking_number: str
    scan: str
    sender: str
    origin: Place
    destination: Place
    service: str
    weight_g: int
    length_mm: int | None
    width_mm: int | None
    height_mm: int | None
    goods: Goods
    reference: str
    booking: str
    waybill_number: str | None
    customs_mode: str | None
    number: int
    count: int
    booking_title: str = "Booking 订舱号"
    """What `booking` is the number of."""
    test: bool = False
    """Made for practice: says so, and moves nothing."""


@dataclass(frozen=True, slots=True)
class Text:
    """Text in a box, in millimetres from the top left corner; `size` in points."""

    x: float
    y: float
    w: float
    h: float
    size: float
    text: str
    bold: bool = False
    align: str = "left"


@dataclass(frozen=True, slots=True)
class Frame:
    """The outline of a box, or a line where one of its sides is 0."""

    x: float
    y: float
    w: float
    h: float
    thickness: float = 0.4


@dataclass(frozen=True, slots=True)
class Bars:
    """A Code 128, its quiet zones included; a GS1-128 where the text is an SSCC."""

    x: float
    y: float
    w: float
    h: float
    text: str
    sscc: bool = False


@dataclass(frozen=True, slots=True)
class Square:
    """A QR code with its quiet zone."""

    x: float
    y: float
    side: float
    text: str


Element = Text | Frame | Bars | Square


def layout(label: Label) -> Iterator[Element]:
    """Everything on the label, each text at a size at which it fits."""
    return fitting(_elements(label))


def fitting(elements: Iterable[Element]) -> Iterator[Element]:
    """The same, each text at a size at which it fits; empty ones are left out."""
    for element in elements:
        if not isinstance(element, Text):
            yield element
        elif element.text:
            yield fitted(element)


def _elements(label: Label) -> Iterator[Element]:
    yield from _head(label)
    yield from _ends(label)
    yield from _facts(label)
    yield from _marks(label)
    yield Bars(6, 117, 88, 17, label.tracking_number)
    yield Text(4, 135, 92, 7, 13, spaced(label.tracking_number), bold=True, align="center")
    if label.test:
        yield Text(4, 142, 92, 5.5, 10, "TEST 测试 – NOT FOR TRANSPORT 不得发运", bold=True, align="center")


def _head(label: Label) -> Iterator[Element]:
    place = label.destination
    yield Text(4, 4, 34, 5.5, 10, "Fourport 四港", bold=True)
    yield Text(38, 4, 58, 5.5, 9, label.service, align="right")
    yield Frame(4, 10, 92, 0)
    yield Text(4, 10.5, 62, 17.5, 34, place.unlocode or place.code, bold=True)
    yield Text(66, 10.5, 30, 10.5, 20, place.country, bold=True, align="right")
    yield Text(66, 21, 30, 6, 13, f"{label.number} / {label.count}", align="right")


def _ends(label: Label) -> Iterator[Element]:
    yield Frame(4, 28, 92, 0)
    yield Text(4, 29, 92, 3, 6, "FROM 发件")
    yield Text(4, 32, 92, 8.2, 9, label.sender, bold=True)
    yield Text(4, 40.4, 92, 6.8, 9, label.origin.named)
    yield Frame(4, 47.5, 92, 0)
    yield Text(4, 48.5, 92, 3, 6, "TO 收件")
    yield Text(4, 51.5, 92, 13.5, 13, label.destination.name, bold=True)
    yield Text(4, 65, 92, 5.5, 10, f"{label.destination.code}, {label.destination.country}")


def _facts(label: Label) -> Iterator[Element]:
    size = cm(label.length_mm, label.width_mm, label.height_mm)
    rows = (
        (("Weight 重量", kg(label.weight_g)), ("Size 尺寸", size)),
        (("Reference 客户单号", label.reference), ("Customs mode 监管方式", label.customs_mode or "")),
        (("Waybill 分运单号", label.waybill_number or ""), (label.booking_title, label.booking)),
    )
    yield Frame(4, 71, 92, 0)
    for row, columns in enumerate(rows):
        for x, (title, value) in zip((4, 39), columns, strict=True):
            yield Text(x, 72 + 9 * row, 34, 3, 6, title)
            yield Text(x, 75 + 9 * row, 34, 5.8, 9, value, bold=row == 0)
    yield Square(74, 72, 23, label.scan)


def _marks(label: Label) -> Iterator[Element]:
    marks, name = label.goods.marks, both(label.goods.name_en, label.goods.name_zh)
    yield Frame(4, 99.5, 92, 0)
    if not marks:
        yield Text(4, 101, 92, 6, 9, name)
        return
    yield Frame(4, 101.5, 92, 13.5, 0.8)
    yield Text(6, 102, 88, 7.6, 14, marks, bold=True, align="center")
    yield Text(6, 109.4, 88, 4.8, 8.5, name, align="center")


def fitted(text: Text) -> Text:
    """The same text at the largest size at which it fits its box; what never fits ends in an ellipsis."""
    words = " ".join(printable(text.text).split())
    size = text.size
    while size > SMALLEST and _lines(words, text, size) > room_of(text, size):
        size -= 0.5
    while _lines(words, text, size) > room_of(text, size):
        words = words[: max(1, int(len(words) * 0.9) - 1)].rstrip() + "…"
        if len(words) <= 2:
            break
    return Text(text.x, text.y, text.w, text.h, size, words, text.bold, text.align)


def lines_in(text: Text) -> int:
    """About how many lines a text takes in its box."""
    return _lines(text.text, text, text.size)


def room_of(text: Text, size: float) -> int:
    """How many lines of a size its box holds."""
    return max(1, int(text.h / (size * MM_PER_POINT * LINE_HEIGHT) + 0.1))


def _lines(words: str, text: Text, size: float) -> int:
    width = sum(map(_em, words)) * size * MM_PER_POINT * (1.06 if text.bold else 1)
    return 1 if width <= text.w * SPARE else math.ceil(width / (text.w * SPARE * SPARE))


def _em(character: str) -> float:
    """About how wide a character of Noto Sans is, in ems; rather too wide."""
    if unicodedata.east_asian_width(character) in "WF":
        return 1.0
    if unicodedata.combining(character):
        return 0.0
    if character in "mwMW@%&":
        return 0.93
    return 0.68 if character.isupper() else 0.3 if character in " .,:;'|ijl" else 0.58


def label_pdf(labels: Sequence[Label], made_at: datetime) -> bytes:
    """A PDF with a page for each label."""
    return pages_pdf([layout(label) for label in labels], "Labels 面单", made_at)


def pages_pdf(pages: Iterable[Iterable[Element]], title: str, made_at: datetime) -> bytes:
    """A PDF with a page for each label that is laid out already."""
    drawn = [[_drawn(element) for element in page] for page in pages]
    size = {"width": WIDTH_MM, "height": HEIGHT_MM}
    return pdf("labels.typ", {"title": title, "pages": drawn, **size}, made_at)


def _drawn(element: Element) -> dict[str, Any]:
    kind = type(element).__name__.lower()
    facts = {name: getattr(element, name) for name in element.__slots__}
    if isinstance(element, Bars):
        facts["svg"] = gs1_128_svg(element.text) if element.sscc else code128_svg(element.text)
    if isinstance(element, Square):
        facts["svg"] = qr_svg(element.text)
    return {"kind": kind, **facts}
