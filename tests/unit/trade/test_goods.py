from dataclasses import replace
from datetime import date

import pytest

from trade.errors import TradeError
from trade.goods import MODES, goods_class, goods_classes, refusal

TODAY = date(2026, 11, 22)


def refused(code, *transport, **more):
    finding = refusal(goods_class(code, TODAY), *transport, **more)
    return finding and finding.code


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "code", ["general", "liquid", "food", "cosmetics", "li_ion_contained", "li_metal_packed"]
)
def test_common_goods_travel_by_every_mode(code, mode):
    assert refused(code, mode, "passenger") is None


@pytest.mark.parametrize("code", ["li_ion_alone", "li_metal_alone", "sodium_ion_alone", "li_ion_vehicle"])
def test_batteries_alone_fly_on_cargo_aircraft_only(code):
    assert goods_class(code, TODAY).cargo_aircraft_only
    assert refused(code, "air", "freighter") is None
    assert refused(code, "air", "passenger") == "passenger_aircraft_refused"
    assert refused(code, "air") == "aircraft_unknown"


def test_goods_that_both_aircraft_take_need_no_aircraft_named():
    assert refused("li_ion_packed", "air") is None


def test_a_mode_may_refuse_goods():
    assert refused("li_ion_alone", "rail") == "mode_refuses_goods"


def test_goods_that_no_aircraft_takes_do_not_fly():
    grounded = replace(goods_class("general", TODAY), carried_by=frozenset({"sea"}))
    assert refusal(grounded, "air", "freighter").code == "mode_refuses_goods"
    assert not grounded.cargo_aircraft_only


def test_a_service_takes_only_the_goods_it_lists():
    assert refused("food", "sea", listed=["general"]) == "goods_not_listed"
    assert refused("food", "sea", listed=["general", "food"]) is None
    assert refused("li_ion_alone", "rail", listed=["li_ion_alone"]) == "mode_refuses_goods", (
        "no list lifts a rule"
    )


def test_unknown_goods_and_modes_are_refused():
    with pytest.raises(TradeError) as unknown_goods:
        goods_class("plutonium", TODAY)
    assert unknown_goods.value.code == "goods_class_unknown"
    with pytest.raises(TradeError) as unknown_mode:
        refused("general", "mule")
    assert unknown_mode.value.code == "mode_unknown"


def test_the_charge_limit_of_packed_batteries_began_in_2026():
    assert goods_class("li_ion_packed", date(2025, 12, 31)).max_charge_percent is None
    assert goods_class("li_ion_packed", date(2026, 1, 1)).max_charge_percent == 30


@pytest.mark.parametrize(
    ("code", "un_number", "packing_instruction"),
    [
        ("li_ion_alone", "UN3480", "PI965"),
        ("li_ion_packed", "UN3481", "PI966"),
        ("li_ion_contained", "UN3481", "PI967"),
        ("li_metal_alone", "UN3090", "PI968"),
        ("li_metal_packed", "UN3091", "PI969"),
        ("li_metal_contained", "UN3091", "PI970"),
        ("li_ion_vehicle", "UN3556", "PI952"),
        ("sodium_ion_contained", "UN3552", "PI978"),
    ],
)
def test_batteries_carry_their_un_number_and_packing_instruction(code, un_number, packing_instruction):
    goods = goods_class(code, TODAY)
    assert (goods.un_number, goods.packing_instruction, goods.is_battery) == (
        un_number,
        packing_instruction,
        True,
    )


def test_every_class_names_its_source_in_both_languages_and_stands_once_a_day():
    for goods in goods_classes(TODAY).values():
        assert goods.fact.standing in {"published", "example"}
        assert goods.fact.source
        assert goods.name_en
        assert goods.name_zh
    assert goods_classes(date(2000, 1, 1)) == {}
