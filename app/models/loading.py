from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, Key, choice, public_id
from app.models.departures import Departure
from app.models.places import Location
from app.models.pool import Parcel
from app.models.services import UnitType
from warehouses.loading import LOAD_STATES, UNIT_KINDS
from warehouses.measuring import DECISIONS

WAYS_OUT = ("out", "unpacked")
"""Scanned out again before the unit was sealed, or taken out where the unit had come."""
INSIDE = text("taken_at IS NULL")
IN_USE = text("status NOT IN ('unpacked', 'cancelled')")


class LoadUnit(Base):
    """A bag, pallet, ULD or container that is built at a place: parcels and smaller units are scanned into it."""

    __tablename__ = "load_unit"
    __table_args__ = (
        Index("ix_load_unit_location_id_status", "location_id", "status"),
        # Containers and ULDs come back: a number is free again once its unit is over.
        Index(
            "uq_load_unit_number_in_use", "number", unique=True, sqlite_where=IN_USE, postgresql_where=IN_USE
        ),
        CheckConstraint("max_g IS NULL OR net_g <= max_g", name="weight_within"),
        CheckConstraint("max_cm3 IS NULL OR net_cm3 <= max_cm3", name="volume_within"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    kind: Mapped[str] = mapped_column(choice(*UNIT_KINDS, name="load_unit_kind"))
    unit_type_id: Mapped[int | None] = mapped_column(ForeignKey("unit_type.id"))
    type_code: Mapped[str] = mapped_column(String(16))
    """Of its type, also where that is no row of `unit_type`: EURPAL, MAILBAG, 40HQ."""
    number: Mapped[str] = mapped_column(String(20), index=True)
    """SSCC of a bag or pallet, ULD code, or ISO 6346 number of a container."""
    location_id: Mapped[int] = mapped_column(ForeignKey("location.id"))
    departure_id: Mapped[int | None] = mapped_column(ForeignKey("departure.id"), index=True)
    """The departure it is built for."""
    board_seq: Mapped[int] = mapped_column(default=0)
    alight_seq: Mapped[int] = mapped_column(default=0)
    """The calls of the departure at which it is loaded and unloaded."""
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
    gross_varies: Mapped[bool] = mapped_column(default=False)
    """The scale says something else than what was scanned into it, and somebody sealed it nevertheless."""
    seal_number: Mapped[str | None] = mapped_column(String(20))
    content_sha256: Mapped[str | None] = mapped_column(String(64))
    """Of what it was sealed with, so that a change behind the seal is noticed."""
    opened_by: Mapped[str] = mapped_column(String(40))
    opened_at: Mapped[datetime]
    sealed_at: Mapped[datetime | None]
    loaded_at: Mapped[datetime | None]
    departed_at: Mapped[datetime | None]
    unpacked_at: Mapped[datetime | None]
    location: Mapped[Location] = relationship(lazy="raise_on_sql")
    departure: Mapped[Departure | None] = relationship(lazy="raise_on_sql")
    unit_type: Mapped[UnitType | None] = relationship(lazy="raise_on_sql")


class LoadContent(Base):
    """A parcel or a smaller unit in a unit, with what it was counted as; the row stays when it is taken out.

    What a unit weighs is the sum of these, whatever becomes of the parcel's own weight later.
    """

    __tablename__ = "load_content"
    __table_args__ = (
        CheckConstraint("(parcel_id IS NULL) <> (child_id IS NULL)", name="one_thing"),
        CheckConstraint("weight_g >= 0 AND volume_cm3 >= 0", name="size"),
        CheckConstraint("(taken_at IS NULL) = (way_out IS NULL)", name="taken"),
        # Nothing is in two units at once, whoever scans it.
        Index(
            "uq_load_content_parcel_inside",
            "parcel_id",
            unique=True,
            sqlite_where=INSIDE,
            postgresql_where=INSIDE,
        ),
        Index(
            "uq_load_content_child_inside",
            "child_id",
            unique=True,
            sqlite_where=INSIDE,
            postgresql_where=INSIDE,
        ),
        Index("ix_load_content_parcel_id", "parcel_id"),
        Index("ix_load_content_child_id", "child_id"),
    )

    id: Mapped[Key]
    unit_id: Mapped[int] = mapped_column(ForeignKey("load_unit.id"), index=True)
    parcel_id: Mapped[int | None] = mapped_column(ForeignKey("parcel.id"))
    child_id: Mapped[int | None] = mapped_column(ForeignKey("load_unit.id"))
    weight_g: Mapped[int]
    volume_cm3: Mapped[int]
    """Of a parcel as last measured, else as declared; of a unit its tare and all that is in it."""
    scan_id: Mapped[str | None] = mapped_column(String(64), unique=True)
    put_by: Mapped[str] = mapped_column(String(40))
    put_at: Mapped[datetime]
    out_scan_id: Mapped[str | None] = mapped_column(String(64), unique=True)
    taken_by: Mapped[str | None] = mapped_column(String(40))
    taken_at: Mapped[datetime | None]
    way_out: Mapped[str | None] = mapped_column(choice(*WAYS_OUT, name="load_content_way_out"))
    parcel: Mapped[Parcel | None] = relationship(lazy="raise_on_sql")
    child: Mapped[LoadUnit | None] = relationship(foreign_keys=[child_id], lazy="raise_on_sql")


class ParcelReceipt(Base):
    """A parcel that came to a place: received there once, however often it is scanned."""

    __tablename__ = "parcel_receipt"
    __table_args__ = (
        UniqueConstraint("parcel_id", "location_id"),
        Index("ix_parcel_receipt_location_id_at", "location_id", "at"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    parcel_id: Mapped[int] = mapped_column(ForeignKey("parcel.id"))
    location_id: Mapped[int] = mapped_column(ForeignKey("location.id"))
    scan_id: Mapped[str | None] = mapped_column(String(64), unique=True)
    off_its_way: Mapped[bool] = mapped_column(default=False)
    """It was not to come here, and was taken in nevertheless."""
    received_by: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]
    parcel: Mapped[Parcel] = relationship(lazy="raise_on_sql")


class ParcelMeasure(Base):
    """A parcel on the scale at one place: never changed; `varies` where it differs by more than the rule allows."""

    __tablename__ = "parcel_measure"
    __table_args__ = (Index("ix_parcel_measure_location_id_at", "location_id", "at"),)

    id: Mapped[Key]
    parcel_id: Mapped[int] = mapped_column(ForeignKey("parcel.id"), index=True)
    location_id: Mapped[int] = mapped_column(ForeignKey("location.id"))
    scan_id: Mapped[str | None] = mapped_column(String(64), unique=True)
    weight_g: Mapped[int]
    length_mm: Mapped[int | None]
    width_mm: Mapped[int | None]
    height_mm: Mapped[int | None]
    declared_g: Mapped[int]
    declared_cm3: Mapped[int]
    volume_cm3: Mapped[int]
    """From the dimensions, rounded up; as declared where only the weight was taken."""
    varies: Mapped[bool]
    latest: Mapped[bool] = mapped_column(default=True)
    """No later one was made of the parcel: the one that counts."""
    measured_by: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]
    decision: Mapped[str | None] = mapped_column(choice(*DECISIONS, name="parcel_measure_decision"))
    """What somebody decided about a variance; until then it is an alert."""
    decided_by: Mapped[str | None] = mapped_column(String(40))
    decided_at: Mapped[datetime | None]
    parcel: Mapped[Parcel] = relationship(lazy="raise_on_sql")
