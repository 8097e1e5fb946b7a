"""`python -m benchmarks`: measure, print tables, keep the lines."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console

from benchmarks.circumstances import circumstances
from benchmarks.instances import MissingDataError, UnreadableInstanceError
from benchmarks.parts import DATA, PARTS, Line, Settings
from benchmarks.reporting import WIDTH, append, print_part


@click.command()
@click.option("--part", "names", multiple=True, type=click.Choice(list(PARTS)), help="Only this; repeatable.")
@click.option("--quick", is_flag=True, help="A small set that takes about three minutes.")
@click.option("--time-limit", type=click.FloatRange(0, min_open=True), help="Seconds for each problem.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Append each line to this file, as JSON."
)
@click.option(
    "--data", default=DATA, type=click.Path(path_type=Path), help="Folder of the published instances."
)
def main(
    names: tuple[str, ...], quick: bool, time_limit: float | None, output: Path | None, data: Path
) -> None:
    """Measure speed and quality of the optimizer; exit 1 where data is missing or a plan or bound is wrong."""
    settings = Settings(data, quick, time_limit)
    good = [run_part(name, settings, output) for name in names or PARTS]
    sys.exit(0 if all(good) else 1)


def run_part(name: str, settings: Settings, output: Path | None) -> bool:
    """Measure one part; whether it could be measured and nothing was wrong."""
    at = circumstances(datetime.now(UTC))
    part = PARTS[name]
    lines: list[Line] = []
    try:
        for line in part.measure(settings):
            lines.append(line)
            click.echo(f"{name} {line.name}: {line.figures['status']}", err=True)
            if output is not None:
                append(output, name, line, at)
    except (MissingDataError, UnreadableInstanceError) as error:
        click.echo(f"{name}: {error}", err=True)
        return False
    print_part(Console(width=WIDTH), part, lines, at)
    if output is not None:
        append(output, name, Line("summary", part.summarise(lines)), at)
    return not any(line.wrong for line in lines)


if __name__ == "__main__":
    main()
