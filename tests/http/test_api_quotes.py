"""Quotes over HTTP: offers that add up, and what could not be offered."""

from decimal import Decimal

import pytest
import time_machine

from app.schemas.quotes import QuoteShape
from app.schemas.rates import RatesShape
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


def test_rates_are_told_between_countries_and_ports(acme):
    wanted = {
        "origin": {"type": "country", "code": "CN"}, "destination": {"type": "country", "code": "DE"},
        "weight": "500", "currency": "USD",
    }  # fmt: skip
    body = good(acme.client.post("/api/v1/rates/estimate", headers=acme.headers, json=wanted), RatesShape)

    assert [rate["total"] for rate in body["rates"]] == ["100.00"]
    assert "volume_missing" in {one["code"] for one in body["messages"]}
    wanted |= {
        "origin": {"type": "unlocode", "code": "CNTAO"},
        "destination": {"type": "warehouse", "code": "DEDUI-WHS"},
    }
    body = good(acme.client.post("/api/v1/rates/estimate", headers=acme.headers, json=wanted), RatesShape)
    assert {tuple(rate["modes"]) for rate in body["rates"]} == {("sea", "road"), ("air", "road")}
