from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, Key
from app.models.pool import Parcel
from app.models.runs import OptimizationRun, Plan


class Replan(Base):
    """Why a run plans anew what another plan had planned, and what its plan changes of that."""

    __tablename__ = "replan"

    id: Mapped[Key]
    run_id: Mapped[int] = mapped_column(ForeignKey("optimization_run.id", ondelete="CASCADE"), unique=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"), index=True)
    """The plan that was disrupted."""
    wanted: Mapped[dict[str, Any]]
    """What happened and what may change, as it was asked: see `app.usecases.replanning.Wanted`."""
    result: Mapped[dict[str, Any] | None]
    """Affected and changed parcels, costs before and after in minor units, the curve; None until it is done."""
    run: Mapped[OptimizationRun] = relationship(lazy="raise_on_sql")
    plan: Mapped[Plan] = relationship(lazy="raise_on_sql")


class ReplanMove(Base):
    """One parcel that goes another way than before, or no way any more."""

    __tablename__ = "replan_move"
    __table_args__ = (UniqueConstraint("replan_id", "parcel_id"),)

    id: Mapped[Key]
    replan_id: Mapped[int] = mapped_column(ForeignKey("replan.id", ondelete="CASCADE"), index=True)
    parcel_id: Mapped[int] = mapped_column(ForeignKey("parcel.id"), index=True)
    affected: Mapped[bool]
    """Whether it had to move: its way was gone, or no longer held it."""
    before_minor: Mapped[int]
    after_minor: Mapped[int]
    """What it costs by itself before and after, rounded; left out: what leaving it costs."""
    price_minor: Mapped[int]
    """The price of changing the booking; 0 for the affected."""
    parcel: Mapped[Parcel] = relationship(lazy="raise_on_sql")
