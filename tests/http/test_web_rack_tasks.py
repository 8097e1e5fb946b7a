"""A day at the rack: every task from the page that offers it to the stock that followed."""

import pytest
from sqlalchemy import select

from app.models import OutboundOrder, Return, StockBalance, StockLot, StockPlace
from tests.http.pages import person, words
from tests.http.test_web_rack import HOUSE, scan
from tests.inbound_rows import announced, arrived
from tests.outbound_rows import a_wave, an_order
from tests.return_rows import asked, lands
from tests.stock_rows import stocked


@pytest.fixture
def backend():
    return "sqlite"


@pytest.fixture
def world(database):
    with database.transaction() as session:
        return lands(session)


@pytest.fixture
def staff(app, world):
    return person(app, "warehouse", warehouse_id=world.house.warehouse.id)


def lying(database):
    """Place → pieces on hand, of what lies in the house."""
    query = (
        select(StockPlace.code, StockLot.condition, StockBalance.on_hand)
        .join(StockBalance, StockBalance.place_id == StockPlace.id)
        .join(StockLot, StockBalance.lot_id == StockLot.id)
        .where(StockPlace.kind.in_(["bin", "receiving", "staging", "returns"]), StockBalance.on_hand != 0)
    )
    with database.reading() as session:
        return {(code, condition): pieces for code, condition, pieces in session.execute(query)}


def test_goods_are_received_and_put_away(staff, database, world):
    with database.transaction() as session:
        asn = announced(session, world.house)
        arrived(session, world.house, asn)
        of = asn.public_id
    assert "PO-1" in words(staff.get(f"{HOUSE}/rack/receive"))
    assert "SKU-2" in words(staff.get(f"{HOUSE}/rack/receive?of={of}"))
    label = "]C101" + "04006381333931"
    assert scan(staff, "receive", "scan-r-0", of=of, sku=label)["code"] == "validation_error"
    for number in ("scan-r-1", "scan-r-1"):
        told = scan(staff, "receive", number, of=of, sku="4000000000001", quantity="8")
        assert told["title"] == "8 × SKU-1 received"
    assert scan(staff, "receive", "scan-r-2", of=of, sku="SKU-1", damaged="1")["ok"]
    assert lying(database) == {("receiving", "A"): 8, ("receiving", "C"): 1}

    assert "PO-1" in words(staff.get(f"{HOUSE}/rack/putaway"))
    assert "A-01" in words(staff.get(f"{HOUSE}/rack/putaway?of={of}"))
    told = scan(staff, "putaway", "scan-p-1", of=of, sku="SKU-1", quantity="5", to="a-02")
    assert told["title"] == "5 × SKU-1 put into A-02"
    more = scan(staff, "putaway", "scan-p-2", of=of, sku="SKU-1", quantity="9", to="A-02")
    assert more["detail"].startswith("That is more than lies in receiving")
    assert lying(database) == {("receiving", "A"): 3, ("receiving", "C"): 1, ("A-02", "A"): 5}


def test_an_order_is_picked_and_packed(staff, database, world):
    with database.transaction() as session:
        stocked(session, world.house, "SKU-1", 5)
        order = an_order(session, world.house)
        of = a_wave(session, world.house, order).public_id
    assert of in words(staff.get(f"{HOUSE}/rack/pick"))
    assert "A-01" in words(staff.get(f"{HOUSE}/rack/pick?of={of}"))
    wrong = scan(staff, "pick", "scan-k-0", of=of, bin="A-02", sku="SKU-1", quantity="2")
    assert "Nothing is picked from this bin" in wrong["detail"]
    assert scan(staff, "pick", "scan-k-1", of=of, bin="A-01", sku="4000000000001", quantity="2")["ok"]
    assert lying(database) == {("A-01", "A"): 3, ("staging", "A"): 2}

    assert "SO-1" in words(staff.get(f"{HOUSE}/rack/pack"))
    size = {"weight_kg": "2.1", "length_cm": "20", "width_cm": "20", "height_cm": "10.5"}
    for _ in range(2):
        assert scan(staff, "pack", "scan-b-1", order="so-1", **size)["title"].startswith("SO-1 packed")
    with database.reading() as session:
        assert session.scalars(select(OutboundOrder.status)).one() == "packed"


def test_a_return_is_taken_in_and_graded(staff, database, world):
    with database.transaction() as session:
        number = asked(session, world, 3, reference="RMA-1").tracking_number
    early = scan(staff, "grade", "scan-g-0", parcel=number, sku="SKU-1", grade="A")
    assert early["ok"] is False
    assert scan(staff, "return", "scan-t-1", parcel=number)["title"] == "The return RMA-1 was taken in"
    for count, grade in ((2, "A"), (1, "C")):
        told = scan(
            staff, "grade", f"scan-g-{count}", parcel="RMA-1", sku="SKU-1", quantity=str(count), grade=grade
        )
        assert told["ok"], told
    assert lying(database) == {("returns", "A"): 2, ("returns", "C"): 1}
    with database.reading() as session:
        assert session.scalars(select(Return.status)).one() == "graded"


def test_what_is_no_number_here_is_said(staff):
    told = scan(staff, "return", parcel="4711-unknown")
    assert told["detail"] == "There is nothing with this number here. Scan it again."
    missing = scan(staff, "pack", "scan-m-1", order="SO-1")
    assert (missing["ok"], missing["title"]) == (False, "This was refused")
    assert staff.get(f"{HOUSE}/rack/fly").status_code == 404
    assert staff.get(f"{HOUSE}/rack/receive?of=asn_0000000000000000").status_code == 404
