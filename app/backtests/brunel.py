"""The Brunel outbound logistics set: read, priced and mapped onto the assignment problem."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from app.backtests.problems import Choice, assemble
from app.backtests.reading import Row, UnreadableFileError, read_workbook
from routing.problem import Problem

__all__ = [
    "Network",
    "Offer",
    "Order",
    "Rate",
    "blocked_reason",
    "least_cost",
    "legal_offers",
    "most_served",
    "read_network",
]

SHEETS = {
    "OrderList": (
        "Order ID",
        "Origin Port",
        "Carrier",
        "Service Level",
        "Customer",
        "Product ID",
        "Plant Code",
        "Destination Port",
        "Unit quantity",
        "Weight",
    ),
    "FreightRates": (
        "Carrier",
        "orig_port_cd",
        "dest_port_cd",
        "minm_wgh_qty",
        "max_wgh_qty",
        "svc_cd",
        "minimum cost",
        "rate",
        "mode_dsc",
    ),
    "WhCosts": ("WH", "Cost/unit"),
    "WhCapacities": ("Plant ID", "Daily Capacity"),
    "ProductsPerPlant": ("Plant Code", "Product ID"),
    "VmiCustomers": ("Plant Code", "Customers"),
    "PlantPorts": ("Plant Code", "Port"),
}
CUSTOMER_ARRANGES = "CRF"

NO_STOCK = "NO_WAREHOUSE_STOCKS_PRODUCT"
NOT_SERVED = "CUSTOMER_NOT_SERVED"
NO_PORT = "NO_PORT"
NO_RATE = "NO_FREIGHT_RATE"
FULL = "CAPACITY_FULL"


@dataclass(frozen=True, slots=True)
class Order:
    """One order; `weight_10g` is the weight in hundredths of a kilogram, rounded up; the last three are as recorded."""

    order_id: str
    customer: str
    product: str
    service: str
    destination: str
    quantity: int
    weight_10g: int
    warehouse: str
    port: str
    carrier: str


@dataclass(frozen=True, slots=True)
class Rate:
    """One row of freight rates: a band of weight (hundredths of kg, both ends in), US dollars and dollars per kg."""

    carrier: str
    mode: str
    low_10g: int
    high_10g: int
    minimum_usd: float
    usd_per_kg: float

    def freight_usd(self, weight_10g: int) -> float:
        """Return the freight for a weight of the band."""
        return max(self.minimum_usd, self.usd_per_kg * weight_10g / 100)


@dataclass(frozen=True, slots=True)
class Network:
    """The workbook's seven sheets, indexed; warehouses in the order of their capacities.

    `unknown` names the warehouses of other sheets that have no capacity: they can serve nothing.
    """

    orders: list[Order]
    rates: dict[tuple[str, str, str], list[Rate]]
    cost_per_unit_usd: dict[str, float]
    capacity_orders: dict[str, int]
    stocked_at: dict[str, set[str]]
    customers: dict[str, set[str]]
    ports: dict[str, list[str]]
    unknown: list[str]


class Offer(NamedTuple):
    """A legal way to serve an order: warehouse, port, carrier and service, and its two costs in US dollars."""

    warehouse: str
    port: str
    carrier: str
    mode: str
    service: str
    freight_usd: float
    warehouse_usd: float

    @property
    def cost_usd(self) -> float:
        """Freight and warehouse cost together."""
        return self.freight_usd + self.warehouse_usd


def round_up_10g(weight_kg: float) -> int:
    """Return a weight in hundredths of a kilogram, rounded up.

    Looking at 6 more decimals only: 7.800000000000001 in a workbook is 7.80, not 7.81.
    """
    return math.ceil(round(weight_kg * 100, 6))


def read_network(path: Path) -> Network:
    """Read and cross-check the workbook; raise `UnreadableFileError` for the first thing that does not fit."""
    sheets = read_workbook(path, SHEETS)
    capacity = {row.text("Plant ID"): row.whole("Daily Capacity") for row in sheets["WhCapacities"]}
    stocked_at = _sets(sheets["ProductsPerPlant"], "Product ID", "Plant Code")
    customers = _sets(sheets["VmiCustomers"], "Plant Code", "Customers")
    ports = _sets(sheets["PlantPorts"], "Plant Code", "Port")
    named = set(customers).union(ports, *stocked_at.values())
    network = Network(
        orders=[_order(row) for row in sheets["OrderList"]],
        rates=_rates(sheets["FreightRates"]),
        cost_per_unit_usd={row.text("WH"): row.number("Cost/unit") for row in sheets["WhCosts"]},
        capacity_orders=capacity,
        stocked_at={product: plants & set(capacity) for product, plants in stocked_at.items()},
        customers=customers,
        ports={warehouse: sorted(own) for warehouse, own in ports.items()},
        unknown=sorted(named - set(capacity)),
    )
    _check(network, path.name)
    return network


def _order(row: Row) -> Order:
    return Order(
        order_id=row.text("Order ID"),
        customer=row.text("Customer"),
        product=row.text("Product ID"),
        service=row.text("Service Level"),
        destination=row.text("Destination Port"),
        quantity=row.whole("Unit quantity"),
        weight_10g=round_up_10g(row.number("Weight")),
        warehouse=row.text("Plant Code"),
        port=row.text("Origin Port"),
        carrier=row.text("Carrier"),
    )


def _rates(rows: list[Row]) -> dict[tuple[str, str, str], list[Rate]]:
    rates: dict[tuple[str, str, str], list[Rate]] = defaultdict(list)
    for row in rows:
        key = (row.text("orig_port_cd"), row.text("dest_port_cd"), row.text("svc_cd"))
        rate = Rate(
            carrier=row.text("Carrier"),
            mode=row.text("mode_dsc"),
            low_10g=round(row.number("minm_wgh_qty") * 100),
            high_10g=round(row.number("max_wgh_qty") * 100),
            minimum_usd=row.number("minimum cost"),
            usd_per_kg=row.number("rate"),
        )
        rates[key].append(rate)
    return dict(rates)


def _sets(rows: list[Row], key: str, value: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        found[row.text(key)].add(row.text(value))
    return dict(found)


def _check(network: Network, name: str) -> None:
    seen: set[str] = set()
    for order in network.orders:
        if order.order_id in seen:
            raise UnreadableFileError(f"{name}, sheet 'OrderList': order {order.order_id} stands there twice")
        seen.add(order.order_id)
    for warehouse in network.capacity_orders:
        if warehouse not in network.cost_per_unit_usd:
            raise UnreadableFileError(f"{name}, sheet 'WhCosts': {warehouse} of WhCapacities has no row")


def _serving(network: Network, order: Order) -> list[str]:
    """Warehouses that stock the product, have no list of customers or name this one."""
    stocking = network.stocked_at.get(order.product, set())
    return sorted(
        warehouse
        for warehouse in stocking
        if warehouse not in network.customers or order.customer in network.customers[warehouse]
    )


def _rates_for(network: Network, order: Order, port: str) -> list[Rate]:
    if order.service == CUSTOMER_ARRANGES:
        return [Rate("customer", "customer", order.weight_10g, order.weight_10g, 0.0, 0.0)]
    rows = network.rates.get((port, order.destination, order.service), [])
    return [rate for rate in rows if rate.low_10g <= order.weight_10g <= rate.high_10g]


def legal_offers(network: Network, order: Order) -> list[Offer]:
    """Return every legal way to serve an order, by warehouse and then by cost, ties in the file's order."""
    offers = [
        Offer(
            warehouse=warehouse,
            port=port,
            carrier=rate.carrier,
            mode=rate.mode,
            service=order.service,
            freight_usd=rate.freight_usd(order.weight_10g),
            warehouse_usd=network.cost_per_unit_usd[warehouse] * order.quantity,
        )
        for warehouse in _serving(network, order)
        for port in network.ports.get(warehouse, [])
        for rate in _rates_for(network, order, port)
    ]
    return sorted(offers, key=lambda offer: (offer.warehouse, offer.cost_usd))


