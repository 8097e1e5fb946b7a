from datetime import datetime
from typing import Any

from sqlalchemy import Float, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, Key, choice, public_id
from app.models.departures import Departure
from app.models.pool import Parcel
from app.models.services import UnitType

RUN_STATES = ("queued", "running", "completed", "failed", "cancelled")
REASON_CODES = (
    "CUTOFF_MISSED", "WEIGHT_FULL", "VOLUME_FULL", "TEU_FULL", "DG_NOT_ALLOWED", "LATE", "CUSTOMS_MODE",
    "CREDIT_HOLD", "NO_ROUTE", "COSTLIER", "CHANNEL_RULE", "LEFT_BY_OPERATOR",
)  # fmt: skip


PLAN_STATES = ("draft", "committing", "committed", "discarded")
"""Only a draft may be changed; committing turns it into bookings, discarding puts it aside until it is undone."""


class OptimizationRun(Base):
    """One request to plan: what was asked, how far it is, how it ended. The plan stands beside it."""

    __tablename__ = "optimization_run"

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    status: Mapped[str] = mapped_column(choice(*RUN_STATES, name="run_status"), default="queued", index=True)
    requested_by: Mapped[str] = mapped_column(String(40))
    scope: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Which parcels and departures: directions, exporter, horizon in days."""
    time_limit_s: Mapped[int]
    gap_limit: Mapped[float] = mapped_column(Float)
    iterations: Mapped[int | None]
    seed: Mapped[int]
    code_version: Mapped[str] = mapped_column(String(40))
    problem_digest: Mapped[str | None] = mapped_column(String(64))
    items: Mapped[int] = mapped_column(default=0)
    phase: Mapped[str] = mapped_column(String(32), default="queued")
    incumbent: Mapped[float | None] = mapped_column(Float)
    bound: Mapped[float | None] = mapped_column(Float)
    gap: Mapped[float | None] = mapped_column(Float)
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    failure_code: Mapped[str | None] = mapped_column(String(40))
    failure_detail: Mapped[str | None]
    findings: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    """What the facts left out and why: code, subject, text."""
    created_at: Mapped[datetime] = mapped_column(index=True)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    plan: Mapped["Plan | None"] = relationship(back_populates="run", lazy="raise_on_sql")


class RunInput(Base):
    """The problem as it was when the run began: any worker can solve it again and get the same."""

    __tablename__ = "run_input"

    run_id: Mapped[int] = mapped_column(
        ForeignKey("optimization_run.id", ondelete="CASCADE"), primary_key=True
    )
    problem: Mapped[bytes] = mapped_column(LargeBinary)
    """fourport-problem/1, compressed .npz."""
    catalogue: Mapped[bytes] = mapped_column(LargeBinary)
    """What options, resources and units mean: itineraries and row ids, .npz."""


class RunProgress(Base):
    """One point of the live chart."""

    __tablename__ = "run_progress"
    __table_args__ = (Index("ix_run_progress_run_id_id", "run_id", "id"),)

    id: Mapped[Key]
    run_id: Mapped[int] = mapped_column(ForeignKey("optimization_run.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    seconds: Mapped[float] = mapped_column(Float)
    phase: Mapped[str] = mapped_column(String(32))
    incumbent: Mapped[float | None] = mapped_column(Float)
    bound: Mapped[float | None] = mapped_column(Float)
    gap: Mapped[float | None] = mapped_column(Float)


class Plan(Base):
    """A checked plan: which parcel goes how, what is opened, what it costs, and the proven bound."""

    __tablename__ = "plan"

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    run_id: Mapped[int] = mapped_column(ForeignKey("optimization_run.id"), unique=True)
    status: Mapped[str] = mapped_column(
        choice("optimal", "feasible", "infeasible", "unknown", name="plan_status")
    )
    state: Mapped[str] = mapped_column(
        choice(*PLAN_STATES, name="plan_state"), default="draft", server_default="draft", index=True
    )
    currency: Mapped[str] = mapped_column(String(3))
    objective: Mapped[float] = mapped_column(Float)
    """Minor units: a planning cost with fractions, not an invoice."""
    lower_bound: Mapped[float | None] = mapped_column(Float)
    bound_source: Mapped[str] = mapped_column(String(16))
    gap: Mapped[float | None] = mapped_column(Float)
    seconds: Mapped[float] = mapped_column(Float)
    items: Mapped[int]
    assigned: Mapped[int]
    on_time: Mapped[int]
    """Assigned items that arrive by their deliver-by, or have none."""
    summary: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Counts and money by mode, by reason, by direction; seconds by phase."""
    solution: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    """fourport-plan/1, compressed .npz."""
    problem_digest: Mapped[str] = mapped_column(String(64))
    version: Mapped[int] = mapped_column(default=0, server_default="0")
    """Counts how often people changed what goes where: who decides says which version was looked at."""
    created_at: Mapped[datetime] = mapped_column(index=True)
    run: Mapped[OptimizationRun] = relationship(back_populates="plan", lazy="raise_on_sql")


