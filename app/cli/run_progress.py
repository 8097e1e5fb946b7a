"""Follow a run in the terminal: a bar while it computes, plain lines where there is no terminal."""

import time
from collections.abc import Callable

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy import select

from app.db import Database
from app.models import OptimizationRun

POLL_S = 0.5
OVER = ("completed", "failed", "cancelled")


def follow(database: Database, public_id: str, console: Console, watch: Callable[[], None]) -> str:
    """Show phase, incumbent, bound and gap until the run is over; returns how it ended.

    `watch` is called at each look and raises if nobody is left who could do the run.
    """
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        run = _read(database, public_id)
        task = progress.add_task("waiting for a worker", total=run.time_limit_s)
        shown, started = "", time.monotonic()
        while run.status not in OVER:
            line = describe(run)
            progress.update(
                task, description=line, completed=min(time.monotonic() - started, run.time_limit_s)
            )
            if line != shown and not console.is_terminal:
                console.print(line)
            shown = line
            watch()
            time.sleep(POLL_S)
            run = _read(database, public_id)
    if run.status == "failed":
        console.print(f"failed: {run.failure_code}: {run.failure_detail}")
    return run.status


def describe(run: OptimizationRun) -> str:
    """One line of progress."""
    parts = [run.phase]
    if run.incumbent is not None:
        parts.append(f"plan {run.incumbent / 100:,.0f}")
    if run.bound is not None:
        parts.append(f"bound {run.bound / 100:,.0f}")
    if run.gap is not None:
        parts.append(f"gap {run.gap:.2%}")
    return " · ".join(parts)


def _read(database: Database, public_id: str) -> OptimizationRun:
    with database.reading() as session:
        return session.scalars(select(OptimizationRun).where(OptimizationRun.public_id == public_id)).one()
