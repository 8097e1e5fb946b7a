"""`python -m benchmarks`: measure, print tables, keep the lines."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console

from benchmarks.circumstances import circumstances
from benchmarks.instances import MissingDataError, UnreadableInstanceError
from benchmarks.parts import PARTS
from benchmarks.reporting import WIDTH, append, kept_lines, print_part
from benchmarks.tasks import DATA, Line, Settings

RESULTS = Path("var/benchmarks.jsonl")


@click.command()
@click.option("--part", "names", multiple=True, type=click.Choice(list(PARTS)), help="Only this; repeatable.")
@click.option("--quick", is_flag=True, help="A small set that takes less than ten minutes.")
@click.option("--time-limit", type=click.FloatRange(0, min_open=True), help="Seconds for each problem.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default=RESULTS,
    show_default=True,
    help="Append each line to this file, as JSON, and take from it what the same commit has measured.",
)
@click.option("--again", is_flag=True, help="Measure also what stands in the file.")
@click.option(
    "--data", default=DATA, type=click.Path(path_type=Path), help="Folder of the published instances."
)
def main(
    names: tuple[str, ...], quick: bool, time_limit: float | None, output: Path, again: bool, data: Path
) -> None:
    """Measure speed and quality of the optimizer; exit 1 where data is missing or a plan or bound is wrong."""
    settings = Settings(data, quick, time_limit)
    good = [run_part(name, settings, output, again=again) for name in names or PARTS]
    sys.exit(0 if all(good) else 1)


def run_part(name: str, settings: Settings, output: Path, *, again: bool = False) -> bool:
    """Measure what is not yet measured of one part; whether it could be measured and nothing was wrong."""
    part = PARTS[name]
    lines: list[Line] = []
    try:
        for task in part.tasks(settings):
            at = circumstances(datetime.now(UTC))
            line = None if again else kept_lines(output, at.commit).get((name, task.name, task.limit_s))
            if line is None:
                line = task.measure()
                append(output, name, line, at)
            lines.append(line)
            click.echo(f"{name} {line.name}: {line.figures['status']}", err=True)
    except (MissingDataError, UnreadableInstanceError) as error:
        click.echo(f"{name}: {error}", err=True)
        return False
    at = circumstances(datetime.now(UTC))
    print_part(Console(width=WIDTH), part, lines, at)
    append(output, name, Line("summary", part.summarise(lines)), at)
    return not any(line.wrong for line in lines)


if __name__ == "__main__":
    main()
