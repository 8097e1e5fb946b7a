"""Several hands at once in one warehouse: what one has, no other gets, and every piece is somewhere."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from app.errors import AppError
from app.models import OutboundOrder, OutboundPackage, StockBalance, StockReservation
from app.usecases.warehousing import handing_over, ordering, voiding
from app.usecases.warehousing.packing import Content
from tests.outbound_rows import a_box, a_wave, an_order, brought_to, picked_from
from tests.stock_rows import NOW, a_house, stocked

pytestmark = pytest.mark.postgres


@pytest.fixture
def backend():
    return "postgres"


@pytest.fixture
def house(database):
    with database.transaction() as session:
        rows = a_house(session)
        stocked(session, rows, "SKU-1", 10)
        return rows


def at_once(database, *attempts):
    """Each attempt in a transaction of its own, begun together: what came of it, or the code of its refusal."""
    start = Barrier(len(attempts))

    def run(attempt):
        start.wait()
        for _ in range(5):
            try:
                with database.transaction() as session:
                    return attempt(session) or "done"
            except AppError as error:
                return error.errors[0].code if error.errors else error.code
            except OperationalError:
                continue  # the database gave one of two up, as the API's own retry knows
        return "given up"

    with ThreadPoolExecutor(len(attempts)) as pool:
        return list(pool.map(run, attempts))


def made(database, house, *states, **facts):
    """Orders brought to states, one after the other; their public ids."""
    with database.transaction() as session:
        return [
            brought_to(session, house, state, reference=f"SO-{number}", **facts).public_id
            for number, state in enumerate(states)
        ]


def sums(database):
    """Pieces by kind of place; and reservations agree with what balances say is reserved."""
    with database.reading() as session:
        rows = session.scalars(select(StockBalance)).all()
        kept = session.scalars(select(StockReservation).where(StockReservation.state == "pending"))
        reserved = Counter()
        for one in kept:
            reserved[one.lot_id, one.from_id] += one.quantity
        assert {(row.lot_id, row.place_id): row.reserved for row in rows if row.reserved} == reserved
        assert sum(row.on_hand for row in rows) == 0
        return {row.place_id: row.on_hand for row in rows}


def test_the_last_pieces_are_promised_once(database, house):
    def confirm(number):
        return lambda session: an_order(session, house, ("SKU-1", 4), reference=f"R-{number}").status

    found = at_once(database, *(confirm(number) for number in range(4)))

    assert Counter(found) == {"confirmed": 2, "waiting_seller": 2}
    sums(database)


def test_two_waves_at_once_share_the_orders(database, house):
    made(database, house, *["confirmed"] * 4)

    at_once(database, *[lambda session: a_wave(session, house).public_id] * 2)

    with database.reading() as session:
        waves = session.scalars(select(OutboundOrder.wave_id)).all()
    assert len(waves) == 4
    assert None not in waves


def test_two_scanners_never_pick_more_than_is_asked(database, house):
    made(database, house, "confirmed", "confirmed")
    with database.transaction() as session:
        wave = a_wave(session, house)

    def scan(session):
        picked_from(session, house, wave, "A-01", "SKU-1", 3)

    found = at_once(database, scan, scan)

    assert sorted(found) == ["done", "more_than_asked"]
    assert sums(database)[house.places["staging"].id] == 3


def test_two_packers_never_pack_the_same_piece(database, house):
    (order_id,) = made(database, house, "picked")

    def pack(session):
        order = session.scalars(select(OutboundOrder).where(OutboundOrder.public_id == order_id)).one()
        a_box(session, house, order, [Content("SKU-1", 2)])

    found = at_once(database, pack, pack)

    assert sorted(found) == ["done", "wrong_state"]
    with database.reading() as session:
        assert len(session.scalars(select(OutboundPackage)).all()) == 1


def test_voiding_while_it_is_picked_ends_void_with_every_piece_back(database, house):
    order_id, _ = made(database, house, "confirmed", "confirmed")
    with database.transaction() as session:
        wave = a_wave(session, house)

    at_once(
        database,
        lambda session: picked_from(session, house, wave, "A-01", "SKU-1", 2).status,
        lambda session: voiding.void_order(session, house.actor, NOW, order_id).status,
    )

    found = sums(database)
    with database.reading() as session:
        states = dict(session.execute(select(OutboundOrder.public_id, OutboundOrder.status)).all())
    assert states[order_id] == "void"
    assert found[house.places["A-01"].id] + found.get(house.places["staging"].id, 0) == 10


def test_an_order_is_either_handed_over_or_void(database, house):
    (order_id,) = made(database, house, "packed")

    found = at_once(
        database,
        lambda session: handing_over.hand_over(session, house.actor, NOW, order_id).status,
        lambda session: voiding.void_order(session, house.actor, NOW, order_id).status,
    )

    assert sorted(found) in (["handed_over", "wrong_state"], ["void", "wrong_state"])
    assert sums(database).get(house.places["staging"].id) == 0


def test_an_order_confirmed_twice_at_once_is_reserved_once(database, house):
    (order_id,) = made(database, house, "draft")

    def confirm(session):
        return ordering.confirm_order(session, house.actor, NOW, order_id).status

    assert sorted(at_once(database, confirm, confirm)) == ["confirmed", "wrong_state"]
    with database.reading() as session:
        assert len(session.scalars(select(StockReservation)).all()) == 1
