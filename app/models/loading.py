from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, Key, choice, public_id
from app.models.departures import Departure
from app.models.places import Location
from app.models.pool import Parcel
from app.models.services import UnitType
from warehouses.loading import LOAD_STATES, UNIT_KINDS


class LoadUnit(Base):
    """A bag, pallet, ULD or container that is built at a place: parcels and smaller units are scanned into it."""

    __tablename__ = "load_unit"
    __table_args__ = (
        Index("ix_load_unit_location_id_status", "location_id", "status"),
        CheckConstraint("max_g IS NULL OR net_g <= max_g", name="weight_within"),
        CheckConstraint("max_cm3 IS NULL OR net_cm3 <= max_cm3", name="volume_within"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    kind: Mapped[str] = mapped_column(choice(*UNIT_KINDS, name="load_unit_kind"))
    unit_type_id: Mapped[int | None] = mapped_column(ForeignKey("unit_type.id"))
    number: Mapped[str] = mapped_column(String(20), unique=True)
    """SSCC of a bag or pallet, ULD code, or ISO 6346 number of a container."""
    location_id: Mapped[int] = mapped_column(ForeignKey("location.id"))
    departure_id: Mapped[int | None] = mapped_column(ForeignKey("departure.id"), index=True)
    """The departure it is built for."""
    handling_unit_id: Mapped[int | None] = mapped_column(ForeignKey("handling_unit.id"), index=True)
    """The opened unit of the plan it is the real one of."""
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("load_unit.id"), index=True)
    """The larger unit it stands in."""
    status: Mapped[str] = mapped_column(choice(*LOAD_STATES, name="load_unit_status"), default="open")
    tare_g: Mapped[int] = mapped_column(default=0)
    max_g: Mapped[int | None]
    max_cm3: Mapped[int | None]
    net_g: Mapped[int] = mapped_column(default=0)
    net_cm3: Mapped[int] = mapped_column(default=0)
    """Of all that is in it, by conditional UPDATE, never above its limits."""
    gross_g: Mapped[int | None]
    """On the scale, once it was sealed."""
    seal_number: Mapped[str | None] = mapped_column(String(20))
    opened_by: Mapped[str] = mapped_column(String(40))
    opened_at: Mapped[datetime]
    sealed_at: Mapped[datetime | None]
    location: Mapped[Location] = relationship(lazy="raise_on_sql")
    departure: Mapped[Departure | None] = relationship(lazy="raise_on_sql")
    unit_type: Mapped[UnitType | None] = relationship(lazy="raise_on_sql")


class ParcelMeasure(Base):
    """A parcel on the scale at one place. Append-only; `varies` where it differs more than the rule allows."""

    __tablename__ = "parcel_measure"

    id: Mapped[Key]
    parcel_id: Mapped[int] = mapped_column(ForeignKey("parcel.id"), index=True)
    location_id: Mapped[int] = mapped_column(ForeignKey("location.id"), index=True)
    scan_id: Mapped[str | None] = mapped_column(String(64), unique=True)
    weight_g: Mapped[int]
    length_mm: Mapped[int | None]
    width_mm: Mapped[int | None]
    height_mm: Mapped[int | None]
    declared_g: Mapped[int]
    declared_cm3: Mapped[int]
    varies: Mapped[bool]
    measured_by: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]
    parcel: Mapped[Parcel] = relationship(lazy="raise_on_sql")
