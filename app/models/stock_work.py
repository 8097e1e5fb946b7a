from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, Key, choice, public_id
from app.models.layout import StockPlace
from app.models.parties import Party
from app.models.places import Warehouse
from app.models.stock import Sku, StockLot
from warehouses.counting import BIN_STATES, COUNT_STATES, TOLERANCE_PERMILLE
from warehouses.stock import CONDITIONS, CUSTOMS_STATES
from warehouses.value_added import WORK_KINDS, WORK_ROLES, WORK_SOURCES, WORK_STATES


class StockCount(Base):
    """A cycle count of some bins: counted blind, counted again where it differs, approved, and then posted."""

    __tablename__ = "stock_count"
    __table_args__ = (Index("ix_stock_count_warehouse_id_status", "warehouse_id", "status"),)

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    warehouse_id: Mapped[int] = mapped_column(ForeignKey("warehouse.id"))
    status: Mapped[str] = mapped_column(choice(*COUNT_STATES, name="stock_count_status"), default="open")
    reason: Mapped[str] = mapped_column(String(200), default="")
    tolerance_permille: Mapped[int] = mapped_column(default=TOLERANCE_PERMILLE)
    """A difference of more thousandths of what was expected is counted again."""
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(40))
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(String(40))
    """Who approved it, gave it back to be counted again, or cancelled it: the one who saw the numbers."""
    posting_id: Mapped[int | None] = mapped_column(ForeignKey("stock_posting.id"))
    """The adjusting moves."""
    warehouse: Mapped[Warehouse] = relationship(lazy="raise_on_sql")
    bins: Mapped[list["StockCountBin"]] = relationship(
        order_by="StockCountBin.seq", lazy="raise_on_sql", cascade="all, delete-orphan"
    )
    lines: Mapped[list["StockCountLine"]] = relationship(
        order_by="StockCountLine.id", lazy="raise_on_sql", cascade="all, delete-orphan"
    )


class StockCountBin(Base):
    """A bin of a count: who counted it, and who counted it again."""

    __tablename__ = "stock_count_bin"
    __table_args__ = (UniqueConstraint("count_id", "place_id"),)

    id: Mapped[Key]
    count_id: Mapped[int] = mapped_column(ForeignKey("stock_count.id", ondelete="CASCADE"), index=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("stock_place.id"), index=True)
    seq: Mapped[int]
    """Its turn on the way through the warehouse."""
    state: Mapped[str] = mapped_column(choice(*BIN_STATES, name="stock_count_bin_state"), default="open")
    counted_by: Mapped[str | None] = mapped_column(String(40))
    counted_at: Mapped[datetime | None]
    recounted_by: Mapped[str | None] = mapped_column(String(40))
    recounted_at: Mapped[datetime | None]
    scan_id: Mapped[str | None] = mapped_column(String(64))
    """Of the finding that was taken last: sent again, it changes nothing."""
    place: Mapped[StockPlace] = relationship(lazy="raise_on_sql")


class StockCountLine(Base):
    """One lot in one bin. `expected` is what the ledger said when it was counted; the counter does not see it."""

    __tablename__ = "stock_count_line"
    __table_args__ = (
        UniqueConstraint("count_id", "place_id", "lot_id"),
        CheckConstraint("counted >= 0", name="counted"),
        CheckConstraint("recounted IS NULL OR recounted >= 0", name="recounted"),
    )

    id: Mapped[Key]
    count_id: Mapped[int] = mapped_column(ForeignKey("stock_count.id", ondelete="CASCADE"), index=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("stock_place.id"))
    lot_id: Mapped[int] = mapped_column(ForeignKey("stock_lot.id"))
    expected: Mapped[int]
    counted: Mapped[int]
    recount_expected: Mapped[int | None]
    recounted: Mapped[int | None]
    place: Mapped[StockPlace] = relationship(lazy="raise_on_sql")
    lot: Mapped[StockLot] = relationship(lazy="raise_on_sql")

    @property
    def difference(self) -> int:
        """Pieces found beyond what was expected when they were counted last; below zero: missing."""
        if self.recounted is not None and self.recount_expected is not None:
            return self.recounted - self.recount_expected
        return self.counted - self.expected


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
    source: Mapped[str] = mapped_column(choice(*WORK_SOURCES, name="work_order_source"), default="bin")
    """Where its stock lies: in bins, or where returns are kept."""
    customs_status: Mapped[str] = mapped_column(
        choice(*CUSTOMS_STATES, name="work_order_customs_status"), default="free"
    )
    subject: Mapped[str] = mapped_column(String(40), default="", index=True)
    """Public id of the return it is for."""
    instructions: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(40))
    done_at: Mapped[datetime | None]
    done_by: Mapped[str | None] = mapped_column(String(40))
    posting_id: Mapped[int | None] = mapped_column(ForeignKey("stock_posting.id"))
    """What was consumed and produced."""
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
