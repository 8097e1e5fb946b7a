"""Flat duties hold for the trade, the scheme, the value and the days that their rows name, and for nothing else."""

from datetime import date

import pytest

from trade.duties import Consignment, duty_items, duty_rule

EU = {"EU", "BRI"}
SUMMER = date(2026, 7, 1)


def test_consignments_to_consumers_in_the_eu_pay_three_euros_an_item():
    rule = duty_rule(EU, "9610", "ioss", SUMMER)
    assert (rule.per_item_minor, rule.most_minor, rule.currency) == (300, 15_000, "EUR")
    assert rule.fact.source


@pytest.mark.parametrize(
    ("groups", "mode", "scheme", "day"),
    [
        ({"US"}, "9610", "ioss", SUMMER),
        (EU, "9710", "ioss", SUMMER),
        (EU, "9810", "ioss", SUMMER),
        (EU, None, "ioss", SUMMER),
        (EU, "9610", None, SUMMER),
        (EU, "9610", "ioss", date(2026, 6, 30)),
    ],
)
def test_elsewhere_otherwise_and_before_nothing_is_known(groups, mode, scheme, day):
    assert duty_rule(groups, mode, scheme, day) is None


def test_every_item_of_every_consignment_counts():
    rule = duty_rule(EU, "1210", "ioss", SUMMER)
    assert duty_items(rule, [Consignment(10, 15_000), Consignment(2, 100, items=3)]) == 16


def test_one_consignment_above_the_limit_makes_the_flat_duty_void():
    rule = duty_rule(EU, "9610", "ioss", SUMMER)
    assert duty_items(rule, [Consignment(10, 100), Consignment(1, 15_001)]) is None
