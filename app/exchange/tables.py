"""One door to every table file: the format is told by the content, never by the name alone."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from app.exchange.csv_file import reading_csv, write_csv
from app.exchange.faults import CellError, refuse
from app.exchange.rows import Column, RawRow, Row, RowReader, Source, limited, match_header, open_source
from app.exchange.xlsx_file import reading_xlsx, write_xlsx

FORMATS = ("csv", "xlsx")
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0"

ReadRow = tuple[Row, list[CellError]]


@dataclass(frozen=True, slots=True)
class Table:
    """An open table: the columns its header names, and its rows, which are read as they are asked for."""

    given: list[Column]
    rows: Iterator[ReadRow]


@contextmanager
def reading_table(source: Source, columns: Sequence[Column], sheet: str) -> Iterator[Table]:
    """Rows of a CSV or XLSX file with the faults of each; all columns are there, the absent ones by default.

    Raises Unreadable and TooLarge, also while iterating.
    """
    with reading_cells(source, sheet) as (header, raw):
        given = match_header(header, columns)
        yield Table(given, map(RowReader(given, columns).read, _cut(raw, len(given))))


@contextmanager
def reading_cells(source: Source, sheet: str) -> Iterator[tuple[list[str], Iterator[RawRow]]]:
    """The header and the texts of the rows as they stand, whatever the columns are called.

    Raises Unreadable and TooLarge, also while iterating.
    """
    with open_source(source) as stream:
        head = stream.read(4)
        stream.seek(0)
        if not head:
            raise refuse("empty_file", "the file is empty", "the first row names the columns")
        is_book = head in (_ZIP, _OLE)
        with reading_xlsx(stream, sheet) if is_book else reading_csv(stream) as (header, raw):
            yield header, limited(raw)


def _cut(rows: Iterable[tuple[int, list[str]]], width: int) -> Iterator[tuple[int, list[str]]]:
    """Empty cells beyond the last named column are how spreadsheets pad; they are nothing."""
    for number, texts in rows:
        while len(texts) > width and not texts[-1].strip():
            texts.pop()
        yield number, texts


def write_table(
    stream: BinaryIO, form: str, columns: Sequence[Column], rows: Iterable[dict[str, object]], sheet: str
) -> None:
    """Write rows of values by field as `csv` or `xlsx`."""
    texts = (_texts(columns, row) for row in rows)
    if form == "xlsx":
        write_xlsx(stream, columns, texts, sheet)
    else:
        write_csv(stream, [column.name for column in columns], texts)


def _texts(columns: Sequence[Column], row: dict[str, object]) -> list[str]:
    return ["" if (value := row.get(column.to)) is None else column.cell.write(value) for column in columns]
