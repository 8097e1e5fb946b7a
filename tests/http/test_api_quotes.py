"""Quotes over HTTP: offers that add up, and what could not be offered."""

from decimal import Decimal

import pytest
import time_machine

from app.schemas.quotes import QuoteShape
from tests import factories as make
from tests.http.answers import good
from tests.http.conftest import Caller
from tests.http.world import callers
from tests.quote_rows import asking, open_shop


@pytest.fixture
def shop(app, database):
    """An application on the small network that sells, with callers."""
    with time_machine.travel(make.NOW, tick=False):
        with database.transaction() as session:
            secrets, _owners = callers(session)
            rows = open_shop(session)
        client = app.test_client()
        rows.call = lambda name: Caller(client, secrets[name])
        yield rows


@pytest.fixture
def acme(shop):
    return shop.call("acme")


def test_an_exporter_gets_every_way_that_no_other_beats(acme):
    response = acme.post("/quotes", asking())

    body = good(response, QuoteShape, 201)
    assert response.headers["Location"] == f"/api/v1/quotes/{body['id']}"
    assert body["status"] == "offered"
    assert {tuple(one["modes"]) for one in body["offers"]} == {("road", "sea"), ("road", "air")}
    for offer in body["offers"]:
        assert sum(Decimal(line["amount_quote_ccy"]) for line in offer["charges"]) == Decimal(offer["total"])
    assert good(acme.get(f"/quotes/{body['id']}"), QuoteShape) == body
