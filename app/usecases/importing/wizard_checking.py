"""Checking a draft: its rows go through the importer of their kind, and everything is undone but what was found."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session, undefer

from app.actor import Actor
from app.errors import TooLarge
from app.exchange.faults import CellError, ErrorLog, RowError, Unreadable
from app.exchange.proposals import propose
from app.exchange.rows import Column, Row, RowReader
from app.exchange.tables import reading_cells
from app.models import ImportDraft, ImportDraftFault, ImportDraftRow
from app.usecases.importing.kinds import WHOLE_FILE, Run
from app.usecases.importing.lookups import Lookups
from app.usecases.importing.registry import KINDS
from app.usecases.importing.wizard import AT_ONCE_BYTES, columns_of, hand_to_worker

ALL_FAULTS = 200_000
AT_ONCE_ROWS = 2000
"""Up to so many rows are checked while the person waits."""
TOLD = 2000
"""For so many different faults the nearest known words are searched."""
CHUNK = 500

Cells = dict[str, str]
Numbered = tuple[int, Cells]


class WholeLog(ErrorLog):
    """Every fault of a file; what costs a search is searched once for each different fault."""

    def __init__(self) -> None:
        super().__init__(ALL_FAULTS)
        self._told: dict[tuple[str, str], str] = {}

    def add(self, row: int, fault: CellError, column: str = "") -> None:
        """Record one fault of one row."""
        self.count += 1
        self.rows.add(row)
        key = (fault.code, fault.message)
        if key not in self._told and len(self._told) < TOLD:
            self._told[key] = fault.suggestion
        if len(self.kept) < self.limit:
            self.kept.append(
                RowError(row, fault.column or column, fault.code, fault.message, self._told.get(key, ""))
            )


def check_or_queue(session: Session, draft: ImportDraft, now: datetime) -> None:
    """Check a small file at once, and have a worker check a large one."""
    size = session.scalar(select(func.length(ImportDraft.content)).where(ImportDraft.id == draft.id)) or 0
    if size <= AT_ONCE_BYTES:
        check_draft(session, draft.public_id, now)
    else:
        hand_to_worker(session, draft, now)


def check_rows(session: Session, draft: ImportDraft, numbers: Collection[int], now: datetime) -> None:
    """Check again after rows were mended: the whole file if it is small, else these rows; saving checks all."""
    if draft.rows_read <= AT_ONCE_ROWS:
        check_draft(session, draft.public_id, now)
    elif len(numbers) > AT_ONCE_ROWS or KINDS[draft.kind].batch_rows == WHOLE_FILE:
        hand_to_worker(session, draft, now)
    else:
        kept = kept_rows(session, draft, numbers)
        rows = [(number, kept[number].cells | kept[number].corrections)
                for number in sorted(kept) if not kept[number].skipped]  # fmt: skip
        run, bad, _count = _run(session, draft, iter(rows), now)
        _store(session, draft, run, bad, numbers)


def check_draft(session: Session, public_id: str, now: datetime) -> None:
    """Check the whole file: every row as the file has it, with its corrections, without those left out."""
    found = select(ImportDraft).where(ImportDraft.public_id == public_id)
    draft = session.scalars(found.options(undefer(ImportDraft.content))).one()
    if draft.content is None or draft.status == "discarded":
        return
    draft.batch_id = None
    content, name = draft.content, draft.kind
    kept = kept_rows(session, draft)
    original: dict[int, Cells] = {}
    try:
        with reading_cells(content, name) as (_header, raw):
            rows = _corrected(_named(raw, draft), kept, original)
            run, bad, count = _run(session, draft, rows, now)
    except (Unreadable, TooLarge) as error:
        draft.failure, draft.status = error.detail, "checked"
        return
    draft.failure, draft.status, draft.changed_at = None, "checked", now
    skipped = [number for number, row in kept.items() if row.skipped]
    draft.rows_read, draft.rows_skipped = count + len(skipped), len(skipped)
    draft.rows_added, draft.rows_updated, draft.rows_unchanged = run.added, run.updated, run.unchanged
    for number, cells in original.items():
        if kept[number].cells != cells:
            kept[number].cells = cells
    bad = {number: original.get(number, cells) for number, cells in bad.items()}
    _store(session, draft, run, bad, None)


def end_check(session: Session, public_id: str, now: datetime, reason: str) -> None:
    """No worker could check the file: say so."""
    draft = session.scalars(select(ImportDraft).where(ImportDraft.public_id == public_id)).one()
    draft.failure, draft.status, draft.changed_at = (
        f"the check could not be finished: {reason}",
        "checked",
        now,
    )


def kept_rows(
    session: Session, draft: ImportDraft, numbers: Collection[int] | None = None
) -> dict[int, ImportDraftRow]:
    """Number → row that had a fault or was mended."""
    query = select(ImportDraftRow).where(ImportDraftRow.draft_id == draft.id)
    if numbers is None:
        return {row.number: row for row in session.scalars(query)}
    wanted = sorted(numbers)
    found: dict[int, ImportDraftRow] = {}
    for start in range(0, len(wanted), CHUNK):
        some = query.where(ImportDraftRow.number.in_(wanted[start : start + CHUNK]))
        found |= {row.number: row for row in session.scalars(some)}
    return found


def corrected_rows(session: Session, draft: ImportDraft, content: bytes) -> Iterator[Numbered]:
    """The rows of the file as they are to be taken."""
    kept = kept_rows(session, draft)
    with reading_cells(content, draft.kind) as (_header, raw):
        yield from _corrected(_named(raw, draft), kept, {})


def given_names(draft: ImportDraft) -> list[str]:
    """The columns that the file has, in its order, and those with one text for all rows."""
    return [*draft.columns.values(), *draft.constants]


def _named(raw: Iterator[tuple[int, list[str]]], draft: ImportDraft) -> Iterator[Numbered]:
    places = [(int(at), name) for at, name in draft.columns.items()]
    constants = dict(draft.constants)
    for number, texts in raw:
        cells = {name: texts[at] if at < len(texts) else "" for at, name in places}
        yield number, cells | constants


def _corrected(
    rows: Iterator[Numbered], kept: dict[int, ImportDraftRow], original: dict[int, Cells]
) -> Iterator[Numbered]:
    for number, cells in rows:
        row = kept.get(number)
        if row is not None:
            original[number] = cells
            if row.skipped:
                continue
            cells = {name: row.corrections.get(name, text) for name, text in cells.items()}
        yield number, cells


def _run(
    session: Session, draft: ImportDraft, rows: Iterator[Numbered], now: datetime
) -> tuple[Run, dict[int, Cells], int]:
    """Import and undo; what was counted and found, and the cells of the rows at fault."""
    kind = KINDS[draft.kind]
    columns = columns_of(session, draft)
    by_name = {column.name: column for column in columns}
    given = [by_name[name] for name in given_names(draft)]
    actor = Actor("user", draft.requested_by, draft.role, draft.exporter_id, draft.warehouse_id)
    lookups = Lookups(session, draft.exporter_id)
    run = Run(session, actor, now, lookups, partial=True, log=WholeLog())
    reader, count = RowReader(given, columns), 0
    bad: dict[int, Cells] = {}
    savepoint = session.begin_nested()
    try:
        while batch := list(islice(rows, kind.batch_rows)):
            count += len(batch)
            kind.save(run, given, _read(run, reader, batch, given))
            bad |= {number: cells for number, cells in batch if number in run.log.rows}
    finally:
        savepoint.rollback()
    return run, bad, count


def _read(run: Run, reader: RowReader, batch: list[Numbered], given: Sequence[Column]) -> list[Row]:
    rows = []
    for number, cells in batch:
        row, faults = reader.read((number, [cells[column.name] for column in given]))
        for fault in faults:
            run.log.add(number, fault)
        rows.append(row)
    return rows


def _store(
    session: Session, draft: ImportDraft, run: Run, bad: dict[int, Cells], numbers: Collection[int] | None
) -> None:
    """Write down the faults found, in place of those before; of some rows or of the whole file."""
    old = delete(ImportDraftFault).where(ImportDraftFault.draft_id == draft.id)
    session.execute(old if numbers is None else old.where(ImportDraftFault.row.in_(list(numbers))))
    known = kept_rows(session, draft, bad)
    new = [{"draft_id": draft.id, "number": number, "cells": cells, "corrections": {}, "skipped": False}
           for number, cells in bad.items() if number not in known]  # fmt: skip
    if new:
        session.execute(insert(ImportDraftRow), new)
    corrections = {number: row.corrections for number, row in known.items()}
    cells = {column.name: column for column in columns_of(session, draft)}
    faults = [
        _fault(draft, error, bad.get(error.row, {}) | corrections.get(error.row, {}), cells)
        for error in sorted(run.log.kept, key=lambda error: error.row)
    ]
    if faults:
        session.execute(insert(ImportDraftFault), faults)
    counted = select(func.count(ImportDraftFault.row.distinct())).where(ImportDraftFault.draft_id == draft.id)
    draft.rows_bad = session.scalar(counted) or 0


def _fault(draft: ImportDraft, error: RowError, row: Cells, columns: dict[str, Column]) -> dict[str, Any]:
    text = row.get(error.column, "")[:200]
    column = columns.get(error.column)
    return {
        "draft_id": draft.id,
        "row": error.row,
        "column": error.column[:64],
        "code": error.code[:48],
        "message": error.message,
        "suggestion": error.suggestion,
        "text": text,
        "proposal": propose(column.cell, error.code, text, error.suggestion)[:200] if column and text else "",
    }
