import io
import zipfile
from datetime import date, datetime, time, timedelta

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import AppError
from app.exchange import xlsx_guard
from app.exchange.cells import Code, Date, Instant, LocalTime, Number, Text
from app.exchange.faults import Unreadable
from app.exchange.rows import Column
from app.exchange.tables import reading_table
from app.exchange.xlsx_file import as_text
from app.exchange.xlsx_guard import column_number

COLUMNS = (
    Column("code", Code(), "the code", required=True),
    Column("name", Text(), "the name"),
    Column("weight_kg", Number(1000), "the weight", field="weight_g"),
    Column("day", Date(), "the day"),
    Column("at", LocalTime(), "the time"),
    Column("ready_at", Instant(), "the moment"),
)


def workbook(fill, sheets=("Sheet1",)):
    """The bytes of a workbook; `fill` gets each page."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream)
    for name in sheets:
        fill(book, book.add_worksheet(name))
    book.close()
    return stream.getvalue()


def table(*rows):
    def fill(_book, page):
        for number, row in enumerate(rows):
            for index, value in enumerate(row):
                page.write(number, index, value)

    return workbook(fill)


def read(content):
    with reading_table(content, COLUMNS, "things") as found:
        return list(found.rows)


def refused(content):
    with pytest.raises(Unreadable) as error:
        read(content)
    return error.value.faults[0]


def changed(content, name, change):
    """The workbook with one part replaced by what `change` makes of it."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.namelist():
            data = old.read(part)
            new.writestr(part, change(data) if part == name else data)
    return stream.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
PLAIN = table(("code", "weight_kg"), ("A", 2.5))


def test_typed_cells_are_read_as_what_they_show():
    def fill(book, page):
        for index, column in enumerate(COLUMNS):
            page.write(0, index, column.name)
        page.write_string(1, 0, "A")
        page.write_number(1, 2, 0.1 + 0.2)
        page.write_datetime(1, 3, datetime(2026, 12, 1), book.add_format({"num_format": "yyyy-mm-dd"}))
        page.write_datetime(1, 4, time(8, 30), book.add_format({"num_format": "hh:mm"}))
        page.write_string(1, 5, "2026-12-01T08:00+08:00")

    [(row, faults)] = read(workbook(fill))
    assert faults == []
    assert (row.number, row.values["weight_g"], row.values["day"], row.values["at"]) == (
        2, 300, date(2026, 12, 1), "08:30",
    )  # fmt: skip


def test_a_typed_moment_has_no_zone_and_is_refused_as_naive():
    def fill(book, page):
        page.write_row(0, 0, ["code", "ready_at"])
        page.write_string(1, 0, "A")
        page.write_datetime(
            1, 1, datetime(2026, 12, 1, 8), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        )

    [(_row, faults)] = read(workbook(fill))
    assert [(fault.column, fault.code) for fault in faults] == [("ready_at", "naive_time")]


@pytest.mark.parametrize(
    ("value", "text"),
    [(True, "true"), (5.0, "5"), (0.1 + 0.2, "0.3"), (1e-7, "0.0000001"), (123456789012.0, "123456789012"),
     (float("inf"), "inf"), (timedelta(hours=26, minutes=5), "26:05"), (time(8, 5), "08:05"),
     (datetime(2026, 12, 1), "2026-12-01"), (datetime(2026, 12, 1, 8), "2026-12-01T08:00:00")],
)  # fmt: skip
def test_typed_values_become_the_text_of_a_csv_cell(value, text):
    assert as_text(value) == text


def test_the_sheet_named_as_the_kind_goes_before_the_first():
    def fill(_book, page):
        page.write_row(0, 0, ["code"] if page.name == "things" else ["notes"])
        page.write_row(1, 0, ["B"])

    assert [row.values["code"] for row, _faults in read(workbook(fill, ("Notes", "things")))] == ["B"]


def test_a_table_that_does_not_begin_in_the_first_row_keeps_its_row_numbers():
    def fill(_book, page):
        page.write_row(3, 1, ["code"])
        page.write_row(5, 1, ["B"])

    assert [(row.number, row.values["code"]) for row, _faults in read(workbook(fill))] == [(6, "B")]


