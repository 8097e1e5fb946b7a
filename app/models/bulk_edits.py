from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, Key, public_id
from app.models.pool import Parcel


class BulkEdit(Base):
    """One change of many parcels of the pool at once; it can be undone as long as nobody changed them since."""

    __tablename__ = "bulk_edit"

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    wanted: Mapped[dict[str, Any]]
    """What was asked for: see `app.usecases.pool_editing.Wanted`."""
    changed: Mapped[int]
    unchanged: Mapped[int]
    refused: Mapped[dict[str, int]]
    """How many were refused by code."""
    created_at: Mapped[datetime] = mapped_column(index=True)
    created_by: Mapped[str] = mapped_column(String(40))
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str | None] = mapped_column(String(40))


class BulkEditRow(Base):
    """What it changed of one parcel."""

    __tablename__ = "bulk_edit_row"
    __table_args__ = (UniqueConstraint("edit_id", "parcel_id"),)

    id: Mapped[Key]
    edit_id: Mapped[int] = mapped_column(ForeignKey("bulk_edit.id", ondelete="CASCADE"))
    parcel_id: Mapped[int] = mapped_column(ForeignKey("parcel.id", ondelete="CASCADE"), index=True)
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
    """The values that changed, as they were and as they became; rules of channels under `channels`."""
    parcel: Mapped[Parcel] = relationship(lazy="raise_on_sql")
