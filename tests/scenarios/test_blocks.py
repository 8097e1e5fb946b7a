"""Blocks of a run on real workers: real processes, real Redis, both databases; one worker is killed in a block."""

import contextlib
import os
import signal
import threading
import time
from datetime import timedelta

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
from routing.blocks import Block, run_here
from routing.limits import Limits
from tests.live import SECRET, clean_environment
from tests.scenarios.workers import groups_below, kill, worker
from tests.unit.routing.random_problems import random_problem

BLOCKS = 10
REPEATABLE = Limits(time_limit_s=None, iterations=2)


def block_of(number):
    """Half a second's work or more, so that a worker can be caught at it."""
    seed = 1 + number % 4
    problem = random_problem(seed, n=300, options=8, resources=30, types=40, must=0.0, booked=0.0)
    return Block(number, problem, None, REPEATABLE, seed=number)


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
def work(database, redis_url, monkeypatch):
    """A run that this process works on, as a worker would."""
    monkeypatch.setattr(jobs, "lease", timedelta(seconds=2))
    ringing = Database(database.engine, Doorbell(redis_url))
    with ringing.transaction() as session:
        run = optimizing.request_run(session, system("test"), now())
        claim = working.claim(session, session.scalars(select(Job.id)).one(), now(), jobs.lease)
        optimizing.begin_run(session, run.public_id, now())
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
    with work.database.reading() as session:
        assert session.scalars(select(RunBlock)).all() == []
        assert invariants.broken(session, now()) == []
