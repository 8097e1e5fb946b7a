"""`fourport import` and `fourport export`: files in and out."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.actor import system
from app.exchange.faults import RowError, Unreadable

if TYPE_CHECKING:
    from app.db import Database


@click.command("import")
@click.argument("kind")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Check every row and save nothing.")
@click.option("--partial", is_flag=True, help="Keep the good rows of a file with bad ones.")
def import_(kind: str, file: Path, *, dry_run: bool, partial: bool) -> None:
    """Import FILE as KIND, such as locations, departures or parcels; docs/import.md lists all kinds.

    Exit 0: all rows are in. Exit 1: rows were rejected. Exit 2: the file cannot be read, or no such kind.
    """
    from app.clock import now
    from app.usecases.importing import find_kind, import_file

    find_kind(kind)
    try:
        with _database() as database, database.transaction() as session:
            result = import_file(
                session, system("import"), now(), kind, file.name, file, dry_run=dry_run, partial=partial
            )
    except Unreadable as error:
        _show(error.faults, len(error.faults))
        sys.exit(2)
    _show(result.errors, result.error_count)
    verb = "would be " if dry_run else ""
    click.echo(
        f"{kind}: {result.rows_read} rows read, {result.added} {verb}added, {result.updated} {verb}updated, "
        f"{result.unchanged} unchanged, {result.rejected} rejected"
    )
    if result.rejected and not result.saved and not dry_run:
        click.echo("nothing was saved; correct the rows, or keep the good ones with --partial")
    sys.exit(1 if result.rejected else 0)


@contextmanager
def _database() -> "Iterator[Database]":
    """The installation's database; its connections are closed at the end."""
    from app.cli.context import open_database

    database = open_database()
    try:
        yield database
    finally:
        database.engine.dispose()


def _show(errors: tuple[RowError, ...], count: int) -> None:
    """One error in a line: row, column, code, message, suggestion."""
    for error in errors:
        place = f"{error.row}, {error.column}, {error.code}"
        click.echo(f"{place}, {error.message}, {error.suggestion}", err=True)
    if count > len(errors):
        click.echo(f"… and {count - len(errors)} more errors", err=True)


@click.command()
@click.argument("kind")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, writable=True))
def export(kind: str, file: Path) -> None:
    """Export KIND to FILE; its suffix says the form: .csv, .xlsx, .json (DCSA) or .ssim."""
    from app.clock import now
    from app.usecases.exporting import export_file, form_of

    form = form_of(kind, file.suffix)
    # Written beside the file and renamed: a broken export leaves the old file as it was.
    draft = file.with_name(f".{file.name}.part")
    try:
        with _database() as database, database.reading() as session, draft.open("wb") as stream:
            export_file(session, system("export"), now(), kind, form, stream)
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
    click.echo(f"wrote {file}")
