"""`python -m benchmarks.http`: measure answers against the yardstick, print tables, keep the lines."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console

from benchmarks.circumstances import circumstances
from benchmarks.http import world
from benchmarks.http.measuring import Extent, measure
from benchmarks.http.servers import DATABASES
from benchmarks.http.tables import print_lines
from benchmarks.reporting import WIDTH, append, kept_lines
from benchmarks.tasks import Line

RESULTS = Path("var/benchmarks-http.jsonl")
FULL = Extent(world.FULL, (1_000, 10_000), seconds=20, least=100, warm_up=20)
QUICK = Extent(world.SMALL, (100, 1_000), seconds=1, least=20, warm_up=5)


@click.command()
@click.option(
    "--database", "kinds", multiple=True, type=click.Choice(DATABASES), help="Only this; repeatable."
)
@click.option(
    "--quick", is_flag=True, help="A small world and a second for each line: less than two minutes."
)
@click.option("--seconds", type=click.FloatRange(0, min_open=True), help="For each line.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default=RESULTS,
    show_default=True,
    help="Append each line to this file, as JSON, and take from it what the same commit has measured.",
)
@click.option("--only", multiple=True, help="Only endpoints whose names begin so, as `page`; repeatable.")
@click.option("--again", is_flag=True, help="Measure also what stands in the file.")
def main(
    kinds: tuple[str, ...],
    quick: bool,
    seconds: float | None,
    output: Path,
    only: tuple[str, ...],
    again: bool,
) -> None:
    """Measure the API as it is deployed; exit 1 where a request was lost or space does not add up."""
    extent = replace(QUICK if quick else FULL, only=only)
    if seconds is not None:
        extent = replace(extent, seconds=seconds)
    lines = [line for kind in kinds or DATABASES for line in run(kind, extent, output, again=again)]
    sys.exit(1 if any(line.wrong for line in lines) else 0)


def run(kind: str, extent: Extent, output: Path, *, again: bool = False) -> list[Line]:
    """Measure what is not yet measured on one database, and print its table."""
    lines = list(_lines(kind, extent, output, again=again))
    print_lines(Console(width=WIDTH), kind, extent, lines, circumstances(datetime.now(UTC)))
    return lines


def _lines(kind: str, extent: Extent, output: Path, *, again: bool) -> Iterator[Line]:
    part = f"http {extent.size.departures}"

    def known(name: str, seconds: float) -> Line | None:
        kept = {} if again else kept_lines(output, circumstances(datetime.now(UTC)).commit)
        return kept.get((part, name, seconds))

    def keep(name: str, seconds: float, taken: Callable[[], Line]) -> Line:
        line = known(name, seconds)
        if line is None:
            at = circumstances(datetime.now(UTC))
            line = taken()
            append(output, part, line, at)
        click.echo(f"{name}: {line.figures.get('ratio_p50', '')}", err=True)
        return line

    yield from measure(kind, extent, keep)


if __name__ == "__main__":
    main()
