from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trade.charging import ChargeLine, LinearTerms, charge, charge_many, is_linear, linear_terms, total
from trade.errors import TradeError
from trade.money import MICROS, Money, minor_per_major
from trade.tariff import Surcharge, Tariff, WeightBreak
from trade.weight import chargeable_g

BANDS = (WeightBreak(0, 40_000_000), WeightBreak(45_000, 30_000_000), WeightBreak(100_000, 20_000_000))


def tariff(**changes):
    return Tariff(
        **{"code": "T", "side": "sell", "currency": "CNY", "valid_from": date(2026, 1, 1), **changes}
    )


def total_minor(priced, weight_g, volume_cm3=0, units=1):
    return total(charge(priced, weight_g, volume_cm3, units), priced.currency).minor


def test_a_weight_takes_the_rate_of_the_band_that_holds_it():
    priced = tariff(breaks=BANDS)
    assert total_minor(priced, 44_999) == 1_799_96
    assert total_minor(priced, 45_000) == 1_350_00
    assert total_minor(priced, 100_000) == 2_000_00


def test_the_next_break_is_taken_only_where_the_tariff_says_so_and_it_is_cheaper():
    priced = tariff(breaks=BANDS, next_break_if_cheaper=True)
    assert total_minor(priced, 33_000) == 1_320_00
    assert total_minor(priced, 34_000) == 1_350_00, "45 kg at 30 cost less than 34 kg at 40"
    assert total_minor(priced, 80_000) == 2_000_00, "100 kg at 20 cost less than 80 kg at 30"
    [line] = charge(priced, 34_000, 0)
    assert line.quantity == 45_000, "the line shows the weight that was charged"


def test_every_part_of_a_tariff_is_a_line_of_its_own():
    priced = tariff(
        divisor_cm3_per_kg=6000,
        rounding_g=500,
        flat_minor=5_00,
        per_m3_micros=100_000_000,
        breaks=(WeightBreak(0, 10_000_000, 3_00),),
        surcharges=(
            Surcharge("FUEL", "percent", 125_000),
            Surcharge("SECURITY", "per_kg", 1_200_000),
            Surcharge("PORT", "per_m3", 50_000_000),
            Surcharge("LABEL", "per_unit", 500_000),
            Surcharge("DOCUMENT", "flat", 20_000_000),
        ),
    )
    assert charge(priced, 1_900, 60_000, units=3) == [
        ChargeLine("weight_band", "flat", 1, 3_000_000, 3_00, "CNY"),
        ChargeLine("freight", "per_kg", 10_000, 10_000_000, 100_00, "CNY"),
        ChargeLine("volume", "per_m3", 60_000, 100_000_000, 6_00, "CNY"),
        ChargeLine("shipment", "flat", 1, 5_000_000, 5_00, "CNY"),
        ChargeLine("FUEL", "percent", 109_00, 125_000, 13_63, "CNY"),
        ChargeLine("SECURITY", "per_kg", 10_000, 1_200_000, 12_00, "CNY"),
        ChargeLine("PORT", "per_m3", 60_000, 50_000_000, 3_00, "CNY"),
        ChargeLine("LABEL", "per_unit", 3, 500_000, 1_50, "CNY"),
        ChargeLine("DOCUMENT", "flat", 1, 20_000_000, 20_00, "CNY"),
    ]


def test_a_minimum_stands_as_a_line_for_what_lacks():
    priced = tariff(minimum_minor=100_00, breaks=BANDS, surcharges=(Surcharge("FUEL", "percent", 100_000),))
    lines = charge(priced, 1_000, 0)
    assert [(line.code, line.amount_minor) for line in lines] == [
        ("freight", 40_00),
        ("minimum", 60_00),
        ("FUEL", 10_00),
    ]
    assert total(lines, "CNY") == Money(110_00, "CNY")
    assert "minimum" not in [line.code for line in charge(priced, 2_500, 0)]


def test_a_free_shipment_has_no_lines_and_costs_nothing():
    assert charge(tariff(), 1_000, 1_000) == []
    assert total([], "CNY") == Money(0, "CNY")


def test_currencies_without_minor_units_are_charged_in_whole_units():
    priced = tariff(currency="KRW", breaks=(WeightBreak(0, 4_500_500_000),))
    assert total_minor(priced, 1_000) == 4_501


@pytest.mark.parametrize(
    ("quantities", "field"),
    [
        ((-1, 0, 1), "weight_g"),
        ((0, -1, 1), "volume_cm3"),
        ((0, 0, -1), "units"),
        ((10**10 + 1, 0, 1), "weight_g"),
        ((0, 10**10 + 1, 1), "volume_cm3"),
        ((0, 0, 10**6 + 1), "units"),
    ],
)
def test_quantities_out_of_range_are_refused_alone_and_in_arrays(quantities, field):
    arrays = [np.array([1, quantity], dtype=np.int64) for quantity in quantities]
    for attempt in (lambda: charge(tariff(), *quantities), lambda: charge_many(tariff(), *arrays)):
        with pytest.raises(TradeError) as refused:
            attempt()
        assert (refused.value.code, refused.value.field) == ("quantity_out_of_range", field)


