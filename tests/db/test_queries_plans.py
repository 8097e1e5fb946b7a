"""What a plan's pages and the control tower read."""

from datetime import timedelta

import pytest

from app.errors import NotFound
from app.queries import parcels, plan_items, plans, tower
from app.queries.departures import DepartureFilter
from app.queries.parcels import ParcelFilter
from tests import factories as make

NOW = make.NOW


@pytest.fixture
def stops(session):
    return [make.make_location(session, code) for code in ("CNTAO-PORT", "USLAX-PORT")]


@pytest.fixture
def sailing(session, stops):
    return make.make_departure(
        session, make.make_service(session, "PAC1"), stops, pools={"g": (1_000_000, 0, 0)}
    )


@pytest.fixture
def plan(session):
    return make.make_plan(session)


def test_the_latest_plan_is_the_newest_one(session, plan):
    newer = make.make_plan(session, created_at=NOW + timedelta(minutes=1))
    assert plans.latest_plan(session).public_id == newer.public_id
    assert [one.public_id for one in plans.list_plans(session).items] == [newer.public_id, plan.public_id]


def test_a_load_is_measured_against_the_units_that_were_opened_for_it(session, plan, sailing):
    box = make.make_unit_type(session, "BOX", payload_g=500_000, volume_cm3=9_000)
    make.make_load(session, plan, sailing, weight_g=400_000)
    assert plans.planned_departures(session, NOW, plan.id).items[0].capacity("g") == 1_000_000
    make.make_planned_unit(session, plan, sailing, box, opened=2, cost_minor=700)
    planned = plans.planned_departures(session, NOW, plan.id).items[0]
    assert (planned.weight_g, planned.capacity("g"), planned.capacity("cm3")) == (400_000, 1_000_000, 18_000)
    assert planned.cost_minor == 700


def test_units_of_different_stretches_are_counted_on_the_fullest(session, plan):
    places = [make.make_location(session) for _ in range(3)]
    train = make.make_departure(session, stops=places)
    box = make.make_unit_type(session, payload_g=1_000)
    make.make_load(session, plan, train, segment_seq=0, weight_g=700)
    make.make_load(session, plan, train, segment_seq=1, weight_g=900)
    make.make_planned_unit(session, plan, train, box, opened=1, alight_seq=1)
    make.make_planned_unit(session, plan, train, box, opened=1, board_seq=1)
    planned = plans.planned_departures(session, NOW, plan.id).items[0]
    assert (planned.weight_g, planned.capacity("g")) == (900, 1_000)


def test_parcels_of_a_plan_carry_their_legs_or_their_reason(session, plan, sailing):
    way = make.make_itinerary(session, plan, [sailing], disposition="return_to_china")
    rides, stays = make.make_parcel(session), make.make_parcel(session)
    make.make_plan_item(session, plan, rides, way, late_min=30)
    make.make_plan_item(session, plan, stays, reason="LATE")
    (first,) = plan_items.plan_items(session, plan.id, assigned=True).items
    assert [leg.number for leg in first.legs] == [sailing.number]
    assert first.disposition == "return_to_china"
    assert [leg.destination.code for leg in first.legs] == ["USLAX-PORT"]
    (second,) = plan_items.plan_items(session, plan.id, assigned=False).items
    assert (second.legs, second.reason) == ([], "LATE")
    found = plan_items.plan_items(session, plan.id, departure=sailing.public_id, late=True).items
    assert [item.parcel_public_id for item in found] == [rides.public_id]
    assert plan_items.plan_items(session, plan.id, reason="NO_ROUTE").items == []
    assert plan_items.plan_item(session, plan.id, stays.public_id).reason == "LATE"


def test_a_parcel_of_somebody_else_is_not_in_the_plan(session, plan, sailing):
    parcel, stranger = make.make_parcel(session), make.make_party(session)
    make.make_plan_item(session, plan, parcel, reason="LATE")
    with pytest.raises(NotFound):
        plan_items.plan_item(session, plan.id, parcel.public_id, exporter_id=stranger.id)


