import pytest
from hypothesis import given
from hypothesis import strategies as st

from trade.numbering import (
    MAX_LENGTH,
    RANDOM_DIGITS,
    check_digit,
    check_number,
    compact,
    document_number,
    leg_document_number,
    spaced,
    tracking_number,
    waybill_number,
)

serials = st.integers(0, 10**RANDOM_DIGITS - 1)


@pytest.mark.parametrize(("digits", "check"), [("0794", "5"), ("00200667308", "5")])
def test_the_check_digit_is_mod_11_10_of_iso_7064(digits, check):
    # 0794 is the standard's own example; 002006673085 the one of python-stdnum.
    assert check_digit(digits) == check


def test_each_kind_of_number_shows_its_letters():
    assert tracking_number(1).startswith("FP")
    assert waybill_number(1).startswith("FW")
    assert document_number(1).startswith("FD")


@given(serials)
def test_every_number_is_accepted_and_short_enough(serial):
    for number in (
        tracking_number(serial),
        waybill_number(serial),
        leg_document_number(document_number(serial), 99),
    ):
        assert check_number(number)
        assert len(number) <= MAX_LENGTH


@given(serials, st.integers(2, 19), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(serial, place, shift):
    number = tracking_number(serial)
    wrong = str((int(number[place]) + shift) % 10)
    assert not check_number(number[:place] + wrong + number[place + 1 :])


@given(serials)
def test_what_is_printed_in_groups_is_read_back(serial):
    number = leg_document_number(document_number(serial), 12)
    assert compact(spaced(number)) == number
    assert compact(f" {spaced(number).lower()}\t") == number


def test_fresh_numbers_differ():
    assert len({tracking_number() for _ in range(1000)}) == 1000


@pytest.mark.parametrize("serial", [-1, 10**RANDOM_DIGITS])
def test_a_serial_out_of_range_is_refused(serial):
    with pytest.raises(ValueError, match="17 digits"):
        tracking_number(serial)


@pytest.mark.parametrize("leg", [0, 100])
def test_a_leg_out_of_range_is_refused(leg):
    with pytest.raises(ValueError, match="1 to 99"):
        leg_document_number(document_number(1), leg)


@given(st.text())
def test_any_text_is_answered(text):
    check_number(compact(text))


@pytest.mark.parametrize(
    "text", ["", "FP", "XX000000000000000018", "FP00000000000000001٨", tracking_number(1) + "-1"]
)
def test_what_is_no_number_of_ours_is_refused(text):
    assert not check_number(text)
