from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, Key, choice, public_id
from app.models.parties import Party
from app.models.places import Warehouse
from trade.warehouse_fees import FEE_BASES


class WarehouseFee(Base):
    """One row of a warehouse's price list: published for everybody, or agreed with one exporter."""

    __tablename__ = "warehouse_fee"
    __table_args__ = (
        UniqueConstraint("warehouse_id", "exporter_id", "code", "basis", "band_from", "effective_from"),
        CheckConstraint("band_to IS NULL OR band_to > band_from", name="band"),
        CheckConstraint("effective_to IS NULL OR effective_to > effective_from", name="validity"),
        CheckConstraint("price_micros >= 0 AND minimum_minor >= 0 AND free_days >= 0", name="not_negative"),
    )

    id: Mapped[Key]
    warehouse_id: Mapped[int] = mapped_column(ForeignKey("warehouse.id"), index=True)
    exporter_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"), index=True)
    """Whose agreed price it is; it goes before the published one."""
    code: Mapped[str] = mapped_column(String(32))
    """What is charged for: storage, receive_carton, outbound_order, pick …"""
    basis: Mapped[str] = mapped_column(choice(*FEE_BASES, name="warehouse_fee_basis"))
    band_from: Mapped[int] = mapped_column(default=0)
    band_to: Mapped[int | None]
    """Age in days, weight in g or count of pieces the price is for: from (in it) to (not in it); none: no end."""
    price_micros: Mapped[int]
    """Of one unit of the basis, in 10⁻⁶ of the currency's major unit."""
    currency: Mapped[str] = mapped_column(String(3))
    free_days: Mapped[int] = mapped_column(default=0)
    minimum_minor: Mapped[int] = mapped_column(default=0)
    """The least that a statement charges for it, where it charges anything."""
    divisor: Mapped[int | None]
    """cm3 per kg where the larger of weight and volumetric weight counts."""
    effective_from: Mapped[date]
    effective_to: Mapped[date | None]
    """First day on which it no longer holds."""
    source: Mapped[str] = mapped_column(default="")


class WarehouseCharge(Base):
    """Money an exporter owes for stock kept or work done on a day. `subject` and `lot_id` say for what exactly.

    Nothing is rounded here: a day's storage of one lot is a fraction of a cent. Quantity and price are kept as they
    were, and the statement multiplies, adds up and rounds once per line.
    """

    __tablename__ = "warehouse_charge"
    __table_args__ = (
        # The same day, thing and fee are charged once, however often the night runs.
        UniqueConstraint("day", "warehouse_id", "exporter_id", "code", "subject", "lot_id", "band_from"),
        Index("ix_warehouse_charge_exporter_id_warehouse_id_day", "exporter_id", "warehouse_id", "day"),
    )

    id: Mapped[Key]
    warehouse_id: Mapped[int] = mapped_column(ForeignKey("warehouse.id"))
    exporter_id: Mapped[int] = mapped_column(ForeignKey("party.id"))
    day: Mapped[date]
    """Of the warehouse's own calendar."""
    code: Mapped[str] = mapped_column(String(32))
    basis: Mapped[str] = mapped_column(String(16))
    subject: Mapped[str] = mapped_column(String(40), default="")
    """Public id of the posting it is for; empty for storage."""
    lot_id: Mapped[int] = mapped_column(default=0)
    """Storage: the lot that lay there; 0 otherwise."""
    band_from: Mapped[int] = mapped_column(default=0)
    """Where the band of the price begins."""
    quantity: Mapped[int]
    """In the basis' smallest unit: pieces, packages, cm3 of one day; negative where it was taken back."""
    age_days: Mapped[int | None]
    """Storage: how long it had lain there."""
    price_micros: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    minimum_minor: Mapped[int] = mapped_column(default=0)
    """The least a statement charges for this fee, as the price list had it."""
    statement_id: Mapped[int | None] = mapped_column(ForeignKey("warehouse_statement.id"), index=True)


class WarehouseChargedDay(Base):
    """A day whose stock and work were charged: it is done once, and the next night begins after the last one."""

    __tablename__ = "warehouse_charged_day"

    warehouse_id: Mapped[int] = mapped_column(
        ForeignKey("warehouse.id"), primary_key=True, autoincrement=False
    )
    day: Mapped[date] = mapped_column(primary_key=True)
    charges: Mapped[int]
    """How many were written."""
    charged_at: Mapped[datetime]


class WarehouseStatement(Base):
    """What an exporter owes a warehouse for a month: the charges of its days, added up line by line."""

    __tablename__ = "warehouse_statement"
    __table_args__ = (UniqueConstraint("warehouse_id", "exporter_id", "month", "currency"),)

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    warehouse_id: Mapped[int] = mapped_column(ForeignKey("warehouse.id"))
    exporter_id: Mapped[int] = mapped_column(ForeignKey("party.id"), index=True)
    month: Mapped[date]
    """Its first day."""
    currency: Mapped[str] = mapped_column(String(3))
    total_minor: Mapped[int]
    invoice_id: Mapped[int | None] = mapped_column(ForeignKey("invoice.id"), unique=True)
    created_at: Mapped[datetime]
    warehouse: Mapped[Warehouse] = relationship(lazy="raise_on_sql")
    exporter: Mapped[Party] = relationship(lazy="raise_on_sql")
