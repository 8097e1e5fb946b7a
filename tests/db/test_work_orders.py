"""Value-added work on both databases: kept when released, consumed and produced at once, taken back."""

import pytest
from sqlalchemy import select

from app.actor import Actor
from app.errors import Conflict, Invalid, NotFound, StockShort
from app.models import StockBalance, StockLot, StockMove, StockPlace
from app.usecases.warehousing.ledger import Scan
from app.usecases.warehousing.work_orders import (
    NewWork,
    WorkLine,
    cancel_work,
    finish_work,
    make_work_order,
    release_work,
    take_back_work,
)
from tests.stock_rows import NOW, TODAY, House, a_house, stocked

pytestmark = pytest.mark.postgres
KIT = [WorkLine("consume", "SKU-1", 4), WorkLine("consume", "SKU-2", 2), WorkLine("produce", "SKU-3", 2)]


@pytest.fixture
def house(session) -> House:
    house = a_house(session, skus=3)
    stocked(session, house, "SKU-1", 10, batch="X")
    stocked(session, house, "SKU-2", 2, "A-02")
    return house


def staff(house):
    return Actor("user", "usr_ann", "warehouse", warehouse_id=house.warehouse.id)


def asked(session, house, lines=KIT, kind="kit", reference="W-1", **more):
    owner = Actor("key", "key_acme", "exporter", exporter_id=house.owner.id)
    work = NewWork(kind, reference, lines, **more)
    return make_work_order(session, owner, NOW, house.warehouse, house.owner, work)


def lying(session):
    """(place, SKU, condition) → pieces on hand and reserved, of what lies in the house."""
    query = (
        select(StockPlace.code, StockLot, StockBalance.on_hand, StockBalance.reserved)
        .join(StockBalance, StockBalance.place_id == StockPlace.id)
        .join(StockLot, StockBalance.lot_id == StockLot.id)
        .where(StockPlace.kind.in_(["bin", "receiving", "returns"]), StockBalance.on_hand > 0)
    )
    session.expire_all()
    return {
        (code, session.get(StockLot, lot.id).sku_id, lot.condition): (on_hand, reserved)
        for code, lot, on_hand, reserved in session.execute(query)
    }


def test_a_kit_is_kept_made_and_taken_apart_again(session, house):
    one, two, kit = (house.skus[f"SKU-{number}"].id for number in (1, 2, 3))
    order = asked(session, house)
    release_work(session, staff(house), NOW, order.public_id)
    assert lying(session) == {("A-01", one, "A"): (10, 4), ("A-02", two, "A"): (2, 2)}

    for _ in range(2):
        finish_work(session, staff(house), NOW, order.public_id, bin_code="A-03", scan=Scan("s-1", "A-03"))
    assert lying(session) == {("A-01", one, "A"): (6, 0), ("A-03", kit, "A"): (2, 0)}
    lot = session.scalars(select(StockLot).where(StockLot.sku_id == kit)).one()
    assert (lot.batch, lot.received_on) == ("W-1", TODAY)

    take_back_work(session, staff(house), NOW, order.public_id, "wrong card in the box")
    assert order.status == "cancelled"
    assert lying(session) == {("A-01", one, "A"): (10, 0), ("A-02", two, "A"): (2, 0)}
    with pytest.raises(Conflict):
        take_back_work(session, staff(house), NOW, order.public_id, "again")


def test_returned_pieces_are_repacked(session, house):
    stocked(session, house, "SKU-1", 3, "returns", condition="B")
    lines = [WorkLine("consume", "SKU-1", 3, "B"), WorkLine("produce", "SKU-1", 3)]
    order = asked(session, house, lines, "repack", source="returns", subject="rtn_1")
    release_work(session, staff(house), NOW, order.public_id)
    with pytest.raises(Invalid) as refused, session.begin_nested():
        finish_work(session, staff(house), NOW, order.public_id)
    assert refused.value.errors[0].code == "bin_missing"
    finish_work(session, staff(house), NOW, order.public_id, bin_code="a-02")
    assert lying(session)["A-02", house.skus["SKU-1"].id, "A"] == (3, 0)


def test_what_is_not_there_cannot_be_released(session, house):
    order = asked(
        session, house, [WorkLine("consume", "SKU-2", 3), WorkLine("produce", "SKU-3", 3)], "relabel"
    )
    with pytest.raises(StockShort) as short, session.begin_nested():
        release_work(session, staff(house), NOW, order.public_id)
    assert "1 of SKU-2 missing" in str(short.value)
    with pytest.raises(Conflict):
        finish_work(session, staff(house), NOW, order.public_id)


def test_cancelling_frees_what_was_kept(session, house):
    order = asked(session, house)
    release_work(session, staff(house), NOW, order.public_id)
    cancel_work(session, staff(house), NOW, order.public_id)
    assert {reserved for _, reserved in lying(session).values()} == {0}


def test_a_photo_moves_nothing(session, house):
    order = asked(session, house, [WorkLine("consume", "SKU-1", 1)], "photo")
    before = session.query(StockMove).count()
    release_work(session, staff(house), NOW, order.public_id)
    finish_work(session, staff(house), NOW, order.public_id)
    assert (order.status, session.query(StockMove).count()) == ("done", before)


def test_others_neither_see_nor_work_on_it(session, house):
    order = asked(session, house)
    rival = a_house(session, "PLWAW-WHS", owner="globex")
    with pytest.raises(NotFound):
        cancel_work(
            session, Actor("key", "key_globex", "exporter", exporter_id=rival.owner.id), NOW, order.public_id
        )
    with pytest.raises(NotFound):
        release_work(session, staff(rival), NOW, order.public_id)


def test_what_is_asked_for_must_add_up_and_be_the_owners(session, house):
    for lines, code in (
        ([WorkLine("consume", "SKU-1", 1)], "nothing_produced"),
        ([WorkLine("consume", "NONE", 1)], "unknown_sku"),
    ):
        with pytest.raises(Invalid) as refused:
            asked(session, house, lines)
        assert refused.value.errors[0].code == code
    asked(session, house)
    with pytest.raises(Conflict):
        asked(session, house)
