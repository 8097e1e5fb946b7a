"""The pages of stock, articles and layout: what staff see and do, and what others never see."""

import re

import pytest

from app.models import Party
from app.usecases.warehousing.docks import add_dock
from tests import factories as make
from tests.http.pages import sign_in, words
from tests.stock_rows import NOW, a_house, stocked


@pytest.fixture
def backend():
    return "sqlite"


@pytest.fixture
def here(app, database):
    """Two warehouses and two exporters with stock in both, and a browser for each kind of person."""
    with database.transaction() as session:
        house, other = a_house(session), a_house(session, "USLAX-WHS", "globex")
        stocked(session, house, "SKU-1", 12, batch="B-7")
        stocked(session, other, "SKU-2", 8)
        house.owner, other.owner = other.owner, house.owner
        house.skus, other.skus = other.skus, house.skus
        stocked(session, house, "SKU-2", 3, "A-02")
        stocked(session, other, "SKU-1", 4)
        add_dock(session, house.actor, NOW, house.warehouse, code="D1", opens_local="08:00",
                        closes_local="10:00", slot_min=60)  # fmt: skip
        owners = {one.reference: one for one in session.query(Party)}
        people = {name: make.make_user(session, "exporter", owner) for name, owner in owners.items()}
        people["worker"] = make.make_user(session, "warehouse", warehouse_id=house.warehouse.id)
        people["stranger"] = make.make_user(session, "warehouse", warehouse_id=other.warehouse.id)
        people["operator"] = make.make_user(session)
        sku = other.skus["SKU-1"].public_id
    browsers = {name: sign_in(app.test_client(), user) for name, user in people.items()}
    return browsers | {"sku": sku, "globex_sku": house.skus["SKU-2"].public_id}


AT = "/warehouses/DEDUI-WHS"


def test_staff_see_their_stock_down_to_the_bin(here):
    worker = here["worker"]
    page = words(worker.get(f"{AT}/stock"))
    assert "SKU-1" in page
    assert "SKU-2" in page
    shown = words(worker.get(f"{AT}/stock/{here['sku']}"))
    assert "A-01" in shown
    assert "batch B-7" in shown
    assert "Opening balance" in shown
    assert "SKU-1" in words(worker.get(f"{AT}/layout/bins/A-01"))
    overview = words(worker.get(AT))
    assert "Pieces in the house 15" in overview


def option(client, path, pieces="B-7"):
    """The option of the form that names a lot."""
    return re.search(rf'<option value="([^"]*{pieces}[^"]*)"', client.get(path).text)[1]


def test_pieces_are_moved_and_taken_back_in_the_browser(here):
    worker, path = here["worker"], f"{AT}/stock/{here['sku']}"
    lot = option(worker, path)
    wrong = worker.post(f"{path}/move", data={"lot": lot, "to": "A-02", "quantity": "13"})
    assert wrong.status_code == 409
    assert "Fewer pieces are free there" in words(wrong)

    moved = worker.post(f"{path}/move", data={"lot": lot, "to": "A-02", "quantity": "5", "reason": "front"})
    assert moved.status_code == 303
    posting = re.search(rf"{AT}/stock/moves/(pst_\w+)", worker.get(path).text)[0]
    assert "Take it back" in words(worker.get(posting))
    assert worker.post(f"{posting}/undo", data={"reason": ""}).status_code == 422
    assert worker.post(f"{posting}/undo", data={"reason": "wrong bin"}).status_code == 303
    assert "Taken back by" in words(worker.get(posting))
    assert "Taken back" in words(worker.get(f"{AT}/stock/moves"))


def test_conditions_change_and_scrap_is_asked_for_with_a_reason(here):
    worker, path = here["worker"], f"{AT}/stock/{here['sku']}"
    lot = option(worker, path)
    assert (
        worker.post(f"{path}/regrade", data={"lot": lot, "condition": "C", "quantity": "1"}).status_code
        == 422
    )
    done = worker.post(
        f"{path}/regrade", data={"lot": lot, "condition": "C", "quantity": "1", "reason": "bent"}
    )
    assert done.status_code == 303
    assert "C · damaged" in words(worker.get(path))
    gone = worker.post(f"{path}/scrap", data={"lot": option(worker, path, "C"), "reason": "bent"})
    assert gone.status_code == 303
    assert worker.post(f"{path}/scrap", data={"lot": "A-01|x", "reason": "bent"}).status_code == 409
    assert worker.post(f"{path}/burn", data={"lot": lot}).status_code == 404


