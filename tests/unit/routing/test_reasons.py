"""Every item that is not assigned is told why, in one code and a fact."""

import numpy as np
import pytest

from routing.assembling import assemble
from routing.network import Allotment, Box, Opening, Space, Throughput
from routing.options import Policy
from routing.plan import Plan
from routing.pool import EXPORT_MENU, Alternative
from routing.reasons import REASON_CODES, why_unassigned
from tests.unit.routing.networks import GENERAL, network, ride
from tests.unit.routing.pools import FREE, item, pool, rates

EXACT = Policy(ready_step_min=1)
SAILING = ride(11, 1, (0, 600), (1, 1200), cutoff=300)
BATTERY = 1


def reason_of(facts, goods, which=0, table=FREE, taken=(), units=None):
    """The reason of one item in the plan that gives the items in `taken` their first option."""
    assembled = assemble(facts, goods, table, EXACT)
    problem = assembled.problem
    options = np.full(problem.n, -1)
    for one in taken:
        options[one] = problem.class_ptr[problem.item_class[one]]
    opened = np.zeros(problem.t, dtype=int) if units is None else np.array(units)
    plan = Plan("feasible", options, opened, 0.0, np.zeros(0, dtype=int), 0.0, "none", "")
    found = why_unassigned(problem, plan, assembled.catalogue)
    position = found.item.tolist().index(which)
    assert found.reasons[position].code in REASON_CODES
    return found.reasons[position]


def sold(space, *, price=0.0):
    return {"facts": network(2, [SAILING], spaces=[space]), "table": rates((price, 0, 0))}


def test_nothing_joins_the_two_places():
    assert reason_of(network(3, [SAILING]), pool(item(0, 2))).code == "NO_ROUTE"
    assert reason_of(network(3, [SAILING]), pool(item(0, 0))).code == "NO_ROUTE"


def test_space_of_another_exporter_is_no_route():
    block = Space(allotments=(Allotment("block", {(0, 1): 0}, 99, (9.0,)),))
    assert reason_of(network(2, [SAILING], spaces=[block]), pool(item())).code == "NO_ROUTE"


def test_the_goods_are_carried_by_nothing_that_goes_there():
    only_general = ride(11, 1, (0, 600), (1, 1200), accepts=GENERAL)
    reason = reason_of(network(2, [only_general]), pool(item(goods=BATTERY)))
    assert (reason.code, "battery" in reason.fact) == ("DG_NOT_ALLOWED", True)


def test_the_cutoff_was_missed_and_by_how_much():
    reason = reason_of(network(2, [SAILING]), pool(item(ready_min=390)))
    assert (reason.code, reason.fact) == ("CUTOFF_MISSED", "ready 1.5 h too late for departure 11")


def test_everything_arrives_after_a_hard_deadline():
    reason = reason_of(network(2, [SAILING]), pool(item(due_min=1080, hard=True)))
    assert (reason.code, reason.fact) == ("LATE", "arrives 2.0 h after its deadline by departure 11")


def test_where_two_filters_bind_together_the_goods_are_named_first():
    only_general = ride(11, 1, (0, 600), (1, 1200), accepts=GENERAL)
    reason = reason_of(network(2, [only_general]), pool(item(goods=BATTERY, ready_min=5000)))
    assert reason.code == "DG_NOT_ALLOWED"


def test_what_is_done_at_the_end_takes_too_long():
    menu = (Alternative("transfer", duration_min=500),)
    goods = pool(item(menu=1, due_min=1300, hard=True), menus=(EXPORT_MENU, menu))
    assert reason_of(network(2, [SAILING]), goods).code == "LATE"


@pytest.mark.parametrize("code", ["CUSTOMS_MODE", "CREDIT_HOLD"])
def test_what_is_blocked_keeps_its_own_reason(code):
    goods = pool(item(blocked=1), block_codes=("", code))
    assert reason_of(network(2, [SAILING]), goods).code == code


@pytest.mark.parametrize(
    ("space", "code"),
    [
        (Space(loose={(0, 1): 0}, free_g=(1500.0,)), "WEIGHT_FULL"),
        (Space(loose={(0, 1): 0}, free_cm3=(9000.0,)), "VOLUME_FULL"),
    ],
)
def test_the_departure_is_full(space, code):
    reason = reason_of(**sold(space), goods=pool(item(), item()), taken=[1])
    assert reason.code == code
    assert "departure 11" in reason.fact


def test_no_more_containers_can_be_opened():
    box = Box("40HQ", 1500, 9000, 9, {(0, 1): 10.0}, "teu", 2.0)
    space = Space(boxed={(0, 1): 0}, boxes=(box,), slots={"teu": (3.0,)})
    reason = reason_of(**sold(space), goods=pool(item(), item()), taken=[1], units=[1])
    assert reason.code == "TEU_FULL"


def test_a_warehouse_that_takes_no_more_parcels_is_full():
    facts = network(2, [SAILING], throughputs=(Throughput(1, 0, 9999, 1.0),))
    assert reason_of(facts, pool(item(), item()), taken=[1]).code == "TEU_FULL"


def test_leaving_the_item_is_cheaper_and_by_how_much():
    reason = reason_of(**sold(Space(loose={(0, 1): 0}), price=1250.0), goods=pool(item(drop_cost=1000.0)))
    assert reason.code == "COSTLIER"
    assert reason.fact.startswith("2.50 CNY more than leaving it")


def test_opening_a_charter_for_it_does_not_pay():
    space = Space(loose={(0, 1): 0}, openings=(Opening("B77F", 10**6, 10**6, 9e9),))
    reason = reason_of(**sold(space), goods=pool(item()))
    assert (reason.code, "B77F" in reason.fact) == ("COSTLIER", True)


def test_items_that_are_assigned_have_no_reason():
    assembled = assemble(network(2, [SAILING]), pool(item()), FREE, EXACT)
    plan = Plan(
        "optimal", np.array([0]), np.zeros(0, dtype=int), 0.0, np.zeros(0, dtype=int), 0.0, "none", ""
    )
    assert why_unassigned(assembled.problem, plan, assembled.catalogue).item.size == 0
