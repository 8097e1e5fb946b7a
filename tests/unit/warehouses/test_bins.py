import pytest

from warehouses.bins import MOST, bin_codes
from warehouses.errors import WarehouseError


def test_a_range_counts_up_with_its_leading_zeros():
    assert bin_codes("A-08..A-11") == ["A-08", "A-09", "A-10", "A-11"]


def test_each_part_that_differs_counts_up():
    assert bin_codes("a-1-A..b-2-b") == [
        "A-1-A", "A-1-B", "A-2-A", "A-2-B", "B-1-A", "B-1-B", "B-2-A", "B-2-B",
    ]  # fmt: skip


def test_codes_and_ranges_stand_side_by_side():
    assert bin_codes("A-01 .. A-02, floor; B9..B11") == ["A-01", "A-02", "FLOOR", "B9", "B10", "B11"]


@pytest.mark.parametrize(
    ("pattern", "code"),
    [
        (" , ", "no_code"),
        ("A 01/2", "bad_code"),
        ("A" * 25, "bad_code"),
        ("A-01..B", "bad_range"),
        ("A-09..A-01", "bad_range"),
        ("A-1..A-AA", "bad_range"),
        ("A-0001..A-9999", "too_many"),
        ("A-01-01..A-99-99", "too_many"),
        ("A-01..A-02 A-02", "twice"),
    ],
)
def test_what_is_no_list_of_codes_is_refused(pattern, code):
    with pytest.raises(WarehouseError) as refused:
        bin_codes(pattern)
    assert (refused.value.code, refused.value.field) == (code, "codes")


def test_as_many_codes_as_are_taken_in_one_go():
    assert len(bin_codes(f"A-0001..A-{MOST:04}")) == MOST
