"""Itineraries are exactly those that the rules allow: compared with a search that shares nothing with them."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.cores import SearchRules
from routing.itineraries import FOREVER, Router
from routing.network import ANYONE, Location
from routing.timetable import compile_timetable
from tests.examples import examples
from tests.unit.routing.networks import DAY, GENERAL, link, network, networks, ride

RULES = SearchRules(max_legs=5, onward=1000, detour_factor=2.0, detour_slack_km=3.0)


def itineraries(facts, origin, destination, rules=RULES):
    table = compile_timetable(facts)
    found = Router(table, frozenset({origin}), frozenset({destination}), rules).itineraries(
        origin, destination
    )
    return table, found


def as_paths(found):
    return [tuple(leg for leg in path if leg >= 0) for path in found.legs.tolist()]


def is_allowed(table, path, rules):
    """Judge one path by the rules alone."""
    legs, network_ = table.legs, table.network
    dated = [leg for leg in path if leg < legs.first_link]
    places = [legs.origin[path[0]], *legs.destination[list(path)]]
    joined = all(legs.destination[a] == legs.origin[b] for a, b in pairwise(path))
    if not joined or len(set(places)) < len(places) or len(path) > rules.max_legs:
        return False
    if len(dated) > rules.max_dated or len({legs.service[leg] for leg in dated}) < len(dated):
        return False
    if len({legs.exporter[leg] for leg in dated} - {ANYONE}) > 1:
        return False
    in_a_row = "".join("L" if leg >= legs.first_link else "D" for leg in path).split("D")
    if max(len(run) for run in in_a_row) > rules.max_links_in_a_row:
        return False
    if any(len(run) > rules.max_links_between for run in in_a_row[1:-1]):
        return False
    at = None
    for position, leg in enumerate(path):
        wait = network_.locations[legs.origin[leg]].min_transfer_min if position else 0
        if leg >= legs.first_link:
            at = None if at is None else at + wait + legs.transit[leg]
        else:
            if at is not None and at + wait > legs.cutoff[leg]:
                return False
            at = legs.arrives[leg]
    core = path[path.index(dated[0]) : path.index(dated[-1]) + 1] if dated else ()
    if core and comes_home(network_, [legs.origin[core[0]], *legs.destination[list(core)]]):
        return False
    if dated and network_.distance_km is not None:
        length = sum(network_.distance_km[legs.origin[leg], legs.destination[leg]] for leg in core)
        direct = network_.distance_km[legs.origin[core[0]], legs.destination[core[-1]]]
        return length <= rules.detour_factor * direct + rules.detour_slack_km
    return True


def comes_home(network_, places):
    """Whether a way leaves the country where it begins, and enters it again."""
    abroad = [network_.locations[place].country != network_.locations[places[0]].country for place in places]
    return any(before and not after for before, after in pairwise(abroad))


def brute_force(table, origin, destination, rules):
    """Every allowed path, by trying every leg at every step."""
    legs, found, stack = table.legs, set(), [((), (origin,))]
    while stack:
        path, places = stack.pop()
        if places[-1] == destination:
            if is_allowed(table, path, rules):
                found.add(path)
        elif len(path) < rules.max_legs:
            onward = [leg for leg in range(len(legs)) if legs.origin[leg] == places[-1]]
            away = [leg for leg in onward if legs.destination[leg] not in places]
            stack += [((*path, leg), (*places, legs.destination[leg])) for leg in away]
    return found


def any_goods(table, path):
    return np.bitwise_and.reduce(table.legs.accepts[list(path)]) > 0


@settings(max_examples=examples(300), deadline=None)
@given(networks())
def test_the_enumeration_finds_what_brute_force_finds(facts):
    table, found = itineraries(facts, 0, 1)
    paths = as_paths(found)
    expected = {path for path in brute_force(table, 0, 1, RULES) if any_goods(table, path)}
    assert len(set(paths)) == len(paths)
    carried = {path for path, mask in zip(paths, found.accepts, strict=True) if mask}
    assert carried == expected


@settings(max_examples=examples(150), deadline=None)
@given(networks(most_departures=10), st.integers(1, 3))
def test_what_is_found_with_few_onward_departures_is_allowed_and_holds_the_first_connection(facts, onward):
    rules = SearchRules(max_legs=5, onward=onward, detour_factor=2.0, detour_slack_km=3.0)
    table, found = itineraries(facts, 0, 1, rules)
    _, everything = itineraries(facts, 0, 1, RULES)
    some, every = set(as_paths(found)), as_paths(everything)
    assert some <= set(every)
    assert all(is_allowed(table, path, rules) for path in some)
    assert set(found.chain.tolist()) == set(everything.chain.tolist())


@settings(max_examples=examples(150), deadline=None)
@given(networks())
def test_goods_ready_just_in_time_make_every_cutoff_and_one_minute_later_do_not(facts):
    table, found = itineraries(facts, 0, 1)
    legs = table.legs
    for path, ready_by, arrives, on_demand in zip(
        as_paths(found),
        found.ready_by.tolist(),
        found.arrives.tolist(),
        found.on_demand.tolist(),
        strict=True,
    ):
        at = 0 if on_demand else ready_by
        first = next((leg for leg in path if leg < legs.first_link), None)
        for position, leg in enumerate(path):
            wait = facts.locations[legs.origin[leg]].min_transfer_min if position else 0
            if leg >= legs.first_link:
                at += wait + legs.transit[leg]
            else:
                assert at + wait <= legs.cutoff[leg]
                assert leg != first or at + wait == legs.cutoff[leg]
                at = legs.arrives[leg]
        assert at == arrives


def test_a_chain_without_dated_legs_can_be_taken_at_any_time():
    _, found = itineraries(network(3, [], [link(1, 0, 1), link(2, 1, 2, 30)], transfer=15), 0, 2)
    assert found.on_demand.tolist() == [True]
    assert found.ready_by.tolist() == [FOREVER]
    assert found.arrives.tolist() == [60 + 15 + 30]


def test_goods_that_have_left_the_country_do_not_come_back_to_leave_again():
    departures = [ride(1, 1, (0, 0), (1, 60)), ride(2, 2, (1, 120), (2, 180)), ride(3, 3, (2, 240), (3, 300))]
    abroad = network(4, departures)
    home = replace(
        abroad,
        locations=tuple(Location(code, 0, country) for code, country in zip("abcd", "CKCK", strict=True)),
    )
    assert [len(itineraries(facts, 0, 3)[1]) for facts in (abroad, home)] == [1, 0]


def test_travelling_past_a_call_is_one_leg():
    table, found = itineraries(network(3, [ride(1, 1, (0, 0), (1, 10), (2, 20))]), 0, 2)
    assert as_paths(found) == [(1,)]
    assert (table.legs.board[1], table.legs.alight[1]) == (0, 2)


def test_the_ferry_and_the_flight_from_the_other_side_make_one_itinerary():
    ferry = ride(1, 1, (0, 600), (1, 1500), mode="ferry", cutoff=120)
    flight = ride(2, 2, (2, 3000), (3, 3600), mode="air", cutoff=240)
    _, found = itineraries(network(4, [ferry, flight], [link(9, 1, 2, 90)], transfer=60), 0, 3)
    assert found.ready_by.tolist() == [480]
    assert found.arrives.tolist() == [3600]
    assert found.modes.tolist() == [0b1001]


def test_a_leg_that_does_not_carry_the_goods_takes_them_from_the_whole_itinerary():
    flights = [ride(1, 1, (0, 0), (1, 10)), ride(2, 2, (1, 20), (2, 30), accepts=GENERAL)]
    _, found = itineraries(network(3, flights), 0, 2)
    assert found.accepts.tolist() == [0b01]


def test_detours_are_left_out_where_distances_are_known():
    away = [ride(1, 1, (0, 0), (2, 10)), ride(2, 2, (2, 20), (1, 30)), ride(3, 3, (0, 0), (1, DAY))]
    far = np.array([[0, 100, 9000], [100, 0, 9000], [9000, 9000, 0]], dtype=float)
    _, found = itineraries(network(3, away, distance_km=far), 0, 1, SearchRules())
    assert as_paths(found) == [(2,)]


def test_a_place_is_not_reached_from_itself():
    _, found = itineraries(network(2, [ride(1, 1, (0, 0), (1, 10), (0, 20))]), 0, 0)
    assert len(found) == 0


def test_a_router_answers_only_for_the_places_it_was_made_for():
    router = Router(compile_timetable(network(2, [])), frozenset({0}), frozenset({1}))
    with pytest.raises(ValueError, match="not made for"):
        router.itineraries(1, 0)
