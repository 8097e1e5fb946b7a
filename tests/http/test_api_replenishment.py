"""Replenishment over HTTP and in the browser: what runs out, and parcels that are made once."""

from datetime import timedelta

import pytest

from app.models import Location, Party
from app.schemas.replenishment import ReplenishmentPage, SentShape
from tests.factories import NOW
from tests.http.answers import faults, good, problem
from tests.http.pages import person, words
from tests.stock_rows import a_house, stocked


@pytest.fixture
def backend():
    return "sqlite"


@pytest.fixture
def stock(house):
    with house.database.transaction() as session:
        found = a_house(session, "DEREP-WHS")
        stocked(session, found, "SKU-1", 20, received_on=NOW.date() - timedelta(days=40))
    return found


ASKED = {"warehouse": "DEREP-WHS", "lines": [{"sku": "SKU-1", "quantity": 45}]}


def test_what_lies_there_is_listed_with_the_way_there(acme, globex, operator, stock):
    for caller in (acme, operator):
        body = good(caller.get("/replenishment", warehouse="DEREP-WHS"), ReplenishmentPage)
        assert [(one["sku"], one["free"], one["state"]) for one in body["items"]] == [
            ("SKU-1", 20, "no_sales")
        ]
        assert body["transit"]["origin"] == "CNTAO-HUB"
    assert good(acme.get("/replenishment"), ReplenishmentPage)["items"] != []
    assert good(globex.get("/replenishment", warehouse="DEREP-WHS"), ReplenishmentPage)["items"] == []
    problem(acme.get("/replenishment", warehouse="NOWHERE"), 404, "not_found")


def test_what_is_sent_waits_in_the_order_pool_once(acme, stock):
    first = good(acme.post("/replenishment", ASKED), SentShape, 201)
    again = good(acme.post("/replenishment", ASKED), SentShape, 201)
    assert (first["added"], again["added"]) == (True, False)
    assert again | {"added": True} == first
    assert len(first["parcel_ids"]) == 3
    parcel = acme.get(f"/parcels/{first['parcel_ids'][0]}").json
    assert (parcel["direction"], parcel["customs_mode"], parcel["weight_kg"]) == (
        "stock_transfer",
        "9810",
        "20.000",
    )
    assert acme.get(f"/asns/{first['asn_id']}").json["status"] == "draft"
    listed = acme.get("/replenishment", warehouse="DEREP-WHS").json["items"]
    assert listed[0]["coming"] == 45


def test_what_cannot_be_sent_is_named(acme, stock):
    assert faults(acme.post("/replenishment", ASKED | {"warehouse": "NONE"})) == {
        "warehouse": "unknown_warehouse"
    }
    assert faults(acme.post("/replenishment", ASKED | {"origin": "NONE"})) == {"origin": "unknown_origin"}


def test_the_page_sends_what_is_ticked(house, stock):
    with house.database.transaction() as session:
        acme = session.query(Party).filter_by(reference="acme").one()
        assert session.query(Location).count()
        sku = stock.skus["SKU-1"].public_id
    browser = person(house.app, "exporter", exporter=acme)
    page = words(browser.get("/replenishment?warehouse=DEREP-WHS"))
    for part in ("SKU-1", "Nothing sold", "Cheapest", "Put what is ticked into the order pool"):
        assert part in page
    typed = {"warehouse": "DEREP-WHS", "sku": sku, f"quantity-{sku}": "45"}
    made = browser.post("/replenishment", data=typed)
    assert made.status_code == 303
    assert "3 parcels wait in the order pool" in words(browser.get(made.headers["Location"]))
    browser.post("/replenishment", data=typed)
    assert "nothing was added" in words(browser.get(made.headers["Location"]))
    assert browser.post("/replenishment", data=typed | {f"quantity-{sku}": ""}).status_code == 422
