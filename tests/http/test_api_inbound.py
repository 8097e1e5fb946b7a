"""Announced goods over HTTP: an exporter announces them, the warehouse counts them in and puts them away."""

import pytest

from app.actor import system
from app.schemas.inbound import AsnDetailShape, AsnPage, PutAwayShape
from app.usecases import api_keys
from tests.factories import NOW
from tests.http.answers import faults, good, problem
from tests.http.conftest import Caller
from tests.stock_rows import a_house

BODY = {
    "warehouse": "DEINB-WHS", "reference": "PO-9", "expected_on": "2027-01-04", "container": "csqu 305438 3",
    "lines": [{"sku": "SKU-1", "quantity": 10, "cartons": 2}, {"sku": "4000000000002", "quantity": 6}],
}  # fmt: skip


@pytest.fixture
def backend():
    return "sqlite"


@pytest.fixture
def staff(house, visitor):
    """Somebody who works where the goods come to."""
    return working_in("DEINB-WHS", house, visitor)


def working_in(code, house, visitor):
    """Somebody of a new warehouse, at which acme keeps its goods."""
    with house.database.transaction() as session:
        stock = a_house(session, code)
        key, secret = api_keys.add_api_key(session, stock.actor, NOW, role="warehouse")
        key.warehouse_id = stock.warehouse.id
    return Caller(visitor, secret)


@pytest.fixture
def asn(acme, staff):
    return good(acme.post("/asns", BODY | {"announce": True}), AsnDetailShape, 201)


def test_goods_are_announced_counted_and_put_away(acme, staff, asn):
    path = f"/asns/{asn['id']}"
    assert (asn["status"], asn["container"], asn["expected"]) == ("announced", "CSQU3054383", 16)
    assert good(acme.post(f"{path}/depart"), AsnDetailShape)["status"] == "in_transit"
    assert good(staff.post(f"{path}/arrive"), AsnDetailShape)["status"] == "arrived"

    count = {"scan_id": "gun-1", "lines": [{"sku": "SKU-1", "good": 7, "damaged": 1, "cartons": 2}]}
    first = good(staff.post(f"{path}/receipts", count), AsnDetailShape)
    again = good(staff.post(f"{path}/receipts", count), AsnDetailShape)
    assert again == first
    assert [(one["sku"], one["condition"], one["quantity"]) for one in first["in_receiving"]] == [
        ("SKU-1", "A", 7),
        ("SKU-1", "C", 1),
    ]
    closed = good(staff.post(f"{path}/close", {"reason": "seals broken"}), AsnDetailShape)
    assert [(one["line"], one["kind"], one["quantity"]) for one in closed["discrepancies"]] == [
        (1, "shortage", 2),
        (1, "damage", 1),
        (2, "shortage", 6),
    ]

    asked = good(staff.get(f"{path}/put-away"), PutAwayShape)["items"]
    assert [(one["condition"], one["quantity"], one["to"], one["why"]) for one in asked] == [
        ("A", 7, "A-01", "empty"),
        ("C", 1, "A-02", "empty"),
    ]
    lines = [{"sku": "SKU-1", "to": "A-03", "quantity": 7}]
    assert good(staff.post(f"{path}/put-away", {"lines": lines}), AsnDetailShape)["status"] == "received"
    done = good(staff.post(f"{path}/put-away", {}), AsnDetailShape)
    assert (done["status"], done["in_receiving"]) == ("putaway_done", [])
    assert good(acme.get(path), AsnDetailShape) == done


def test_a_receipt_is_taken_back(staff, asn):
    path = f"/asns/{asn['id']}"
    staff.post(f"{path}/arrive")
    receipt = staff.post(f"{path}/receipts", {"lines": [{"sku": "SKU-1", "good": 7}]}).json["receipts"][0]
    back = good(staff.post(f"{path}/receipts/{receipt['id']}/take-back", {}), AsnDetailShape)
    assert (back["received"], back["in_receiving"], back["receipts"][0]["taken_back"]) == (0, [], True)
    problem(staff.post(f"{path}/receipts/{receipt['id']}/take-back", {}), 409, "wrong_state")


