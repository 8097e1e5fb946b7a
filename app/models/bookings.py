from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, Key, choice, public_id
from app.models.departures import Departure
from app.models.parties import Party
from app.models.places import Location
from app.models.services import MODES

BOOKING_STATES = (
    "RECEIVED", "PENDING_UPDATE", "UPDATE_RECEIVED", "CONFIRMED", "PENDING_AMENDMENT", "REJECTED", "DECLINED",
    "CANCELLED", "COMPLETED",
)  # fmt: skip
"""DCSA Booking 2.0, bookingStatus."""
AMENDMENT_STATES = ("AMENDMENT_RECEIVED", "AMENDMENT_CONFIRMED", "AMENDMENT_DECLINED", "AMENDMENT_CANCELLED")
CANCELLATION_STATES = ("CANCELLATION_RECEIVED", "CANCELLATION_CONFIRMED", "CANCELLATION_DECLINED")


class Booking(Base):
    """Space an exporter has on every leg of one itinerary. Its statuses are what its events say."""

    __tablename__ = "booking"
    __table_args__ = (
        Index("ix_booking_exporter_id_created_at", "exporter_id", "created_at"),
        # What is owed is added up from this index alone, while a booking waits.
        Index("ix_booking_owed", "exporter_id", "test_mode", "currency", "status", "total_minor"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    exporter_id: Mapped[int] = mapped_column(ForeignKey("party.id"))
    quote_id: Mapped[int | None] = mapped_column(ForeignKey("quote.id"), unique=True)
    """None: it was made by committing a plan."""
    offer_id: Mapped[int | None] = mapped_column(ForeignKey("offer.id"), unique=True)
    test_mode: Mapped[bool] = mapped_column(default=False)
    reference: Mapped[str | None] = mapped_column(String(64))
    """The exporter's own."""
    status: Mapped[str] = mapped_column(choice(*BOOKING_STATES, name="booking_status"), index=True)
    amendment_status: Mapped[str | None] = mapped_column(choice(*AMENDMENT_STATES, name="amendment_status"))
    cancellation_status: Mapped[str | None] = mapped_column(
        choice(*CANCELLATION_STATES, name="cancellation_status")
    )
    origin_id: Mapped[int] = mapped_column(ForeignKey("location.id"))
    destination_id: Mapped[int] = mapped_column(ForeignKey("location.id"))
    customs_mode: Mapped[str | None] = mapped_column(String(4))
    currency: Mapped[str] = mapped_column(String(3))
    total_minor: Mapped[int]
    charges: Mapped[list[dict[str, Any]]]
    """Charge lines as the offer had them; changed by amending, cancelling and rolling."""
    declared_minor: Mapped[int] = mapped_column(default=0)
    """Value of the goods in the booking's currency."""
    version: Mapped[int] = mapped_column(default=1)
    """Counted up with every event, so that two changes at once cannot both be made."""
    created_at: Mapped[datetime]
    exporter: Mapped[Party] = relationship(lazy="raise_on_sql")
    origin: Mapped[Location] = relationship(foreign_keys=[origin_id], lazy="raise_on_sql")
    destination: Mapped[Location] = relationship(foreign_keys=[destination_id], lazy="raise_on_sql")
    lines: Mapped[list["BookingLine"]] = relationship(
        order_by="BookingLine.seq", lazy="raise_on_sql", cascade="all, delete-orphan"
    )
    legs: Mapped[list["BookingLeg"]] = relationship(
        order_by="BookingLeg.seq", lazy="raise_on_sql", cascade="all, delete-orphan"
    )
    events: Mapped[list["BookingEvent"]] = relationship(
        order_by="BookingEvent.seq", lazy="raise_on_sql", cascade="all, delete-orphan"
    )


class BookingLine(Base):
    """So many packages of one size that were booked; parcels fill it, never more than were booked."""

    __tablename__ = "booking_line"
    __table_args__ = (
        UniqueConstraint("booking_id", "seq"),
        CheckConstraint("filled >= 0 AND filled <= count", name="filled"),
        CheckConstraint("count > 0 AND weight_g > 0 AND volume_cm3 > 0", name="size"),
    )

    id: Mapped[Key]
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id", ondelete="CASCADE"), index=True)
    seq: Mapped[int]
    count: Mapped[int]
    filled: Mapped[int] = mapped_column(default=0)
    weight_g: Mapped[int]
    """Of one package, as its dimensions and volume."""
    length_mm: Mapped[int | None]
    width_mm: Mapped[int | None]
    height_mm: Mapped[int | None]
    volume_cm3: Mapped[int]
    goods_class: Mapped[str] = mapped_column(String(32))
    description: Mapped[str] = mapped_column(default="")
    hs_code: Mapped[str | None] = mapped_column(String(12))
    value_minor: Mapped[int] = mapped_column(default=0)
    """Of one package, in `value_currency`."""
    value_currency: Mapped[str] = mapped_column(String(3))


class BookingLeg(Base):
    """One leg of a booking: a ride on a departure between two of its calls, or a service on demand."""

    __tablename__ = "booking_leg"
    __table_args__ = (UniqueConstraint("booking_id", "seq"),)

    id: Mapped[Key]
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id", ondelete="CASCADE"), index=True)
    seq: Mapped[int]
    mode: Mapped[str] = mapped_column(choice(*MODES, name="booking_leg_mode"))
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"))
    departure_id: Mapped[int | None] = mapped_column(ForeignKey("departure.id"), index=True)
    board_seq: Mapped[int | None]
    alight_seq: Mapped[int | None]
    from_id: Mapped[int] = mapped_column(ForeignKey("location.id"))
    to_id: Mapped[int] = mapped_column(ForeignKey("location.id"))
    may_open: Mapped[bool] = mapped_column(default=False)
    """Whether its freight pays for a unit that is opened for it alone."""
    cutoff_at: Mapped[datetime | None]
    """When the goods must have been handed over; none on demand."""
    departs_at: Mapped[datetime]
    arrives_at: Mapped[datetime]
    """Planned when it was booked or rolled; what really happens are tracking events."""
    departure: Mapped[Departure | None] = relationship(lazy="raise_on_sql")
    from_location: Mapped[Location] = relationship(foreign_keys=[from_id], lazy="raise_on_sql")
    to_location: Mapped[Location] = relationship(foreign_keys=[to_id], lazy="raise_on_sql")


class BookingEvent(Base):
    """Something that happened to a booking. Append-only; the statuses are derived from these rows."""

    __tablename__ = "booking_event"
    __table_args__ = (UniqueConstraint("booking_id", "seq"),)

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id", ondelete="CASCADE"), index=True)
    seq: Mapped[int]
    kind: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime]
    actor_kind: Mapped[str] = mapped_column(String(8))
    actor: Mapped[str] = mapped_column(String(40))
    detail: Mapped[dict[str, Any]]


class Consignment(Base):
    """Parcels of a booking that travel under one house waybill."""

    __tablename__ = "consignment"

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id", ondelete="CASCADE"), index=True)
    waybill_number: Mapped[str] = mapped_column(String(24), unique=True)
    customs_mode: Mapped[str | None] = mapped_column(String(4))
    created_at: Mapped[datetime]
    booking: Mapped[Booking] = relationship(lazy="raise_on_sql")


class TransportDocument(Base):
    """The through document of a booking (no parent), or the document of one of its legs (its child)."""

    __tablename__ = "transport_document"
    __table_args__ = (UniqueConstraint("booking_id", "leg_seq", "version"),)

    id: Mapped[Key]
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id", ondelete="CASCADE"), index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("transport_document.id", ondelete="CASCADE"))
    number: Mapped[str] = mapped_column(String(24), unique=True)
    leg_seq: Mapped[int] = mapped_column(default=0)
    """0: the through document."""
    version: Mapped[int] = mapped_column(default=1)
    content: Mapped[dict[str, Any]]
    """What it said when it was issued."""
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the content; the QR code carries its beginning."""
    issued_at: Mapped[datetime]
    void_at: Mapped[datetime | None]