def test_reasons_are_counted_the_most_frequent_first(session, plan):
    for reason in ("LATE", "NO_ROUTE", "NO_ROUTE"):
        make.make_plan_item(session, plan, make.make_parcel(session), reason=reason)
    assert list(plans.reasons(session, plan.id).items()) == [("NO_ROUTE", 2), ("LATE", 1)]


def test_the_pool_shows_what_the_plan_asked_about_does(session, plan, sailing):
    way = make.make_itinerary(session, plan, [sailing])
    make.make_plan_item(session, plan, make.make_parcel(session, reference="A"), way)
    make.make_plan_item(session, plan, make.make_parcel(session, reference="B"), reason="LATE")
    make.make_parcel(session, reference="C")
    rows = {row.reference: row for row in parcels.list_parcels(session, plan_id=plan.id).items}
    assert [(rows[name].planned, rows[name].reason) for name in "ABC"] == [
        (True, None), (False, "LATE"), (False, None),
    ]  # fmt: skip
    left = parcels.list_parcels(session, ParcelFilter(unassigned=True), plan_id=plan.id).items
    assert [row.reference for row in left] == ["B"]
    assert not any(row.planned for row in parcels.list_parcels(session).items)


def test_the_tower_counts_what_has_not_left(session, stops):
    liner = make.make_service(session, mode="sea")
    make.make_departure(session, liner, stops, departs_at=NOW + 30 * make.HOUR)
    make.make_departure(session, liner, stops, departs_at=NOW + 60 * make.HOUR)
    make.make_departure(session, liner, stops, departs_at=NOW - make.HOUR)
    make.make_departure(session, liner, stops, departs_at=NOW + make.HOUR, status="cancelled")
    ahead = DepartureFilter(departs_from=NOW)
    assert [line.at for line in tower.next_cutoffs(session, NOW, ahead)] == [
        NOW + 6 * make.HOUR,
        NOW + 36 * make.HOUR,
    ]
    (leg,) = tower.map_legs(session, ahead)
    assert (leg.mode, leg.origin.code, leg.destination.code, leg.departures) == (
        "sea",
        "CNTAO-PORT",
        "USLAX-PORT",
        2,
    )


def test_what_is_under_way_is_where_its_timetable_says(session, stops):
    liner = make.make_service(session, mode="sea")
    sailing = make.make_departure(session, liner, stops, departs_at=NOW - 6 * make.HOUR)
    make.make_departure(session, liner, stops, departs_at=NOW + make.HOUR)
    (found,) = tower.vehicles(session, DepartureFilter(), NOW)
    assert (found.public_id, found.origin.code, found.share(NOW)) == (
        sailing.public_id, "CNTAO-PORT", 0.25,
    )  # fmt: skip
    assert len(tower.vehicles(session, DepartureFilter(), NOW, 2 * make.HOUR)) == 2


def test_fill_by_mode_takes_each_departure_at_its_fullest_segment(session, plan):
    places = [make.make_location(session) for _ in range(3)]
    line = make.make_service(session, mode="rail")
    train = make.make_departure(session, line, places, pools={"g": (1000, 100, 100)})
    make.make_departure(session, line, places, departs_at=NOW - make.DAY, pools={"g": (1000, 0, 300)})
    train.segments[1].pools[0].booked = 400
    make.make_load(session, plan, train, segment_seq=0, weight_g=50)
    make.make_load(session, plan, train, segment_seq=1, weight_g=250)
    week = (DepartureFilter(), NOW, NOW + 7 * make.DAY)
    (fill,) = tower.fill_by_mode(session, *week, plan.id)
    assert (fill.mode, fill.departures, fill.taken_share, fill.planned_share) == ("rail", 1, 0.5, 0.25)
    assert fill.before_share == 0.3
    assert [share for share in fill.trend if share] == [0.3, 0.5]
    (unplanned,) = tower.fill_by_mode(session, *week, None)
    assert unplanned.planned_g == 0
