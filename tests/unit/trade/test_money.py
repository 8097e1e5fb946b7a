import pytest
from hypothesis import given
from hypothesis import strategies as st

from trade.errors import TradeError
from trade.money import Money, convert, exponent_of, minor_per_major, minor_unit_exponents
from trade.numbers import INT64_MAX


@pytest.mark.parametrize(
    ("currency", "decimals"),
    [
        ("CNY", 2),
        ("USD", 2),
        ("EUR", 2),
        ("GBP", 2),
        ("RUB", 2),
        ("KZT", 2),
        ("KRW", 0),
        ("JPY", 0),
        ("KWD", 3),
    ],
)
def test_currencies_have_the_decimals_of_iso_4217(currency, decimals):
    assert exponent_of(currency) == decimals
    assert minor_per_major(currency) == 10**decimals


def test_every_currency_code_is_three_capitals():
    assert len(minor_unit_exponents()) > 150
    assert all(code.isascii() and code.isupper() and len(code) == 3 for code in minor_unit_exponents())


@pytest.mark.parametrize("code", ["cny", "XAU", "RMB", "", "DEM"])
def test_an_unknown_currency_is_refused(code):
    with pytest.raises(TradeError) as refused:
        Money(1, code)
    assert refused.value.code == "currency_unknown"


def test_money_is_read_and_written_in_major_units():
    assert Money.parse("12.5", "CNY") == Money(1250, "CNY")
    assert Money(1250, "CNY").format() == "12.50"
    assert str(Money(1250, "KRW")) == "KRW 1250"
    assert Money.parse("-0.05", "USD").format() == "-0.05"


def test_a_fraction_of_a_won_is_refused():
    with pytest.raises(TradeError) as refused:
        Money.parse("1.5", "KRW", "price")
    assert (refused.value.code, refused.value.field) == ("number_too_precise", "price")


def test_an_amount_beyond_64_bits_is_refused():
    with pytest.raises(TradeError) as refused:
        Money(INT64_MAX, "CNY") + Money(1, "CNY")
    assert refused.value.code == "amount_out_of_range"


def test_amounts_of_one_currency_add_and_others_do_not():
    assert Money(1, "CNY") + Money(2, "CNY") == Money(3, "CNY")
    with pytest.raises(TradeError) as refused:
        Money(1, "CNY") + Money(2, "USD")
    assert refused.value.code == "currency_mismatch"


def test_conversion_respects_the_decimals_of_both_currencies():
    assert convert(10_00, "USD", "KRW", 1_390_500_000) == 13_905
    assert convert(13_905, "KRW", "USD", 1_390_500_000, inverse=True) == 10_00
    assert convert(1_000, "KWD", "USD", 3_250_000) == 3_25
    assert convert(1, "CNY", "USD", 500_000) == 1, "half a cent is rounded up"
    assert convert(-1, "CNY", "USD", 500_000) == -1, "a refund mirrors its charge"


@pytest.mark.parametrize("rate_micros", [0, -1])
def test_a_rate_that_is_not_positive_is_refused(rate_micros):
    with pytest.raises(TradeError) as refused:
        convert(1, "CNY", "USD", rate_micros)
    assert refused.value.code == "rate_not_positive"


@given(st.integers(0, 10**12), st.integers(1_000_000, 10**10))
def test_converting_there_and_back_loses_at_most_half_a_minor_unit(minor, rate_micros):
    there = convert(minor, "USD", "CNY", rate_micros)
    assert abs(convert(there, "CNY", "USD", rate_micros, inverse=True) - minor) <= 1