def test_zones_bins_and_docks_are_made_and_changed(here):
    worker = here["worker"]
    assert worker.post(f"{AT}/layout/zones", data={"code": "b", "walk_seq": "2"}).status_code == 303
    assert (
        worker.post(
            f"{AT}/layout/bins", data={"zone": "B", "codes": "B-1..B-3", "max_weight_kg": "50"}
        ).status_code
        == 303
    )
    assert "B-3" in words(worker.get(f"{AT}/layout", query_string={"zone": "B"}))
    bad = worker.post(f"{AT}/layout/bins", data={"zone": "B", "codes": "B-3..B-1"})
    assert bad.status_code == 422
    assert 'aria-invalid="true"' in bad.text
    assert worker.post(f"{AT}/layout/bins/B-1", data={"blocked": "1", "walk_seq": "9"}).status_code == 303
    assert "Blocked" in words(worker.get(f"{AT}/layout/bins/B-1"))
    assert worker.post(f"{AT}/layout/bins/B-1/remove").status_code == 303
    assert worker.post(f"{AT}/layout/bins/A-01/remove").status_code == 409
    dock = {"code": "d2", "opens_local": "09:00", "closes_local": "09:30", "slot_min": "45"}
    assert worker.post(f"{AT}/layout/docks", data=dock).status_code == 422
    assert worker.post(f"{AT}/layout/docks", data=dock | {"slot_min": "30"}).status_code == 303
    day = words(worker.get(f"{AT}/layout/docks/D1", query_string={"day": "2026-11-27"}))
    assert day.count("Free") == 2 or "Over" in day
    assert worker.post(f"{AT}/layout/docks/D2/remove").status_code == 303


def test_an_exporter_adds_and_changes_an_article(here):
    acme = here["acme"]
    given = {"code": "MUG", "name_en": "Mug", "weight_kg": "0.4", "volume_m3": "0.001", "goods_class": "general",
             "value": "3", "currency": "USD", "issue_rule": "fefo"}  # fmt: skip
    missing = acme.post("/skus/new", data=given | {"volume_m3": ""})
    assert missing.status_code == 422
    made = acme.post("/skus/new", data=given)
    assert made.status_code == 303
    path = made.headers["Location"]
    assert "First to expire, first out" in words(acme.get(path))
    assert 'value="0.4"' in acme.get(f"{path}/change").text
    changed = acme.post(f"{path}/change", data=given | {"weight_kg": "0.5", "barcode": "123"})
    assert changed.status_code == 303
    assert "0.5 kg" in words(acme.get(path))
    assert "MUG" in words(acme.get("/skus", query_string={"q": "mug"}))
    assert here["globex"].get(path).status_code == 404
    assert here["globex"].post(f"{path}/change", data=given).status_code == 404


OTHERS = ("", "/stock", "/stock/{sku}", "/stock/moves", "/layout", "/layout/bins/A-01", "/layout/docks/D1")


def test_the_staff_of_another_warehouse_find_nothing(here):
    for end in (one.format(sku=here["sku"]) for one in OTHERS):
        assert here["stranger"].get(AT + end).status_code == 404, end
        assert here["worker"].get("/warehouses/USLAX-WHS" + end).status_code == 404, end
    assert "12" not in words(here["stranger"].get(f"/skus/{here['sku']}")).partition("Stock")[2]


def test_staff_change_nothing_in_another_warehouse(here):
    worker, other = here["worker"], "/warehouses/USLAX-WHS"
    posts = {
        f"/stock/{here['globex_sku']}/move": {"lot": "A-01|||||", "to": "A-02"},
        "/layout/zones": {"code": "X"},
        "/layout/bins": {"zone": "A", "codes": "X-1"},
        "/layout/bins/A-02": {"blocked": "1"},
        "/layout/bins/A-02/remove": {},
        "/layout/docks": {"code": "D9", "opens_local": "08:00", "closes_local": "09:00", "slot_min": "30"},
    }
    for path, data in posts.items():
        assert worker.post(other + path, data=data).status_code in (404, 409), path
    assert "A-02" in words(here["operator"].get(f"{other}/layout"))


def test_an_exporter_sees_its_own_stock_on_every_page_and_nobody_elses(here):
    acme, own = here["acme"], here["sku"]
    pages = [
        "/stock",
        "/skus",
        f"/skus/{own}",
        AT,
        f"{AT}/stock",
        f"{AT}/stock/{own}",
        "/warehouses/USLAX-WHS/stock",
    ]
    for path in pages:
        page = words(acme.get(path))
        assert "globex" not in page, path
        assert acme.get(path).status_code == 200, path
    assert "Your pieces here 12" in words(acme.get(AT))
    mine = words(acme.get("/stock"))
    assert "DEDUI-WHS 12" in mine
    assert "USLAX-WHS" in mine
    for path in (f"/skus/{here['globex_sku']}", f"{AT}/stock/{here['globex_sku']}"):
        assert acme.get(path).status_code == 404
    for path in (f"{AT}/stock/moves", f"{AT}/layout", f"{AT}/layout/bins/A-01"):
        assert acme.get(path).status_code == 403
    posting = re.search(r"pst_\w+", here["operator"].get(f"{AT}/stock/{here['globex_sku']}").text)[0]
    assert acme.get(f"{AT}/stock/moves/{posting}").status_code == 404
    assert acme.post(f"{AT}/stock/{own}/move", data={}).status_code == 403
