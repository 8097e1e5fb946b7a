"""A worker that is killed loses nothing: real processes, real Redis, both databases, leases of two seconds."""

import time

import pytest
from redis import Redis
from sqlalchemy import func, select

from app.actor import system
from app.clock import now
from app.db import Database, make_engine
from app.models import Job, OptimizationRun, Plan, RunInput
from app.queries import invariants
from app.queue import Doorbell
from app.usecases import optimizing, seeding
from tests.conftest import fresh_database
from tests.live import SECRET, clean_environment
from tests.scenarios.workers import kill, worker

ACTOR = system("test")
PARCELS = 100


@pytest.fixture(scope="module")
def database_url(backend, request, tmp_path_factory):
    """One installation a backend for all tests here, with the network; each has a run of its own in it."""
    yield from fresh_database(backend, request, tmp_path_factory.mktemp("recovery"), "network")


@pytest.fixture(scope="module")
def database(database_url):
    """A small pool over the reference network."""
    engine = make_engine(database_url)
    database = Database(engine)
    with database.transaction() as session:
        seeding.seed_sample_pool(session, ACTOR, now(), PARCELS, 1)
    yield database
    engine.dispose()


@pytest.fixture
def installation(database_url, redis_url, tmp_path):
    """The environment its workers run in."""
    return clean_environment(
        FOURPORT_DATA_DIR=str(tmp_path),
        FOURPORT_DATABASE_URL=database_url,
        FOURPORT_REDIS_URL=redis_url,
        FOURPORT_SECRET_KEY=SECRET,
    )


def request(database, redis_url, time_limit_s):
    ringing = Database(database.engine, Doorbell(redis_url))
    with ringing.transaction() as session:
        return optimizing.request_run(session, ACTOR, now(), time_limit_s=time_limit_s).public_id


def wait_until(database, run_id, test, seconds=90):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with database.reading() as session:
            run = session.scalars(select(OptimizationRun).where(OptimizationRun.public_id == run_id)).one()
            job = session.scalars(select(Job).where(Job.subject == run_id)).one()
            kept = session.get(RunInput, run.id) is not None
            if test(run, job, kept):
                return run, job
        time.sleep(0.1)
    raise AssertionError(f"run is {run.status} in {run.phase}, job {job.status}, attempt {job.attempt}")


def assert_sound(database):
    with database.reading() as session:
        assert invariants.broken(session, now()) == []


def test_a_run_whose_worker_is_killed_is_finished_by_another(database, redis_url, installation):
    run_id = request(database, redis_url, time_limit_s=2)
    with worker(installation) as first:
        wait_until(database, run_id, lambda run, job, kept: job.status == "running" and kept)
        with database.reading() as session:
            digest = optimizing.find_run(session, run_id).problem_digest
        kill(first)
    with worker(installation):
        run, job = wait_until(database, run_id, lambda run, job, kept: run.status == "completed")

    assert job.attempt == 2
    assert run.problem_digest == digest
    with database.reading() as session:
        assert session.scalar(select(func.count()).where(Plan.run_id == run.id)) == 1
    assert_sound(database)


def test_a_run_that_kills_every_worker_ends_failed_with_the_reason(database, redis_url, installation):
    run_id = request(database, redis_url, time_limit_s=60)
    with database.transaction() as session:
        # The first two died of it as the one before this test did; the third does here.
        session.scalars(select(Job).where(Job.subject == run_id)).one().attempt = 2
    with worker(installation) as process:
        wait_until(database, run_id, lambda run, job, kept: job.status == "running" and job.attempt == 3)
        kill(process)
    with worker(installation):
        run, job = wait_until(database, run_id, lambda run, job, kept: run.status == "failed")

    assert (run.failure_code, job.status, job.error) == ("worker_lost", "failed", "worker_lost")
    assert_sound(database)


def test_work_that_redis_forgot_is_done_all_the_same(database, redis_url, installation):
    run_id = request(database, redis_url, time_limit_s=1)
    Redis.from_url(redis_url).flushall()
    with database.transaction() as session:
        # A minute later, without waiting for it.
        job = session.scalars(select(Job).where(Job.subject == run_id)).one()
        job.lease_until = job.created_at
    with worker(installation):
        wait_until(database, run_id, lambda run, job, kept: run.status == "completed")

    assert_sound(database)


def test_stopping_a_run_keeps_the_best_plan_it_has(database, redis_url, installation):
    run_id = request(database, redis_url, time_limit_s=300)
    with worker(installation):
        wait_until(database, run_id, lambda run, job, kept: run.incumbent is not None)
        with database.transaction() as session:
            optimizing.cancel_run(session, ACTOR, now(), run_id)
        run, _ = wait_until(database, run_id, lambda run, job, kept: run.status == "completed", seconds=60)

    with database.reading() as session:
        assert session.scalars(select(Plan.status).where(Plan.run_id == run.id)).one() in (
            "feasible",
            "optimal",
        )
    assert_sound(database)
