"""What people keep beside a booking: papers that came in, notes, and the links a quote is shown by."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, Key, public_id
from app.models.quotes import Quote


class ShipmentDocument(Base):
    """A paper of a booking that somebody has: ticked off, or with its file. Taken back, never deleted.

    The bytes lie in the data directory, named by their digest.
    """

    __tablename__ = "shipment_document"
    __table_args__ = (
        CheckConstraint("(sha256 IS NULL) = (media_type IS NULL)", name="file"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name="withdrawn"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id", ondelete="CASCADE"), index=True)
    code: Mapped[str] = mapped_column(String(32))
    """Which paper it is: `trade.paperwork`."""
    received_at: Mapped[datetime]
    received_by: Mapped[str] = mapped_column(String(40))
    """Public id of the person or the key."""
    sha256: Mapped[str | None] = mapped_column(String(64))
    """None: it was ticked off without a file."""
    media_type: Mapped[str | None] = mapped_column(String(32))
    size: Mapped[int] = mapped_column(default=0)
    name: Mapped[str] = mapped_column(String(120), default="")
    """What the file was called."""
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str | None] = mapped_column(String(40))


class ShipmentNote(Base):
    """A note on a booking. Never rewritten: an edit is a new note that replaces it, and undo brings it back."""

    __tablename__ = "shipment_note"
    __table_args__ = (
        UniqueConstraint("replaces_id"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name="withdrawn"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id", ondelete="CASCADE"), index=True)
    text: Mapped[str] = mapped_column(String(2000))
    for_exporter: Mapped[bool]
    """Whether the exporter reads it; its own notes always are."""
    written_at: Mapped[datetime]
    written_by: Mapped[str] = mapped_column(String(40))
    by_exporter: Mapped[bool]
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("shipment_note.id", ondelete="CASCADE"))
    """The note this one stands for now."""
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str | None] = mapped_column(String(40))


class QuoteLink(Base):
    """A link by which a customer reads one quote without an account, until it runs out or is taken back.

    The address carries the public id signed, so that it cannot be guessed and can be shown again.
    """

    __tablename__ = "quote_link"

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    quote_id: Mapped[int] = mapped_column(ForeignKey("quote.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(40))
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    quote: Mapped[Quote] = relationship(lazy="raise_on_sql")
