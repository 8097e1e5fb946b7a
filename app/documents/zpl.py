"""The layout of a label as ZPL II for thermal printers.

Barcodes and plain ASCII are the printer's own. All other text is sent as a picture, because no printer is sure to have
a font with Chinese, Korean or Cyrillic in it.
"""

import io
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import groupby

from PIL import Image

from app.documents.barcodes import code128_width, gs1_128_width, qr_width
from app.documents.labels import (
    HEIGHT_MM,
    MM_PER_POINT,
    WIDTH_MM,
    Bars,
    Element,
    Frame,
    Label,
    Square,
    Text,
    layout,
    lines_in,
)
from app.documents.typesetting import png

RESOLUTIONS = (203, 300)
"""Dots per inch of common printers."""
MM_PER_INCH = 25.4
QUIET_BARS, QUIET_SQUARE = 10, 4
"""White beside a Code 128 and around a QR code, in modules."""
LARGEST_QR_DOTS = 10
ALIGN = {"left": "L", "center": "C", "right": "R"}
ESCAPED = str.maketrans({character: f"_{ord(character):02X}" for character in "_^~"})
DARK = 128
LONGEST_RUN = 419
"""Repeats that two letters of the compressed hexadecimal can say."""


def label_zpl(labels: Sequence[Label], dots_per_inch: int = 203) -> bytes:
    """One ZPL format for each label, ASCII only, for a printer of one of RESOLUTIONS."""
    return pages_zpl((layout(label) for label in labels), dots_per_inch)


def pages_zpl(pages: Iterable[Iterable[Element]], dots_per_inch: int = 203) -> bytes:
    """One ZPL format for each label that is laid out already."""
    return "".join(_format(page, dots_per_inch) for page in pages).encode("ascii")


def _format(elements: Iterable[Element], dpi: int) -> str:
    head = f"^XA\n^CI28\n^PW{_dots(WIDTH_MM, dpi)}\n^LL{_dots(HEIGHT_MM, dpi)}\n^LH0,0\n^PON\n"
    return head + "".join(field for element in elements for field in _fields(element, dpi)) + "^PQ1\n^XZ\n"


def _fields(element: Element, dpi: int) -> Iterator[str]:
    if isinstance(element, Frame):
        thick = max(1, _dots(element.thickness, dpi))
        w, h = max(thick, _dots(element.w, dpi)), max(thick, _dots(element.h, dpi))
        yield _field(element.x, element.y, dpi, f"^GB{w},{h},{thick}")
    elif isinstance(element, Bars):
        yield _bars(element, dpi)
    elif isinstance(element, Square):
        yield _square(element, dpi)
    elif _plain(element):
        yield _native(element, dpi)
    else:
        yield from _picture(element, dpi)


def _field(x_mm: float, y_mm: float, dpi: int, what: str, *, dx: int = 0, dy: int = 0) -> str:
    return f"^FO{_dots(x_mm, dpi) + dx},{_dots(y_mm, dpi) + dy}{what}^FS\n"


def _dots(mm: float, dpi: int) -> int:
    return round(mm * dpi / MM_PER_INCH)


def _data(text: str) -> str:
    """Field data; the characters commands begin with are sent as hexadecimal."""
    return f"^FH^FD{text.translate(ESCAPED)}"


def _bars(element: Bars, dpi: int) -> str:
    modules = gs1_128_width(element.text) if element.sscc else code128_width(element.text)
    width = _dots(element.w, dpi)
    dots = max(1, width // (modules + 2 * QUIET_BARS))
    if element.sscc:
        # Subset C from the start, then FNC1, which makes a Code 128 a GS1-128.
        code = f"^BY{dots}^BCN,{_dots(element.h, dpi)},N,N,N,N^FD>;>800{element.text}"
        return _field(element.x, element.y, dpi, code, dx=(width - dots * modules) // 2)
    # Mode A packs pairs of digits as the PDF's barcode does.
    code = f"^BY{dots}^BCN,{_dots(element.h, dpi)},N,N,N,A{_data(element.text)}"
    return _field(element.x, element.y, dpi, code, dx=(width - dots * modules) // 2)


def _square(element: Square, dpi: int) -> str:
    side, modules = _dots(element.side, dpi), qr_width(element.text) + 2 * QUIET_SQUARE
    dots = min(LARGEST_QR_DOTS, max(1, side // modules))
    white = dots * QUIET_SQUARE
    return _field(
        element.x, element.y, dpi, f"^BQN,2,{dots}{_data(f'MA,{element.text}')}", dx=white, dy=white
    )


def _plain(text: Text) -> bool:
    """Whether the printer's own font can do it: ASCII, and no word that would need to be broken."""
    longest = max(text.text.split(), key=len, default="")
    fits = lines_in(Text(text.x, text.y, text.w, text.h, text.size, longest, text.bold)) == 1
    return text.text.isascii() and "\\" not in text.text and fits


def _native(text: Text, dpi: int) -> str:
    height = _dots(text.size * MM_PER_POINT, dpi)
    block = f"^FB{_dots(text.w, dpi)},{lines_in(text)},{height // 4},{ALIGN[text.align]},0"
    return _field(text.x, text.y, dpi, f"^A0N,{height},{height}{block}{_data(text.text)}", dy=height // 5)


def _picture(text: Text, dpi: int) -> Iterator[str]:
    found = _rastered(text.w, text.h, text.size, text.text, text.bold, text.align, dpi)
    if found is not None:
        dx, dy, graphic = found
        yield _field(text.x, text.y, dpi, graphic, dx=dx, dy=dy)


@lru_cache(maxsize=1024)
def _rastered(
    w: float, h: float, size: float, words: str, bold: bool, align: str, dpi: int
) -> tuple[int, int, str] | None:
    """Where in its box the ink of a text begins, in dots, and the ink as a graphic field; None without any.

    Kept, because the labels of a booking share most of their texts.
    """
    box = {"w": w, "h": h, "size": size, "text": words, "bold": bold, "align": align}
    with Image.open(io.BytesIO(png("text.typ", box, dpi))) as page:
        ink = page.convert("L").point([255 if value < DARK else 0 for value in range(256)])
    bounds = ink.getbbox()
    if bounds is None:
        return None
    cut = ink.crop(bounds).convert("1")
    row_bytes = (cut.width + 7) // 8
    total = row_bytes * cut.height
    rows = [cut.tobytes()[start : start + row_bytes].hex().upper() for start in range(0, total, row_bytes)]
    return bounds[0], bounds[1], f"^GFA,{total},{total},{row_bytes},{compressed(rows)}"


def compressed(rows: Sequence[str]) -> str:
    """Rows of hexadecimal in ZPL's own compression: repeats as letters, "," for white to the end, ":" for the same."""
    said, before = [], None
    for row in rows:
        said.append(":" if row == before else _runs(row))
        before = row
    return "".join(said)


def _runs(row: str) -> str:
    inked = row.rstrip("0")
    runs = "".join(
        _run(digit, min(LONGEST_RUN, length - start))
        for digit, group in groupby(inked)
        for length in [len(list(group))]
        for start in range(0, length, LONGEST_RUN)
    )
    return runs if len(inked) == len(row) else f"{runs},"


def _run(digit: str, length: int) -> str:
    if length <= 2:
        return digit * length
    twenties, ones = divmod(length, 20)
    many = chr(ord("g") + twenties - 1) if twenties else ""
    return many + (chr(ord("G") + ones - 1) if ones else "") + digit
