"""Files that are not what they should be are refused in one line that names the place."""

import gzip
import zipfile

import pytest

from app.backtests import reading
from app.backtests.reading import UnreadableFileError, read_csv, read_workbook

WANTED = {"WhCosts": ("WH", "Cost/unit")}


def refusal_of(call):
    with pytest.raises(UnreadableFileError) as caught:
        call()
    assert "\n" not in caught.value.detail
    return caught.value.detail


def test_a_sheet_is_read_by_column_name(workbook):
    rows = read_workbook(workbook(), WANTED)["WhCosts"]
    assert [(row.text("WH"), row.number("Cost/unit")) for row in rows] == [("W1", 0.5), ("W2", 2.0)]


def test_a_missing_sheet_is_named_with_those_found(workbook):
    path = workbook(WhCosts=None)
    detail = refusal_of(lambda: read_workbook(path, WANTED))
    assert "sheet 'WhCosts' is missing" in detail
    assert "OrderList" in detail


def test_a_missing_column_is_named(workbook):
    detail = refusal_of(lambda: read_workbook(workbook(), {"WhCosts": ("WH", "Price")}))
    assert "sheet 'WhCosts': column 'Price' is missing" in detail


def test_a_sheet_without_rows_is_refused(workbook):
    path = workbook(WhCosts=[])
    assert "has no rows" in refusal_of(lambda: read_workbook(path, WANTED))


@pytest.mark.parametrize("value", ["much", -1, ""])
def test_a_cell_that_is_no_number_is_named_by_row_and_column(workbook, value):
    path = workbook(WhCosts=[["W1", value]])
    rows = read_workbook(path, WANTED)["WhCosts"]
    detail = refusal_of(lambda: rows[0].number("Cost/unit"))
    assert "sheet 'WhCosts', row 2, column 'Cost/unit'" in detail


def test_an_empty_name_and_a_broken_count_are_refused(workbook):
    rows = read_workbook(workbook(WhCosts=[["", 1.5]]), WANTED)["WhCosts"]
    assert "is empty" in refusal_of(lambda: rows[0].text("WH"))
    assert "must be a whole number" in refusal_of(lambda: rows[0].whole("Cost/unit"))


@pytest.mark.parametrize("content", [b"", b"order,weight\n1,2\n", b"PK\x03\x04 no archive"])
def test_another_kind_of_file_is_no_workbook(tmp_path, content):
    path = tmp_path / "orders.xlsx"
    path.write_bytes(content)
    refusal_of(lambda: read_workbook(path, WANTED))


def test_a_workbook_cut_in_half_is_refused(workbook):
    path = workbook()
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert "cut off" in refusal_of(lambda: read_workbook(path, WANTED))


def test_a_workbook_with_damaged_bytes_is_refused(workbook):
    path = workbook()
    content = bytearray(path.read_bytes())
    content[200:400] = bytes(200)
    path.write_bytes(content)
    refusal_of(lambda: read_workbook(path, WANTED))


def test_a_zip_archive_that_is_no_workbook_is_refused(tmp_path):
    path = tmp_path / "orders.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("hello.txt", "hello")
    assert "not a readable XLSX workbook" in refusal_of(lambda: read_workbook(path, WANTED))


def test_a_workbook_that_unpacks_to_too_much_is_refused_before_it_is_built(workbook, monkeypatch):
    monkeypatch.setattr(reading, "MAX_UNPACKED_BYTES", 2000)
    assert "unpacks to more than 2,000 bytes" in refusal_of(lambda: read_workbook(workbook(), WANTED))


def test_a_file_above_the_limit_is_refused_unopened(workbook, monkeypatch):
    monkeypatch.setattr(reading, "MAX_FILE_BYTES", 1000)
    assert "the limit is 1,000" in refusal_of(lambda: read_workbook(workbook(), WANTED))


def test_two_cells_a_million_rows_apart_are_refused(workbook):
    path = workbook(WhCosts=[["W1", 1.0], *[[]] * 1_000_000, ["W2"] + [1.0] * 20])
    assert "delete stray cells" in refusal_of(lambda: read_workbook(path, WANTED))


def test_a_directory_and_a_missing_file_are_refused(tmp_path):
    assert "is not a file" in refusal_of(lambda: read_workbook(tmp_path, WANTED))
    assert "No such file" in refusal_of(lambda: read_workbook(tmp_path / "none.xlsx", WANTED))


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_csv_lines_may_end_as_they_like_and_a_byte_order_mark_is_skipped(tmp_path, end):
    path = tmp_path / "rows.csv"
    path.write_bytes(b"\xef\xbb\xbf" + end.join(["a,b", '1,"x, y"', "2,Côte"]).encode())
    assert [dict(row.values) for row in read_csv(path, ["a", "b"])] == [
        {"a": "1", "b": "x, y"},
        {"a": "2", "b": "Côte"},
    ]


def test_a_gzipped_csv_is_unpacked_on_the_way(tmp_path):
    path = tmp_path / "rows.csv.gz"
    path.write_bytes(gzip.compress(b"a\n1\n"))
    assert [row.text("a") for row in read_csv(path, ["a"])] == ["1"]


CUT_GZIP = gzip.compress(b"a,b\n" + b"1,2\n" * 1000)[:-12]
BAD_CSV = {
    "column 'b' is missing": b"a,c\n1,2\n",
    "row 3: has 1 fields": b"a,b\n1,2\n3",
    "is not UTF-8": "a,b\nCôte,1\n".encode("latin-1"),
    "is not valid CSV": b'a,b\n"1,2',
    "is empty": b"",
    "cut off": CUT_GZIP,
}


@pytest.mark.parametrize("message", BAD_CSV)
def test_a_csv_that_cannot_be_read_says_why(tmp_path, message):
    path = tmp_path / "rows.csv"
    path.write_bytes(BAD_CSV[message])
    assert message in refusal_of(lambda: list(read_csv(path, ["a", "b"])))


def test_a_packed_bomb_stops_at_the_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "MAX_UNPACKED_BYTES", 100_000)
    path = tmp_path / "rows.csv.gz"
    path.write_bytes(gzip.compress(b"a\n" + b"1\n" * 1_000_000))
    assert "unpacks to more than 100,000 bytes" in refusal_of(lambda: list(read_csv(path, ["a"])))


def test_more_rows_than_allowed_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "MAX_CSV_ROWS", 3)
    path = tmp_path / "rows.csv"
    path.write_text("a\n1\n2\n3\n4\n")
    assert "more than 3 rows" in refusal_of(lambda: list(read_csv(path, ["a"])))