class PlanItinerary(Base):
    """An itinerary that the plan uses; many parcels share one."""

    __tablename__ = "plan_itinerary"

    id: Mapped[Key]
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"), index=True)
    disposition: Mapped[str | None] = mapped_column(String(32))
    """What is done with returns that take it; none for plain transport."""
    parcels: Mapped[int]
    legs: Mapped[list["PlanLeg"]] = relationship(order_by="PlanLeg.seq", lazy="raise_on_sql")


class PlanLeg(Base):
    """One leg of such an itinerary."""

    __tablename__ = "plan_leg"
    __table_args__ = (UniqueConstraint("itinerary_id", "seq"),)

    id: Mapped[Key]
    itinerary_id: Mapped[int] = mapped_column(ForeignKey("plan_itinerary.id", ondelete="CASCADE"), index=True)
    seq: Mapped[int]
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"))
    departure_id: Mapped[int | None] = mapped_column(ForeignKey("departure.id"), index=True)
    """None: an on-demand leg."""
    from_location_id: Mapped[int] = mapped_column(ForeignKey("location.id"))
    to_location_id: Mapped[int] = mapped_column(ForeignKey("location.id"))
    board_seq: Mapped[int | None]
    alight_seq: Mapped[int | None]
    departs_at: Mapped[datetime]
    arrives_at: Mapped[datetime]


class PlanItem(Base):
    """What the plan does with one parcel, or why it does nothing."""

    __tablename__ = "plan_item"
    __table_args__ = (
        UniqueConstraint("plan_id", "parcel_id"),
        Index("ix_plan_item_plan_id_reason", "plan_id", "reason"),
    )

    id: Mapped[Key]
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"))
    parcel_id: Mapped[int] = mapped_column(ForeignKey("parcel.id"), index=True)
    position: Mapped[int]
    """Index of the item in the problem file."""
    itinerary_id: Mapped[int | None] = mapped_column(ForeignKey("plan_itinerary.id"), index=True)
    cost_minor: Mapped[int]
    """Its own cost, rounded; shared fixed costs are not split."""
    arrives_at: Mapped[datetime | None]
    late_min: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str | None] = mapped_column(choice(*REASON_CODES, name="plan_item_reason"))
    reason_fact: Mapped[str | None]
    parcel: Mapped[Parcel] = relationship(lazy="raise_on_sql")
    itinerary: Mapped[PlanItinerary | None] = relationship(lazy="raise_on_sql")


class PlanLoad(Base):
    """What the plan puts on one segment of a departure."""

    __tablename__ = "plan_load"
    __table_args__ = (UniqueConstraint("plan_id", "departure_id", "segment_seq"),)

    id: Mapped[Key]
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"), index=True)
    departure_id: Mapped[int] = mapped_column(ForeignKey("departure.id"), index=True)
    segment_seq: Mapped[int]
    parcels: Mapped[int]
    weight_g: Mapped[int]
    volume_cm3: Mapped[int]
    departure: Mapped[Departure] = relationship(lazy="raise_on_sql")


class PlanUnit(Base):
    """Handling units the plan opens on a departure between two calls, with their fixed cost."""

    __tablename__ = "plan_unit"
    __table_args__ = (UniqueConstraint("plan_id", "departure_id", "unit_type_id", "board_seq", "alight_seq"),)

    id: Mapped[Key]
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"), index=True)
    departure_id: Mapped[int] = mapped_column(ForeignKey("departure.id"), index=True)
    unit_type_id: Mapped[int] = mapped_column(ForeignKey("unit_type.id"))
    board_seq: Mapped[int]
    alight_seq: Mapped[int]
    opened: Mapped[int]
    cost_minor: Mapped[int]
    """Of all of them, in the plan's currency."""
    unit_type: Mapped[UnitType] = relationship(lazy="raise_on_sql")
