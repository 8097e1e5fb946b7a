"""Uploaded files and what became of them."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.models import ImportBatch
from app.queries.paging import Keyset, Page, instant

NEWEST = Keyset(ImportBatch.created_at, ImportBatch.id, read=instant, falling=True)


def list_batches(
    session: Session, *, exporter_id: int | None = None, cursor: str | None = None, limit: int = 20
) -> Page[ImportBatch]:
    """Imports, the newest first; `exporter_id` sees only its own."""
    query = select(ImportBatch)
    if exporter_id is not None:
        query = query.where(ImportBatch.exporter_id == exporter_id)
    found = session.scalars(NEWEST.slice(query, cursor, limit)).all()
    return NEWEST.page(found, limit, lambda batch: (batch.created_at, batch.id))


def get_batch(session: Session, public_id: str, *, exporter_id: int | None = None) -> ImportBatch:
    """One import; NotFound, also for somebody else's."""
    query = select(ImportBatch).where(ImportBatch.public_id == public_id)
    if exporter_id is not None:
        query = query.where(ImportBatch.exporter_id == exporter_id)
    batch = session.scalar(query)
    if batch is None:
        raise NotFound(f"there is no import {public_id!r}")
    return batch
