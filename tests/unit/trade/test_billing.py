"""Invoices add up, credit notes take back exactly, balances carry on, and credit is compared once it is rounded."""

from datetime import UTC, date, datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trade.billing import (
    Entry,
    account,
    billed_lines,
    book_date,
    credit_refusal,
    due_date,
    exposure,
    minor_rate,
    paper_number,
    taken_back,
    total_of,
)
from trade.errors import TradeError

FREIGHT = {
    "leg_seq": 1, "code": "freight", "basis": "per_kg", "quantity": 2_500, "unit_price_micros": 4_000_000,
    "priced_minor": 1_000, "priced_currency": "USD", "amount_minor": 7_001,
}  # fmt: skip
RATES = {("EUR", "CNY"): 8_000_000, ("EUR", "USD"): 1_250_000, ("EUR", "JPY"): 160_000_000}
AMOUNTS = st.integers(-(10**12), 10**12)


def charges(amounts):
    return [FREIGHT | {"amount_minor": amount} for amount in amounts]


@given(st.lists(AMOUNTS, max_size=9))
def test_an_invoice_is_the_sum_of_its_lines_and_its_credit_note_takes_it_back_to_nothing(amounts):
    lines = billed_lines(charges(amounts))

    assert total_of(lines, "CNY").minor == sum(amounts)
    assert total_of([*lines, *taken_back(lines)], "CNY").minor == 0


def test_a_credit_note_has_the_same_prices_for_as_much_less():
    (line,) = billed_lines([FREIGHT])
    (back,) = taken_back([line])

    assert (back.code, back.unit_price_micros) == (line.code, line.unit_price_micros)
    assert (back.quantity, back.priced_minor, back.amount_minor) == (-2_500, -1_000, -7_001)
    assert taken_back([back]) == (line,)


def test_what_a_charge_says_besides_is_no_part_of_its_line():
    assert billed_lines([FREIGHT | {"name": "Freight"}]) == billed_lines([FREIGHT])


def test_papers_bear_the_date_of_the_books_and_are_numbered_within_the_year():
    assert book_date(datetime(2026, 12, 31, 15, 59, tzinfo=UTC)) == date(2026, 12, 31)
    assert book_date(datetime(2026, 12, 31, 16, 0, tzinfo=UTC)) == date(2027, 1, 1)
    assert due_date(date(2026, 12, 31)) == date(2027, 1, 30)
    assert paper_number("invoice", 2026, 42) == "INV-2026-000042"
    assert paper_number("credit_note", 2026, 1_000_000) == "CRN-2026-1000000"


@given(AMOUNTS, st.lists(AMOUNTS, max_size=9))
def test_the_balance_carries_every_entry_from_the_opening_to_the_closing(opening, amounts):
    entries = [Entry(date(2026, 11, 1), "invoice", "INV", amount) for amount in amounts]
    found = account("CNY", opening, entries)

    assert found.closing_minor == opening + sum(amounts)
    assert [balance for _, balance in found.lines] == [
        opening + sum(amounts[: n + 1]) for n in range(len(amounts))
    ]


def test_a_rate_is_exact_whichever_way_it_is_quoted_and_crosses_the_euro():
    assert minor_rate(RATES, "CNY", "CNY") == 1
    assert minor_rate(RATES, "EUR", "CNY") == 8
    assert minor_rate(RATES, "CNY", "EUR") == Fraction(1, 8)
    assert minor_rate(RATES, "USD", "CNY") == Fraction(64, 10)
    # A yen has no decimals: one is 5 fen at 20 yen for a yuan.
    assert minor_rate(RATES, "JPY", "CNY") == 5
    assert minor_rate(RATES, "KZT", "CNY") is None


def test_what_is_owed_in_several_currencies_is_rounded_once_at_the_end():
    # 0.1 + 0.1 + 0.4 fen: each would round to nothing, together they are one.
    rates = {("EUR", "CNY"): 100_000, ("USD", "CNY"): 100_000, ("GBP", "CNY"): 400_000}

    assert exposure({"EUR": 1, "USD": 1, "GBP": 1}, "CNY", rates) == 1
    assert exposure({"EUR": -1, "USD": -1, "GBP": -3}, "CNY", rates) == -1
    assert exposure({}, "CNY", {}) == 0


def test_a_missing_rate_is_named_unless_nothing_is_owed_in_it():
    assert exposure({"KZT": 0, "CNY": 5}, "CNY", {}) == 5
    with pytest.raises(TradeError, match="no exchange rate leads from KZT to CNY") as refused:
        exposure({"KZT": 1}, "CNY", RATES)
    assert refused.value.code == "no_exchange_rate"


@given(limit=st.integers(0, 1_000), owed=st.integers(-1_000, 2_000), more=st.integers(-1_000, 1_000))
def test_credit_is_refused_exactly_where_something_new_passes_the_limit(limit, owed, more):
    refused = credit_refusal(limit, owed, owed + more, "CNY") is not None

    assert refused == (more > 0 and owed + more > limit)


def test_a_refusal_says_what_is_owed_the_limit_and_what_is_lacking():
    words = credit_refusal(5_000, 4_000, 6_000, "CNY")

    assert words == (
        "CNY 40.00 is owed or booked already; with this it would be CNY 60.00, and the credit limit is CNY 50.00: "
        "pay CNY 10.00 first, or ask for a higher limit"
    )
