"""XLSX in and out. What is read has passed the guard; what is written holds no formula."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import BinaryIO

import xlsxwriter
from python_calamine import CalamineError, load_workbook

from app.exchange.cells import Number
from app.exchange.faults import Unreadable, refuse
from app.exchange.rows import Column, RawRow
from app.exchange.xlsx_guard import check_workbook


@contextmanager
def reading_xlsx(stream: BinaryIO, sheet: str) -> Iterator[tuple[list[str], Iterator[RawRow]]]:
    """The header and the rows after it, of the sheet named `sheet` or else the first one. Raises Unreadable."""
    name = check_workbook(stream, sheet)
    stream.seek(0)
    try:
        table = load_workbook(stream).get_sheet_by_name(name)
        rows = _texts(table.iter_rows())
        header = next(texts for _number, texts in rows if any(text.strip() for text in texts))
    except StopIteration:
        raise refuse(
            "empty_file", f"the sheet {name!r} is empty", "the first row names the columns"
        ) from None
    except (CalamineError, OSError, ValueError) as error:
        raise _damaged(error) from None
    except BaseException as error:
        # A panic of the reader's Rust core derives from BaseException and cannot be imported by name.
        if type(error).__name__ != "PanicException":
            raise
        raise _damaged(error) from None
    yield header, rows


def _damaged(error: BaseException) -> Unreadable:
    return refuse(
        "truncated", f"the workbook is damaged ({error})"[:200], "save it again in Excel or LibreOffice"
    )


def _texts(rows: Iterable[Sequence[object]]) -> Iterator[RawRow]:
    for number, row in enumerate(rows, start=1):
        yield number, [cell if isinstance(cell, str) else as_text(cell) for cell in row]


def as_text(value: object) -> str:
    """A typed cell as the text a CSV file would hold: numbers as they show, days and times in ISO form."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float | int):
        # Spreadsheets compute with 15 digits; what lies behind them is binary dust.
        number = Decimal(f"{value:.15g}")
        return f"{number:f}" if number.is_finite() else str(value)
    if isinstance(value, datetime):
        midnight = value.time() == time(0)
        return value.date().isoformat() if midnight else value.isoformat()
    if isinstance(value, timedelta):
        minutes = round(value.total_seconds() / 60)
        return f"{minutes // 60:02d}:{minutes % 60:02d}"
    if isinstance(value, time):
        return value.strftime("%H:%M")
    return value.isoformat() if isinstance(value, date) else str(value)


def write_xlsx(
    stream: BinaryIO, columns: Sequence[Column], rows: Iterable[Sequence[str]], sheet: str
) -> None:
    """One sheet; numbers as numbers, everything else as text, never as a formula or a link."""
    book = xlsxwriter.Workbook(stream, {"constant_memory": True, "strings_to_formulas": False})
    page = book.add_worksheet(sheet[:31])
    page.freeze_panes(1, 0)
    for index, column in enumerate(columns):
        page.write_string(0, index, column.name)
    for number, row in enumerate(rows, start=1):
        for index, (column, text) in enumerate(zip(columns, row, strict=True)):
            if text and isinstance(column.cell, Number) and len(text) <= 15:
                page.write_number(number, index, float(text))
            elif text:
                page.write_string(number, index, text)
    book.close()
