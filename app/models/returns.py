from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, Key, choice, public_id
from app.models.parties import Party
from app.models.places import Warehouse
from app.models.pool import Parcel
from app.models.stock import Sku
from warehouses.returns import (
    APPROVALS,
    DISPOSITIONS,
    GRADES,
    ITEM_STATES,
    RETURN_REASONS,
    RETURN_STATES,
)


class Return(Base):
    """Goods a customer sends back: asked for, labelled, received, graded, and sent where they are worth most."""

    __tablename__ = "return_order"
    __table_args__ = (
        UniqueConstraint("exporter_id", "reference"),
        Index("ix_return_order_warehouse_id_status", "warehouse_id", "status"),
        Index("ix_return_order_relief_deadline", "relief_deadline"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    exporter_id: Mapped[int] = mapped_column(ForeignKey("party.id"))
    reference: Mapped[str] = mapped_column(String(64))
    original: Mapped[str] = mapped_column(String(64), default="")
    """Public id, reference or tracking number of the parcel or order the goods went out with."""
    order_id: Mapped[int | None] = mapped_column(ForeignKey("outbound_order.id"), index=True)
    original_parcel_id: Mapped[int | None] = mapped_column(ForeignKey("parcel.id"), index=True)
    warehouse_id: Mapped[int] = mapped_column(ForeignKey("warehouse.id"))
    """Where it is to be received, or is."""
    status: Mapped[str] = mapped_column(choice(*RETURN_STATES, name="return_status"), default="requested")
    reason: Mapped[str] = mapped_column(choice(*RETURN_REASONS, name="return_reason"))
    note: Mapped[str] = mapped_column(String(500), default="")
    condition: Mapped[str | None] = mapped_column(choice(*GRADES, name="return_condition"))
    """As its sender describes it."""
    wished: Mapped[str | None] = mapped_column(choice(*DISPOSITIONS, name="return_wished"))
    chosen_because: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Why it goes to this warehouse: `rule` (nearest, asked_for, sent_from, only_one), `distance_km`, and `next`,
    the one that would have been chosen otherwise."""
    tracking_number: Mapped[str] = mapped_column(String(24), unique=True)
    """On its label."""
    exported_on: Mapped[date | None]
    customs_mode: Mapped[str | None] = mapped_column(String(4))
    relief_deadline: Mapped[date | None]
    """The earliest last day on which one of its items enters China free of duty; none where no policy covers any."""
    delivered_on: Mapped[date | None]
    sender: Mapped[dict[str, Any]]
    """Who sends it back; as `consignee` of an order, with `lat` and `lon` where they are known."""
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(40))
    received_at: Mapped[datetime | None]
    graded_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    exporter: Mapped[Party] = relationship(lazy="raise_on_sql")
    warehouse: Mapped[Warehouse] = relationship(lazy="raise_on_sql")
    items: Mapped[list["ReturnItem"]] = relationship(
        order_by="ReturnItem.seq", lazy="raise_on_sql", cascade="all, delete-orphan"
    )


class ReturnItem(Base):
    """Pieces of one SKU in a return that are alike: what is received or graded otherwise becomes an item of its own."""

    __tablename__ = "return_item"
    __table_args__ = (
        UniqueConstraint("return_id", "seq"),
        CheckConstraint("quantity > 0 AND value_minor >= 0", name="counts"),
    )

    id: Mapped[Key]
    return_id: Mapped[int] = mapped_column(ForeignKey("return_order.id", ondelete="CASCADE"), index=True)
    seq: Mapped[int]
    sku_id: Mapped[int] = mapped_column(ForeignKey("sku.id"), index=True)
    status: Mapped[str] = mapped_column(choice(*ITEM_STATES, name="return_item_status"), default="expected")
    quantity: Mapped[int]
    warehouse_id: Mapped[int | None] = mapped_column(ForeignKey("warehouse.id"), index=True)
    """Where it lies; none before it came."""
    lot_id: Mapped[int | None] = mapped_column(ForeignKey("stock_lot.id"), index=True)
    """As what it lies there."""
    came_on: Mapped[date | None]
    """The day it came to where it lies."""
    value_minor: Mapped[int]
    """Of one piece."""
    currency: Mapped[str] = mapped_column(String(3))
    grade: Mapped[str | None] = mapped_column(choice(*GRADES, name="return_item_grade"))
    disposition: Mapped[str | None] = mapped_column(choice(*DISPOSITIONS, name="return_item_disposition"))
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(String(40))
    approval: Mapped[str] = mapped_column(
        choice(*APPROVALS, name="return_item_approval"), default="not_needed"
    )
    """Of the exporter, where its contract asks for it."""
    vetoed: Mapped[list[str]] = mapped_column(default=list)
    """Dispositions the exporter does not want."""
    proposal: Mapped[dict[str, Any] | None]
    """The options as a plan weighed them, the one it takes first: what each costs, recovers and when it is done."""
    history: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    """What was done with it at the places it left: `warehouse`, `disposition`, `on`."""
    note: Mapped[str] = mapped_column(String(500), default="")
    work_order_id: Mapped[int | None] = mapped_column(ForeignKey("work_order.id"), index=True)
    """The work it was given to."""
    parcel_id: Mapped[int | None] = mapped_column(ForeignKey("parcel.id"), index=True)
    """What stands for it in the order pool since it was graded, and what it travels in."""
    warehouse: Mapped[Warehouse | None] = relationship(lazy="raise_on_sql")
    parcel: Mapped[Parcel | None] = relationship(lazy="raise_on_sql")
    sku: Mapped[Sku] = relationship(lazy="raise_on_sql")


class ReturnPhoto(Base):
    """A picture taken when a return was graded. The bytes lie in the data directory, named by their digest."""

    __tablename__ = "return_photo"
    __table_args__ = (UniqueConstraint("return_id", "sha256"),)

    id: Mapped[Key]
    return_id: Mapped[int] = mapped_column(ForeignKey("return_order.id", ondelete="CASCADE"), index=True)
    item_seq: Mapped[int] = mapped_column(default=0)
    """0: of the whole return."""
    sha256: Mapped[str] = mapped_column(String(64))
    media_type: Mapped[str] = mapped_column(String(32))
    size: Mapped[int]
    taken_by: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime]
