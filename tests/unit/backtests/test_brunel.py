"""The rules of the Brunel set, on a network small enough to check by hand."""

import math
from collections import Counter

import pytest
from ortools.graph.python import max_flow, min_cost_flow

from app.backtests.brunel import (
    best_offers,
    blocked_reason,
    least_cost,
    legal_offers,
    most_served,
    read_network,
    round_up_10g,
)
from app.backtests.reading import UnreadableFileError


@pytest.fixture
def network(workbook):
    return read_network(workbook())


def offers_of(network, order_id):
    order = next(order for order in network.orders if order.order_id == order_id)
    return legal_offers(network, order)


@pytest.mark.parametrize(
    ("weight_kg", "weight_10g"), [(0.0, 0), (14.3, 1430), (7.800000000000001, 780), (0.0026, 1), (2.001, 201)]
)
def test_a_weight_is_rounded_up_to_ten_grams_but_not_for_the_noise_of_a_float(weight_kg, weight_10g):
    assert round_up_10g(weight_kg) == weight_10g


def test_freight_is_the_minimum_or_the_rate_times_the_rounded_weight(network):
    by_carrier = {offer.carrier: offer for offer in offers_of(network, "1.7")}
    assert by_carrier["R1"].freight_usd == 3.0
    assert by_carrier["R2"].freight_usd == pytest.approx(4.02)
    assert by_carrier["R3"].freight_usd == 0.5


def test_warehouse_cost_is_cost_per_unit_times_quantity(network):
    assert {offer.warehouse: offer.warehouse_usd for offer in offers_of(network, "1.7")} == {
        "W1": 5,
        "W2": 20,
    }


def test_a_warehouse_with_a_list_of_customers_serves_no_other(network):
    assert {offer.warehouse for offer in offers_of(network, "2.7")} == {"W1"}


def test_where_the_customer_arranges_the_freight_it_costs_nothing_from_any_port(network):
    assert [(offer.port, offer.freight_usd) for offer in offers_of(network, "3.7")] == [
        ("P1", 0.0),
        ("P2", 0.0),
    ]


def test_the_cheapest_offer_of_each_warehouse_is_kept(network):
    assert [(offer.warehouse, offer.carrier) for offer in best_offers(offers_of(network, "1.7"))] == [
        ("W1", "R1"),
        ("W2", "R3"),
    ]


@pytest.mark.parametrize(
    ("order_id", "reason"),
    [
        ("4.7", "NO_WAREHOUSE_STOCKS_PRODUCT"),
        ("5.7", "CUSTOMER_NOT_SERVED"),
        ("6.7", "NO_FREIGHT_RATE"),
        ("1.7", "CAPACITY_FULL"),
    ],
)
def test_an_order_left_out_has_its_reason(network, order_id, reason):
    order = next(order for order in network.orders if order.order_id == order_id)
    assert blocked_reason(network, order) == reason


def test_a_warehouse_without_a_port_is_a_reason_of_its_own(workbook):
    network = read_network(workbook(PlantPorts=[["W2", "P2"]]))
    assert blocked_reason(network, network.orders[1]) == "NO_PORT"


def test_a_warehouse_without_a_capacity_is_named_and_serves_nothing(network):
    assert network.unknown == ["GONE"]
    assert offers_of(network, "4.7") == []


def test_the_first_problem_counts_the_orders_left_out(network):
    offers = [best_offers(legal_offers(network, order)) for order in network.orders]
    problem = most_served(network, offers)
    assert problem.item_drop_cost.tolist() == [1.0] * 6
    assert not problem.option_rates.any()
    assert problem.resource_free.ravel().tolist() == [1.0, 2.0]


def test_the_second_problem_lets_no_more_orders_be_left_out_than_the_first_must(network):
    offers = [best_offers(legal_offers(network, order)) for order in network.orders]
    problem = least_cost(network, offers, unserved=4)
    assert math.isinf(problem.item_drop_cost.min())
    assert problem.resource_free.ravel().tolist() == [1.0, 2.0, 4.0]
    last = problem.class_ptr[1:] - 1
    assert (problem.use_resource[last] == 2).all()
    assert not problem.option_rates[last].any()
    assert problem.option_rates[:2].ravel().tolist() == pytest.approx([800.0, 2050.0])


def test_an_order_that_stands_there_twice_is_refused(workbook):
    row = ["7", "P1", "X", "CRF", "C1", 11, "W1", "PX", 1, 1.0]
    with pytest.raises(UnreadableFileError, match="order 7 stands there twice"):
        read_network(workbook(OrderList=[row, row]))


def test_a_warehouse_without_a_cost_is_refused(workbook):
    with pytest.raises(UnreadableFileError, match="W2 of WhCapacities has no row"):
        read_network(workbook(WhCosts=[["W1", 1.0]]))


def test_the_public_workbook_maps_to_the_counts_of_its_description(brunel_workbook):
    network = read_network(brunel_workbook)
    offers = [best_offers(legal_offers(network, order)) for order in network.orders]
    assert len(network.orders) == 9215
    assert sum(network.capacity_orders.values()) == 5791
    assert network.unknown == ["CND9"]
    assert Counter(map(len, offers)) == {1: 7562, 2: 1587, 3: 66}
    assert max_flow_of(network, offers) == 2444


def max_flow_of(network, offers):
    """How many orders a maximum flow serves: another method, for another word on the optimum."""
    flow, at = max_flow.SimpleMaxFlow(), warehouse_nodes(network, offers)
    for index, own in enumerate(offers):
        flow.add_arc_with_capacity(0, 1 + index, 1)
        for offer in own:
            flow.add_arc_with_capacity(1 + index, at[offer.warehouse], 1)
    sink = max(at.values()) + 1
    for warehouse, capacity in network.capacity_orders.items():
        flow.add_arc_with_capacity(at[warehouse], sink, capacity)
    assert flow.solve(0, sink) == flow.OPTIMAL
    return flow.optimal_flow()


def warehouse_nodes(network, offers):
    return {name: 1 + len(offers) + index for index, name in enumerate(network.capacity_orders)}


def least_cost_flow_of(network, offers, served):
    """The least cost of serving so many, in ten-thousandths of a dollar, by minimum cost flow."""
    flow, at = min_cost_flow.SimpleMinCostFlow(), warehouse_nodes(network, offers)
    for index, own in enumerate(offers):
        flow.add_arc_with_capacity_and_unit_cost(0, 1 + index, 1, 0)
        for offer in own:
            flow.add_arc_with_capacity_and_unit_cost(
                1 + index, at[offer.warehouse], 1, round(10_000 * offer.cost_usd)
            )
    sink = max(at.values()) + 1
    for warehouse, capacity in network.capacity_orders.items():
        flow.add_arc_with_capacity_and_unit_cost(at[warehouse], sink, capacity, 0)
    flow.set_node_supply(0, served)
    flow.set_node_supply(sink, -served)
    assert flow.solve() == flow.OPTIMAL
    return flow.optimal_cost()


def test_the_public_orders_cost_what_a_minimum_cost_flow_says(brunel_workbook):
    network = read_network(brunel_workbook)
    offers = [best_offers(legal_offers(network, order)) for order in network.orders]
    assert least_cost_flow_of(network, offers, 2444) / 10_000 == pytest.approx(1_245_719.13, abs=0.5)