def test_no_parcels_cost_nothing():
    nothing = np.zeros(0, dtype=np.int64)
    assert charge_many(tariff(breaks=BANDS), nothing, nothing).tolist() == []


rates = st.integers(0, 10**10)
amounts = st.integers(0, 10**7)
bases = st.sampled_from(["flat", "per_kg", "per_m3", "percent", "per_unit"])


@st.composite
def tariffs(draw):
    starts = sorted(draw(st.sets(st.integers(1, 10**6), max_size=4)))
    bands = [WeightBreak(start, draw(rates), draw(amounts)) for start in [0, *starts]]
    return tariff(
        currency=draw(st.sampled_from(["CNY", "KRW", "KWD"])),
        divisor_cm3_per_kg=draw(st.sampled_from([None, 1000, 5000, 6000])),
        rounding_g=draw(st.sampled_from([1, 100, 500])),
        minimum_minor=draw(amounts),
        flat_minor=draw(amounts),
        per_m3_micros=draw(rates),
        breaks=tuple(bands) if draw(st.booleans()) else (),
        surcharges=tuple(
            Surcharge(f"S{index}", basis, draw(st.integers(0, 10**8)))
            for index, basis in enumerate(draw(st.lists(bases, max_size=4)))
        ),
        next_break_if_cheaper=draw(st.booleans()),
    )


parcels = st.lists(
    st.tuples(st.integers(0, 2 * 10**6), st.integers(0, 10**7), st.integers(0, 50)), min_size=1, max_size=6
)


@given(tariffs(), parcels)
def test_a_million_parcels_cost_what_each_costs_alone_to_the_minor_unit(priced, shipments):
    weight_g, volume_cm3, units = np.array(shipments, dtype=np.int64).T
    many = charge_many(priced, weight_g, volume_cm3, units)
    assert many.dtype == np.int64
    assert many.tolist() == [total_minor(priced, *shipment) for shipment in shipments]


def test_parcels_are_one_unit_each_where_nothing_else_is_said():
    priced = tariff(surcharges=(Surcharge("LABEL", "per_unit", 500_000),))
    one = np.ones(2, dtype=np.int64)
    assert charge_many(priced, one, one).tolist() == [50, 50]


@given(tariffs(), parcels)
def test_heavier_never_costs_less_under_the_next_break_rule_with_falling_rates(priced, shipments):
    falling = tariff(breaks=BANDS, next_break_if_cheaper=True, minimum_minor=priced.minimum_minor)
    weights = sorted(weight_g for weight_g, _, _ in shipments)
    costs = [total_minor(falling, weight_g) for weight_g in weights]
    assert costs == sorted(costs)


@pytest.mark.parametrize(
    "changes",
    [
        {"breaks": BANDS},
        {"minimum_minor": 1},
        {"surcharges": (Surcharge("FUEL", "percent", 1),)},
    ],
)
def test_breaks_minimums_and_percentages_are_not_linear(changes):
    assert not is_linear(tariff(**changes))
    with pytest.raises(TradeError) as refused:
        linear_terms(tariff(**changes))
    assert refused.value.code == "tariff_not_linear"


def test_gross_kilograms_are_a_term_of_their_own_where_nothing_else_is_charged():
    gross = tariff(breaks=(WeightBreak(0, 7_000_000, 1_00),), flat_minor=2_00)
    assert linear_terms(gross) == LinearTerms(3_000_000, 7_000_000, 0, 0, 0)
    volumetric = tariff(breaks=gross.breaks, divisor_cm3_per_kg=6000)
    assert linear_terms(volumetric) == LinearTerms(1_000_000, 0, 0, 7_000_000, 0)
    stepped = tariff(breaks=gross.breaks, rounding_g=500)
    assert linear_terms(stepped).per_chargeable_kg_micros == 7_000_000


@given(tariffs().filter(is_linear) | tariffs().map(lambda t: tariff(
    currency=t.currency, divisor_cm3_per_kg=t.divisor_cm3_per_kg, rounding_g=t.rounding_g, flat_minor=t.flat_minor,
    per_m3_micros=t.per_m3_micros, breaks=t.breaks[:1],
    surcharges=tuple(extra for extra in t.surcharges if extra.basis != "percent"),
)), parcels)  # fmt: skip
def test_linear_terms_add_up_to_the_charge_but_for_the_rounding_of_its_lines(priced, shipments):
    terms = linear_terms(priced)
    for weight_g, volume_cm3, units in shipments:
        chargeable = chargeable_g(weight_g, volume_cm3, priced.divisor_cm3_per_kg, priced.rounding_g)
        million_micros = (
            terms.per_item_micros * 10**6
            + terms.per_unit_micros * units * 10**6
            + terms.per_kg_micros * weight_g * 10**3
            + terms.per_m3_micros * volume_cm3
            + terms.per_chargeable_kg_micros * chargeable * 10**3
        )
        one_minor = MICROS // minor_per_major(priced.currency) * 10**6
        off_by = abs(total_minor(priced, weight_g, volume_cm3, units) * one_minor - million_micros)
        rounded_lines = 2 + len(priced.surcharges)
        assert 2 * off_by <= one_minor * rounded_lines
