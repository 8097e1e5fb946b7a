"""A new warehouse beside a known one, by hand: who goes through it, what that costs, and that the problem is whole."""

import dataclasses

import numpy as np
import pytest

from routing.assembling import assemble
from routing.digest import digest
from routing.network import Throughput
from routing.new_warehouses import NEW, NewWarehouse, arrivals, widen
from routing.pool import STAYS, Alternative
from routing.solve import solve
from tests.unit.routing.networks import DAY, link, network
from tests.unit.routing.pools import item, pool
from tests.unit.routing.test_scenarios import EXACT, FIRST, PRICES, QUICK, SECOND, ways, what_if

DAYS = np.array([0, 300, 600])
NAMED = dataclasses.replace(PRICES, labels=("one", "kg"))
FEW_EARLY = (Throughput(1, 0, 300, 2.0), Throughput(1, 300, 600, 9.0))
"""11 comes in on the first day, which takes two parcels, 12 on the second."""
ONWARD = link(41, 1, 2, row=1)
"""From the port to the warehouse P2, 8 a kg: there at 270 with departure 11, at 470 with 12."""


def planned(*items, places=2, links=(), menus=None, **more):
    facts = network(places, [FIRST, SECOND], links, transfer=10, **more)
    goods = pool(*items) if menus is None else pool(*items, menus=menus)
    assembled = assemble(facts, goods, NAMED, EXACT)
    return assembled.problem, assembled.catalogue, solve(assembled.problem, QUICK)


def beside(place, daily=9, factor=1.0):
    return NewWarehouse(place, daily, factor, DAYS)


def through_new(scenario, found, place):
    """How many items go through the new warehouse."""
    taken = found.item_option[found.item_option >= 0]
    return int(scenario.by_new[place][taken].sum())


@pytest.mark.parametrize(("daily", "new", "waiting"), [(1, 1, 1), (2, 2, 0)])
def test_who_waited_for_a_full_warehouse_takes_the_new_one_as_far_as_it_has_room(daily, new, waiting):
    problem, catalogue, plan = planned(*[item(day=50.0)] * 4, throughputs=FEW_EARLY)
    scenario, found, moved = what_if(problem, catalogue, plan, warehouses=(beside("P1", daily),))

    assert sorted(ways(scenario, found)) == [[11]] * (4 - waiting) + [[12]] * waiting
    assert through_new(scenario, found, "P1") == new
    taken = found.item_option
    assert set(moved.items) >= set(np.flatnonzero(scenario.by_new["P1"][taken]))
    # Each that need not wait is there 200 minutes earlier, at 50 a day; who of four alike that is does not matter.
    assert (moved.before - moved.after).sum() == pytest.approx(50 * 200 / DAY * new)


@pytest.mark.parametrize(("factor", "new", "cost"), [(2.0, 1, 26.5 + 34.5), (3.0, 0, 26.5 + 36.5)])
def test_a_dearer_one_is_left_alone_where_waiting_costs_less(factor, new, cost):
    # By 11: 5 at sea, 8 onward, 270 minutes at 72 a day; by 12 ten more. The new one asks 8 more, or 16.
    windows = (Throughput(2, 0, 300, 1.0), Throughput(2, 300, 600, 9.0))
    two = [item(destination=2, day=72.0)] * 2
    problem, catalogue, plan = planned(*two, places=3, links=(ONWARD,), throughputs=windows)
    scenario, found, _ = what_if(problem, catalogue, plan, warehouses=(beside("P2", factor=factor),))

    assert through_new(scenario, found, "P2") == new
    assert found.objective == pytest.approx(cost)


def test_beside_one_that_is_never_full_a_cheaper_one_is_filled_and_a_dearer_one_makes_no_ways():
    two = [item(destination=2, day=72.0)] * 2
    problem, catalogue, plan = planned(*two, places=3, links=(ONWARD,))
    scenario, found, moved = what_if(problem, catalogue, plan, warehouses=(beside("P2", 1, 0.5),))

    assert len(moved.items) == through_new(scenario, found, "P2") == 1
    assert moved.before - moved.after == pytest.approx([4])
    assert widen(problem, catalogue, (beside("P2", factor=1.5),)).problem.o == problem.o
    assert widen(problem, catalogue, (beside("P9", factor=0.5),)).problem.o == problem.o


