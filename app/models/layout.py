from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, Key, choice, public_id
from app.models.places import Warehouse
from warehouses.stock import CUSTOMS_STATES, PLACE_KINDS


class Zone(Base):
    """A part of a warehouse: its bins are walked one zone after the other, and hold stock of one customs status."""

    __tablename__ = "zone"
    __table_args__ = (UniqueConstraint("warehouse_id", "code"),)

    id: Mapped[Key]
    warehouse_id: Mapped[int] = mapped_column(ForeignKey("warehouse.id"), index=True)
    code: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(80), default="")
    customs_status: Mapped[str] = mapped_column(
        choice(*CUSTOMS_STATES, name="zone_customs_status"), default="free"
    )
    """Bonded (1210) and supervised stock lies apart."""
    walk_seq: Mapped[int] = mapped_column(default=0)
    """Zones are walked in this order."""


class StockPlace(Base):
    """Where stock can be for the ledger: a bin, the receiving area, or one of the ledger's outside ends.

    Every warehouse has one place of each kind but `bin`, made with its first zone. `used_g` and `used_cm3` are what
    lies in a bin; they change with the ledger, by conditional UPDATE, and never pass its limits.
    """

    __tablename__ = "stock_place"
    __table_args__ = (
        UniqueConstraint("warehouse_id", "code"),
        CheckConstraint("(kind = 'bin') = (zone_id IS NOT NULL)", name="bins_have_zones"),
        CheckConstraint("max_g IS NULL OR used_g <= max_g", name="weight_within"),
        CheckConstraint("max_cm3 IS NULL OR used_cm3 <= max_cm3", name="volume_within"),
        CheckConstraint("used_g >= 0 AND used_cm3 >= 0", name="used"),
    )

    id: Mapped[Key]
    warehouse_id: Mapped[int] = mapped_column(ForeignKey("warehouse.id"), index=True)
    zone_id: Mapped[int | None] = mapped_column(ForeignKey("zone.id"), index=True)
    kind: Mapped[str] = mapped_column(choice(*PLACE_KINDS, name="stock_place_kind"))
    code: Mapped[str] = mapped_column(String(24))
    """Of a bin what its label says, e.g. A-03-2; of the others their kind."""
    walk_seq: Mapped[int] = mapped_column(default=0)
    """Bins of a zone are walked in this order."""
    max_g: Mapped[int | None]
    max_cm3: Mapped[int | None]
    used_g: Mapped[int] = mapped_column(default=0)
    used_cm3: Mapped[int] = mapped_column(default=0)
    blocked: Mapped[bool] = mapped_column(default=False)
    """Nothing is put there any more."""
    warehouse: Mapped[Warehouse] = relationship(lazy="raise_on_sql")
    zone: Mapped[Zone | None] = relationship(lazy="raise_on_sql")


class Dock(Base):
    """A door trucks come to, in slots of `slot_min` minutes between two local times."""

    __tablename__ = "dock"
    __table_args__ = (
        UniqueConstraint("warehouse_id", "code"),
        CheckConstraint("slot_min BETWEEN 5 AND 1440", name="slot_min"),
        CheckConstraint("opens_local < closes_local", name="hours"),
    )

    id: Mapped[Key]
    warehouse_id: Mapped[int] = mapped_column(ForeignKey("warehouse.id"), index=True)
    code: Mapped[str] = mapped_column(String(16))
    opens_local: Mapped[str] = mapped_column(String(5))
    closes_local: Mapped[str] = mapped_column(String(5))
    """HH:MM."""
    slot_min: Mapped[int]


class DockSlot(Base):
    """One appointment at a dock; whoever comes first has it."""

    __tablename__ = "dock_slot"
    __table_args__ = (UniqueConstraint("dock_id", "starts_at"),)

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    dock_id: Mapped[int] = mapped_column(ForeignKey("dock.id"), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    subject: Mapped[str] = mapped_column(String(40), index=True)
    """Public id of the ASN or load unit that comes."""
    booked_by: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime]
    dock: Mapped[Dock] = relationship(lazy="raise_on_sql")
