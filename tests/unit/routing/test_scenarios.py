"""What-if, by hand: each patch on a problem of a few parcels, and what its plan moves."""

import dataclasses
from zipfile import BadZipFile

import numpy as np
import pytest

from routing import checks
from routing.assembling import assemble
from routing.files import problem_from_bytes, problem_to_bytes
from routing.limits import Limits
from routing.mishaps import Deadlines
from routing.network import Opening, Space, Throughput
from routing.options import Policy
from routing.scenarios import Patches, apply, known, moves
from routing.solve import solve
from tests.unit.routing.networks import DAY, every_pair, link, network, ride
from tests.unit.routing.pools import item, pool, rates

EXACT = Policy(ready_step_min=1, options_per_class=10**6, per_chain=10**6)
QUICK = Limits(time_limit_s=None, iterations=1)
FIRST, SECOND = ride(11, 1, (0, 100), (1, 200)), ride(12, 1, (0, 300), (1, 400))
PRICES = rates((5, 0, 0), (0, 8, 0))


def planned(*items, spaces=None, departures=(FIRST, SECOND), places=2, links=(), **more):
    """A solved problem of parcels, with its catalogue."""
    facts = network(places, list(departures), links, spaces=spaces, transfer=10, **more)
    assembled = assemble(facts, pool(*items), PRICES, EXACT)
    return assembled.problem, assembled.catalogue, solve(assembled.problem, QUICK)


def what_if(problem, catalogue, plan, **patches):
    """The scenario, solved from what is left of the plan and checked, and what it moves."""
    deadlines = Deadlines(np.full(problem.n, 10**9, np.int64), np.zeros(problem.n, bool))
    scenario = apply(problem, catalogue, plan, Patches(**patches), deadlines)
    assert problem_from_bytes(problem_to_bytes(scenario.problem)).o == scenario.problem.o
    found = solve(scenario.problem, QUICK, previous=scenario.start)
    assert checks.verify(scenario.problem, found).ok
    return scenario, found, moves(problem, plan, scenario, found)


def rides(catalogue, option):
    return [leg.ref for leg in catalogue.legs(option)] if option >= 0 else None


def ways(scenario, found):
    return [rides(scenario.catalogue, option) for option in found.item_option]


def test_without_patches_the_plan_stays_as_it_is():
    problem, catalogue, plan = planned(item(day=1.0), item(day=1.0))
    scenario, found, moved = what_if(problem, catalogue, plan)

    assert found.objective == scenario.kept_cost == pytest.approx(plan.objective)
    assert moved.items.tolist() == []


def test_without_a_departure_its_parcels_take_the_next_one_and_both_costs_are_told():
    # 10 a day: waiting for 12 instead of 11 takes 200 minutes more; nobody placed anew costs 1000 each.
    problem, catalogue, plan = planned(item(day=10.0), item(day=10.0))
    scenario, found, moved = what_if(problem, catalogue, plan, cancelled=frozenset({11}))

    assert ways(scenario, found) == [[12], [12]]
    assert moved.items.tolist() == [0, 1]
    assert moved.after - moved.before == pytest.approx([10 * 200 / DAY] * 2)
    assert scenario.kept_cost == pytest.approx(2000)


def test_an_earlier_cut_off_shuts_out_who_is_there_too_late_for_it():
    problem, catalogue, plan = planned(item(ready_min=40, day=1.0), item(ready_min=41, day=1.0))
    scenario, found, _ = what_if(problem, catalogue, plan, cutoffs={11: 60})

    assert ways(scenario, found) == [[11], [12]]


def test_a_cut_off_counts_the_transfer_where_goods_change():
    onward, later = ride(21, 2, (1, 240), (2, 300)), ride(22, 2, (1, 500), (2, 600))
    problem, catalogue, plan = planned(item(0, 2, day=1.0), departures=(FIRST, onward, later), places=3)
    assert rides(catalogue, plan.item_option[0]) == [11, 21]

    # There at 200, transferred at 210: in time 30 minutes before 240, not 31.
    assert ways(*what_if(problem, catalogue, plan, cutoffs={21: 30})[:2]) == [[11, 21]]
    assert ways(*what_if(problem, catalogue, plan, cutoffs={21: 31})[:2]) == [[11, 22]]


def test_a_delay_costs_the_days_it_takes():
    problem, catalogue, plan = planned(item(day=30.0), departures=(FIRST,))
    scenario, found, moved = what_if(problem, catalogue, plan, delays={11: DAY})

    assert found.objective == pytest.approx(plan.objective + 30)
    assert moved.items.tolist() == []
    [leg] = scenario.catalogue.legs(found.item_option[0])
    assert leg.departs_min == 100 + DAY


