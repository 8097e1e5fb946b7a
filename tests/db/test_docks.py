"""A slot at a dock is whoever's comes first, also where several come at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from app.errors import SlotTaken
from app.ids import new_id
from app.models import Asn, DockSlot
from app.usecases.warehousing.access import find_warehouse
from app.usecases.warehousing.docks import add_dock, book_slot
from tests.stock_rows import NOW, TODAY, a_house

pytestmark = pytest.mark.postgres


def test_one_of_many_has_the_slot_and_the_others_are_told(database):
    with database.transaction() as session:
        house = a_house(session)
        add_dock(session, house.actor, NOW, house.warehouse, code="D1", opens_local="08:00", closes_local="18:00",
                 slot_min=60)  # fmt: skip
        goods = [new_id("asn") for _ in range(6)]
        session.add_all(
            Asn(public_id=one, warehouse_id=house.warehouse.id, owner_id=house.owner.id, reference=one,
                status="announced", expected_on=TODAY, created_at=NOW, created_by="test")
            for one in goods
        )  # fmt: skip
        actor = house.actor
    begins = NOW.replace(hour=8) + timedelta(days=1)

    def book(subject):
        try:
            with database.transaction() as session:
                warehouse = find_warehouse(session, actor, "DEDUI-WHS")
                return book_slot(session, actor, NOW, warehouse, "D1", begins, subject).subject
        except SlotTaken:
            return None

    with ThreadPoolExecutor(len(goods)) as pool:
        had = [subject for subject in pool.map(book, goods) if subject]

    with database.reading() as session:
        assert [slot.subject for slot in session.query(DockSlot)] == had
    assert len(had) == 1
