"""Orders out of a warehouse over the API, from the owner's wish to the customer's door."""

import json

import pytest

from app.actor import system
from app.models import Location, Party, Warehouse, WebhookMessage
from app.schemas.outbound import OutboundBox, OutboundOrderDetail, OutboundOrderPage
from app.schemas.waves import WaveDetail, WavePage
from tests.http.answers import faults, good, problem
from tests.outbound_rows import ADA
from tests.stock_rows import House, a_sku, furnish, stocked

BOX = {"weight_kg": "2.4", "length_cm": 20, "width_cm": 20, "height_cm": 15}


@pytest.fixture
def backend():
    return "sqlite"


@pytest.fixture
def stock(house):
    """Ten SKU-1 of acme's in the warehouse of the world."""
    with house.database.transaction() as session:
        warehouse = session.query(Warehouse).join(Location).filter(Location.code == "DEDUI-WHS").one()
        owner = session.query(Party).filter_by(reference="acme").one()
        rows = House(
            warehouse, owner, furnish(session, warehouse), {"SKU-1": a_sku(session, owner, 1)}, system("test")
        )
        stocked(session, rows, "SKU-1", 10)
        return rows


def wish(**changes):
    lines = [{"sku": "SKU-1", "quantity": 2}]
    return {"warehouse": "DEDUI-WHS", "reference": "SO-1", "consignee": ADA, "lines": lines} | changes


def asked(caller, **changes):
    return good(caller.post("/outbound-orders", wish(confirm=True, **changes)), OutboundOrderDetail, 201)


def test_an_order_goes_from_the_owners_wish_to_the_customers_door(acme, operator, stock):
    draft = good(acme.post("/outbound-orders", wish()), OutboundOrderDetail, 201)
    path = f"/outbound-orders/{draft['id']}"
    assert (draft["status"], draft["ship_by"]) == ("draft", "2026-11-23T15:00:00+00:00")
    assert good(acme.post(f"{path}/confirm"), OutboundOrderDetail)["lines"][0]["reserved"] == 2

    wave = good(operator.post("/outbound-waves", {"warehouse": "DEDUI-WHS"}), WaveDetail, 201)
    assert [(stop["bin"], stop["quantity"]) for stop in wave["stops"]] == [("A-01", 2)]
    assert (
        good(operator.get("/outbound-waves", warehouse="DEDUI-WHS"), WavePage)["items"][0]["id"] == wave["id"]
    )
    picks = f"/outbound-waves/{wave['id']}/picks"
    scan = {"bin": "A-01", "sku": "4000000000001", "quantity": 2, "scan_id": "s-1"}
    assert operator.get(f"/outbound-waves/{wave['id']}/pick-list.pdf").data.startswith(b"%PDF")
    for _ in range(2):
        assert good(operator.post(picks, scan), WaveDetail)["status"] == "done"

    box = good(operator.post(f"{path}/packages", BOX), OutboundBox, 201)
    assert (box["expected_weight_kg"], box["varies"], box["contents"][0]["quantity"]) == ("2.000", False, 2)
    assert acme.get(f"{path}/labels.pdf").data.startswith(b"%PDF")
    zpl = acme.get(f"{path}/labels.zpl").data
    assert zpl.startswith(b"^XA")
    assert box["tracking_number"].encode() in zpl
    labels = {"labels": [box["tracking_number"]]}
    assert good(operator.post(f"{path}/hand-over", labels), OutboundOrderDetail)["status"] == "handed_over"
    good(operator.post(f"{path}/tracking", {"status": "delivering"}), OutboundOrderDetail)
    done = good(operator.post(f"{path}/tracking", {"status": "delivered"}), OutboundOrderDetail)

    assert [one["status"] for one in done["events"]][-3:] == ["handed_over", "delivering", "delivered"]
    assert good(acme.get(path), OutboundOrderDetail) == done
    listed = good(acme.get("/outbound-orders", status="delivered"), OutboundOrderPage)
    assert [one["id"] for one in listed["items"]] == [draft["id"]]


def test_what_is_short_or_missing_is_said_and_can_be_mended(acme, stock):
    order = asked(acme, consignee={"country_code": "DE"})
    path = f"/outbound-orders/{order['id']}"
    assert {one["member"] for one in order["waits_for"]} == {
        "person_name",
        "address_line1",
        "city",
        "postal_code",
    }
    changes = {"consignee": ADA, "lines": [{"sku": "SKU-1", "quantity": 11}]}
    good(acme.patch(path, changes), OutboundOrderDetail)

    (waits,) = good(acme.post(f"{path}/confirm"), OutboundOrderDetail)["waits_for"]

    assert (waits["code"], waits["sku"], waits["wanted"], waits["missing"]) == ("stock_short", "SKU-1", 11, 1)


