from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, Key, choice, public_id
from app.models.parties import Party
from app.models.places import Location

MODES = ("air", "sea", "rail", "ferry", "road", "last_mile")
CUTOFF_CODES = (
    "DCO", "VCO", "FCO", "LCO", "PCO", "ECP", "EFC", "RCO", "DGC", "OBC", "TCO", "STA", "SPA", "CUA", "AFC",
)  # fmt: skip
"""DCSA Commercial Schedules 1.0, CutOffDateTimeCodeList."""
DIMENSIONS = ("g", "cm3", "teu", "slot20", "slot40", "slot45", "uld_position")


class UnitType(Base):
    """A kind of handling unit that can be opened: a container, a ULD, a pallet, a whole charter flight."""

    __tablename__ = "unit_type"
    __table_args__ = (
        CheckConstraint("payload_g > 0 AND volume_cm3 > 0", name="size"),
        CheckConstraint("takes_quantity >= 0", name="takes_quantity"),
    )

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(String(16), unique=True)
    name_en: Mapped[str]
    name_zh: Mapped[str]
    payload_g: Mapped[int]
    """What may be loaded."""
    volume_cm3: Mapped[int]
    """What fits in practice: inner volume times the planning fill."""
    takes_dimension: Mapped[str | None] = mapped_column(choice(*DIMENSIONS, name="unit_takes"))
    """The pool it takes room in when opened; none for a whole charter."""
    takes_quantity: Mapped[int] = mapped_column(default=0)
    """In hundredths: 225 = 2.25 TEU."""
    iso_code: Mapped[str | None] = mapped_column(String(8))
    source: Mapped[str] = mapped_column(default="")


class Service(Base):
    """What a carrier runs: a line, a loop, a charter chain, a truck shuttle, a last-mile network.

    `dated` services materialise into departures; `on_demand` ones leave when asked and take `transit_min`.
    """

    __tablename__ = "service"
    __table_args__ = (
        CheckConstraint("(schedule = 'on_demand') = (transit_min IS NOT NULL)", name="transit_of_on_demand"),
        CheckConstraint("every_weeks >= 1", name="every_weeks"),
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="validity"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name_en: Mapped[str]
    name_zh: Mapped[str]
    mode: Mapped[str] = mapped_column(choice(*MODES, name="service_mode"), index=True)
    schedule: Mapped[str] = mapped_column(choice("dated", "on_demand", name="service_schedule"))
    charter: Mapped[bool] = mapped_column(default=False)
    aircraft: Mapped[str | None] = mapped_column(choice("passenger", "freighter", name="service_aircraft"))
    carrier_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"))
    weekdays: Mapped[str] = mapped_column(String(7), default="")
    """ISO weekdays of the first call's local date, e.g. 135."""
    every_weeks: Mapped[int] = mapped_column(default=1)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    """First day without it."""
    transit_min: Mapped[int | None]
    accepts: Mapped[list[str]] = mapped_column(default=list)
    """Goods class codes carried."""
    border_location_id: Mapped[int | None] = mapped_column(ForeignKey("location.id"))
    """Rail: the station where the train leaves China."""
    gauge_changes: Mapped[int] = mapped_column(default=0)
    wagon_count: Mapped[int | None]
    min_payload_g: Mapped[int | None]
    """Charter: the payload that is billed at least."""
    vessel_imo: Mapped[str | None] = mapped_column(String(8))
    source: Mapped[str] = mapped_column(default="")
    """Where the fact was published, or `example`."""
    calls: Mapped[list["ServiceCall"]] = relationship(
        back_populates="service",
        order_by="ServiceCall.seq",
        lazy="raise_on_sql",
        cascade="all, delete-orphan",
    )
    spaces: Mapped[list["ServiceSpace"]] = relationship(lazy="raise_on_sql", cascade="all, delete-orphan")
    units: Mapped[list["ServiceUnit"]] = relationship(lazy="raise_on_sql", cascade="all, delete-orphan")
    carrier: Mapped[Party | None] = relationship(lazy="raise_on_sql")


class ServiceCall(Base):
    """One stop of the pattern: local times and the days after the first departure's date."""

    __tablename__ = "service_call"
    __table_args__ = (UniqueConstraint("service_id", "seq"),)

    id: Mapped[Key]
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id", ondelete="CASCADE"), index=True)
    seq: Mapped[int]
    location_id: Mapped[int] = mapped_column(ForeignKey("location.id"), index=True)
    arrive_day: Mapped[int | None]
    arrive_local: Mapped[str | None] = mapped_column(String(5))
    """HH:MM in the place's zone."""
    depart_day: Mapped[int | None]
    depart_local: Mapped[str | None] = mapped_column(String(5))
    cutoffs: Mapped[dict[str, int]] = mapped_column(default=dict)
    """DCSA cut-off code → minutes before departure from this call."""
    service: Mapped[Service] = relationship(back_populates="calls", lazy="raise_on_sql")
    location: Mapped[Location] = relationship(lazy="raise_on_sql")


class ServiceSpace(Base):
    """Capacity every departure of the service gets, on each segment or on one; an allotment if it has a party."""

    __tablename__ = "service_space"
    __table_args__ = (
        UniqueConstraint("service_id", "segment_seq", "dimension", "exporter_id"),
        CheckConstraint("capacity >= 0", name="capacity"),
    )

    id: Mapped[Key]
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id", ondelete="CASCADE"), index=True)
    segment_seq: Mapped[int | None]
    """None: every segment."""
    dimension: Mapped[str] = mapped_column(choice(*DIMENSIONS, name="service_space_dimension"))
    capacity: Mapped[int]
    """In the dimension's unit; TEU in hundredths, slots and positions in hundredths as well."""
    exporter_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"))
    """Whose block it is: a client's block space or customised train."""
    release_days: Mapped[int | None]
    """Days before departure at which an allotment goes back to everybody."""
    source: Mapped[str] = mapped_column(default="")


class ServiceUnit(Base):
    """A handling unit that may be opened on each departure, and what opening one costs us (buy side)."""

    __tablename__ = "service_unit"
    __table_args__ = (
        UniqueConstraint("service_id", "unit_type_id"),
        CheckConstraint("max_count >= 0 AND cost_minor >= 0", name="not_negative"),
    )

    id: Mapped[Key]
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id", ondelete="CASCADE"), index=True)
    unit_type_id: Mapped[int] = mapped_column(ForeignKey("unit_type.id"))
    max_count: Mapped[int]
    cost_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    source: Mapped[str] = mapped_column(default="")
    unit_type: Mapped[UnitType] = relationship(lazy="raise_on_sql")


class RouteGroup(Base):
    """A dated list of services sold as one sailing route group, e.g. RCEP or Belt and Road."""

    __tablename__ = "route_group"
    __table_args__ = (UniqueConstraint("code", "service_id", "effective_from"),)

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(String(16), index=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id", ondelete="CASCADE"), index=True)
    effective_from: Mapped[date]
    effective_to: Mapped[date | None]
    source: Mapped[str]
