"""The pages of counts, work orders and the rack: what staff sees and does, and what others do not."""

import pytest
from sqlalchemy import select

from app.models import StockBalance, StockCount, WorkOrder
from app.usecases.warehousing.counting import Choice, start_count
from tests.http.pages import person, words
from tests.stock_rows import NOW, a_house, stocked

HOUSE = "/warehouses/DEDUI-WHS"


@pytest.fixture
def backend():
    return "sqlite"


@pytest.fixture
def depot(database):
    with database.transaction() as session:
        found = a_house(session)
        stocked(session, found, "SKU-1", 10)
        return found


@pytest.fixture
def staff(app, depot):
    """Name → the client of somebody who works in the warehouse."""
    return {
        name: person(app, "warehouse", warehouse_id=depot.warehouse.id) for name in ("ann", "bob", "boss")
    }


def one(database, model):
    with database.reading() as session:
        return session.scalars(select(model)).one()


def scan(client, task, number="scan-0001", **fields):
    body = {"id": number, "task": task, "fields": {name.rstrip("_"): text for name, text in fields.items()}}
    answer = client.post(f"{HOUSE}/rack/scans", json=body)
    assert answer.status_code == 200
    return answer.get_json()


def test_a_count_is_started_counted_at_the_rack_and_decided(staff, database):
    page = staff["boss"].post(f"{HOUSE}/counts", data={"bins": "A-01", "reason": "weekly", "most": ""})
    assert page.status_code == 303, words(page)
    count = one(database, StockCount).public_id
    path = f"{HOUSE}/counts/{count}"

    told = scan(staff["ann"], "count", "scan-ann-1", of=count, bin="A-01", found="SKU-1\t8\tA")
    assert told == {"ok": True, "title": "A-01 counted", "detail": ""}
    assert scan(staff["ann"], "count", "scan-ann-1", of=count, bin="A-01", found="SKU-1\t8\tA")["ok"]
    again = scan(staff["ann"], "count", "scan-ann-2", of=count, bin="A-01", found="SKU-1\t8")
    assert (again["ok"], again["detail"]) == (
        False,
        "You had a hand in this count already. Somebody else must do it.",
    )
    assert scan(staff["bob"], "count", "scan-bob-1", of=count, bin="]C0A-01", found="4000000000001,8")["ok"]

    assert "What was found" not in words(staff["ann"].get(path))
    assert "you counted in it" in words(staff["ann"].get(path)).lower()
    seen = words(staff["boss"].get(path))
    assert "-2" in seen
    done = staff["boss"].post(f"{path}/approve", data={"reason": "seen"})
    assert "its differences were posted" in words(staff["boss"].get(done.location))
    with database.reading() as session:
        assert sorted(session.scalars(select(StockBalance.on_hand))) == [-10, 2, 8]


def test_what_is_wrong_with_a_count_stands_in_its_form(staff):
    page = staff["boss"].post(f"{HOUSE}/counts", data={"bins": "Z-99", "most": "0"})
    assert page.status_code == 422
    assert 'value="Z-99"' in page.text
    page = staff["boss"].post(f"{HOUSE}/counts", data={"bins": "Z-99"})
    assert "No place here has this label" in words(page)


def test_work_is_asked_for_released_and_done_at_the_rack(staff, app, database, depot):
    owner = person(app, "exporter", exporter=depot.owner)
    form = {"reference": "W-1", "kind": "relabel", "sku-0": "SKU-1", "quantity-0": "4", "role-0": "consume",
            "sku-1": "SKU-2", "quantity-1": "3", "role-1": "produce"}  # fmt: skip
    page = owner.post(f"{HOUSE}/work-orders/new", data=form)
    assert page.status_code == 422
    assert "As many pieces must come out as go in." in words(page)
    page = owner.post(f"{HOUSE}/work-orders/new", data=form | {"sku-1": "NONE", "quantity-1": "4"})
    assert "No article here has this code" in words(page)
    made = owner.post(f"{HOUSE}/work-orders/new", data=form | {"quantity-1": "4"})
    assert made.status_code == 303
    assert owner.post(f"{made.location}/release").status_code == 403

    assert staff["ann"].post(f"{made.location}/release").status_code == 303
    assert "A-01 · 4" in words(staff["ann"].get(made.location))
    assert "W-1" in words(staff["ann"].get(f"{HOUSE}/rack/work"))
    refused = scan(staff["ann"], "work", order="W-1", to="A-99")
    assert refused["detail"].startswith("No place here has this label")
    assert scan(staff["ann"], "work", order="W-1", to="A-02")["ok"]
    assert one(database, WorkOrder).status == "done"
    assert staff["ann"].post(f"{made.location}/take_back").status_code == 422
    assert one(database, WorkOrder).status == "done"
    staff["ann"].post(f"{made.location}/take_back", data={"reason": "wrong label"})
    assert one(database, WorkOrder).status == "cancelled"


