"""Plans are committed and discarded by operators, in the browser and over HTTP; the page follows it to the end."""

import pytest
import time_machine
from sqlalchemy import select

from app.models import Booking, FxRate, Job, Parcel
from app.usecases.committing import begin_commit, commit_next
from tests import factories as make
from tests.factories import DAY, NOW
from tests.http.pages import person, words
from tests.quote_rows import sell


@pytest.fixture
def backend():
    return "sqlite"


@pytest.fixture(autouse=True)
def monday():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def plan(database):
    """A draft with one parcel that can go and one that was cancelled."""
    with database.transaction() as session:
        departure = make.make_departure(session, number="VOY7")
        ends = [session.get_one(make.Location, call.location_id) for call in departure.calls]
        sell(session, session.get_one(make.Service, departure.service_id))
        rate = {"base": "USD", "quote": "CNY", "rate_micros": 7_100_000, "source": "example"}
        session.add(FxRate(**rate, as_of=NOW.date() - DAY))
        exporter = make.make_party(session, "LINYI-TOYS")
        made = make.make_plan(session)
        make.make_load(session, made, departure)
        way = make.make_itinerary(session, made, [departure])
        for reference, facts in (("GOES", {}), ("GONE", {"status": "cancelled"})):
            parcel = make.make_parcel(session, exporter, *ends, reference=reference, ready_at=NOW, **facts)
            make.make_plan_item(session, made, parcel, way)
        return made.public_id


@pytest.fixture
def operator(app, plan):
    return person(app)


def finish(database, plan):
    with database.transaction() as session:
        begin_commit(session, NOW, plan)
        while commit_next(session, NOW, plan):
            pass


def test_a_plan_says_what_a_commit_would_do_and_then_what_it_did(operator, database, plan):
    page = f"/plans/{plan}/commit"
    before = words(operator.get(page))
    assert "Commit: make 1 booking" in before
    assert "VOY7" in before
    assert "The parcel was cancelled" in before

    assert operator.post(page).status_code == 303
    assert operator.post(page, follow_redirects=True).text.count("committing already") == 1
    running = operator.get(page).text
    assert 'hx-trigger="every 1s"' in running
    with database.reading() as session:
        assert session.scalars(select(Job.kind)).all() == ["commit_plan"]

    finish(database, plan)
    after = operator.get(page)
    assert "Committed, with stale parcels" in words(after)
    assert 'hx-trigger="every 1s"' not in after.text
    with database.reading() as session:
        booking = session.scalars(select(Booking.public_id)).one()
        goes = session.scalars(select(Parcel).where(Parcel.reference == "GOES")).one()
    assert f"/bookings/{booking}" in operator.get(page + "?view=bookings").text
    stale = words(operator.get(page + "?view=stale&reason=parcel_cancelled"))
    assert "GONE" in stale
    assert goes.tracking_number in operator.get(f"/bookings/{booking}").text


def test_a_discarded_plan_is_taken_up_again(operator, plan):
    text = words(operator.post(f"/plans/{plan}/discard", follow_redirects=True))
    assert "This plan was discarded" in text
    assert "Commit: make" in words(operator.post(f"/plans/{plan}/restore", follow_redirects=True))


def test_a_draft_that_is_not_fresh_says_so_on_its_pages(operator, plan):
    assert f"/plans/{plan}/freshness" in operator.get(f"/plans/{plan}").text
    assert "1 of its parcels is booked or under way" in words(operator.get(f"/plans/{plan}/freshness"))


def test_only_operators_decide(app, plan):
    finance = person(app, "finance")
    assert "Operators commit or discard it." in words(finance.get(f"/plans/{plan}/commit"))
    assert finance.post(f"/plans/{plan}/commit").status_code == 403
    assert finance.post(f"/plans/{plan}/discard").status_code == 403


def test_a_commit_that_stopped_is_resumed_on_its_page(operator, database, plan):
    from app.usecases.committing import fail_commit

    operator.post(f"/plans/{plan}/commit")
    with database.transaction() as session:
        fail_commit(session, plan, "worker_lost")
    assert "The commit stopped" in words(operator.get(f"/plans/{plan}/commit"))
    operator.post(f"/plans/{plan}/commit")
    finish(database, plan)
    assert "Committed, with stale parcels" in words(operator.get(f"/plans/{plan}/commit"))
