"""The rows of blocks: what a helper does with one, what is damage, and that none outlives its run."""

from datetime import timedelta

import pytest
from redis import Redis
from rq import Queue, Worker
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from app import jobs
from app.clock import now
from app.jobs import optimization, worker
from app.jobs.blocks import rq_runner
from app.models import Job, RunBlock
from app.queries import invariants
from app.queue import Doorbell
from app.usecases import blocks, optimizing, working
from routing.blocks import run_here
from routing.files import plan_from_bytes
from tests.db.rounds import (
    GIVEN,
    Bell,
    assert_nothing_is_left,
    begun,
    block_jobs,
    first_steps,
    lease_runs_out,
    never,
    open_jobs,
    shown,
)


@pytest.fixture
def bell():
    return Bell()


@pytest.fixture
def work_and_run(database, bell):
    return begun(database, bell)


@pytest.fixture
def work(work_and_run):
    """The work of this test's process on a run."""
    return work_and_run[0]


@pytest.fixture
def run(work_and_run):
    return work_and_run[1]


@pytest.fixture(scope="module")
def expected():
    """The plans that every runner has to find."""
    return shown(run_here(GIVEN, never))


def test_a_helper_hands_in_a_plan_of_the_block_it_read(work, run, expected):
    _, rest = first_steps(rq_runner(work, run))
    job = open_jobs(work.database)[0]
    jobs.perform_with(work.database, job.id)

    with work.database.reading() as session:
        plan = plan_from_bytes(blocks.result_of(session, job.id))
    assert shown([(0, plan)]) == {0: expected[0]}
    rest.close()


def test_a_block_that_cannot_be_read_fails_alone(work, run, expected):
    first, rest = first_steps(rq_runner(work, run))
    job = open_jobs(work.database)[0]
    with work.database.transaction() as session:
        session.scalars(select(RunBlock).where(RunBlock.job_id == job.id)).one().problem = b"damaged"
    jobs.perform_with(work.database, job.id)

    assert block_jobs(work.database)[0].error == "internal_error: ProblemError"
    assert set(shown([first, *rest])) == {1, 2, 3}


def test_the_number_of_a_removed_job_is_given_to_no_other(work, run):
    """A fencing token of an old job must not open a new one."""
    list(rq_runner(work, run)(GIVEN, never))
    newest = max(job.id for job in block_jobs(work.database))
    assert len(block_jobs(work.database)) == 1

    with work.database.transaction() as session:
        assert working.enqueue(session, "solve_run", "solver", "run_x", now()).id > newest


def posted(work, run):
    with work.database.transaction() as session:
        for block in GIVEN:
            blocks.post(session, run, 1, block.number, block.to_bytes(), now())


def broken(database):
    with database.reading() as session:
        return {violation.invariant for violation in invariants.broken(session, now())}


def test_blocks_of_a_running_run_are_no_damage(work, run):
    posted(work, run)

    assert broken(work.database) == set()


def test_blocks_that_a_run_left_behind_are_found(work, run):
    posted(work, run)
    with work.database.transaction() as session:
        optimizing.end_cancelled(optimizing.find_run(session, run.public_id), now())

    assert broken(work.database) == {"blocks_belong_to_a_running_run"}


def test_a_job_whose_block_is_gone_is_found(work, run):
    posted(work, run)
    with work.database.transaction() as session:
        session.delete(session.scalars(select(RunBlock).limit(1)).one())

    assert broken(work.database) == {"open_block_jobs_have_a_block"}


def test_a_worker_that_takes_a_run_over_clears_what_the_one_before_was_waiting_for(work, run, monkeypatch):
    posted(work, run)
    left = []

    def solve(problem, *_, **__):
        with work.database.reading() as session:
            left.append(session.scalar(select(func.count(RunBlock.id))))
        raise OperationalError("UPDATE", {}, Exception("away"))

    monkeypatch.setattr(optimization, "solve", solve)
    lease_runs_out(work.database, work.claim)
    jobs.perform_with(work.database, work.claim.job_id)

    assert left == [0]


def test_a_run_that_is_given_up_leaves_no_blocks(work, run):
    posted(work, run)
    with work.database.transaction() as session:
        job = session.get_one(Job, work.claim.job_id)
        job.attempt, job.lease_until = job.max_attempts, now() - timedelta(seconds=1)
    worker.sweep(work.database, Bell())

    assert_nothing_is_left(work.database)


@pytest.mark.parametrize("url", [None, "redis://127.0.0.1:1/0"])
def test_without_redis_nobody_listens_for_blocks(url):
    assert Doorbell(url).listeners("blocks") == 0


def test_workers_are_counted_by_the_queues_they_take_work_from(redis_url, request):
    client = Redis.from_url(redis_url)
    name = request.node.name
    workers = [
        Worker([Queue(f"{name}-{kind}", connection=client) for kind in kinds], connection=client)
        for kinds in (["runs", "blocks"], ["blocks"])
    ]
    for one in workers:
        one.register_birth()
    counted = [Doorbell(redis_url).listeners(f"{name}-{kind}") for kind in ("runs", "blocks", "short")]
    for one in workers:
        one.register_death()
    client.close()

    assert counted == [1, 2, 0]
