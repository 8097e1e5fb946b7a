from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, Key, choice, public_id
from app.models.departures import Departure
from app.models.services import DIMENSIONS, UnitType

ALLOCATION_STATES = ("held", "booked", "released")


class HandlingUnit(Base):
    """A container, ULD, wagon or charter that is open on a departure between two calls, and what is left in it.

    Its room changes by conditional UPDATE only. Opening it takes room in the pools its type names.
    """

    __tablename__ = "handling_unit"
    __table_args__ = (
        CheckConstraint(
            "held_g >= 0 AND booked_g >= 0 AND held_g + booked_g <= payload_g", name="weight_never_oversold"
        ),
        CheckConstraint(
            "held_cm3 >= 0 AND booked_cm3 >= 0 AND held_cm3 + booked_cm3 <= volume_cm3",
            name="volume_never_oversold",
        ),
        CheckConstraint("alight_seq > board_seq", name="order"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    departure_id: Mapped[int] = mapped_column(ForeignKey("departure.id"), index=True)
    unit_type_id: Mapped[int] = mapped_column(ForeignKey("unit_type.id"))
    board_seq: Mapped[int]
    alight_seq: Mapped[int]
    payload_g: Mapped[int]
    volume_cm3: Mapped[int]
    held_g: Mapped[int] = mapped_column(default=0)
    booked_g: Mapped[int] = mapped_column(default=0)
    held_cm3: Mapped[int] = mapped_column(default=0)
    booked_cm3: Mapped[int] = mapped_column(default=0)
    exporter_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"))
    """Whose block it was opened in: nobody else's goods go into it."""
    opened_by: Mapped[str]
    """Public id of the person, the plan or the booking that opened it."""
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    """Empty units that were given back; they take no room any more."""
    departure: Mapped[Departure] = relationship(lazy="raise_on_sql")
    unit_type: Mapped[UnitType] = relationship(lazy="raise_on_sql")


class SpaceAllocation(Base):
    """So much of a pool's or an open unit's dimension that an offer holds or a booking has, or a unit takes.

    The sum of what is held, and of what is booked, is the pool's `held` and `booked` at every moment.
    """

    __tablename__ = "space_allocation"
    __table_args__ = (
        CheckConstraint("(pool_id IS NULL) <> (unit_id IS NULL)", name="one_place"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint(
            "offer_id IS NOT NULL OR booking_id IS NOT NULL OR opened_unit_id IS NOT NULL", name="owner"
        ),
        Index("ix_space_allocation_state_expires_at", "state", "expires_at"),
    )

    id: Mapped[Key]
    pool_id: Mapped[int | None] = mapped_column(ForeignKey("capacity_pool.id"), index=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("handling_unit.id"), index=True)
    dimension: Mapped[str] = mapped_column(choice(*DIMENSIONS, name="space_allocation_dimension"))
    quantity: Mapped[int]
    state: Mapped[str] = mapped_column(choice(*ALLOCATION_STATES, name="space_allocation_state"))
    leg_seq: Mapped[int] = mapped_column(default=0)
    """Which leg of the offer or booking it is for."""
    offer_id: Mapped[int | None] = mapped_column(ForeignKey("offer.id"), index=True)
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("booking.id"), index=True)
    opened_unit_id: Mapped[int | None] = mapped_column(ForeignKey("handling_unit.id"), index=True)
    """The unit whose opening took it."""
    expires_at: Mapped[datetime | None]
    """Held: until then."""
    created_at: Mapped[datetime]
