"""Goods keep to what they are pinned to and off what they are forbidden, and are told when there is no such way."""

from dataclasses import replace

import numpy as np
import pytest

from routing.assembling import assemble
from routing.channels import ANY_WAY, Channel, Match
from routing.cores import SearchRules
from routing.limits import Limits
from routing.network import MODES, Space
from routing.options import Policy
from routing.plan import Plan
from routing.pool import DELIVER, STAYS, Alternative
from routing.reasons import why_unassigned
from routing.solve import solve
from tests.unit.routing.networks import every_pair, network, ride
from tests.unit.routing.pools import FREE, item, pool, rates

SEA, AIR = MODES.index("sea"), MODES.index("air")
NETWORK = network(
    2,
    [
        ride(11, 1, (0, 600), (1, 1200)),
        ride(12, 1, (0, 1600), (1, 2200)),
        ride(21, 2, (0, 700), (1, 800), mode="air"),
    ],
)
EXACT = Policy(ready_step_min=1)


def assembled(*channels, policy=EXACT, menus=None, **facts):
    """A pool of one item per channel."""
    goods = pool(*(item(**facts) for _ in channels))
    numbers = np.arange(1, len(channels) + 1)
    goods = replace(
        goods, channel=numbers, channels=(ANY_WAY, *channels), **({"menus": menus} if menus else {})
    )
    return assemble(NETWORK, goods, FREE, policy)


def departures(done, which=0):
    """The departures of each option of an item."""
    kind = done.problem.item_class[which]
    options = range(done.problem.class_ptr[kind], done.problem.class_ptr[kind + 1])
    return {leg.ref for option in options for leg in done.catalogue.legs(option)}


@pytest.mark.parametrize(
    ("channel", "left"),
    [
        (ANY_WAY, {11, 12, 21}),
        (Channel(Match("service", 1)), {11, 12}),
        (Channel(Match("departure", 12)), {12}),
        (Channel(Match("mode", AIR)), {21}),
        (Channel(forbidden=(Match("mode", SEA),)), {21}),
        (Channel(forbidden=(Match("departure", 11), Match("service", 2))), {12}),
        (Channel(Match("service", 1), (Match("departure", 12),)), {11}),
    ],
)
def test_only_options_that_keep_to_the_channel_are_left(channel, left):
    assert departures(assembled(channel)) == left


def test_each_of_two_alike_keeps_to_its_own_channel_in_the_plan():
    channels = Channel(Match("service", 1)), Channel(forbidden=(Match("service", 1),))
    done = assembled(*channels)
    plan = solve(done.problem, Limits(iterations=50))
    ridden = [{leg.service for leg in done.catalogue.legs(option)} for option in plan.item_option.tolist()]
    assert ridden == [{1}, {2}]


def reason(done):
    options = np.full(done.problem.n, -1)
    plan = Plan(
        "feasible", options, np.zeros(done.problem.t, dtype=int), 0.0, np.zeros(0, dtype=int), 0.0, "none", ""
    )
    return why_unassigned(done.problem, plan, done.catalogue).reasons[0]


def test_without_such_a_way_the_rule_is_the_reason():
    found = reason(assembled(Channel(Match("departure", 99), (Match("mode", AIR),))))
    assert (found.code, found.fact) == ("CHANNEL_RULE", "pinned to departure 99, mode air is forbidden")


def test_the_rule_is_not_blamed_where_no_other_way_would_do_either():
    assert reason(assembled(Channel(Match("service", 2)), ready_min=9999)).code == "CUTOFF_MISSED"


def test_what_is_pinned_does_not_stay_and_what_is_forbidden_may():
    menus = ((Alternative(DELIVER), Alternative("restock", STAYS)),)
    pinned = assembled(Channel(Match("departure", 99)), menus=menus)
    assert pinned.problem.o == 0
    free = assembled(Channel(forbidden=(Match("service", 1), Match("service", 2))), menus=menus)
    assert [free.catalogue.disposition(option) for option in range(free.problem.o)] == ["restock"]


def test_a_way_that_is_too_dear_to_be_looked_at_is_found_for_what_is_pinned_to_it():
    rules = SearchRules(cores_of_kind=1, chains_of_kind=1)
    rides = [ride(10 + nth, nth, (0, 600), (1, 1200)) for nth in range(9)]
    spaces = [Space(loose=every_pair(one, row=nth)) for nth, one in enumerate(rides)]
    dearer = rates(*((100.0 * nth + 1, 0.0, 0.0) for nth in range(9)))
    goods = replace(pool(item()), channel=np.array([1]), channels=(ANY_WAY, Channel(Match("service", 8))))
    done = assemble(network(2, rides, spaces=spaces), goods, dearer, Policy(ready_step_min=1, rules=rules))
    assert departures(done) == {18}
