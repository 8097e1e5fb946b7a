from datetime import date

import pytest

from warehouses.errors import WarehouseError
from warehouses.relief import Asked, Clock, check_window, clock, reimport_permille

TODAY = date(2026, 11, 26)


@pytest.mark.parametrize(
    ("deadline", "state", "days"),
    [
        (None, "none", None),
        (date(2026, 12, 26), "open", 30),
        (date(2026, 12, 25), "near", 29),
        (TODAY, "near", 0),
        (date(2026, 11, 25), "lapsed", -1),
    ],
)
def test_the_clock_counts_the_days_to_the_deadline_and_its_last_day_is_in_time(deadline, state, days):
    assert clock(deadline, TODAY) == Clock(state, days)


def asked(reason="unwanted", wished=None, mode=None, exported=None, delivered=None):
    return Asked(reason, wished, mode, exported, delivered)


def closed(one, on=TODAY):
    try:
        check_window(one, on)
    except WarehouseError as refused:
        return refused.code
    return ""


def test_a_change_of_mind_has_a_shorter_window_than_a_fault():
    delivered = date(2026, 9, 1)
    assert closed(asked("unwanted", delivered=delivered)) == "window_closed"
    assert closed(asked("defective", delivered=delivered)) == ""
    assert closed(asked("unwanted", delivered=date(2026, 9, 27))) == "", "the sixtieth day is in time"


def test_the_window_to_china_counts_from_the_export_and_only_for_the_modes_it_names():
    exported = date(2025, 11, 25)
    assert closed(asked(wished="return_to_china", mode="9610", exported=exported)) == "window_closed"
    assert closed(asked(wished="return_to_china", mode="9810", exported=exported)) == ""
    assert closed(asked(wished="restock", mode="9610", exported=exported)) == ""


def test_days_nobody_knows_close_nothing_and_rules_hold_on_their_days_only():
    assert closed(asked("unwanted")) == ""
    assert closed(asked("unwanted", delivered=date(2020, 1, 1)), on=date(2022, 1, 1)) == ""


def test_what_comes_in_without_relief_pays_by_what_it_is():
    assert reimport_permille({"general"}, TODAY) == 215
    assert reimport_permille({"food"}, TODAY) == 199
    with pytest.raises(WarehouseError) as refused:
        reimport_permille(set(), date(2000, 1, 1))
    assert refused.value.code == "reimport_charge_missing"
