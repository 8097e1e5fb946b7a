"""`fourport backtest`: the optimizer on public real data sets, without a database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from app.backtests.running import Runner, Table
    from routing.limits import Progress

__all__ = ["backtest"]

TABLE_WIDTH = 120


@click.group()
def backtest() -> None:
    """Run the optimizer on public real data sets; problem and plan files go to DIR."""


def _common(default_folder: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the arguments every backtest has."""

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        file = click.argument("file", type=click.Path(path_type=Path))
        output = click.option(
            "-o",
            "--output",
            "folder",
            metavar="DIR",
            type=click.Path(path_type=Path),
            default=Path(default_folder),
            show_default=True,
            help="Where problem, plan and CSV files go.",
        )
        limit = click.option(
            "--time-limit",
            metavar="S",
            type=click.FloatRange(min=0, min_open=True),
            default=120.0,
            show_default=True,
            help="Seconds for each problem.",
        )
        return file(output(limit(command)))

    return decorate


@backtest.command()
@_common("var/backtest-brunel")
def brunel(file: Path, folder: Path, time_limit: float) -> None:
    """Assign the 9,215 orders of the Brunel outbound logistics set (FILE is the XLSX workbook)."""
    from app.backtests.brunel_run import brunel_tables, run_brunel

    with _running(folder, time_limit) as runner:
        tables = brunel_tables(run_brunel(file, runner))
    _print(tables, folder)


@backtest.command()
@_common("var/backtest-scms")
@click.option(
    "--late-day-percent",
    metavar="P",
    type=click.FloatRange(min=0, max=100),
    default=0.6,
    show_default=True,
    help="What one late day costs, per cent of the value of the goods.",
)
def scms(file: Path, folder: Path, time_limit: float, late_day_percent: float) -> None:
    """Choose modes for the later half of the SCMS delivery history (FILE is CSV, plain or gzipped)."""
    from app.backtests.scms_run import run_scms, scms_tables

    with _running(folder, time_limit) as runner:
        tables = scms_tables(run_scms(file, runner, late_day_share=late_day_percent / 100))
    _print(tables, folder)


@contextmanager
def _running(folder: Path, time_limit: float) -> Iterator[Runner]:
    """Give a runner that shows its phase where someone watches; turn what went wrong into an exit code."""
    from rich.console import Console

    from app.backtests.running import NoPlanError, Runner
    from routing.limits import Limits
    from routing.problem import ProblemError

    with Console(stderr=True).status("reading") as status:

        def show(progress: Progress) -> None:
            gap = "" if progress.gap is None else f", gap {100 * progress.gap:.3f} %"
            status.update(f"{progress.phase}{gap}")

        try:
            yield Runner(folder, Limits(time_limit_s=time_limit), show)
        except NoPlanError as error:
            click.echo(f"fourport: {error.detail}", err=True)
            click.get_current_context().exit(1)
        except ProblemError as error:
            raise click.ClickException(str(error)) from error


def _print(tables: list[Table], folder: Path) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table as RichTable

    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=TABLE_WIDTH)
    for table in tables:
        drawn = RichTable(title=table.title, title_justify="left", box=box.SIMPLE_HEAD)
        for index, name in enumerate(table.header):
            drawn.add_column(name, **_column(table, index))
        for row in table.rows:
            drawn.add_row(*row)
        console.print(drawn, markup=False)
        if table.note:
            console.print(f"  {table.note}\n", markup=False)
    console.print(f"Files: {folder}", markup=False)


def _column(table: Table, index: int) -> dict[str, Any]:
    """Numbers stand right, words left."""
    numeric = index > 0 and all(row[index][:1] in "0123456789-+" for row in table.rows)
    return {"justify": "right" if numeric else "left", "no_wrap": index == 0}
