"""Orders in the browser: their owners ask for them and follow them, the warehouse picks, packs and hands over."""

import re

import pytest
import time_machine

from app.models import Location
from tests import factories as make
from tests.http.pages import person, words
from tests.outbound_rows import ADA, an_order, brought_to
from tests.quote_rows import link, sell
from tests.stock_rows import NOW, a_house, stocked

FLOOR = "/warehouses/DEDUI-WHS/outbound"
BOX = {"weight_kg": "2.2", "length_cm": "20", "width_cm": "20", "height_cm": "15"}


@pytest.fixture
def backend():
    return "sqlite"


@pytest.fixture
def depot(app, database):
    with time_machine.travel(NOW, tick=False):
        with database.transaction() as session:
            rows = a_house(session)
            stocked(session, rows, "SKU-1", 10)
            rows.place = session.get_one(Location, rows.warehouse.location_id)
        yield rows


@pytest.fixture
def staff(app, depot):
    return person(app, "warehouse", warehouse_id=depot.warehouse.id)


@pytest.fixture
def acme(app, depot):
    return person(app, "exporter", exporter=depot.owner)


def in_state(database, depot, state, reference="SO-1"):
    with database.transaction() as session:
        return brought_to(session, depot, state, reference=reference).public_id


def test_an_owner_asks_for_an_order_and_follows_it(acme, staff, depot):
    form = ADA | {
        "warehouse": "DEDUI-WHS", "reference": "SO-1", "sku-0": "SKU-1", "quantity-0": "2", "wish": "confirm",
    }  # fmt: skip
    assert "SKU-1" in acme.get("/orders/new").text
    made = acme.post("/orders/new", data=form)
    assert made.status_code == 303
    text = words(acme.get(made.location))
    for part in ("SO-1", "Confirmed", "Ada Example", "The order is taken on.", "Ship by"):
        assert part in text
    assert "SO-1" in words(acme.get("/orders?status=confirmed"))
    assert "No order matches" in words(acme.get("/orders?status=void"))
    again = acme.post("/orders/new", data=form)
    assert again.status_code == 422
    assert "An order with this reference is there already." in words(again)
    unknown = acme.post(
        "/orders/new",
        data=form | {"reference": "SO-9", "sku-0": "", "sku-2": "WHAT", "quantity-2": "1", "quantity-0": ""},
    )
    assert "There is no such article." in words(unknown)


def test_what_an_order_waits_for_is_said_and_mended(acme, depot, database):
    with database.transaction() as session:
        order = an_order(session, depot, consignee={"city": ""}).public_id
    text = words(acme.get(f"/orders/{order}"))
    assert "Waits for the owner" in text
    assert "Fill in the consignee: City." in text
    acme.post(f"/orders/{order}/consignee", data=ADA)
    acme.post(f"/orders/{order}/confirm")
    assert "its goods are reserved" in words(acme.get(f"/orders/{order}"))


def test_a_wave_is_built_walked_and_its_order_packed_and_handed_over(staff, depot, database):
    order = in_state(database, depot, "confirmed")
    assert "SO-1" in words(staff.get(FLOOR))
    assert "Confirmed 1" in words(staff.get(FLOOR))
    assert "checked" in staff.get(f"{FLOOR}/waves").text
    wave = staff.post(f"{FLOOR}/waves", data={"order": order}).location
    text = words(staff.get(wave))
    assert "Next: A-01 · 2 × SKU-1" in text
    wrong = staff.post(f"{wave}/picks", data={"bin": "A-02", "sku": "SKU-1", "quantity": "2"})
    assert wrong.status_code == 422
    assert "Nothing of this wave is picked there." in words(wrong)
    staff.post(f"{wave}/picks", data={"bin": "A-01", "sku": "4000000000001", "quantity": "2"})
    assert "Nothing is left to pick" in words(staff.get(wave))

    bench = f"{FLOOR}/orders/{order}"
    assert "Close a box" in words(staff.get(bench))
    missing = staff.post(f"{bench}/pack", data=BOX | {"weight_kg": ""})
    assert missing.status_code == 422
    assert 'aria-invalid="true"' in missing.text
    staff.post(f"{bench}/pack", data=BOX | {"weight_kg": "9"})
    page = words(staff.get(bench))
    assert "Look again" in page
    assert "Varies" in page
    number = re.search(r"FP\d{18}", page)[0]
    assert "Packed" in words(staff.get(f"{FLOOR}/hand-over"))
    strange = staff.post(f"{FLOOR}/hand-over", data={"labels": "FP1"})
    assert "FP1 is no box of this warehouse." in words(strange)
    staff.post(f"{FLOOR}/hand-over", data={"labels": number})
    assert "Nothing waits at the door" in words(staff.get(f"{FLOOR}/hand-over"))
    staff.post(f"{bench}/follow", data={"status": "delivered"})
    assert "Delivered" in words(staff.get(bench))


