"""Read other people's workbooks and CSV files: size first, then shape, then values, each with one clear complaint."""

from __future__ import annotations

import csv
import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from app.errors import BadRequest

__all__ = ["Row", "UnreadableFileError", "read_csv", "read_workbook"]

MAX_FILE_BYTES = 50_000_000
MAX_UNPACKED_BYTES = 200_000_000
MAX_CELLS_PER_SHEET = 5_000_000
MAX_CSV_ROWS = 1_000_000
_CHUNK_BYTES = 1 << 20
# A cell's own reference, e.g. `r="XFD1048576"`; rows carry a number alone.
_CELL_REFERENCE = re.compile(rb'[ ]r="([A-Z]{0,3})(\d{1,7})"')
_LONGEST_REFERENCE = 16


class UnreadableFileError(BadRequest):
    """The file is not what the command reads; the detail names the file, the place and the remedy in one line."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a sheet or CSV file by column name, knowing where it stands for the message about it."""

    place: str
    values: Mapping[str, Any]

    def text(self, column: str) -> str:
        """Return a name or code as text; a whole number loses the `.0` a workbook gives it."""
        value = self.values[column]
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        found = str(value).strip()
        if not found:
            raise UnreadableFileError(f"{self.place}, column '{column}': is empty")
        return found

    def number(self, column: str) -> float:
        """Return a number that is not negative; anything else raises `UnreadableFileError`."""
        value = self.values[column]
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise UnreadableFileError(f"{self.place}, column '{column}': {value!r} is no number")
        if not 0 <= value < float("inf"):
            raise UnreadableFileError(
                f"{self.place}, column '{column}': {value} must be a finite number, 0 or more"
            )
        return float(value)

    def whole(self, column: str) -> int:
        """Return a whole number that is not negative."""
        value = self.number(column)
        if not value.is_integer():
            raise UnreadableFileError(f"{self.place}, column '{column}': {value} must be a whole number")
        return int(value)


def read_workbook(path: Path, wanted: Mapping[str, Sequence[str]]) -> dict[str, list[Row]]:
    """Read the wanted sheets of an XLSX workbook, each with its wanted columns; raise `UnreadableFileError` otherwise.

    The archive is unpacked once in a stream and counted before anything is built of it, so neither a
    packed bomb nor two cells a million rows apart reach memory. Cells hold values: of a formula the
    value that was stored with it. Rows that are empty in every wanted column are left out.
    """
    _check_size(path)
    _check_archive(path)
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        with CalamineWorkbook.from_path(str(path)) as book:
            grids = {name: _grid(book, name, path) for name in wanted}
    except (CalamineError, OSError, ValueError) as error:
        raise UnreadableFileError(
            f"{path.name}: is not a readable XLSX workbook ({_one_line(error)})"
        ) from error
    return {name: _rows_of_grid(grids[name], name, columns, path) for name, columns in wanted.items()}


def _check_size(path: Path) -> None:
    try:
        size = path.stat().st_size
    except OSError as error:
        raise UnreadableFileError(f"{path}: {error.strerror or 'cannot be read'}") from error
    if not path.is_file():
        raise UnreadableFileError(f"{path}: is not a file")
    if size == 0:
        raise UnreadableFileError(f"{path.name}: is empty")
    if size > MAX_FILE_BYTES:
        raise UnreadableFileError(f"{path.name}: has {size:,} bytes, the limit is {MAX_FILE_BYTES:,}")


def _check_archive(path: Path) -> None:
    if not zipfile.is_zipfile(path):
        raise UnreadableFileError(f"{path.name}: is not an XLSX workbook, or is cut off")
    try:
        with zipfile.ZipFile(path) as archive:
            left = MAX_UNPACKED_BYTES
            for member in archive.infolist():
                left -= _count_member(archive, member, left, path)
    except (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, NotImplementedError) as error:
        raise UnreadableFileError(f"{path.name}: the workbook is damaged ({_one_line(error)})") from error


def _count_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, left: int, path: Path) -> int:
    """Unpack one member into nothing; what its header says of its size is not believed."""
    unpacked, rows, columns, carry = 0, 0, 0, b""
    is_sheet = member.filename.startswith("xl/worksheets/")
    with archive.open(member) as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            unpacked += len(chunk)
            if unpacked > left:
                raise UnreadableFileError(f"{path.name}: unpacks to more than {MAX_UNPACKED_BYTES:,} bytes")
            if not is_sheet:
                continue
            for letters, digits in _CELL_REFERENCE.findall(carry + chunk):
                rows, columns = max(rows, int(digits)), max(columns, _column_number(letters))
            carry = chunk[-_LONGEST_REFERENCE:]
    if rows * columns > MAX_CELLS_PER_SHEET:
        raise UnreadableFileError(
            f"{path.name}: a sheet spans {rows:,} rows and {columns:,} columns, "
            f"the limit is {MAX_CELLS_PER_SHEET:,} cells; delete stray cells far from the table"
        )
    return unpacked


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


