"""The problem that is assembled says what the facts say: costs, space, times, and what numbers mean."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.assembling import assemble
from routing.catalogue import Catalogue
from routing.cores import SearchRules
from routing.limits import Limits
from routing.network import Allotment, Box, Opening, Space, Throughput
from routing.options import Policy
from routing.pool import EXPORT_MENU, STAYS, Alternative, Rates
from routing.solve import solve
from tests.examples import examples
from tests.unit.routing.networks import DAY, GENERAL, every_pair, link, network, networks, ride
from tests.unit.routing.pools import FREE, item, pool, rates

EXACT = Policy(ready_step_min=1, options_per_class=10**6, per_chain=10**6)
SAILING = ride(11, 1, (0, 0), (1, 100))


def options_of(assembled, which=0):
    problem = assembled.problem
    index = problem.item_class[which]
    return range(problem.class_ptr[index], problem.class_ptr[index + 1])


def cost(assembled, which, option):
    problem = assembled.problem
    return float(problem.item_features[which] @ problem.option_rates[option])


def uses(assembled, option):
    problem, catalogue = assembled.problem, assembled.catalogue
    rows = range(problem.option_ptr[option], problem.option_ptr[option + 1])
    return [str(catalogue.resource_kind[problem.use_resource[row]]) for row in rows]


def test_an_option_costs_its_legs_its_days_and_its_lateness():
    legs = [link(7, 0, 1, 60, row=0), link(8, 2, 3, 120, row=2)]
    facts = network(4, [ride(11, 1, (1, 100), (2, DAY))], legs, [Space(loose={(0, 1): 1})], transfer=10)
    parcel = item(0, 3, ready_min=20, due_min=DAY, weight_g=2500, value=200.0, day=30.0, late=400.0)
    assembled = assemble(facts, pool(parcel), rates((5, 0, 0), (0, 8, 0), (1, 2, 0.01)), EXACT)
    [option] = options_of(assembled)
    arrives = DAY + 10 + 120
    days, late = (arrives - 20) / DAY, 130 / DAY
    assert cost(assembled, 0, option) == pytest.approx(5 + 8 * 2.5 + 1 + 5 + 2 + 30 * days + 400 * late)
    planned = [
        (leg.mode, leg.ref, leg.departs_min, leg.arrives_min) for leg in assembled.catalogue.legs(option)
    ]
    assert planned == [("road", 7, 20, 80), ("sea", 11, 100, DAY), ("road", 8, DAY + 10, arrives)]
    assert not assembled.catalogue.option_on_time[option]


def test_items_alike_share_a_class_and_ready_times_are_rounded_up():
    assembled = assemble(
        network(2, [SAILING]),
        pool(item(ready_min=-59), item(ready_min=-30, weight_g=7), item(ready_min=1), item(goods=1)),
        FREE,
        Policy(ready_step_min=60),
    )
    assert assembled.problem.item_class.tolist() == [0, 0, 1, 2]
    assert assembled.classes.ready_min.tolist() == [0, 60, 0]


def test_late_options_are_offered_unless_the_deadline_is_hard():
    assembled = assemble(
        network(2, [SAILING]), pool(item(due_min=90), item(due_min=90, hard=True)), FREE, EXACT
    )
    assert len(options_of(assembled, 0)) == 1
    assert len(options_of(assembled, 1)) == 0


def test_returns_are_restocked_destroyed_or_travel_towards_china():
    menu = (
        Alternative("restock", STAYS, rate_row=1, duration_min=50),
        Alternative("destroy", STAYS, rate_row=2),
        Alternative("return_to_china", 1, rate_row=0),
        Alternative("transfer", 2),
    )
    facts = network(3, [SAILING], [link(8, 0, 2)])
    goods = pool(item(0, 0, menu=1, value=300.0), menus=(EXPORT_MENU, menu))
    assembled = assemble(facts, goods, rates((0, 0, 0), (0, 0, 0.1), (7, 0, 1)), EXACT)
    done = {
        assembled.catalogue.disposition(option): (
            cost(assembled, 0, option),
            len(assembled.catalogue.legs(option)),
            int(assembled.catalogue.option_arrives[option]),
            int(assembled.catalogue.option_destination[option]),
        )
        for option in options_of(assembled)
    }
    assert done == {
        "restock": (30.0, 0, 50, 0),
        "destroy": (307.0, 0, 0, 0),
        "return_to_china": (0.0, 1, 100, 1),
        "transfer": (0.0, 1, 60, 2),
    }


def test_returns_in_china_leave_on_the_same_space_as_exports():
    again = (Alternative("reexport_with_exports"),)
    goods = pool(item(), item(menu=1), menus=(EXPORT_MENU, again))
    space = Space(loose={(0, 1): 0}, free_g=(5.0,))
    problem = assemble(network(2, [SAILING], spaces=[space]), goods, FREE, EXACT).problem
    assert problem.k == 2
    assert problem.use_resource.tolist() == [0, 0]
    assert problem.resource_free[0, 0] == 5.0


def test_an_allotment_is_offered_to_its_exporter_only():
    space = Space(allotments=(Allotment("block", {(0, 1): 0}, exporter=5, free_g=(9.0,)),))
    goods = pool(item(exporter=5), item(exporter=6), item(exporter=7))
    assembled = assemble(network(2, [SAILING], spaces=[space]), goods, FREE, EXACT)
    assert [len(options_of(assembled, which)) for which in range(3)] == [1, 0, 0]
    assert assembled.problem.k == 2


def test_charters_containers_and_slots_become_units_with_a_parent():
    box = Box("40HQ", 100, 200, 3, {(0, 1): 900.0}, "teu", 2.0)
    ship = Space(boxed={(0, 1): 0}, boxes=(box,), slots={"teu": (5.0,)})
    plane = Space(loose={(0, 1): 0}, openings=(Opening("B77F", 70, 80, 5000.0),))
    departures = [SAILING, ride(12, 2, (0, 5), (1, 9), mode="air")]
    assembled = assemble(network(2, departures, spaces=[ship, plane]), pool(item()), FREE, EXACT)
    problem, catalogue = assembled.problem, assembled.catalogue
    kinds = catalogue.resource_kind.tolist()
    assert kinds == ["slots", "boxes", "payload"]
    assert problem.unit_cost.tolist() == [900.0, 5000.0]
    assert problem.unit_parent.tolist() == [0, -1]
    assert problem.unit_takes.tolist() == [[0.0, 0.0, 2.0], [0.0, 0.0, 0.0]]
    assert problem.resource_free.tolist() == [
        [np.inf, np.inf, 5.0], [0.0, 0.0, np.inf], [0.0, 0.0, np.inf]
    ]  # fmt: skip
    assert problem.use_factor.tolist() == [[1.0, 1.0, 0.0]] * 2
    assert catalogue.resource_departure.tolist() == [11, 11, 12]
    assert catalogue.unit_label.tolist() == ["40HQ", "B77F"]


@pytest.mark.parametrize(("most", "slots", "carried"), [(1, 9.0, 1), (2, 9.0, 2), (2, 1.0, 2), (0, 9.0, 0)])
def test_boxes_are_counted_over_all_stretches_of_a_departure(most, slots, carried):
    loop = ride(11, 1, (0, 0), (1, 100), (2, 200))
    cost = {(0, 1): 10.0, (1, 2): 10.0}
    ship = Space(
        boxed=dict.fromkeys(cost, 0),
        boxes=(Box("40HQ", 1000, 5000, most, cost, "teu"),),
        slots={"teu": (slots, slots)},
    )
    goods = pool(item(0, 1), item(1, 2))
    problem = assemble(network(3, [loop], spaces=[ship]), goods, FREE, EXACT).problem
    plan = solve(problem, Limits(time_limit_s=None, iterations=3), seed=1)
    assert (plan.item_option >= 0).sum() == plan.units.sum() == carried


def test_a_warehouse_window_counts_parcels_that_come_in_even_if_they_go_on():
    windows = tuple(Throughput(1, start, start + 100, 2.0) for start in (0, 100))
    facts = network(3, [SAILING], [link(8, 1, 2)], throughputs=windows)
    assembled = assemble(facts, pool(item(0, 1), item(0, 2), item(0, 2)), FREE, EXACT)
    problem = assembled.problem
    assert assembled.catalogue.resource_kind.tolist() == ["throughput"]
    assert problem.use_factor.tolist() == [[0.0, 0.0, 1.0]] * 2
    assert problem.resource_free.tolist() == [[np.inf, np.inf, 2.0]]


def test_a_warehouse_counts_returns_that_stay():
    menu = (Alternative("restock", STAYS, duration_min=500),)
    windows = (Throughput(0, 0, 100, 1.0), Throughput(0, 100, 900, 1.0))
    goods = pool(item(0, 0, menu=1), item(0, 0, menu=1), menus=(EXPORT_MENU, menu))
    problem = assemble(network(1, [], throughputs=windows), goods, FREE, EXACT).problem
    assert (problem.r, problem.use_resource.tolist()) == (1, [0])


def test_space_that_can_never_be_short_is_left_out():
    space = Space(loose={(0, 1): 0}, free_g=(3000.0,), free_cm3=(14_999.0,))
    some, many = (
        assemble(network(2, [SAILING], spaces=[space]), pool(*[item()] * count), FREE).problem
        for count in (2, 3)
    )
    assert (some.r, many.r) == (0, 1)


def test_tariffs_share_columns_between_classes_and_no_cost_changes():
    services = [ride(nth, nth, (0, 0), (1 + nth, 100)) for nth in range(4)]
    spaces = [Space(loose={(0, 1): nth}) for nth in range(4)]
    names = ("day", "late", *(f"tariff {nth}" for nth in range(4)))
    table = Rates(names, np.hstack([np.zeros((4, 2)), np.diag([2.0, 3.0, 5.0, 7.0])]), "day", "late")
    goods = pool(*[item(0, 1 + nth) for nth in range(4)])
    goods = dataclasses.replace(goods, features=np.arange(24, dtype=float).reshape(4, 6))
    assembled = assemble(network(5, services, spaces=spaces), goods, table, EXACT)
    expected = [goods.features[nth, 2 + nth] * (2.0, 3.0, 5.0, 7.0)[nth] for nth in range(4)]
    days = 100 / DAY * goods.features[:, 0]
    found = [cost(assembled, nth, options_of(assembled, nth)[0]) for nth in range(4)]
    assert found == pytest.approx(np.add(expected, days))
    assert assembled.catalogue.features.tolist() == ["day", "late", "cost 1"]
    assert assembled.catalogue.cost_labels(2) == ("day", "late", "tariff 2")


def test_charges_that_are_computed_when_needed_cost_what_a_table_of_them_would():
    class Tariffs:
        def __len__(self):
            return 2

        def of(self, column, weight_g, volume_cm3):
            return ((3.0 * weight_g, 2.0 * volume_cm3)[column] // 7).astype(float)

    services = [ride(1, 1, (0, 0), (1, 100)), ride(2, 2, (0, 0), (1, 90))]
    spaces = [Space(loose={(0, 1): 0}), Space(loose={(0, 1): 1})]
    table = Rates(("day", "late", "by weight", "by volume"), np.eye(4)[2:], "day", "late")
    goods = pool(*[item(weight_g=900 + nth, volume_cm3=3000 + nth, ready_min=-nth) for nth in range(9)])
    whole = np.column_stack(
        [np.ones((9, 2)), *(Tariffs().of(nth, goods.weight_g, goods.volume_cm3) for nth in (0, 1))]
    )
    asked = dataclasses.replace(goods, features=whole[:, :2], charges=Tariffs())
    listed = dataclasses.replace(goods, features=whole)
    facts = network(2, services, spaces=spaces)
    one, other = (assemble(facts, each, table, EXACT).problem for each in (asked, listed))
    assert np.array_equal(one.item_features, other.item_features)
    assert np.array_equal(one.option_rates, other.option_rates)


def test_the_more_items_there_are_the_more_of_them_share_a_class():
    steps = [Policy.for_items(items) for items in (100, 100_000, 1_000_000)]
    assert [one.ready_step_min for one in steps] == [60, 360, 720]
    assert [one.due_step_min for one in steps] == [1, 360, 1440]


def test_every_mode_is_offered_even_if_another_is_always_cheaper():
    modes = ("sea", "air", "rail", "ferry", "road")
    departures = [ride(nth, nth, (0, 0), (1, 100 - nth), mode=mode) for nth, mode in enumerate(modes)]
    departures += [ride(50 + nth, 50 + nth, (0, 0), (1, 10), mode="sea") for nth in range(9)]
    spaces = [Space(loose={(0, 1): int(one.mode != "sea")}) for one in departures]
    policy = Policy(options_per_class=6)
    assembled = assemble(
        network(2, departures, spaces=spaces), pool(item()), rates((0, 0, 0), (9, 0, 0)), policy
    )
    offered = [assembled.catalogue.modes(option)[0] for option in options_of(assembled)]
    assert sorted(offered) == ["air", "ferry", "rail", "road", "sea", "sea"]


def test_faster_and_dearer_is_kept_beside_slower_and_cheaper():
    departures = [ride(nth, nth, (0, 0), (1, 1000 - 100 * nth)) for nth in range(4)]
    spaces = [Space(loose={(0, 1): nth}) for nth in (0, 2, 1, 3)]
    table = rates((0, 0, 0), (10, 0, 0), (20, 0, 0), (30, 0, 0))
    assembled = assemble(
        network(2, departures, spaces=spaces), pool(item()), table, Policy(options_per_class=3)
    )
    kept = {assembled.catalogue.legs(option)[0].ref for option in options_of(assembled)}
    assert kept == {0, 2, 3}


def test_co2e_is_added_up_over_segments_and_links():
    sailing = ride(11, 1, (0, 0), (1, 50), (2, 100))
    sailing = type(sailing)(11, 1, "sea", sailing.calls, sailing.accepts, (10.0, 20.0))
    last = type(link(1, 2, 3))(9, "road", 2, 3, 5, sailing.accepts, 0, 1.5)
    assembled = assemble(
        network(4, [sailing], [last], spaces=[Space(loose={(0, 2): 0})]), pool(item(0, 3)), FREE
    )
    assert assembled.catalogue.option_co2e_g_per_kg.tolist() == [31.5]


def test_the_catalogue_survives_being_stored():
    facts = network(3, [SAILING], [link(8, 1, 2)])
    catalogue = assemble(facts, pool(item(0, 2), item(2, 0)), FREE, EXACT).catalogue
    read = Catalogue.from_bytes(catalogue.to_bytes())
    assert read.option_label(0) == "deliver: P0 -sea 11- P1 -road 8- P2"
    assert read.refs(["a", "b"]) == catalogue.refs(["a", "b"])
    assert read.legs(0) == catalogue.legs(0)
    assert read.none_code.tolist() == ["NO_ROUTE"]


def test_items_need_a_feature_for_every_rate():
    with pytest.raises(ValueError, match="one feature per column"):
        assemble(network(2, []), pool(item()), type(FREE)(("day",), np.zeros((1, 1)), "day", "day"))


def test_an_empty_pool_and_an_empty_network_make_an_empty_problem():
    assert assemble(network(2, []), pool(), FREE).problem.counts()["o"] == 0
    assert assemble(network(2, []), pool(item()), FREE).problem.counts()["o"] == 0


items = st.builds(
    item,
    origin=st.just(0),
    destination=st.integers(1, 2),
    ready_min=st.integers(0, 25),
    due_min=st.sampled_from([20, 60, 10**9]),
    hard=st.booleans(),
    goods=st.integers(0, 1),
    exporter=st.sampled_from([7, 8, 9]),
    weight_g=st.integers(1, 9),
)


@settings(max_examples=examples(150), deadline=None)
@given(networks(), st.lists(items, min_size=1, max_size=6), st.sampled_from([1, 10]))
def test_every_option_suits_every_item_of_its_class(facts, parcels, step):
    assembled = assemble(facts, pool(*parcels), FREE, Policy(ready_step_min=step, options_per_class=5))
    network_legs = {one.ref: one for one in facts.departures} | {one.ref: one for one in facts.links}
    for which, parcel in enumerate(parcels):
        for option in options_of(assembled, which):
            at, legs = parcel["ready_min"], assembled.catalogue.legs(option)
            assert [legs[0].origin, legs[-1].destination] == [parcel["origin"], parcel["destination"]]
            for position, leg in enumerate(legs):
                fact = network_legs[leg.ref]
                wait = facts.locations[leg.origin].min_transfer_min if position else 0
                assert facts.goods[parcel["goods"]] in fact.accepts
                assert leg.departs_min >= at + wait
                assert not leg.dated or fact.calls[leg.board].cutoff_min >= at + wait
                at = leg.arrives_min
            assert at == assembled.catalogue.option_arrives[option]
            assert at <= parcel["due_min"] or not parcel["hard"]


@settings(max_examples=examples(100), deadline=None)
@given(networks(), st.lists(items, min_size=1, max_size=6), st.data())
def test_a_load_fits_the_resources_exactly_if_it_fits_every_segment(facts, parcels, data):
    spaces = []
    for departure in facts.departures:
        segments = len(departure.calls) - 1
        free = data.draw(st.tuples(*[st.integers(0, 20)] * segments))
        spaces.append(Space(loose=every_pair(departure), free_g=tuple(map(float, free))))
    facts = type(facts)(facts.goods, facts.locations, facts.departures, tuple(spaces), facts.links)
    assembled = assemble(facts, pool(*parcels), FREE, EXACT)
    position = {one.ref: index for index, one in enumerate(facts.departures)}
    load, taken = {}, np.zeros_like(assembled.problem.resource_free)
    for which, parcel in enumerate(parcels):
        options = options_of(assembled, which)
        if not options:
            continue
        option = data.draw(st.sampled_from(options))
        for leg in assembled.catalogue.legs(option):
            for segment in range(leg.board, leg.alight) if leg.dated else ():
                key = (position[leg.ref], segment)
                load[key] = load.get(key, 0) + parcel["weight_g"]
        problem = assembled.problem
        for use in range(problem.option_ptr[option], problem.option_ptr[option + 1]):
            taken[problem.use_resource[use]] += problem.item_size[which] * problem.use_factor[use]
    fits = all(grams <= facts.spaces[index].free_g[segment] for (index, segment), grams in load.items())
    assert bool((taken <= assembled.problem.resource_free).all()) == fits


def test_with_few_chains_kept_each_mode_keeps_its_cheapest():
    departures = [ride(nth, nth, (0, 0), (1, 100), mode=("sea", "air")[nth % 2]) for nth in range(8)]
    spaces = [Space(loose={(0, 1): nth}) for nth in range(8)]
    table = rates(*[(10 + nth, 0, 0) for nth in range(8)])
    policy = Policy(rules=SearchRules(chains_of_kind=1, cores_of_kind=1))
    assembled = assemble(network(2, departures, spaces=spaces), pool(item()), table, policy)
    assert [assembled.catalogue.legs(option)[0].ref for option in options_of(assembled)] == [0, 1]


def test_what_carries_other_goods_is_not_given_up_for_what_is_cheaper():
    departures = [ride(1, 1, (0, 0), (1, 100), accepts=GENERAL), ride(2, 2, (0, 0), (1, 100))]
    spaces = [Space(loose={(0, 1): 0}), Space(loose={(0, 1): 1})]
    policy = Policy(rules=SearchRules(chains_of_kind=1, cores_of_kind=1))
    goods = pool(item(goods=1))
    assembled = assemble(network(2, departures, spaces=spaces), goods, rates((1, 0, 0), (9, 0, 0)), policy)
    assert [assembled.catalogue.legs(option)[0].ref for option in options_of(assembled)] == [2]
