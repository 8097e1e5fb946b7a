from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, Key, choice

SURCHARGE_BASES = ("flat", "per_kg", "per_m3", "percent", "per_unit")


class Tariff(Base):
    """A priced rule set for a leg or a channel. Buy: what space costs us. Sell: what we ask.

    It applies to one service (and, if given, between two of its calls). Rates are integers of 10⁻⁶ of the
    major unit; amounts of money are minor units.
    """

    __tablename__ = "tariff"
    __table_args__ = (CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="validity"),)

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(String(60), unique=True)
    side: Mapped[str] = mapped_column(choice("buy", "sell", name="tariff_side"), index=True)
    service_id: Mapped[int | None] = mapped_column(ForeignKey("service.id"), index=True)
    """None: the tariff prices a whole channel, named by `channel`."""
    channel: Mapped[str | None] = mapped_column(String(40), index=True)
    from_location_id: Mapped[int | None] = mapped_column(ForeignKey("location.id"))
    to_location_id: Mapped[int | None] = mapped_column(ForeignKey("location.id"))
    exporter_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"))
    """Only for this exporter, before the general one."""
    currency: Mapped[str] = mapped_column(String(3))
    divisor_cm3_per_kg: Mapped[int | None]
    """Volumetric divisor; none: gross weight only."""
    rounding_g: Mapped[int] = mapped_column(default=1)
    """Chargeable weight is rounded up to a multiple of this."""
    minimum_minor: Mapped[int] = mapped_column(default=0)
    flat_minor: Mapped[int] = mapped_column(default=0)
    """Once per parcel."""
    per_m3_micros: Mapped[int] = mapped_column(default=0)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    """First day on which it no longer holds."""
    source: Mapped[str] = mapped_column(default="")
    breaks: Mapped[list["TariffBreak"]] = relationship(
        order_by="TariffBreak.from_g", lazy="raise_on_sql", cascade="all, delete-orphan"
    )
    surcharges: Mapped[list["TariffSurcharge"]] = relationship(
        order_by="TariffSurcharge.code", lazy="raise_on_sql", cascade="all, delete-orphan"
    )


class TariffBreak(Base):
    """From this chargeable weight on, this rate."""

    __tablename__ = "tariff_break"
    __table_args__ = (
        UniqueConstraint("tariff_id", "from_g"),
        CheckConstraint("from_g >= 0 AND rate_micros_per_kg >= 0 AND flat_minor >= 0", name="not_negative"),
    )

    id: Mapped[Key]
    tariff_id: Mapped[int] = mapped_column(ForeignKey("tariff.id", ondelete="CASCADE"), index=True)
    from_g: Mapped[int]
    rate_micros_per_kg: Mapped[int]
    flat_minor: Mapped[int] = mapped_column(default=0)


class TariffSurcharge(Base):
    """Fuel, security, peak season and the like: its own charge line."""

    __tablename__ = "tariff_surcharge"
    __table_args__ = (UniqueConstraint("tariff_id", "code"),)

    id: Mapped[Key]
    tariff_id: Mapped[int] = mapped_column(ForeignKey("tariff.id", ondelete="CASCADE"), index=True)
    code: Mapped[str] = mapped_column(String(16))
    basis: Mapped[str] = mapped_column(choice(*SURCHARGE_BASES, name="surcharge_basis"))
    amount_micros: Mapped[int]
    """10⁻⁶ of the major unit per kg, m3 or once; 10⁻⁶ as a share for percent (50000 = 5 %)."""


class FxRate(Base):
    """One unit of `base` in `quote`, on a day, with its source."""

    __tablename__ = "fx_rate"
    __table_args__ = (
        UniqueConstraint("base", "quote", "as_of"),
        CheckConstraint("rate_micros > 0", name="positive"),
    )

    id: Mapped[Key]
    base: Mapped[str] = mapped_column(String(3))
    quote: Mapped[str] = mapped_column(String(3))
    rate_micros: Mapped[int]
    as_of: Mapped[date]
    source: Mapped[str]
