"""Optimisation runs: the list, one of them, and the points of its live chart."""

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.errors import NotFound
from app.models import OptimizationRun, RunProgress, hypothetical
from app.queries.paging import Keyset, Page, instant

NEWEST = Keyset(OptimizationRun.created_at, OptimizationRun.id, read=instant, falling=True)


def list_runs(
    session: Session, *, status: str | None = None, cursor: str | None = None, limit: int = 50
) -> Page[OptimizationRun]:
    """Runs, the newest first, each with its plan; those that only ask "what if" stand with their scenarios."""
    query = select(OptimizationRun).options(selectinload(OptimizationRun.plan))
    query = query.where(~hypothetical(OptimizationRun.id))
    if status:
        query = query.where(OptimizationRun.status == status)
    found = session.scalars(NEWEST.slice(query, cursor, limit)).all()
    return NEWEST.page(found, limit, lambda run: (run.created_at, run.id))


def get_run(session: Session, public_id: str) -> OptimizationRun:
    """One run with its plan; NotFound."""
    query = select(OptimizationRun).options(selectinload(OptimizationRun.plan))
    run = session.scalar(query.where(OptimizationRun.public_id == public_id))
    if run is None:
        raise NotFound(f"there is no run {public_id!r}")
    return run


def progress(session: Session, run_id: int, *, limit: int = 600) -> list[RunProgress]:
    """The last `limit` points of a run, the oldest first."""
    query = select(RunProgress).where(RunProgress.run_id == run_id).order_by(RunProgress.id.desc())
    return list(reversed(session.scalars(query.limit(limit)).all()))
