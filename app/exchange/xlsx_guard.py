"""What an XLSX file must prove before it is unpacked for good.

The workbook is a ZIP of XML. Sizes are capped before anything is read, then every part is inflated once, in
pieces that are thrown away: a part must be exactly as large as the directory says, because the reader that
follows trusts the compressed stream, and no cell may stand so far out that the grid up to it fills the memory.
"""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from copy import copy
from typing import BinaryIO

# Only xl/workbook.xml and its relations are parsed, of capped size; expat itself stops entity expansion.
from xml.etree import ElementTree as ET

from app.exchange.faults import Unreadable, refuse

MAX_PARTS = 500
MAX_UNPACKED_BYTES = 256 * 1024 * 1024
MAX_RATIO = 250
"""Unpacked to packed, for parts above a mebibyte. Sheets of ordinary tables stay below 50."""
MAX_COLUMNS = 100
MAX_CELLS = 4_000_000
_PIECE = 1024 * 1024
_OVERLAP = 512
_SMALL_PART_BYTES = 2 * 1024 * 1024
_PLACE = re.compile(rb"\br\s*=\s*[\"']([A-Za-z]{0,8})([0-9]{1,12})[\"']")
_HIDDEN_PLACE = re.compile(rb"\br\s*=\s*[\"'][^\"'<>]{0,40}&")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_CELL_BEFORE = re.compile(rb"<(?:\w+:)?c\s[^<>]*?\br\s*=\s*[\"']([A-Z]{1,3}[0-9]{1,7})[\"'][^<>]*>\s*$")
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    NotImplementedError,
    ValueError,
    KeyError,
    RuntimeError,
    ET.ParseError,
)
"""Everything zipfile and expat are seen to raise on bytes that are no workbook."""


def check_workbook(stream: BinaryIO, sheet: str) -> str:
    """Refuse what cannot be read safely; returns the name of the sheet to read: `sheet` if there, else the first.

    Raises Unreadable: `old_excel`, `encrypted`, `truncated`, `xlsx_unsafe`, `formula`, `empty_file`.
    """
    if stream.read(8) == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise refuse(
            "old_excel",
            "this is an old .xls workbook or one with a password",
            "save it as .xlsx without a password",
        )
    stream.seek(0)
    try:
        with zipfile.ZipFile(stream) as archive:
            _check_directory(archive.infolist())
            paths = _sheet_paths(archive)
            name = sheet if sheet in paths else next(iter(paths))
            for part in archive.infolist():
                _check_part(archive, part, is_sheet=part.filename == paths[name])
    except _BROKEN as error:
        raise refuse(
            "truncated", f"the workbook is damaged or cut off ({error})"[:200], "get the whole file again"
        ) from None
    return name


def _unsafe(message: str, suggestion: str = "save the table alone in a new workbook") -> Unreadable:
    return refuse("xlsx_unsafe", message, suggestion)


def _check_directory(parts: list[zipfile.ZipInfo]) -> None:
    if len(parts) > MAX_PARTS:
        raise _unsafe(f"the workbook has {len(parts)} parts; at most {MAX_PARTS} are taken")
    if len({part.filename for part in parts}) < len(parts):
        raise _unsafe("the workbook names one part twice")
    if sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
        raise _unsafe(f"unpacked it would take more than {MAX_UNPACKED_BYTES // 1024**2} MiB", "split it")
    for part in parts:
        if part.flag_bits & 0x1:
            raise refuse("encrypted", "the workbook is encrypted", "save it without a password")
        if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise _unsafe("a part is packed by a method that workbooks do not use")
        if part.file_size > max(_SMALL_PART_BYTES, part.compress_size * MAX_RATIO):
            raise _unsafe(f"{part.filename[:60]} unpacks to more than {MAX_RATIO} times its size")


def _sheet_paths(archive: zipfile.ZipFile) -> dict[str, str]:
    """Sheet name → part, in the order of the workbook."""
    relations = ET.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
    found: dict[str, str] = {}
    for node in ET.fromstring(archive.read("xl/workbook.xml")).iter():  # noqa: S314
        if node.tag.rpartition("}")[2] != "sheet":
            continue
        key = next((value for name, value in node.attrib.items() if name.endswith("}id")), None)
        target = targets.get(key, "")
        found[node.get("name", "")] = (
            target.lstrip("/") if target.startswith(("/", "xl/")) else f"xl/{target}"
        )
    if not found:
        raise refuse("empty_file", "the workbook has no sheet", "put the table on the first sheet")
    return found


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, *, is_sheet: bool) -> None:
    size = rows = columns = 0
    tail = b""
    for piece in _pieces(archive, part):
        size += len(piece)
        window = tail + piece
        # Strings may say anything; everywhere else a cell's place must be plain to see.
        if is_sheet or not part.filename.endswith("sharedStrings.xml"):
            rows, columns = _farthest(window, rows, columns)
        if is_sheet:
            _refuse_formula(window)
        tail = window[-_OVERLAP:]
    if size != part.file_size:
        raise _unsafe(f"{part.filename[:60]} is not of the size it claims")
    if columns > MAX_COLUMNS or rows * max(columns, 1) > MAX_CELLS:
        raise _unsafe(
            f"cells stand as far out as row {rows}, column {columns}",
            "delete the empty rows and columns around the table",
        )


def _pieces(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """The part inflated; one byte more than it claims is asked for, so that a part that is larger shows itself."""
    asked = copy(part)
    asked.file_size = part.file_size + 1
    with archive.open(asked) as stream:
        while piece := stream.read(_PIECE):
            yield piece


def _farthest(window: bytes, rows: int, columns: int) -> tuple[int, int]:
    if _HIDDEN_PLACE.search(window):
        raise _unsafe("a cell hides where it stands")
    for letters, digits in set(_PLACE.findall(window)):
        rows = max(rows, int(digits))
        columns = max(columns, column_number(letters.decode("ascii")))
    return rows, columns


def column_number(letters: str) -> int:
    """A = 1, Z = 26, AA = 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def _refuse_formula(window: bytes) -> None:
    found = _FORMULA.search(window)
    if not found:
        return
    place = _CELL_BEFORE.search(window[max(0, found.start() - 300) : found.start()])
    cell = place[1].decode("ascii") if place else "a cell"
    row = int(re.sub(r"\D", "", cell) or 0)
    raise refuse(
        "formula",
        f"{cell} holds a formula",
        "copy the sheet and paste it as values, then import that",
        row=row,
        column=cell.rstrip("0123456789") if place else "file",
    )
