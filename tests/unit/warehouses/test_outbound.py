"""Orders that leave: what their address needs, the way pickers walk, and boxes that are not as they should be."""

from datetime import UTC, date, datetime, timedelta

import pytest

from warehouses.errors import WarehouseError
from warehouses.outbound import LEFT, ORDER_STATES, ORDER_STEPS, VOIDABLE, missing_members
from warehouses.packing import deviations
from warehouses.picking import Task, pick_list, share_out
from warehouses.states import after

FULL = {
    "person_name": "Ada", "address_line1": "Allee 1", "city": "Duisburg", "postal_code": "47051",
    "country_code": "DE",
}  # fmt: skip
SOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
TODAY = date(2026, 11, 26)


def task(number, order=1, place=1, walk=(0, 1), quantity=1, lot=1, ship_by=SOON):
    return Task(number, order, ship_by, 1, lot, place, f"A-0{place}", walk, quantity)


def test_an_address_needs_a_name_a_street_a_city_and_where_there_are_any_a_postal_code():
    assert missing_members(FULL) == ()
    assert missing_members({}) == ("person_name", "address_line1", "city", "country_code", "postal_code")
    assert missing_members(FULL | {"person_name": "", "company_name": "Engines"}) == ()
    assert missing_members(FULL | {"postal_code": ""}) == ("postal_code",)
    assert missing_members(FULL | {"postal_code": "", "country_code": "AE"}) == ()


def test_every_state_before_the_hand_over_can_be_voided_and_none_after_it():
    ended = {"voiding", "void", *LEFT}
    assert set(VOIDABLE) == set(ORDER_STATES) - ended
    for state in VOIDABLE:
        assert after(ORDER_STEPS, "void", state) == "voiding"
    for state in ended:
        with pytest.raises(WarehouseError):
            after(ORDER_STEPS, "void", state)


def test_every_step_leads_from_and_to_known_states():
    named = {state for starts, target in ORDER_STEPS.values() for state in (*starts, target)}
    assert named == set(ORDER_STATES)


def test_the_walk_goes_zone_by_zone_and_bin_by_bin_and_visits_each_bin_once():
    tasks = [
        task(1, place=3, walk=(2, 1)), task(2, place=2, walk=(1, 9)), task(3, place=1, walk=(1, 2), quantity=2),
        task(4, order=2, place=3, walk=(2, 1), quantity=4),
    ]  # fmt: skip
    stops = pick_list(tasks)
    assert [(stop.bin, stop.quantity) for stop in stops] == [("A-01", 2), ("A-02", 1), ("A-03", 5)]
    assert {one.order for one in stops[-1].tasks} == {1, 2}


def test_two_lots_in_one_bin_are_two_stops_one_after_the_other():
    stops = pick_list([task(1, lot=2), task(2, lot=1), task(3, lot=2)])
    assert [(stop.lot, stop.quantity) for stop in stops] == [(1, 1), (2, 2)]


def test_what_was_picked_goes_to_the_order_that_leaves_first():
    later = task(1, order=1, quantity=2, ship_by=SOON + timedelta(hours=1))
    first = task(2, order=2, quantity=3)
    assert share_out([later, first], 4) == [(first, 3), (later, 1)]
    assert share_out([later, first], 0) == []


@pytest.mark.parametrize(
    ("weight_g", "volume_cm3", "found"),
    [
        (1000, 2000, []),
        (1500, 11000, []),
        (1501, 2000, ["weight"]),
        (949, 2000, ["weight"]),
        (1000, 11001, ["volume"]),
        (1000, 1799, ["volume"]),
        (5000, 90000, ["weight", "volume"]),
    ],
)
def test_a_box_that_is_too_light_too_heavy_or_of_another_size_is_noticed(weight_g, volume_cm3, found):
    assert [one.measure for one in deviations(1000, 2000, weight_g, volume_cm3, TODAY)] == found


def test_a_deviation_says_what_would_have_been_allowed():
    (one,) = deviations(1000, 2000, 3000, 2000, TODAY)
    assert (one.expected, one.measured, one.least, one.most) == (1000, 3000, 950, 1500)


def test_days_without_rules_are_named():
    with pytest.raises(WarehouseError) as refused:
        deviations(1, 1, 1, 1, date(2020, 1, 1))
    assert refused.value.code == "tolerance_missing"
