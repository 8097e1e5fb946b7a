"""One import from the first byte to the last row."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import Forbidden
from app.exchange.faults import CellError, RowError
from app.exchange.rows import Column, Row, Source
from app.exchange.tables import ReadRow
from app.usecases.auditing import record
from app.usecases.importing.kinds import Kind, Run
from app.usecases.importing.lookups import Lookups
from app.usecases.importing.registry import find_kind


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What became of the rows. `errors` holds the first thousand, `error_count` counts all of them.

    After a dry run, or when a row of an all-or-nothing import was rejected, nothing was saved; `added` and
    `updated` of a dry run say what would have been.
    """

    kind: str
    rows_read: int
    added: int
    updated: int
    unchanged: int
    rejected: int
    error_count: int
    errors: tuple[RowError, ...]
    dry_run: bool
    saved: bool


def import_file(
    session: Session,
    actor: Actor,
    now: datetime,
    kind: str,
    filename: str,
    content: Source,
    *,
    dry_run: bool = False,
    partial: bool = False,
    exporter_id: int | None = None,
    batch_id: int | None = None,
) -> ImportResult:
    """Read a file of `kind` (bytes, or the path of one) into the database.

    Every row is checked; one bad row saves nothing unless `partial` keeps the good ones. `exporter_id` limits the
    file to that exporter's rows; an exporter is always limited to their own. Raises Forbidden, UnknownKind,
    Unreadable and TooLarge; nothing was saved then. The caller's transaction decides whether it lasts.
    """
    found = find_kind(kind)
    only = check_allowed(actor, found, exporter_id)
    run = Run(session, actor, now, Lookups(session, only), partial=partial, batch_id=batch_id)
    savepoint = session.begin_nested()
    try:
        rows_read = _read(run, found, content)
    except BaseException:
        savepoint.rollback()
        raise
    saved = not dry_run and run.saving
    if saved:
        savepoint.commit()
        _leave_traces(run, found, filename)
    else:
        savepoint.rollback()
    session.expire_all()
    return _result(run, found, rows_read, dry_run=dry_run, saved=saved)


def check_allowed(actor: Actor, kind: Kind, exporter_id: int | None) -> int | None:
    """The one exporter an upload may name, or None for all. Raises Forbidden."""
    if not actor.may(*kind.roles):
        raise Forbidden(f"{kind.name} may be imported by: admin, {', '.join(kind.roles)}")
    return actor.exporter_id if actor.role == "exporter" else exporter_id


def _read(run: Run, kind: Kind, content: Source) -> int:
    rows_read = 0
    with kind.read(content, _columns(run.lookups, kind), kind.name) as table:
        for batch in _batches(table.rows, kind.batch_rows):
            rows_read += len(batch)
            for row, faults in batch:
                _log(run, row, faults)
            # Faulty rows go on too, so that every unknown code is named in one go; only good ones are saved.
            kind.save(run, table.given, [row for row, _faults in batch])
    return rows_read


def allowed_columns(session: Session, kind: Kind, exporter_id: int | None) -> Sequence[Column]:
    """The columns of a kind for whom it is: an upload limited to one exporter need not name them in every row."""
    return _columns(Lookups(session, exporter_id), kind)


def _columns(lookups: Lookups, kind: Kind) -> Sequence[Column]:
    only = lookups.only_exporter
    if only is None:
        return kind.columns
    own = lookups.codes("exporter").get(only)
    return [
        replace(column, required=False, default=own)
        if column.required and column.to in ("exporter_id", "owner_id") and own
        else column
        for column in kind.columns
    ]


def _batches(rows: Iterator[ReadRow], size: int) -> Iterator[list[ReadRow]]:
    while batch := list(islice(rows, size)):
        yield batch


def _log(run: Run, row: Row, faults: list[CellError]) -> None:
    for fault in faults:
        run.log.add(row.number, fault)


def _leave_traces(run: Run, kind: Kind, filename: str) -> None:
    if not run.added and not run.updated:
        return
    after = {"file": filename[:200], "added": run.added, "updated": run.updated, "unchanged": run.unchanged}
    record(run.session, run.actor, run.now, "import", kind.name, after=after)


def _result(run: Run, kind: Kind, rows_read: int, *, dry_run: bool, saved: bool) -> ImportResult:
    would = saved or (dry_run and run.saving)
    return ImportResult(
        kind=kind.name,
        rows_read=rows_read,
        added=run.added if would else 0,
        updated=run.updated if would else 0,
        unchanged=run.unchanged,
        rejected=len(run.log.rows),
        error_count=run.log.count,
        errors=tuple(sorted(run.log.kept, key=lambda error: error.row)),
        dry_run=dry_run,
        saved=saved,
    )
