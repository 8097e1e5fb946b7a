"""The night charges what lay in a warehouse at the end of its day and what was done on it: once, late or on time."""

from datetime import date, timedelta

import pytest
from sqlalchemy import delete, func, select

from app.errors import Invalid
from app.models import StockPosting, WarehouseCharge, WarehouseChargedDay
from app.usecases.warehousing import ledger
from app.usecases.warehousing.storage_billing import charge_day, next_day
from tests.fee_rows import a_work_order, an_asn, an_order, at, day_after, moved, priced
from tests.stock_rows import House, a_house
from tests.stock_rows import stocked as put

pytestmark = pytest.mark.postgres
DAY = date(2026, 11, 25)


@pytest.fixture
def house(session) -> House:
    found = a_house(session)
    priced(session, found)
    return found


def stocked(session, house, pieces, days_old, place="A-01", when=None):
    lot = put(session, house, "SKU-1", pieces, place, received_on=DAY - timedelta(days=days_old))
    last = session.scalars(select(StockPosting).order_by(StockPosting.id.desc())).first()
    last.at = when or at(DAY - timedelta(days=1), 12)
    session.flush()
    return lot


def charges(session):
    rows = session.scalars(select(WarehouseCharge).order_by(WarehouseCharge.code, WarehouseCharge.id))
    return [(row.code, row.quantity, row.price_micros) for row in rows]


def night(session, house, day=DAY):
    return charge_day(session, day_after(day), house.warehouse.id, day)


def test_storage_is_charged_by_the_age_of_what_lies_there(session, house):
    old = stocked(session, house, 10, days_old=31)
    stocked(session, house, 7, days_old=30)
    stocked(session, house, 3, days_old=400, place="scrap")

    assert night(session, house) == 1
    row = session.scalars(select(WarehouseCharge)).one()
    assert (row.lot_id, row.quantity, row.price_micros, row.age_days) == (old, 20_000, 500_000, 31)
    assert (row.day, row.exporter_id, row.subject) == (DAY, house.owner.id, "")


def test_a_night_that_runs_twice_charges_once(session, house):
    stocked(session, house, 10, days_old=31)

    assert (night(session, house), night(session, house)) == (1, 0)
    session.execute(delete(WarehouseChargedDay))
    night(session, house)
    assert len(charges(session)) == 1


def test_a_late_night_charges_what_a_punctual_one_would_have(session, house):
    lot = stocked(session, house, 10, days_old=31)
    gone = stocked(session, house, 4, days_old=90)
    moved(session, house, at(DAY, 9), "move", lot, "A-01", "A-02", 6)
    moved(session, house, at(DAY, 23, 59), "count", gone, "A-01", "adjustment", 1)
    night(session, house)
    punctual = charges(session)

    session.execute(delete(WarehouseCharge))
    session.execute(delete(WarehouseChargedDay))
    after = DAY + timedelta(days=1)
    moved(session, house, at(after, 0), "count", gone, "A-01", "adjustment", 3)
    moved(session, house, at(after, 9), "destroy", lot, "A-02", "scrap", 5)
    stocked(session, house, 50, days_old=31, when=at(after, 10))
    night(session, house)

    assert charges(session) == punctual == [("storage", 20_000, 500_000), ("storage", 6_000, 1_000_000)]


def test_the_day_ends_at_midnight_of_the_warehouse(session, house):
    lot = stocked(session, house, 10, days_old=31)
    moved(session, house, at(DAY, 23, 59), "count", lot, "A-01", "adjustment", 10)

    assert night(session, house) == 0
    assert night(session, house, DAY - timedelta(days=1)) == 0  # it was thirty days old then


def test_what_comes_at_midnight_lies_there_from_the_next_day_on(session, house):
    stocked(session, house, 10, days_old=60, when=at(DAY, 0))

    assert night(session, house, DAY - timedelta(days=1)) == 0
    assert night(session, house) == 1


