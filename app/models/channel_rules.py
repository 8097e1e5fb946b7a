from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, Key, choice, public_id
from app.models.departures import Departure
from app.models.services import MODES, Service

RULE_KINDS = ("pin", "forbid")


class ChannelRule(Base):
    """A parcel is pinned to a service, a departure or a mode of transport, or one of them is forbidden it."""

    __tablename__ = "channel_rule"
    __table_args__ = (
        CheckConstraint(
            "(service_id IS NOT NULL AND departure_id IS NULL AND mode IS NULL)"
            " OR (service_id IS NULL AND departure_id IS NOT NULL AND mode IS NULL)"
            " OR (service_id IS NULL AND departure_id IS NULL AND mode IS NOT NULL)",
            name="one_channel",
        ),
        Index(
            "uq_channel_rule_pin",
            "parcel_id",
            unique=True,
            sqlite_where=text("kind = 'pin'"),
            postgresql_where=text("kind = 'pin'"),
        ),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    parcel_id: Mapped[int] = mapped_column(ForeignKey("parcel.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(choice(*RULE_KINDS, name="channel_rule_kind"))
    service_id: Mapped[int | None] = mapped_column(ForeignKey("service.id"), index=True)
    departure_id: Mapped[int | None] = mapped_column(ForeignKey("departure.id"), index=True)
    mode: Mapped[str | None] = mapped_column(choice(*MODES, name="channel_rule_mode"))
    until: Mapped[datetime | None]
    """From then on it holds no more; none: until somebody takes it back."""
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(40))
    service: Mapped[Service | None] = relationship(lazy="raise_on_sql")
    departure: Mapped[Departure | None] = relationship(lazy="raise_on_sql")
