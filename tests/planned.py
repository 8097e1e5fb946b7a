"""A run done here and now, as a worker would do it, and the plan that tests start from."""

from sqlalchemy import select

from app import jobs
from app.actor import system
from app.clock import now
from app.models import Job, OptimizationRun, Plan
from app.usecases import optimizing
from app.usecases.seeding import seed_sample_pool

PARCELS = 40
NEAR = {"horizon_days": 30}
"""As far as the pool's goods go: the plan is that of a longer look ahead, and all that builds on it is quicker."""


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


def plan_pool(database):
    """Fill the pool over a network that is there, and plan it; returns the public id of the plan."""
    actor = system("test")
    with database.transaction() as session:
        seed_sample_pool(session, actor, now(), PARCELS, seed=5)
    with database.transaction() as session:
        run = optimizing.request_run(session, actor, now(), scope=NEAR, iterations=1).public_id
    return plan_of(database, run)


def plan_made(database):
    """The public id of the plan that the template has; others may have come after it."""
    with database.reading() as session:
        return session.scalars(select(Plan.public_id).order_by(Plan.id)).first()
