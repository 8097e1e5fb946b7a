from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, Key, choice, public_id
from app.models.places import Location
from app.models.services import CUTOFF_CODES, DIMENSIONS, Service, UnitType

DEPARTURE_STATES = ("planned", "open", "closed", "departed", "arrived", "cancelled")


class Departure(Base):
    """One dated sailing, flight, train or truck run."""

    __tablename__ = "departure"
    __table_args__ = (
        UniqueConstraint("service_id", "number"),
        Index("ix_departure_departs_at_status", "departs_at", "status"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"), index=True)
    number: Mapped[str] = mapped_column(String(40))
    """Voyage, flight or train number; with the service it is unique."""
    service_date: Mapped[date]
    """Local date of the first call's departure."""
    departs_at: Mapped[datetime]
    """Of the first call."""
    arrives_at: Mapped[datetime] = mapped_column(index=True)
    """At the last call."""
    status: Mapped[str] = mapped_column(choice(*DEPARTURE_STATES, name="departure_status"), default="planned")
    accepts: Mapped[list[str]] = mapped_column(default=list)
    """Goods class codes carried on this date: battery and dangerous goods acceptance."""
    min_payload_g: Mapped[int | None]
    service: Mapped[Service] = relationship(lazy="raise_on_sql")
    calls: Mapped[list["Call"]] = relationship(
        back_populates="departure", order_by="Call.seq", lazy="raise_on_sql", cascade="all, delete-orphan"
    )
    segments: Mapped[list["Segment"]] = relationship(
        order_by="Segment.seq", lazy="raise_on_sql", cascade="all, delete-orphan"
    )
    units: Mapped[list["DepartureUnit"]] = relationship(lazy="raise_on_sql", cascade="all, delete-orphan")


class Call(Base):
    """The departure at one place."""

    __tablename__ = "call"
    __table_args__ = (
        UniqueConstraint("departure_id", "seq"),
        CheckConstraint("departs_at IS NULL OR arrives_at IS NULL OR departs_at >= arrives_at", name="order"),
    )

    id: Mapped[Key]
    departure_id: Mapped[int] = mapped_column(ForeignKey("departure.id", ondelete="CASCADE"), index=True)
    seq: Mapped[int]
    location_id: Mapped[int] = mapped_column(ForeignKey("location.id"), index=True)
    arrives_at: Mapped[datetime | None]
    departs_at: Mapped[datetime | None]
    departure: Mapped[Departure] = relationship(back_populates="calls", lazy="raise_on_sql")
    location: Mapped[Location] = relationship(lazy="raise_on_sql")
    cutoffs: Mapped[list["Cutoff"]] = relationship(lazy="raise_on_sql", cascade="all, delete-orphan")


class Cutoff(Base):
    """The latest moment at which a task for this call may be done; typed as DCSA does."""

    __tablename__ = "cutoff"
    __table_args__ = (UniqueConstraint("call_id", "code"),)

    id: Mapped[Key]
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id", ondelete="CASCADE"), index=True)
    code: Mapped[str] = mapped_column(choice(*CUTOFF_CODES, name="cutoff_code"))
    at: Mapped[datetime]


class Segment(Base):
    """Between two neighbouring calls. Travelling from call A to C takes every segment between."""

    __tablename__ = "segment"
    __table_args__ = (UniqueConstraint("departure_id", "seq"),)

    id: Mapped[Key]
    departure_id: Mapped[int] = mapped_column(ForeignKey("departure.id", ondelete="CASCADE"), index=True)
    seq: Mapped[int]
    """The number of the call it begins at."""
    distance_m: Mapped[int] = mapped_column(default=0)
    """Great circle for air, shortest sea lane for sea, 1.3 × great circle for road, 1.2 × for rail."""
    pools: Mapped[list["CapacityPool"]] = relationship(
        back_populates="segment", lazy="raise_on_sql", cascade="all, delete-orphan"
    )


class CapacityPool(Base):
    """So much of one dimension on one segment. It changes by conditional UPDATE only, in id order."""

    __tablename__ = "capacity_pool"
    __table_args__ = (
        UniqueConstraint("segment_id", "dimension", "exporter_id"),
        # NULLs are distinct in a unique constraint; the pool that is everybody's is one as well.
        Index(
            "uq_capacity_pool_open",
            "segment_id",
            "dimension",
            unique=True,
            sqlite_where=text("exporter_id IS NULL"),
            postgresql_where=text("exporter_id IS NULL"),
        ),
        CheckConstraint("held >= 0 AND booked >= 0 AND held + booked <= capacity", name="never_oversold"),
    )

    id: Mapped[Key]
    segment_id: Mapped[int] = mapped_column(ForeignKey("segment.id", ondelete="CASCADE"), index=True)
    dimension: Mapped[str] = mapped_column(choice(*DIMENSIONS, name="capacity_pool_dimension"))
    capacity: Mapped[int]
    held: Mapped[int] = mapped_column(default=0)
    booked: Mapped[int] = mapped_column(default=0)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("capacity_pool.id", ondelete="CASCADE"))
    """The pool this one is cut out of: an allotment within the whole."""
    exporter_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"))
    """Whose allotment it is."""
    release_at: Mapped[datetime | None]
    """From then on the allotment is open to everybody."""
    segment: Mapped[Segment] = relationship(back_populates="pools", lazy="raise_on_sql")


class DepartureUnit(Base):
    """Handling units of one type that may be opened on this departure, and the fixed cost of each.

    Counted over all stretches between calls; boxes in an exporter's block come with the block and do not count.
    """

    __tablename__ = "departure_unit"
    __table_args__ = (
        UniqueConstraint("departure_id", "unit_type_id"),
        CheckConstraint("opened >= 0 AND opened <= max_count", name="opened"),
    )

    id: Mapped[Key]
    departure_id: Mapped[int] = mapped_column(ForeignKey("departure.id", ondelete="CASCADE"), index=True)
    unit_type_id: Mapped[int] = mapped_column(ForeignKey("unit_type.id"))
    max_count: Mapped[int]
    opened: Mapped[int] = mapped_column(default=0)
    cost_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    unit_type: Mapped[UnitType] = relationship(lazy="raise_on_sql")
