"""The Brunel backtest from workbook to tables: most orders served, then the least cost at that number."""

from __future__ import annotations

import csv
import math
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from app.backtests.brunel import (
    Network,
    Offer,
    best_offers,
    blocked_reason,
    least_cost,
    legal_offers,
    most_served,
    read_network,
)
from app.backtests.running import Runner, Solved, Table, money, percent, solution_table

__all__ = ["BrunelResult", "brunel_tables", "run_brunel"]

SERVED = "SERVED"


@dataclass(frozen=True, slots=True)
class BrunelResult:
    """What came out: an offer or None and a reason for each order, in the order of the workbook."""

    network: Network
    legal_count: int
    first: Solved
    second: Solved
    taken: list[Offer | None]
    reasons: list[str]

    @property
    def served(self) -> int:
        """Orders with a warehouse."""
        return sum(offer is not None for offer in self.taken)

    @property
    def most_is_proven(self) -> bool:
        """Whether no assignment serves more: the count is whole, so a bound above the next count is enough."""
        plan = self.first.plan
        return (
            not math.isnan(plan.lower_bound) and math.ceil(plan.lower_bound - 1e-6) >= plan.objective - 1e-6
        )


def run_brunel(path: Path, runner: Runner) -> BrunelResult:
    """Read the workbook, solve both problems, write problem and plan files and `assignments.csv`.

    Raises `UnreadableFileError` for the workbook and `NoPlanError` where a plan is missing.
    """
    network = read_network(path)
    legal = [legal_offers(network, order) for order in network.orders]
    offers = [best_offers(own) for own in legal]
    most = most_served(network, offers)
    first = runner.run("brunel-most-served", "1 most orders served", most, _names(network, offers))
    unserved = int((first.plan.item_option < 0).sum())
    problem = least_cost(network, offers, unserved)
    names = _names(network, offers, left_out=True)
    second = runner.run("brunel-least-cost", "2 least cost at that number", problem, names)
    taken = _taken(second, offers)
    reasons = [
        SERVED if offer else blocked_reason(network, order)
        for order, offer in zip(network.orders, taken, strict=True)
    ]
    result = BrunelResult(network, sum(map(len, legal)), first, second, taken, reasons)
    _write_assignments(result, runner.folder / "assignments.csv")
    return result


def _names(network: Network, offers: list[list[Offer]], *, left_out: bool = False) -> dict[str, list[str]]:
    last = ["left out"] if left_out else []
    options = []
    for own in offers:
        options += [f"{offer.warehouse} {offer.port} {offer.carrier} {offer.service}" for offer in own] + last
    return {
        "item": [order.order_id for order in network.orders],
        "option": options,
        "resource": [*network.capacity_orders, *last],
        "dimension": ["orders"],
        "feature": ["cost"],
    }


def _taken(solved: Solved, offers: list[list[Offer]]) -> list[Offer | None]:
    """Return the offer behind each option taken; the last option of an order is to leave it out."""
    chosen = solved.plan.item_option - solved.problem.class_ptr[solved.problem.item_class]
    return [own[at] if at < len(own) else None for own, at in zip(offers, chosen.tolist(), strict=True)]


def _write_assignments(result: BrunelResult, path: Path) -> None:
    header = ("order_id", "status", "reason", "warehouse", "port", "carrier", "mode", "service")
    costs = ("freight_usd", "warehouse_usd", "cost_usd")
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(header + costs)
        for order, offer, reason in zip(result.network.orders, result.taken, result.reasons, strict=True):
            if offer is None:
                writer.writerow(
                    [order.order_id, "unassigned", reason, "", "", "", "", order.service, "", "", ""]
                )
                continue
            usd = [f"{value:.4f}" for value in (offer.freight_usd, offer.warehouse_usd, offer.cost_usd)]
            writer.writerow([order.order_id, "assigned", "", *offer[:5], *usd])


def brunel_tables(result: BrunelResult) -> list[Table]:
    """Return the tables to print: both problems, what is served, the reasons, the warehouses."""
    return [_optimizer(result), _outcome(result), _reasons(result), _warehouses(result)]


def _optimizer(result: BrunelResult) -> Table:
    def show(one: Solved, cost: float) -> str:
        return f"{cost:,.0f} left out" if one is result.first else f"{money(cost / 100)} USD"

    table = solution_table([result.first, result.second], show)
    note = "" if result.most_is_proven else "The number served is the best found, not proven the most."
    return Table(table.title, table.header, table.rows, note)


def _outcome(result: BrunelResult) -> Table:
    offers = [offer for offer in result.taken if offer]
    freight = sum(offer.freight_usd for offer in offers)
    warehouse = sum(offer.warehouse_usd for offer in offers)
    network = result.network
    recorded = Counter(order.warehouse for order in network.orders)
    over = sum(max(0, count - network.capacity_orders.get(name, 0)) for name, count in recorded.items())
    rows = [
        ("orders", f"{len(result.taken):,}"),
        ("legal ways to serve them (warehouse, port, carrier, rate)", f"{result.legal_count:,}"),
        ("orders served", f"{result.served:,} ({percent(result.served / len(result.taken))})"),
        ("freight", f"{money(freight)} USD"),
        ("warehouse cost", f"{money(warehouse)} USD"),
        ("total", f"{money(freight + warehouse)} USD"),
        ("as recorded: orders above the capacity of their warehouse", f"{over:,}"),
        ("warehouses named without a capacity, not used", ", ".join(network.unknown) or "none"),
    ]
    return Table("Outcome", ("what", "value"), rows)


def _reasons(result: BrunelResult) -> Table:
    counts = Counter(result.reasons)
    rows = [(reason, f"{count:,}") for reason, count in counts.most_common()]
    return Table("Orders", ("status or reason", "orders"), rows)


def _warehouses(result: BrunelResult) -> Table:
    used = Counter(offer.warehouse for offer in result.taken if offer)
    cost: Counter[str] = Counter()
    for offer in result.taken:
        if offer:
            cost[offer.warehouse] += offer.cost_usd  # type: ignore[assignment]
    rows = [
        (name, f"{used[name]:,}", f"{capacity:,}", money(cost[name]))
        for name, capacity in result.network.capacity_orders.items()
        if used[name]
    ]
    idle = [name for name in result.network.capacity_orders if not used[name]]
    note = f"No order served from {', '.join(idle)}." if idle else ""
    return Table("Warehouses", ("warehouse", "orders", "capacity", "USD"), rows, note)
