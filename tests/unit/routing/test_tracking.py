"""Where goods are and when they arrive: what events say, in whatever order they came."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.tracking import (
    CODES,
    LATE,
    PROGRESS,
    REPORTED,
    Event,
    Leg,
    Moment,
    Stop,
    departure_status,
    follow,
    leg_times,
    newly_late,
    parcel_status,
    together,
)

START = datetime(2026, 11, 23, tzinfo=UTC)
HOUR = timedelta(hours=1)
SHIP, TRAIN = 1, 2
QINGDAO, BUSAN, HAMBURG, DUISBURG = 11, 12, 13, 14
STOPS = (
    Stop(0, None, START + 10 * HOUR),
    Stop(1, START + 30 * HOUR, START + 36 * HOUR),
    Stop(2, START + 100 * HOUR, None),
)
RIDE = Leg(START + 10 * HOUR, START + 100 * HOUR, QINGDAO, HAMBURG, SHIP, 0, 2)
TRUCK = Leg(START + 110 * HOUR, START + 116 * HOUR, HAMBURG, DUISBURG)


def event(
    code: str,
    hours: float,
    *,
    at: int | None = None,
    said: float = 0,
    key: str | None = None,
    classifier: str = "ACT",
    departure: int | None = SHIP,
    place: int | None = None,
) -> Event:
    """An event of the ship at call `at`, written `said` hours after the start."""
    name = key or f"{classifier}-{code}-{at}-{place}-{hours}-{said}"
    happens, reported = START + hours * HOUR, START + said * HOUR
    return Event(name, classifier, code, happens, reported, departure if at is not None else None, at, place)


def parcel(code: str, hours: float, place: int | None = None, classifier: str = "ACT") -> Event:
    """An event of the parcel itself."""
    return event(code, hours, place=place, classifier=classifier)


def estimate(code: str, hours: float, *, at: int, said: float = 0) -> Event:
    return event(code, hours, at=at, said=said, classifier="EST")


# --- a departure's times


def test_without_events_everything_is_expected_as_planned() -> None:
    assert {key: moment.expected for key, moment in follow(STOPS, []).items()} == {
        (0, "DEPA"): START + 10 * HOUR,
        (1, "ARRI"): START + 30 * HOUR,
        (1, "DEPA"): START + 36 * HOUR,
        (2, "ARRI"): START + 100 * HOUR,
    }


def test_an_estimate_supersedes_the_plan_and_what_happened_supersedes_both() -> None:
    late = follow(STOPS, [estimate("ARRI", 120, at=2)])
    assert late[2, "ARRI"] == Moment(START + 100 * HOUR, START + 120 * HOUR)
    there = follow(STOPS, [estimate("ARRI", 120, at=2, said=99), event("ARRI", 118, at=2)])
    assert there[2, "ARRI"].expected == START + 118 * HOUR


def test_of_two_estimates_the_one_written_later_holds_whichever_came_first() -> None:
    older, newer = estimate("ARRI", 140, at=2, said=1), estimate("ARRI", 120, at=2, said=2)
    for events in ([older, newer], [newer, older]):
        assert follow(STOPS, events)[2, "ARRI"].expected == START + 120 * HOUR


def test_a_delay_is_carried_to_the_stops_nobody_has_spoken_of() -> None:
    found = follow(STOPS, [event("DEPA", 18, at=0), estimate("DEPA", 37, at=1)])
    assert found[1, "ARRI"].expected == START + 38 * HOUR
    assert found[1, "DEPA"].expected == START + 44 * HOUR, "before the arrival: out of date"
    assert found[2, "ARRI"].expected == START + 108 * HOUR


def test_being_early_is_not_carried_on() -> None:
    found = follow(STOPS, [event("DEPA", 8, at=0)])
    assert found[0, "DEPA"].late == -2 * HOUR
    assert found[1, "ARRI"].late == timedelta()


def test_a_departure_has_departed_once_anything_happened_and_arrived_at_its_last_call() -> None:
    assert departure_status(STOPS, [estimate("DEPA", 12, at=0)]) is None
    assert departure_status(STOPS, [event("ARRI", 30, at=1)]) == "departed"
    last_first = [event("ARRI", 99, at=2), event("DEPA", 10, at=0)]
    assert departure_status(STOPS, last_first) == departure_status(STOPS, last_first[::-1]) == "arrived"


def test_a_delay_is_told_for_each_step_it_grows_and_not_for_less() -> None:
    steps = LATE // HOUR
    plain = follow(STOPS, [])
    nearly, once, twice = (
        follow(STOPS, [estimate("ARRI", 100 + hours, at=2)]) for hours in (steps - 1, steps + 1, 2 * steps)
    )
    assert newly_late(plain, nearly) == []
    assert newly_late(nearly, once) == newly_late(once, twice) == [(2, "ARRI")]
    assert newly_late(twice, once) == newly_late(once, once) == []


def test_a_delay_at_the_start_is_told_for_every_stop_after_it_in_order_of_travel() -> None:
    late = follow(STOPS, [estimate("DEPA", 20, at=0)])
    assert newly_late(follow(STOPS, []), late) == [(0, "DEPA"), (1, "ARRI"), (1, "DEPA"), (2, "ARRI")]


# --- the legs of a booking


def test_a_ride_is_measured_by_what_was_booked_and_a_moved_timetable_counts_as_an_estimate() -> None:
    moved = (*STOPS[:2], Stop(2, START + 105 * HOUR, None))
    (found,) = leg_times([RIDE], {SHIP: follow(moved, [])})
    assert found.arrives == Moment(START + 100 * HOUR, START + 105 * HOUR)
    (found,) = leg_times([RIDE], {SHIP: follow(moved, [estimate("ARRI", 102, at=2)])})
    assert found.arrives.estimated == START + 102 * HOUR


def test_a_truck_on_demand_is_as_late_as_the_ship_it_waits_for() -> None:
    run = follow(STOPS, [estimate("ARRI", 124, at=2)])
    truck = leg_times([RIDE, TRUCK], {SHIP: run})[1]
    assert truck.departs.late == truck.arrives.late == 24 * HOUR
    assert not truck.missed


def test_the_parcels_own_events_say_when_a_leg_on_demand_is_left_and_ended() -> None:
    events = [parcel("DEPA", 111, HAMBURG), parcel("delivered", 119, classifier="EST")]
    truck = leg_times([RIDE, TRUCK], {SHIP: follow(STOPS, [])}, events)[1]
    assert truck.departs.actual == START + 111 * HOUR
    assert truck.arrives.estimated == START + 119 * HOUR
    done = leg_times([RIDE, TRUCK], {}, [*events, parcel("delivered", 117)])[1]
    assert done.arrives.expected == START + 117 * HOUR


def test_a_connection_is_missed_when_the_train_leaves_before_the_ship_is_expected() -> None:
    train = Leg(START + 110 * HOUR, START + 200 * HOUR, HAMBURG, DUISBURG, TRAIN, 0, 1)
    rails = follow((Stop(0, None, train.departs_at), Stop(1, train.arrives_at, None)), [])
    in_time, too_late = (
        leg_times([RIDE, train], {SHIP: follow(STOPS, [estimate("ARRI", hours, at=2)]), TRAIN: rails})
        for hours in (109, 111)
    )
    assert [leg.missed for leg in in_time] == [False, False]
    assert [leg.missed for leg in too_late] == [False, True]


# --- a parcel's status


def status(*events: Event, legs: tuple[Leg, ...] = (RIDE, TRUCK), destination: int = DUISBURG) -> str:
    return parcel_status(events, legs, destination=destination, at_destination="arrived_warehouse")


def test_a_parcel_nobody_spoke_of_is_pending() -> None:
    assert (
        status() == status(estimate("DEPA", 10, at=0), parcel("delivered", 9, classifier="EST")) == "pending"
    )


@pytest.mark.parametrize("code", sorted(REPORTED))
def test_a_status_that_is_reported_is_the_status(code: str) -> None:
    assert status(parcel(code, 1)) == code


@pytest.mark.parametrize(
    ("code", "expected"),
    [("PICK", "picked_up"), ("LOAD", "in_transit"), ("CUSI", "customs_hold"), ("CUSR", "customs_released")],
)
def test_codes_of_dcsa_say_the_same_in_their_words(code: str, expected: str) -> None:
    assert status(parcel(code, 1)) == expected


def test_a_parcel_moves_with_the_ship_between_the_calls_it_was_booked_for() -> None:
    later = Leg(START + 36 * HOUR, START + 100 * HOUR, BUSAN, HAMBURG, SHIP, 1, 2)
    assert status(event("DEPA", 10, at=0), legs=(later,)) == "pending"
    assert status(event("ARRI", 30, at=1), legs=(later,)) == "pending"
    assert status(event("DEPA", 36, at=1), legs=(later,)) == "in_transit"
    assert status(event("DEPA", 36, at=1, departure=TRAIN), legs=(later,)) == "pending"


def test_a_ride_to_the_warehouse_ends_there_and_any_other_does_not() -> None:
    there = event("ARRI", 100, at=2)
    assert status(there, legs=(RIDE,), destination=HAMBURG) == "arrived_warehouse"
    assert status(there, legs=(RIDE,), destination=DUISBURG) == "in_transit"
    assert status(there, legs=(RIDE, TRUCK)) == "in_transit"
    assert status(there, parcel("ARRI", 116, DUISBURG)) == "arrived_warehouse"
    assert status(there, parcel("ARRI", 116, BUSAN)) == "in_transit"


def test_a_ship_takes_nothing_along_that_is_held_and_nothing_back_that_is_delivered() -> None:
    assert status(parcel("customs_hold", 9), event("DEPA", 10, at=0)) == "customs_hold"
    assert status(parcel("delivered", 90), event("ARRI", 100, at=2)) == "delivered"


def test_a_late_report_of_the_pick_up_does_not_bring_a_parcel_back() -> None:
    assert status(event("DEPA", 10, at=0), parcel("PICK", 2)) == "in_transit"
    assert status(event("DEPA", 10, at=0), parcel("GTIN", 40)) == "in_transit", "a gate further on"


def test_release_gives_back_the_status_from_before_the_hold() -> None:
    held = [event("DEPA", 10, at=0), parcel("HOLD", 20), parcel("HOLD", 21)]
    assert status(*held) == "on_hold"
    assert status(*held, parcel("RELS", 22)) == "in_transit"
    assert status(parcel("RELS", 22)) == "pending"


def test_of_two_things_at_one_instant_the_one_further_on_holds() -> None:
    assert status(parcel("out_for_delivery", 9), parcel("delivered", 9)) == "delivered"


def test_a_group_is_where_the_parcel_furthest_behind_is() -> None:
    assert together(["delivered", "in_transit", "cancelled"]) == "in_transit"
    assert together(["cancelled", "cancelled"]) == "cancelled"
    assert together([]) == "pending"


# --- order and repetition

instants = st.integers(0, 130)
classifiers = st.sampled_from(["EST", "ACT"])
ship_events = st.builds(
    lambda code, at, hours, said, classifier: event(code, hours, at=at, said=said, classifier=classifier),
    st.sampled_from(["ARRI", "DEPA"]), st.integers(0, 2), instants, instants, classifiers,
)  # fmt: skip
parcel_events = st.builds(
    lambda code, hours, said, place, classifier: event(
        code, hours, said=said, place=place, classifier=classifier
    ),
    st.sampled_from(sorted(CODES)), instants, instants,
    st.sampled_from([None, QINGDAO, HAMBURG, DUISBURG]), classifiers,
)  # fmt: skip
histories = st.lists(ship_events | parcel_events, max_size=12)


def everything(events: list[Event]) -> object:
    run = follow(STOPS, [one for one in events if one.departure == SHIP])
    return (
        run,
        departure_status(STOPS, [one for one in events if one.departure == SHIP]),
        leg_times([RIDE, TRUCK], {SHIP: run}, events),
        status(*events),
    )


@given(histories.flatmap(lambda one: st.tuples(st.just(one), st.permutations(one + one[:4]))))
def test_the_order_of_arrival_and_duplicates_change_nothing(pair: tuple[list[Event], list[Event]]) -> None:
    once, shuffled = pair
    assert everything(shuffled) == everything(once)


@given(histories)
def test_the_status_is_always_one_there_is(events: list[Event]) -> None:
    assert status(*events) in PROGRESS


@given(histories)
def test_nothing_is_expected_before_what_it_follows_unless_it_happened_so(events: list[Event]) -> None:
    moments = list(follow(STOPS, [one for one in events if one.departure == SHIP]).values())
    for before, after in itertools.pairwise(moments):
        assert after.actual is not None or after.expected >= before.expected
