from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, Key, choice
from app.models.parties import User

EXCEPTION_KINDS = (
    "departure_cancelled", "closing_underfilled", "hold_expiring", "goods_late", "customs_hold", "relief_deadline",
    "webhook_failing", "run_failed", "count_differs",
)  # fmt: skip


class ExceptionNote(Base):
    """Who looks after an exception of the control tower, and until when it is put aside.

    The exception itself is no row: it is there as long as what it speaks of is so.
    """

    __tablename__ = "exception_note"
    __table_args__ = (UniqueConstraint("kind", "subject"),)

    id: Mapped[Key]
    kind: Mapped[str] = mapped_column(choice(*EXCEPTION_KINDS, name="exception_kind"))
    subject: Mapped[str] = mapped_column(String(40))
    """Public id of what it is about."""
    snoozed_until: Mapped[datetime | None]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    changed_at: Mapped[datetime]
    owner: Mapped[User | None] = relationship(lazy="raise_on_sql")
