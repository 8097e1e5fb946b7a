"""A month's statement is the sum of its charges, is invoiced once, and leads back to the moves."""

from datetime import date, timedelta

import pytest
import time_machine
from sqlalchemy import func, select, update

from app.actor import system
from app.errors import Conflict
from app.jobs import Work
from app.jobs import storage as job
from app.models import Invoice, Job, StockPosting, WarehouseCharge, WarehouseChargedDay, WarehouseStatement
from app.queries.invariants_money import INVARIANTS
from app.queries.warehouse_fees import get_charge, get_statement, lines_of, list_charges, list_moves
from app.usecases import working
from app.usecases.warehousing.statements import issue_statements
from app.usecases.warehousing.storage_billing import charge_day
from tests.fee_rows import an_order, at, day_after, moved, priced
from tests.stock_rows import House, a_house
from tests.stock_rows import stocked as put

FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)
ACTOR = system("test")


@pytest.fixture
def house(session) -> House:
    return filled(session)


def filled(session) -> House:
    """A house with 1,000 pieces of 2 l, 40 days old on the first of the month, and one order sent on the third."""
    found = a_house(session)
    priced(session, found)
    priced(session, found, [("void_order", "order", 0, None, 1)], exporter_id=found.owner.id)
    lot = put(session, found, "SKU-1", 1000, received_on=FIRST - timedelta(days=40))
    session.flush()
    session.execute(update(StockPosting).values(at=at(FIRST, 1)))
    order = an_order(session, found, [500, 2500])
    moved(session, found, at(date(2026, 11, 3), 9), "pick", lot, "A-01", "staging", 10)
    moved(
        session,
        found,
        at(date(2026, 11, 3), 10),
        "hand_over",
        lot,
        "staging",
        "customer",
        10,
        order.public_id,
    )
    return found


def month(session, house):
    for day in (1, 3, 21, 22, 30):
        on = FIRST.replace(day=day)
        charge_day(session, day_after(on), house.warehouse.id, on)


def broken(session):
    return [found for one in INVARIANTS for found in one(session, day_after(LAST))]


@pytest.mark.postgres
def test_a_month_is_stated_once_and_adds_up_to_the_cent(session, house):
    month(session, house)
    (statement,) = issue_statements(session, ACTOR, day_after(LAST), house.warehouse, FIRST)

    assert issue_statements(session, ACTOR, day_after(LAST), house.warehouse, FIRST) == []
    lines = {(one.code, one.unit_price_micros): one.amount_minor for one in lines_of(session, statement.id)}
    assert lines == {
        ("storage", 500_000): 298,  # 2 m3 on the 1st, 1.98 m3 on the 3rd and the 21st, when it is 60 days old
        ("storage", 1_000_000): 396,  # 1.98 m3 on the 22nd and the 30th
        ("pick", 100_000): 100,
        ("outbound_order", 800_000): 80,
        ("outbound_weight", 600_000): 60,
        ("outbound_weight", 1_800_000): 180,
    }
    invoice = session.get_one(Invoice, statement.invoice_id)
    assert statement.total_minor == invoice.total_minor == sum(lines.values())
    assert (invoice.booking_id, invoice.exporter_id) == (None, house.owner.id)
    assert broken(session) == []


def test_every_line_leads_to_its_charges_and_every_charge_to_its_moves(session, house):
    month(session, house)
    (issued,) = issue_statements(session, ACTOR, day_after(LAST), house.warehouse, FIRST)
    statement = get_statement(session, issued.public_id)
    storage, pick = (
        next(one for one in lines_of(session, statement.id) if one.code == code)
        for code in ("storage", "pick")
    )

    (picked,) = list_charges(session, statement.id, pick).items
    assert [(one.kind, one.source, one.target, one.quantity, one.stays) for one in
            list_moves(session, statement, picked).items] == [("pick", "A-01", "staging", 10, 0)]  # fmt: skip
    lying = list_charges(session, statement.id, storage).items
    assert sum(one.quantity for one in lying) == storage.quantity
    last = get_charge(session, statement.id, lying[-1].id)
    moves = list_moves(session, statement, last).items
    assert sum(one.stays for one in moves) == last.pieces == 990


def test_a_month_that_is_not_over_or_not_charged_is_not_stated(session, house):
    with pytest.raises(Conflict):
        issue_statements(session, ACTOR, day_after(LAST), house.warehouse, FIRST)
    charge_day(session, day_after(FIRST), house.warehouse.id, FIRST)
    with pytest.raises(Conflict):
        issue_statements(session, ACTOR, day_after(LAST), house.warehouse, FIRST)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"quantity": 1}, "warehouse_statements_add_up"),
        ({"statement_id": None}, "warehouse_statements_add_up"),
        ({"currency": "USD"}, "warehouse_charges_are_stated_where_they_belong"),
    ],
)
def test_fsck_notices_charges_that_no_longer_make_up_their_statement(session, house, change, name):
    month(session, house)
    issue_statements(session, ACTOR, day_after(LAST), house.warehouse, FIRST)
    first = select(func.min(WarehouseCharge.id)).scalar_subquery()
    session.execute(update(WarehouseCharge).where(WarehouseCharge.id == first).values(**change))

    assert name in {one.__name__ for one in INVARIANTS if list(one(session, day_after(LAST)))}


def test_fsck_notices_an_invoice_that_is_not_the_statements(session, house):
    month(session, house)
    (statement,) = issue_statements(session, ACTOR, day_after(LAST), house.warehouse, FIRST)
    session.execute(update(WarehouseStatement).values(total_minor=statement.total_minor + 1))

    assert broken(session)


@pytest.mark.parametrize("late_days", [0, 2])
def test_the_night_makes_up_for_every_day_and_states_the_month(database, late_days):
    with database.transaction() as session:
        filled(session)
    clock = day_after(LAST + timedelta(days=late_days))
    with time_machine.travel(clock, tick=False):
        assert rung(database) == rung(database) == 1
        run(database, clock)

    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(WarehouseChargedDay)) == 30 + late_days
        assert session.scalars(select(WarehouseStatement.month)).all() == [FIRST]
        assert broken(session) == []


def rung(database):
    job.ring_nightly(database)
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(Job))


def run(database, clock):
    with database.transaction() as session:
        row = session.scalars(select(Job)).one()
        claim = working.claim(session, row.id, clock, working.LEASE)
    job.charge_warehouse(Work(database, claim))
