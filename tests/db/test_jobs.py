"""What happens around a job's handler: claimed once, closed always, its subject told when it is given up."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from app import jobs
from app.actor import system
from app.carriers.addresses import Allowed
from app.clock import now
from app.errors import Conflict
from app.jobs import optimization, worker
from app.models import Job, OptimizationRun, Plan, PlanItem, WebhookMessage
from app.usecases import optimizing, webhooks, working
from routing.limits import Progress
from tests import factories

ACTOR = system("test")


class Bell:
    """A doorbell that remembers."""

    def __init__(self):
        self.rung = []

    def ring(self, queue, job_id, attempt):
        self.rung.append((queue, job_id, attempt))
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
    assert bell.rung == [("solver", job.id, 0)]

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


def test_giving_up_is_one_step_with_telling_the_run(database, run_id, monkeypatch):
    with database.transaction() as session:
        job = session.scalars(select(Job)).one()
        job.attempt, job.status, job.lease_until = job.max_attempts, "running", now() - timedelta(seconds=1)
    with monkeypatch.context() as broken:
        broken.setattr(optimizing, "fail_run", lambda *_: 1 / 0)
        assert worker.sweep(database, Bell()) == 0
    assert job_of(database, run_id).status == "running"

    assert worker.sweep(database, Bell()) == 1
    assert (job_of(database, run_id).status, run_of(database, run_id).status) == ("failed", "failed")


def test_a_database_that_is_away_for_a_moment_costs_an_attempt_and_not_the_run(database, run_id, handler):
    def work(claimed):
        raise OperationalError("UPDATE", {}, Exception("database is locked"))

    handler(work)
    jobs.perform_with(database, job_of(database, run_id).id)
    assert (job_of(database, run_id).status, run_of(database, run_id).status) == ("running", "queued")

    with database.transaction() as session:
        session.scalars(select(Job)).one().lease_until = now() - timedelta(seconds=1)
    assert worker.sweep(database, Bell()) == 1
    assert job_of(database, run_id).status == "queued"


def test_a_sweep_does_not_wait_for_an_absent_redis_once_a_job(database, run_id):
    with database.transaction() as session:
        optimizing.request_run(session, ACTOR, now())
        for job in session.scalars(select(Job)):
            job.lease_until = now() - timedelta(seconds=1)
    asked = []

    class Absent:
        def ring(self, *about):
            asked.append(about)
            return False

    assert worker.sweep(database, Absent()) == 2
    assert len(asked) == 1


def test_who_could_not_renew_stands_in_line_again_at_once(database, run_id, monkeypatch):
    monkeypatch.setattr(jobs, "lease", timedelta(seconds=30))
    with database.transaction() as session:
        claim = working.claim(session, job_of(database, run_id).id, now())
    renewals = [OperationalError("UPDATE", {}, Exception("locked")), True, False]
    pauses = []

    def renew(*_):
        answer = renewals.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    class Done:
        def wait(self, seconds):
            pauses.append(seconds)

    monkeypatch.setattr(working, "renew", renew)
    jobs._renew(jobs.Work(database, claim), Done())
    assert pauses == [10.0, 1.0, 10.0]


def follower_of(database, run_id):
    """What a worker that has begun the run writes its progress with."""
    with database.transaction() as session:
        claim = working.claim(session, job_of(database, run_id).id, now())
        run = optimizing.begin_run(session, run_id, now())
    return optimization.Follower(jobs.Work(database, claim), run.id)


def test_a_worker_that_lost_its_job_writes_no_progress(database, run_id):
    follower = follower_of(database, run_id)
    with database.transaction() as session:
        session.scalars(select(Job)).one().attempt += 1
        session.scalars(select(OptimizationRun)).one().phase = "completed"
    follower.note(Progress("neighbourhoods", 2.0, 1.0, 0.5, 3.0))

    assert run_of(database, run_id).phase == "completed"
    assert follower.asked_to_stop()


def test_progress_that_cannot_be_written_does_not_end_the_run(database, run_id, monkeypatch):
    follower = follower_of(database, run_id)

    def locked(*_, **__):
        raise OperationalError("INSERT", {}, Exception("database is locked"))

    monkeypatch.setattr(optimizing, "note_progress", locked)
    follower.note(Progress("slopes", None, None, None, 0.1))
    monkeypatch.undo()
    follower.note(Progress("relaxation", 2.0, 1.0, 0.5, 0.2))

    assert run_of(database, run_id).phase == "relaxation"


def test_a_run_that_is_stopped_before_its_first_plan_ends_cancelled(database, run_id, monkeypatch):
    build = optimization._build

    def stopped_meanwhile(work, run):
        with database.transaction() as session:
            optimizing.cancel_run(session, ACTOR, now(), run_id)
        return build(work, run)

    monkeypatch.setattr(optimization, "_build", stopped_meanwhile)
    jobs.perform_with(database, job_of(database, run_id).id)

    run = run_of(database, run_id)
    assert (run.status, run.phase, run.failure_code) == ("cancelled", "cancelled", None)
    assert job_of(database, run_id).status == "done"
    with database.reading() as session:
        assert session.scalars(select(Plan)).all() == []


def test_who_stops_a_run_and_who_begins_it_see_each_other(database, run_id):
    """The one who comes second decides by what the first one did."""
    begun, stopped = threading.Event(), []

    def stop():
        begun.wait(10)
        with database.transaction() as session:
            stopped.append(optimizing.cancel_run(session, ACTOR, now(), run_id).status)

    thread = threading.Thread(target=stop)
    thread.start()
    with database.transaction() as session:
        optimizing.begin_run(session, run_id, now())
        session.flush()
        begun.set()
        thread.join(0.5)
    thread.join(10)

    assert stopped == ["running"]
    assert run_of(database, run_id).cancel_requested


def test_a_run_over_an_empty_pool_ends_with_an_empty_plan_and_says_so(database, run_id):
    with database.transaction() as session:
        webhooks.subscribe(session, ACTOR, now(), Allowed(), "https://ops.example/", ["plan.completed"])
    jobs.perform_with(database, job_of(database, run_id).id)

    assert (run_of(database, run_id).status, run_of(database, run_id).failure_code) == ("completed", None)
    with database.reading() as session:
        assert session.scalars(select(Plan.items)).all() == [0]
        assert (
            session.scalars(select(WebhookMessage.subject)).all()
            == session.scalars(select(Plan.public_id)).all()
        )


def test_goods_that_nothing_can_carry_are_left_with_a_reason(database, run_id):
    with database.transaction() as session:
        factories.make_parcel(session, currency="CNY", goods_class="general")
    jobs.perform_with(database, job_of(database, run_id).id)

    assert run_of(database, run_id).status == "completed"
    with database.reading() as session:
        assert session.scalars(select(PlanItem.reason)).all() == ["NO_ROUTE"]


def test_a_plan_that_breaks_a_rule_is_refused_with_the_violations(database, run_id, monkeypatch):
    from app.jobs import optimization
    from routing.solve import IllegalPlanError

    def solve(*_, **__):
        raise IllegalPlanError("over_capacity, 3, takes 12 of 10")

    monkeypatch.setattr(optimization, "solve", solve)
    jobs.perform_with(database, job_of(database, run_id).id)

    run = run_of(database, run_id)
    assert (run.status, run.failure_code) == ("failed", "plan_violates_constraints")
    assert run.failure_detail == "over_capacity, 3, takes 12 of 10"
