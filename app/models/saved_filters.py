from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Key, public_id


class SavedFilter(Base):
    """The filters of a page's address under a name that a person gave them."""

    __tablename__ = "saved_filter"
    __table_args__ = (
        Index(
            "uq_saved_filter_name",
            "user_id",
            "page",
            "name",
            unique=True,
            sqlite_where=text("deleted_at IS NULL"),
            postgresql_where=text("deleted_at IS NULL"),
        ),
        Index("ix_saved_filter_page_shared", "page", "shared"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    page: Mapped[str] = mapped_column(String(40))
    """Endpoint of the page, e.g. `parcels.pool`."""
    name: Mapped[str] = mapped_column(String(60))
    query: Mapped[str] = mapped_column(Text)
    """The query string of its address, without a cursor."""
    shared: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Colleagues see it too; exporters only those of their own company."""
    is_default: Mapped[bool] = mapped_column(default=False, server_default=false())
    """The page opens with it."""
    created_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]
    """Taken away; kept so that it can be brought back."""
