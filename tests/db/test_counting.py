"""Cycle counts on both databases: blind, again by somebody else, decided by a third, posted as a difference."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.actor import Actor
from app.errors import Conflict, CountUnclear, Invalid, NotFound
from app.models import StockBalance, StockLot, StockPosting
from app.usecases.warehousing import ledger
from app.usecases.warehousing.count_decisions import approve_count, cancel_count, reopen_count
from app.usecases.warehousing.counting import Choice, Counted, Finding, lock_count, start_count, take_finding
from tests.stock_rows import NOW, House, a_house, stocked
from warehouses.stock import Move

pytestmark = pytest.mark.postgres


@pytest.fixture
def house(session) -> House:
    return a_house(session)


def staff(house, name):
    return Actor("user", f"usr_{name}", "warehouse", warehouse_id=house.warehouse.id)


def start(session, house, **choice):
    return start_count(session, staff(house, "boss"), NOW, house.warehouse, Choice(**choice))


def counted(session, house, count, who, place="A-01", now=NOW, scan=None, began_s_ago=0, **found):
    rows = [Finding(code.replace("_", "-"), pieces) for code, pieces in found.items()]
    what = Counted(place, rows, began_s_ago, scan)
    return take_finding(session, staff(house, who), now, count.public_id, what)


def moved(session, house, lot, source, target, quantity, at=NOW):
    move = Move(lot, house.places[source].id, house.places[target].id, quantity)
    ledger.post(session, house.actor, at, house.warehouse.id, "move", [move])


def on_hand(session, house, place):
    query = select(StockBalance.on_hand).where(StockBalance.place_id == house.places[place].id)
    return sum(session.scalars(query.execution_options(populate_existing=True)))


def refused(call, *arguments, **named):
    with pytest.raises(Invalid) as error:
        call(*arguments, **named)
    return error.value.errors[0].code


def test_a_difference_is_counted_again_approved_and_posted(session, house):
    stocked(session, house, "SKU-1", 10)
    count = start(session, house, bins=("A-01",))

    counted(session, house, count, "ann", SKU_1=8)
    assert count.status == "recount"
    assert refused(counted, session, house, count, "ann", SKU_1=8) == "same_counter"
    counted(session, house, count, "bob", SKU_1=9)
    assert count.status == "counted"
    for who in ("ann", "bob"):
        assert refused(approve_count, session, staff(house, who), NOW, count.public_id) == "same_counter"
    approve_count(session, staff(house, "boss"), NOW, count.public_id, "lost")

    assert (on_hand(session, house, "A-01"), on_hand(session, house, "adjustment")) == (9, 1)
    posting = session.get_one(StockPosting, count.posting_id)
    assert (posting.kind, posting.subject) == ("count", count.public_id)


def test_what_moved_after_the_count_stays_moved(session, house):
    lot = stocked(session, house, "SKU-1", 1000)
    count = start(session, house)
    counted(session, house, count, "ann", SKU_1=997)
    moved(session, house, lot, "A-01", "A-02", 100)
    counted(session, house, count, "ann", place="A-02", SKU_1=100)
    counted(session, house, count, "ann", place="A-03")
    assert count.status == "counted", "3 of 1000 are within the tolerance"

    approve_count(session, staff(house, "boss"), NOW, count.public_id)

    assert [on_hand(session, house, place) for place in ("A-01", "A-02")] == [897, 100]


def test_stock_that_moved_while_it_was_counted_makes_the_finding_unclear(session, house):
    lot = stocked(session, house, "SKU-1", 10)
    count = start(session, house, bins=("A-01",))
    later = NOW + timedelta(minutes=10)
    moved(session, house, lot, "A-01", "A-02", 2, at=NOW + timedelta(minutes=5))

    with pytest.raises(CountUnclear):
        counted(session, house, count, "ann", now=later, began_s_ago=600, SKU_1=10)
    assert count.bins[0].state == "open"
    counted(session, house, count, "ann", now=later, began_s_ago=60, SKU_1=8)
    assert count.status == "counted"


def test_what_is_missing_and_was_promised_meanwhile_is_not_taken_away(session, house):
    lot = stocked(session, house, "SKU-1", 10)
    count = start(session, house, bins=("A-01",))
    counted(session, house, count, "ann", SKU_1=8)
    counted(session, house, count, "bob", SKU_1=8)
    ledger.reserve(session, NOW, "ord_1", {(lot, house.places["A-01"].id): 9})

    with pytest.raises(CountUnclear), session.begin_nested():
        approve_count(session, staff(house, "boss"), NOW, count.public_id)

    session.expire_all()
    assert count.status == "counted"
    reopen_count(session, staff(house, "boss"), NOW, count.public_id)
    assert count.status == "recount"
    assert refused(counted, session, house, count, "boss", SKU_1=10) == "same_counter"
    counted(session, house, count, "bob", SKU_1=10)
    approve_count(session, staff(house, "dan"), NOW, count.public_id)
    assert (count.posting_id, on_hand(session, house, "A-01")) == (None, 10)


def test_what_nobody_knew_of_gets_a_lot_of_the_day(session, house):
    count = start(session, house, bins=("A-02",))
    for who in ("ann", "bob"):
        rows = [Finding("SKU-2", 3, condition="C", batch="B7")]
        take_finding(session, staff(house, who), NOW, count.public_id, Counted("a-02", rows))
    approve_count(session, staff(house, "boss"), NOW, count.public_id)

    lot = session.scalars(select(StockLot)).one()
    assert (lot.batch, lot.condition, lot.received_on) == ("B7", "C", NOW.date())
    assert on_hand(session, house, "A-02") == 3


def test_the_same_scan_is_taken_once_and_a_counted_bin_is_counted(session, house):
    stocked(session, house, "SKU-1", 10)
    count = start(session, house, bins=("A-01", "A-02"))
    for _ in range(2):
        counted(session, house, count, "ann", scan="s-1", SKU_1=10)
    with pytest.raises(Conflict):
        counted(session, house, count, "bob", scan="s-2", SKU_1=10)
    assert len(count.lines) == 1


def test_bins_are_chosen_and_stand_in_one_live_count(session, house):
    stocked(session, house, "SKU-1", 10, "A-02")
    by_sku = start(session, house, sku="SKU-1")
    assert [one.place.code for one in bins_of(session, by_sku)] == ["A-02"]
    assert len(start(session, house, zone="A", most=1).bins) == 1
    assert len(start(session, house).bins) == 1
    assert refused(start, session, house) == "no_bins"
    counted(session, house, by_sku, "ann", place="A-02", SKU_1=10)
    cancel_count(session, staff(house, "ann"), NOW, by_sku.public_id)
    assert refused(start, session, house, not_counted_since=NOW.date()) == "no_bins"
    assert len(start(session, house, not_counted_since=NOW.date() + timedelta(days=1)).bins) == 1


def bins_of(session, count):
    session.expire_all()
    return lock_count(session, Actor("user", "usr_x", "operator"), count.public_id).bins


def test_the_staff_of_another_warehouse_finds_no_count(session, house):
    count = start(session, house)
    other = a_house(session, "PLWAW-WHS")
    with pytest.raises(NotFound):
        counted(session, other, count, "eve")
    with pytest.raises(NotFound):
        approve_count(session, staff(other, "eve"), NOW, count.public_id)


def test_codes_of_two_exporters_are_told_apart_by_what_lies_there(session, house):
    stocked(session, house, "SKU-1", 5)
    rival = a_house(session, "PLWAW-WHS", owner="globex")
    count = start(session, house, bins=("A-01", "A-02"))
    counted(session, house, count, "ann", SKU_1=5)
    rival.places, rival.warehouse = house.places, house.warehouse
    stocked(session, rival, "SKU-1", 5, "A-02")
    stocked(session, house, "SKU-1", 5, "A-02")
    assert refused(counted, session, house, count, "ann", place="A-02", SKU_1=10) == "ambiguous_sku"
