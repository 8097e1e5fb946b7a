"""Counting by the rules: what a finding says of each lot, and who may count and decide."""

from datetime import date

import pytest

from warehouses.counting import (
    Looks,
    LotThere,
    check_approver,
    check_counter,
    check_moved,
    counts_again,
    lot_looks,
    next_step,
    spread,
)
from warehouses.errors import WarehouseError
from warehouses.stock import NEVER

MAY, JUNE = date(2026, 5, 1), date(2026, 6, 1)


def there(lot, expected, *, sku=1, received_on=MAY, batch="", expires_on=NEVER, condition="A"):
    return LotThere(lot, sku, condition, batch, expires_on, received_on, expected)


def test_what_is_found_fills_the_lots_that_look_like_it():
    assert spread([(Looks(1), 5), (Looks(2), 3)], [there(10, 5), there(20, 4, sku=2)]) == ({10: 5, 20: 3}, {})


def test_what_is_not_found_is_missing_of_the_oldest_lot():
    lots = [there(10, 5), there(11, 5, received_on=JUNE)]
    assert spread([(Looks(1), 7)], lots)[0] == {10: 2, 11: 5}


def test_what_is_too_much_joins_the_newest_lot():
    lots = [there(10, 5), there(11, 5, received_on=JUNE)]
    assert spread([(Looks(1), 12)], lots)[0] == {10: 5, 11: 7}


def test_a_bin_found_empty_misses_everything():
    assert spread([], [there(10, 5)]) == ({10: 0}, {})


def test_a_batch_that_was_read_goes_to_its_lot_and_the_rest_to_the_others():
    lots = [there(10, 5, batch="X"), there(11, 5, batch="Y")]
    assert spread([(Looks(1), 6), (Looks(1, batch="X"), 3)], lots)[0] == {10: 4, 11: 5}


def test_what_the_ledger_has_no_lot_of_is_told_apart():
    looks = Looks(9, condition="C", batch="Z")
    counted, strange = spread([(looks, 2), (Looks(1), 5), (looks, 1)], [there(10, 5)])
    assert (counted, strange) == ({10: 5}, {looks: 3})
    assert (lot_looks(looks), lot_looks(Looks(9))) == (("Z", NEVER), ("", NEVER))


def test_another_condition_is_another_lot():
    counted, strange = spread([(Looks(1, condition="C"), 2)], [there(10, 5)])
    assert (counted, strange) == ({10: 0}, {Looks(1, condition="C"): 2})


@pytest.mark.parametrize(
    ("expected", "counted", "again"),
    [(10, 10, False), (10, 9, True), (1000, 995, False), (1000, 994, True), (0, 1, True), (0, 0, False)],
)
def test_a_difference_beyond_the_tolerance_is_counted_again(expected, counted, again):
    assert counts_again(expected, counted) is again


def test_who_counted_neither_counts_again_nor_approves():
    check_counter("usr_b", "usr_a")
    check_counter("usr_a", None)
    check_approver("usr_c", {"usr_a", "usr_b"})
    for refused in (lambda: check_counter("usr_a", "usr_a"), lambda: check_approver("usr_a", {"usr_a"})):
        with pytest.raises(WarehouseError) as error:
            refused()
        assert error.value.code == "same_counter"


def test_a_bin_that_moved_while_it_was_counted_is_unclear():
    check_moved(0)
    with pytest.raises(WarehouseError) as error:
        check_moved(1)
    assert error.value.code == "count_unclear"


@pytest.mark.parametrize(
    ("bins", "step"),
    [
        (["open", "counted"], None),
        (["recount", "open"], None),
        (["recount", "counted"], "differ"),
        (["counted"], "count"),
    ],
)
def test_a_count_goes_on_when_its_last_bin_is_counted(bins, step):
    assert next_step(bins) == step


def test_nobody_finds_less_than_nothing():
    with pytest.raises(WarehouseError):
        spread([(Looks(1), -1)], [])