def best_offers(offers: list[Offer]) -> list[Offer]:
    """Return the cheapest offer of each warehouse, given `legal_offers`.

    Offers of one warehouse use the same place of the same capacity and differ in cost alone, so some best
    plan takes none but the cheapest.
    """
    first: dict[str, Offer] = {}
    for offer in offers:
        first.setdefault(offer.warehouse, offer)
    return list(first.values())


def blocked_reason(network: Network, order: Order) -> str:
    """Return why an order has no legal offer, the first rule that leaves nothing; `CAPACITY_FULL` if it has one."""
    if not network.stocked_at.get(order.product):
        return NO_STOCK
    serving = _serving(network, order)
    if not serving:
        return NOT_SERVED
    ports = [port for warehouse in serving for port in network.ports.get(warehouse, [])]
    if not ports:
        return NO_PORT
    return FULL if any(_rates_for(network, order, port) for port in ports) else NO_RATE


def most_served(network: Network, offers: list[list[Offer]]) -> Problem:
    """Return the problem whose cost is the number of orders left out: options cost 0, leaving out costs 1.

    `offers` [orders][·], at most one per warehouse; the options stand in their order.
    """
    at = {warehouse: index for index, warehouse in enumerate(network.capacity_orders)}
    choices = [[Choice(0.0, at[offer.warehouse]) for offer in own] for own in offers]
    free = list(network.capacity_orders.values())
    return assemble(choices, size=[1.0] * len(offers), drop_cost_cents=1.0, free=free)


def least_cost(network: Network, offers: list[list[Offer]], unserved: int) -> Problem:
    """Return the problem of the least cost (cents) with at most `unserved` orders left out.

    Leaving out is an option of its own, the last of each order: it costs nothing and takes one of
    `unserved` places of one more resource, while the drop cost is infinite. So the legal plans are
    exactly the assignments that serve at least so many orders.
    """
    at = {warehouse: index for index, warehouse in enumerate(network.capacity_orders)}
    left_out = Choice(0.0, len(at))
    choices = [
        [Choice(100 * offer.cost_usd, at[offer.warehouse]) for offer in own] + [left_out] for own in offers
    ]
    free = [*network.capacity_orders.values(), unserved]
    return assemble(choices, size=[1.0] * len(offers), drop_cost_cents=math.inf, free=free)