def _grid(book: Any, name: str, path: Path) -> list[list[Any]]:  # noqa: ANN401 - calamine ships no types
    if name not in book.sheet_names:
        found = ", ".join(book.sheet_names) or "none"
        raise UnreadableFileError(f"{path.name}: sheet '{name}' is missing; sheets found: {found}")
    grid: list[list[Any]] = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    return grid


def _rows_of_grid(grid: list[list[Any]], sheet: str, columns: Sequence[str], path: Path) -> list[Row]:
    header = [str(value).strip() for value in grid[0]] if grid else []
    for column in columns:
        if column not in header:
            raise UnreadableFileError(f"{path.name}, sheet '{sheet}': column '{column}' is missing in row 1")
    at = {column: header.index(column) for column in columns}
    rows = []
    for number, cells in enumerate(grid[1:], start=2):
        values = {column: cells[index] for column, index in at.items()}
        if any(value != "" for value in values.values()):
            rows.append(Row(f"{path.name}, sheet '{sheet}', row {number}", values))
    if not rows:
        raise UnreadableFileError(f"{path.name}, sheet '{sheet}': has no rows under its header")
    return rows


class _Capped(io.RawIOBase):
    """A byte stream that refuses to give more than it may, whatever the packed size was."""

    def __init__(self, source: IO[bytes], limit: int, name: str) -> None:
        self.source, self.left, self.limit, self.name = source, limit, limit, name

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - any writable buffer
        chunk = self.source.read(len(buffer))
        self.left -= len(chunk)
        if self.left < 0:
            raise UnreadableFileError(f"{self.name}: unpacks to more than {self.limit:,} bytes")
        buffer[: len(chunk)] = chunk
        return len(chunk)


def read_csv(path: Path, columns: Sequence[str]) -> Iterator[Row]:
    """Yield the rows of a UTF-8 CSV file, plain or gzipped, in a stream; raise `UnreadableFileError` otherwise.

    A byte order mark is skipped; lines may end in CR, LF or both. A row with another number of fields
    than the header is an error: it is how a cut-off file shows.
    """
    _check_size(path)
    try:
        with path.open("rb") as packed:
            is_gzip = packed.read(2) == b"\x1f\x8b"
            packed.seek(0)
            source = gzip.GzipFile(fileobj=packed) if is_gzip else packed
            raw = _Capped(source, MAX_UNPACKED_BYTES, path.name)  # type: ignore[arg-type]
            text = io.TextIOWrapper(io.BufferedReader(raw), encoding="utf-8-sig", newline="")
            yield from _rows_of_csv(csv.reader(text, strict=True), columns, path.name)
    except UnicodeDecodeError as error:
        message = f"{path.name}: is not UTF-8 (byte {error.object[error.start]:#04x}); save it as CSV UTF-8"
        raise UnreadableFileError(message) from error
    except (EOFError, OSError, zlib.error) as error:
        raise UnreadableFileError(f"{path.name}: is damaged or cut off ({_one_line(error)})") from error


def _rows_of_csv(reader: Any, columns: Sequence[str], name: str) -> Iterator[Row]:  # noqa: ANN401 - csv.reader
    try:
        header = [field.strip() for field in next(reader, [])]
        for column in columns:
            if column not in header:
                raise UnreadableFileError(f"{name}: column '{column}' is missing in row 1")
        at = {column: header.index(column) for column in columns}
        for number, fields in enumerate(reader, start=2):
            if not fields:
                continue
            if len(fields) != len(header):
                message = f"has {len(fields)} fields, the header has {len(header)}; is the file cut off?"
                raise UnreadableFileError(f"{name}, row {number}: {message}")
            if number > MAX_CSV_ROWS:
                raise UnreadableFileError(f"{name}: has more than {MAX_CSV_ROWS:,} rows")
            yield Row(f"{name}, row {number}", {column: fields[index] for column, index in at.items()})
    except csv.Error as error:
        raise UnreadableFileError(f"{name}, line {reader.line_num}: is not valid CSV ({error})") from error


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
