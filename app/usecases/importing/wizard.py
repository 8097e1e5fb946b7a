"""A file taken in step by step: kept, its columns matched, then checked. Nothing of it is saved before the end."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import Conflict, FieldError, Invalid, NotFound, TooLarge
from app.exchange.faults import refuse
from app.exchange.headings import guess, plain
from app.exchange.rows import MAX_BYTES, MAX_COLUMNS, Column
from app.exchange.tables import reading_cells, reading_table
from app.ids import new_id
from app.models import ImportDraft, ImportDraftFault, ImportDraftRow, ImportMapping
from app.usecases.importing.batches import safe_name
from app.usecases.importing.kinds import Kind
from app.usecases.importing.registry import KINDS, find_kind
from app.usecases.importing.running import allowed_columns, check_allowed
from app.usecases.working import enqueue

SAMPLES = 8
"""So many rows are shown beside the columns."""
AT_ONCE_BYTES = 256 * 1024
"""A file up to this size is checked while the person waits; a larger one by a worker."""
KEPT = timedelta(days=30)
"""Files that nobody went on with are forgotten after this."""
_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


def by_steps(kind: Kind) -> bool:
    """Whether files of this kind are tables whose columns can be matched; schedules in other formats are not."""
    return kind.read is reading_table


def start_draft(
    session: Session, actor: Actor, now: datetime, kind: str, filename: str, content: bytes
) -> ImportDraft:
    """Keep an upload and guess its columns. Raises UnknownKind, Forbidden, TooLarge, Unreadable."""
    found = find_kind(kind)
    exporter_id = check_allowed(actor, found, None)
    if not by_steps(found):
        raise Invalid(f"{kind} has no columns to match: import it in one go")
    if len(content) > MAX_BYTES:
        raise TooLarge(f"the file has {len(content):,} bytes; at most {MAX_BYTES:,} are taken: split it")
    text, encoding = as_utf8(content)
    with reading_cells(text, kind) as (header, rows):
        names = [name.strip()[:200] for name in header]
        samples = [{"number": number, "cells": cells} for number, cells in islice(rows, SAMPLES)]
    while names and not names[-1]:
        names.pop()
    if len(names) > MAX_COLUMNS:
        raise refuse(
            "header_mismatch", f"the first row has {len(names):,} cells", "delete what is not needed"
        )
    forget_old(session, actor, now)
    draft = ImportDraft(
        public_id=new_id("imp"), kind=kind, filename=safe_name(filename), content=text, encoding=encoding,
        header=names, samples=samples, requested_by=actor.reference, role=actor.role, exporter_id=exporter_id,
        warehouse_id=actor.warehouse_id, created_at=now, changed_at=now,
    )  # fmt: skip
    known = kept_mapping(session, draft)
    columns = allowed_columns(session, found, exporter_id)
    draft.columns = known.columns if known else {str(at): name for at, name in guess(names, columns).items()}
    draft.constants = known.constants if known else {}
    session.add(draft)
    session.flush()
    return draft


def as_utf8(content: bytes) -> tuple[bytes, str]:
    """A text file as UTF-8, and what it was: Excel writes UTF-16 or, in China, GB 18030 if nobody tells it not to."""
    if content[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        return content, "xlsx"
    mark = _MARKS.get(content[:2])
    for encoding in (mark,) if mark else ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding).encode(), "utf-8" if encoding == "utf-8-sig" else encoding
        except UnicodeDecodeError:
            continue
    return content, "unknown"


def forget_old(session: Session, actor: Actor, now: datetime) -> None:
    """Drop this person's files that nobody touched for a month."""
    old = select(ImportDraft.id).where(
        ImportDraft.requested_by == actor.reference, ImportDraft.changed_at < now - KEPT
    )
    drop_drafts(session, session.scalars(old).all())


def drop_drafts(session: Session, ids: Sequence[int]) -> None:
    """Delete drafts with everything that hangs on them."""
    session.execute(delete(ImportDraftFault).where(ImportDraftFault.draft_id.in_(ids)))
    session.execute(delete(ImportDraftRow).where(ImportDraftRow.draft_id.in_(ids)))
    session.execute(delete(ImportDraft).where(ImportDraft.id.in_(ids)))


def own_draft(session: Session, actor: Actor, public_id: str) -> ImportDraft:
    """A draft this actor may go on with: their own; staff everybody's. NotFound otherwise."""
    found = session.scalar(select(ImportDraft).where(ImportDraft.public_id == public_id))
    if found is None or not may_see(actor, found):
        raise NotFound(f"there is no import {public_id[:20]!r}")
    check_allowed(actor, find_kind(found.kind), None)
    return found


