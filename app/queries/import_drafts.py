"""Files that are taken in step by step: those left open, their faults page by page, and how often each stands there."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select, tuple_
from sqlalchemy.orm import Session

from app.actor import Actor
from app.models import ImportBatch, ImportDraft, ImportDraftFault, ImportDraftRow, ImportMapping
from app.queries.paging import Keyset, Page

BY_ROW = Keyset(ImportDraftFault.row, ImportDraftFault.id)
PAGE = 50


@dataclass(frozen=True, slots=True)
class Found:
    """A fault, and how many others of the column say the same."""

    fault: ImportDraftFault
    alike: int


def open_drafts(session: Session, actor: Actor, limit: int = 20) -> Sequence[ImportDraft]:
    """The files this actor may go on with, the last touched first; those that became an import are not among them."""
    query = select(ImportDraft).outerjoin(ImportBatch, ImportDraft.batch_id == ImportBatch.id)
    query = query.where(or_(ImportDraft.batch_id.is_(None), ImportBatch.status == "failed"))
    if actor.exporter_id is not None:
        query = query.where(ImportDraft.exporter_id == actor.exporter_id)
    elif not actor.is_staff:
        query = query.where(ImportDraft.requested_by == actor.reference)
    return session.scalars(
        query.order_by(ImportDraft.changed_at.desc(), ImportDraft.id.desc()).limit(limit)
    ).all()


def draft_of_batch(session: Session, batch_id: int) -> ImportDraft | None:
    """The file an import came from."""
    return session.scalar(select(ImportDraft).where(ImportDraft.batch_id == batch_id))


def fault_page(session: Session, draft: ImportDraft, code: str | None, cursor: str | None) -> Page[Found]:
    """A page of the faults by row, of one code if asked for."""
    query = select(ImportDraftFault).where(ImportDraftFault.draft_id == draft.id)
    if code:
        query = query.where(ImportDraftFault.code == code)
    found = session.scalars(BY_ROW.slice(query, cursor, PAGE)).all()
    page = BY_ROW.page(found, PAGE, lambda fault: (fault.row, fault.id))
    alike = _alike(session, draft, page.items)
    items = [Found(fault, alike.get((fault.column, fault.text), 1)) for fault in page.items]
    return Page(items, page.next_cursor)


def _alike(
    session: Session, draft: ImportDraft, faults: Sequence[ImportDraftFault]
) -> dict[tuple[str, str], int]:
    shown = {(fault.column, fault.text) for fault in faults if fault.text}
    if not shown:
        return {}
    pair = (ImportDraftFault.column, ImportDraftFault.text)
    counted = select(*pair, func.count(ImportDraftFault.row.distinct()))
    counted = counted.where(ImportDraftFault.draft_id == draft.id, tuple_(*pair).in_(sorted(shown)))
    return {(column, text): count for column, text, count in session.execute(counted.group_by(*pair))}


def fault_codes(session: Session, draft: ImportDraft) -> list[tuple[str, int]]:
    """Each code that is found, the most frequent first, and how often."""
    counted = select(ImportDraftFault.code, func.count()).where(ImportDraftFault.draft_id == draft.id)
    order = (func.count().desc(), ImportDraftFault.code)
    rows = session.execute(counted.group_by(ImportDraftFault.code).order_by(*order))
    return [(code, count) for code, count in rows]


def proposed(session: Session, draft: ImportDraft) -> list[tuple[str, str, int]]:
    """Column, code and number of the faults for which a proposal can be told, where there are several."""
    fault = ImportDraftFault
    counted = select(fault.column, fault.code, func.count())
    counted = counted.where(fault.draft_id == draft.id, fault.proposal != "").group_by(
        fault.column, fault.code
    )
    rows = session.execute(counted.having(func.count() > 1).order_by(func.count().desc(), fault.column))
    return [(column, code, count) for column, code, count in rows]


def all_faults(session: Session, draft: ImportDraft) -> Sequence[ImportDraftFault]:
    """Every fault by row, for the file of them."""
    query = select(ImportDraftFault).where(ImportDraftFault.draft_id == draft.id)
    return session.scalars(query.order_by(ImportDraftFault.row, ImportDraftFault.id)).all()


def mended_rows(session: Session, draft: ImportDraft, limit: int = 200) -> list[ImportDraftRow]:
    """The rows that were corrected or left out, by number, as many as a page can show."""
    query = select(ImportDraftRow).where(ImportDraftRow.draft_id == draft.id).order_by(ImportDraftRow.number)
    found: list[ImportDraftRow] = []
    for row in session.scalars(query.execution_options(yield_per=500)):
        if row.skipped or row.corrections:
            found.append(row)
        if len(found) == limit:
            break
    return found


def draft_row(session: Session, draft: ImportDraft, number: int) -> ImportDraftRow | None:
    """One row that had a fault or was mended."""
    return session.scalar(select(ImportDraftRow).filter_by(draft_id=draft.id, number=number))


def row_faults(session: Session, draft: ImportDraft, number: int) -> Sequence[ImportDraftFault]:
    """What is wrong with one row."""
    return session.scalars(select(ImportDraftFault).filter_by(draft_id=draft.id, row=number)).all()


def mappings(session: Session, owner: str, kind: str) -> Sequence[ImportMapping]:
    """The kept matchings of a kind by name."""
    return session.scalars(
        select(ImportMapping).filter_by(owner=owner, kind=kind).order_by(ImportMapping.name)
    ).all()
