"""Inbound in the browser: an exporter announces goods, the warehouse counts them in and puts them away."""

import re

import pytest
import time_machine

from app.models import Asn, AsnLine, Location
from tests import factories as make
from tests.booking_rows import make_booking, make_offer, make_quote
from tests.http.pages import person, words
from tests.inbound_rows import announced, arrived
from tests.stock_rows import a_house


@pytest.fixture
def backend():
    return "sqlite"


@pytest.fixture
def stock(app, database):
    with time_machine.travel(make.NOW, tick=False):
        with database.transaction() as session:
            house = a_house(session)
            end = session.get_one(Location, house.warehouse.location_id)
            booking = make_booking(
                session, make_offer(session, quote=make_quote(session, house.owner, None, end))
            )
            house.booking_id = booking.public_id
            asn = announced(session, house, booking_id=booking.public_id, container="CSQU3054383")
            house.asn_id = asn.public_id
        yield house


@pytest.fixture
def owner(app, stock):
    return person(app, "exporter", exporter=stock.owner)


@pytest.fixture
def staff(app, stock):
    return person(app, "warehouse", warehouse_id=stock.warehouse.id)


@pytest.fixture
def floor(stock):
    return f"/warehouses/DEDUI-WHS/inbound/{stock.asn_id}"


def test_an_exporter_announces_goods_and_follows_them(owner, stock):
    assert "Announce goods" in words(owner.get("/inbound"))
    typed = {"warehouse": "DEDUI-WHS", "reference": "PO-2", "expected_on": "2026-12-24", "sku-0": "SKU-1",
             "quantity-0": "5", "condition-0": "A", "customs_status": "free"}  # fmt: skip
    more = owner.post("/inbound", data=typed | {"lines": "add"})
    assert "Line 2" in words(more)
    refused = owner.post("/inbound", data=typed | {"sku-0": "NONE", "container": "CSQU3054384"})
    assert refused.status_code == 422
    assert "The last digit does not fit the others" in words(refused)
    made = owner.post("/inbound", data=typed | {"announce": "1"})
    assert made.status_code == 303, words(made)
    page = words(owner.get(made.headers["Location"]))
    for part in ("PO-2", "Announced", "SKU-1", "Call it off"):
        assert part in page
    assert owner.post(made.headers["Location"] + "/cancel", data={"reason": "no"}).status_code == 303
    assert "Cancelled" in words(owner.get(made.headers["Location"]))


def test_a_draft_is_changed(owner, stock, database):
    typed = {"warehouse": "DEDUI-WHS", "reference": "PO-3", "expected_on": "2026-12-24", "sku-0": "SKU-1",
             "quantity-0": "5", "condition-0": "A"}  # fmt: skip
    path = owner.post("/inbound", data=typed).headers["Location"]
    assert 'value="PO-3"' in owner.get(f"{path}/edit").text
    assert owner.post(f"{path}/edit", data=typed | {"quantity-0": "7"}).status_code == 303
    assert owner.post(f"{path}/announce").status_code == 303
    assert owner.post(f"{path}/edit", data=typed).status_code == 409
    with database.transaction() as session:
        asn = session.query(Asn).filter_by(reference="PO-3").one()
        lines = session.query(AsnLine.expected).filter_by(asn_id=asn.id).all()
        assert (asn.status, [pieces for (pieces,) in lines]) == ("announced", [7])


def test_the_booking_and_the_asn_name_each_other(owner, stock):
    page = words(owner.get(f"/inbound/{stock.asn_id}"))
    assert stock.booking_id in page
    assert "CSQU3054383" in page
    assert "PO-1" in words(owner.get(f"/bookings/{stock.booking_id}"))


def test_the_staff_counts_in_and_puts_away(staff, stock, floor):
    due = words(staff.get("/warehouses/DEDUI-WHS/inbound"))
    assert "PO-1" in due
    assert staff.post(f"{floor}/arrive").status_code == 303
    page = staff.get(f"{floor}/receive")
    scan = re.search(r'name="scan_id" value="([^"]+)"', page.text)[1]
    typed = {"scan_id": scan, "good-1": "8", "damaged-1": "1", "sku-new": "4000000000002", "good-new": "2"}
    wrong = staff.post(f"{floor}/receive", data=typed | {"good-1": "x"})
    assert wrong.status_code == 422
    assert "A whole number is needed" in words(wrong)
    for _ in range(2):
        assert staff.post(f"{floor}/receive", data=typed).status_code == 303
    page = words(staff.get(floor))
    for part in ("8 in good order, 1 damaged", "Damaged", "In the receiving area"):
        assert part in page

    suggestion = staff.get(f"{floor}/put-away")
    assert "nearest empty bin" in words(suggestion)
    rows = dict(re.findall(r'name="([a-z_]+-\d+)"[^>]*value="([^"]*)"', suggestion.text))
    assert {rows[name] for name in rows if name.startswith("to-")} == {"A-01", "A-02", "A-03"}
    refused = staff.post(f"{floor}/put-away", data=rows | {"to-0": "Z-9"})
    assert refused.status_code == 422
    assert "There is no such bin here." in words(refused)
    assert staff.post(f"{floor}/put-away", data=rows | {"to-0": "A-02"}).status_code == 303
    assert staff.post(f"{floor}/close", data={"reason": "short"}).status_code == 303
    page = words(staff.get(floor))
    assert "Put away" in page
    assert "Not as announced" in page
    assert words(staff.get("/warehouses/DEDUI-WHS/inbound?status=putaway_done")).count("PO-1") == 1


def test_a_count_is_taken_back(staff, floor):
    staff.post(f"{floor}/arrive")
    staff.post(f"{floor}/receive", data={"scan_id": "s", "good-1": "8"})
    path = re.search(r'action="([^"]+take-back)"', staff.get(floor).text)[1]
    assert staff.post(path, data={"reason": "twice"}).status_code == 303
    assert "taken back" in words(staff.get(floor))
    assert staff.post(path).status_code == 409


def test_nobody_sees_what_is_not_theirs(app, database, stock, floor):
    with database.transaction() as session:
        other = a_house(session, "PLWAW-WHS", "globex")
        arrived(session, other, announced(session, other, "SECRET"))
    elsewhere = person(app, "warehouse", warehouse_id=other.warehouse.id)
    globex = person(app, "exporter", exporter=other.owner)
    for path in (floor, f"{floor}/receive", f"{floor}/put-away", f"/inbound/{stock.asn_id}"):
        assert elsewhere.get(path).status_code == 404
        assert globex.get(path).status_code in (403, 404)
    assert elsewhere.post(f"{floor}/arrive").status_code == 404
    assert globex.post(f"/inbound/{stock.asn_id}/cancel").status_code == 404
    assert "PO-1" not in words(globex.get("/inbound"))
    operator = person(app)
    assert operator.get(floor.replace("DEDUI", "PLWAW")).status_code == 404
