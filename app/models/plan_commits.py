from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Key, choice
from routing.committing import STALE_CODES

CHAIN_STATES = ("waiting", "done")


class PlanCommit(Base):
    """A plan being turned into bookings: who asked, how far it is, what came of it. A plan has one at most."""

    __tablename__ = "plan_commit"

    id: Mapped[Key]
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"), unique=True)
    requested_by: Mapped[str] = mapped_column(String(40))
    actor_kind: Mapped[str] = mapped_column(String(8))
    scope: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What is left out: `exporters` and `departures`, public ids; empty: all of the plan is committed."""
    requested_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    failure: Mapped[str | None]
    """Why no worker goes on with it; a person may have it resumed."""


class PlanChain(Base):
    """The itineraries of a plan that ride the same departures: what is committed in one transaction."""

    __tablename__ = "plan_chain"
    __table_args__ = (UniqueConstraint("commit_id", "seq"),)

    id: Mapped[Key]
    commit_id: Mapped[int] = mapped_column(ForeignKey("plan_commit.id", ondelete="CASCADE"))
    seq: Mapped[int]
    departures: Mapped[list[str]]
    """Public ids, in the order they are ridden; empty: nothing dated is."""
    itineraries: Mapped[list[dict[str, Any]]]
    """`id` of each itinerary."""
    status: Mapped[str] = mapped_column(choice(*CHAIN_STATES, name="plan_chain_status"), default="waiting")
    parcels: Mapped[int]
    """That the plan puts on it."""
    bookings: Mapped[int] = mapped_column(default=0)
    booked: Mapped[int] = mapped_column(default=0)
    """Parcels that have their space now."""
    kept: Mapped[int] = mapped_column(default=0)
    """Parcels that had it already, from the plan this one was made anew from."""
    decided: Mapped[int] = mapped_column(default=0)
    """Returns that stay where they are, their disposition written."""
    stale: Mapped[int] = mapped_column(default=0)
    finished_at: Mapped[datetime | None]


class PlanBooking(Base):
    """The booking an exporter has for one itinerary of a plan: once, however often it is tried."""

    __tablename__ = "plan_booking"
    __table_args__ = (UniqueConstraint("plan_id", "exporter_id", "itinerary_id"),)

    id: Mapped[Key]
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"))
    exporter_id: Mapped[int] = mapped_column(ForeignKey("party.id"))
    itinerary_id: Mapped[int] = mapped_column(ForeignKey("plan_itinerary.id", ondelete="CASCADE"))
    chain_id: Mapped[int] = mapped_column(ForeignKey("plan_chain.id", ondelete="CASCADE"), index=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), unique=True)
    parcels: Mapped[int]


class PlanStale(Base):
    """A parcel that a plan had a way for and that was not booked, and why."""

    __tablename__ = "plan_stale"
    __table_args__ = (
        UniqueConstraint("plan_id", "parcel_id"),
        Index("ix_plan_stale_plan_id_code", "plan_id", "code"),
    )

    id: Mapped[Key]
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"))
    chain_id: Mapped[int] = mapped_column(ForeignKey("plan_chain.id", ondelete="CASCADE"), index=True)
    parcel_id: Mapped[int] = mapped_column(ForeignKey("parcel.id"), index=True)
    code: Mapped[str] = mapped_column(choice(*STALE_CODES, name="plan_stale_code"))
    fact: Mapped[str] = mapped_column(String(300), default="")
    """What exactly: a number, a status, an instant."""