def test_a_scan_that_is_wrong_says_what_to_do_instead(acme, operator, stock):
    asked(acme)
    wave = good(operator.post("/outbound-waves", {"warehouse": "DEDUI-WHS"}), WaveDetail, 201)
    picks, scan = f"/outbound-waves/{wave['id']}/picks", {"bin": "A-01", "sku": "SKU-1", "quantity": 2}
    assert faults(operator.post(picks, scan | {"bin": "A-02"})) == {"bin": "wrong_bin"}
    assert faults(operator.post(picks, scan | {"sku": "SKU-2"})) == {"sku": "wrong_sku"}
    assert faults(operator.post(picks, scan | {"quantity": 3})) == {"quantity": "more_than_asked"}


def test_a_void_order_gives_its_stock_back_until_it_has_left(acme, operator, stock):
    order = asked(acme)
    path = f"/outbound-orders/{order['id']}"
    wave = good(operator.post("/outbound-waves", {"warehouse": "DEDUI-WHS"}), WaveDetail, 201)
    scan = {"bin": "A-01", "sku": "SKU-1", "quantity": 2}
    good(operator.post(f"/outbound-waves/{wave['id']}/picks", scan), WaveDetail)
    assert good(acme.post(f"{path}/void", {"reason": "no"}), OutboundOrderDetail)["status"] == "voiding"
    assert good(operator.post(f"{path}/put-back", {}), OutboundOrderDetail)["status"] == "void"
    problem(acme.get(f"{path}/labels.pdf"), 409, "nothing_to_print")

    second = asked(acme, reference="SO-2")
    other = f"/outbound-orders/{second['id']}"
    wave = good(operator.post("/outbound-waves", {"warehouse": "DEDUI-WHS"}), WaveDetail, 201)
    good(operator.post(f"/outbound-waves/{wave['id']}/picks", scan), WaveDetail)
    box = good(operator.post(f"{other}/packages", BOX | {"weight_kg": "9"}), OutboundBox, 201)
    assert box["varies"]
    opened = operator.delete(f"{other}/packages/{box['tracking_number']}")
    assert good(opened, OutboundOrderDetail)["packages"] == []
    good(operator.post(f"{other}/packages", BOX), OutboundBox, 201)
    good(operator.post(f"{other}/hand-over", {}), OutboundOrderDetail)
    assert "return" in problem(acme.post(f"{other}/void", {}), 409, "wrong_state")["detail"]


def test_only_the_warehouse_picks_and_packs_and_only_owners_order(acme, globex, call, operator, stock):
    order = asked(acme)
    path = f"/outbound-orders/{order['id']}"
    for caller, status in ((acme, 403), (call("finance"), 403), (call("warehouse"), 404)):
        assert caller.post(f"{path}/packages", BOX).status_code == status
        assert caller.post("/outbound-waves", {"warehouse": "DEDUI-WHS"}).status_code == status
    assert call("warehouse").post("/outbound-orders", wish()).status_code == 403
    problem(globex.get(path), 404, "not_found")
    problem(globex.post(f"{path}/void", {}), 404, "not_found")
    listed = good(globex.get("/outbound-orders"), OutboundOrderPage)["items"]
    assert {one["exporter"] for one in listed} == {"globex"}
    assert faults(globex.post("/outbound-orders", wish(reference="X"))) == {"lines.0.sku": "sku_unknown"}
    assert faults(acme.post("/outbound-orders", wish())) == {"reference": "duplicate_reference"}
    assert "exporter" in operator.post("/outbound-orders", wish(reference="Y")).text


def test_stock_is_kept_for_a_draft_that_asks_for_it(acme, stock):
    held = good(acme.post("/outbound-orders", wish(hold_minutes=30)), OutboundOrderDetail, 201)
    assert (held["status"], held["lines"][0]["reserved"]) == ("draft", 2)
    much = [{"sku": "SKU-1", "quantity": 9}]
    problem(
        acme.post("/outbound-orders", wish(reference="B", lines=much, hold_minutes=5)), 409, "wrong_state"
    )


def test_subscribers_are_told_of_every_state_an_order_rests_in(house, acme, stock):
    hook = {"url": "https://acme.example/orders", "event_types": ["order.status_changed"]}
    assert acme.post("/webhooks", hook).status_code == 201
    order = asked(acme)
    good(acme.post(f"/outbound-orders/{order['id']}/void", {}), OutboundOrderDetail)

    with house.database.reading() as session:
        bodies = [
            json.loads(one.body)["data"]
            for one in session.query(WebhookMessage).order_by(WebhookMessage.id)
            if one.event_type == "order.status_changed"
        ]
    assert [(one["previous_status"], one["status"]) for one in bodies] == [
        ("confirming", "confirmed"), ("voiding", "void"),
    ]  # fmt: skip
    assert {(one["id"], one["warehouse"]) for one in bodies} == {(order["id"], "DEDUI-WHS")}