def test_anybody_with_the_label_sees_where_the_box_is_and_nothing_else(app, staff, depot, database):
    order = in_state(database, depot, "handed_over")
    number = re.search(r"FP\d{18}", staff.get(f"{FLOOR}/orders/{order}").text)[0]
    answer = app.test_client().get(f"/track/{number}")
    text = words(answer)
    assert answer.status_code == 200
    assert "Handed over" in text
    assert "Left the warehouse" in text
    assert not {"Ada", "Duisburg", "SO-1", "acme"} & set(text.replace(",", " ").split())


def test_a_box_is_opened_and_an_order_given_up_and_put_back(acme, staff, depot, database):
    order = in_state(database, depot, "packed")
    bench = f"{FLOOR}/orders/{order}"
    number = re.search(r"FP\d{18}", staff.get(bench).text)[0]
    staff.post(f"{bench}/unpack", data={"box": number})
    assert "No box is closed yet." in words(staff.get(bench))
    acme.post(f"/orders/{order}/void", data={"reason": "no"})
    assert "the warehouse puts back what it had picked" in words(acme.get(f"/orders/{order}"))
    assert "Put it back" in words(staff.get(bench))
    staff.post(f"{bench}/put_back", data={"bin": ""})
    assert "Void" in words(staff.get(bench))
    left = in_state(database, depot, "handed_over", "SO-2")
    refused = acme.post(f"/orders/{left}/void", data={})
    assert refused.status_code == 409
    assert "return" in words(refused)


def test_a_wave_nobody_began_is_given_up(staff, depot, database):
    order = in_state(database, depot, "confirmed")
    wave = staff.post(f"{FLOOR}/waves", data={"order": order}).location
    assert staff.post(f"{wave}/cancel").location == f"{FLOOR}/waves"
    assert "checked" in staff.get(f"{FLOOR}/waves").text
    assert staff.post(f"{FLOOR}/waves", data={"order": "ord_0000000000000000"}).status_code == 404


def test_a_promise_is_tried_and_becomes_an_order(acme, depot, database):
    with database.transaction() as session:
        zone = make.make_location(session, "DE-ZONE", "zone", country="DE", time_zone="Europe/Berlin")
        place = session.get_one(Location, depot.warehouse.location_id)
        sell(session, link(session, "LM-DE", place, zone, "last_mile", 1440), currency="EUR")
    assert "Find the warehouse" in words(acme.get("/orders/promise"))
    asked = "/orders/promise?country_code=DE&postal_code=47051&currency=EUR&sku-0=SKU-1&quantity-0=2"
    page = acme.get(asked)
    text = words(page)
    for part in ("Serves it", "€2.00", "LM-DE", "Make an order of it"):
        assert part in text
    assert 'name="quantity-0" value="2"' in page.text
    filled = acme.get(
        "/orders/new?warehouse=DEDUI-WHS&service=LM-DE&country_code=DE&sku-0=SKU-1&quantity-0=2"
    )
    assert 'value="LM-DE"' in filled.text
    assert "No warehouse can serve" in words(acme.get(asked.replace("=DE&", "=BR&")))
    assert acme.get(asked.replace("SKU-1", "WHAT")).status_code == 422


def test_others_find_nothing_there(app, acme, depot, database):
    order = in_state(database, depot, "confirmed")
    with database.transaction() as session:
        other = a_house(session, "USLAX-WHS", "globex")
    globex = person(app, "exporter", exporter=other.owner)
    neighbour = person(app, "warehouse", warehouse_id=other.warehouse.id)
    assert globex.get(f"/orders/{order}").status_code == 404
    assert globex.post(f"/orders/{order}/void").status_code == 404
    assert acme.get(FLOOR).status_code == 403
    assert neighbour.get("/orders").status_code == 403
    for path in ("", "/waves", "/hand-over", f"/orders/{order}"):
        assert neighbour.get(FLOOR + path).status_code == 404
    assert neighbour.post(f"{FLOOR}/orders/{order}/void").status_code == 404
    away = f"/warehouses/USLAX-WHS/outbound/orders/{order}"
    assert neighbour.get(away).status_code == 404
