from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, Key, choice, public_id
from app.models.layout import StockPlace
from app.models.parties import Party
from app.models.places import Warehouse
from app.models.stock import Sku, StockLot
from warehouses.counting import COUNT_STATES
from warehouses.stock import CONDITIONS
from warehouses.value_added import WORK_KINDS, WORK_ROLES, WORK_STATES


class StockCount(Base):
    """A cycle count of some bins: counted blind, counted again where it differs, approved, and then posted."""

    __tablename__ = "stock_count"
    __table_args__ = (Index("ix_stock_count_warehouse_id_status", "warehouse_id", "status"),)

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    warehouse_id: Mapped[int] = mapped_column(ForeignKey("warehouse.id"))
    status: Mapped[str] = mapped_column(choice(*COUNT_STATES, name="stock_count_status"), default="open")
    reason: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(40))
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(String(40))
    posting_id: Mapped[int | None] = mapped_column(ForeignKey("stock_posting.id"))
    """The adjusting moves."""
    warehouse: Mapped[Warehouse] = relationship(lazy="raise_on_sql")
    lines: Mapped[list["StockCountLine"]] = relationship(
        order_by="StockCountLine.id", lazy="raise_on_sql", cascade="all, delete-orphan"
    )


class StockCountLine(Base):
    """One lot in one bin. `expected` is what the ledger said when it was counted; the counter does not see it."""

    __tablename__ = "stock_count_line"
    __table_args__ = (
        UniqueConstraint("count_id", "place_id", "lot_id"),
        CheckConstraint("counted IS NULL OR counted >= 0", name="counted"),
        CheckConstraint("recounted IS NULL OR recounted >= 0", name="recounted"),
    )

    id: Mapped[Key]
    count_id: Mapped[int] = mapped_column(ForeignKey("stock_count.id", ondelete="CASCADE"), index=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("stock_place.id"))
    lot_id: Mapped[int] = mapped_column(ForeignKey("stock_lot.id"))
    expected: Mapped[int | None]
    counted: Mapped[int | None]
    counted_by: Mapped[str | None] = mapped_column(String(40))
    counted_at: Mapped[datetime | None]
    recounted: Mapped[int | None]
    recounted_by: Mapped[str | None] = mapped_column(String(40))
    recounted_at: Mapped[datetime | None]
    place: Mapped[StockPlace] = relationship(lazy="raise_on_sql")
    lot: Mapped[StockLot] = relationship(lazy="raise_on_sql")


class WorkOrder(Base):
    """Value-added work for an owner: relabel, kit, photo, repack. It consumes stock and produces stock."""

    __tablename__ = "work_order"
    __table_args__ = (
        UniqueConstraint("owner_id", "reference"),
        Index("ix_work_order_warehouse_id_status", "warehouse_id", "status"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    warehouse_id: Mapped[int] = mapped_column(ForeignKey("warehouse.id"))
    owner_id: Mapped[int] = mapped_column(ForeignKey("party.id"))
    reference: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(choice(*WORK_KINDS, name="work_order_kind"))
    status: Mapped[str] = mapped_column(choice(*WORK_STATES, name="work_order_status"), default="draft")
    instructions: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(40))
    done_at: Mapped[datetime | None]
    done_by: Mapped[str | None] = mapped_column(String(40))
    owner: Mapped[Party] = relationship(lazy="raise_on_sql")
    warehouse: Mapped[Warehouse] = relationship(lazy="raise_on_sql")
    lines: Mapped[list["WorkOrderLine"]] = relationship(
        order_by="WorkOrderLine.seq", lazy="raise_on_sql", cascade="all, delete-orphan"
    )


class WorkOrderLine(Base):
    """So many pieces of a SKU in a condition that go in (`consume`) or come out (`produce`)."""

    __tablename__ = "work_order_line"
    __table_args__ = (
        UniqueConstraint("order_id", "seq"),
        CheckConstraint("quantity > 0", name="quantity"),
    )

    id: Mapped[Key]
    order_id: Mapped[int] = mapped_column(ForeignKey("work_order.id", ondelete="CASCADE"), index=True)
    seq: Mapped[int]
    role: Mapped[str] = mapped_column(choice(*WORK_ROLES, name="work_order_line_role"))
    sku_id: Mapped[int] = mapped_column(ForeignKey("sku.id"))
    condition: Mapped[str] = mapped_column(choice(*CONDITIONS, name="work_order_line_condition"), default="A")
    quantity: Mapped[int]
    sku: Mapped[Sku] = relationship(lazy="raise_on_sql")
