"""A departure that closes later makes ways: the problem is enumerated anew and stays comparable with its plan."""

import dataclasses

import numpy as np
import pytest

from routing import checks
from routing.assembling import assemble
from routing.mishaps import Deadlines
from routing.network import Call, Opening, Space
from routing.new_warehouses import NEW
from routing.renewing import OtherGoodsError, closed_before, closing, renewed, too_late_for
from routing.scenarios import Patches, apply, moves
from routing.solve import solve
from routing.tally import item_costs
from tests.unit.routing.networks import every_pair, network, ride
from tests.unit.routing.pools import item, pool
from tests.unit.routing.test_scenarios import EXACT, FIRST, PRICES, QUICK, SECOND, rides

EARLY, LATE = item(ready_min=10, day=10.0), item(ready_min=90, day=10.0)
BOARDS = (11, 0)
"""The first call of the first departure, which leaves at 100."""


def closed(facts, before_min):
    """The network with the first departure closing so long before it leaves."""
    calls = [dataclasses.replace(FIRST.calls[0], cutoff_min=100 - before_min), *FIRST.calls[1:]]
    first = dataclasses.replace(FIRST, calls=tuple(calls))
    return dataclasses.replace(facts, departures=(first, *facts.departures[1:]))


CLOSED = closed(network(2, [FIRST, SECOND], transfer=10), 60)


def assembled(facts, *items):
    found = assemble(facts, pool(*items), PRICES, EXACT)
    return found.problem, found.catalogue


def later(facts, before_min, *items, patches=None):
    """A solved plan, and it solved again with the first departure closing so long before it leaves."""
    problem, catalogue = assembled(facts, *items)
    plan = solve(problem, QUICK)
    fresh = assembled(closing(facts, {BOARDS: 100 - before_min}), *items)
    anew = renewed(problem, catalogue, plan.units, *fresh, closed_before(facts, {BOARDS}))
    deadlines = Deadlines(np.full(problem.n, 10**9, np.int64), np.zeros(problem.n, bool))
    scenario = apply(problem, catalogue, plan, patches or Patches(), deadlines, anew)
    found = solve(scenario.problem, QUICK, previous=scenario.start)
    assert checks.verify(scenario.problem, found).ok
    before = [rides(catalogue, one) for one in plan.item_option]
    after = [rides(scenario.catalogue, one) for one in found.item_option]
    return before, after, scenario, moves(problem, plan, scenario, found)


def test_who_was_too_late_rides_and_the_others_keep_their_way():
    before, after, scenario, moved = later(CLOSED, 10, EARLY, LATE)

    assert (before, after) == ([[11], [12]], [[11], [11]])
    assert moved.items.tolist() == [1]
    assert moved.after[0] < moved.before[0]
    assert np.count_nonzero(scenario.option_from == NEW) == 1


def test_a_departure_that_nobody_could_reach_brings_its_room_along():
    planes = Space(loose={(0, 1): 0}, openings=(Opening("B77F", 1000, 10**6, 3.0, 1),))
    spaces = [planes, Space(loose=every_pair(SECOND))]
    facts = closed(network(2, [FIRST, SECOND], spaces=spaces, transfer=10), 95)
    late = item(ready_min=50, day=100.0, weight_g=1000)
    before, after, scenario, moved = later(facts, 40, late, late)

    assert before == [[12], [12]]
    assert sorted(after) == [[11], [12]]
    assert len(moved.items) == 1
    assert scenario.problem.t == 1


def test_room_stays_what_it_was_for_the_plan():
    def facts(planes):
        space = Space(loose={(0, 1): 0}, openings=(Opening("B77F", 1000, 10**6, 3.0, planes),))
        spaces = [space, Space(loose=every_pair(SECOND))]
        return closed(network(2, [FIRST, SECOND], spaces=spaces, transfer=10), 60)

    goods = [item(ready_min=10, day=100.0, weight_g=1000) for _ in range(3)]
    problem, catalogue = assembled(facts(2), *goods)
    plan = solve(problem, QUICK)
    wide, units = renewed(problem, catalogue, plan.units, *assembled(facts(1), *goods), {BOARDS: 60})

    assert wide.problem.unit_max.tolist() == problem.unit_max.tolist() == [2]
    assert units.tolist() == plan.units.tolist() == [2]
    assert wide.renumbered(plan.item_option).tolist() == plan.item_option.tolist()


def test_other_patches_hold_as_well_and_other_goods_are_another_problem():
    _, after, _, _ = later(CLOSED, 10, EARLY, LATE, patches=Patches(cancelled=frozenset({12})))
    assert after == [[11], [11]]
    _, after, _, _ = later(CLOSED, 10, EARLY, LATE, patches=Patches(cancelled=frozenset({11})))
    assert after == [[12], [12]]

    problem, catalogue = assembled(CLOSED, EARLY, LATE)
    plan = solve(problem, QUICK)
    with pytest.raises(OtherGoodsError):
        renewed(problem, catalogue, plan.units, *assembled(CLOSED, EARLY), {BOARDS: 60})


def test_only_ways_on_the_departure_are_new_and_those_it_displaces_are_put_back():
    added = ride(13, 1, (0, 150), (1, 250))
    problem, catalogue = assembled(CLOSED, EARLY, LATE)
    plan = solve(problem, QUICK)
    few = dataclasses.replace(EXACT, options_per_class=1)
    facts = closing(network(2, [FIRST, SECOND, added], transfer=10), {BOARDS: 90})
    for policy in (EXACT, few):
        fresh = assemble(facts, pool(EARLY, LATE), PRICES, policy)
        wide, _ = renewed(problem, catalogue, plan.units, fresh.problem, fresh.catalogue, {BOARDS: 60})
        labels = [wide.catalogue.option_label(one).split()[3] for one in range(wide.problem.o)]
        assert sorted(labels) == ["11-", "11-", "12-", "12-"]
        now = wide.renumbered(plan.item_option)
        assert wide.option_from[now].tolist() == plan.item_option.tolist()
        assert item_costs(wide.problem, now).tolist() == item_costs(problem, plan.item_option).tolist()
        assert [wide.catalogue.legs(one) for one in now] == [catalogue.legs(one) for one in plan.item_option]


def test_each_call_is_open_as_long_as_it_was_or_longer_and_counts_by_its_own_cut_off():
    """Closes at 0 at the first port, at 190 at the second; both are to be open until an hour before they are left."""
    general = [
        Call(0, 100, 100, 0),
        Call(1, 200, 200, 190, frozenset({"battery"}), 150),
        Call(2, 300, 300, 300),
    ]
    facts = network(3, [dataclasses.replace(FIRST, calls=tuple(general))])
    until = {(11, 0): 40, (11, 1): 140}
    first, second, _ = closing(facts, until).departures[0].calls
    assert (first.cutoff_min, second.cutoff_min, second.early_cutoff_min) == (40, 190, 150)

    closed_at = closed_before(facts, until)
    assert closed_at == {(11, 0): 100, (11, 1): 10}
    for goods, late in ((item(0, 2, ready_min=30), 1), (item(1, 2, ready_min=120), 0)):
        _, catalogue = assembled(closing(facts, until), goods)
        assert len(too_late_for(catalogue, closed_at)) == late
