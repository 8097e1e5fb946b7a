from datetime import date

import pytest

from warehouses.errors import WarehouseError
from warehouses.returns import (
    DISPOSITIONS,
    GRADES,
    ITEM_STEPS,
    ReturnedGoods,
    add_months,
    approval_for,
    disposition_options,
    handling_fees,
    relief_deadline,
    state_of,
)
from warehouses.states import after

TODAY = date(2026, 11, 22)
FREE = dict.fromkeys(DISPOSITIONS, 0)


def options(grade, *traits, on=TODAY, handling=FREE, **more):
    reaches_china_on = more.pop("reaches_china_on", None)
    goods = ReturnedGoods(grade, 10_000, frozenset(traits), **more)
    return {
        option.disposition: option for option in disposition_options(goods, handling, on, reaches_china_on)
    }


def allowed(grade, *traits):
    return {code for code, option in options(grade, *traits).items() if option.allowed}


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2026, 2, 28), 6, date(2026, 8, 28)),
        (date(2026, 6, 30), 6, date(2026, 12, 30)),
        (date(2026, 7, 1), 6, date(2027, 1, 1)),
        (date(2026, 12, 15), 12, date(2027, 12, 15)),
        (date(2026, 5, 31), 1, date(2026, 6, 30)),
        (date(2026, 5, 31), 0, date(2026, 5, 31)),
    ],
)
def test_months_are_calendar_months_and_end_with_the_month(day, months, later):
    assert add_months(day, months) == later


@pytest.mark.parametrize("mode", ["1210", "9610", "9710", "9810"])
def test_cross_border_exports_come_back_free_of_duty_within_six_months(mode):
    assert relief_deadline(ReturnedGoods("A", 1, exported_on=date(2026, 3, 31), customs_mode=mode)) == date(
        2026, 9, 30
    )


@pytest.mark.parametrize(
    ("exported_on", "deadline"),
    [
        (date(2023, 1, 29), None),
        (date(2023, 1, 30), date(2023, 7, 30)),
        (date(2025, 12, 31), date(2026, 6, 30)),
        (date(2026, 1, 1), date(2026, 7, 1)),
        (date(2027, 12, 31), date(2028, 6, 30)),
        (date(2028, 1, 1), None),
        (None, None),
    ],
)
def test_relief_follows_the_policy_of_the_export_date(exported_on, deadline):
    assert relief_deadline(ReturnedGoods("A", 1, exported_on=exported_on, customs_mode="9610")) == deadline


def test_food_and_ordinary_trade_have_no_relief():
    export = {"exported_on": date(2026, 3, 31), "customs_mode": "9610"}
    assert relief_deadline(ReturnedGoods("A", 1, frozenset({"food"}), **export)) is None
    assert relief_deadline(ReturnedGoods("A", 1, **{**export, "customs_mode": "0110"})) is None
    assert relief_deadline(ReturnedGoods("A", 1, **{**export, "customs_mode": None})) is None


def test_each_grade_has_its_dispositions():
    assert allowed("A") == set(DISPOSITIONS) - {"refurbish"}
    assert allowed("B") == set(DISPOSITIONS)
    assert allowed("C") == {"return_to_china", "refurbish", "destroy"}
    assert allowed("D") == {"destroy"}


def test_food_is_never_sold_again():
    assert allowed("A", "food") == {"return_to_china", "destroy"}
    assert options("A", "food")["restock"].reason_code == "food_not_resold"


def test_damaged_batteries_are_not_carried_home_and_sound_ones_are():
    assert options("C", "battery")["return_to_china"].reason_code == "damaged_battery_not_carried"
    assert "return_to_china" in allowed("B", "battery")


def test_cosmetics_are_not_refurbished():
    assert options("B", "cosmetics")["refurbish"].reason_code == "hygiene"


def test_what_is_allowed_recovers_its_share_and_what_is_refused_nothing():
    by_code = options("B", handling={**FREE, "relabel": 65})
    assert (by_code["relabel"].recovered_value_minor, by_code["relabel"].handling_minor) == (8_200, 65)
    restock = options("C")["restock"]
    assert (restock.recovered_value_minor, restock.reason_code) == (0, "damaged")
    assert by_code["destroy"].recovered_value_minor == 0


def test_the_way_to_china_says_whether_relief_still_holds():
    export = {"exported_on": date(2026, 6, 1), "customs_mode": "9810"}
    in_time = options("A", **export, reaches_china_on=date(2026, 12, 1))
    late = options("A", **export, reaches_china_on=date(2026, 12, 2))
    for code in ("return_to_china", "reexport_with_exports"):
        assert in_time[code].reason_code == "allowed"
        assert (late[code].allowed, late[code].reason_code) == (True, "relief_lapsed")
        assert options("A")[code].reason_code == "no_relief"
        assert options("A", **export)[code].reason_code == "allowed", "today is in time"
    assert late["restock"].reason_code == "allowed"


def test_all_options_come_in_one_order_for_every_grade():
    for grade in GRADES:
        assert tuple(options(grade)) == DISPOSITIONS


def test_unknown_grades_and_days_without_rules_are_refused():
    for attempt, code in [
        (lambda: options("E"), "grade_unknown"),
        (lambda: options("A", on=date(2000, 1, 1)), "dispositions_missing"),
        (lambda: handling_fees(1, date(2000, 1, 1)), "handling_fee_missing"),
    ]:
        with pytest.raises(WarehouseError) as refused:
            attempt()
        assert refused.value.code == code


@pytest.mark.parametrize(
    ("weight_g", "received_cents"),
    [
        (1, 30),
        (2_000, 30),
        (2_001, 50),
        (5_000, 50),
        (10_000, 80),
        (15_000, 120),
        (20_000, 150),
        (20_001, 300),
    ],
)
def test_handling_costs_the_receipt_by_weight_and_the_work(weight_g, received_cents):
    fees = handling_fees(weight_g, TODAY)
    assert tuple(fees) == DISPOSITIONS
    assert fees["restock"] == received_cents
    assert fees["refurbish"] == received_cents + 400


@pytest.mark.parametrize(
    ("items", "state"),
    [
        (["received", "expected"], "received"),
        (["graded", "received", "done"], "received"),
        (["graded", "chosen", "missing"], "graded"),
        (["chosen", "travelling", "done"], "disposition_chosen"),
        (["done", "missing"], "closed"),
        (["done", "expected"], "received"),
    ],
)
def test_a_return_is_as_far_as_the_item_that_is_furthest_behind(items, state):
    assert state_of(items) == state


def test_goods_that_go_back_on_the_shelf_need_nobodys_word():
    assert approval_for("restock", asks=True) == "not_needed"
    assert approval_for("destroy", asks=True) == "waiting"
    assert approval_for("destroy", asks=False) == "not_needed"


def test_a_vetoed_item_is_decided_anew_and_what_left_is_not():
    assert after(ITEM_STEPS, "veto", "chosen") == "graded"
    with pytest.raises(WarehouseError):
        after(ITEM_STEPS, "choose", "travelling")
