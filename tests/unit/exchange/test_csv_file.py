import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import AppError
from app.exchange.cells import Code, Number, Text
from app.exchange.faults import CellError, Unreadable
from app.exchange.rows import MAX_BYTES, Column, TooManyRows, limited
from app.exchange.tables import FORMATS, reading_table, write_table

COLUMNS = (
    Column("code", Code(), "the code", required=True),
    Column("name", Text(), "the name"),
    Column("weight_kg", Number(1000, positive=True), "the weight", field="weight_g"),
)


def read(content, columns=COLUMNS):
    with reading_table(content, columns, "things") as table:
        return list(table.rows)


def refused(content):
    with pytest.raises(Unreadable) as error:
        read(content)
    return [(fault.row, fault.column, fault.code) for fault in error.value.faults], error.value


def test_rows_are_numbered_as_a_spreadsheet_shows_them():
    rows = read(b"code,name\nA,first\n\nB,second\n")
    assert [(row.number, row.values["code"]) for row, _faults in rows] == [(2, "A"), (4, "B")]


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "byte order mark"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_separators_and_line_ends_are_found_out(mark, separator, newline):
    text = newline.join(
        [f"code{separator}name{separator}weight_kg", f'A{separator}"青岛, 烟台; 威海"{separator}2.5']
    )
    [(row, faults)] = read(mark + text.encode())
    assert (row.values, faults) == ({"code": "A", "name": "青岛, 烟台; 威海", "weight_g": 2500}, [])


def test_an_absent_column_and_an_empty_cell_have_the_default():
    [(row, faults)] = read(b"code,weight_kg\nA,\n")
    assert row.values == {"code": "A", "name": None, "weight_g": None}
    assert faults == []


def test_every_fault_of_a_row_is_named():
    [(_row, faults)] = read(b"code,name,weight_kg\n,=1+1,-2\n")
    assert [(fault.column, fault.code) for fault in faults] == [
        ("code", "required"), ("name", "formula"), ("weight_kg", "not_positive"),
    ]  # fmt: skip


def test_a_row_of_another_width_is_ragged():
    found = [[fault.code for fault in faults] for _row, faults in read(b"code,name\nA\nB,b,c\nC,c,,\n")]
    assert found == [["ragged_row"], ["ragged_row"], []]


@pytest.mark.parametrize(
    "content", [b"", b"\xef\xbb\xbf", b"\n \n\n"], ids=["nothing", "only a mark", "blank lines"]
)
def test_an_empty_file_is_refused(content):
    assert refused(content)[0] == [(0, "file", "empty_file")]


def test_a_file_in_gbk_is_refused_with_its_encoding_and_the_remedy():
    codes, error = refused("code,name\nA,青岛港集装箱码头\n".encode("gb18030"))
    assert codes == [(0, "file", "bad_encoding")]
    assert "GBK" in error.detail
    assert "UTF-8" in error.detail


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_wide_encodings_are_refused(encoding):
    assert refused("code,name\nA,b\n".encode(encoding))[0] == [(0, "file", "bad_encoding")]


def test_a_nul_far_inside_is_refused_too():
    content = b"code,name\n" + b"A,b\n" * 30_000 + b"A,\x00\n"
    assert refused(content)[0] == [(30_002, "file", "bad_encoding")]


def test_a_quotation_mark_that_is_never_closed_is_a_truncated_file():
    assert refused(b'code,name\nA,"open\nB,b\n')[0] == [(2, "file", "truncated")]


def test_text_after_a_closing_mark_is_bad_quoting():
    assert refused(b'code,name\nA,"a"b\n')[0] == [(2, "file", "bad_quoting")]


def test_a_cell_beyond_the_limit_is_refused():
    assert refused(b"code,name\nA," + b"x" * 200_000 + b"\n")[0] == [(2, "file", "field_too_long")]


def test_columns_that_do_not_fit_are_named_with_the_nearest():
    codes, error = refused(b"Code,nam,weight_kg,weight_kg\n")
    assert codes == [(1, "weight_kg", "header_mismatch"), (1, "nam", "header_mismatch")]
    assert "did you mean name?" in error.faults[1].suggestion


def test_a_missing_column_is_named():
    assert refused(b"name\nA\n")[0] == [(1, "code", "header_mismatch")]


def test_a_header_of_thousands_of_cells_is_refused_at_once():
    assert refused(b",".join(b"a%d" % number for number in range(100_000)))[0] == [
        (1, "header", "header_mismatch")
    ]


def test_the_name_of_an_unknown_column_cannot_steer_a_terminal():
    assert refused(b"code,\x1b[31mname\n")[0] == [(1, "[31mname", "header_mismatch")]


def test_a_line_beyond_a_mebibyte_is_refused():
    assert refused(b"code,name\nA" + b"," * 2_000_000 + b"\n")[0] == [(2, "file", "field_too_long")]


def test_more_rows_than_the_limit_are_refused():
    with pytest.raises(TooManyRows):
        list(limited(((number, ["x"]) for number in range(10)), most=9))


def test_blank_rows_do_not_count():
    rows = [(1, ["x"]), (2, [""]), (3, ["x"])]
    assert list(limited(iter(rows), most=2)) == [rows[0], rows[2]]


def test_a_file_beyond_the_size_limit_is_not_even_opened():
    with pytest.raises(AppError) as error:
        read(b"x" * (MAX_BYTES + 1))
    assert error.value.code == "too_large"


def test_a_path_that_is_not_there_is_refused(tmp_path):
    assert refused(tmp_path / "none.csv")[0] == [(0, "file", "not_readable")]
    assert refused(tmp_path)[0] == [(0, "file", "not_readable")]


def accepted(cell):
    """Texts that the cell takes, as the values it makes of them."""

    def value(text):
        try:
            return cell.read(text)
        except CellError:
            return ""

    return st.text(max_size=20).map(value).filter(bool)


@given(
    st.lists(st.tuples(accepted(Code()), accepted(Text()) | st.none()), max_size=5), st.sampled_from(FORMATS)
)
def test_what_is_written_is_read_back(pairs, form):
    rows = [{"code": code, "name": name, "weight_g": 2500} for code, name in pairs]
    stream = io.BytesIO()
    write_table(stream, form, COLUMNS, rows, "things")
    found = read(stream.getvalue())
    assert [(row.values, faults) for row, faults in found] == [(row, []) for row in rows]


@given(st.binary(max_size=200))
def test_no_bytes_make_reading_raise_anything_but_an_app_error(content):
    for start in (b"", b"code,name,weight_kg\n", b"PK\x03\x04"):
        try:
            read(start + content)
        except AppError as error:
            assert error.code
