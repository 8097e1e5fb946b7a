"""`python -m benchmarks.warehouse`: measure a ledger of a million moves beside the yardstick, and print tables."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click
from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.circumstances import circumstances
from benchmarks.http.servers import DATABASES
from benchmarks.reporting import WIDTH, append
from benchmarks.tasks import Figure, Line
from benchmarks.warehouse import world
from benchmarks.warehouse.measuring import Extent, measure

RESULTS = Path("var/benchmarks-warehouse.jsonl")
FULL = Extent(world.FULL, seconds=8, least=60, warm_up=10)
QUICK = Extent(world.SMALL, seconds=1, least=20, warm_up=3)
COLUMNS = {
    "requests": "times", "b_p50_ms": "B p50 ms", "p50_ms": "p50 ms", "p99_ms": "p99 ms", "ratio_p50": "p50 / B",
    "ratio_p99": "p99 / B", "growth": "to a tenth", "growth_met": "at most 1.3",
}  # fmt: skip


@click.command()
@click.option(
    "--database", "kinds", multiple=True, type=click.Choice(DATABASES), help="Only this; repeatable."
)
@click.option("--quick", is_flag=True, help="A tenth of the moves, and a second for each line.")
@click.option("--seconds", type=click.FloatRange(0, min_open=True), help="For each line.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default=RESULTS,
    show_default=True,
    help="Append each line to this file, as JSON.",
)
def main(kinds: tuple[str, ...], quick: bool, seconds: float | None, output: Path) -> None:
    """Measure warehouses as they are run; exit 1 where stock does not add up afterwards."""
    extent = QUICK if quick else FULL
    if seconds is not None:
        extent = Extent(extent.size, seconds, extent.least, extent.warm_up)
    lines = [line for kind in kinds or DATABASES for line in run(kind, extent, output)]
    sys.exit(1 if any(line.wrong for line in lines) else 0)


def run(kind: str, extent: Extent, output: Path) -> list[Line]:
    """Measure one database, keep each line, and print its table."""
    lines = []
    for line in measure(kind, extent):
        append(output, f"warehouse {extent.size.moves[1]}", line, circumstances(datetime.now(UTC)))
        shown = ", ".join(f"{key} {_shown(value)}" for key, value in line.figures.items() if key != "limit_s")
        click.echo(f"{line.name}: {shown}", err=True)
        lines.append(line)
    _print(Console(width=WIDTH), kind, lines)
    return lines


def _print(console: Console, kind: str, lines: list[Line]) -> None:
    """What has a ratio as a table, what has none below, and at the end how many goals are met."""
    console.print(f"\nWarehouse on {kind}\n{circumstances(datetime.now(UTC))}", highlight=False)
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("what")
    for heading in COLUMNS.values():
        table.add_column(heading, justify="right", no_wrap=True)
    for line in lines:
        if "ratio_p50" in line.figures:
            table.add_row(line.name.partition(": ")[2], *(_shown(line.figures.get(key)) for key in COLUMNS))
    console.print(table)
    for line in lines:
        if "ratio_p50" not in line.figures:
            figures = ", ".join(f"{key} {_shown(value)}" for key, value in line.figures.items())
            console.print(f"  {line.name.partition(': ')[2]}: {figures}", highlight=False)
    judged = [line.figures[key] for line in lines for key in ("met", "growth_met") if key in line.figures]
    console.print(f"  goals met: {judged.count('yes')} of {len(judged)}", highlight=False)


def _shown(value: Figure) -> str:
    return "" if value is None else f"{value:,}" if isinstance(value, int) else str(value)


if __name__ == "__main__":
    main()
