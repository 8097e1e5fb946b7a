"""A plan in one screen of the terminal."""

from typing import Any

from rich.console import Console
from rich.table import Table
from sqlalchemy import select

from app.db import Database
from app.models import OptimizationRun, Plan


def print_summary(database: Database, run_id: str, console: Console) -> None:
    """Cost, on-time share, proven bound and gap, what goes by which mode, and why the rest stays."""
    with database.reading() as session:
        query = select(Plan).join(OptimizationRun).where(OptimizationRun.public_id == run_id)
        plan = session.scalars(query).one()
    console.print(_figures(plan))
    console.print(_by_mode(plan.summary, plan.currency))
    for code, count in sorted(plan.summary["reasons"].items(), key=lambda pair: -pair[1]):
        console.print(f"unassigned {code}: {count}")


def _figures(plan: Plan) -> Table:
    table = Table(title=f"Plan {plan.public_id}", show_header=False)
    bound = "none proven" if plan.lower_bound is None else f"{_money(plan.lower_bound)} {plan.currency}"
    gap = "unknown" if plan.gap is None else f"{plan.gap:.2%}"
    share = plan.on_time / plan.assigned if plan.assigned else 0.0
    for name, value in (
        ("status", plan.status),
        ("parcels and returns", f"{plan.items:,}"),
        ("assigned", f"{plan.assigned:,}"),
        ("on time", f"{plan.on_time:,} ({share:.1%} of the assigned)"),
        ("cost", f"{_money(plan.objective)} {plan.currency}"),
        ("proven lower bound", f"{bound} ({plan.bound_source})"),
        ("gap", gap),
        ("seconds", f"{plan.seconds:.1f}"),
        ("problem", plan.problem_digest),
    ):
        table.add_row(name, value)
    return table


def _by_mode(summary: dict[str, Any], currency: str) -> Table:
    table = Table(title="By main mode: what the network offered and what the plan uses")
    for name in ("mode", "departures offered", "departures used", "parcels", "kg", f"fixed cost {currency}"):
        table.add_column(name, justify="left" if name == "mode" else "right")
    for mode, row in summary["modes"].items():
        table.add_row(
            mode,
            f"{row['offered']:,}",
            f"{row['used']:,}",
            f"{row['parcels']:,}",
            f"{row['weight_g'] / 1000:,.0f}",
            _money(row["fixed_cost_minor"]),
        )
    return table


def _money(minor: float) -> str:
    return f"{minor / 100:,.2f}"
