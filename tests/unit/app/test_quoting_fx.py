"""Exchange rates of quotes are whole micros with source and day, direct, turned round or crossed."""

from datetime import date

import pytest

from app.usecases.pricing_facts import RateMissing
from app.usecases.quoting_fx import Fx, FxBook

MONDAY, FRIDAY = date(2026, 11, 23), date(2026, 11, 20)


def book(*rates):
    rows = [Fx(base, quote, micros, day, "ECB") for base, quote, micros, day in rates]
    return FxBook({(one.base, one.quote): one for one in rows})


BOOK = book(
    ("EUR", "USD", 1_100_000, MONDAY),
    ("EUR", "KRW", 1_500_000_000, FRIDAY),
    ("USD", "CNY", 7_000_000, MONDAY),
)


def test_one_currency_needs_no_rate():
    assert BOOK.find("USD", "USD") is None


def test_a_rate_of_its_own_is_used_as_it_is():
    found = BOOK.find("USD", "CNY")
    assert (found.rate_micros, found.convert(1_000)) == (7_000_000, 7_000)


def test_a_rate_the_other_way_is_divided_by():
    found = BOOK.find("CNY", "USD")
    assert (found.base, found.quote, found.rate_micros) == ("USD", "CNY", 7_000_000)
    assert found.convert(1_000) == 143


@pytest.mark.parametrize(
    ("start", "end", "minor", "converted"), [("USD", "KRW", 100, 1_364), ("KRW", "USD", 1_364, 100)]
)
def test_without_a_rate_of_its_own_a_pair_is_crossed_through_the_euro_above_one(start, end, minor, converted):
    found = BOOK.find(start, end)
    assert (found.base, found.quote, found.rate_micros) == ("USD", "KRW", 1_363_636_364)
    assert found.convert(minor) == converted
    assert (found.as_of, found.source) == (FRIDAY, "cross rate through EUR of: ECB")


def test_where_no_rate_leads_it_says_so():
    with pytest.raises(RateMissing, match="from CNY to GBP"):
        BOOK.find("CNY", "GBP")
