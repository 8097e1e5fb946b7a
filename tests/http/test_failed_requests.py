"""A request that failed is found by the id its caller was shown: by the operation, and by the exporter whose it is."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.clock import now
from app.failures import KEPT, Failure
from app.jobs import sweeping
from app.models import FailedRequest, Party
from tests.http.pages import person, words


@pytest.fixture
def backend():
    return "sqlite"


@pytest.fixture
def failures(house):
    return house.app.extensions["fourport"]["failures"]


@pytest.fixture
def kept(house, failures):
    """How many are kept, once all are written."""

    def count():
        failures.flush()
        with house.database.reading() as session:
            return session.scalar(select(func.count(FailedRequest.id)))

    return count


def fail(caller, path="/bookings/bkg_0000000000000000"):
    """Ask for what is not there, and be done with the answer; its request id."""
    with caller.get(path) as answer:
        assert answer.status_code >= 400
        return answer.json["request_id"]


def test_what_failed_for_a_key_is_found_by_its_id_with_what_was_told(house, acme, kept):
    asked = fail(acme)
    other = fail(acme, "/bookings?limit=1000")
    assert kept() == 2
    operator = person(house.app)
    page = operator.get(f"/admin/failures?request_id={asked}")
    assert other not in page.text
    text = words(page)
    assert "GET /api/v1/bookings/bkg_0000000000000000" in text
    assert "404" in text
    assert "there is no such booking" in text
    assert "limit" in words(operator.get("/admin/failures?status=422"))
    lost = fail(acme, "/no-such-thing")
    assert kept() == 3, "also what asks for an address that is none, with the key's owner"
    assert "GET /api/v1/no-such-thing" in words(operator.get(f"/admin/failures?request_id={lost}"))
    assert "No such failed request" in words(operator.get("/admin/failures?status=5xx"))


def test_an_exporter_sees_its_own_and_nobody_elses(house, acme, globex, kept):
    mine, others = fail(acme), fail(globex)
    assert kept() == 2
    with house.database.reading() as session:
        failed = session.scalars(select(FailedRequest).where(FailedRequest.request_id == mine)).one()
        company = session.get_one(Party, failed.exporter_id)
    owner = person(house.app, "exporter", exporter=company)
    page = owner.get("/api-keys/failures").text
    assert mine in page
    assert others not in page
    assert "No such failed request" in words(owner.get(f"/api-keys/failures?request_id={others}"))
    assert owner.get("/admin/failures").status_code == 403
    boss = person(house.app, "admin")
    assert boss.get("/api-keys/failures").location == "/admin/failures"


def test_what_the_operations_own_keys_do_wrong_is_not_kept_and_what_fails_here_is(
    house, operator, kept, monkeypatch
):
    fail(operator)
    assert kept() == 0

    def broken():
        raise RuntimeError

    broken.access = ("public",)
    monkeypatch.setitem(house.app.view_functions, "verify.ask", broken)
    with house.app.test_client().get("/verify") as answer:
        assert answer.status_code == 500
    assert kept() == 1
    assert "nobody signed in" in words(person(house.app).get("/admin/failures?status=5xx"))


def some(**facts):
    known = {"at": now(), "request_id": "req_1", "method": "GET", "path": "/", "status": 404, "code": "not_found",
             "detail": "", "actor": "key_flood", "exporter_id": None}  # fmt: skip
    return Failure(**known | facts)


def test_they_are_forgotten_after_a_month(house, failures, kept):
    failures.add(some(at=now() - KEPT - timedelta(minutes=1)))
    failures.add(some(at=now() - KEPT + timedelta(minutes=1)))
    assert kept() == 2
    sweeping.forget_failures(house.database)
    assert kept() == 1


def test_the_overview_of_administration_counts_those_of_a_day(house, acme, kept):
    fail(acme)
    assert kept() == 1
    assert "Requests failed 1 in 24 hours" in words(person(house.app).get("/admin"))
