from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, Key, public_id
from app.models.parties import Party


class Quote(Base):
    """What an exporter asked for, and every offer it got. Never changed: what becomes of it is derived."""

    __tablename__ = "quote"
    __table_args__ = (Index("ix_quote_exporter_id_created_at", "exporter_id", "created_at"),)

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    exporter_id: Mapped[int] = mapped_column(ForeignKey("party.id"))
    test_mode: Mapped[bool] = mapped_column(default=False)
    asked: Mapped[dict[str, Any]]
    """The request as it was understood. `lines` are what is booked, each with `count` and, of one package, `weight_g`,
    `length_mm`, `width_mm`, `height_mm` (may be none), `volume_cm3`, `goods_class`, `description`, `hs_code`,
    `value_minor`, `value_currency`; beside them `origin`, `destination`, `ready_at`, `deliver_by`, `direction`,
    `incoterm`, `customs_mode`, `preferences`, and `apart_m`: metres from an address to the place that serves it."""
    origin_id: Mapped[int] = mapped_column(ForeignKey("location.id"))
    destination_id: Mapped[int] = mapped_column(ForeignKey("location.id"))
    currency: Mapped[str] = mapped_column(String(3))
    fx: Mapped[list[dict[str, Any]]]
    messages: Mapped[list[dict[str, Any]]]
    created_at: Mapped[datetime] = mapped_column(index=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    exporter: Mapped[Party] = relationship(lazy="raise_on_sql")
    offers: Mapped[list["Offer"]] = relationship(
        back_populates="quote", order_by="Offer.seq", lazy="raise_on_sql", cascade="all, delete-orphan"
    )


class Offer(Base):
    """One way to move the goods at one price, as it was shown."""

    __tablename__ = "offer"
    __table_args__ = (UniqueConstraint("quote_id", "seq"),)

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    quote_id: Mapped[int] = mapped_column(ForeignKey("quote.id", ondelete="CASCADE"), index=True)
    seq: Mapped[int]
    """Rank: 1 is the best for the objective that was asked for."""
    total_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    held: Mapped[bool] = mapped_column(default=False)
    """Whether space was held for it when it was made."""
    shown: Mapped[dict[str, Any]]
    """Everything the offer says, on the wire and on the page."""
    legs: Mapped[list[dict[str, Any]]]
    """What booking it needs, a leg each: `seq` from 1, `mode`, `service_id`, `departure_id`, `board_seq`,
    `alight_seq` (none on demand), `from_id`, `to_id`, `may_open` (the freight pays for a unit opened for it
    alone), and the instants `cutoff_at` (none on demand), `departs_at`, `arrives_at`."""
    charges: Mapped[list[dict[str, Any]]]
    """What invoicing it needs, a line each: `leg_seq`, `code`, `basis`, `quantity`, `unit_price_micros`,
    `priced_minor`, `priced_currency` as `trade.charging` has them, and `amount_minor` in the quote's currency."""
    quote: Mapped[Quote] = relationship(back_populates="offers", lazy="raise_on_sql")
