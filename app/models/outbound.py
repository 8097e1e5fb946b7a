from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, Key, choice, public_id
from app.models.parties import Party
from app.models.places import Warehouse
from app.models.stock import Sku
from warehouses.outbound import ORDER_STATES, WAVE_STATES
from warehouses.stock import CONDITIONS, CUSTOMS_STATES


class Wave(Base):
    """Orders that are picked on one walk."""

    __tablename__ = "wave"
    __table_args__ = (Index("ix_wave_warehouse_id_status", "warehouse_id", "status"),)

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    warehouse_id: Mapped[int] = mapped_column(ForeignKey("warehouse.id"))
    status: Mapped[str] = mapped_column(choice(*WAVE_STATES, name="wave_status"), default="open")
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(40))
    done_at: Mapped[datetime | None]
    warehouse: Mapped[Warehouse] = relationship(lazy="raise_on_sql")


class OutboundOrder(Base):
    """What an owner sends from a warehouse to one consignee."""

    __tablename__ = "outbound_order"
    __table_args__ = (
        UniqueConstraint("owner_id", "reference"),
        Index("ix_outbound_order_warehouse_id_status_ship_by", "warehouse_id", "status", "ship_by"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    warehouse_id: Mapped[int] = mapped_column(ForeignKey("warehouse.id"))
    owner_id: Mapped[int] = mapped_column(ForeignKey("party.id"))
    reference: Mapped[str] = mapped_column(String(64))
    status: Mapped[str] = mapped_column(choice(*ORDER_STATES, name="outbound_order_status"), default="draft")
    consignee: Mapped[dict[str, Any]]
    """person_name, company_name, address_line1, address_line2, city, state_code, postal_code, country_code, phone."""
    service: Mapped[str] = mapped_column(String(40), default="")
    """Last-mile service it leaves with; empty: the warehouse's own choice."""
    ship_by: Mapped[datetime]
    wave_id: Mapped[int | None] = mapped_column(ForeignKey("wave.id"), index=True)
    tracking_number: Mapped[str | None] = mapped_column(String(24), unique=True)
    waits_for: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    """`waiting_seller`: what the owner has to do, each with its `code`: `stock_short` (sku, wanted, missing),
    `address_incomplete` (member)."""
    version: Mapped[int] = mapped_column(default=1)
    """Counted up with every change, so that two at once cannot both be made."""
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(40))
    handed_over_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    owner: Mapped[Party] = relationship(lazy="raise_on_sql")
    warehouse: Mapped[Warehouse] = relationship(lazy="raise_on_sql")
    wave: Mapped[Wave | None] = relationship(lazy="raise_on_sql")
    lines: Mapped[list["OutboundLine"]] = relationship(
        order_by="OutboundLine.seq", lazy="raise_on_sql", cascade="all, delete-orphan"
    )
    packages: Mapped[list["OutboundPackage"]] = relationship(
        order_by="OutboundPackage.seq", lazy="raise_on_sql", cascade="all, delete-orphan"
    )


class OutboundLine(Base):
    """So many pieces of a SKU."""

    __tablename__ = "outbound_line"
    __table_args__ = (
        UniqueConstraint("order_id", "seq"),
        CheckConstraint("quantity > 0 AND picked >= 0 AND packed >= 0", name="counts"),
        CheckConstraint("picked <= quantity AND packed <= picked", name="in_order"),
    )

    id: Mapped[Key]
    order_id: Mapped[int] = mapped_column(ForeignKey("outbound_order.id", ondelete="CASCADE"), index=True)
    seq: Mapped[int]
    sku_id: Mapped[int] = mapped_column(ForeignKey("sku.id"), index=True)
    condition: Mapped[str] = mapped_column(choice(*CONDITIONS, name="outbound_line_condition"), default="A")
    customs_status: Mapped[str] = mapped_column(
        choice(*CUSTOMS_STATES, name="outbound_line_customs_status"), default="free"
    )
    quantity: Mapped[int]
    picked: Mapped[int] = mapped_column(default=0)
    packed: Mapped[int] = mapped_column(default=0)
    sku: Mapped[Sku] = relationship(lazy="raise_on_sql")


class OutboundPackage(Base):
    """One box of an order as it was weighed and measured; `expected_g` is what its goods should weigh."""

    __tablename__ = "outbound_package"
    __table_args__ = (
        UniqueConstraint("order_id", "seq"),
        CheckConstraint("weight_g > 0 AND length_mm > 0 AND width_mm > 0 AND height_mm > 0", name="size"),
    )

    id: Mapped[Key]
    order_id: Mapped[int] = mapped_column(ForeignKey("outbound_order.id", ondelete="CASCADE"), index=True)
    seq: Mapped[int]
    weight_g: Mapped[int]
    length_mm: Mapped[int]
    width_mm: Mapped[int]
    height_mm: Mapped[int]
    expected_g: Mapped[int]
    expected_cm3: Mapped[int]
    varies: Mapped[bool] = mapped_column(default=False)
    """Weight or volume is further from what is expected than the rule allows."""
    contents: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    """`line_seq`, `sku` and `quantity` of what is in it."""
    tracking_number: Mapped[str] = mapped_column(String(24), unique=True)
    packed_at: Mapped[datetime]
    packed_by: Mapped[str] = mapped_column(String(40))
