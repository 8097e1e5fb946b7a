from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, Key, choice, public_id
from app.models.parties import Party
from app.models.places import Location

DIRECTIONS = ("export", "return", "stock_transfer")
PARCEL_STATES = (
    "pending", "picked_up", "in_transit", "customs_hold", "customs_released", "arrived_warehouse",
    "out_for_delivery", "ready_for_pickup", "delivered", "delivery_failed", "delivery_delayed", "on_hold",
    "return_to_sender", "cancelled", "unknown",
)  # fmt: skip
CUSTOMS_MODES = ("0110", "1210", "9610", "9710", "9810")
BATCH_STATES = ("queued", "running", "completed", "completed_with_errors", "failed", "cancelled")


class Parcel(Base):
    """The smallest tracked package, on its way out, back, or between our own warehouses."""

    __tablename__ = "parcel"
    __table_args__ = (
        UniqueConstraint("exporter_id", "reference"),
        CheckConstraint("weight_g > 0 AND volume_cm3 > 0", name="size"),
        CheckConstraint("value_minor >= 0", name="value"),
        CheckConstraint("deliver_by IS NULL OR deliver_by > ready_at", name="deliver_after_ready"),
        Index("ix_parcel_status_ready_at", "status", "ready_at"),
        # One for each order that the pool offers: a page of a million parcels costs as much as one of ten.
        Index("ix_parcel_status_deliver_by_id", "status", "deliver_by", "id"),
        Index("ix_parcel_status_weight_g_id", "status", "weight_g", "id"),
        Index("ix_parcel_status_id", "status", "id"),
        Index("ix_parcel_ready_at_id", "ready_at", "id"),
        Index("ix_parcel_exporter_id_status_ready_at", "exporter_id", "status", "ready_at"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    exporter_id: Mapped[int] = mapped_column(ForeignKey("party.id"), index=True)
    reference: Mapped[str] = mapped_column(String(64))
    """The exporter's own; unique per exporter."""
    direction: Mapped[str] = mapped_column(choice(*DIRECTIONS, name="parcel_direction"), index=True)
    origin_id: Mapped[int] = mapped_column(ForeignKey("location.id"), index=True)
    destination_id: Mapped[int] = mapped_column(ForeignKey("location.id"), index=True)
    weight_g: Mapped[int]
    length_mm: Mapped[int | None]
    width_mm: Mapped[int | None]
    height_mm: Mapped[int | None]
    volume_cm3: Mapped[int]
    """From the dimensions, rounded up; given where there are none."""
    goods_class: Mapped[str] = mapped_column(String(32), index=True)
    hs_code: Mapped[str | None] = mapped_column(String(12), index=True)
    """What customs calls the goods, as far as it is known."""
    value_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    ready_at: Mapped[datetime]
    deliver_by: Mapped[datetime | None]
    hard_deadline: Mapped[bool] = mapped_column(default=False)
    """True: better not at all than late."""
    customs_mode: Mapped[str | None] = mapped_column(choice(*CUSTOMS_MODES, name="parcel_customs_mode"))
    grade: Mapped[str | None] = mapped_column(choice("A", "B", "C", "D", name="parcel_grade"))
    """Returns: as new, repack, damaged, scrap."""
    exported_on: Mapped[date | None]
    """Returns: the export date from which the duty-relief window runs."""
    status: Mapped[str] = mapped_column(choice(*PARCEL_STATES, name="parcel_status"), default="pending")
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("import_batch.id"), index=True)
    tracking_number: Mapped[str | None] = mapped_column(String(24), unique=True)
    """On its label; from the moment it fills a booking."""
    booking_line_id: Mapped[int | None] = mapped_column(ForeignKey("booking_line.id"), index=True)
    """The booked space it fills."""
    consignment_id: Mapped[int | None] = mapped_column(ForeignKey("consignment.id"), index=True)
    load_unit_id: Mapped[int | None] = mapped_column(ForeignKey("load_unit.id"), index=True)
    """The bag, pallet, ULD or container it was scanned into."""
    return_id: Mapped[int | None] = mapped_column(ForeignKey("return_order.id", use_alter=True), index=True)
    """The return whose goods it carries."""
    contents: Mapped[list[dict[str, Any]] | None]
    """Stock it was made of: `lot_id` and `quantity`, posted out of a warehouse when it leaves."""
    created_at: Mapped[datetime]
    exporter: Mapped[Party] = relationship(lazy="raise_on_sql")
    origin: Mapped[Location] = relationship(foreign_keys=[origin_id], lazy="raise_on_sql")
    destination: Mapped[Location] = relationship(foreign_keys=[destination_id], lazy="raise_on_sql")


class ImportBatch(Base):
    """A file someone uploaded, and what became of each of its rows."""

    __tablename__ = "import_batch"

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    kind: Mapped[str] = mapped_column(String(32))
    filename: Mapped[str]
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    """The upload itself, until it was read; workers on other hosts need it too."""
    status: Mapped[str] = mapped_column(choice(*BATCH_STATES, name="batch_status"), default="queued")
    dry_run: Mapped[bool] = mapped_column(default=False)
    partial: Mapped[bool] = mapped_column(default=False)
    """Keep the good rows of a file with bad ones."""
    exporter_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"), index=True)
    requested_by: Mapped[str] = mapped_column(String(40))
    rows_read: Mapped[int] = mapped_column(default=0)
    rows_added: Mapped[int] = mapped_column(default=0)
    rows_updated: Mapped[int] = mapped_column(default=0)
    rows_unchanged: Mapped[int] = mapped_column(default=0)
    rows_rejected: Mapped[int] = mapped_column(default=0)
    errors: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    """row, column, code, message, suggestion; the first thousand."""
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
