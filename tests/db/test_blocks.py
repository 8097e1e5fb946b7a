"""Blocks of a run travel through the database: solved by anybody, once each, checked, and gone with the run."""

import dataclasses
import threading
import time
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from app import jobs
from app.clock import now
from app.jobs import blocks as jobs_blocks
from app.jobs.blocks import rq_runner
from app.models import Job, RunBlock
from app.usecases import blocks
from routing.blocks import Block, run_here, solve_block
from routing.files import plan_to_bytes
from routing.limits import Limits
from tests.db.rounds import (
    GIVEN,
    Bell,
    assert_nothing_is_left,
    begun,
    block_jobs,
    block_of,
    first_steps,
    lease_runs_out,
    never,
    open_jobs,
    shown,
    taken_by_another,
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


def test_the_only_worker_solves_all_blocks_itself(work, run, bell, expected):
    found = shown(rq_runner(work, run)(GIVEN, never))

    assert found == expected
    assert [queue for queue, _, _ in bell.rung] == ["blocks"] * 4
    assert_nothing_is_left(work.database)


def test_where_nobody_else_listens_nothing_travels(work, run, bell, expected):
    bell.count = 1

    assert shown(rq_runner(work, run)(GIVEN, never)) == expected
    assert bell.rung == []
    assert block_jobs(work.database) == []


def test_only_so_many_blocks_are_packed_as_helpers_can_take_meanwhile(work, run, bell, expected):
    bell.count = 2
    found = rq_runner(work, run)(GIVEN, never)
    first = next(found)

    assert len(bell.rung) == 2
    assert shown([first, *found]) == expected
    assert len(bell.rung) == 2
    assert_nothing_is_left(work.database)


def test_one_block_alone_is_not_sent_anywhere(work, run, bell, expected):
    assert shown(rq_runner(work, run)(GIVEN[:1], never)) == {0: expected[0]}
    assert bell.rung == []


def test_who_is_alone_may_solve_the_blocks_in_a_way_of_its_own(work, run, bell):
    bell.count = 0
    asked = []

    def alone(given, should_stop):
        asked.append([block.number for block in given])
        return iter(())

    assert list(rq_runner(work, run, alone)(GIVEN, never)) == []
    assert asked == [[0, 1, 2, 3]]


def test_other_workers_solve_blocks_and_the_plans_are_the_same(work, run, expected, monkeypatch):
    helped = []
    post = jobs_blocks._Round._post

    def post_and_let_a_helper_do_two(round_, stop):
        post(round_, stop)
        for job in block_jobs(work.database)[: 2 - len(helped)]:
            jobs.perform_with(work.database, job.id)
            helped.append(job.subject)

    monkeypatch.setattr(jobs_blocks._Round, "_post", post_and_let_a_helper_do_two)

    assert shown(rq_runner(work, run)(GIVEN, never)) == expected
    assert helped == [f"{run.public_id}/1/0", f"{run.public_id}/1/1"]
    assert_nothing_is_left(work.database)


def test_a_helper_at_the_same_time_costs_no_block_and_doubles_none(work, run, expected):
    over = threading.Event()

    def help_out():
        while not over.is_set():
            for job in block_jobs(work.database):
                jobs.perform_with(work.database, job.id)
            time.sleep(0.01)

    helper = threading.Thread(target=help_out)
    helper.start()
    try:
        runner = rq_runner(work, run)
        rounds = [list(runner(GIVEN, never)) for _ in range(3)]
    finally:
        over.set()
        helper.join(30)

    for found in rounds:
        assert sorted(number for number, _ in found) == [0, 1, 2, 3]
        assert shown(found) == expected
    assert_nothing_is_left(work.database)


def test_a_block_whose_worker_is_lost_is_solved_by_another_and_the_late_result_is_refused(
    work, run, expected
):
    first, rest = first_steps(rq_runner(work, run))
    lost = taken_by_another(work.database)
    lease_runs_out(work.database, lost)
    found = [first, *rest]

    assert shown(found) == expected
    with work.database.transaction() as session:
        assert not blocks.hand_in(session, lost, b"late", now())
    assert_nothing_is_left(work.database)


def test_a_block_that_every_worker_died_of_is_left_out(work, run, expected):
    first, rest = first_steps(rq_runner(work, run))
    for _ in range(blocks.TRIES):
        lease_runs_out(work.database, taken_by_another(work.database))

    assert set(shown([first, *rest])) == {1, 2, 3}
    assert_nothing_is_left(work.database)


def test_a_run_waits_for_a_block_that_is_computed_elsewhere(work, run, expected):
    first, rest = first_steps(rq_runner(work, run))
    held = taken_by_another(work.database)
    computed = []

    def hand_in():
        with work.database.reading() as session:
            content = blocks.problem_of(session, held.job_id)
        plan = solve_block(Block.from_bytes(content))
        time.sleep(0.5)
        with work.database.transaction() as session:
            computed.append(blocks.hand_in(session, held, plan_to_bytes(plan), now()))

    other = threading.Thread(target=hand_in)
    other.start()
    found = [first, *rest]
    other.join(30)

    assert computed == [True]
    assert shown(found) == expected


def no_plan(plan):
    return b"no plan at all"


def cheaper_than_it_is(plan):
    return plan_to_bytes(dataclasses.replace(plan, objective=plan.objective / 2 - 1))


def of_another_problem(plan):
    return plan_to_bytes(solve_block(GIVEN[1]))


@pytest.mark.parametrize("forged", [no_plan, cheaper_than_it_is, of_another_problem])
def test_what_does_not_pass_the_check_is_left_out(work, run, forged):
    first, rest = first_steps(rq_runner(work, run))
    held = taken_by_another(work.database)
    with work.database.transaction() as session:
        assert blocks.hand_in(session, held, forged(solve_block(GIVEN[0])), now())

    assert set(shown([first, *rest])) == {1, 2, 3}


def test_a_block_far_beyond_its_limit_of_time_is_not_waited_for(work, run):
    given = [block_of(number, Limits(time_limit_s=0.5)) for number in range(3)]
    first, rest = first_steps(rq_runner(work, run), given=given)
    held = taken_by_another(work.database)
    with work.database.transaction() as session:
        job = session.get_one(Job, held.job_id)
        job.started_at, job.lease_until = now() - timedelta(hours=1), now() + timedelta(hours=1)

    assert set(shown([first, *rest])) == {1, 2}


def test_being_told_to_stop_withdraws_the_blocks_from_whoever_has_them(work, run):
    stop = []
    _, rest = first_steps(rq_runner(work, run), should_stop=lambda: bool(stop))
    held = jobs.Work(work.database, taken_by_another(work.database))
    stop.append(True)

    assert list(rest) == []
    with work.database.transaction() as session:
        assert not held.still_ours(session)
    assert held.lost.is_set()
    assert_nothing_is_left(work.database)


def test_a_round_nobody_goes_on_with_is_withdrawn(work, run):
    _, rest = first_steps(rq_runner(work, run))
    rest.close()

    assert_nothing_is_left(work.database)


def test_a_run_that_was_taken_away_posts_nothing_and_withdraws_nothing(work, run):
    with work.database.transaction() as session:
        session.get_one(Job, work.claim.job_id).attempt += 1
        blocks.post(session, run, 1, 9, b"of the other worker", now())

    assert list(rq_runner(work, run)(GIVEN, never)) == []
    with work.database.reading() as session:
        assert session.scalars(select(RunBlock.number)).all() == [9]


def test_a_database_that_is_away_while_blocks_are_posted_costs_no_block(work, run, expected, monkeypatch):
    real = blocks.post

    def locked(session, run, round_, number, *rest):
        if number in (1, 2):
            raise OperationalError("INSERT", {}, Exception("database is locked"))
        real(session, run, round_, number, *rest)

    monkeypatch.setattr(blocks, "post", locked)

    assert shown(rq_runner(work, run)(GIVEN, never)) == expected
    assert_nothing_is_left(work.database)


def test_no_connection_is_held_while_a_block_is_solved_or_a_plan_is_taken(work, run, monkeypatch):
    held = []

    def note(*_):
        held.append(work.database.engine.pool.checkedout())

    def noting(function):
        return lambda block, stop=None: (note(), function(block, stop))[1]

    monkeypatch.setattr(jobs_blocks, "try_block", noting(jobs_blocks.try_block))
    monkeypatch.setattr(jobs_blocks, "solve", noting(jobs_blocks.solve))
    found = rq_runner(work, run)(GIVEN, never)
    next(found)
    note()
    jobs.perform_with(work.database, open_jobs(work.database)[0].id)
    for _ in found:
        note()

    assert len(held) >= 8
    assert set(held) == {0}
