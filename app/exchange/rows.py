"""A file as rows of named cells, whatever its format; the header is matched before the first row is read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from app.errors import TooLarge
from app.exchange.cells import Cell
from app.exchange.faults import CellError, RowError, Unreadable, did_you_mean

MAX_BYTES = 32 * 1024 * 1024
MAX_ROWS = 100_000
MAX_COLUMNS = 200

Source = bytes | Path
RawRow = tuple[int, list[str]]
"""Row number as a spreadsheet shows it, and the texts of its cells."""


@dataclass(frozen=True, slots=True)
class Column:
    """One named column of a kind: what its cells hold, where the value goes, and a line for the manual."""

    name: str
    cell: Cell
    doc: str
    required: bool = False
    field: str = ""
    """Name of the value in memory; the column's own where none is given."""
    default: Any = None
    """The value of an empty cell."""
    kept: bool = True
    """False: checked and then dropped; the file is the only place that keeps it."""

    @property
    def to(self) -> str:
        """Where the value goes."""
        return self.field or self.name


@dataclass(slots=True)
class Row:
    """One row: its number and its values by field; empty cells have their column's default."""

    number: int
    values: dict[str, Any]


class TooManyRows(TooLarge):
    """More rows than are taken in one go."""

    code, title = "too_many_rows", f"More than {MAX_ROWS:,} rows"


def open_source(source: Source, most: int = MAX_BYTES) -> BinaryIO:
    """The bytes as a stream. Raises TooLarge beyond `most` bytes, Unreadable where there is no such file."""
    from io import BytesIO

    if isinstance(source, bytes):
        _check_size(len(source), most)
        return BytesIO(source)
    try:
        _check_size(source.stat().st_size, most)
        return source.open("rb")
    except OSError as error:
        raise Unreadable(
            RowError(0, "file", "not_readable", f"{source}: {error.strerror}", "give the path of a file")
        ) from None


def _check_size(size: int, most: int) -> None:
    if size > most:
        raise TooLarge(
            f"the file has {size:,} bytes; at most {most:,} are taken: split it into several files"
        )


def match_header(header: Sequence[str], columns: Sequence[Column]) -> list[Column]:
    """The column of each cell of the header. Raises Unreadable with one fault for each name that does not fit."""
    if len(header) > MAX_COLUMNS:
        raise Unreadable(
            _header_fault(
                "header", f"the first row has {len(header):,} cells", "keep the columns of this kind"
            )
        )
    names = [name.strip().lower() for name in header]
    while names and not names[-1]:
        names.pop()
    known = {column.name: column for column in columns}
    faults = [_header_fault(name, f"{name[:60]!r} stands twice", "keep one of them")
              for name in sorted({name for name in names if names.count(name) > 1})]  # fmt: skip
    faults += [
        _header_fault(name, f"{name[:60]!r} is not a column of this kind", did_you_mean(name, tuple(known)))
        for name in dict.fromkeys(names)
        if name not in known
    ]
    faults += [
        _header_fault(column.name, f"the column {column.name} is missing", "add it to the first row")
        for column in columns
        if column.required and column.name not in names
    ]
    if faults:
        raise Unreadable(*faults)
    return [known[name] for name in names]


def _header_fault(name: str, message: str, suggestion: str) -> RowError:
    # The name goes to terminals and pages as it stands, so it is cut to what can be printed.
    shown = "".join(sign for sign in name[:60] if sign.isprintable())
    return RowError(1, shown or "header", "header_mismatch", message, suggestion)


class RowReader:
    """Texts of rows → values, for one header; what is the same in every row is worked out once."""

    def __init__(self, given: Sequence[Column], all_columns: Sequence[Column]) -> None:
        self._defaults = {column.to: column.default for column in all_columns if column.kept}
        self._cells = [(column, column.to, column.cell.read) for column in given]

    def read(self, raw: RawRow) -> tuple[Row, list[CellError]]:
        """The values of one row and every fault in it; a faulty cell leaves its default behind."""
        number, texts = raw
        values = self._defaults.copy()
        faults: list[CellError] = []
        if len(texts) != len(self._cells):
            message = f"{len(texts)} cells under {len(self._cells)} columns"
            faults.append(
                CellError("ragged_row", message, "fill up the row, and check separators and quotation marks")
            )
        for (column, field, read), text in zip(self._cells, texts, strict=False):
            if text and not text.isspace():
                try:
                    value = read(text)
                except CellError as fault:
                    fault.column = fault.column or column.name
                    faults.append(fault)
                    continue
                if column.kept:
                    values[field] = value
            elif column.required:
                faults.append(CellError("required", "the cell is empty", f"give {column.doc}", column.name))
        return Row(number, values), faults


def limited(rows: Iterator[RawRow], most: int = MAX_ROWS) -> Iterator[RawRow]:
    """The rows, or TooManyRows at the first beyond `most`. Blank rows count for the numbers, not for the limit."""
    count = 0
    for row in rows:
        if not any(text and not text.isspace() for text in row[1]):
            continue
        count += 1
        if count > most:
            raise TooManyRows(f"row {row[0]} is beyond {most:,} rows: split the file into several")
        yield row
