from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, SQLColumnExpression, String, UniqueConstraint, exists
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, Key, public_id
from app.models.pool import Parcel
from app.models.runs import OptimizationRun, Plan


class Scenario(Base):
    """A what-if: what a plan would be if some of its facts were others. Its plan is not carried out until promoted."""

    __tablename__ = "scenario"
    __table_args__ = (Index("ix_scenario_created_at_id", "created_at", "id"),)

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"), index=True)
    """The baseline, whose kept problem is patched."""
    run_id: Mapped[int] = mapped_column(ForeignKey("optimization_run.id", ondelete="CASCADE"), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    patches: Mapped[list[dict[str, Any]]]
    """What is assumed, one entry each, as `app.usecases.scenarios.Patch` reads them."""
    result: Mapped[dict[str, Any] | None]
    """Moved parcels, and what the baseline would cost with nobody placed anew; None until it is solved."""
    created_by: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime]
    promoted_by: Mapped[str | None] = mapped_column(String(40))
    promoted_at: Mapped[datetime | None]
    """From then on its plan is a draft like any other."""
    archived_at: Mapped[datetime | None]
    run: Mapped[OptimizationRun] = relationship(lazy="raise_on_sql")
    plan: Mapped[Plan] = relationship(lazy="raise_on_sql")


class ScenarioMove(Base):
    """One parcel that goes another way in the scenario than in the baseline; left out is a way as well."""

    __tablename__ = "scenario_move"
    __table_args__ = (UniqueConstraint("scenario_id", "parcel_id"),)

    id: Mapped[Key]
    scenario_id: Mapped[int] = mapped_column(ForeignKey("scenario.id", ondelete="CASCADE"), index=True)
    parcel_id: Mapped[int] = mapped_column(ForeignKey("parcel.id"), index=True)
    before_minor: Mapped[int]
    after_minor: Mapped[int]
    """What it costs by itself before and after, rounded; left out: what leaving it costs."""
    parcel: Mapped[Parcel] = relationship(lazy="raise_on_sql")


def hypothetical(run_id: SQLColumnExpression[int]) -> ColumnElement[bool]:
    """Whether a run solves a scenario that is not promoted: its plan is nobody's plan yet."""
    return exists().where(Scenario.run_id == run_id, Scenario.promoted_at.is_(None))
