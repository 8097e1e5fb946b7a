"""What happens around a job's handler: claimed once, closed always, its subject told when it is given up."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app import jobs
from app.actor import system
from app.clock import now
from app.errors import Conflict
from app.jobs import worker
from app.models import Job, OptimizationRun
from app.usecases import optimizing, working

ACTOR = system("test")


class Bell:
    """A doorbell that remembers."""

    def __init__(self):
        self.rung = []

    def ring(self, queue, job_id, ring):
        self.rung.append((queue, job_id, ring))
        return True


@pytest.fixture
def run_id(database):
    with database.transaction() as session:
        return optimizing.request_run(session, ACTOR, now()).public_id


@pytest.fixture
def handler(monkeypatch):
    """Replace the work of a run by what a test wants to happen."""

    def use(function):
        monkeypatch.setattr(jobs, "_resolve", lambda name, real=jobs._resolve: _choose(name, function, real))

    return use


def _choose(name, function, real):
    return function if name.endswith(":solve_run") else real(name)


def job_of(database, run_id):
    with database.reading() as session:
        return session.scalars(select(Job).where(Job.subject == run_id)).one()


def run_of(database, run_id):
    with database.reading() as session:
        return session.scalars(select(OptimizationRun).where(OptimizationRun.public_id == run_id)).one()


def test_a_job_is_performed_once_however_often_it_is_rung(database, run_id, handler):
    done = []

    def work(claimed):
        done.append(claimed.subject)
        with database.transaction() as session:
            working.finish(session, claimed.claim, now())

    handler(work)
    job = job_of(database, run_id)
    jobs.perform_with(database, job.id)
    jobs.perform_with(database, job.id)

    assert done == [run_id]
    assert job_of(database, run_id).status == "done"


def test_what_a_rule_refuses_ends_the_run_with_that_reason(database, run_id, handler):
    def work(claimed):
        raise Conflict("the network has no departures")

    handler(work)
    jobs.perform_with(database, job_of(database, run_id).id)

    run = run_of(database, run_id)
    assert (run.status, run.failure_code, run.failure_detail) == (
        "failed",
        "wrong_state",
        "the network has no departures",
    )


def test_our_own_mistake_ends_the_run_without_showing_the_trace(database, run_id, handler):
    def work(claimed):
        raise ZeroDivisionError("secret detail")

    handler(work)
    jobs.perform_with(database, job_of(database, run_id).id)

    run = run_of(database, run_id)
    assert run.failure_code == "internal_error"
    assert "secret" not in run.failure_detail
    assert job_of(database, run_id).status == "failed"


def test_a_long_job_keeps_its_lease(database, run_id, handler, monkeypatch):
    monkeypatch.setattr(jobs, "lease", timedelta(seconds=0.3))
    seen = []

    def work(claimed):
        start = job_of(database, run_id).lease_until
        claimed.lost.wait(1.0)
        seen.append(job_of(database, run_id).lease_until > start)

    handler(work)
    jobs.perform_with(database, job_of(database, run_id).id)

    assert seen == [True]


def test_a_job_that_was_taken_away_is_told_to_stop(database, run_id, handler, monkeypatch):
    monkeypatch.setattr(jobs, "lease", timedelta(seconds=0.3))
    told = []

    def work(claimed):
        with database.transaction() as session:
            session.scalars(select(Job)).one().attempt += 1
        told.append(claimed.lost.wait(5.0))

    handler(work)
    jobs.perform_with(database, job_of(database, run_id).id)

    assert told == [True]
    assert run_of(database, run_id).status == "queued"


def test_the_sweep_rings_for_lost_work_and_gives_up_what_was_lost_too_often(database, run_id):
    bell = Bell()
    with database.transaction() as session:
        job = session.scalars(select(Job)).one()
        job.lease_until = now() - timedelta(seconds=1)
    assert worker.sweep(database, bell) == 1
    assert bell.rung == [("solver", job.id, 2)]

    with database.transaction() as session:
        job = session.scalars(select(Job)).one()
        job.attempt, job.status, job.lease_until = job.max_attempts, "running", now() - timedelta(seconds=1)
    assert worker.sweep(database, bell) == 1
    assert run_of(database, run_id).failure_code == "worker_lost"


def test_a_cancelled_run_is_never_begun(database, run_id):
    with database.transaction() as session:
        optimizing.cancel_run(session, ACTOR, now(), run_id)
    jobs.perform_with(database, job_of(database, run_id).id)

    assert run_of(database, run_id).status == "cancelled"
    assert job_of(database, run_id).status == "done"
