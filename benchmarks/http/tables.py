"""What was measured on one database, as a table for people."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.circumstances import Circumstances
from benchmarks.http.measuring import Extent
from benchmarks.tasks import Figure, Figures, Line

COLUMNS = {
    "requests": "requests",
    "b_p50_ms": "B p50 ms",
    "b_p99_ms": "B p99 ms",
    "p50_ms": "p50 ms",
    "p99_ms": "p99 ms",
    "ratio_p50": "p50 / B",
    "ratio_p99": "p99 / B",
    "goal": "goal",
    "met": "met",
    "growth": "to fewer",
    "growth_met": "at most 1.3",
}


def print_lines(
    console: Console, kind: str, extent: Extent, lines: Sequence[Line], at: Circumstances
) -> None:
    """One row for each endpoint and number of bookings; what is no ratio stands below, as do the sums."""
    size = f"{extent.size.departures:,} departures, {extent.size.tariffs:,} tariffs"
    console.print(f"\nHTTP on {kind}: {size}\n{at}", highlight=False)
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("request")
    for heading in COLUMNS.values():
        table.add_column(heading, justify="right", no_wrap=True)
    for line in lines:
        if "ratio_p50" in line.figures:
            table.add_row(line.name.partition(": ")[2], *(_shown(line.figures.get(key)) for key in COLUMNS))
    console.print(table)
    for line in lines:
        if "ratio_p50" not in line.figures:
            figures = ", ".join(
                f"{key} {_shown(value)}" for key, value in line.figures.items() if key != "limit_s"
            )
            console.print(f"  {line.name.partition(': ')[2]}: {figures}", highlight=False)
    for name, value in sums(lines).items():
        console.print(f"  {name}: {value}", highlight=False)


def _shown(value: Figure) -> str:
    return "" if value is None else f"{value:,}" if isinstance(value, int) else str(value)


def sums(lines: Sequence[Line]) -> Figures:
    """How many goals are met."""
    judged = [line.figures["met"] for line in lines if "met" in line.figures]
    grown = [line.figures["growth_met"] for line in lines if "growth_met" in line.figures]
    return {
        "goals met": f"{judged.count('yes')} of {len(judged)}",
        "at ten times the bookings at most 1.3 times itself": f"{grown.count('yes')} of {len(grown)}",
    }
