"""One container's story: it comes short, is sold, partly comes back, leaves China again, and is billed to the cent."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from app.actor import system
from app.models import Parcel, StockBalance, StockMove, WarehouseCharge
from app.queries import invariants_money, invariants_stock
from app.queries.inbound import discrepancies_of
from app.queries.manifests import manifest
from app.queries.warehouse_fees import lines_of
from app.usecases.returning.carrying_out import carry_out
from app.usecases.returning.deciding import Chosen, choose_dispositions
from app.usecases.returning.grading import Graded, grade_return
from app.usecases.returning.receiving_returns import receive_return
from app.usecases.returning.sending_back import send_off, take_in
from app.usecases.warehousing.asns import AnnouncedLine
from app.usecases.warehousing.handing_over import follow, hand_over
from app.usecases.warehousing.putting_away import put_away
from app.usecases.warehousing.receiving import Count, close_receiving
from app.usecases.warehousing.statements import issue_statements
from app.usecases.warehousing.storage_billing import charge_day
from tests import factories as make
from tests.fee_rows import day_after, priced
from tests.inbound_rows import announced, arrived, counted
from tests.outbound_rows import a_box, a_wave, again, an_order, picked_from
from tests.return_rows import asked, balances, booked, lands, photographed
from tests.stock_rows import NOW, TODAY

pytestmark = pytest.mark.postgres
DAY = timedelta(days=1)
STAFF = system("test")
ORDERS, PER_ORDER, PER_CARTON = 40, 2, 5
PRICES = (
    ("storage", "m3_day", 0, None, 500_000),
    ("receive_carton", "carton", 0, None, 1_250_000),
    ("receive_container_40", "container", 0, None, 450_000_000),
    ("pick", "unit", 0, None, 100_000),
    ("outbound_order", "order", 0, None, 800_000),
    ("return_weight", "weight_band", 0, 2000, 300_000),
)


def test_a_container_comes_short_sells_comes_back_and_is_billed_to_the_cent(session, tmp_path):
    world = lands(session)
    priced(session, world.house, PRICES)

    asn = announced(
        session, world.house, lines=(AnnouncedLine("SKU-1", 100, cartons=20),), expected_on=TODAY,
        container="CSQU3054383", container_type="42G1",
    )  # fmt: skip
    arrived(session, world.house, asn)
    counted(session, world.house, asn, Count("SKU-1", 90, cartons=18))
    close_receiving(session, STAFF, NOW, asn.public_id)
    (short,) = discrepancies_of(asn)
    assert (short["kind"], short["quantity"]) == ("shortage", 2 * PER_CARTON)
    put_away(session, STAFF, NOW, asn.public_id, [])
    assert asn.status == "putaway_done"

    sold(session, world.house)
    assert balances(session, world.house.warehouse) == {
        "supplier": -100, "adjustment": 10, "A-01": 10, "customer": 80,
    }  # fmt: skip

    back, sailing, later = returned(session, world, tmp_path)
    assert later.date() <= min(one.relief_deadline for one in back)
    on_board = manifest(session, sailing.public_id, later).lines
    assert sorted((one.returned, one.packages) for one in on_board) == [(False, 1), (True, 2)]
    assert balances(session, world.centre) == {}
    assert {one.status for one in back} == {"closed"}

    for day in range(26, 31):
        on = date(2026, 11, day)
        charge_day(session, day_after(on), world.house.warehouse.id, on)
    (statement,) = issue_statements(
        session, STAFF, day_after(date(2026, 11, 30)), world.house.warehouse, date(2026, 11, 1)
    )
    # In cents: 18 cartons, one container, 80 picks, 40 orders, 5 returned pieces; 10 pieces of 2 l lay there on the
    # first night, 14 on the four nights after it (two on the shelf again, two waiting for their ship).
    storage = round((10 + 4 * 14) * 0.002 * 50)
    cents = {
        "receive_carton": 18 * 125, "receive_container_40": 45_000, "pick": 80 * 10, "outbound_order": 40 * 80,
        "return_weight": 5 * 30, "storage": storage,
    }  # fmt: skip
    assert {line.code: line.amount_minor for line in lines_of(session, statement.id)} == cents
    assert statement.total_minor == sum(cents.values())
    assert session.scalar(select(func.count()).where(WarehouseCharge.statement_id.is_(None))) == 0

    assert nothing_was_made_or_lost(session)
    holding = (*invariants_stock.INVARIANTS, *invariants_money.INVARIANTS)
    broken = [row for one in holding for row in one(session, day_after(date(2026, 11, 30)))]
    assert broken == []


def sold(session, house):
    """Forty orders of two pieces are picked on one walk, packed, handed over and delivered."""
    orders = [
        an_order(session, house, ("SKU-1", PER_ORDER), reference=f"SO-{number}") for number in range(ORDERS)
    ]
    wave = a_wave(session, house, *orders)
    picked_from(session, house, wave, "A-01", "SKU-1", ORDERS * PER_ORDER)
    for order in orders:
        a_box(session, house, order)
        hand_over(session, STAFF, NOW, order.public_id)
        follow(session, STAFF, NOW, order.public_id, "delivered")
    assert {again(session, order).status for order in orders} == {"delivered"}


def returned(session, world, folder):
    """Five customers send a piece back: two are restocked, two go to China and out again, one is destroyed."""
    back = [came_back(session, world, f"RMA-{number}", grade) for number, grade in enumerate("AABBD")]
    for found in back[:2]:
        chosen(session, found, "restock", NOW + DAY)
        carry_out(session, STAFF, NOW + DAY, found.public_id, 1, place="A-01")
    chosen(session, back[4], "destroy", NOW + DAY)
    photographed(session, world, back[4], folder)
    carry_out(session, STAFF, NOW + DAY, back[4].public_id, 1, note="crushed by the disposal company")

    here, home = world.house.warehouse.location, world.home
    homeward, outward = (
        make.make_departure(session, stops=stops, departs_at=NOW + days * DAY, leg=20 * DAY)
        for stops, days in (([here, home], 6), ([home, here], 60))
    )
    pair = back[2:4]
    for found in pair:
        chosen(session, found, "return_to_china", NOW + DAY)
    booked(session, [parcel_of(session, found) for found in pair], homeward)
    later = NOW + 30 * DAY
    for found in pair:
        send_off(session, STAFF, NOW + 6 * DAY, found.public_id, [1])
        take_in(session, STAFF, later, found.public_id, [1])
        chosen(session, found, "reexport_with_exports", later)
    export = make.make_parcel(session, world.house.owner, home, here, reference="NEW-1", ready_at=later,
                              deliver_by=None)  # fmt: skip
    booked(session, [*(parcel_of(session, found) for found in pair), export], outward)
    for found in pair:
        send_off(session, STAFF, NOW + 60 * DAY, found.public_id, [1])
    return back, outward, later


def came_back(session, world, reference, grade):
    found = asked(session, world, 1, reference=reference)
    receive_return(session, STAFF, NOW + DAY, found.public_id)
    return grade_return(session, STAFF, NOW + DAY, found.public_id, [Graded(1, 1, grade)])


def chosen(session, found, disposition, at):
    choose_dispositions(session, STAFF, at, found.public_id, [Chosen(1, disposition)])


def parcel_of(session, found):
    return session.get_one(Parcel, found.items[0].parcel_id)


def nothing_was_made_or_lost(session):
    """Whether every SKU's places together hold nothing, by balances and by moves alike."""
    into = session.execute(select(StockMove.to_id, func.sum(StockMove.quantity)).group_by(StockMove.to_id))
    out = session.execute(select(StockMove.from_id, func.sum(StockMove.quantity)).group_by(StockMove.from_id))
    came, went = dict(into.all()), dict(out.all())
    held = session.execute(
        select(StockBalance.place_id, func.sum(StockBalance.on_hand)).group_by(StockBalance.place_id)
    ).all()
    return sum(pieces for _, pieces in held) == 0 and all(
        came.get(place, 0) - went.get(place, 0) == pieces for place, pieces in held
    )