def test_agreed_prices_go_before_the_published_ones(session, house):
    priced(session, house, [("storage", "m3_day", 0, None, 7)], exporter_id=house.owner.id)
    stocked(session, house, 10, days_old=0)
    night(session, house)

    assert charges(session) == [("storage", 20_000, 7)]


def test_work_is_charged_to_the_posting_that_did_it(session, house):
    asn = an_asn(session, house, at(DAY, 12), 4, container="MSKU1234565", container_type="40HQ")
    lot = stocked(session, house, 10, days_old=0)
    received = moved(session, house, at(DAY, 11), "receive", lot, "supplier", "receiving", 10, asn.public_id)
    picked = moved(session, house, at(DAY, 13), "pick", lot, "A-01", "staging", 3)
    order = an_order(session, house, [500, 1_999, 2_000])
    sent = moved(session, house, at(DAY, 14), "hand_over", lot, "staging", "customer", 3, order.public_id)
    back = moved(session, house, at(DAY, 15), "return", lot, "customer", "returns", 2)
    work = a_work_order(session, house, "relabel")
    moved(session, house, at(DAY, 16), "work", lot, "A-01", "adjustment", 5, work.public_id)
    made = moved(session, house, at(DAY, 16), "work", lot, "adjustment", "A-01", 5, work.public_id)
    night(session, house)

    found = session.execute(
        select(WarehouseCharge.code, WarehouseCharge.subject, WarehouseCharge.quantity)
        .where(WarehouseCharge.code != "work_relabel")
        .order_by(WarehouseCharge.code, WarehouseCharge.band_from)
    ).all()
    assert found == [
        ("outbound_order", sent.public_id, 1),
        ("outbound_weight", sent.public_id, 2),
        ("outbound_weight", sent.public_id, 1),
        ("pick", picked.public_id, 3),
        ("receive_carton", received.public_id, 4),
        ("receive_container_40", received.public_id, 1),
        ("receive_unit", received.public_id, 10),
        ("return_weight", back.public_id, 2),
    ]
    relabelled = select(func.sum(WarehouseCharge.quantity)).where(
        WarehouseCharge.code == "work_relabel", WarehouseCharge.subject == made.public_id
    )
    assert session.scalar(relabelled) == 5


def test_what_is_taken_back_is_credited_on_the_day_it_is(session, house):
    lot = stocked(session, house, 10, days_old=0)
    picked = moved(session, house, at(DAY, 13), "pick", lot, "A-01", "staging", 3)
    night(session, house)
    after = DAY + timedelta(days=1)
    ledger.reverse(session, house.actor, at(after, 9), picked, "wrong bin")
    night(session, house, after)

    assert [row for row in charges(session) if row[0] == "pick"] == [
        ("pick", 3, 100_000),
        ("pick", -3, 100_000),
    ]


def test_days_are_charged_in_their_order_and_none_before_it_is_over(session, house):
    stocked(session, house, 1, days_old=0, when=at(DAY, 8))

    assert next_day(session, house.warehouse.id, at(DAY, 23, 59)) is None
    assert next_day(session, house.warehouse.id, day_after(DAY) - timedelta(minutes=50)) is None
    assert next_day(session, house.warehouse.id, day_after(DAY + timedelta(days=3))) == DAY
    night(session, house)
    assert next_day(session, house.warehouse.id, day_after(DAY)) is None
    assert next_day(session, house.warehouse.id, day_after(DAY + timedelta(days=3))) == DAY + timedelta(
        days=1
    )


def test_a_price_list_that_contradicts_itself_is_named_and_nothing_is_charged(session, house):
    priced(session, house, [("storage", "m3_day", 50, None, 1)])
    stocked(session, house, 10, days_old=31)

    with pytest.raises(Invalid) as refused, session.begin_nested():
        night(session, house)
    assert refused.value.errors[0].code == "fee_bands_overlap"
    assert charges(session) == []
