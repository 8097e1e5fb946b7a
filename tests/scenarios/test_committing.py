"""A plan is committed once, whoever else commits it at the same moment and whenever its worker is killed."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from sqlalchemy import func, select

from app.actor import Actor
from app.clock import now
from app.db import Database
from app.errors import Conflict
from app.models import Booking, FxRate, Job, Parcel, Plan, PlanChain
from app.queries import invariants_commits, invariants_space
from app.queue import Doorbell
from app.usecases.committing import begin_commit, commit_next, request_commit
from tests import factories as make
from tests.factories import DAY
from tests.live import SECRET, clean_environment
from tests.quote_rows import sell
from tests.scenarios.workers import kill, worker

STAFF = Actor("user", "usr_test", "operator")
DEPARTURES, EXPORTERS = 12, 2


@pytest.fixture
def plan_id(database):
    """A plan that puts a parcel of every exporter on every departure."""
    with database.transaction() as session:
        places = [make.make_location(session) for _ in range(2)]
        service = make.make_service(session)
        sell(session, service)
        rate = {"base": "USD", "quote": "CNY", "rate_micros": 7_100_000, "source": "example"}
        session.add(FxRate(**rate, as_of=date(2026, 1, 1)))
        exporters = [make.make_party(session) for _ in range(EXPORTERS)]
        plan = make.make_plan(session, assigned=DEPARTURES * EXPORTERS)
        for number in range(DEPARTURES):
            departure = make.make_departure(session, service, places, departs_at=now() + (4 + number) * DAY)
            way = make.make_itinerary(session, plan, [departure], parcels=EXPORTERS)
            for exporter in exporters:
                parcel = make.make_parcel(session, exporter, *places, ready_at=now(), deliver_by=None)
                make.make_plan_item(session, plan, parcel, way)
        return plan.public_id


def assert_committed_once(database):
    with database.reading() as session:
        assert session.scalars(select(Plan.state)).all() == ["committed"]
        assert session.scalar(select(func.count(Booking.id))) == DEPARTURES * EXPORTERS
        waiting = select(func.count(Parcel.id)).where(Parcel.booking_line_id.is_(None))
        assert session.scalar(waiting) == 0
        rules = (*invariants_commits.INVARIANTS, *invariants_space.INVARIANTS)
        assert [row for rule in rules for row in rule(session, now())] == []


def test_two_workers_at_once_make_no_booking_twice(database, plan_id):
    def press():
        try:
            with database.transaction() as session:
                request_commit(session, STAFF, now(), plan_id)
        except Conflict:
            return 0
        return 1

    def work():
        with database.transaction() as session:
            begin_commit(session, now(), plan_id)
        more = True
        while more:
            with database.transaction() as session:
                more = commit_next(session, now(), plan_id)

    with ThreadPoolExecutor(2) as threads:
        assert sum(one.result() for one in [threads.submit(press) for _ in range(2)]) == 1
        for one in [threads.submit(work) for _ in range(2)]:
            one.result()
    assert_committed_once(database)


@pytest.mark.full
def test_a_commit_whose_worker_is_killed_is_finished_by_another(
    database, database_url, plan_id, redis_url, tmp_path
):
    installation = clean_environment(
        FOURPORT_DATA_DIR=str(tmp_path), FOURPORT_DATABASE_URL=database_url, FOURPORT_REDIS_URL=redis_url,
        FOURPORT_SECRET_KEY=SECRET,
    )  # fmt: skip
    with Database(database.engine, Doorbell(redis_url)).transaction() as session:
        request_commit(session, STAFF, now(), plan_id)
    with worker(installation, "default") as first:
        wait_until(database, lambda done, state: done >= 1)
        kill(first)
    with database.reading() as session:
        left = session.scalar(select(func.count(PlanChain.id)).where(PlanChain.status == "waiting"))
    assert left > 0, "it was killed in the middle"
    with worker(installation, "default"):
        wait_until(database, lambda done, state: state == "committed")

    assert_committed_once(database)
    with database.reading() as session:
        assert session.scalars(select(Job.attempt).where(Job.kind == "commit_plan")).one() == 2


def wait_until(database, test, seconds=90):
    deadline = time.monotonic() + seconds
    done = state = None
    while time.monotonic() < deadline:
        with database.reading() as session:
            done = session.scalar(select(func.count(PlanChain.id)).where(PlanChain.status == "done"))
            state = session.scalars(select(Plan.state)).one()
        if test(done, state):
            return
        time.sleep(0.02)
    raise AssertionError(f"{done} chains done, the plan is {state}")
