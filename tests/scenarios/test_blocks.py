"""Blocks of a run on real workers: real processes, real Redis, both databases; one worker is killed in a block."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import select

from app import jobs
from app.actor import system
from app.clock import now
from app.db import Database
from app.jobs import blocks
from app.jobs.blocks import rq_runner
from app.models import Job, RunBlock
from app.queries import invariants
from app.queue import Doorbell
from app.usecases import optimizing, working
from routing.blocks import run_here
from tests.live import SECRET, clean_environment
from tests.scenarios.waiting import block_of
from tests.scenarios.workers import groups_below, kill, worker

ROOT = Path(__file__).resolve().parents[2]
BLOCKS = 10


@pytest.fixture(scope="module")
def given():
    return [block_of(number) for number in range(BLOCKS)]


@pytest.fixture(scope="module")
def expected(given):
    """What one process alone makes of them."""
    return shown(run_here(given, lambda: False))


def shown(found):
    return {
        number: (plan.status, plan.objective, plan.item_option.tolist(), plan.units.tolist())
        for number, plan in found
    }


@pytest.fixture
def installation(database_url, redis_url, tmp_path):
    Redis.from_url(redis_url).flushall()
    return clean_environment(
        FOURPORT_DATA_DIR=str(tmp_path),
        FOURPORT_DATABASE_URL=database_url,
        FOURPORT_REDIS_URL=redis_url,
        FOURPORT_SECRET_KEY=SECRET,
    )


@pytest.fixture
def ringing(database, redis_url):
    return Database(database.engine, Doorbell(redis_url))


@pytest.fixture
def run_id(installation, ringing):
    """A run over an empty pool, waiting for a worker."""
    with ringing.transaction() as session:
        return optimizing.request_run(session, system("test"), now()).public_id


@pytest.fixture
def work(ringing, run_id, monkeypatch):
    """That run, worked on by this process as a worker would."""
    monkeypatch.setattr(jobs, "lease", timedelta(seconds=2))
    with ringing.transaction() as session:
        claim = working.claim(session, session.scalars(select(Job.id)).one(), now(), jobs.lease)
        optimizing.begin_run(session, run_id, now())
    work = jobs.Work(ringing, claim)
    with jobs.kept_alive(work):
        yield work


class Watched(threading.Thread):
    """A round of blocks, computed beside the test that watches it."""

    def __init__(self, work, given):
        super().__init__()
        self.work, self.given, self.found = work, given, []

    def run(self):
        with self.work.database.reading() as session:
            run = optimizing.find_run(session, self.work.subject)
        self.found.extend(rq_runner(self.work, run)(self.given, lambda: False))


def wait_until(test, seconds=140):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if test():
            return
        time.sleep(0.05)
    raise AssertionError("it did not come to that")


def running_blocks(database):
    """Number and attempt of every block that somebody has."""
    query = select(RunBlock.number, Job.attempt).join(Job, Job.id == RunBlock.job_id)
    with database.reading() as session:
        return sorted(tuple(row) for row in session.execute(query.where(Job.status == "running")))


@contextlib.contextmanager
def frozen(*processes):
    """Nothing of these workers moves."""
    groups = [group for process in processes for group in groups_below(process.pid)]
    for group in groups:
        os.killpg(group, signal.SIGSTOP)
    yield
    for group in groups:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, signal.SIGCONT)


@pytest.fixture
def ours(monkeypatch):
    """The numbers of blocks that this process took although they were offered to others."""
    numbers, solve = set(), blocks._Round._solve

    def noted(round_, claim, block, stop):
        numbers.add(block.number)
        return solve(round_, claim, block, stop)

    monkeypatch.setattr(blocks._Round, "_solve", noted)
    return numbers


def kill_in_a_block(database, ours, victim, other):
    """Kill the victim while both have a block."""

    def both_have_one():
        return len([number for number, _ in running_blocks(database) if number not in ours]) == 2

    def caught():
        if not both_have_one():
            return False
        with frozen(victim, other):
            if not both_have_one():
                return False
            kill(victim)
            return True

    wait_until(caught)


def test_a_worker_killed_in_a_block_costs_that_block_a_second_try_and_nothing_else(
    work, installation, redis_url, given, expected, ours
):
    bell = Doorbell(redis_url)
    round_ = Watched(work, given)
    attempts = set()

    def over():
        attempts.update(attempt for _, attempt in running_blocks(work.database))
        return not round_.is_alive()

    with worker(installation, "blocks") as victim, worker(installation, "solver") as other:
        wait_until(lambda: bell.listeners("blocks") == 2)
        round_.start()
        kill_in_a_block(work.database, ours, victim, other)
        wait_until(over)

    assert shown(round_.found) == expected
    assert len(round_.found) == BLOCKS
    assert attempts == {1, 2}
    assert_nothing_is_left(work.database)


def assert_nothing_is_left(database):
    with database.reading() as session:
        assert session.scalars(select(RunBlock)).all() == []
        assert invariants.broken(session, now()) == []


def test_a_run_killed_while_others_solve_its_blocks_is_finished_by_another_and_leaves_none(
    ringing, run_id, installation, redis_url
):
    bell = Doorbell(redis_url)

    def status():
        with ringing.reading() as session:
            return optimizing.find_run(session, run_id).status

    with worker(installation, "blocks"), worker(installation, "blocks"):
        wait_until(lambda: bell.listeners("blocks") == 2)
        command = [sys.executable, "-m", "tests.scenarios.waiting", run_id]
        with subprocess.Popen(command, env=installation, cwd=ROOT) as waiting:
            wait_until(lambda: running_blocks(ringing))
            waiting.kill()
        assert status() == "running"
        with worker(installation, "solver"):
            wait_until(lambda: status() == "completed")
            wait_until(lambda: not running_blocks(ringing))

    assert_nothing_is_left(ringing)
