"""Parcels as people write them become whole grams, millimetres and cubic centimetres, rounded up."""

from datetime import date
from decimal import Decimal

import pytest

from app.errors import Invalid
from app.usecases.quoting_goods import MOST_PACKAGES, lines_of

DAY = date(2026, 11, 23)


def parcel(**changed):
    sizes = {"length": Decimal(40), "width": Decimal(30), "height": Decimal(25)}
    return {
        "count": 2, "weight": Decimal("12.5"), "weight_unit": "KG", **sizes, "dimension_unit": "CM",
        "volume_m3": None, "goods_class": "general", "description": "mugs", "hs_code": "691200",
        "value": Decimal("19.9"), "value_currency": "USD",
    } | changed  # fmt: skip


def line(**changed):
    return lines_of([parcel(**changed)], "CNY", DAY)[0]


def codes(*parcels):
    with pytest.raises(Invalid) as refused:
        lines_of(parcels, "CNY", DAY)
    return {error.field: error.code for error in refused.value.errors}


NO_SIDES = {"length": None, "width": None, "height": None}


def test_a_line_keeps_what_a_booking_needs():
    assert line() == {
        "count": 2, "weight_g": 12_500, "length_mm": 400, "width_mm": 300, "height_mm": 250, "volume_cm3": 30_000,
        "goods_class": "general", "description": "mugs", "hs_code": "691200", "value_minor": 1_990,
        "value_currency": "USD",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("unit", "weight", "grams"), [("KG", "1.2345", 1235), ("G", "7", 7), ("LB", "1", 454), ("OZ", "10", 284)]
)
def test_weights_are_rounded_up_to_whole_grams(unit, weight, grams):
    assert line(weight=Decimal(weight), weight_unit=unit)["weight_g"] == grams


@pytest.mark.parametrize(
    ("unit", "side", "millimetres"), [("IN", "10", 254), ("CM", "3.21", 33), ("MM", "7", 7)]
)
def test_sides_are_rounded_up_to_whole_millimetres(unit, side, millimetres):
    assert line(length=Decimal(side), dimension_unit=unit)["length_mm"] == millimetres


def test_a_volume_stands_in_for_the_sides():
    found = line(**NO_SIDES, volume_m3=Decimal("0.0360001"))
    assert (found["volume_cm3"], found["length_mm"]) == (36_001, None)


def test_a_value_without_a_currency_is_in_that_of_the_quote():
    assert (line(value_currency=None)["value_currency"], line(value=None)["value_minor"]) == ("CNY", 0)


def test_every_place_at_fault_is_named():
    found = codes(
        parcel(goods_class="unobtainium"),
        parcel(**NO_SIDES),
        parcel(height=None),
        parcel(value=Decimal("1.234")),
        parcel(value_currency="XXX"),
    )
    assert found == {
        "parcels.0.goods_class": "goods_class_unknown",
        "parcels.1.volume_m3": "size_missing",
        "parcels.2.length": "size_incomplete",
        "parcels.3.value": "number_too_precise",
        "parcels.4.value_currency": "currency_unknown",
    }


def test_too_many_packages_are_a_contract():
    assert codes(parcel(count=MOST_PACKAGES), parcel(count=1)) == {"parcels": "too_many"}
