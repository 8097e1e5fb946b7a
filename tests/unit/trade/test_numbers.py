import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trade.errors import TradeError
from trade.numbers import INT64_MAX, divide_half_up, format_scaled, parse_scaled, scale_half_up


@pytest.mark.parametrize(
    ("text", "places", "value"),
    [
        ("0", 2, 0),
        ("12.5", 2, 1250),
        ("12.50", 2, 1250),
        ("7", 0, 7),
        ("7.000", 0, 7),
        ("0.000001", 6, 1),
        ("-0", 2, 0),
        ("-0.00", 2, 0),
    ],
)
def test_a_plain_decimal_is_read_exactly(text, places, value):
    assert parse_scaled(text, places, "rate") == value


@pytest.mark.parametrize(
    "text",
    ["", " 1", "1 ", "1\n", "+1", "1e999999", "1E2", "NaN", "Infinity", "1_000", "1,000", "٣", "１", "0x1", ".5", "5.",
     "007", "1.0000000000", "1" * 19, "1" * 5000, "--1"],
)  # fmt: skip
def test_anything_but_a_plain_decimal_is_unreadable(text):
    with pytest.raises(TradeError) as refused:
        parse_scaled(text, 2, "rate")
    assert (refused.value.code, refused.value.field) == ("number_unreadable", "rate")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1.005", "number_too_precise"),
        ("-1", "number_negative"),
        ("92233720368547758.08", "number_out_of_range"),
    ],
)
def test_a_decimal_out_of_bounds_says_why(text, code):
    with pytest.raises(TradeError) as refused:
        parse_scaled(text, 2, "rate")
    assert refused.value.code == code
    assert str(refused.value) == f"rate: {refused.value.detail}"


def test_the_largest_integer_is_still_read():
    assert parse_scaled("92233720368547758.07", 2, "rate") == INT64_MAX


@given(st.integers(-INT64_MAX, INT64_MAX), st.integers(0, 6))
def test_what_is_written_is_read_back(value, places):
    # Eighteen digits before the point are read; more are no amount anybody handles.
    if len(str(abs(value))) - places > 18:
        value //= 10
    assert parse_scaled(format_scaled(value, places), places, "x", negative=True) == value


@pytest.mark.parametrize(
    ("numerator", "denominator", "quotient"),
    [(5, 10, 1), (4, 10, 0), (-5, 10, -1), (-4, 10, 0), (15, 10, 2), (25, 10, 3), (7, 1, 7)],
)
def test_halves_are_rounded_away_from_zero(numerator, denominator, quotient):
    assert divide_half_up(numerator, denominator) == quotient


@given(
    st.lists(st.integers(0, 10**10), max_size=8),
    st.integers(0, 10**14),
    st.sampled_from([1, 10, 10**6, 10**7, 10**12]),
)
def test_arrays_are_rounded_as_single_numbers_are(quantities, factor, denominator):
    expected = [divide_half_up(quantity * factor, denominator) for quantity in quantities]
    if max(expected, default=0) > INT64_MAX:
        factor, expected = 1, [divide_half_up(quantity, denominator) for quantity in quantities]
    scaled = scale_half_up(np.array(quantities, dtype=np.int64), factor, denominator)
    assert scaled.dtype == np.int64
    assert scaled.tolist() == expected


def test_products_beyond_64_bits_stay_exact():
    assert scale_half_up(np.array([10**10], dtype=np.int64), 10**12 + 1, 10**6).tolist() == [10**16 + 10**4]