def may_see(actor: Actor, draft: ImportDraft) -> bool:
    """Their own, those of their company, and for staff all."""
    if actor.is_staff or draft.requested_by == actor.reference:
        return True
    return actor.exporter_id is not None and draft.exporter_id == actor.exporter_id


def open_draft(session: Session, actor: Actor, public_id: str) -> ImportDraft:
    """The same, where it may still be changed. Raises Conflict while a worker has it or once it was saved."""
    draft = own_draft(session, actor, public_id)
    failed = draft.batch is not None and draft.batch.status == "failed"
    if draft.status == "discarded":
        raise Conflict("this file was put aside: bring it back first")
    if draft.status == "checking" or (draft.status == "saving" and not failed):
        raise Conflict("a worker has this file, or it was saved already")
    return draft


def columns_of(session: Session, draft: ImportDraft) -> Sequence[Column]:
    """The columns files of this kind may have, for whom it is."""
    return allowed_columns(session, KINDS[draft.kind], draft.exporter_id)


def set_columns(
    session: Session,
    actor: Actor,
    now: datetime,
    public_id: str,
    columns: Mapping[int, str],
    constants: Mapping[str, str],
    keep_as: str = "",
) -> ImportDraft:
    """Say which column is which, and what holds for every row; `keep_as` keeps it for files with this header.

    Raises Invalid with a fault for each column that is missing or named twice.
    """
    draft = open_draft(session, actor, public_id)
    known = {column.name: column for column in columns_of(session, draft)}
    wanted = {at: name for at, name in columns.items() if name in known and 0 <= at < len(draft.header)}
    fixed = {name: text.strip()[:200] for name, text in constants.items() if name in known and text.strip()}
    names = [*wanted.values(), *fixed]
    faults = [
        FieldError(name, "header_mismatch", f"{name} is given twice", "keep one of them")
        for name in dict.fromkeys(names)
        if names.count(name) > 1
    ]
    faults += [
        FieldError(name, "required", f"{name} is missing", "match a column, or give one value for all rows")
        for name, column in known.items()
        if column.required and name not in names
    ]
    if faults:
        raise Invalid("some columns are not matched yet", tuple(faults))
    draft.columns = {str(at): name for at, name in sorted(wanted.items())}
    draft.constants = fixed
    draft.changed_at = now
    if keep_as.strip():
        _keep_mapping(session, draft, keep_as.strip()[:60], now)
    return draft


def header_digest(draft: ImportDraft) -> str:
    """The same for files with the same headings in the same order."""
    return hashlib.sha256("\n".join(map(plain, draft.header)).encode()).hexdigest()


def owner_of(draft: ImportDraft) -> str:
    """Whose matchings are offered for a file."""
    return "staff" if draft.exporter_id is None else f"exporter {draft.exporter_id}"


def kept_mapping(session: Session, draft: ImportDraft) -> ImportMapping | None:
    """The newest matching that was kept for files with this header."""
    return session.scalar(
        select(ImportMapping)
        .where(
            ImportMapping.owner == owner_of(draft),
            ImportMapping.kind == draft.kind,
            ImportMapping.header_sha256 == header_digest(draft),
        )
        .order_by(ImportMapping.changed_at.desc(), ImportMapping.id.desc())
        .limit(1)
    )


def _keep_mapping(session: Session, draft: ImportDraft, name: str, now: datetime) -> None:
    named = select(ImportMapping).where(
        ImportMapping.owner == owner_of(draft), ImportMapping.kind == draft.kind, ImportMapping.name == name
    )
    kept = session.scalar(named) or ImportMapping(owner=owner_of(draft), kind=draft.kind, name=name)
    kept.header_sha256, kept.changed_at = header_digest(draft), now
    kept.columns, kept.constants = dict(draft.columns), dict(draft.constants)
    session.add(kept)


def discard_draft(session: Session, actor: Actor, now: datetime, public_id: str) -> ImportDraft:
    """Put a file aside; `restore_draft` brings it back until it is forgotten."""
    draft = open_draft(session, actor, public_id)
    draft.status, draft.changed_at = "discarded", now
    return draft


def restore_draft(session: Session, actor: Actor, now: datetime, public_id: str) -> ImportDraft:
    """Bring back a file that was put aside, at the matching of its columns; its corrections are kept."""
    draft = own_draft(session, actor, public_id)
    if draft.status == "discarded":
        draft.status, draft.changed_at = "mapping", now
    return draft


def hand_to_worker(session: Session, draft: ImportDraft, now: datetime) -> None:
    """Let a worker check the whole file."""
    draft.status, draft.changed_at = "checking", now
    enqueue(session, kind="check_draft", queue="default", subject=draft.public_id, now=now)
