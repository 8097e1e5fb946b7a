"""The night's invoices: asked for once a day, harmless when done again or taken over."""

import pytest
import time_machine
from sqlalchemy import select

from app import jobs
from app.jobs.invoicing import ring_nightly
from app.models import Booking, Invoice, Job
from tests.billing_rows import make_booking, recharge
from tests.factories import DAY, NOW, make_departure, make_party


@pytest.fixture
def night():
    """Just after midnight in Shanghai."""
    with time_machine.travel(NOW.replace(hour=16, minute=5), tick=False) as clock:
        yield clock


@pytest.fixture
def bookings(database):
    """Ids of one that left yesterday, one that leaves tomorrow, and one that is over."""
    with database.transaction() as session:
        acme = make_party(session)
        left, later = (make_departure(session, departs_at=NOW + shift) for shift in (-DAY, DAY))
        return [
            make_booking(session, acme, 1_000, departure=left).id,
            make_booking(session, acme, 2_000, departure=later).id,
            make_booking(session, acme, 3_000, status="COMPLETED").id,
        ]


def open_jobs(database):
    with database.reading() as session:
        return session.scalars(select(Job).where(Job.status == "queued").order_by(Job.id)).all()


def totals(database):
    with database.reading() as session:
        return session.scalars(select(Invoice.total_minor).order_by(Invoice.id)).all()


def test_it_is_asked_for_once_a_day(database, bookings, night):
    ring_nightly(database)
    ring_nightly(database)
    assert [(job.kind, job.subject) for job in open_jobs(database)] == [("invoice_bookings", "2026-11-24")]
    night.shift(DAY)
    ring_nightly(database)
    assert [job.subject for job in open_jobs(database)] == ["2026-11-24", "2026-11-25"]


def test_without_bookings_nothing_is_asked_for(database, night):
    ring_nightly(database)

    assert open_jobs(database) == []


def test_what_has_left_and_what_is_over_is_invoiced_and_the_rest_waits(database, bookings, night):
    ring_nightly(database)
    (job,) = open_jobs(database)
    jobs.perform_with(database, job.id)

    assert totals(database) == [1_000, 3_000]
    with database.reading() as session:
        assert session.get_one(Job, job.id).status == "done"


def test_the_next_night_corrects_what_changed_and_invoices_what_left_meanwhile(database, bookings, night):
    for _ in range(2):
        ring_nightly(database)
        for job in open_jobs(database):
            jobs.perform_with(database, job.id)
        with database.transaction() as session:
            recharge(session.get_one(Booking, bookings[0]), 1_100)
        assert totals(database)[:2] == [1_000, 3_000]
        night.shift(DAY)

    assert totals(database) == [1_000, 3_000, -1_000, 1_100, 2_000]


def test_a_job_that_was_taken_away_issues_nothing(database, bookings, night, monkeypatch):
    ring_nightly(database)
    (job,) = open_jobs(database)
    asked = jobs.Work.still_ours

    def too_late(work, session):
        session.get_one(Job, job.id).attempt += 1
        session.flush()
        return asked(work, session)

    monkeypatch.setattr(jobs.Work, "still_ours", too_late)
    jobs.perform_with(database, job.id)

    assert totals(database) == []


def test_every_supervisor_looks_for_it(database, bookings, night):
    jobs.see_to_due(database)

    assert "invoice_bookings" in [job.kind for job in open_jobs(database)]
