"""Mending the rows of a draft in place, and saving it once every row is right."""

import io
import re
from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from app.actor import Actor
from app.errors import Conflict, FieldError, Invalid, NotFound
from app.exchange.cells import escape
from app.exchange.csv_file import write_csv
from app.models import ImportBatch, ImportDraft, ImportDraftFault, ImportDraftRow
from app.usecases.auditing import record
from app.usecases.importing.batches import request_import
from app.usecases.importing.wizard import open_draft
from app.usecases.importing.wizard_checking import check_rows, corrected_rows, given_names, kept_rows

LONGEST = 2000
_NUMBER = re.compile(r"[-+]?[0-9.,]+")


def mend_row(
    session: Session, actor: Actor, now: datetime, public_id: str, number: int, texts: Mapping[str, str]
) -> ImportDraft:
    """Take other texts in some cells of a row, and take it in if it was left out. Checked again at once."""
    draft = _checked(session, actor, public_id)
    row = _row(session, draft, number)
    _correct(draft, row, texts)
    row.skipped = False
    check_rows(session, draft, {number}, now)
    return draft


def skip_row(session: Session, actor: Actor, now: datetime, public_id: str, number: int) -> ImportDraft:
    """Leave a row out; mending it, or `take_row`, takes it in again."""
    return _skip(session, actor, now, public_id, number, out=True)


def take_row(session: Session, actor: Actor, now: datetime, public_id: str, number: int) -> ImportDraft:
    """Take a row in again that was left out."""
    return _skip(session, actor, now, public_id, number, out=False)


def _skip(
    session: Session, actor: Actor, now: datetime, public_id: str, number: int, *, out: bool
) -> ImportDraft:
    draft = _checked(session, actor, public_id)
    row = _row(session, draft, number)
    draft.rows_skipped += int(out) - int(row.skipped)
    row.skipped = out
    check_rows(session, draft, {number}, now)
    return draft


def replace_alike(
    session: Session, actor: Actor, now: datetime, public_id: str, column: str, old: str, new: str
) -> int:
    """Take `new` in every wrong cell of a column that says `old`; how many rows that were."""
    return _mend_many(session, actor, now, public_id, column, {"text": old}, lambda _fault: new)


def take_proposals(
    session: Session, actor: Actor, now: datetime, public_id: str, column: str, code: str
) -> int:
    """Take, in every cell of a column with this fault, what is proposed for it; how many rows that were."""
    return _mend_many(session, actor, now, public_id, column, {"code": code}, lambda fault: fault.proposal)


def _mend_many(
    session: Session,
    actor: Actor,
    now: datetime,
    public_id: str,
    column: str,
    alike: dict[str, str],
    text_for: Callable[[ImportDraftFault], str],
) -> int:
    draft = _checked(session, actor, public_id)
    named = select(ImportDraftFault).filter_by(draft_id=draft.id, column=column, **alike)
    texts = {fault.row: text for fault in session.scalars(named) if (text := text_for(fault))}
    for number, row in kept_rows(session, draft, texts).items():
        _correct(draft, row, {column: texts[number]})
    if texts:
        check_rows(session, draft, set(texts), now)
    return len(texts)


def _checked(session: Session, actor: Actor, public_id: str) -> ImportDraft:
    draft = open_draft(session, actor, public_id)
    if draft.status == "mapping":
        raise Conflict("match the columns of the file first")
    return draft


def _row(session: Session, draft: ImportDraft, number: int) -> ImportDraftRow:
    found = kept_rows(session, draft, {number}).get(number)
    if found is None:
        raise NotFound(f"row {number} has nothing to mend")
    return found


def _correct(draft: ImportDraft, row: ImportDraftRow, texts: Mapping[str, str]) -> None:
    """Cells as the file has them are no corrections; JSON columns are told of a change only as a whole."""
    known = given_names(draft)
    unknown = [name for name in texts if name not in known]
    if unknown:
        raise Invalid(
            "the file has no such column",
            (
                FieldError(
                    unknown[0][:64], "header_mismatch", "the file has no such column", "match it first"
                ),
            ),
        )
    told = row.corrections | {name: text.strip()[:LONGEST] for name, text in texts.items()}
    row.corrections = {name: text for name, text in told.items() if text != row.cells.get(name, "")}


def save_draft(session: Session, actor: Actor, now: datetime, public_id: str) -> ImportBatch:
    """Hand the corrected file to a worker, all or nothing. Raises Conflict while a row is wrong."""
    draft = _checked(session, actor, public_id)
    if draft.rows_bad or draft.failure:
        raise Conflict(f"{draft.rows_bad} rows are still wrong: mend them or leave them out")
    if draft.rows_read == draft.rows_skipped:
        raise Conflict("no row is left to save")
    owner = Actor(actor.kind, actor.reference, draft.role, draft.exporter_id, draft.warehouse_id)
    batch = request_import(session, owner, now, draft.kind, draft.filename, corrected_file(session, draft))
    draft.batch_id, draft.status, draft.changed_at = batch.id, "saving", now
    record(session, actor, now, "import.save", draft.public_id,
           after={"batch": batch.public_id, "rows": draft.rows_read - draft.rows_skipped})  # fmt: skip
    return batch


def corrected_file(session: Session, draft: ImportDraft, *, for_spreadsheets: bool = False) -> bytes:
    """The file as it is to be taken, with the importer's names of columns; cells no spreadsheet runs if asked for."""
    query = select(ImportDraft).where(ImportDraft.id == draft.id).options(undefer(ImportDraft.content))
    content = session.scalars(query.execution_options(populate_existing=True)).one().content or b""
    names = given_names(draft)
    safe = _safe if for_spreadsheets else str
    stream = io.BytesIO()
    rows = (
        [safe(cells[name]) for name in names] for _number, cells in corrected_rows(session, draft, content)
    )
    write_csv(stream, names, rows)
    return stream.getvalue()


def _safe(text: str) -> str:
    return text if _NUMBER.fullmatch(text) or text.startswith("'") else escape(text)
