"""What a plan still holds when it is committed: chains, stale ways, stale parcels, lines."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from routing.committing import (
    PlannedParcel,
    RideNow,
    Stale,
    WayLeg,
    alike,
    chains,
    parcel_stale,
    travel,
    way_stale,
)

NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
RIDE = RideNow("001E", "open", NOW + 3 * DAY, NOW + 5 * DAY, NOW + 2 * DAY, NOW + DAY, NOW + 2 * DAY)
TRUCK = WayLeg(NOW + DAY, NOW + DAY + 4 * HOUR, dated=False)
SHIP = WayLeg(RIDE.departs_at, RIDE.arrives_at, dated=True, ride=RIDE, wait=2 * HOUR)
WAY = (TRUCK, SHIP)
PARCEL = PlannedParcel("pending", booked=False, in_lane=True, ready_at=NOW + DAY, deliver_by=NOW + 6 * DAY)


def ship(**facts):
    return replace(SHIP, ride=replace(RIDE, **facts))


def test_itineraries_that_ride_the_same_departures_are_one_chain():
    found = chains({1: (7, 9), 2: (9,), 3: (7, 9), 4: ()})
    assert [(one.departures, one.itineraries) for one in found] == [
        ((7, 9), (1, 3)),
        ((9,), (2,)),
        ((), (4,)),
    ]


def test_what_rides_nothing_is_committed_in_lots():
    lots = chains(dict.fromkeys(range(250), ()))
    assert [len(one.itineraries) for one in lots] == [100, 100, 50]


def test_a_way_that_holds_is_not_stale():
    assert way_stale(WAY, NOW) is None
    assert parcel_stale(PARCEL, WAY, NOW) is None


@pytest.mark.parametrize(
    ("leg", "code"),
    [
        (replace(SHIP, ride=None), "departure_changed"),
        (ship(status="cancelled"), "departure_cancelled"),
        (ship(status="closed"), "departure_closed"),
        (ship(book_until=NOW), "cutoff_passed"),
    ],
)
def test_a_departure_that_is_not_what_it_was_makes_its_way_stale(leg, code):
    assert way_stale((TRUCK, leg), NOW).code == code


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"status": "cancelled"}, "parcel_cancelled"),
        ({"status": "in_transit"}, "parcel_under_way"),
        ({"booked": True}, "booked_already"),
        ({"in_lane": False}, "lane_changed"),
        ({"ready_at": NOW + 2 * DAY}, "cutoff_missed"),
        ({"dangerous": True}, "cutoff_missed"),
        ({"deliver_by": NOW + 4 * DAY, "hard_deadline": True}, "would_be_late"),
    ],
)
def test_a_parcel_that_is_not_what_it_was_is_stale(facts, code):
    assert parcel_stale(replace(PARCEL, **facts), WAY, NOW).code == code


def test_late_goods_without_a_hard_deadline_still_go():
    assert parcel_stale(replace(PARCEL, deliver_by=NOW + 4 * DAY), WAY, NOW) is None


def test_a_later_departure_moves_what_comes_after_it():
    last_mile = WayLeg(NOW + 5 * DAY, NOW + 5 * DAY + HOUR, dated=False, wait=HOUR)
    late = ship(departs_at=NOW + 4 * DAY, arrives_at=NOW + 6 * DAY)
    assert travel((TRUCK, late, last_mile), NOW + DAY) == [
        (NOW + DAY, NOW + DAY + 4 * HOUR),
        (NOW + 4 * DAY, NOW + 6 * DAY),
        (NOW + 6 * DAY + HOUR, NOW + 6 * DAY + 2 * HOUR),
    ]


def test_a_change_needs_its_time():
    slow = replace(SHIP, wait=3 * DAY)
    assert travel((TRUCK, slow), NOW + DAY) == Stale("cutoff_missed", "001E: 2026-11-25 01:30 UTC")


def test_equal_packages_are_one_line_whatever_their_order():
    assert alike(["b", "a", "b"]) == [("a", [1]), ("b", [0, 2])]
