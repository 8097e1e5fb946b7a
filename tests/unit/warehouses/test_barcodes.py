"""What scanners send, and what it says."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouses.barcodes import GS, Scanned, is_checked, read_scan
from warehouses.numbers import gs1_check_digit

GTIN = "04006381333931"
SSCC = "106141411234567897"


@pytest.mark.parametrize("digits", ["4006381333931", "96385074", "036000291452", GTIN, SSCC])
def test_published_numbers_have_their_check_digit(digits):
    assert is_checked(digits)
    assert not is_checked(digits[:-1] + str((int(digits[-1]) + 1) % 10))


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("4006381333931\r\n", Scanned("gtin", "4006381333931")),
        ("]E04006381333931", Scanned("gtin", "4006381333931")),
        ("4006381333932", Scanned("code", "4006381333932")),
        ("A-03-2", Scanned("code", "A-03-2")),
        ("]C0A-03-2", Scanned("code", "A-03-2")),
        ("pcl_0h3vk5m8q2r7t9xz", Scanned("code", "pcl_0h3vk5m8q2r7t9xz")),
        (SSCC, Scanned("sscc", SSCC)),
        (f"00{SSCC}", Scanned("sscc", SSCC)),
        (f"]C100{SSCC}", Scanned("sscc", SSCC)),
        (f"(00){SSCC}", Scanned("sscc", SSCC)),
        (f"]C101{GTIN}", Scanned("gtin", GTIN)),
        (f"01{GTIN}", Scanned("gtin", GTIN)),
        (f"01{GTIN}17270500", Scanned("gtin", GTIN, expires_on=date(2027, 5, 31))),
        (f"]C101{GTIN}10AB-7{GS}3712", Scanned("gtin", GTIN, batch="AB-7", quantity=12)),
        (f"]C101{GTIN}10AB-7<GS>3712", Scanned("gtin", GTIN, batch="AB-7", quantity=12)),
        (f"]C101{GTIN}310300125010AB", Scanned("gtin", GTIN, batch="AB")),
        (
            f"(01){GTIN}(17)270531(10)AB-7(21)S1",
            Scanned("gtin", GTIN, batch="AB-7", expires_on=date(2027, 5, 31), serial="S1"),
        ),
        (f"02{GTIN}3724", Scanned("gtin", GTIN, quantity=24)),
        (f"01{GTIN}17991399", Scanned("gtin", GTIN)),
        (f"01{GTIN}9", Scanned("code", f"01{GTIN}9")),
        ("", Scanned("code", "")),
    ],
)  # fmt: skip
def test_a_scan_says(raw, said):
    assert read_scan(raw) == said


def test_a_trade_item_is_known_by_each_way_of_writing_it():
    assert read_scan(GTIN).names == (GTIN, "4006381333931")
    assert read_scan("036000291452").names[:2] == ("036000291452", "0036000291452")
    assert read_scan("A-03").names == ("A-03",)


@given(st.text(max_size=60))
def test_nothing_that_is_scanned_is_refused(raw):
    said = read_scan(raw)
    assert said.names
    assert said.quantity is None or said.quantity > 0


@given(st.text("0123456789", min_size=7, max_size=17))
def test_a_check_digit_notices_one_wrong_digit(digits):
    whole = digits + gs1_check_digit(digits)
    wrong = str((int(whole[0]) + 1) % 10) + whole[1:]
    assert is_checked(whole)
    assert not is_checked(wrong)
