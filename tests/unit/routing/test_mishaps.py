"""A cancelled, late or smaller departure, in terms of the problem that was planned."""

import numpy as np
import pytest

from routing import checks
from routing.assembling import assemble
from routing.disruption import disrupt
from routing.limits import Limits
from routing.mishaps import Deadlines, Mishap, catalogue_of, tell
from routing.network import Opening, Space
from routing.options import Policy
from routing.reasons import why_unassigned
from routing.replan import replan
from routing.solve import solve
from tests.unit.routing.networks import DAY, every_pair, network, ride
from tests.unit.routing.pools import item, pool, rates

EXACT = Policy(ready_step_min=1, options_per_class=10**6, per_chain=10**6)
QUICK = Limits(time_limit_s=None, iterations=1)
FIRST, SECOND = ride(11, 1, (0, 100), (1, 200)), ride(12, 1, (0, 300), (1, 400))


def sailings(*items, spaces=None, departures=(FIRST, SECOND), places=2):
    """A solved problem of parcels from place 0 to the last place."""
    facts = network(places, list(departures), spaces=spaces, transfer=10)
    assembled = assemble(facts, pool(*items), rates((5, 0, 0), (0, 8, 0)), EXACT)
    return assembled.problem, assembled.catalogue, solve(assembled.problem, QUICK)


def deadlines(problem, due=10**9, hard=False):
    return Deadlines(np.full(problem.n, due, np.int64), np.full(problem.n, hard))


def rides(catalogue, option):
    return [leg.ref for leg in catalogue.legs(option)] if option >= 0 else None


def replanned(problem, catalogue, plan, *mishaps, **due):
    disruption, told = tell(problem, catalogue, mishaps, deadlines(problem, **due))
    left = disrupt(problem, plan.item_option, plan.units, disruption)
    found = replan(left, QUICK, tier=0, before=plan)
    assert checks.verify(left.problem, found.plan).ok
    return left, found, catalogue_of(left, told)


def test_parcels_of_a_cancelled_sailing_take_the_next_one():
    problem, catalogue, plan = sailings(item(day=1.0), item(day=1.0))
    assert rides(catalogue, plan.item_option[0]) == [11]
    _, found, now = replanned(problem, catalogue, plan, Mishap(11, cancelled=True))

    assert [rides(now, option) for option in found.plan.item_option] == [[12], [12]]
    assert found.changed.tolist() == [0, 1]


def test_a_delay_costs_the_days_it_takes_and_those_it_is_late():
    problem, catalogue, plan = sailings(item(day=30.0, late=400.0, due_min=200), departures=(FIRST,))
    _, found, now = replanned(problem, catalogue, plan, Mishap(11, delay_min=DAY), due=200)

    assert found.plan.objective == pytest.approx(plan.objective + 30 + 400)
    assert found.changed.tolist() == []
    [leg] = now.legs(found.plan.item_option[0])
    assert (leg.departs_min, leg.arrives_min) == (100 + DAY, 200 + DAY)
    assert now.option_arrives[found.plan.item_option[0]] == 200 + DAY
    assert not now.option_on_time[found.plan.item_option[0]]


def test_a_delay_that_breaks_the_connection_frees_who_relied_on_it():
    onward, later = ride(21, 2, (1, 220), (2, 300)), ride(22, 2, (1, 500), (2, 600))
    problem, catalogue, plan = sailings(item(0, 2, day=1.0), departures=(FIRST, onward, later), places=3)
    assert rides(catalogue, plan.item_option[0]) == [11, 21]
    left, found, now = replanned(problem, catalogue, plan, Mishap(11, delay_min=60))

    assert rides(now, found.plan.item_option[0]) == [11, 22]
    assert left.affected.tolist() == [0]


def test_a_delay_past_a_hard_deadline_is_as_good_as_no_sailing():
    problem, catalogue, plan = sailings(item(due_min=250, hard=True), departures=(FIRST,))
    left, found, now = replanned(problem, catalogue, plan, Mishap(11, delay_min=DAY), due=250, hard=True)

    assert found.plan.item_option.tolist() == [-1]
    [reason] = why_unassigned(left.problem, found.plan, now).reasons
    assert (reason.code, reason.fact) == ("NO_ROUTE", "the departures it could take are no longer there")


def test_a_cut_leaves_the_share_of_the_units():
    planes = Space(loose={(0, 1): 0}, openings=(Opening("B77F", 1000, 10**6, 3.0, 4),))
    parcels = [item(day=100.0, weight_g=1000) for _ in range(4)]
    problem, catalogue, plan = sailings(*parcels, spaces=[planes, Space(loose=every_pair(SECOND))])
    assert plan.units.tolist() == [4]
    left, found, now = replanned(problem, catalogue, plan, Mishap(11, capacity_share=0.5))

    assert left.problem.unit_max.tolist() == found.plan.units.tolist() == [2]
    assert sorted(rides(now, option) for option in found.plan.item_option) == [[11], [11], [12], [12]]
    assert len(found.changed) == 2


def test_a_departure_that_nobody_planned_with_changes_nothing():
    problem, catalogue, plan = sailings(item(day=1.0))
    left, found, _ = replanned(problem, catalogue, plan, Mishap(99, cancelled=True), Mishap(98, delay_min=5))

    assert found.plan.objective == pytest.approx(plan.objective)
    assert left.problem.o == problem.o
