from datetime import date

import pytest

from warehouses.errors import WarehouseError
from warehouses.units import fits, misfits, unit_type, unit_types

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("code", "iso_code", "teu_hundredths", "inner_volume_cm3"),
    [
        ("20GP", "22G1", 100, 33_200_000),
        ("40GP", "42G1", 200, 67_700_000),
        ("40HQ", "45G1", 200, 76_300_000),
        ("45HQ", "L5G1", 225, 86_000_000),
    ],
)
def test_containers_take_their_teu(code, iso_code, teu_hundredths, inner_volume_cm3):
    unit = unit_type(code, TODAY)
    assert (unit.iso_code, unit.takes_dimension, unit.takes_hundredths) == (iso_code, "teu", teu_hundredths)
    assert unit.inner_volume_cm3 == inner_volume_cm3
    assert unit.planned_volume_cm3 == inner_volume_cm3 * 88 // 100


def test_every_unit_type_holds_no_more_than_its_inside_and_names_its_source():
    for unit in unit_types(TODAY).values():
        length, width, height = unit.inner_sides_mm
        if unit.kind != "uld":  # the room over the slanted side of an aircraft unit is more than its box
            assert 0 < unit.inner_volume_cm3 <= length * width * height / 1000 * 1.01, unit.code
        assert 0 < unit.planning_fill_permille <= 1000
        assert unit.payload_g > 0
        assert unit.fact.source


def test_what_fits_may_be_turned_onto_any_side():
    unit = unit_type("20GP", TODAY)
    assert fits(unit, 28_250_000, unit.planned_volume_cm3)
    assert fits(unit, 1, 1, (2_000, 5_800, 2_300))


def test_a_load_that_does_not_fit_says_every_reason():
    unit = unit_type("20GP", TODAY)
    assert misfits(unit, 28_250_001, 1) == ("too_heavy",)
    assert misfits(unit, 1, unit.planned_volume_cm3 + 1) == ("too_large",)
    assert misfits(unit, 1, 1, (5_900, 1, 1)) == ("too_long",)
    assert misfits(unit, 10**9, 10**9, (9_999, 9_999, 9_999)) == ("too_heavy", "too_large", "too_long")
    assert not fits(unit, 28_250_001, 1)


def test_an_unknown_unit_type_is_refused():
    with pytest.raises(WarehouseError) as refused:
        unit_type("53HQ", TODAY)
    assert (refused.value.code, refused.value.field) == ("unit_type_unknown", "unit_type")
