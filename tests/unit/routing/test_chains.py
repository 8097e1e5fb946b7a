"""Itineraries are enumerated once for a network, and again when something changes that they depend on."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.assembling import assemble
from routing.chains import ChainStore, rounded, typical_item
from routing.network import Location, Space
from routing.options import Policy
from tests.examples import examples
from tests.unit.routing.networks import DAY, link, network, networks, ride
from tests.unit.routing.pools import FREE, item, pool, rates

SAILING = ride(11, 1, (0, 0), (1, 100))
TWO = network(3, [SAILING, ride(12, 1, (0, DAY), (1, DAY + 100))], [link(7, 1, 2)])
GOODS = pool(item(0, 1), item(0, 2))


def enumerated(facts, goods=GOODS, table=FREE, policy=None, known=TWO):
    """How many pairs of places are enumerated for the facts where those of `known` are known already."""
    store = ChainStore()
    assemble(known, GOODS, FREE, store=store)
    before = store.enumerated
    assemble(facts, goods, table, policy, store)
    return store.enumerated - before


def test_a_second_run_on_the_same_network_enumerates_nothing():
    assert enumerated(TWO) == 0
    assert enumerated(network(3, TWO.departures, TWO.links)) == 0


def test_only_what_was_not_asked_for_before_is_enumerated():
    assert enumerated(TWO, pool(item(1, 2), item(0, 1))) == 1


def test_space_that_is_booked_makes_nothing_be_enumerated_again():
    spaces = tuple(dataclasses.replace(space, free_g=(5.0,)) for space in TWO.spaces)
    assert enumerated(network(3, TWO.departures, TWO.links, spaces)) == 0


@pytest.mark.parametrize(
    "changed",
    [
        network(3, TWO.departures[:1], TWO.links),
        network(3, [ride(11, 1, (0, 0), (1, 90)), TWO.departures[1]], TWO.links),
        network(3, TWO.departures, [link(7, 1, 2, minutes=61)]),
        network(3, TWO.departures, TWO.links, transfer=30),
        network(3, TWO.departures, TWO.links, distance_km=np.full((3, 3), 9.0)),
        dataclasses.replace(TWO, locations=tuple(Location(f"P{nth}", 0, f"C{nth}") for nth in range(3))),
    ],
)
def test_a_change_that_itineraries_depend_on_makes_them_be_enumerated_again(changed):
    assert enumerated(changed) == 2


def test_other_costs_and_other_rules_are_other_itineraries():
    assert enumerated(TWO, table=rates((5.0, 0.0, 0.0))) == 2
    shorter = dataclasses.replace(Policy().rules, max_legs=2)
    assert enumerated(TWO, policy=Policy(rules=shorter)) == 2


def test_what_was_not_used_for_longest_goes_when_there_is_too_much():
    store = ChainStore(most_itineraries=5)
    other = network(3, [ride(11, 1, (0, 0), (1, 90)), TWO.departures[1]], TWO.links)
    for facts in (TWO, other, TWO):
        assemble(facts, GOODS, FREE, store=store)
    assert store.enumerated == 6


def test_goods_come_and_go_without_changing_the_typical_item():
    few = pool(*[item(weight_g=1000 + nth, value=50.0 + nth) for nth in range(40)])
    more = pool(*[item(weight_g=1000 + nth, value=50.0 + nth) for nth in range(41)])
    assert typical_item(few).features.tolist() == typical_item(more).features.tolist()
    assert typical_item(pool()) is None


@given(st.floats(1e-6, 1e12))
def test_rounding_moves_a_number_by_less_than_a_sixth(value):
    assert rounded(np.array([value]))[0] == pytest.approx(value, rel=0.16)


def test_rounding_keeps_one_and_nothing():
    assert rounded(np.array([0.0, 1.0])).tolist() == [0.0, 1.0]


parcels = st.builds(item, origin=st.just(0), destination=st.integers(1, 3), ready_min=st.integers(0, 25))


@settings(max_examples=examples(40), deadline=None)
@given(networks(), st.lists(parcels, min_size=1, max_size=4), st.lists(parcels, min_size=1, max_size=4))
def test_what_is_known_of_a_network_leads_to_the_same_problem(facts, first, second):
    store = ChainStore()
    assemble(facts, pool(*first), FREE, store=store)
    known = assemble(facts, pool(*second), FREE, store=store).problem.columns()
    fresh = assemble(facts, pool(*second), FREE).problem.columns()
    assert all(np.array_equal(known[key], fresh[key]) for key in fresh)


def test_allotments_of_spaces_do_not_mix_between_networks():
    closed = network(3, TWO.departures, TWO.links, [Space(), Space()])
    store = ChainStore()
    assert assemble(TWO, GOODS, FREE, store=store).problem.o > 0
    assert assemble(closed, GOODS, FREE, store=store).problem.o == 0
