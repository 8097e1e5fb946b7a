"""A run done here and now, as a worker would do it."""

from sqlalchemy import select

from app import jobs
from app.models import Job, OptimizationRun, Plan


def plan_of(database, run):
    """Do the job of a run; returns the public id of its plan."""
    with database.reading() as session:
        job = session.scalars(select(Job.id).where(Job.subject == run)).one()
    jobs.perform_with(database, job)
    with database.reading() as session:
        query = select(Plan.public_id).join(OptimizationRun, OptimizationRun.id == Plan.run_id)
        found = session.scalar(query.where(OptimizationRun.public_id == run))
        assert found, session.scalar(
            select(OptimizationRun.failure_detail).where(OptimizationRun.public_id == run)
        )
        return found
