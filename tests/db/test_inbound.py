"""Announced goods: what the ledger says of them from the day they are announced until they lie in bins."""

import pytest
from sqlalchemy import select

from app.errors import Conflict, ScanReused
from app.models import StockLot
from app.queries.inbound import discrepancies_of
from app.queries.invariants import broken
from app.usecases.warehousing.announcing_goods import announce_asn, cancel_asn, depart_asn
from app.usecases.warehousing.asns import Announcement, change_asn, create_asn
from app.usecases.warehousing.ledger import Scan
from app.usecases.warehousing.putting_away import PutAway, in_receiving, plan_put_away, put_away
from app.usecases.warehousing.receiving import (
    Count,
    close_receiving,
    take_receipt_back,
)
from tests.inbound_rows import LINES, announced, arrived, balances, counted
from tests.stock_rows import NOW, TODAY, House, a_house
from warehouses.stock import NEVER

pytestmark = pytest.mark.postgres


@pytest.fixture
def house(session) -> House:
    return a_house(session)


@pytest.fixture
def asn(session, house):
    return announced(session, house)


def test_a_draft_moves_nothing_and_may_be_changed_until_it_is_announced(session, house):
    wanted = Announcement(reference="PO-1", lines=LINES, expected_on=TODAY)
    draft = create_asn(session, house.actor, NOW, house.warehouse.public_id, "acme", wanted)
    assert balances(session, house) == {}

    other = Announcement(reference="PO-2", lines=LINES[1:], expected_on=TODAY)
    changed = change_asn(session, house.actor, NOW, draft.public_id, other)
    assert (changed.reference, [line.sku.code for line in changed.lines]) == ("PO-2", ["SKU-2"])

    announce_asn(session, house.actor, NOW, draft.public_id)
    assert balances(session, house, "SKU-2") == {"supplier": -6, "in_transit": 6}
    with pytest.raises(Conflict):
        change_asn(session, house.actor, NOW, draft.public_id, other)


def test_what_is_called_off_is_no_longer_on_its_way(session, house, asn):
    depart_asn(session, house.actor, NOW, asn.public_id)
    cancel_asn(session, house.actor, NOW, asn.public_id, "the supplier withdrew")

    assert asn.status == "cancelled"
    assert balances(session, house) == {}
    with pytest.raises(Conflict):
        cancel_asn(session, house.actor, NOW, asn.public_id)


def test_a_container_that_is_short_leaves_nothing_in_transit(session, house, asn):
    arrived(session, house, asn)
    counted(session, house, asn, Count("SKU-1", 4, cartons=1))
    close_receiving(session, house.actor, NOW, asn.public_id, more_to_come=True)
    assert asn.status == "received_partial"
    assert balances(session, house) == {"supplier": -10, "in_transit": 6, "receiving": 4}

    counted(session, house, asn, Count("SKU-1", 3, damaged=1), Count("SKU-2", 8))
    close_receiving(session, house.actor, NOW, asn.public_id)

    assert asn.status == "received"
    assert balances(session, house) == {"supplier": -10, "adjustment": 2, "receiving": 8}
    assert balances(session, house, "SKU-2") == {"supplier": -8, "receiving": 8}
    assert [(one["sku"], one["kind"], one["quantity"]) for one in discrepancies_of(asn)] == [
        ("SKU-1", "shortage", 2),
        ("SKU-1", "damage", 1),
        ("SKU-2", "surplus", 2),
    ]


def test_what_came_is_of_today_and_in_the_condition_it_was_found_in(session, house, asn):
    arrived(session, house, asn)
    counted(session, house, asn, Count("SKU-1", 4, damaged=1, batch="B7", expires_on=TODAY))

    lots = {one.lot.condition: one for one in in_receiving(session, asn)}
    assert {name: one.quantity for name, one in lots.items()} == {"A": 4, "C": 1}
    assert lots["A"].lot.received_on == TODAY
    assert (lots["A"].lot.batch, lots["A"].lot.expires_on) == ("B7", TODAY)
    coming = session.scalars(select(StockLot).where(StockLot.received_on == NEVER)).all()
    assert {lot.batch for lot in coming} == {""}


