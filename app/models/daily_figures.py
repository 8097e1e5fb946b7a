from datetime import date, datetime

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Key


class DailyFigure(Base):
    """What a figure of the control tower was on one day, where rows do not tell it afterwards."""

    __tablename__ = "daily_figure"
    __table_args__ = (UniqueConstraint("day", "figure"),)

    id: Mapped[Key]
    day: Mapped[date]
    """In UTC."""
    figure: Mapped[str] = mapped_column(String(32))
    value: Mapped[int]
    noted_at: Mapped[datetime]