def test_a_formula_is_refused_with_its_cell():
    def fill(_book, page):
        page.write_row(0, 0, ["code", "weight_kg"])
        page.write_string(1, 0, "A")
        page.write_formula(1, 1, "=1+1", None, 2)

    fault = refused(workbook(fill))
    assert (fault.row, fault.column, fault.code) == (2, "B", "formula")
    assert "B2" in fault.message


def test_a_formula_on_another_sheet_does_no_harm():
    def fill(_book, page):
        page.write_row(0, 0, ["code"])
        page.write_string(1, 0, "A")
        if page.name == "Notes":
            page.write_formula(2, 0, "=1+1")

    assert len(read(workbook(fill, ("things", "Notes")))) == 1


def test_text_that_looks_like_a_formula_is_refused_cell_by_cell():
    def fill(_book, page):
        page.write_row(0, 0, ["code", "name"])
        page.write_string(1, 0, "A")
        page.write_string(1, 1, "=cmd()")

    [(_row, faults)] = read(workbook(fill))
    assert [fault.code for fault in faults] == ["formula"]


def test_an_empty_sheet_is_an_empty_file():
    assert refused(workbook(lambda _book, _page: None)).code == "empty_file"


def test_an_old_workbook_is_refused():
    assert refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 512).code == "old_excel"


def test_a_workbook_that_is_cut_off_is_truncated():
    assert refused(PLAIN[: len(PLAIN) // 2]).code == "truncated"


def test_a_zip_that_is_no_workbook_is_refused():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("hello.txt", "hello")
    assert refused(stream.getvalue()).code == "truncated"


def test_an_encrypted_part_is_refused():
    content = bytearray(PLAIN)
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = content.find(signature)
        while place >= 0:
            content[place + at] |= 1
            place = content.find(signature, place + 1)
    assert refused(bytes(content)).code == "encrypted"


def test_a_part_that_unpacks_to_a_thousandfold_is_refused():
    bomb = changed(PLAIN, "docProps/app.xml", lambda _data: b" " * 10_000_000)
    fault = refused(bomb)
    assert (fault.code, "times its size" in fault.message) == ("xlsx_unsafe", True)


def test_a_workbook_beyond_the_unpacked_limit_is_refused(monkeypatch):
    monkeypatch.setattr(xlsx_guard, "MAX_UNPACKED_BYTES", 1000)
    assert refused(PLAIN).code == "xlsx_unsafe"


def test_too_many_parts_are_refused(monkeypatch):
    monkeypatch.setattr(xlsx_guard, "MAX_PARTS", 3)
    assert refused(PLAIN).code == "xlsx_unsafe"


def test_a_part_that_is_larger_than_it_claims_is_refused():
    name = b"docProps/app.xml"
    content = bytearray(changed(PLAIN, name.decode(), lambda data: data + b" " * 100))
    place = content.rfind(name) - 46
    assert content[place : place + 4] == b"PK\x01\x02"
    size = int.from_bytes(content[place + 24 : place + 28], "little")
    content[place + 24 : place + 28] = (size - 50).to_bytes(4, "little")
    assert refused(bytes(content)).code in ("xlsx_unsafe", "truncated")


@pytest.mark.parametrize("place", [b'r="XFD1048576"', b"r = 'XFD2'", b'r="A99999999"', b'r="&#65;9"'])
def test_a_cell_far_out_is_refused_before_the_grid_is_laid_out(place):
    far = changed(PLAIN, SHEET, lambda data: data.replace(b'r="A2"', place))
    assert refused(far).code == "xlsx_unsafe"


def test_columns_are_numbered_as_spreadsheets_do():
    assert [column_number(name) for name in ("A", "Z", "AA", "XFD")] == [1, 26, 27, 16_384]


@settings(deadline=None)
@given(st.integers(0, len(PLAIN) - 1), st.binary(min_size=1, max_size=8))
def test_no_damage_makes_reading_raise_anything_but_an_app_error(at, noise):
    content = PLAIN[:at] + noise + PLAIN[at + len(noise) :]
    try:
        read(content)
    except AppError as error:
        assert error.code


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_no_sheet_makes_reading_raise_anything_but_an_app_error(xml):
    content = changed(PLAIN, SHEET, lambda data: data.replace(b"<sheetData>", b"<sheetData>" + xml))
    try:
        read(content)
    except AppError as error:
        assert error.code
