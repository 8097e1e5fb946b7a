from datetime import date

import pytest

from trade.errors import TradeError
from trade.tariff import Surcharge, Tariff, WeightBreak

FROM = date(2026, 1, 1)


def tariff(**changes):
    return Tariff(**{"code": "T", "side": "buy", "currency": "CNY", "valid_from": FROM, **changes})


def breaks(*starts, rate=1):
    return tuple(WeightBreak(start, rate) for start in starts)


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"currency": "RMB"}, "currency_unknown", "currency"),
        ({"side": "both"}, "side_unknown", "side"),
        ({"valid_to": date(2025, 12, 31)}, "validity_reversed", "valid_to"),
        ({"valid_to": FROM}, "validity_reversed", "valid_to"),
        ({"divisor_cm3_per_kg": 0}, "divisor_too_small", "divisor_cm3_per_kg"),
        ({"rounding_g": 0}, "rounding_out_of_range", "rounding_g"),
        ({"rounding_g": 10**8}, "rounding_out_of_range", "rounding_g"),
        ({"minimum_minor": -1}, "amount_negative", "minimum_minor"),
        ({"flat_minor": -1}, "amount_negative", "flat_minor"),
        ({"per_m3_micros": -1}, "amount_negative", "per_m3_micros"),
        ({"breaks": breaks(1)}, "breaks_start_above_zero", "breaks"),
        ({"breaks": breaks(0, 5, 5)}, "breaks_overlap", "breaks"),
        ({"breaks": breaks(0, 9, 5)}, "breaks_unsorted", "breaks"),
        ({"breaks": breaks(0, 10**11)}, "break_out_of_range", "breaks"),
        ({"breaks": breaks(0, rate=-1)}, "amount_negative", "breaks"),
        ({"breaks": (WeightBreak(0, 1, -1),)}, "amount_negative", "breaks"),
        ({"breaks": breaks(0, rate=10**18)}, "tariff_out_of_range", "rate"),
        ({"surcharges": (Surcharge("FUEL", "percent", -1),)}, "amount_negative", "surcharges"),
        ({"surcharges": (Surcharge("FUEL", "daily", 1),)}, "basis_unknown", "surcharges"),
        ({"surcharges": (Surcharge("FUEL", "flat", 1),) * 2}, "surcharge_repeated", "surcharges"),
        ({"surcharges": (Surcharge("FUEL", "per_unit", 10**18),)}, "tariff_out_of_range", "rate"),
    ],
)  # fmt: skip
def test_a_tariff_that_contradicts_itself_is_refused(changes, code, field):
    with pytest.raises(TradeError) as refused:
        tariff(**changes)
    assert (refused.value.code, refused.value.field) == (code, field)


def test_a_tariff_holds_from_its_first_day_up_to_the_day_it_ends():
    dated = tariff(valid_to=date(2026, 2, 1))
    days = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 1, 31), date(2026, 2, 1)]
    assert [dated.valid_on(day) for day in days] == [False, True, True, False]
    assert tariff().valid_on(date(2099, 1, 1))
