from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, Key, choice
from app.models.pool import Parcel

DECISIONS = ("lock", "override", "leave")


class PlanDecision(Base):
    """What a person decided about one parcel of a plan: keep its way, send it another way, or leave it out."""

    __tablename__ = "plan_decision"
    __table_args__ = (UniqueConstraint("plan_id", "number"),)

    id: Mapped[Key]
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"))
    number: Mapped[int]
    """Counts the decisions of the plan from 1; it is how they are called outside."""
    parcel_id: Mapped[int] = mapped_column(ForeignKey("parcel.id"), index=True)
    kind: Mapped[str] = mapped_column(choice(*DECISIONS, name="plan_decision_kind"))
    before: Mapped[dict[str, Any]]
    """The way before: `option` of the problem (-1: left out), `cost_minor`, `reason`, `reason_fact`, `legs`."""
    after: Mapped[dict[str, Any]]
    """The way after, alike; and in `units` what was opened for it, or closed, by unit type of the problem."""
    extra_cost_minor: Mapped[int]
    """Rounded; units that were opened or closed are in it."""
    decided_by: Mapped[str] = mapped_column(String(40))
    decided_at: Mapped[datetime]
    undone_by: Mapped[str | None] = mapped_column(String(40))
    undone_at: Mapped[datetime | None]
    parcel: Mapped[Parcel] = relationship(lazy="raise_on_sql")