def test_a_draft_is_changed_announced_and_called_off(acme, staff):
    draft = good(acme.post("/asns", BODY), AsnDetailShape, 201)
    path = f"/asns/{draft['id']}"
    other = {name: value for name, value in BODY.items() if name != "warehouse"} | {
        "lines": BODY["lines"][:1]
    }
    assert good(acme.patch(path, other), AsnDetailShape)["line_count"] == 1
    assert good(acme.post(f"{path}/announce"), AsnDetailShape)["status"] == "announced"
    problem(acme.patch(path, other), 409, "wrong_state")
    assert good(acme.post(f"{path}/cancel", {}), AsnDetailShape)["status"] == "cancelled"


def test_lists_are_narrowed(acme, globex, staff, asn):
    for asked in ({}, {"status": "announced"}, {"warehouse": "DEINB-WHS"}, {"reference": "PO"},
                  {"expected_from": "2027-01-04"}, {"expected_until": "2027-01-04"}):  # fmt: skip
        for caller in (acme, staff):
            found = good(caller.get("/asns", **asked), AsnPage)["items"]
            assert asn["id"] in [one["id"] for one in found], asked
    early = good(acme.get("/asns", expected_until="2027-01-03"), AsnPage)["items"]
    assert asn["id"] not in [one["id"] for one in early]
    assert asn["id"] not in globex.get("/asns").get_data(as_text=True)


def test_what_makes_no_sense_is_named_by_place(acme, staff, asn):
    assert faults(acme.post("/asns", BODY)) == {"reference": "duplicate_reference"}
    lines = [{"sku": "NONE", "quantity": 1}, {"sku": "SKU-1", "quantity": 0}]
    assert faults(acme.post("/asns", BODY | {"reference": "PO-10", "lines": lines})) == {
        "lines.1.quantity": "out_of_range"
    }
    assert faults(acme.post("/asns", BODY | {"reference": "PO-10", "lines": lines[:1]})) == {
        "lines.0.sku": "sku_unknown"
    }
    assert faults(acme.post("/asns", BODY | {"reference": "PO-10", "warehouse": "NOWHERE"})) == {
        "warehouse": "unknown_warehouse"
    }
    problem(
        staff.post(f"/asns/{asn['id']}/receipts", {"lines": [{"sku": "SKU-1", "good": 1}]}),
        409,
        "wrong_state",
    )
    staff.post(f"/asns/{asn['id']}/arrive")
    wrong = {"lines": [{"sku": "SKU-1"}, {"sku": "SKU-1", "good": 1, "line": 2}]}
    assert faults(staff.post(f"/asns/{asn['id']}/receipts", wrong)) == {"lines.1.line": "line_unknown"}
    assert faults(staff.post(f"/asns/{asn['id']}/receipts", {"lines": wrong["lines"][:1]})) == {
        "lines.0.good": "nothing_counted"
    }


def test_only_who_works_there_counts(house, visitor, acme, globex, staff, asn, call):
    path = f"/asns/{asn['id']}"
    elsewhere = working_in("PLINB-WHS", house, visitor)
    for stranger in (globex, elsewhere):
        problem(stranger.get(path), 404, "not_found")
        problem(stranger.post(f"{path}/depart"), 404, "not_found")
        problem(stranger.post(f"{path}/cancel", {}), 404, "not_found")
    for action in ("arrive", "close", "receipts", "put-away"):
        problem(acme.post(f"{path}/{action}", {"lines": [{"sku": "SKU-1", "good": 1}]} if action == "receipts" else {}),
                403, "forbidden")  # fmt: skip
    problem(elsewhere.get(f"{path}/put-away"), 404, "not_found")
    problem(call("finance").get(path), 403, "forbidden")
    body = BODY | {"reference": "PO-11", "exporter": "acme", "warehouse": "PLINB-WHS"}
    assert faults(staff.post("/asns", body)) == {"warehouse": "unknown_warehouse"}
    good(staff.post("/asns", body | {"warehouse": "DEINB-WHS"}), AsnDetailShape, 201)


def test_the_receiving_list_is_printed(acme, staff, asn):
    answer = acme.get(f"/asns/{asn['id']}/receiving-list.pdf")
    assert (answer.status_code, answer.content_type, answer.data[:5]) == (200, "application/pdf", b"%PDF-")


def test_practice_moves_no_stock(house, visitor, staff):
    with house.database.transaction() as session:
        _, secret = api_keys.add_api_key(session, system("test"), NOW, exporter="acme", test_mode=True)
    problem(Caller(visitor, secret).post("/asns", BODY), 403, "forbidden")
