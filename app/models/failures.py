from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Key


class FailedRequest(Base):
    """A request that ended with an error, so that whoever is asked about it finds it by its id.

    Kept are those that keys of exporters sent and those that failed on our side, for `app.failures.KEPT`.
    """

    __tablename__ = "failed_request"
    __table_args__ = (
        Index("ix_failed_request_at_id", "at", "id"),
        Index("ix_failed_request_exporter_id_at_id", "exporter_id", "at", "id"),
    )

    id: Mapped[Key]
    at: Mapped[datetime]
    request_id: Mapped[str] = mapped_column(String(64), index=True)
    """Ours, or the caller's own: then several requests may have the same."""
    method: Mapped[str] = mapped_column(String(16))
    path: Mapped[str] = mapped_column(String(200))
    """Without what stood after the question mark, and without the token of a one-time link."""
    status: Mapped[int]
    code: Mapped[str] = mapped_column(String(40))
    detail: Mapped[str] = mapped_column(String(300))
    """What the caller was told, and the places in the body that were wrong."""
    actor: Mapped[str | None] = mapped_column(String(40))
    """Public id of the key or person; None: nobody known."""
    exporter_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"))
