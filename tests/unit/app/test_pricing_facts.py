"""Tariffs become rate rows and feature columns that charge exactly what `trade` charges."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.models import Tariff as TariffRow
from app.models import TariffBreak, TariffSurcharge
from app.usecases.pricing_facts import BASE_FEATURES, Exchange, PriceBook, RateMissing
from app.usecases.tariff_facts import Entry, TariffBook, as_tariff
from tests.examples import examples
from trade.charging import charge, total
from trade.errors import TradeError

DAY = date(2026, 11, 22)
EXCHANGE = Exchange({("USD", "CNY"): 6_650_000, ("EUR", "CNY"): 7_400_000, ("EUR", "KRW"): 1_480_000_000})


def row(number=1, **more):
    values = {
        "id": number, "code": f"T{number}", "side": "buy", "service_id": 3, "from_location_id": None,
        "to_location_id": None, "currency": "USD", "divisor_cm3_per_kg": None, "rounding_g": 1, "minimum_minor": 0,
        "flat_minor": 0, "per_m3_micros": 0, "valid_from": date(2026, 1, 1), "valid_to": None, "breaks": [],
        "surcharges": [],
    } | more  # fmt: skip
    return TariffRow(**values)


def book(*rows):
    return PriceBook(TariffBook(Entry(one, one.breaks, one.surcharges) for one in rows), EXCHANGE)


breaks = st.lists(st.tuples(st.integers(1, 60_000), st.integers(0, 10**7), st.integers(0, 5000)), max_size=3)
surcharges = st.lists(
    st.tuples(st.sampled_from(["flat", "per_kg", "per_m3", "percent", "per_unit"]), st.integers(0, 10**6)),
    max_size=3,
)


@st.composite
def tariffs(draw, number=1):
    bands = {0: (draw(st.integers(0, 10**7)), 0)} | {grams: rest for grams, *rest in draw(breaks)}
    return row(
        number,
        currency=draw(st.sampled_from(["CNY", "USD", "EUR", "KRW"])),
        divisor_cm3_per_kg=draw(st.sampled_from([None, 5000, 6000])),
        rounding_g=draw(st.sampled_from([1, 100, 500])),
        minimum_minor=draw(st.integers(0, 2000)),
        flat_minor=draw(st.integers(0, 500)),
        per_m3_micros=draw(st.integers(0, 10**8)),
        breaks=[
            TariffBreak(from_g=grams, rate_micros_per_kg=rate, flat_minor=flat)
            for grams, (rate, flat) in sorted(bands.items())
        ],
        surcharges=[
            TariffSurcharge(code=f"S{nth}", basis=basis, amount_micros=amount)
            for nth, (basis, amount) in enumerate(draw(surcharges))
        ],
    )


parcels = st.lists(st.tuples(st.integers(1, 400_000), st.integers(1, 2_000_000)), min_size=1, max_size=20)


@settings(max_examples=examples(150), deadline=None)
@given(tariffs(), parcels)
def test_random_parcels_are_priced_alike_both_ways(tariff_row, goods):
    prices, tariff = book(tariff_row), as_tariff(tariff_row)
    rate_row = prices.row(3, 1, 2, DAY)
    weight_g, volume_cm3 = (np.array(column, dtype=np.int64) for column in zip(*goods, strict=True))
    rates = prices.rates()
    features = np.column_stack(
        [np.zeros((len(goods), len(BASE_FEATURES))), prices.charges(weight_g, volume_cm3)]
    )
    found = features @ rates.rows[rate_row]
    expected = [total(charge(tariff, *one), tariff.currency).minor for one in goods]
    assert found / EXCHANGE.factor(tariff.currency) == pytest.approx(expected, abs=1e-6)


def test_tariffs_that_charge_alike_share_a_row_and_a_column():
    prices = book(row(1), row(2, service_id=4), row(3, service_id=5, flat_minor=1))
    assert [prices.row(service, 1, 2, DAY) for service in (3, 4, 5)] == [1, 1, 2]
    assert prices.rates().names[-2:] == ("tariff T1", "tariff T3")


def test_a_tariff_between_two_places_goes_before_one_for_the_service_and_a_later_before_an_earlier():
    rows = [
        row(1),
        row(2, flat_minor=2, from_location_id=1, to_location_id=2),
        row(3, flat_minor=3, valid_from=date(2026, 5, 1)),
        row(4, flat_minor=4, valid_to=date(2026, 2, 1), valid_from=date(2026, 1, 20)),
    ]
    prices = book(*rows)
    prices.row(3, 1, 2, DAY)
    prices.row(3, 1, 9, DAY)
    prices.row(3, 1, 9, date(2026, 1, 21))
    assert prices.rates().names[-3:] == ("tariff T2", "tariff T3", "tariff T4")


def test_where_nothing_is_bought_there_is_no_price():
    prices = book(row(1, from_location_id=1, to_location_id=2))
    assert prices.row(3, 1, 9, DAY) is None
    assert prices.row(3, 1, 2, date(2025, 12, 31)) is None
    assert (prices.knows(3), prices.knows(4)) == (True, False)


def test_exchange_rates_are_direct_or_inverse_or_crossed():
    assert EXCHANGE.factor("CNY") == 1.0
    assert EXCHANGE.factor("USD") == pytest.approx(6.65)
    assert EXCHANGE.factor("KRW") == pytest.approx(7.4 / 1480 * 100)
    assert Exchange({("CNY", "USD"): 200_000}).factor("USD") == pytest.approx(5.0)
    with pytest.raises(RateMissing, match="no exchange rate leads from GBP to CNY"):
        EXCHANGE.factor("GBP")


def test_a_tariff_that_contradicts_itself_is_refused():
    with pytest.raises(TradeError, match="starts at 0 g"):
        as_tariff(row(1, breaks=[TariffBreak(from_g=5, rate_micros_per_kg=1, flat_minor=0)]))


def test_the_free_row_costs_nothing():
    prices = book()
    prices.add("destroy", kg=300.0)
    assert prices.rates().rows.tolist() == [[0.0] * 8, [0.0, 300.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]]
