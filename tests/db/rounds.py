"""A run that waits for its blocks, and others that take them: what the tests of blocks share."""

from datetime import timedelta

from sqlalchemy import func, select

from app import jobs
from app.actor import system
from app.clock import now
from app.db import Database
from app.models import Job, RunBlock
from app.queries import invariants
from app.usecases import optimizing, working
from routing.blocks import Block
from routing.limits import Limits
from tests.unit.routing.random_problems import random_problem

ACTOR = system("test")
REPEATABLE = Limits(time_limit_s=None, iterations=1)


class Bell:
    """A doorbell that remembers, and says that others listen: so many that all blocks are posted at once."""

    def __init__(self, listeners=5):
        self.rung = []
        self.count = listeners

    def ring(self, queue, job_id, attempt):
        self.rung.append((queue, job_id, attempt))
        return True

    def listeners(self, queue):
        assert queue == "blocks"
        return self.count


def begun(database, bell):
    """The work of a process that has begun a run, and the run."""
    ringing = Database(database.engine, bell)
    with ringing.transaction() as session:
        run = optimizing.request_run(session, ACTOR, now())
        job = session.scalars(select(Job)).one()
        claim = working.claim(session, job.id, now())
        optimizing.begin_run(session, run.public_id, now())
    bell.rung.clear()
    return jobs.Work(ringing, claim), run


def block_of(number, limits=REPEATABLE):
    problem = random_problem(number, n=10, options=4, resources=4, types=3, must=0.0, booked=0.0)
    return Block(number, problem, None, limits, seed=number)


GIVEN = [block_of(number) for number in range(4)]


def never():
    return False


def shown(found):
    return {
        number: (plan.status, plan.objective, plan.item_option.tolist(), plan.units.tolist())
        for number, plan in found
    }


def block_jobs(database):
    with database.reading() as session:
        return session.scalars(select(Job).where(Job.kind == "solve_block").order_by(Job.id)).all()


def open_jobs(database):
    return [job for job in block_jobs(database) if job.status in ("queued", "running")]


def assert_nothing_is_left(database):
    with database.reading() as session:
        assert session.scalar(select(func.count(RunBlock.id))) == 0
        assert invariants.broken(session, now()) == []
    assert open_jobs(database) == []


def first_steps(runner, *, given=GIVEN, should_stop=never):
    """A round of which one plan has been taken, so that all its blocks are posted."""
    found = runner(given, should_stop)
    return next(found), found


def taken_by_another(database, number=0):
    """Somebody else claims the block of this number."""
    with database.transaction() as session:
        job = session.scalars(
            select(Job).join(RunBlock, RunBlock.job_id == Job.id).where(RunBlock.number == number)
        ).one()
        return working.claim(session, job.id, now())


def lease_runs_out(database, claim):
    with database.transaction() as session:
        session.get_one(Job, claim.job_id).lease_until = now() - timedelta(seconds=1)
