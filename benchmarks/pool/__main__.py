"""`python -m benchmarks.pool`: what the first and the last page of the pool cost, and print tables."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import click
from rich import box
from rich.console import Console
from rich.table import Table
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Parcel
from app.queries.paging import encode
from app.queries.parcels import SORTS, ParcelFilter, count_matching, list_parcels
from benchmarks.circumstances import circumstances
from benchmarks.http.servers import DATABASES, installation
from benchmarks.pool.world import furnish
from benchmarks.reporting import WIDTH, append
from benchmarks.tasks import Line

RESULTS = Path("var/benchmarks-pool.jsonl")
FULL, QUICK = 1_000_000, 50_000
ROWS = 50
DEEP = 5_000
"""The page that is compared with the first; in a small pool the last whole one."""
TIMES = 40
WAITING = ParcelFilter(status="pending")


@click.command()
@click.option(
    "--database", "kinds", multiple=True, type=click.Choice(DATABASES), help="Only this; repeatable."
)
@click.option("--quick", is_flag=True, help="A twentieth of the parcels.")
@click.option("--parcels", type=click.IntRange(1_000), help="So many.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default=RESULTS,
    show_default=True,
    help="Append each line to this file, as JSON.",
)
def main(kinds: tuple[str, ...], quick: bool, parcels: int | None, output: Path) -> None:
    """Measure the pages of the pool in the process, from the query to the rows."""
    for kind in kinds or DATABASES:
        run(kind, parcels or (QUICK if quick else FULL), output)


def run(kind: str, parcels: int, output: Path) -> list[Line]:
    """Measure one database, keep each line, and print its table."""
    at = circumstances(datetime.now(UTC))
    lines = []
    with installation(kind) as house:
        with house.database.transaction() as session:
            furnish(session, parcels)
        with house.database.reading() as session:
            for line in measure(session, kind, parcels):
                append(output, f"pool {parcels}", line, at)
                lines.append(line)
    table = Table(box=box.SIMPLE_HEAD)
    for heading in ("what", "page 1, p50 ms", "deep page", "p50 ms", "ratio"):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    for line in lines:
        table.add_row(line.name, *(str(value) for value in line.figures.values()))
    console = Console(width=WIDTH)
    console.print(f"\nOrder pool of {parcels:,} on {kind}\n{at}", highlight=False)
    console.print(table)
    return lines


def measure(session: Session, kind: str, parcels: int) -> Iterator[Line]:
    """One line for each order, and one for the count."""
    waiting = parcels * 3 // 4
    page = min(DEEP, waiting // ROWS)
    for sort in SORTS:
        first = _p50(lambda sort=sort: list_parcels(session, WAITING, sort=sort, limit=ROWS))
        cursor = cursor_before(session, sort, (page - 1) * ROWS)
        deep = _p50(
            lambda sort=sort, cursor=cursor: list_parcels(
                session, WAITING, sort=sort, cursor=cursor, limit=ROWS
            )
        )
        yield Line(
            f"{kind}: {sort}",
            {"first_ms": first, "page": page, "deep_ms": deep, "ratio": round(deep / first, 2)},
        )
    counted = _p50(lambda: count_matching(session, WAITING))
    yield Line(f"{kind}: count as shown", {"first_ms": counted})


def cursor_before(session: Session, sort: str, skipped: int) -> str:
    """The cursor after so many rows of an order, found the slow way."""
    order = SORTS[sort]
    column = Parcel.deliver_by if sort == "deadline" else order.key
    query = select(column, Parcel.id).where(Parcel.status == WAITING.status)
    if sort == "deadline":
        query = query.where(column.is_not(None))
    by = (column.desc(), Parcel.id.desc()) if order.falling else (column, Parcel.id)
    value, number = session.execute(query.order_by(*by).offset(skipped - 1).limit(1)).one()
    return encode(value, number)


def _p50(work: Callable[[], object]) -> float:
    taken = []
    for _ in range(TIMES):
        begin = time.perf_counter()
        work()
        taken.append((time.perf_counter() - begin) * 1000)
    return round(statistics.median(taken), 2)


if __name__ == "__main__":
    main()
