"""What lies and waits pays for it: until it must leave for the first departure, or is done where it is."""

import dataclasses

import numpy as np
import pytest

from routing.assembling import assemble
from routing.options import Policy
from routing.pool import EXPORT_MENU, ITS_OWN, NEVER_AFTER, NEVER_BEFORE, STAYS, Alternative, Rates
from tests.unit.routing.networks import DAY, link, network, ride
from tests.unit.routing.pools import FEATURES, item, pool

EXACT = Policy(ready_step_min=1, options_per_class=10**6, per_chain=10**6)
STORES = 1
"""The rate row that says that waiting is paid for; row 0 costs nothing."""


def ways(menu, facts, destination=1, ready_min=0):
    """Disposition, instant when done and days paid in storage, of each option of one return at place 0."""
    goods = pool(item(0, destination, menu=1, ready_min=ready_min), menus=(EXPORT_MENU, menu))
    goods = dataclasses.replace(goods, features=np.hstack([goods.features, np.ones((1, 1))]))
    rows = np.zeros((2, len(FEATURES) + 1))
    rows[STORES, -1] = 0.5
    table = Rates((*FEATURES, "store"), rows, "day", "late", wait_feature="store")
    assembled = assemble(facts, goods, table, EXACT)
    found = []
    for option in range(assembled.problem.o):
        paid = dict(
            zip(assembled.catalogue.cost_labels(0), assembled.problem.option_rates[option], strict=False)
        )
        done = int(assembled.catalogue.option_arrives[option])
        found.append((assembled.catalogue.disposition(option), done, round(float(paid.get("store", 0.0)), 6)))
    return sorted(found)


def test_a_later_departure_costs_the_days_of_waiting_and_half_a_begun_one():
    sailings = [ride(11, 1, (0, 2 * DAY), (1, 9 * DAY)), ride(12, 1, (0, 5 * DAY), (1, 12 * DAY))]
    menu = (Alternative("return_to_china", ITS_OWN, STORES),)
    assert ways(menu, network(2, sailings)) == [
        ("return_to_china", 9 * DAY, 2.5),
        ("return_to_china", 12 * DAY, 5.5),
    ]


def test_goods_stay_until_the_way_to_the_first_departure_begins():
    sailing = ride(11, 1, (1, 4 * DAY), (2, 9 * DAY))
    facts = network(3, [sailing], [link(7, 0, 1, 600)], transfer=120)
    [(_, _, stored)] = ways((Alternative("return_to_china", ITS_OWN, STORES),), facts, destination=2)
    assert stored == pytest.approx(4 - 720 / DAY + 0.5)


def test_what_leaves_at_once_pays_for_the_begun_day_and_what_stays_until_it_is_done():
    menu = (Alternative("refurbish", STAYS, STORES, 7 * DAY), Alternative("transfer", ITS_OWN, STORES))
    assert ways(menu, network(2, [], [link(7, 0, 1, 600)])) == [
        ("refurbish", 7 * DAY, 7.5),
        ("transfer", 600, 0.5),
    ]


def test_where_no_rate_names_waiting_nothing_is_charged_for_it():
    sailing = ride(11, 1, (0, 2 * DAY), (1, 9 * DAY))
    assert ways((Alternative("return_to_china", ITS_OWN, 0),), network(2, [sailing])) == [
        ("return_to_china", 9 * DAY, 0.0)
    ]


def test_an_alternative_holds_by_an_instant_and_another_one_after_it():
    sailings = [ride(11, 1, (0, 2 * DAY), (1, 9 * DAY)), ride(12, 1, (0, 5 * DAY), (1, 12 * DAY))]
    menu = (
        Alternative("in time", ITS_OWN, 0, 0, NEVER_BEFORE, 9 * DAY),
        Alternative("late", ITS_OWN, 0, 0, 9 * DAY, NEVER_AFTER),
        Alternative("restock", STAYS, 0, DAY, NEVER_BEFORE, DAY - 1),
    )
    assert [(name, done) for name, done, _ in ways(menu, network(2, sailings))] == [
        ("in time", 9 * DAY),
        ("late", 12 * DAY),
    ]
