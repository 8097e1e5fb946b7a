"""Uploads that are imported in the background: asked for, run by a worker, told."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from app.actor import Actor
from app.errors import AppError, NotFound, TooLarge
from app.exchange.faults import RowError, Unreadable
from app.exchange.rows import MAX_BYTES
from app.ids import new_id
from app.models import ImportBatch
from app.usecases.importing.registry import find_kind
from app.usecases.importing.running import ImportResult, check_allowed, import_file
from app.usecases.working import enqueue


def request_import(
    session: Session,
    actor: Actor,
    now: datetime,
    kind: str,
    filename: str,
    content: bytes,
    *,
    dry_run: bool = False,
    partial: bool = False,
) -> ImportBatch:
    """Store an upload and hand it to a worker. Raises UnknownKind, Forbidden, TooLarge."""
    exporter_id = check_allowed(actor, find_kind(kind), None)
    if len(content) > MAX_BYTES:
        raise TooLarge(f"the file has {len(content):,} bytes; at most {MAX_BYTES:,} are taken: split it")
    batch = ImportBatch(
        public_id=new_id("bat"),
        kind=kind,
        filename=safe_name(filename),
        content=content,
        dry_run=dry_run,
        partial=partial,
        exporter_id=exporter_id,
        requested_by=actor.reference,
        created_at=now,
    )
    session.add(batch)
    session.flush()
    enqueue(session, kind="import_batch", queue="default", subject=batch.public_id, now=now)
    return batch


def safe_name(filename: str) -> str:
    """The name without folders and without what a terminal or a page could take for a command."""
    name = filename.replace("\\", "/").rpartition("/")[2]
    return "".join(sign for sign in name if sign.isprintable())[:120] or "upload"


def start_batch(session: Session, public_id: str) -> None:
    """Show that a worker has it."""
    batch = _batch(session, public_id)
    if batch.content is not None:
        batch.status = "running"


def run_batch(session: Session, public_id: str, now: datetime) -> None:
    """Import a stored upload and write down what became of it. The second time there is nothing left to do."""
    batch = _batch(session, public_id)
    content = batch.content
    if content is None:
        return
    role = "exporter" if batch.exporter_id is not None else "admin"
    # Whether they may was decided when they asked; here it only says whose rows these are.
    actor = Actor("batch", batch.requested_by, role, batch.exporter_id)
    try:
        result = import_file(
            session,
            actor,
            now,
            batch.kind,
            batch.filename,
            content,
            dry_run=batch.dry_run,
            partial=batch.partial,
            batch_id=batch.id,
        )
    except (Unreadable, TooLarge) as error:
        _store_failure(batch, error, now)
    else:
        _store_result(batch, result, now)


def set_failed(session: Session, public_id: str, now: datetime, reason: str) -> None:
    """End an import that no worker could finish."""
    batch = _batch(session, public_id)
    if batch.content is not None:
        fault = RowError(
            0, "file", "not_finished", f"the import could not be finished: {reason}", "upload it again"
        )
        _end(batch, "failed", [fault], now)


def _batch(session: Session, public_id: str) -> ImportBatch:
    found = session.scalars(
        select(ImportBatch).where(ImportBatch.public_id == public_id).options(undefer(ImportBatch.content))
    ).one_or_none()
    if found is None:
        raise NotFound(f"there is no import {public_id[:20]}")
    return found


def _store_failure(batch: ImportBatch, error: AppError, now: datetime) -> None:
    faults = (
        error.faults if isinstance(error, Unreadable) else (RowError(0, "file", error.code, error.detail),)
    )
    _end(batch, "failed", list(faults), now)


def _store_result(batch: ImportBatch, result: ImportResult, now: datetime) -> None:
    batch.rows_read = result.rows_read
    batch.rows_added = result.added
    batch.rows_updated = result.updated
    batch.rows_unchanged = result.unchanged
    batch.rows_rejected = result.rejected
    if not result.rejected:
        status = "completed"
    else:
        status = "completed_with_errors" if batch.partial or batch.dry_run else "failed"
    _end(batch, status, list(result.errors), now)


def _end(batch: ImportBatch, status: str, errors: list[RowError], now: datetime) -> None:
    batch.status = status
    batch.errors = [error.as_dict() for error in errors]
    batch.content = None
    batch.finished_at = now