def test_a_closed_warehouse_is_replaced_by_a_new_one_beside_it():
    problem, catalogue, plan = planned(*[item(day=50.0)] * 3, throughputs=FEW_EARLY)
    closed = {"closed": frozenset({"P1"}), "warehouses": (beside("P1"),)}
    scenario, found, _ = what_if(problem, catalogue, plan, **closed)

    assert ways(scenario, found) == [[11]] * 3
    assert through_new(scenario, found, "P1") == 3


def test_what_is_done_to_goods_that_stay_may_be_done_in_the_new_one():
    menu = (Alternative("refurbish", STAYS, 0, 30),)
    windows = (Throughput(1, 0, 300, 1.0),)
    two = [item(origin=1, destination=0, day=0.0)] * 2
    problem, catalogue, plan = planned(*two, menus=(menu,), throughputs=windows)
    assert sorted(plan.item_option >= 0) == [False, True]
    scenario, found, _ = what_if(problem, catalogue, plan, warehouses=(beside("P1", factor=2.0),))

    assert through_new(scenario, found, "P1") == 1
    assert found.objective == pytest.approx(5 + 10)


def test_the_problem_is_whole_and_the_old_one_is_untouched():
    windows = (*FEW_EARLY, Throughput(2, 0, 300, 1.0))
    goods = [item(day=50.0), item(destination=2, day=50.0), item(day=50.0), item(destination=2, day=9.0)]
    problem, catalogue, plan = planned(*goods, places=3, links=(ONWARD,), throughputs=windows)
    booked = dataclasses.replace(problem, item_option_now=plan.item_option, item_change_cost=np.ones(4))
    before = digest(booked), catalogue.to_bytes()
    wide = widen(booked, catalogue, (beside("P1", 1), beside("P2", 1, 1.5)))
    old = np.flatnonzero(wide.option_from != NEW)

    assert (digest(booked), catalogue.to_bytes()) == before
    assert wide.option_from[old].tolist() == list(range(problem.o))
    assert wide.renumbered(plan.item_option).tolist() == wide.problem.item_option_now.tolist()
    assert wide.option_from[wide.problem.item_option_now].tolist() == plan.item_option.tolist()
    assert (wide.problem.option_rates[old] == problem.option_rates).all()
    names = [wide.catalogue.option_label(one) for one in range(wide.problem.o)]
    assert [names[one] for one in old] == [catalogue.option_label(one) for one in range(problem.o)]
    assert len(wide.catalogue.resource_kind) == wide.problem.r
    for option in np.flatnonzero(wide.by["P2"] & ~wide.by["P1"]):
        uses = wide.problem.use_resource[
            wide.problem.option_ptr[option] : wide.problem.option_ptr[option + 1]
        ]
        assert {"P2 parcels"}.isdisjoint(wide.catalogue.resource_name(one) for one in uses)
    assert wide.problem.class_ptr[-1] == wide.problem.o > problem.o


def test_two_new_ones_on_one_way_are_chosen_apart():
    problem, catalogue, _ = planned(item(destination=2), places=3, links=(ONWARD,))
    one_way = problem.o
    wide = widen(problem, catalogue, (beside("P1", 9, 0.5), beside("P2", 9, 0.25)))

    assert wide.problem.o == 4 * one_way
    sea, onward = wide.problem.option_rates[:, 2:].T
    assert set(sea) == {5}  # the freight of a departure does not depend on the warehouse
    assert set(onward) == {8, 4, 2, 1}


def test_goods_come_in_by_the_clock_of_their_legs():
    problem, catalogue, _ = planned(item(ready_min=40, destination=2), places=3, links=(ONWARD,))

    assert sorted(arrivals(catalogue, 1)) == [200, 400]
    assert sorted(arrivals(catalogue, 2)) == [270, 470]
    assert set(arrivals(catalogue, 0)) == {-1}
    assert problem.o == 2
