from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.errors import BinFull, Conflict, Invalid, NotFound, ScanReused, StockShort
from app.models import StockBalance, StockMove, StockPlace, StockPosting, StockReservation, Zone
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


def test_a_scan_sent_again_is_answered_although_it_could_not_be_posted_any_more(session, house):
    lot, scan = stocked(session, house, "SKU-1", 3), Scan("s-1")
    first = moved(session, house, lot, "A-01", "A-02", 3, scan=scan)
    session.execute(update(StockPlace).where(StockPlace.code == "A-02").values(blocked=True))

    assert moved(session, house, lot, "A-01", "A-02", 3, scan=scan).id == first.id


def test_a_posting_is_taken_back_by_a_scan_once(session, house):
    lot = stocked(session, house, "SKU-1", 3)
    first, second = (moved(session, house, lot, "A-01", "A-02", 1) for _ in range(2))

    back = ledger.reverse(session, house.actor, NOW, first, "wrong bin", Scan("s-1"))

    assert ledger.reverse(session, house.actor, NOW, first, "wrong bin", Scan("s-1")).id == back.id
    with pytest.raises(ScanReused):
        ledger.reverse(session, house.actor, NOW, second, "wrong bin", Scan("s-1"))


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


@pytest.mark.parametrize(
    ("source", "target", "quantity", "refusal"),
    [("A-01", "A-02", 31, StockShort), ("A-01", "A-03", 21, BinFull), ("A-01", "A-01", 1, Invalid)],
)
def test_a_refused_posting_leaves_nothing_behind(session, house, source, target, quantity, refusal):
    lot = stocked(session, house, "SKU-1", 30)
    spot = (lot, house.places["A-01"].id)
    (promise,) = ledger.reserve(session, NOW, "ord_1", {spot: 1})
    before = everything(session)

    with pytest.raises(refusal):
        moved(session, house, lot, source, target, quantity, scan=Scan("s-1"), settling=[promise])

    assert everything(session) == before
    assert promise.state == "pending"


def test_what_is_refused_to_one_line_is_not_promised_to_another(session, house):
    lots = [stocked(session, house, sku, 3) for sku in ("SKU-1", "SKU-2")]
    before = everything(session)

    with pytest.raises(StockShort):
        ledger.reserve(session, NOW, "ord_1", {(lot, house.places["A-01"].id): 3 + lot for lot in lots})

    assert everything(session) == before


def test_a_lot_or_place_from_nowhere_is_not_found(session, house):
    lot = stocked(session, house, "SKU-1", 3)
    other = a_house(session, "PLWAW-WHS")

    with pytest.raises(NotFound):
        moved(session, house, lot + 1000, "A-01", "A-02", 1)
    with pytest.raises(NotFound):
        moved(session, other, lot, "A-01", "A-02", 1, at=house)


def test_the_database_itself_refuses_a_balance_below_zero(session, house):
    lot = stocked(session, house, "SKU-1", 3)

    with pytest.raises(Exception, match="never_negative"), session.begin_nested():
        session.execute(
            update(StockBalance)
            .where(StockBalance.lot_id == lot, StockBalance.place_id == house.places["A-01"].id)
            .values(on_hand=-1)
        )


def moved(session, house, lot, source, target, quantity, at=None, **more):
    move = Move(lot, house.places[source].id, house.places[target].id, quantity)
    posting = ledger.post(session, house.actor, NOW, (at or house).warehouse.id, "move", [move], **more)
    session.expire_all()
    return posting


def balances(session, house):
    code = {place.id: name for name, place in house.places.items()}
    rows = session.execute(select(StockBalance.place_id, StockBalance.on_hand))
    return {code[place]: on_hand for place, on_hand in rows}


def everything(session):
    """The rows a posting changes, all of them."""
    tables = (StockPosting, StockMove, StockBalance, StockReservation, StockPlace)
    return [session.execute(select(model.__table__)).all() for model in tables]
