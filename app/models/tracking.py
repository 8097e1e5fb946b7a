from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, Key, choice, public_id
from app.models.places import Location

CLASSIFIERS = ("PLN", "EST", "ACT")
"""DCSA eventClassifierCode."""
EVENT_TYPES = ("SHIPMENT", "TRANSPORT", "EQUIPMENT")


class TrackingEvent(Base):
    """What was planned for, is expected of, or happened to a departure, a booking or a parcel. Append-only.

    Shape of DCSA Track and Trace. What came from outside carries its sender and the sender's own id, so that
    the same event sent twice stands here once.
    """

    __tablename__ = "tracking_event"
    __table_args__ = (
        UniqueConstraint("source", "source_id"),
        CheckConstraint(
            "departure_id IS NOT NULL OR booking_id IS NOT NULL OR parcel_id IS NOT NULL", name="subject"
        ),
        Index("ix_tracking_event_departure_id_call_seq", "departure_id", "call_seq"),
        Index("ix_tracking_event_received_at_id", "received_at", "id"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    departure_id: Mapped[int | None] = mapped_column(ForeignKey("departure.id", ondelete="CASCADE"))
    call_seq: Mapped[int | None]
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("booking.id", ondelete="CASCADE"), index=True)
    parcel_id: Mapped[int | None] = mapped_column(ForeignKey("parcel.id", ondelete="CASCADE"), index=True)
    event_type: Mapped[str] = mapped_column(choice(*EVENT_TYPES, name="tracking_event_type"))
    classifier: Mapped[str] = mapped_column(choice(*CLASSIFIERS, name="tracking_event_classifier"))
    code: Mapped[str] = mapped_column(String(32))
    """DCSA code (DEPA, ARRI, GTIN, LOAD, CUSS, …) or one of our parcel statuses."""
    happens_at: Mapped[datetime]
    """When it happens or happened; what was received late sorts where it belongs."""
    reported_at: Mapped[datetime]
    """When its sender wrote it: of two estimates the later one holds, whichever arrived first."""
    received_at: Mapped[datetime]
    location_id: Mapped[int | None] = mapped_column(ForeignKey("location.id"))
    source: Mapped[str] = mapped_column(String(40))
    """Public id or reference of who reported it."""
    source_id: Mapped[str] = mapped_column(String(64))
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    location: Mapped[Location | None] = relationship(lazy="raise_on_sql")


class CarrierSecret(Base):
    """What a carrier signs its events with. The secret itself is kept: a signature cannot be checked by a hash."""

    __tablename__ = "carrier_secret"

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"), index=True)
    secret: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
