import pytest

from trade.places import (
    container_check_digit,
    country_codes,
    is_air_waybill,
    is_container_number,
    is_country,
    is_unlocode,
)


def test_all_249_countries_of_iso_3166_are_known():
    assert len(country_codes()) == 249
    assert all(map(is_country, ["CN", "KR", "KZ", "TW", "AX", "ZW", "NA"]))
    assert not any(map(is_country, ["UK", "EU", "XK", "cn", "", "CHN"]))


@pytest.mark.parametrize("code", ["CNTAO", "KRINC", "DEDUI", "USLA2", "XZBLA"])
def test_un_locodes_are_a_country_and_three_characters(code):
    assert is_unlocode(code)


@pytest.mark.parametrize("code", ["CNTA1", "CNTA0", "ZZTAO", "cntao", "CNTAO\n", "CNTA", "CNTAOX", ""])
def test_other_strings_are_no_un_locodes(code):
    assert not is_unlocode(code)


def test_container_numbers_end_in_their_check_digit():
    assert container_check_digit("CSQU305438") == 3
    assert is_container_number("CSQU3054383")
    assert not is_container_number("CSQU3054384")
    assert not is_container_number("CSQX3054383")
    assert not is_container_number("CSQU305438٣")


def test_air_waybills_end_in_the_serial_modulo_seven():
    assert is_air_waybill("784-12345675")
    assert is_air_waybill("78412345675")
    assert not is_air_waybill("784-12345676")
    assert not is_air_waybill("784 12345675")
