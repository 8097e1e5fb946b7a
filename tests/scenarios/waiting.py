"""A process that waits for the blocks of a run, to be killed: `python -m tests.scenarios.waiting RUN`."""

import sys
from datetime import timedelta

from sqlalchemy import select

from app import jobs
from app.clock import now
from app.config import Settings
from app.jobs.blocks import rq_runner
from app.models import Job
from app.usecases import optimizing, working
from routing.blocks import Block
from routing.limits import Limits
from tests.unit.routing.random_problems import random_problem

BLOCKS = 40
REPEATABLE = Limits(time_limit_s=None, iterations=2)


def block_of(number):
    """Half a second's work or more, so that a worker can be caught at it."""
    seed = 1 + number % 4
    problem = random_problem(seed, n=300, options=8, resources=30, types=40, must=0.0, booked=0.0)
    return Block(number, problem, None, REPEATABLE, seed=number)


def main(run_id):
    """Claim the run as a worker does, and have many blocks solved."""
    jobs.lease = timedelta(seconds=2)
    database = jobs.open_database(Settings.from_env())
    with database.transaction() as session:
        job_id = session.scalars(select(Job.id).where(Job.subject == run_id)).one()
        work = jobs.Work(database, working.claim(session, job_id, now(), jobs.lease))
        run = optimizing.begin_run(session, run_id, now())
    with jobs.kept_alive(work):
        list(rq_runner(work, run)([block_of(number) for number in range(BLOCKS)], lambda: False))


if __name__ == "__main__":
    main(sys.argv[1])