def test_more_units_let_more_goods_ride_and_fewer_let_them_wait():
    planes = Space(loose={(0, 1): 0}, openings=(Opening("B77F", 1000, 10**6, 3.0, 2),))
    parcels = [item(day=100.0, weight_g=1000) for _ in range(4)]
    problem, catalogue, plan = planned(*parcels, spaces=[planes, Space(loose=every_pair(SECOND))])
    assert sorted(rides(catalogue, option) for option in plan.item_option) == [[11], [11], [12], [12]]

    wide, all_ride, moved = what_if(problem, catalogue, plan, capacity={11: 2.0})
    assert ways(wide, all_ride) == [[11]] * 4
    assert len(moved.items) == 2
    narrow, one_rides, _ = what_if(problem, catalogue, plan, capacity={11: 0.5})
    assert sorted(ways(narrow, one_rides)) == [[11], [12], [12], [12]]


def test_a_warehouse_that_takes_in_less_sends_goods_to_another_day():
    windows = (Throughput(1, 0, 300, 2.0), Throughput(1, 300, 600, 9.0))
    problem, catalogue, plan = planned(*[item(day=50.0)] * 3, throughputs=windows)
    assert sorted(rides(catalogue, option) for option in plan.item_option) == [[11], [11], [12]]
    scenario, found, _ = what_if(problem, catalogue, plan, intake={"P1": 0.5})

    assert sorted(ways(scenario, found)) == [[11], [12], [12]]


def test_nothing_travels_by_a_forbidden_mode_and_nothing_goes_to_a_closed_place():
    train = ride(31, 3, (0, 600), (1, 900), mode="rail")
    problem, catalogue, plan = planned(item(day=1.0), departures=(FIRST, train))
    assert ways(*what_if(problem, catalogue, plan, modes=frozenset({"sea"}))[:2]) == [[31]]

    scenario, found, _ = what_if(problem, catalogue, plan, closed=frozenset({"P1"}))
    assert ways(scenario, found) == [None]
    assert scenario.catalogue.none_code.tolist() == ["NO_ROUTE"]


def test_goods_may_leave_a_closed_place():
    problem, catalogue, plan = planned(item(day=1.0))
    assert ways(*what_if(problem, catalogue, plan, closed=frozenset({"P0"}))[:2]) == [[11]]


def test_dearer_columns_change_what_is_charged_by_them_alone():
    # By sea 5 an item, by the road 8 a kg: a twice dearer "one" makes 2 kg by sea cost 10, less than 16 by road.
    problem, catalogue, plan = planned(
        item(weight_g=2000), departures=(FIRST,), links=(link(41, 0, 1, row=1),)
    )
    twice = what_if(problem, catalogue, plan, rates={"one": 2.0})
    assert (ways(*twice[:2]), twice[1].objective) == ([[11]], pytest.approx(10))
    four_times = what_if(problem, catalogue, plan, rates={"one": 4.0})
    assert (ways(*four_times[:2]), four_times[1].objective) == ([[41]], pytest.approx(16))
    assert four_times[0].kept_cost == pytest.approx(20)


def test_a_charge_is_added_for_each_item_by_its_size():
    problem, catalogue, plan = planned(item(weight_g=2000), item(weight_g=3000), departures=(FIRST,))
    fuel = lambda grams, cm3: grams / 1000 + cm3 / 5000  # noqa: E731
    _, found, _ = what_if(problem, catalogue, plan, charges={"one": (fuel,)})

    assert found.objective == pytest.approx(plan.objective + 5 * (2 + 1) + 5 * (3 + 1))
    _, cheap, _ = what_if(problem, catalogue, plan, charges={"one": (lambda grams, cm3: -9.0 * grams * cm3,)})
    assert cheap.objective == pytest.approx(0)


def test_a_unit_costs_more_by_a_factor_of_its_own():
    planes = Space(loose={(0, 1): 0}, openings=(Opening("B77F", 1000, 10**6, 3.0, 2),))
    problem, catalogue, plan = planned(item(day=1.0), spaces=[planes], departures=(FIRST,))
    _, found, _ = what_if(problem, catalogue, plan, unit_costs={0: 1.5})

    assert found.objective == pytest.approx(plan.objective + 1.5)


def test_what_can_be_patched_is_read_from_the_catalogue_alone():
    planes = Space(loose={(0, 1): 0}, openings=(Opening("B77F", 1000, 10**6, 3.0, 2),))
    facts = network(
        2, [FIRST, SECOND], (link(41, 0, 1, row=1),), transfer=10, throughputs=(Throughput(1, 0, 300, 1.0),),
        spaces=[planes, Space(loose=every_pair(SECOND))],
    )  # fmt: skip
    named = dataclasses.replace(PRICES, labels=("tariff SEA", "tariff ROAD"))
    catalogue = assemble(facts, pool(*[item(weight_g=100)] * 2), named, EXACT).catalogue
    found = known(catalogue.to_bytes())

    assert (found.departures, found.limited) == ({11, 12}, {11})
    assert (set(found.modes), found.places, found.intakes) == ({"sea", "road"}, {"P1"}, {"P1"})
    assert found.columns == {"sea": {"tariff SEA"}, "road": {"tariff ROAD"}}
    with pytest.raises((ValueError, BadZipFile, EOFError)):
        known(b"")
