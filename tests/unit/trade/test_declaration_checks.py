"""What a parcel must have to be declared, by mode and day."""

from dataclasses import replace
from datetime import date

import pytest

from trade.customs_modes import customs_words, mode_rule
from trade.declaration_checks import Booked, DeclaredParcel, check_parcel, differences, match_documents
from trade.rebates import rebate_ends, rebate_minor, rebate_rate

DAY = date(2026, 11, 26)
GOOD = DeclaredParcel(
    order_number="A-1", waybill_number="FW1", value_minor=10_000, currency="USD", value_cny_minor=71_000,
    hs_code="6912001000", name="ceramic mugs", country="US", net_g=900, paid_minor=10_000, paid_currency="USD",
)  # fmt: skip
RETAIL, BUSINESS = mode_rule("9610", DAY), mode_rule("9710", DAY)


def codes(rule=RETAIL, channel="ceb", flag="B", on=DAY, **changes):
    return [one.code for one in check_parcel(replace(GOOD, **changes), rule, channel, flag, on)]


def test_a_parcel_with_everything_passes():
    assert codes() == []
    assert codes(flag="A") == ["conditions"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"paid_minor": None}, ["receipt_missing"]),
        ({"paid_minor": 10_101}, ["receipt_differs"]),
        ({"paid_currency": "EUR"}, ["receipt_differs"]),
        ({"paid_minor": 9_900}, []),
        ({"waybill_number": None}, ["waybill_missing"]),
        ({"hs_code": None}, ["hs_missing"]),
        ({"hs_code": "691200"}, ["hs_short"]),
        ({"hs_code": "8507600090"}, ["rebate_changes"]),
        ({"hs_code": "8541430000"}, ["rebate_none"]),
        ({"value_cny_minor": None}, ["rate_missing"]),
        ({"net_g": None}, ["net_missing"]),
        ({"country": "XX"}, ["word_missing"]),
        ({"order_number": "A" * 61}, ["number_long"]),
        ({"departure_number": "V" * 33}, ["number_long"]),
        ({"name": ""}, ["name_missing"]),
    ],
)
def test_each_fault_has_its_code(changes, expected):
    assert codes(**changes) == expected


def test_business_needs_no_payment_and_stays_below_its_limit():
    assert codes(BUSINESS, flag="A", paid_minor=None) == ["conditions"]
    assert match_documents(GOOD, BUSINESS)["receipt"] == "not_needed"
    assert codes(BUSINESS) == codes(BUSINESS, value_cny_minor=500_001) == ["over_list_limit"]
    assert codes(BUSINESS, channel="h2018", value_cny_minor=500_001) == []
    assert [BUSINESS.channel(value, "A") for value in (500_000, 500_001)] == ["ceb", "h2018"]
    assert (BUSINESS.channel(1, "B"), RETAIL.channel(1, "B")) == ("h2018", "ceb")


def test_a_simplified_list_takes_a_short_code_and_a_small_value():
    assert codes(flag="A", hs_code="6912") == ["conditions"]
    assert codes(BUSINESS, flag="A", hs_code="6912") == ["hs_short", "conditions"]
    assert codes(flag="A", value_cny_minor=500_001) == ["over_simple_limit", "conditions"]
    assert codes(mode_rule("0110", DAY), "h2018", "A") == ["not_simplified"]


def test_goods_for_a_warehouse_needed_a_payment_until_december_2024():
    assert "receipt" in mode_rule("9810", date(2024, 12, 14)).documents
    assert "receipt" not in mode_rule("9810", date(2024, 12, 15)).documents
    assert mode_rule("9810", date(2019, 1, 1)) is None


@pytest.mark.parametrize(
    ("on", "percent"),
    [(date(2026, 3, 31), 9), (date(2026, 4, 1), 6), (date(2026, 12, 31), 6), (date(2027, 1, 1), 0)],
)
def test_the_day_of_the_declaration_decides_what_a_battery_earns(on, percent):
    assert rebate_rate("8507600090", on).percent == percent
    assert rebate_minor(1_000_050, "8507600090", on) == (1_000_050 * percent + 50) // 100


def test_other_goods_earn_the_common_rate_and_nothing_is_known_to_change():
    assert rebate_rate("6912001000", DAY).percent == 13
    assert rebate_ends("6912001000", DAY) is None
    assert rebate_minor(1_000_050, "", DAY) == 0
    assert rebate_ends("8507600090", DAY) == date(2027, 1, 1)


def test_what_changed_since_a_parcel_was_listed_is_named():
    listed = Booked("9610", 1, "sea", DAY, "001W", "FW1", 100, "USD", 900, "US")
    assert differences(listed, listed) == []
    assert differences(listed, replace(listed, gross_g=950, departs_on=date(2026, 12, 3))) == [
        "departs_on",
        "gross_g",
        "month",
    ]
    assert differences(listed, replace(listed, departs_on=date(2026, 11, 27))) == ["departs_on"]
    assert differences(listed, None) == ["left"]


def test_numbers_of_words_are_known_for_the_common_ones():
    assert (customs_words("country")["US"], customs_words("currency")["CNY"]) == ("502", "142")
    assert customs_words("transport")["ferry"] == "2"
