from dataclasses import replace
from datetime import date

import pytest

from trade.goods import goods_classes
from warehouses import loading
from warehouses.errors import WarehouseError
from warehouses.loading import Candidate, Ride, Room, Target, clash, holds, obstacles
from warehouses.states import after

DAY = date(2026, 11, 26)
RIDE = Ride(7, 0, 1)
GOOD = Candidate("P1", owner=1, status="picked_up", received=True, booked=True, rides=(Ride(3, 0, 1), RIDE))
UNIT = Target("container", RIDE)


def codes(parcel=GOOD, unit=UNIT):
    return [one.code for one in obstacles(parcel, unit)]


def test_nothing_stands_in_the_way_of_a_parcel_whose_booking_goes_with_the_unit():
    assert codes() == []
    assert codes(unit=replace(UNIT, blocks=1)) == []


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"other_unit": "952"}, "in_other_unit"),
        ({"practice": True}, "practice"),
        ({"status": "customs_hold"}, "parcel_held"),
        ({"status": "delivered"}, "parcel_held"),
        ({"received": False}, "not_received"),
        ({"booked": False}, "no_booking"),
        ({"booking_over": True}, "booking_over"),
        ({"rides": (Ride(3, 0, 1),)}, "other_departure"),
        ({"rides": (Ride(7, 0, 2),)}, "other_stretch"),
    ],
)
def test_each_obstacle_has_its_code_and_a_remedy(facts, code):
    found = list(obstacles(replace(GOOD, **facts), UNIT))

    assert [one.code for one in found] == [code]
    assert found[0].remedy


def test_a_unit_in_a_block_takes_only_its_exporters_goods():
    assert codes(unit=replace(UNIT, blocks=2)) == ["other_block"]


def test_a_unit_takes_exactly_what_it_has_room_for():
    room = Room(net_g=900, net_cm3=0, max_g=1_000, max_cm3=5_000)

    assert room.full(100, 5_000) is None
    assert room.full(101, 0).code == room.full(0, 5_001).code == "unit_full"
    assert "0.1 kg of 1 are left" in room.full(101, 0).detail
    assert Room(10**12, 10**12, None, None).full(10**12, 10**12) is None


def test_goods_are_kept_apart_both_ways_where_a_row_says_so():
    assert clash("bag", ["food"], ["general", "li_ion_alone"], DAY).code == "segregated"
    assert clash("bag", ["li_ion_alone"], ["food"], DAY).code == "segregated"
    assert clash("container", ["food"], ["li_ion_alone"], DAY) is None
    assert clash("bag", ["food"], ["food", "general"], DAY) is None
    assert clash("bag", ["food"], ["li_ion_alone"], date(2020, 1, 1)) is None


def test_segregation_names_goods_classes_and_kinds_that_exist():
    for rule in loading._segregations():
        assert rule.pair <= goods_classes(DAY).keys()
        assert rule.unit_kinds <= set(loading.UNIT_KINDS)
        assert len(rule.pair) == 2
        assert rule.fact.source


def test_bags_stand_on_pallets_and_nothing_stands_in_bags():
    assert holds("pallet", "bag") is None
    assert holds("container", "pallet") is None
    assert holds("bag", "bag").code == holds("pallet", "container").code == "does_not_hold"


def test_steps_lead_from_open_to_departed_and_back_only_by_unsealing():
    state = "open"
    for step in ("seal", "unseal", "seal", "load", "depart", "unpack"):
        state = after(loading.LOAD_STEPS, step, state)
    assert state == "unpacked"
    for step in ("fill", "unseal", "load", "cancel"):
        with pytest.raises(WarehouseError):
            after(loading.LOAD_STEPS, step, "departed")
