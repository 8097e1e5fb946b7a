"""What a parcel may hold in JSON is what a row of the file import may, no more and no less."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from app.schemas.parcels import NewParcel
from app.usecases.importing import find_kind
from app.usecases.pooling import looks_like_json_lines, table_of_json_lines


def refused(**values):
    with pytest.raises(ValidationError) as caught:
        NewParcel(partial=True).load(values)
    (codes,) = caught.value.messages.values()
    return codes[0].partition("|")[0]


def test_the_members_are_the_columns_of_both_kinds():
    columns = {column.name for kind in ("parcels", "returns") for column in find_kind(kind).columns}

    assert set(NewParcel().fields) == columns


def test_what_a_file_requires_is_required_but_for_the_exporter_who_is_known():
    needed = {column.name for column in find_kind("parcels").columns if column.required} - {"exporter"}

    assert {name for name, field in NewParcel().fields.items() if field.required} == needed


def test_numbers_come_as_text_or_as_numbers_and_stay_exact():
    for value in ("2.5", Decimal("2.5")):
        assert NewParcel(partial=True).load({"weight_kg": value}) == {"weight_kg": "2.5"}
    assert NewParcel(partial=True).load({"weight_kg": 3, "hard_deadline": True}) == {
        "weight_kg": "3",
        "hard_deadline": "true",
    }


@pytest.mark.parametrize("number", ["1e999999", "NaN", "Infinity", "-1e30", "1e-30"])
def test_numbers_that_nobody_can_mean_are_refused_before_they_are_written_out(number):
    assert refused(weight_kg=Decimal(number)) == "out_of_range"


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "\x1b[31m"])
def test_text_that_breaks_databases_is_refused(text):
    assert refused(reference=text) == "bad_character"


def test_json_lines_become_the_table_that_says_the_same():
    content = b'\xef\xbb\xbf{"a": 1.50, "b": "x,y"}\r\n\n{"b": null, "c": true}\n'

    assert looks_like_json_lines(content)
    assert table_of_json_lines(content).decode("utf-8-sig") == 'a,b,c\r\n1.50,"x,y",\r\n,,true\r\n'


def test_no_table_is_taken_for_json_lines():
    for content in (b"", b"reference,weight_kg\n", b"PK\x03\x04", b"\xef\xbb\xbfreference\n", b"[1]"):
        assert not looks_like_json_lines(content)


@given(st.binary(max_size=200))
def test_whatever_stands_in_json_lines_is_read_or_refused(content):
    from app.errors import AppError

    try:
        assert table_of_json_lines(b"{" + content).startswith(b"\xef\xbb\xbf")
    except AppError as error:
        assert error.status == 400
