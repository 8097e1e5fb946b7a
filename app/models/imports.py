from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, Key, choice, public_id
from app.models.pool import ImportBatch

DRAFT_STATES = ("mapping", "checking", "checked", "saving", "discarded")


class ImportDraft(Base):
    """A file on its way in: its columns are matched and its rows mended before anything of it is kept."""

    __tablename__ = "import_draft"

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    kind: Mapped[str] = mapped_column(String(32))
    filename: Mapped[str]
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    encoding: Mapped[str] = mapped_column(String(16))
    """What the text of a CSV file was written in; `xlsx` for a workbook."""
    header: Mapped[list[str]]
    samples: Mapped[list[dict[str, Any]]]
    """The first rows as they stand: `number` and `cells`."""
    columns: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Position in the file (as text) → the column it is read as."""
    constants: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Column → the text that holds for every row."""
    status: Mapped[str] = mapped_column(choice(*DRAFT_STATES, name="draft_status"), default="mapping")
    failure: Mapped[str | None]
    """Why the file as a whole cannot be read."""
    requested_by: Mapped[str] = mapped_column(String(40), index=True)
    role: Mapped[str] = mapped_column(String(16))
    exporter_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"), index=True)
    warehouse_id: Mapped[int | None] = mapped_column(ForeignKey("warehouse.id"), index=True)
    rows_read: Mapped[int] = mapped_column(default=0)
    rows_bad: Mapped[int] = mapped_column(default=0)
    rows_skipped: Mapped[int] = mapped_column(default=0)
    rows_added: Mapped[int] = mapped_column(default=0)
    rows_updated: Mapped[int] = mapped_column(default=0)
    rows_unchanged: Mapped[int] = mapped_column(default=0)
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("import_batch.id"), index=True)
    """The import it became."""
    created_at: Mapped[datetime] = mapped_column(index=True)
    changed_at: Mapped[datetime]
    batch: Mapped[ImportBatch | None] = relationship(lazy="joined")


class ImportDraftRow(Base):
    """A row that had a fault or was mended: what the file says, and what is taken instead."""

    __tablename__ = "import_draft_row"
    __table_args__ = (UniqueConstraint("draft_id", "number"),)

    id: Mapped[Key]
    draft_id: Mapped[int] = mapped_column(ForeignKey("import_draft.id", ondelete="CASCADE"))
    number: Mapped[int]
    """As a spreadsheet shows it: the header is row 1."""
    cells: Mapped[dict[str, Any]]
    """Column → text, as the file has it."""
    corrections: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Column → text that is taken instead."""
    skipped: Mapped[bool] = mapped_column(default=False)


class ImportDraftFault(Base):
    """One thing wrong with a row of a draft, as the last check found it."""

    __tablename__ = "import_draft_fault"
    __table_args__ = (
        Index("ix_import_draft_fault_draft_id_row", "draft_id", "row"),
        Index("ix_import_draft_fault_draft_id_code", "draft_id", "code"),
        Index("ix_import_draft_fault_draft_id_column", "draft_id", "column"),
    )

    id: Mapped[Key]
    draft_id: Mapped[int] = mapped_column(ForeignKey("import_draft.id", ondelete="CASCADE"))
    row: Mapped[int]
    column: Mapped[str] = mapped_column(String(64))
    code: Mapped[str] = mapped_column(String(48))
    message: Mapped[str]
    suggestion: Mapped[str]
    text: Mapped[str] = mapped_column(String(200))
    """What stands in the cell, cut to what finds the others alike."""
    proposal: Mapped[str] = mapped_column(String(200))
    """What the cell would be right with, if that can be told."""


class ImportMapping(Base):
    """How somebody matched the columns of a file once, under a name: offered again for the same header."""

    __tablename__ = "import_mapping"
    __table_args__ = (UniqueConstraint("owner", "kind", "name"),)

    id: Mapped[Key]
    owner: Mapped[str] = mapped_column(String(40))
    """`staff`, or the exporter whose files it is for."""
    kind: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(60))
    header_sha256: Mapped[str] = mapped_column(String(64), index=True)
    columns: Mapped[dict[str, Any]]
    constants: Mapped[dict[str, Any]]
    changed_at: Mapped[datetime]
