"""Work orders over the API: the owner asks, the staff works, nobody sees another's."""

import pytest

from app.actor import system
from app.schemas.work_orders import WorkDetail, WorkPage
from app.usecases import api_keys
from tests import factories as make
from tests.http.answers import faults, good, problem
from tests.http.conftest import Caller
from tests.stock_rows import a_house, stocked

KIT = {
    "warehouse": "DEHAM-WHS",
    "reference": "KIT-1",
    "kind": "kit",
    "lines": [
        {"role": "consume", "sku": "SKU-1", "quantity": 4},
        {"role": "produce", "sku": "SKU-2", "quantity": 2},
    ],
}


@pytest.fixture(scope="module")
def backend():
    return "sqlite"


@pytest.fixture
def worker(house):
    """A caller of the staff of the warehouse, which has ten pieces of acme's."""
    with house.database.transaction() as session:
        here = a_house(session, "DEHAM-WHS", owner="acme")
        stocked(session, here, "SKU-1", 10)
        key, secret = api_keys.add_api_key(session, system("test"), make.NOW, role="warehouse")
        key.warehouse_id = here.warehouse.id
    return Caller(house.app.test_client(), secret)


def test_work_is_asked_for_released_done_and_taken_back(worker, acme, operator):
    asked = good(acme.post("/work-orders", KIT), WorkDetail, 201)
    path = f"/work-orders/{asked['id']}"
    assert (asked["status"], asked["exporter"]) == ("draft", "acme")
    problem(acme.post(f"{path}/release"), 403, "forbidden")
    released = good(worker.post(f"{path}/release"), WorkDetail)
    assert released["kept"] == [{"line": 1, "place": "A-01", "quantity": 4}]
    done = good(worker.post(f"{path}/finish", {"bin": "A-02", "scan_id": "s-1"}), WorkDetail)
    assert (done["status"], done["kept"], done["posting_id"][:4]) == ("done", [], "pst_")
    good(worker.post(f"{path}/finish", {"bin": "A-02", "scan_id": "s-1"}), WorkDetail)
    problem(worker.post(f"{path}/finish", {"bin": "A-02"}), 409, "wrong_state")
    assert good(operator.post(f"{path}/take-back", {}), WorkDetail)["status"] == "cancelled"
    assert len(good(acme.get("/work-orders", kind="kit"), WorkPage)["items"]) == 1


def test_nobody_sees_or_uses_another_exporters(worker, acme, globex):
    path = f"/work-orders/{acme.post('/work-orders', KIT).get_json()['id']}"
    problem(globex.get(path), 404, "not_found")
    problem(globex.post(f"{path}/cancel", {}), 404, "not_found")
    seen = good(globex.get("/work-orders"), WorkPage)["items"]
    assert [one["reference"] for one in seen] == ["W-1"]
    assert faults(globex.post("/work-orders", KIT)) == {"lines.0.sku": "unknown_sku"}
    good(acme.post(f"{path}/cancel", {}), WorkDetail)


def test_what_does_not_add_up_is_refused(worker, acme, operator):
    odd = KIT | {"lines": [KIT["lines"][0] | {"quantity": 5}, KIT["lines"][1]]}
    assert faults(acme.post("/work-orders", odd)) == {"lines": "not_a_kit"}
    assert faults(operator.post("/work-orders", KIT | {"exporter": "nobody"})) == {
        "exporter": "unknown_exporter"
    }
    assert faults(acme.post("/work-orders", KIT | {"warehouse": "XX"})) == {"warehouse": "unknown_warehouse"}
    more = KIT | {"lines": [KIT["lines"][0] | {"quantity": 12}, KIT["lines"][1]]}
    short = f"/work-orders/{acme.post('/work-orders', more).get_json()['id']}/release"
    problem(worker.post(short), 409, "stock_short")
