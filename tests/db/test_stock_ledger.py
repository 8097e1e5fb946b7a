from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.errors import BinFull, Conflict, Invalid, ScanReused, StockShort
from app.models import StockBalance, StockMove, StockPosting, Zone
from app.usecases.warehousing import ledger
from app.usecases.warehousing.ledger import Scan
from tests.stock_rows import NOW, House, a_house, stocked
from warehouses.stock import Move

pytestmark = pytest.mark.postgres


@pytest.fixture
def house(session) -> House:
    return a_house(session)


def test_what_is_moved_is_there_and_no_longer_where_it_was(session, house):
    lot = stocked(session, house, "SKU-1", 10)

    moved(session, house, lot, "A-01", "A-02", 4)

    assert balances(session, house) == {"supplier": -10, "A-01": 6, "A-02": 4}
    assert (house.places["A-01"].used_g, house.places["A-02"].used_g) == (6000, 4000)


def test_no_real_place_goes_below_zero(session, house):
    lot = stocked(session, house, "SKU-1", 3)

    with pytest.raises(StockShort) as short:
        moved(session, house, lot, "A-01", "A-02", 4)

    assert "1 of SKU-1 missing at A-01: 3 free there" in str(short.value)


def test_what_is_reserved_stays_until_its_reservation_is_posted(session, house):
    lot = stocked(session, house, "SKU-1", 3)
    spot = (lot, house.places["A-01"].id)
    (promise,) = ledger.reserve(session, NOW, "ord_1", {spot: 2})

    with pytest.raises(StockShort), session.begin_nested():
        moved(session, house, lot, "A-01", "A-02", 2)
    moved(session, house, lot, "A-01", "staging", 2, settling=[promise])

    assert balances(session, house) == {"supplier": -3, "A-01": 1, "staging": 2}
    with pytest.raises(Conflict):
        ledger.release(session, NOW, [promise])


def test_a_reservation_that_ran_out_is_released_once(session, house):
    lot = stocked(session, house, "SKU-1", 3)
    spot = (lot, house.places["A-01"].id)
    ledger.reserve(session, NOW, "ord_1", {spot: 3}, expires_at=NOW + timedelta(minutes=5))

    assert ledger.release_expired(session, NOW) == 0
    assert ledger.release_expired(session, NOW + timedelta(minutes=6)) == 1
    assert ledger.release_expired(session, NOW + timedelta(minutes=6)) == 0
    moved(session, house, lot, "A-01", "A-02", 3)


def test_more_than_there_is_cannot_be_promised(session, house):
    lot = stocked(session, house, "SKU-1", 3)

    with pytest.raises(StockShort):
        ledger.reserve(session, NOW, "ord_1", {(lot, house.places["A-01"].id): 4})


def test_a_bin_takes_no_more_than_its_limit(session, house):
    lot = stocked(session, house, "SKU-1", 30)
    moved(session, house, lot, "A-01", "A-03", 20)

    with pytest.raises(BinFull):
        moved(session, house, lot, "A-01", "A-03", 1)


def test_free_stock_does_not_lie_in_a_bonded_bin(session, house):
    lot = stocked(session, house, "SKU-1", 3)
    session.execute(update(Zone).values(customs_status="bonded"))
    session.expire_all()

    with pytest.raises(Invalid) as refused:
        moved(session, house, lot, "A-01", "A-02", 1)
    assert refused.value.errors[0].code == "wrong_area"


def test_a_scan_sent_twice_is_posted_once(session, house):
    lot = stocked(session, house, "SKU-1", 3)

    first = moved(session, house, lot, "A-01", "A-02", 1, scan=Scan("s-1", {"bin": "A-02"}))
    again = moved(session, house, lot, "A-01", "A-02", 1, scan=Scan("s-1", {"bin": "A-02"}))

    assert again.id == first.id
    assert balances(session, house)["A-02"] == 1
    with pytest.raises(ScanReused):
        moved(session, house, lot, "A-01", "A-02", 1, scan=Scan("s-1", {"bin": "A-03"}))


def test_a_posting_is_taken_back_once_by_its_mirror_image(session, house):
    lot = stocked(session, house, "SKU-1", 3)
    posting = moved(session, house, lot, "A-01", "A-02", 2)

    back = ledger.reverse(session, house.actor, NOW, posting, "wrong bin")

    assert balances(session, house) == {"supplier": -3, "A-01": 3, "A-02": 0}
    assert back.reverses_id == posting.id
    with pytest.raises(Conflict):
        ledger.reverse(session, house.actor, NOW, posting, "again")
    with pytest.raises(Conflict):
        ledger.reverse(session, house.actor, NOW, back, "and back")


def test_what_left_meanwhile_cannot_be_taken_back(session, house):
    lot = stocked(session, house, "SKU-1", 3)
    posting = moved(session, house, lot, "A-01", "A-02", 2)
    moved(session, house, lot, "A-02", "A-01", 1)

    with pytest.raises(StockShort):
        ledger.reverse(session, house.actor, NOW, posting, "too late")


def test_a_refused_posting_leaves_nothing_behind(session, house):
    lot = stocked(session, house, "SKU-1", 3)
    before = session.query(StockPosting).count(), session.query(StockMove).count()

    with pytest.raises(StockShort), session.begin_nested():
        moved(session, house, lot, "A-01", "A-02", 4)

    assert (session.query(StockPosting).count(), session.query(StockMove).count()) == before


def test_the_database_itself_refuses_a_balance_below_zero(session, house):
    lot = stocked(session, house, "SKU-1", 3)

    with pytest.raises(Exception, match="never_negative"), session.begin_nested():
        session.execute(
            update(StockBalance)
            .where(StockBalance.lot_id == lot, StockBalance.place_id == house.places["A-01"].id)
            .values(on_hand=-1)
        )


def moved(session, house, lot, source, target, quantity, **more):
    move = Move(lot, house.places[source].id, house.places[target].id, quantity)
    posting = ledger.post(session, house.actor, NOW, house.warehouse.id, "move", [move], **more)
    session.expire_all()
    return posting


def balances(session, house):
    code = {place.id: name for name, place in house.places.items()}
    rows = session.execute(select(StockBalance.place_id, StockBalance.on_hand))
    return {code[place]: on_hand for place, on_hand in rows}
