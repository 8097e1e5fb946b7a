"""Stock over the API: what lies where, moves, corrections, and who sees what."""

import pytest

from app.usecases import api_keys
from tests.stock_rows import NOW, a_house, stocked


@pytest.fixture
def backend():
    return "sqlite"


@pytest.fixture
def stock(house):
    """Two warehouses with stock of acme and globex in each, and the staff of each."""
    with house.database.transaction() as session:
        houses = {
            (code, owner): a_house(session, code, owner)
            for code, owner in (("DETST-WHS", "acme"), ("USTST-WHS", "globex"))
        }
        duisburg, angeles = houses.values()
        stocked(session, duisburg, "SKU-1", 10, batch="B1")
        stocked(session, duisburg, "SKU-2", 5, "A-02", condition="B")
        stocked(session, angeles, "SKU-1", 7)
        duisburg.owner, angeles.owner = angeles.owner, duisburg.owner
        duisburg.skus, angeles.skus = angeles.skus, duisburg.skus
        stocked(session, duisburg, "SKU-1", 3)
        stocked(session, angeles, "SKU-2", 4)
        for code in ("DETST-WHS", "USTST-WHS"):
            _, secret = api_keys.add_api_key(session, duisburg.actor, NOW, role="warehouse", warehouse=code)
            house.world.secrets[code] = secret
        return {"acme": angeles.skus, "globex": duisburg.skus, "house": duisburg.warehouse.public_id}


@pytest.fixture
def worker(call, stock):
    return call("DETST-WHS")


def items(answer):
    assert answer.status_code == 200, answer.text
    return answer.get_json()["items"]


def held(answer):
    return sorted((row["warehouse"], row["exporter"], row["sku"], row["on_hand"]) for row in items(answer))


def test_everybody_sees_what_concerns_them(stock, worker, operator, acme):
    elsewhere = [("DEDUI-WHS", "globex", "SKU-77", 5)]
    everything = [
        ("DETST-WHS", "acme", "SKU-1", 10),
        ("DETST-WHS", "acme", "SKU-2", 5),
        ("DETST-WHS", "globex", "SKU-1", 3),
        ("USTST-WHS", "acme", "SKU-2", 4),
        ("USTST-WHS", "globex", "SKU-1", 7),
    ]
    assert held(operator.get("/stock")) == elsewhere + everything
    assert held(worker.get("/stock")) == [row for row in everything if row[0] == "DETST-WHS"]
    assert held(acme.get("/stock")) == [row for row in everything if row[1] == "acme"]
    assert held(worker.get("/stock", warehouse="USTST-WHS")) == []
    assert held(acme.get("/stock", exporter="globex")) == []


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"warehouse": "DETST-WHS"}, 3), ({"exporter": "globex"}, 3), ({"condition": "B"}, 1), ({"place": "A-02"}, 1),
        ({"customs_status": "bonded"}, 0), ({"place_kind": "bin"}, 6), ({"place_kind": "staging"}, 0),
        ({"q": "sku-1"}, 3),
    ],
)  # fmt: skip
def test_stock_is_narrowed(stock, operator, query, count):
    assert len(items(operator.get("/stock", **query))) == count


@pytest.mark.parametrize("query", [{}, {"warehouse": "DETST-WHS"}])
def test_pages_hold_every_row_once(stock, operator, query):
    whole, seen, cursor = items(operator.get("/stock", **query)), [], None
    while True:
        answer = operator.get("/stock", limit=2, **query, **({"cursor": cursor} if cursor else {})).get_json()
        seen += answer["items"]
        cursor = answer["next_cursor"]
        if cursor is None:
            break
    assert seen == whole


def move(worker, stock, **changed):
    body = {
        "warehouse": "DETST-WHS", "sku": stock["acme"]["SKU-1"].public_id, "from": "A-01", "to": "A-02",
        "quantity": 4, "scan_id": "gun-1",
    }  # fmt: skip
    return worker.post("/stock/moves", body | changed)


