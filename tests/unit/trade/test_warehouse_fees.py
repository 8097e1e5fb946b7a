"""What warehouses charge: bands that meet, own prices first, minimums once, and nothing rounded before the line."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from trade.billing import written_quantity
from trade.errors import TradeError
from trade.warehouse_fees import (
    Charge,
    FeeRow,
    Price,
    Weighed,
    Work,
    check_fees,
    prices_on,
    statement_lines,
    storage_charge,
    work_charges,
)

DAY = date(2026, 11, 25)
SINCE = date(2024, 1, 1)
A_BANDS = ((0, 31, 0), (31, 61, 500_000), (61, 91, 1_000_000), (91, 181, 1_500_000), (181, 271, 3_000_000),
           (271, 361, 4_000_000), (361, None, 5_000_000))  # fmt: skip


def row(code="storage", basis="m3_day", start=0, end=None, micros=1_250_000, **more):
    facts = {"currency": "USD", "effective_from": SINCE} | more
    return FeeRow(code, basis, start, end, micros, **facts)


LIST_A = [row(start=start, end=end, micros=micros) for start, end, micros in A_BANDS]


def price(rows=LIST_A, code="storage"):
    return prices_on(rows, DAY)[code]


@pytest.mark.parametrize(
    ("age", "cost"),
    [
        (0, 0),
        (30, 0),
        (31, 50),
        (60, 50),
        (61, 100),
        (90, 100),
        (91, 150),
        (360, 400),
        (361, 500),
        (4000, 500),
    ],
)
def test_storage_costs_what_the_band_of_its_age_says(age, cost):
    charge = storage_charge(price(), 1_000_000, age)

    assert sum(line.amount_minor for line in statement_lines(filter(None, [charge]))) == cost


def test_free_days_are_free_and_the_next_one_is_not():
    thirty_free = price([row(free_days=30)])

    assert storage_charge(thirty_free, 1_000_000, 29) is None
    assert storage_charge(thirty_free, 1_000_000, 30).price_micros == 1_250_000


@given(
    volume=st.integers(1, 10**9),
    age=st.integers(31, 1000),
    cuts=st.lists(st.integers(0, 10**9), max_size=20),
)
def test_a_days_stock_costs_the_same_however_it_is_split_into_lots(volume, age, cuts):
    edges = sorted({0, volume, *(cut % volume for cut in cuts)})
    parts = [b - a for a, b in pairwise(edges)]
    found = price([row(start=start, end=end, micros=micros + 3) for start, end, micros in A_BANDS])

    whole = statement_lines([storage_charge(found, volume, age)])
    split = statement_lines(storage_charge(found, part, age) for part in parts)

    assert split == whole


@st.composite
def lists(draw):
    """Starts of bands that meet, with a price each."""
    starts = [0, *sorted(draw(st.sets(st.integers(1, 400), max_size=6)))]
    ends = [*starts[1:], draw(st.one_of(st.none(), st.just(starts[-1] + 50)))]
    prices = draw(st.lists(st.integers(1, 10**7), min_size=len(starts), max_size=len(starts)))
    return list(zip(starts, ends, prices, strict=True))


@given(bands=lists(), value=st.integers(0, 500))
def test_every_value_up_to_the_last_band_has_one_price(bands, value):
    found = price([row(start=start, end=end, micros=micros) for start, end, micros in bands]).band_of(value)
    right = [
        (start, micros) for start, end, micros in bands if start <= value and (end is None or value < end)
    ]

    assert [found] == (right or [None])


@given(bands=lists(), at=st.integers(0, 5), by=st.integers(1, 20))
def test_bands_that_overlap_or_leave_a_gap_are_refused_by_name(bands, at, by):
    assume(at + 1 < len(bands))
    for change, code in ((by, "fee_bands_overlap"), (-by, "fee_bands_gap")):
        start, end, micros = bands[at]
        assume(end + change > start)
        moved = [*bands[:at], (start, end + change, micros), *bands[at + 1 :]]
        with pytest.raises(TradeError) as refused:
            price([row(start=start, end=end, micros=micros) for start, end, micros in moved])
        assert refused.value.code == code


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([row(start=5, end=9)], "fee_bands_gap"),
        ([row(), row(effective_from=date(2025, 1, 1))], "fee_bands_overlap"),
        ([row(end=9), row(start=9, currency="EUR")], "fee_rows_differ"),
        ([row(end=9), row(start=9, minimum_minor=5)], "fee_rows_differ"),
        ([row(code="storge")], "fee_unknown"),
        ([row(code="storage", basis="unit")], "fee_basis"),
    ],
)
def test_rows_that_contradict_each_other_are_refused_by_name(rows, code):
    with pytest.raises(TradeError) as refused:
        check_fees(rows)
    assert refused.value.code == code


def test_a_contradiction_that_lies_ahead_is_found_as_well():
    ahead = date(2030, 1, 1)
    rows = [row(effective_to=ahead), row(start=3, effective_from=ahead)]

    assert price(rows).starts == (0,)
    with pytest.raises(TradeError):
        check_fees(rows)


def test_a_price_ends_on_the_day_the_next_one_begins():
    rows = [row(effective_to=DAY), row(micros=7, effective_from=DAY)]

    assert price(rows).prices_micros == (7,)


@given(own=st.integers(0, 10**7), published=st.integers(0, 10**7))
def test_agreed_prices_win_and_leave_the_other_fees_as_published(own, published):
    rows = [row(micros=published), row(micros=own, own=True), row("pick", "unit", micros=published)]
    found = prices_on(rows, DAY)

    assert found["storage"].prices_micros == (own,)
    assert found["pick"].prices_micros == (published,)


@given(
    amounts=st.lists(st.integers(1, 3_000), min_size=1, max_size=20),
    minimum=st.integers(0, 20_000),
)
def test_a_minimum_is_applied_once_to_all_charges_of_a_fee(amounts, minimum):
    charges = [Charge("pick", "unit", 0, amount, 10_000, "USD", minimum) for amount in amounts]
    lines = statement_lines(charges)

    assert sum(line.amount_minor for line in lines) == max(sum(amounts), minimum)
    assert sum(line.basis == "minimum" for line in lines) == (sum(amounts) < minimum)
    assert all(line.amount_minor * 10_000 == line.quantity * line.unit_price_micros for line in lines)


def test_nothing_done_costs_no_minimum():
    charge = Charge("pick", "unit", 0, 5, 10_000, "USD", 1_000)
    back = Charge("pick", "unit", 0, -5, 10_000, "USD", 1_000)

    assert statement_lines([charge, back]) == ()
    assert [line.amount_minor for line in statement_lines([back])] == [-5]


def test_a_line_is_rounded_half_up_once():
    half = Charge("storage", "m3_day", 0, 5_000, 1_000_000, "USD")

    assert statement_lines([half])[0].amount_minor == 1
    assert statement_lines([half] * 3)[0].amount_minor == 2
    assert written_quantity(statement_lines([half])[0]) == "0.005000"


def test_lines_are_in_the_currencys_own_minor_unit():
    lines = statement_lines([Charge("pick", "unit", 0, 3, 120_000_000, "JPY", 1_000)])

    assert [(line.amount_minor, line.unit_price_micros) for line in lines] == [
        (360, 120_000_000),
        (640, 640_000_000),
    ]


WEIGHT = [
    row("outbound_weight", "weight_band", start, end, micros, divisor=5022)
    for start, end, micros in ((0, 454, 500_000), (454, 908, 600_000), (908, 31752, 3_500_000))
]


@pytest.mark.parametrize(
    ("weight_g", "volume_cm3", "micros"),
    [(453, 1, 500_000), (454, 1, 600_000), (100, 2_280, 600_000), (100, 2_270, 500_000), (908, 1, 3_500_000)],
)
def test_the_larger_of_weight_and_volumetric_weight_picks_the_band(weight_g, volume_cm3, micros):
    work = Work("hand_over", weighed=(Weighed(2, weight_g, volume_cm3),))

    (charge,) = work_charges(prices_on(WEIGHT, DAY), work)

    assert (charge.quantity, charge.price_micros) == (2, micros)


def test_what_is_heavier_than_the_last_band_has_no_price():
    heavy = Work("hand_over", weighed=(Weighed(1, 31_752, 1),))

    assert work_charges(prices_on(WEIGHT, DAY), heavy) == []


def test_receiving_a_container_costs_by_its_size_its_cartons_and_its_pallets():
    rows = [
        row("receive_container_40", "container", micros=450_000_000),
        row("receive_container_20", "container", micros=300_000_000),
        row("receive_carton", "carton", 0, 1000, 1_250_000),
        row("receive_carton", "carton", 1000, None, 1_550_000),
        row("receive_pallet", "pallet", micros=15_000_000),
        row("pick", "unit", micros=100_000),
    ]
    work = Work("receive_end", pieces=9000, orders=1, cartons=1_200, pallets=2, container="40")
    lines = statement_lines(work_charges(prices_on(rows, DAY), work))

    assert [(line.code, line.quantity, line.amount_minor) for line in lines] == [
        ("receive_carton", 1000, 125_000),
        ("receive_carton", 200, 31_000),
        ("receive_container_40", 1, 45_000),
        ("receive_pallet", 2, 3_000),
    ]


def test_what_is_taken_back_is_the_mirror_of_what_was_charged():
    rows = [row("receive_unit", "unit", 0, 10, 100_000), row("receive_unit", "unit", 10, None, 50_000)]
    done, back = (Work("receive", pieces=25, sign=sign) for sign in (1, -1))
    prices = prices_on(rows, DAY)

    assert statement_lines([*work_charges(prices, done), *work_charges(prices, back)]) == ()


def test_a_price_knows_its_last_band():
    assert Price("pick", "unit", "USD", 0, 0, None, (0,), (1,), 5).band_of(5) is None
