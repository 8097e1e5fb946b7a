from datetime import date, datetime

from sqlalchemy import CheckConstraint, Float, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, Key, choice, public_id

LOCATION_KINDS = (
    "port",
    "airport",
    "station",
    "border",
    "zone",
    "overseas",
    "origin_hub",
    "returns_centre",
    "supervised_site",
)
WAREHOUSE_KINDS = ("overseas", "origin_hub", "returns_centre", "supervised_site")


class Location(Base):
    """A place goods can be at: a port, an airport, a rail station, a delivery zone or a warehouse.

    Port, airport and station of one city share a UN/LOCODE, so the place has a code of its own.
    """

    __tablename__ = "location"
    __table_args__ = (
        CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude"),
        CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    code: Mapped[str] = mapped_column(String(24), unique=True)
    """Our own code, e.g. CNTAO-PORT."""
    kind: Mapped[str] = mapped_column(choice(*LOCATION_KINDS, name="location_kind"), index=True)
    name_en: Mapped[str]
    name_zh: Mapped[str]
    country: Mapped[str] = mapped_column(String(2), index=True)
    """ISO 3166 alpha-2."""
    unlocode: Mapped[str | None] = mapped_column(String(5), index=True)
    iata: Mapped[str | None] = mapped_column(String(3), index=True)
    time_zone: Mapped[str]
    """IANA name."""
    latitude: Mapped[float] = mapped_column(Float)
    longitude: Mapped[float] = mapped_column(Float)
    min_transfer_min: Mapped[int] = mapped_column(default=120)
    """Least time between arriving here and leaving on something else, in minutes."""
    source: Mapped[str] = mapped_column(default="")
    warehouse: Mapped["Warehouse | None"] = relationship(back_populates="location", lazy="raise_on_sql")


class Warehouse(Base):
    """What a location of a warehouse kind offers; the directory of public overseas warehouses reads this."""

    __tablename__ = "warehouse"
    __table_args__ = (
        CheckConstraint("area_m2 >= 0 AND free_m2 >= 0 AND free_m2 <= area_m2", name="free_within_area"),
        CheckConstraint("daily_parcels >= 0", name="daily_parcels"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    location_id: Mapped[int] = mapped_column(ForeignKey("location.id"), unique=True)
    operator: Mapped[str]
    """The company that runs it, as named in public; `example` where the row is one."""
    area_m2: Mapped[int]
    free_m2: Mapped[int]
    daily_parcels: Mapped[int]
    """Parcels it can take in on one day; 0 = not limited."""
    services: Mapped[list[str]] = mapped_column(default=list)
    """Codes such as fba_prep, returns, relabel, display, bonded_1210."""
    accepts: Mapped[list[str]] = mapped_column(default=list)
    """Goods class codes; none named = all that may travel."""
    cutoff_local: Mapped[str] = mapped_column(String(5), default="16:00")
    """HH:MM local: later arrivals count for the next day."""
    dwell_days: Mapped[int] = mapped_column(default=1)
    display_centre: Mapped[bool] = mapped_column(default=False)
    bonded: Mapped[bool] = mapped_column(default=False)
    data_as_of: Mapped[date]
    source: Mapped[str] = mapped_column(default="")
    updated_at: Mapped[datetime]
    location: Mapped[Location] = relationship(back_populates="warehouse", lazy="raise_on_sql")


class CountryGroup(Base):
    """A dated list of countries: RCEP, SCO, Belt and Road, EU, US. Lists change with the law: rows, not code."""

    __tablename__ = "country_group"
    __table_args__ = (UniqueConstraint("code", "country", "effective_from"),)

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(String(16), index=True)
    country: Mapped[str] = mapped_column(String(2), index=True)
    effective_from: Mapped[date]
    effective_to: Mapped[date | None]
    """First day on which it no longer holds."""
    source: Mapped[str]
