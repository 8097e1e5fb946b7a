from sqlalchemy import ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Key


class RunBlock(Base):
    """A part of a run on its way to whoever solves it and back. Its job says who has it and how it went.

    It stands here only while the run waits for it.
    """

    __tablename__ = "run_block"
    __table_args__ = (UniqueConstraint("run_id", "round", "number"),)

    id: Mapped[Key]
    run_id: Mapped[int] = mapped_column(ForeignKey("optimization_run.id", ondelete="CASCADE"))
    job_id: Mapped[int] = mapped_column(ForeignKey("job.id", ondelete="CASCADE"), unique=True)
    round: Mapped[int]
    """Which set of blocks of the run."""
    number: Mapped[int]
    """Within the set."""
    problem: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    """fourport-block/1, .npz."""
    result: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    """fourport-plan/1, .npz, once its job is done by a worker that the run does not sit on itself."""
