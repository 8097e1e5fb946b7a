"""Taking back what an import brought into the pool, as far as nobody did anything with it since."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, Table, delete, func, or_, select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.db import Base
from app.errors import Conflict, NotFound
from app.models import ImportBatch, Parcel
from app.usecases.auditing import record

POOL = ("parcels", "returns")
"""Kinds whose rows are only ever added, so that what an import brought is known. Others overwrite what was there."""


def withdraw_batch(session: Session, actor: Actor, now: datetime, public_id: str) -> tuple[int, int]:
    """Delete the parcels of an import that nothing refers to; how many went, and how many stay.

    A parcel that was planned, booked, scanned or changed stays. Raises NotFound, and Conflict where nothing goes.
    """
    query = select(ImportBatch).where(ImportBatch.public_id == public_id)
    if actor.exporter_id is not None:
        query = query.where(ImportBatch.exporter_id == actor.exporter_id)
    batch = session.scalar(query)
    if batch is None:
        raise NotFound(f"there is no import {public_id[:20]!r}")
    if batch.kind not in POOL:
        raise Conflict("an import of this kind may have changed rows that were there before")
    mine = Parcel.batch_id == batch.id
    ids = session.scalars(select(Parcel.id).where(mine, *_untouched())).all()
    if not ids:
        raise Conflict("no parcel of this import is as it came: they were planned, booked or moved")
    for start in range(0, len(ids), 500):
        session.execute(delete(Parcel).where(Parcel.id.in_(ids[start : start + 500])))
    left = session.scalar(select(func.count()).select_from(Parcel).where(mine)) or 0
    record(
        session, actor, now, "import.withdraw", batch.public_id, after={"withdrawn": len(ids), "left": left}
    )
    return len(ids), left


def withdrawable(session: Session, batch: ImportBatch) -> int:
    """How many parcels of an import could be taken back now."""
    if batch.kind not in POOL or not batch.rows_added:
        return 0
    counted = select(func.count()).select_from(Parcel).where(Parcel.batch_id == batch.id, *_untouched())
    return session.scalar(counted) or 0


def _untouched() -> Iterator[ColumnElement[bool]]:
    """Still as it came, and no row of any table refers to it."""
    yield Parcel.status == "pending"
    parcel = Parcel.__table__
    for key in parcel.foreign_keys:
        if key.parent.nullable and key.parent.name != "batch_id":
            yield key.parent.is_(None)
    for table in Base.metadata.tables.values():
        columns = [key.parent for key in table.foreign_keys if key.column is parcel.c.id]
        if columns and isinstance(table, Table):
            yield ~select(1).where(or_(*(column == parcel.c.id for column in columns))).exists()
