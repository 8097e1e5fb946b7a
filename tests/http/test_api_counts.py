"""Counts over the API: blind to the end, and for the staff of the warehouse alone."""

import pytest

from app.actor import system
from app.schemas.counts import CountDetail, CountPage
from app.usecases import api_keys
from tests import factories as make
from tests.http.answers import faults, good, problem
from tests.http.conftest import Caller
from tests.stock_rows import a_house, stocked


@pytest.fixture(scope="module")
def backend():
    return "sqlite"


@pytest.fixture
def staff(house):
    """Callers of the staff of two warehouses, by name."""
    with house.database.transaction() as session:
        here, there = (a_house(session, code, owner="acme") for code in ("DEHAM-WHS", "PLWAW-WHS"))
        stocked(session, here, "SKU-1", 40)
        secrets = {}
        for name, where in (("ann", here), ("bob", here), ("boss", here), ("eve", there)):
            key, secrets[name] = api_keys.add_api_key(session, system("test"), make.NOW, role="warehouse")
            key.warehouse_id = where.warehouse.id
    return {name: Caller(house.app.test_client(), secret) for name, secret in secrets.items()}


def found(quantity, **more):
    return {"bin": "A-01", "found": [{"code": "SKU-1", "quantity": quantity}] if quantity else []} | more


def test_a_count_from_its_start_to_its_posting(staff, operator):
    started = good(
        staff["boss"].post("/stock-counts", {"warehouse": "DEHAM-WHS", "bins": ["A-01"]}), CountDetail, 201
    )
    path = f"/stock-counts/{started['id']}"
    assert (started["status"], started["bins_left"], started["lines"]) == ("open", 1, None)

    for who, pieces, status in (("ann", 38, "recount"), ("bob", 37, "counted")):
        body = good(staff[who].post(f"{path}/findings", found(pieces)), CountDetail)
        assert (body["status"], body["lines"]) == (status, None)
    assert "expected" not in staff["ann"].get(path).get_data(as_text=True)
    assert faults(staff["ann"].post(f"{path}/approve", {})) == {"approve": "same_counter"}

    seen = good(staff["boss"].get(path), CountDetail)
    (line,) = seen["lines"]
    assert (line["expected"], line["counted"], line["recounted"], line["difference"]) == (40, 38, 37, -3)
    again = good(staff["boss"].post(f"{path}/reopen", {}), CountDetail)
    assert (again["status"], again["bins_left"]) == ("recount", 1)
    good(staff["bob"].post(f"{path}/findings", found(38)), CountDetail)
    done = good(operator.post(f"{path}/approve", {"reason": "seen"}), CountDetail)
    assert (done["status"], done["posting_id"][:4]) == ("approved", "pst_")
    assert (
        good(operator.get("/stock-counts", status="approved"), CountPage)["items"][0]["id"] == started["id"]
    )


def test_counts_are_for_the_staff_of_the_warehouse(staff, acme, operator):
    assert faults(staff["eve"].post("/stock-counts", {"warehouse": "DEHAM-WHS"})) == {
        "warehouse": "unknown_warehouse"
    }
    count = operator.post("/stock-counts", {"warehouse": "DEHAM-WHS"}).get_json()["id"]
    problem(staff["eve"].get(f"/stock-counts/{count}"), 404, "not_found")
    problem(staff["eve"].post(f"/stock-counts/{count}/findings", found(1)), 404, "not_found")
    assert good(staff["eve"].get("/stock-counts"), CountPage)["items"] == []
    problem(acme.get(f"/stock-counts/{count}"), 403, "forbidden")
    good(staff["ann"].post(f"/stock-counts/{count}/cancel", {"reason": "tomorrow"}), CountDetail)


def test_what_is_wrong_is_named(staff):
    start = {"warehouse": "DEHAM-WHS", "bins": ["A-01"]}
    assert faults(staff["ann"].post("/stock-counts", start | {"bins": ["Z-9"]})) == {"bins": "unknown_bin"}
    count = staff["boss"].post("/stock-counts", start).get_json()["id"]
    assert faults(staff["boss"].post("/stock-counts", start)) == {"bins": "no_bins"}
    path = f"/stock-counts/{count}/findings"
    assert faults(staff["ann"].post(path, found(1, bin="A-02"))) == {"bin": "not_in_count"}
    assert faults(staff["ann"].post(path, {"bin": "A-01", "found": [{"code": "what", "quantity": 1}]})) == {
        "found.0.code": "unknown_sku"
    }
