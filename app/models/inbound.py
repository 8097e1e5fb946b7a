from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, Key, choice, public_id
from app.models.bookings import Booking
from app.models.parties import Party
from app.models.places import Warehouse
from app.models.stock import Sku, StockPosting
from warehouses.inbound import ASN_STATES
from warehouses.stock import CONDITIONS, CUSTOMS_STATES


class Asn(Base):
    """Goods announced to a warehouse, and what became of them when they were counted."""

    __tablename__ = "asn"
    __table_args__ = (
        UniqueConstraint("owner_id", "reference"),
        Index("ix_asn_warehouse_id_status_expected_on", "warehouse_id", "status", "expected_on"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    warehouse_id: Mapped[int] = mapped_column(ForeignKey("warehouse.id"))
    owner_id: Mapped[int] = mapped_column(ForeignKey("party.id"))
    reference: Mapped[str] = mapped_column(String(64))
    """The owner's own."""
    status: Mapped[str] = mapped_column(choice(*ASN_STATES, name="asn_status"), default="draft")
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("booking.id"), index=True)
    """The booking that carries it."""
    container: Mapped[str | None] = mapped_column(String(20))
    """ISO 6346 number, where it comes in one."""
    container_type: Mapped[str | None] = mapped_column(String(16))
    pallets: Mapped[int] = mapped_column(default=0)
    customs_status: Mapped[str] = mapped_column(
        choice(*CUSTOMS_STATES, name="asn_customs_status"), default="free"
    )
    expected_on: Mapped[date]
    arrived_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    """When receiving was ended: what had not come by then is short."""
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(40))
    owner: Mapped[Party] = relationship(lazy="raise_on_sql")
    warehouse: Mapped[Warehouse] = relationship(lazy="raise_on_sql")
    booking: Mapped[Booking | None] = relationship(lazy="raise_on_sql")
    lines: Mapped[list["AsnLine"]] = relationship(
        order_by="AsnLine.seq", lazy="raise_on_sql", cascade="all, delete-orphan"
    )
    receipts: Mapped[list["AsnReceipt"]] = relationship(order_by="AsnReceipt.id", lazy="raise_on_sql")


class AsnLine(Base):
    """So many pieces of a SKU that were announced; `received` and `damaged` are what was counted so far."""

    __tablename__ = "asn_line"
    __table_args__ = (
        UniqueConstraint("asn_id", "seq"),
        CheckConstraint("expected >= 0 AND received >= 0 AND damaged >= 0 AND cartons >= 0", name="counts"),
    )

    id: Mapped[Key]
    asn_id: Mapped[int] = mapped_column(ForeignKey("asn.id", ondelete="CASCADE"), index=True)
    seq: Mapped[int]
    sku_id: Mapped[int] = mapped_column(ForeignKey("sku.id"), index=True)
    batch: Mapped[str] = mapped_column(String(40), default="")
    expires_on: Mapped[date]
    condition: Mapped[str] = mapped_column(choice(*CONDITIONS, name="asn_line_condition"), default="A")
    cartons: Mapped[int] = mapped_column(default=0)
    cartons_received: Mapped[int] = mapped_column(default=0)
    expected: Mapped[int]
    """Pieces announced; 0 for a SKU that came without."""
    received: Mapped[int] = mapped_column(default=0)
    """Pieces that came in good order."""
    damaged: Mapped[int] = mapped_column(default=0)
    sku: Mapped[Sku] = relationship(lazy="raise_on_sql")


class AsnReceipt(Base):
    """One count of goods that came, as it was posted."""

    __tablename__ = "asn_receipt"

    id: Mapped[Key]
    asn_id: Mapped[int] = mapped_column(ForeignKey("asn.id"), index=True)
    posting_id: Mapped[int] = mapped_column(ForeignKey("stock_posting.id"), unique=True)
    counts: Mapped[list[dict[str, Any]]]
    """By line: `line` (its number), `sku` (code), `good`, `damaged`, `cartons`, `batch`, `expires_on`."""
    taken_back: Mapped[bool] = mapped_column(default=False)
    """It was a mistake, and its posting was reversed."""
    posting: Mapped[StockPosting] = relationship(lazy="raise_on_sql")
