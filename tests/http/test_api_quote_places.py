"""Where a quote begins and ends, and which duty it estimates."""

from decimal import Decimal

import pytest

from tests.http.answers import faults
from tests.http.selling import by_mode, codes, opened, quoted
from tests.quote_rows import asking


@pytest.fixture
def counter(app, database):
    with opened(app, database) as found:
        yield found


@pytest.fixture
def acme(counter):
    return counter.caller("acme")


# places


@pytest.mark.parametrize(
    ("origin", "start"),
    [
        ({"type": "unlocode", "code": "CNTAO"}, {"CNTAO-HUB", "CNTAO-PORT", "CNTAO-APT"}),
        ({"type": "iata", "code": "TAO"}, {"CNTAO-APT"}),
        ({"type": "location", "code": "CNTAO-PORT"}, {"CNTAO-PORT"}),
        ({"type": "address", "country_code": "CN", "lat": "36.1", "lon": "120.4"}, {"CNTAO-HUB"}),
        ({"type": "address", "country_code": "CN", "city": "cntao-port"}, {"CNTAO-HUB"}),
    ],
)
def test_goods_begin_where_it_was_said(acme, origin, start):
    offers = quoted(acme, origin=origin)["offers"]
    assert {offer["legs"][0]["from"]["code"] for offer in offers} <= start
    assert offers


def test_one_unlocode_may_mean_a_port_and_an_airport(acme):
    offers = quoted(acme, origin={"type": "unlocode", "code": "CNTAO"})["offers"]
    assert {offer["legs"][0]["from"]["code"] for offer in offers} == {"CNTAO-PORT", "CNTAO-APT"}


def test_an_address_is_served_from_the_nearest_place_and_says_how_far(acme):
    berlin = {"type": "address", "country_code": "DE", "lat": "52.52", "lon": "13.405"}
    body = quoted(acme, destination=berlin)
    assert body["destination"]["code"] == "DEHAM-PORT"
    assert 240 < float(body["distance_km"]["destination"]) < 260
    assert body["distance_km"]["origin"] is None
    paris = {"type": "address", "country_code": "FR", "lat": "48.86", "lon": "2.35"}
    assert ("other_country", None) in codes(quoted(acme, destination=paris))


@pytest.mark.parametrize(
    ("destination", "code"),
    [
        ({"type": "unlocode", "code": "XXXXX"}, "place_unknown"),
        ({"type": "warehouse", "code": "CNTAO-PORT"}, "place_unknown"),
        ({"type": "warehouse", "code": "CNTAO-HUB"}, "place_not_served"),
        ({"type": "address", "country_code": "DE", "postal_code": "47119"}, "address_unresolved"),
    ],
)
def test_a_place_that_cannot_be_used_says_what_to_send(acme, destination, code):
    response = acme.post("/quotes", asking(destination=destination))
    assert faults(response) == {"destination": code}
    assert response.get_json()["errors"][0]["suggestion"]


# duty


def test_a_flat_duty_is_an_estimate_with_its_source(acme):
    body = quoted(acme, customs={"mode": "9610", "ioss": True})
    customs = body["offers"][0]["customs"]
    assert (customs["mode"], customs["duty"], customs["currency"], customs["tax"]) == (
        "9610",
        "30.00",
        "EUR",
        None,
    )
    assert customs["lines"][0]["amount_quote_ccy"] == "33.00"
    assert customs["lines"][0]["source"]
    assert Decimal(by_mode(body)["sea"]["total"]) == 40  # it is no part of the total


@pytest.mark.parametrize(
    ("customs", "parcel"),
    [
        (None, {}),
        ({"mode": "9810", "ioss": True}, {}),
        ({"mode": "9610"}, {}),
        ({"mode": "9610", "ioss": True}, {"value": "200"}),
        ({"mode": "9610", "ioss": True}, {"value": None}),
        ({"mode": "9610", "ioss": True}, {"hs_code": None}),
    ],
)
def test_where_no_row_says_the_duty_it_is_unknown(acme, customs, parcel):
    body = quoted(acme, customs=customs, parcel=parcel)
    assert body["offers"][0]["customs"]["duty"] is None
    assert "duty_unknown" in {one["code"] for one in body["messages"]}