def test_pieces_go_from_bin_to_bin_once_for_a_scan_and_back_again(stock, worker):
    first, again = move(worker, stock), move(worker, stock)

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.get_json()["id"] == again.get_json()["id"]
    assert [(one["from"], one["to"], one["quantity"]) for one in first.get_json()["moves"]] == [
        ("A-01", "A-02", 4)
    ]
    posting = f"/stock/postings/{first.get_json()['id']}"
    back = worker.post(f"{posting}/reverse", {"reason": "wrong bin"})
    assert back.get_json()["reverses"] == first.get_json()["id"]
    assert worker.get(posting).get_json()["reversed_by"] == back.get_json()["id"]
    twice = worker.post(f"{posting}/reverse", {"reason": "again"})
    assert (twice.status_code, twice.get_json()["code"]) == (409, "wrong_state")
    moves = items(worker.get("/stock/moves", sku=stock["acme"]["SKU-1"].public_id))
    assert [one["kind"] for one in moves] == ["reverse", "move", "import"]


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"quantity": 11}, 409, "stock_short"),
        ({"to": "A-01"}, 422, "same_place"),
        ({"to": "receiving"}, 422, "not_a_bin"),
        ({"to": "A-99"}, 404, "not_found"),
        ({"batch": "B2"}, 409, "stock_short"),
        ({"sku": "SKU-1"}, 422, "required"),
        ({"warehouse": "USTST-WHS"}, 404, "not_found"),
    ],
)
def test_a_move_that_cannot_be_is_refused_and_changes_nothing(stock, worker, changed, status, code):
    before = worker.get("/stock").get_json()
    answer = move(worker, stock, **changed)

    told = answer.get_json()
    assert (answer.status_code, (told["errors"] or [told])[0]["code"]) == (status, code)
    assert worker.get("/stock").get_json() == before


def test_a_used_scan_id_for_something_else_is_noticed(stock, worker):
    move(worker, stock)
    assert move(worker, stock, quantity=1).get_json()["code"] == "scan_reused"


def test_pieces_get_another_condition_and_it_is_taken_back(stock, worker):
    body = {"warehouse": "DETST-WHS", "exporter": "acme", "sku": "SKU-1", "place": "A-01", "quantity": 2,
            "condition": "C", "reason": "handle broken"}  # fmt: skip
    made = worker.post("/stock/regrades", body)
    assert made.status_code == 201, made.text
    conditions = {
        row["lot"]["condition"]: row["on_hand"]
        for row in items(worker.get("/stock", exporter="acme", place="A-01"))
    }
    assert conditions == {"A": 8, "C": 2}

    worker.post(f"/stock/postings/{made.get_json()['id']}/reverse", {"reason": "it was the other one"})
    assert [row["on_hand"] for row in items(worker.get("/stock", exporter="acme", place="A-01"))] == [10]
    again = worker.post("/stock/regrades", body | {"condition": "A"})
    assert again.get_json()["errors"][0]["code"] == "same_condition"


def test_scrap_is_for_good(stock, worker):
    body = {"warehouse": "DETST-WHS", "exporter": "acme", "sku": "SKU-1", "place": "A-01", "quantity": 1,
            "reason": "shattered"}  # fmt: skip
    made = worker.post("/stock/scraps", body).get_json()
    refused = worker.post(f"/stock/postings/{made['id']}/reverse", {"reason": "no"})

    assert refused.status_code == 409
    assert "does not come back" in refused.get_json()["detail"]
    assert held(worker.get("/stock", place_kind="scrap")) == [("DETST-WHS", "acme", "SKU-1", 1)]


def test_nobody_touches_another_warehouse_and_exporters_touch_none(stock, call, worker, acme, globex):
    made = move(worker, stock).get_json()["id"]
    other = call("USTST-WHS")

    assert other.get(f"/stock/postings/{made}").status_code == 404
    assert other.post(f"/stock/postings/{made}/reverse", {"reason": "x"}).status_code == 404
    assert acme.get(f"/stock/postings/{made}").status_code == 200
    assert globex.get(f"/stock/postings/{made}").status_code == 404
    assert acme.post(f"/stock/postings/{made}/reverse", {"reason": "x"}).status_code == 403
    assert move(acme, stock).status_code == 403
    assert globex.get("/stock/moves", sku=stock["acme"]["SKU-1"].public_id).status_code == 404
    assert other.get("/stock/moves", sku=stock["acme"]["SKU-1"].public_id).get_json()["items"] == []