def test_a_scan_is_received_once(session, house, asn):
    arrived(session, house, asn)
    _, first = counted(session, house, asn, Count("SKU-1", 4), scan=Scan("s-1"))
    _, again = counted(session, house, asn, Count("SKU-1", 4), scan=Scan("s-1"))

    assert again.id == first.id
    assert asn.lines[0].received == 4
    with pytest.raises(ScanReused):
        counted(session, house, asn, Count("SKU-1", 5), scan=Scan("s-1"))


def test_a_count_that_was_wrong_is_taken_back(session, house, asn):
    arrived(session, house, asn)
    _, posting = counted(session, house, asn, Count("SKU-1", 7, damaged=5))
    before = {"supplier": -10, "in_transit": 10}

    take_receipt_back(session, house.actor, NOW, asn.public_id, posting.public_id, "counted twice")

    assert balances(session, house) == before
    assert (asn.lines[0].received, asn.lines[0].damaged) == (0, 0)
    with pytest.raises(Conflict):
        take_receipt_back(session, house.actor, NOW, asn.public_id, posting.public_id, "again")


def test_it_is_put_away_as_suggested_or_as_a_person_says(session, house, asn):
    arrived(session, house, asn)
    counted(session, house, asn, Count("SKU-1", 10), Count("SKU-2", 6))
    plan = plan_put_away(session, house.actor, asn.public_id)
    assert [(plan.bins[one.place], one.quantity, one.why) for one in plan.suggestions] == [
        ("A-01", 10, "empty"),
        ("A-02", 6, "empty"),
    ]

    put_away(session, house.actor, NOW, asn.public_id, [PutAway("SKU-1", "a-03", 4)])
    assert balances(session, house) == {"supplier": -10, "receiving": 6, "A-03": 4}
    close_receiving(session, house.actor, NOW, asn.public_id)
    assert asn.status == "received"

    put_away(session, house.actor, NOW, asn.public_id, [])
    assert asn.status == "putaway_done"
    assert balances(session, house) == {"supplier": -10, "A-03": 10}


def test_two_asns_of_one_sku_do_not_put_away_each_others_pieces(session, house, asn):
    other = announced(session, house, "PO-2", LINES[:1])
    for one, pieces in ((asn, 10), (other, 3)):
        arrived(session, house, one)
        counted(session, house, one, Count("SKU-1", pieces))

    put_away(session, house.actor, NOW, other.public_id, [])

    assert [one.quantity for one in in_receiving(session, asn)] == [10]
    assert in_receiving(session, other) == []


def test_lines_and_ledger_say_the_same_at_every_step_and_are_caught_where_they_do_not(session, house, asn):
    def wrong():
        session.flush()
        return [one.invariant for one in broken(session, NOW)]

    announced(session, house, "PO-0")
    gone = announced(session, house, "PO-3")
    cancel_asn(session, house.actor, NOW, gone.public_id)
    arrived(session, house, asn)
    _, posting = counted(session, house, asn, Count("SKU-1", 7, damaged=5))
    assert wrong() == []
    take_receipt_back(session, house.actor, NOW, asn.public_id, posting.public_id, "counted twice")
    counted(session, house, asn, Count("SKU-1", 9), Count("SKU-2", 8))
    put_away(session, house.actor, NOW, asn.public_id, [])
    assert wrong() == []
    close_receiving(session, house.actor, NOW, asn.public_id)
    assert wrong() == []

    asn.lines[0].received += 1
    assert wrong() == ["counts_of_announced_goods_are_posted"]
    asn.lines[0].received -= 1
    asn.status = "receiving"
    assert wrong() == ["what_is_still_to_come_is_in_transit"]