def test_the_rack_allows_the_camera_and_other_pages_do_not(staff):
    assert "camera=(self)" in staff["ann"].get(f"{HOUSE}/rack").headers["Permissions-Policy"]
    assert "camera=()" in staff["ann"].get(f"{HOUSE}/counts").headers["Permissions-Policy"]
    assert "script-src 'self'" in staff["ann"].get(f"{HOUSE}/rack").headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"id": "x"}', b'{"id": "scan-0001", "task": "fly", "fields": {}}']
)
def test_nonsense_is_answered_with_what_is_wrong(staff, body):
    answer = staff["ann"].post(f"{HOUSE}/rack/scans", data=body, content_type="application/json")
    assert (answer.status_code, answer.get_json()["ok"]) == (200, False)


def test_one_scan_id_is_not_used_for_two_things(staff, database, depot):
    with database.transaction() as session:
        count = start_count(session, depot.actor, NOW, session.merge(depot.warehouse), Choice()).public_id
    assert scan(staff["ann"], "count", of=count, bin="A-02")["ok"]
    strange = scan(staff["ann"], "count", "scan-0002", of=count, bin="A-03", found="SKU-1\t1\nNONE\t2")
    assert strange["detail"].endswith("(NONE)")
    other = scan(staff["ann"], "count", of=count, bin="A-03")
    assert (other["ok"], other["code"]) == (False, "scan_reused")


def test_a_browser_without_script_sends_the_same(staff, database, depot):
    with database.transaction() as session:
        count = start_count(session, depot.actor, NOW, session.merge(depot.warehouse), Choice()).public_id
    form = {"scan_id": "scan-plain-1", "of": count, "bin": "A-01", "found": "SKU-1, 10"}
    for told in ("A-01 counted", "A-01 counted"):
        page = staff["ann"].post(f"{HOUSE}/rack/count", data=form)
        assert told in words(staff["ann"].get(page.location))
    bad = staff["ann"].post(f"{HOUSE}/rack/count", data=form | {"scan_id": "scan-plain-2", "bin": "Z"})
    assert "No place here has this label" in words(staff["ann"].get(bad.location))


def test_nobody_else_comes_in(app, database, depot):
    with database.transaction() as session:
        other = a_house(session, "PLWAW-WHS")
        count = start_count(session, depot.actor, NOW, session.merge(depot.warehouse), Choice()).public_id
    eve = person(app, "warehouse", warehouse_id=other.warehouse.id)
    tries = [
        eve.get(f"{HOUSE}{path}")
        for path in ("/rack", "/rack/count", "/counts", f"/counts/{count}", "/work-orders")
    ]
    tries += [eve.get(f"/warehouses/PLWAW-WHS/counts/{count}"), eve.post(f"{HOUSE}/counts/{count}/approve")]
    assert {answer.status_code for answer in tries} == {404}
    assert (
        eve.post(f"{HOUSE}/rack/scans", json={"id": "scan-0001", "task": "count", "fields": {}}).get_json()[
            "code"
        ]
        == "not_found"
    )
    for role in ("exporter", "customs", "regulator"):
        facts = {"exporter": depot.owner} if role == "exporter" else {}
        assert person(app, role, **facts).get(f"{HOUSE}/rack").status_code == 403
