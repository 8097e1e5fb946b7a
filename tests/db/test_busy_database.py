"""SQLite has one writer at a time: a long one must not make the others look dead."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from app import jobs
from app.actor import system
from app.clock import now
from app.jobs import worker
from app.models import Job
from app.usecases import optimizing


@pytest.fixture
def backend():
    return "sqlite"


class Bell:
    def ring(self, *_):
        return True


@pytest.fixture
def silent_job(database):
    """A job whose worker could not renew its lease in time."""
    with database.transaction() as session:
        optimizing.request_run(session, system("test"), now())
        job = session.scalars(select(Job)).one()
        job.status, job.attempt, job.lease_until = "running", 1, now() - timedelta(seconds=1)
    return job


def test_a_sweep_that_had_to_wait_for_a_long_writer_judges_nobody(database, silent_job, monkeypatch):
    monkeypatch.setattr(jobs, "lease", timedelta(seconds=1))
    writing = threading.Event()

    def write_for_long():
        with database.transaction() as session:
            session.connection()
            writing.set()
            threading.Event().wait(1.0)

    writer = threading.Thread(target=write_for_long)
    writer.start()
    writing.wait(10)
    assert worker.sweep(database, Bell()) == 0
    writer.join()

    assert worker.sweep(database, Bell()) == 1
