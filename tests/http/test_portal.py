"""Where exporters begin: their own rows and what waits for them, and nothing of anybody else."""

import pytest
from sqlalchemy import update

from app.models import Party
from tests.http.pages import person, words
from tests.http.test_web_bookings import world

__all__ = ["world"]


@pytest.fixture
def backend():
    return "sqlite"


def portal_of(app, exporter):
    return words(person(app, "exporter", exporter=exporter).get("/portal"))


def test_an_exporter_begins_with_what_waits_for_it(app, world):
    text = portal_of(app, world.acme)
    for part in ("PO-7", "Parcel labels", "Export list", "Parcels that wait 3", "No invoice yet."):
        assert part in text
    assert "argin" not in text
    assert "Cost of the space" not in text


def test_nothing_of_another_exporter_is_there(app, world):
    text = portal_of(app, world.globex)
    for part in ("PO-7", "acme", "Export list"):
        assert part not in text
    for part in ("Nothing waits for you.", "No booking yet.", "Parcels that wait 0"):
        assert part in text


def test_a_credit_hold_is_said_first(app, world, database):
    with database.transaction() as session:
        session.execute(update(Party).values(credit_hold=True, credit_hold_reason="two invoices are overdue"))
    text = portal_of(app, world.acme)
    assert "You are on credit hold" in text
    assert "two invoices are overdue" in text


def test_the_operation_begins_elsewhere(app, world):
    assert person(app, "operator").get("/portal").status_code == 403
    assert person(app, "admin").get("/portal").location == "/"
