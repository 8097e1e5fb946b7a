"""Background work is done once, and never lost: leases, fencing tokens, the sweep."""

from datetime import UTC, datetime, timedelta

import pytest

from app.models import Job
from app.usecases import working

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
LEASE = timedelta(seconds=2)


class Bell:
    """A doorbell that remembers."""

    def __init__(self):
        self.rung = []

    def ring(self, queue, job_id, attempt):
        self.rung.append((queue, job_id, attempt))
        return True


@pytest.fixture
def job(session):
    return working.enqueue(session, "solve_run", "solver", "run_x", NOW)


def test_a_worker_is_rung_only_after_the_commit(database):
    from app.db import Database

    bell = Bell()
    ringing = Database(database.engine, bell)
    with ringing.transaction() as session:
        job = working.enqueue(session, "solve_run", "solver", "run_x", NOW)
        assert bell.rung == []
    assert bell.rung == [("solver", job.id, 0)]


def test_of_much_work_at_once_some_is_rung_for_and_the_sweep_finds_the_rest(database):
    from app.db import Database

    bell = Bell()
    subjects = [f"msg_{number}" for number in range(working.RUNG_FOR + 7)]
    with Database(database.engine, bell).transaction() as session:
        working.enqueue_all(session, "deliver_webhook", "webhooks", subjects, NOW)
        working.enqueue_all(session, "deliver_webhook", "webhooks", [], NOW)
    with database.transaction() as session:
        jobs = session.query(Job).order_by(Job.id).all()
        assert [job.subject for job in jobs] == subjects
        assert bell.rung == [("webhooks", job.id, 0) for job in jobs[: working.RUNG_FOR]]
        again, given_up = working.sweep(session, NOW + timedelta(seconds=1), LEASE)
        assert ([job.subject for job in again], given_up) == (subjects[working.RUNG_FOR :], [])


def test_nobody_is_rung_for_work_that_was_rolled_back(database):
    from app.db import Database

    bell = Bell()
    with pytest.raises(RuntimeError), Database(database.engine, bell).transaction() as session:
        working.enqueue(session, "solve_run", "solver", "run_x", NOW)
        raise RuntimeError
    assert bell.rung == []


def test_a_job_is_claimed_by_one_worker_only(session, job):
    first = working.claim(session, job.id, NOW, LEASE)
    second = working.claim(session, job.id, NOW, LEASE)

    assert first is not None
    assert (first.kind, first.subject, first.attempt) == ("solve_run", "run_x", 1)
    assert second is None


def test_a_silent_worker_loses_its_job_and_can_write_nothing_more(session, job):
    silent = working.claim(session, job.id, NOW, LEASE)
    later = NOW + LEASE + timedelta(seconds=1)
    other = working.claim(session, job.id, later, LEASE)

    assert other.attempt == 2
    assert not working.renew(session, silent, later, LEASE)
    assert not working.finish(session, silent, later)
    assert working.finish(session, other, later)


def test_a_renewed_lease_keeps_the_job(session, job):
    held = working.claim(session, job.id, NOW, LEASE)
    assert working.renew(session, held, NOW + timedelta(seconds=1), LEASE)

    assert working.claim(session, job.id, NOW + timedelta(seconds=2, milliseconds=500), LEASE) is None


def test_the_sweep_rings_again_for_a_job_redis_lost(session, job):
    assert working.sweep(session, NOW) == ([], [])

    again, given_up = working.sweep(session, NOW + working.RING_AGAIN + timedelta(seconds=1))
    assert [found.id for found in again] == [job.id]
    assert given_up == []
    assert session.get_one(Job, job.id).rings == 2


def test_after_its_last_attempt_a_job_is_given_up_with_the_reason(session, job):
    at = NOW
    for _ in range(job.max_attempts):
        assert working.claim(session, job.id, at, LEASE) is not None
        at += LEASE + timedelta(seconds=1)

    again, given_up = working.sweep(session, at, LEASE)
    session.refresh(job)
    assert again == []
    assert [found.id for found in given_up] == [job.id]
    assert (job.status, job.error) == ("failed", "worker_lost")


def test_finished_work_stays_finished(session, job):
    held = working.claim(session, job.id, NOW, LEASE)
    working.finish(session, held, NOW)

    assert working.claim(session, job.id, NOW + timedelta(days=1), LEASE) is None
    assert working.sweep(session, NOW + timedelta(days=1)) == ([], [])
